package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"madoguchi/backend/door/paper"
	"madoguchi/backend/store/db"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

// ticket asks for leave to download, with the card shown.
func (w *world) ticket(cookie *http.Cookie) (string, error) {
	answer := w.post("/portal.v1.TakeawayService/PrepareTakeaway", "application/json", `{"language":"ja"}`, cookie)
	var got struct{ Ticket string }
	if answer.Code != http.StatusOK {
		return "", fmt.Errorf("%d %s", answer.Code, answer.Body)
	}
	err := json.Unmarshal(answer.Body.Bytes(), &got)
	return got.Ticket, err
}

func (w *world) post(path, kind, body string, cookie *http.Cookie) *httptest.ResponseRecorder {
	w.t.Helper()
	request := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	request.Host = strings.TrimPrefix(w.config.origin, "http://")
	request.Header.Set("Content-Type", kind)
	request.Header.Set("Idempotency-Key", fmt.Sprintf("key-of-a-test-%d", time.Now().UnixNano()))
	if cookie != nil {
		request.AddCookie(cookie)
	}
	answer := httptest.NewRecorder()
	w.portal.front.Handler.ServeHTTP(answer, request)
	return answer
}

func (w *world) download(ticket string, cookie *http.Cookie) *httptest.ResponseRecorder {
	w.t.Helper()
	form := url.Values{"ticket": {ticket}}.Encode()
	return w.post("/takeaway/download", "application/x-www-form-urlencoded", form, cookie)
}

func (w *world) get(path string) *httptest.ResponseRecorder {
	w.t.Helper()
	request := httptest.NewRequest(http.MethodGet, path, nil)
	request.Host = strings.TrimPrefix(w.config.origin, "http://")
	answer := httptest.NewRecorder()
	w.portal.front.Handler.ServeHTTP(answer, request)
	return answer
}

// unpacked puts an archive's files into a folder.
func unpacked(t *testing.T, archive []byte) (dir string, names []string) {
	t.Helper()
	dir = t.TempDir()
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		from, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(from)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		names = append(names, f.Name)
	}
	return dir, names
}

func runIn(dir, program string, args ...string) error {
	command := exec.Command(program, args...)
	command.Dir = dir
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, out)
	}
	return nil
}

// All of a person's data, and nothing of anybody else's, in every form; signed so that strangers' programs accept it,
// and not with one byte changed.
func TestEverythingIsTakenAlong(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			w, s := onEngine(t, engine)
			for _, folder := range []string{"F1", "F2"} {
				s.fill(t, "folder", folder)
				for _, table := range s.tables(t) {
					// The call itself, or the key of the folder, writes the rows of the others.
					if !slices.Contains([]string{"folder", "folder_seal", "session", "usage_line"}, table) {
						s.fill(t, table, folder)
					}
				}
			}
			w.t = t
			cookie, stranger := w.begin("F1", "takeaway.all"), w.begin("F2", "takeaway.all")
			if _, err := w.ticket(stranger); err != nil {
				t.Fatal(err)
			}
			ticket, err := w.ticket(cookie)
			if err != nil {
				t.Fatal(err)
			}
			answer := w.download(ticket, cookie)
			if answer.Code != http.StatusOK || answer.Header().Get("X-Content-Type-Options") != "nosniff" ||
				answer.Header().Get("Cache-Control") != "no-store" ||
				!strings.HasPrefix(answer.Header().Get("Content-Disposition"), "attachment; ") {
				t.Fatal(answer.Code, answer.Header(), answer.Body)
			}
			dir, names := unpacked(t, answer.Body.Bytes())
			for _, want := range []string{
				"README.txt", "data.pdf", "SHA256SUMS", "SHA256SUMS.p7s", "NO-TIME-STAMP.txt",
			} {
				if !slices.Contains(names, want) {
					t.Errorf("%s is missing among %v", want, names)
				}
			}
			checkData(t, dir, w.house.Tables())
			certificates := w.get("/takeaway/certificates.pem").Body.Bytes()
			if err := os.WriteFile(filepath.Join(dir, "certificates.pem"), certificates, 0o600); err != nil {
				t.Fatal(err)
			}
			verify := []string{"cms", "-verify", "-binary", "-inform", "DER", "-in", "SHA256SUMS.p7s", "-content",
				"SHA256SUMS", "-CAfile", "certificates.pem", "-out", "/dev/null"}
			if err := errors.Join(runIn(dir, "openssl", verify...),
				runIn(dir, "sha256sum", "-c", "--strict", "SHA256SUMS")); err != nil {
				t.Error(err)
			}
			list := filepath.Join(dir, "SHA256SUMS")
			data, err := os.ReadFile(list)
			if err != nil {
				t.Fatal(err)
			}
			data[0] ^= 1
			if err := os.WriteFile(list, data, 0o600); err != nil {
				t.Fatal(err)
			}
			if runIn(dir, "openssl", verify...) == nil {
				t.Error("with one byte changed it is accepted")
			}
			acts := w.acts("F1")
			if n := len(slices.DeleteFunc(acts, func(a string) bool { return a != "takeaway.all" })); n != 1 {
				t.Errorf("%d lines in the history of use", n)
			}
		})
	}
}

