package main

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"crypto/x509"

	"madoguchi/backend/door/office/officetest"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"

	"connectrpc.com/connect"
)

// lines is what a program writes, a line at a time.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
	some chan struct{}
}

func newLines() *lines { return &lines{some: make(chan struct{}, 1)} }

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Write(b)
	select {
	case l.some <- struct{}{}:
	default:
	}
	return len(b), nil
}

func (l *lines) until(t *testing.T, word string) string {
	t.Helper()
	for {
		l.mu.Lock()
		said := l.text.String()
		l.mu.Unlock()
		for line := range strings.SplitSeq(said, "\n") {
			if strings.Contains(line, word) {
				return line
			}
		}
		select {
		case <-l.some:
		case <-t.Context().Done():
			t.Fatalf("it never says %q: %s", word, said)
		}
	}
}

// Every act of an office is done from the command line, through the real gateway.
func TestAnOfficeAtTheCommandLine(t *testing.T) {
	w := startWorldWith(t, nil)
	w.folder("hanako")
	dir := t.TempDir()
	file := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	key, err := x509.MarshalPKCS8PrivateKey(w.certificates["131105"].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	settings := []string{
		"--gateway", w.back, "--trust", w.config.gatewayCertificate,
		"--certificate", file("office.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE",
			Bytes: w.certificates["131105"].Certificate[0]})),
		"--key", file("office.key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})),
	}
	act := func(input string, words ...string) (string, error) {
		var out bytes.Buffer
		err := actAsOffice(t.Context(), append(slices.Clip(settings), words...),
			func(string) string { return "" }, strings.NewReader(input), &out)
		return out.String(), err
	}
	must := func(input string, words ...string) string {
		t.Helper()
		out, err := act(input, words...)
		if err != nil {
			t.Fatalf("%v: %v", words, err)
		}
		return out
	}
	identifier := officetest.Identifier("131105", "hanako")
	if out := must("", "persons"); !strings.Contains(out, identifier) {
		t.Errorf("persons: %s", out)
	}
	people := portalv1connect.NewMyInfoServiceClient(withCookie{w.begin("hanako", "")}, w.front, connect.WithGRPCWeb())
	asked, err := people.AskInfo(t.Context(), &portalv1.AskInfoRequest{
		Wishes:    []*portalv1.InfoWish{{Detail: "13.income"}},
		Confirmed: []*portalv1.InfoNotes{{Category: 13, NotesVersion: 1}},
	})
	if err != nil {
		t.Fatal(err)
	}
	id := asked.GetRequests()[0].GetId()
	watching, stop := context.WithCancel(t.Context())
	seen := newLines()
	ended := make(chan error, 1)
	go func() {
		ended <- actAsOffice(watching, append(slices.Clip(settings), "watch"),
			func(string) string { return "" }, nil, seen)
	}()
	var given struct{ ID, Person, Detail string }
	if err := json.Unmarshal([]byte(seen.until(t, id)), &given); err != nil || given.Person != identifier ||
		given.Detail != "13.income" {
		t.Errorf("watch: %+v, %v", given, err)
	}
	if _, err := act("{}", "answer", id, "-"); err == nil {
		t.Error("an answer that says nothing is taken")
	}
	if _, err := act("no json", "answer", id, "-"); err == nil {
		t.Error("an answer that is none is taken")
	}
	out := must(`{"data":{"records":[{"reference":"2026","values":[{"item":"13.salary","text":"3600000"}]}]}}`,
		"answer", id, "-")
	if !strings.Contains(out, `"taken":true`) {
		t.Errorf("answer: %s", out)
	}
	sent, err := people.CorrectInfo(t.Context(), &portalv1.CorrectInfoRequest{
		RequestId: id, Record: "2026", Item: "13.salary", Fault: portalv1.InfoFault_INFO_FAULT_WRONG, ShouldBe: "1",
	})
	if err != nil {
		t.Fatal(err)
	}
	seen.until(t, sent.GetCorrection().GetId())
	if out := must("", "correct", sent.GetCorrection().GetId(), "declined", "そのとおりです"); !strings.Contains(out,
		`"taken":true`) {
		t.Errorf("correct: %s", out)
	}
	actAboutExchanges(t, w, identifier, must)
	actAboutInquiries(t, w, must)
	if out := must("", "protect", identifier, "support", "on"); !strings.Contains(out, `"changed":true`) {
		t.Errorf("protect: %s", out)
	}
	if out := must("", "protections"); !strings.Contains(out, identifier) {
		t.Errorf("protections: %s", out)
	}
	w.closeFolder(t, "hanako")
	if out := must("", "protections"); strings.Contains(out, identifier) {
		t.Errorf("after the folder was closed: %s", out)
	}
	for _, words := range [][]string{
		{}, {"dance"}, {"answer", id}, {"correct", id, "maybe"}, {"protect", identifier, "everything", "on"},
		{"report", filepath.Join(dir, "none")}, {"claim", id, "maybe", "x"}, {"mass", filepath.Join(dir, "none")},
		{"reply", "A"}, {"inquiries", "A"},
		{"protect", identifier, "support", "perhaps"}, {"answer", id, filepath.Join(dir, "none")},
	} {
		if _, err := act("", words...); err == nil {
			t.Errorf("portal office %v does something", words)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// actAboutInquiries reads what a person asks the office, and answers it once.
func actAboutInquiries(t *testing.T, w *world, must func(input string, words ...string) string) {
	t.Helper()
	hanako := portalv1connect.NewInquiryServiceClient(withCookie{w.begin("hanako", "")}, w.front)
	opened, err := hanako.OpenInquiry(t.Context(), &portalv1.OpenInquiryRequest{
		OfficeId: "131105", Subject: "転入届", Text: "いつまでですか。",
	})
	if err != nil {
		t.Fatal(err)
	}
	id := opened.GetInquiry().GetId()
	if out := must("", "inquiries"); !strings.Contains(out, id) || !strings.Contains(out, "いつまでですか。") {
		t.Errorf("inquiries: %s", out)
	}
	first := must("14日以内です。\n", "reply", id, "R1")
	if again := must("14日以内です。\n", "reply", id, "R1"); again != first {
		t.Errorf("replied again: %s, %s", first, again)
	}
	if out := must("", "inquiries"); strings.Contains(out, id) {
		t.Errorf("what was answered waits: %s", out)
	}
	got, err := hanako.GetInquiry(t.Context(), &portalv1.GetInquiryRequest{Id: id})
	if m := got.GetInquiry().GetMessages(); err != nil || len(m) != 2 || m[1].GetText() != "14日以内です。" {
		t.Errorf("%v, %v", got, err)
	}
}

// actAboutExchanges does what there is to do about exchanges, each act once.
func actAboutExchanges(t *testing.T, w *world, identifier string, must func(input string, words ...string) string) {
	t.Helper()
	at := time.Now().Add(-time.Hour).UnixMilli()
	out := must(fmt.Sprintf(`{"reports":[{"report":"r1","person":%q,"number":"N1","event":{"side":"EXCHANGE_SIDE_ASKER",
		"ownName":"目黒区長","other":{"name":"札幌市長"},"duty":"child-allowance","procedure":"claim","info":"tax",
		"items":["income"],"askedAt":"%d","providedAt":"%d","result":"EXCHANGE_RESULT_GIVEN"}}]}`,
		identifier, at, at+1),
		"report", "-")
	if !strings.Contains(out, `"taken":true`) || !strings.Contains(out, "c2sp.org/tlog-proof") {
		t.Errorf("report: %s", out)
	}
	people := portalv1connect.NewExchangeServiceClient(withCookie{w.begin("hanako", "")}, w.front,
		connect.WithGRPCWeb())
	sent, err := people.ClaimExchange(t.Context(), &portalv1.ClaimExchangeRequest{
		Number: "N1", To: portalv1.ExchangeSide_EXCHANGE_SIDE_ASKER,
		Fault: portalv1.ExchangeFault_EXCHANGE_FAULT_UNKNOWN,
	})
	if err != nil {
		t.Fatal(err)
	}
	today := time.Now().UTC().Format(time.DateOnly)
	asked, err := people.AskExchanges(t.Context(), &portalv1.AskExchangesRequest{From: today, To: today})
	if err != nil {
		t.Fatal(err)
	}
	claim, inquiry := sent.GetClaim().GetId(), asked.GetInquiry().GetId()
	if out := must("", "tasks"); !strings.Contains(out, claim) || !strings.Contains(out, inquiry) {
		t.Errorf("tasks: %s", out)
	}
	for _, words := range [][]string{{"reported", inquiry}, {"claim", claim, "explained", "申請のためです"}} {
		if out := must("", words...); !strings.Contains(out, `"taken":true`) {
			t.Errorf("%v: %s", words, out)
		}
	}
	out = must(`{"rule":"elderly","day":"2026-07-01","people":"1200","side":"EXCHANGE_SIDE_PROVIDER","ownName":"目黒区長",
		"otherName":"東京都後期高齢者医療広域連合","duty":"late-elderly","procedure":"premium","info":"tax","whom":"75歳以上の人"}`,
		"mass", "-")
	if !strings.Contains(out, `"taken":true`) {
		t.Errorf("mass: %s", out)
	}
}

// The kit is a portal to whoever comes as an office; here, to nobody.
func TestConformanceOfNobody(t *testing.T) {
	_, c, front, back := prepare(t)
	front.Close()
	back.Close()
	var out bytes.Buffer
	err := actAsOffice(t.Context(), []string{
		"--gateway", back.Addr().String(), "--certificate", c.gatewayCertificate, "--key", c.gatewayKey,
		"conformance", "--as", "13", "--within", "10ms",
	}, func(string) string { return "" }, nil, &out)
	if err == nil || !strings.Contains(out.String(), "NEVER answers 13.income") {
		t.Errorf("%v: %s", err, out.String())
	}
	out.Reset()
	err = actAsOffice(t.Context(), []string{
		"--gateway", back.Addr().String(), "--certificate", c.gatewayCertificate, "--key", c.gatewayKey,
		"conformance", "--exchanges", "--within", "10ms",
	}, func(string) string { return "" }, nil, &out)
	if err == nil || !strings.Contains(out.String(), "NEVER reports exchanges about the person") {
		t.Errorf("%v: %s", err, out.String())
	}
	for _, as := range []string{"", "99", "tax"} {
		err := actAsOffice(t.Context(), []string{"conformance", "--as", as}, func(string) string { return "" }, nil,
			io.Discard)
		if err == nil {
			t.Errorf("--as %q is somebody", as)
		}
	}
}
