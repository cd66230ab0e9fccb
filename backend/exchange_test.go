package main

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	"madoguchi/backend/feature/exchange"
	"madoguchi/backend/store/db"
	officev1 "madoguchi/proto/gen/office/v1"
	"madoguchi/proto/gen/office/v1/officev1connect"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
	"madoguchi/proto/ledger"
)

// A history is taken along as one signed archive, which openssl takes; and nobody takes another's, or without a card.
func TestASignedHistoryIsTakenAlong(t *testing.T) {
	w := startWorld(t)
	w.folder("F1")
	err := w.db.Tx(t.Context(), func(q *db.Queries) error {
		return exchange.Looked(t.Context(), q, "F1", exchange.Look{Who: "職員7", What: "お問い合わせ", Why: "返事"}, time.Now())
	})
	if err != nil {
		t.Fatal(err)
	}
	form := "format=zip&language=ja"
	kind := "application/x-www-form-urlencoded"
	if got := w.post("/exchange/file", kind, form, nil); got.Code != http.StatusForbidden {
		t.Error("without a session:", got.Code)
	}
	got := w.post("/exchange/file", kind, form, w.begin("F1", ""))
	if got.Code != http.StatusOK || got.Header().Get("Content-Type") != "application/zip" {
		t.Fatal(got.Code, got.Body)
	}
	dir, names := unpacked(t, got.Body.Bytes())
	for _, name := range []string{"SHA256SUMS.p7s", "data.pdf", "data/exchange.csv", "data/exchange.json"} {
		if !slices.Contains(names, name) {
			t.Errorf("%s is not in %v", name, names)
		}
	}
	certificates := w.get("/takeaway/certificates.pem").Body.Bytes()
	if err := errors.Join(
		os.WriteFile(filepath.Join(dir, "certificates.pem"), certificates, 0o600),
		runIn(dir, "openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "SHA256SUMS.p7s",
			"-content", "SHA256SUMS", "-CAfile", "certificates.pem", "-out", "/dev/null"),
		runIn(dir, "sha256sum", "-c", "--strict", "SHA256SUMS"),
	); err != nil {
		t.Error(err)
	}
	if got := w.post("/exchange/file", kind, "format=pdf&language=easy", w.begin("F1", "")); got.Code != 200 ||
		string(got.Body.Bytes()[:5]) != "%PDF-" {
		t.Error(got.Code)
	}
}