// checkData looks at each table's files: by the published schema, something in them, labels for people, nothing of F2.
func checkData(t *testing.T, dir string, tables []string) {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(paper.Schema))
	if err != nil {
		t.Fatal(err)
	}
	if err := compiler.AddResource("http://a/schema", parsed); err != nil {
		t.Fatal(err)
	}
	schema := compiler.MustCompile("http://a/schema")
	for _, table := range tables {
		data, err := os.ReadFile(filepath.Join(dir, "data", table+".json"))
		if err != nil {
			t.Fatal(err)
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); err != nil {
			t.Errorf("%s: %v", table, err)
		}
		var d struct {
			Title    string
			Sections []struct {
				Tables []struct {
					Columns []struct{ Name, Label string }
					Rows    [][]any
				}
			}
		}
		if err := json.Unmarshal(data, &d); err != nil || len(d.Sections[0].Tables[0].Rows) == 0 {
			t.Errorf("%s: %v, %s", table, err, data)
			continue
		}
		if d.Title == table {
			t.Errorf("the table %s has no name for people: give it one in static/text/portal-takeaway, and names.go",
				table)
		}
		for _, c := range d.Sections[0].Tables[0].Columns {
			if c.Label == c.Name {
				t.Errorf("%s: the column %s has no name for people: names.go", table, c.Name)
			}
		}
		file, err := os.ReadFile(filepath.Join(dir, "data", table+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		records, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(file, []byte("\ufeff")))).ReadAll()
		if err != nil || len(records) != 1+len(d.Sections[0].Tables[0].Rows) || bytes.Contains(file, []byte("F2")) {
			t.Errorf("%s: %v\n%s", table, err, file)
		}
		if bytes.Contains(data, []byte("F2")) {
			t.Errorf("%s tells of somebody else: %s", table, data)
		}
	}
}

