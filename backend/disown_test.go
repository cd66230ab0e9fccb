package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access"
	"madoguchi/backend/feature/usage"
	"madoguchi/backend/store/act"
	"madoguchi/backend/store/db"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

// Every act that the contract records has words: a line without any would tell nobody anything.
func TestEveryActHasWords(t *testing.T) {
	w := startWorld(t)
	all := &portalv1.ListUsageWordsRequest{}
	words, err := usage.New(w.db, usage.Needs{}, time.Now).ListUsageWords(t.Context(), all)
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, one := range words.GetActs() {
		text := one.GetText()
		known[one.GetName()] = text.GetJa() != "" && text.GetEn() != "" && text.GetEasy() != ""
	}
	for procedure, rule := range w.house.Rules("portal.v1") {
		if record := rule.GetRecord(); record != "" && !known[record] {
			t.Errorf("%s is recorded as %s, which has no words: backend/feature/usage/words.go", procedure, record)
		}
	}
}

func (w *world) usage(cookie *http.Cookie) portalv1connect.UsageServiceClient {
	return portalv1connect.NewUsageServiceClient(withCookie{cookie}, w.front)
}

// A session that is ended from another one is over at once: its running streams die within a second, of either kind,
// also those that another portal on the same database holds.
func TestAnEndedSessionIsOverEverywhere(t *testing.T) {
	w := startWorld(t)
	w.folder("F1")
	mine, theirs := w.begin("F1", ""), w.begin("F1", "")
	messages, failure := w.watch(t, theirs)
	next(t, messages)
	page := w.page(t, theirs, 0)
	page.hears(t, "everything")
	list, err := w.usage(mine).ListSessions(t.Context(), &portalv1.ListSessionsRequest{})
	if err != nil || len(list.GetSessions()) != 2 {
		t.Fatal(list, err)
	}
	at := slices.IndexFunc(list.GetSessions(), func(s *portalv1.LiveSession) bool { return !s.GetHere() })
	began := time.Now()
	_, err = w.usage(mine).EndSession(t.Context(), &portalv1.EndSessionRequest{Id: list.GetSessions()[at].GetId()})
	if err != nil {
		t.Fatal(err)
	}
	for open := true; open; {
		select {
		case _, open = <-messages:
		case <-time.After(20 * time.Second):
			t.Fatal("who was ended still listens")
		}
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("the stream died after %v", took)
	}
	if connect.CodeOf(*failure) != connect.CodeUnauthenticated {
		t.Errorf("the stream ended with %v", *failure)
	}
	if _, err := w.usage(theirs).ListSessions(t.Context(), &portalv1.ListSessionsRequest{}); connect.CodeOf(err) !=
		connect.CodeUnauthenticated {
		t.Errorf("who was ended asks: %v", err)
	}
	// Another portal's: it hears of it as of every change.
	again := w.begin("F1", "")
	messages, _ = w.watch(t, again)
	next(t, messages)
	another, err := db.Open(t.Context(), w.config.database)
	if err != nil {
		t.Fatal(err)
	}
	defer another.Close()
	if err := another.SealWith(t.Context(), w.folders); err != nil {
		t.Fatal(err)
	}
	elsewhere := usage.New(another, usage.Needs{Sessions: w.sessions}, time.Now)
	state, err := w.sessions.ByToken(t.Context(), mine.Value)
	if err != nil {
		t.Fatal(err)
	}
	ctx := access.WithCaller(t.Context(), state.Caller)
	_, err = elsewhere.EndOtherSessions(ctx, &portalv1.EndOtherSessionsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for open := true; open; {
		select {
		case _, open = <-messages:
		case <-time.After(20 * time.Second):
			t.Fatal("who was ended by another portal still listens")
		}
	}
}

// What a person takes along of their history is theirs alone, whole, and accepted by strangers' programs.
func TestTheHistoryIsTakenAlong(t *testing.T) {
	w := startWorld(t)
	for _, folder := range []string{"F1", "F2"} {
		w.folder(folder)
		err := w.db.Tx(t.Context(), func(q *db.Queries) error {
			old := time.Now().AddDate(-1, 0, 0)
			by := act.By{Folder: folder, Browser: "canary-" + folder, Means: portalv1.Means_MEANS_CARD}
			return errors.Join(act.Begin("login.begin", by, old).Note(t.Context(), q, folder),
				act.Begin("notice.read", by, time.Now()).Note(t.Context(), q, folder))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	cookie := w.begin("F1", "")
	got, err := w.usage(cookie).PrepareUsageExport(t.Context(), &portalv1.PrepareUsageExportRequest{Language: "ja"})
	if err != nil {
		t.Fatal(err)
	}
	if answer := w.download(got.GetTicket(), w.begin("F2", "")); answer.Code == http.StatusOK {
		t.Error("another person downloads it")
	}
	answer := w.download(got.GetTicket(), cookie)
	if answer.Code != http.StatusOK {
		t.Fatal(answer.Code, answer.Body)
	}
	if again := w.download(got.GetTicket(), cookie); again.Code == http.StatusOK {
		t.Error("a ticket is good twice")
	}
	dir, names := unpacked(t, answer.Body.Bytes())
	for _, want := range []string{"data/usage.json", "data/usage.csv", "SHA256SUMS", "SHA256SUMS.p7s"} {
		if !slices.Contains(names, want) {
			t.Errorf("%s is missing among %v", want, names)
		}
	}
	table, err := os.ReadFile(filepath.Join(dir, "data", "usage.csv"))
	if err != nil || !bytes.Contains(table, []byte("カードでログイン")) || !bytes.Contains(table, []byte("canary-F1")) ||
		bytes.Contains(table, []byte("canary-F2")) {
		t.Errorf("%s, %v", table, err)
	}
	data, err := os.ReadFile(filepath.Join(dir, "data", "usage.json"))
	var parsed any
	err = errors.Join(err, json.Unmarshal(data, &parsed))
	if err != nil || !bytes.Contains(data, []byte("notice.read")) {
		t.Errorf("%s, %v", data, err)
	}
	certificates := w.get("/takeaway/certificates.pem").Body.Bytes()
	if err := os.WriteFile(filepath.Join(dir, "certificates.pem"), certificates, 0o600); err != nil {
		t.Fatal(err)
	}
	verify := []string{
		"cms", "-verify", "-binary", "-inform", "DER", "-in", "SHA256SUMS.p7s", "-content", "SHA256SUMS", "-CAfile",
		"certificates.pem", "-out", "/dev/null",
	}
	if err := errors.Join(runIn(dir, "openssl", verify...),
		runIn(dir, "sha256sum", "-c", "--strict", "SHA256SUMS")); err != nil {
		t.Error(err)
	}
	year, err := w.usage(cookie).PrepareUsageExport(t.Context(), &portalv1.PrepareUsageExportRequest{
		Year: int32(time.Now().Year() - 1),
	})
	if err != nil {
		t.Fatal(err)
	}
	answer = w.download(year.GetTicket(), cookie)
	dir, _ = unpacked(t, answer.Body.Bytes())
	table, err = os.ReadFile(filepath.Join(dir, "data", "usage.csv"))
	if err != nil || !bytes.Contains(table, []byte("login.begin")) || bytes.Contains(table, []byte("notice.read")) {
		t.Errorf("a year: %s, %v", table, err)
	}
}

// The operator answers on the command line, beside the portal that runs; each change of what is registered is told, and
// never what it is now.
func TestTheOperatorsDesk(t *testing.T) {
	w := startWorld(t)
	w.folder("F1")
	cookie := w.begin("F1", "")
	asked := portalv1connect.NewInquiryServiceClient(withCookie{cookie}, w.front)
	opened, err := asked.OpenInquiry(t.Context(), &portalv1.OpenInquiryRequest{
		Subject: "画面", Text: "開きません", Attached: &portalv1.InquiryAttachment{Code: "ABCD2345"},
	})
	if err != nil {
		t.Fatal(err)
	}
	number := opened.GetInquiry().GetNumber()
	run := func(input string, args ...string) (string, error) {
		var out bytes.Buffer
		args = append([]string{
			"--database", w.config.database, "--keys", w.config.keys, "--folder-keys", w.config.folderKeys,
		}, args...)
		nothing := func(string) string { return "" }
		err := tendInquiries(context.Background(), args, nothing, strings.NewReader(input), &out)
		return out.String(), err
	}
	for _, c := range []struct {
		args []string
		in   string
		want string
	}{
		{[]string{"list"}, "", number},
		{[]string{"--as", "職員7", "--why", "返事を書くため", "show", number}, "", "ABCD2345"},
		{[]string{"answer", number}, "直しました。\n", "answered"},
		{[]string{"--as", "職員7", "--why", "返事を書くため", "show", number}, "", "直しました。"},
		{[]string{"close", number}, "", "closed"},
	} {
		if out, err := run(c.in, c.args...); err != nil || !strings.Contains(out, c.want) {
			t.Errorf("%v: %s, %v", c.args, out, err)
		}
	}
	for _, args := range [][]string{
		{"--as", "職員7", "--why", "x", "show", "0000"}, {"show", number}, {"--as", "職員7", "show", number}, {"answer"},
		{"erase", number}, {},
	} {
		if _, err := run("x", args...); err == nil {
			t.Errorf("%v went well", args)
		}
	}
	got, err := asked.GetInquiry(t.Context(), &portalv1.GetInquiryRequest{Id: opened.GetInquiry().GetId()})
	if err != nil || got.GetInquiry().GetState() != portalv1.InquiryState_INQUIRY_STATE_CLOSED ||
		len(got.GetInquiry().GetMessages()) != 2 {
		t.Errorf("%v, %v", got, err)
	}
	// Each time the staff looked, and no other time, a line of the person's history says who and why.
	of, err := w.db.Read().InquiryByNumber(t.Context(), number)
	if err != nil {
		t.Fatal(err)
	}
	listed, err := w.db.Read().ExchangesAll(t.Context(), of.FolderID)
	if err != nil || len(listed) != 2 || listed[0].Asker != "まどぐちの職員（職員7）" {
		t.Errorf("%v, %v", listed, err)
	}
}
