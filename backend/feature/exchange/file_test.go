package exchange

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/paper"
	portalv1 "madoguchi/proto/gen/portal/v1"
	chains "madoguchi/proto/ledger"
)

// files writes histories; a packed one is what the archive would hold.
func (w *world) files() *Files {
	return &Files{Service: w.people, Origin: "https://portal.example.jp",
		Pack: func(_ context.Context, name string, d paper.Document) ([]byte, bool, error) {
			var b bytes.Buffer
			err := paper.JSON(&b, d)
			return append([]byte(name+" "), b.Bytes()...), true, err
		}}
}

func (w *world) take(f *Files, ctx context.Context, method string, form url.Values) *httptest.ResponseRecorder {
	w.t.Helper()
	r := httptest.NewRequestWithContext(ctx, method, filePath, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer := httptest.NewRecorder()
	f.answers()[filePath].ServeHTTP(answer, r)
	return answer
}

func values(of ...string) url.Values {
	v := url.Values{"language": {"ja"}}
	for i := 0; i+1 < len(of); i += 2 {
		v.Set(of[i], of[i+1])
	}
	return v
}

// A history is taken along as it is listed and narrowed, each report in a row, with what proves it; the person alone
// takes it, and that stands in the history of use.
func TestAHistoryIsTakenAlong(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.mustSend(meguro, w.asked("m1", "N1", "hanako"), w.asked("m2", "N2", "hanako"), w.asked("t1", "T1", "taro"))
		w.mustSend(matsumoto, w.provided("x1", "N1", "hanako"))
		f := w.files()
		table := func(form url.Values) [][]string {
			t.Helper()
			got := w.take(f, w.as("hanako"), http.MethodPost, form)
			if got.Code != http.StatusOK || got.Header().Get("Cache-Control") != "no-store" ||
				!strings.HasPrefix(got.Header().Get("Content-Disposition"), `attachment; filename="exchange-`) {
				t.Fatal(got.Code, got.Header(), got.Body)
			}
			rows, err := csv.NewReader(bytes.NewReader(got.Body.Bytes())).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			return rows
		}
		rows := table(values("format", "csv"))
		if len(rows) != 4 || rows[1][1] != "目黒区長" || strings.Contains(strings.Join(rows[3], ""), "T1") {
			t.Errorf("%q", rows)
		}
		day := w.clock.Format("2006-01-02")
		for name, c := range map[string]struct {
			form url.Values
			rows int
		}{
			"that day":   {values("format", "csv", "from", day, "to", day), 4},
			"before":     {values("format", "csv", "to", "2026-01-01"), 1},
			"an office":  {values("format", "csv", "office", "松本市長"), 4},
			"another":    {values("format", "csv", "office", "だれか"), 1},
			"a result":   {values("format", "csv", "result", "2"), 1},
			"work":       {values("format", "csv", "duty", "child-allowance"), 4},
			"in English": {values("format", "csv", "language", "en"), 4},
		} {
			if got := table(c.form); len(got) != c.rows {
				t.Errorf("%s: %d rows", name, len(got))
			}
		}

		// The lines in the JSON prove themselves against the checkpoint beside them.
		for format, name := range map[string]string{"json": "", "zip": "exchange "} {
			got := w.take(f, w.as("hanako"), http.MethodPost, values("format", format))
			body, whole := strings.CutPrefix(got.Body.String(), name)
			if got.Code != http.StatusOK || !whole {
				t.Fatal(format, got.Code, got.Body)
			}
			w.proves(body, 3)
		}
		for name, c := range map[string]struct {
			ctx    context.Context
			method string
			form   url.Values
			code   int
		}{
			"nobody":         {access.WithCaller(t.Context(), access.Caller{}), "POST", values("format", "csv"), http.StatusForbidden},
			"an office":      {w.from(meguro), "POST", values("format", "csv"), http.StatusForbidden},
			"a link":         {w.as("hanako"), "GET", values("format", "csv"), http.StatusMethodNotAllowed},
			"another form":   {w.as("hanako"), "POST", values("format", "exe"), http.StatusBadRequest},
			"no language":    {w.as("hanako"), "POST", values("format", "csv", "language", "fr"), http.StatusBadRequest},
			"no day":         {w.as("hanako"), "POST", values("format", "csv", "from", "yesterday"), http.StatusBadRequest},
			"turned round":   {w.as("hanako"), "POST", values("format", "csv", "from", day, "to", "2020-01-01"), 400},
			"no such result": {w.as("hanako"), "POST", values("format", "csv", "result", "-1"), http.StatusBadRequest},
			"without fonts":  {w.as("hanako"), "POST", values("format", "pdf"), http.StatusBadRequest},
		} {
			if got := w.take(f, c.ctx, c.method, c.form); got.Code != c.code {
				t.Errorf("%s: %d %s", name, got.Code, got.Body)
			}
		}
		taken, err := w.db.Read().ActsOfFolder(t.Context(), "hanako")
		if err != nil || len(taken) != 10 {
			t.Errorf("%d lines of use, %v", len(taken), err)
		}
		f.Pack = func(context.Context, string, paper.Document) ([]byte, bool, error) {
			return nil, false, errors.New("no key")
		}
		got := w.take(f, w.as("hanako"), http.MethodPost, values("format", "zip"))
		if got.Code != http.StatusServiceUnavailable || strings.Contains(got.Body.String(), "PK") {
			t.Error("what could not be signed:", got.Code, got.Body)
		}
	})
}

// proves holds the lines of a file against the checkpoint in it.
func (w *world) proves(file string, lines int) {
	w.t.Helper()
	if n := strings.Count(file, `"ledger_line"`); n == 0 {
		w.t.Fatal("there are no lines:", file)
	}
	var found struct {
		Sections []struct {
			Values []struct {
				Name  string
				Value any
			}
			Tables []struct{ Rows [][]any }
		}
	}
	if err := json.Unmarshal([]byte(file), &found); err != nil || len(found.Sections) != 1 {
		w.t.Fatal(err, file)
	}
	signed := ""
	for _, v := range found.Sections[0].Values {
		if v.Name == "checkpoint" {
			signed, _ = v.Value.(string)
		}
	}
	c, err := chains.OpenCheckpoint(signed, w.people.needs.Log.Signer, nil)
	if err != nil {
		w.t.Fatal(err, signed)
	}
	rows := found.Sections[0].Tables[0].Rows
	if len(rows) != lines {
		w.t.Errorf("%d rows", len(rows))
	}
	for _, row := range rows {
		encoded, _ := row[len(row)-1].(string)
		data, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			w.t.Fatal(err)
		}
		m := &portalv1.LedgerLine{}
		if err := proto.Unmarshal(data, m); err != nil {
			w.t.Fatal(err)
		}
		line := chains.Line{
			Kind: chains.Kind(m.GetKind()), Chain: chains.Chain(m.GetChain()), Number: m.GetNumber(),
			Previous: chains.Hash(m.GetPrevious()), Salt: [chains.SaltSize]byte(m.GetSalt()),
			RecordedAt: m.GetRecordedAt(), Content: m.GetContent(),
		}
		proof, err := chains.Hashes(m.GetInclusion())
		if err == nil {
			err = chains.CheckInclusion(c, m.GetIndex(), line.Leaf(), proof)
		}
		if err != nil {
			w.t.Errorf("line %d: %v", m.GetNumber(), err)
		}
	}
}