// Only the person, only in the session that asked, only once, only for a minute.
func TestWhoMayNotTakeAlong(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			w, s := onEngine(t, engine)
			w.t = t
			for _, folder := range []string{"F1", "F2"} {
				s.fill(t, "folder", folder)
			}
			cookie, other := w.begin("F1", "takeaway.all"), w.begin("F1", "")
			stranger := w.begin("F2", "takeaway.all")
			if _, err := w.ticket(other); err == nil {
				t.Fatal("without the card there is a ticket")
			}
			ticket, err := w.ticket(cookie)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.ticket(cookie); err == nil {
				t.Error("one showing of the card is good for two")
			}
			for what, try := range map[string]struct {
				ticket string
				cookie *http.Cookie
				status int
			}{
				"nobody":             {ticket, nil, http.StatusForbidden},
				"a stranger":         {ticket, stranger, http.StatusGone},
				"another session":    {ticket, other, http.StatusGone},
				"without a ticket":   {"", cookie, http.StatusForbidden},
				"with another":       {ticket[1:] + "A", cookie, http.StatusGone},
				"one that is a wall": {strings.Repeat("x", 17<<10), cookie, http.StatusBadRequest},
			} {
				got := w.download(try.ticket, try.cookie)
				if got.Code != try.status || strings.Contains(got.Body.String(), "PK") {
					t.Errorf("%s: %d %.80s", what, got.Code, got.Body)
				}
			}
			if got := w.get("/takeaway/download"); got.Code != http.StatusMethodNotAllowed {
				t.Errorf("by a link: %d", got.Code)
			}
			state := func(cookie *http.Cookie) portalv1.GetTakeawayResponse_State {
				answer := w.post("/portal.v1.TakeawayService/GetTakeaway", "application/json",
					`{"ticket":"`+ticket+`"}`, cookie)
				var got struct{ State string }
				if err := json.Unmarshal(answer.Body.Bytes(), &got); err != nil {
					t.Fatal(err, answer.Body)
				}
				return portalv1.GetTakeawayResponse_State(portalv1.GetTakeawayResponse_State_value[got.State])
			}
			if state(cookie) != portalv1.GetTakeawayResponse_STATE_READY ||
				state(stranger) != portalv1.GetTakeawayResponse_STATE_EXPIRED {
				t.Error("before:", state(cookie), state(stranger))
			}
			if got := w.download(ticket, cookie); got.Code != http.StatusOK {
				t.Fatal(got.Code)
			}
			if got := w.download(ticket, cookie); got.Code != http.StatusGone {
				t.Errorf("twice: %d", got.Code)
			}
			if got := state(cookie); got != portalv1.GetTakeawayResponse_STATE_SENT {
				t.Error("after:", got)
			}
			late := w.begin("F1", "takeaway.all")
			if ticket, err = w.ticket(late); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Exec("UPDATE takeaway SET asked_at = asked_at - 61000"); err != nil {
				t.Fatal(err)
			}
			if got := w.download(ticket, late); got.Code != http.StatusGone {
				t.Errorf("after a minute: %d", got.Code)
			}
			if got := state(late); got != portalv1.GetTakeawayResponse_STATE_EXPIRED {
				t.Error("after a minute:", got)
			}
		})
	}
}

// leaving is a browser that goes in the middle.
type leaving struct {
	*httptest.ResponseRecorder
	after int
}

func (l *leaving) Write(b []byte) (int, error) {
	if l.after -= len(b); l.after < 0 {
		return 0, errors.New("gone")
	}
	return l.ResponseRecorder.Write(b)
}

// What breaks off is said to have broken off, and is no whole archive.
func TestAnArchiveThatBrokeOffSaysSo(t *testing.T) {
	w := startWorld(t)
	w.folder("F1")
	cookie := w.begin("F1", "takeaway.all")
	ticket, err := w.ticket(cookie)
	if err != nil {
		t.Fatal(err)
	}
	request := httptest.NewRequest(http.MethodPost, "/takeaway/download",
		strings.NewReader(url.Values{"ticket": {ticket}}.Encode()))
	request.Host = strings.TrimPrefix(w.front, "http://")
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.AddCookie(cookie)
	func() {
		defer func() {
			if p := recover(); p != any(http.ErrAbortHandler) {
				t.Errorf("the connection is not cut: %v", p)
			}
		}()
		w.portal.front.Handler.ServeHTTP(&leaving{httptest.NewRecorder(), 3000}, request)
	}()
	got, err := portalv1connect.NewTakeawayServiceClient(withCookie{cookie}, w.front).GetTakeaway(context.Background(),
		&portalv1.GetTakeawayRequest{Ticket: ticket})
	if err != nil || got.GetState() != portalv1.GetTakeawayResponse_STATE_FAILED {
		t.Error(got, err)
	}
}

// peak is the most that is held while something is written.
type peak struct {
	*httptest.ResponseRecorder
	most, bytes uint64
}

func (p *peak) Write(b []byte) (int, error) {
	p.bytes += uint64(len(b))
	return len(b), nil
}

func (p *peak) Flush() {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	p.most = max(p.most, m.HeapAlloc)
}