// What a person asks an office for through the portal, and what the portal's staff looks at, are lines of that person's
// history, whole and proven; nobody else finds them there, by whatever way.
func TestWhatOneAskedForAndWhatStaffSawIsToldToOneselfAlone(t *testing.T) {
	w := startWorld(t)
	for _, folder := range []string{"hanako", "taro"} {
		w.folder(folder)
	}
	hanako, taro := withCookie{w.begin("hanako", "")}, withCookie{w.begin("taro", "")}
	ctx := t.Context()

	// An office answers what hanako asks it for.
	asked, err := portalv1connect.NewMyInfoServiceClient(hanako, w.front).AskInfo(ctx, &portalv1.AskInfoRequest{
		Wishes:    []*portalv1.InfoWish{{Detail: "13.income"}},
		Confirmed: []*portalv1.InfoNotes{{Category: 13, NotesVersion: 1}},
	})
	if err != nil {
		t.Fatal(err)
	}
	answered, err := officev1connect.NewMyInfoServiceClient(w.office("131105"), w.back).AnswerInformation(ctx,
		&officev1.AnswerInformationRequest{
			RequestId: asked.GetRequests()[0].GetId(),
			Answer:    &officev1.AnswerInformationRequest_None{None: &officev1.InformationNone{}},
		})
	if err != nil || !answered.GetTaken() {
		t.Fatal(answered, err)
	}
	// Somebody of the staff reads what hanako wrote; without saying why nobody does, and nothing is told.
	opened, err := portalv1connect.NewInquiryServiceClient(hanako, w.front).OpenInquiry(ctx,
		&portalv1.OpenInquiryRequest{Subject: "画面", Text: "開きません"})
	if err != nil {
		t.Fatal(err)
	}
	number := opened.GetInquiry().GetNumber()
	look := func(args ...string) error {
		args = append([]string{
			"--database", w.config.database, "--keys", w.config.keys, "--folder-keys", w.config.folderKeys,
		}, append(args, "show", number)...)
		return tendInquiries(ctx, args, func(string) string { return "" }, nil, io.Discard)
	}
	if err := look("--as", "職員7"); err == nil {
		t.Error("it is looked at without a reason")
	}
	if err := look("--as", "職員7", "--why", "返事を書くため"); err != nil {
		t.Fatal(err)
	}

	people := portalv1connect.NewExchangeServiceClient(hanako, w.front)
	list, err := people.ListExchanges(ctx, &portalv1.ListExchangesRequest{})
	if err != nil || len(list.GetExchanges()) != 2 || len(list.GetLines()) != 2 || list.GetFound() != 2 {
		t.Fatal(list, err)
	}
	for _, office := range list.GetOffices() {
		if office.GetKey() == "あなた" {
			t.Error("hanako is among the offices")
		}
	}
	told := map[string]string{}
	for _, line := range list.GetLines() {
		record := &portalv1.ExchangeRecord{}
		if err := proto.Unmarshal(line.GetContent(), record); err != nil {
			t.Fatal(err)
		}
		told[record.GetAsker().GetName()] = record.GetProvider().GetName() + " " + record.GetReason()
	}
	if want := map[string]string{"あなた": "目黒区 ", "まどぐちの職員（職員7）": "まどぐち 返事を書くため"}; !maps.Equal(told, want) {
		t.Errorf("told are %q", told)
	}
	file := func(of withCookie) string {
		kind := "application/x-www-form-urlencoded"
		return w.post("/exchange/file", kind, "format=json&language=ja", of.cookie).Body.String()
	}
	if got := file(hanako); !strings.Contains(got, "職員7") || !strings.Contains(got, "返事を書くため") {
		t.Errorf("the file says %s", got)
	}

	// Nothing of it is taro's: not in the list, not by its number, not in the chain, not in a file, and nothing that a
	// claim could be about. Without a session nobody is told anything.
	others := portalv1connect.NewExchangeServiceClient(taro, w.front)
	theirs, err := others.ListExchanges(ctx, &portalv1.ListExchangesRequest{})
	if err != nil || len(theirs.GetExchanges())+len(theirs.GetLines())+len(theirs.GetOffices()) != 0 ||
		theirs.GetCount() != 0 {
		t.Errorf("another is told of %v, %v", theirs, err)
	}
	for _, e := range list.GetExchanges() {
		if _, err := people.GetExchange(ctx, &portalv1.GetExchangeRequest{Number: e.GetNumber()}); err != nil {
			t.Error(err)
		}
		got, err := others.GetExchange(ctx, &portalv1.GetExchangeRequest{Number: e.GetNumber()})
		if connect.CodeOf(err) != connect.CodeNotFound {
			t.Errorf("another reads %v, %v", got, err)
		}
		_, err = others.ClaimExchange(ctx, &portalv1.ClaimExchangeRequest{
			Number: e.GetNumber(), To: portalv1.ExchangeSide_EXCHANGE_SIDE_PROVIDER,
			Fault: portalv1.ExchangeFault_EXCHANGE_FAULT_UNKNOWN,
		})
		if connect.CodeOf(err) != connect.CodeNotFound {
			t.Errorf("another claims: %v", err)
		}
	}
	span := &portalv1.ListLedgerLinesRequest{Chain: uint32(ledger.Exchanges), From: 1, To: 10}
	chain, err := portalv1connect.NewLedgerServiceClient(hanako, w.front).ListLedgerLines(ctx, span)
	if err != nil || len(chain.GetLines()) != 2 {
		t.Errorf("the chain is %v, %v", chain, err)
	}
	chain, err = portalv1connect.NewLedgerServiceClient(taro, w.front).ListLedgerLines(ctx, span)
	if err != nil || len(chain.GetLines()) != 0 {
		t.Errorf("another's chain is %v, %v", chain, err)
	}
	if got := file(taro); strings.Contains(got, "職員7") || strings.Contains(got, "madoguchi.look") {
		t.Errorf("another's file says %s", got)
	}
	stranger := portalv1connect.NewExchangeServiceClient(http.DefaultClient, w.front)
	_, err = stranger.ListExchanges(ctx, &portalv1.ListExchangesRequest{})
	if connect.CodeOf(err) != connect.CodeUnauthenticated {
		t.Errorf("a stranger lists: %v", err)
	}
}