func TestTenThousandNoticesFitIntoMemory(t *testing.T) {
	w := startWorld(t)
	w.folder("F1")
	body := strings.Repeat("本文です。", 100)
	err := w.db.Tx(t.Context(), func(q *db.Queries) error {
		for i := range 10_000 {
			_, err := q.NoticeCreate(t.Context(), db.NoticeCreateParams{
				FolderID: "F1", ID: fmt.Sprintf("N%05d", i), OfficeID: "nenkin", Reference: fmt.Sprint(i),
				Title: "題", Body: body,
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	cookie := w.begin("F1", "takeaway.all")
	ticket, err := w.ticket(cookie)
	if err != nil {
		t.Fatal(err)
	}
	request := httptest.NewRequest(http.MethodPost, "/takeaway/download",
		strings.NewReader(url.Values{"ticket": {ticket}}.Encode()))
	request.Host = strings.TrimPrefix(w.front, "http://")
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.AddCookie(cookie)
	runtime.GC()
	into := &peak{ResponseRecorder: httptest.NewRecorder()}
	begun := time.Now()
	w.portal.front.Handler.ServeHTTP(into, request)
	t.Logf("10,000 notices: %d bytes in %v, at most %d MB held", into.bytes,
		time.Since(begun).Round(time.Millisecond), into.most>>20)
	if into.Code != http.StatusOK || into.bytes < 100_000 || into.most > 400<<20 {
		t.Errorf("%d, %d bytes, %d MB", into.Code, into.bytes, into.most>>20)
	}
}

// One document, as a feature gives it (an answer of an office, say), comes as the same kind of archive: openssl
// takes it.
func TestOneDocumentIsTakenAlong(t *testing.T) {
	w := startWorld(t)
	packed, stamped, err := w.takeaway.Pack(t.Context(), "answer", paper.Document{
		Title: "所得", Language: "ja", Sections: []paper.Section{{Heading: "回答の記録", Tables: []paper.Table{{
			Columns: []paper.Column{{Name: "code", Label: "番号"}, {Name: "income", Label: "所得"}},
			Rows:    [][]paper.Cell{{"0012", int64(1234)}},
		}}}},
	})
	if err != nil || stamped {
		t.Fatal(stamped, err)
	}
	dir, names := unpacked(t, packed)
	slices.Sort(names)
	if want := []string{
		"NO-TIME-STAMP.txt", "README.txt", "SHA256SUMS", "SHA256SUMS.p7s", "data.pdf", "data/answer.csv",
		"data/answer.json",
	}; !slices.Equal(names, want) {
		t.Errorf("%v", names)
	}
	data, err := os.ReadFile(filepath.Join(dir, "data/answer.csv"))
	if string(data) != "\ufeff番号,所得\r\n'0012,1234\r\n" {
		t.Errorf("%q, %v", data, err)
	}
	err = os.WriteFile(filepath.Join(dir, "certificates.pem"), w.get("/takeaway/certificates.pem").Body.Bytes(), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(runIn(dir, "openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "SHA256SUMS.p7s",
		"-content", "SHA256SUMS", "-CAfile", "certificates.pem", "-out", "/dev/null"),
		runIn(dir, "sha256sum", "-c", "--strict", "SHA256SUMS")); err != nil {
		t.Error(err)
	}
}

// A portal without fonts gives all the rest, and says what is not there; everything that is there is signed.
func TestWithoutFontsThereIsNoPDF(t *testing.T) {
	w := startWorld(t)
	w.folder("F1")
	w.takeaway.Fonts = nil
	cookie := w.begin("F1", "takeaway.all")
	ticket, err := w.ticket(cookie)
	if err != nil {
		t.Fatal(err)
	}
	answer := w.download(ticket, cookie)
	if answer.Code != http.StatusOK {
		t.Fatal(answer.Code, answer.Body.String())
	}
	dir, names := unpacked(t, answer.Body.Bytes())
	readme, err := os.ReadFile(filepath.Join(dir, "README.txt"))
	if slices.Contains(names, "data.pdf") || !slices.Contains(names, "data/folder.csv") || err != nil ||
		!strings.Contains(string(readme), "data.pdf は、このまどぐちに書体がないため入っていません。") {
		t.Errorf("%v, %v:\n%s", names, err, readme)
	}
	if err := runIn(dir, "sha256sum", "-c", "--strict", "SHA256SUMS"); err != nil {
		t.Error(err)
	}
}
