package main

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access/accesstest"
	"madoguchi/backend/store/db/dbtest"
	officev1 "madoguchi/proto/gen/office/v1"
	"madoguchi/proto/gen/office/v1/officev1connect"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

// A store that cannot write is told to the supervisor, to people and to offices, nothing is said to be done, and all
// goes on by itself.
func TestAPortalWhoseStoreCannotWrite(t *testing.T) {
	w := startWorld(t)
	w.folder("F1")
	ctx := context.Background()
	accounts := portalv1connect.NewAccountServiceClient(withCookie{w.begin("F1", "")}, w.front)
	update := &portalv1.UpdateAccountRequest{DisplayName: "花子", MunicipalityCode: "131105", Language: "ja"}
	offices := officev1connect.NewNoticeServiceClient(w.office("nenkin"), w.back, connect.WithGRPC())
	notice := &officev1.SendNoticeRequest{
		Reference: "1", Title: "題", Body: "本文", Audience: &officev1.SendNoticeRequest_Person{Person: "nenkin-F1"},
	}

	mend := dbtest.Break(t, w.db)
	if status := w.ready(); status != http.StatusServiceUnavailable {
		t.Errorf("/readyz: %d", status)
	}
	_, person := accounts.UpdateAccount(ctx, update)
	_, office := offices.SendNotice(ctx, notice)
	for who, err := range map[string]error{"a person": person, "an office": office} {
		info := accesstest.InfoOf(err)
		if connect.CodeOf(err) != connect.CodeUnavailable ||
			info.GetReason() != portalv1.Reason_REASON_STORE_UNAVAILABLE || info.GetRetryAfterMs() <= 0 ||
			info.GetReference() == "" {
			t.Errorf("%s: %v, %v", who, err, info)
		}
	}
	// What only reads goes on.
	got, err := accounts.GetAccount(ctx, &portalv1.GetAccountRequest{})
	if err != nil || got.GetAccount().GetDisplayName() != "F1" {
		t.Errorf("reading: %v, %v", got, err)
	}

	mend()
	if got, err := accounts.UpdateAccount(ctx, update); err != nil || got.GetAccount().GetDisplayName() != "花子" {
		t.Errorf("mended: %v, %v", got, err)
	}
	if got, err := offices.SendNotice(ctx, notice); err != nil || !got.GetCreated() {
		t.Errorf("mended: %v, %v", got, err)
	}
	for deadline := time.Now().Add(20 * time.Second); w.ready() != http.StatusOK; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("never ready again")
		}
	}
}

func (w *world) ready() int {
	w.t.Helper()
	response, err := http.Get(w.front + "/readyz")
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body)
	return response.StatusCode
}

func TestASecondPortalOnTheSameFileDoesNotStart(t *testing.T) {
	w := startWorld(t)
	second, err := build(context.Background(), w.config)
	if err == nil {
		second.db.Close()
		t.Fatal("it starts")
	}
	if !strings.Contains(err.Error(), w.config.database) || !strings.Contains(err.Error(), "end it first") ||
		!strings.Contains(err.Error(), "PORTAL_DATABASE") {
		t.Errorf("it does not say what to do: %v", err)
	}
	if err := w.db.Close(); err != nil {
		t.Fatal(err)
	}
	third, err := build(context.Background(), w.config)
	if err != nil {
		t.Fatalf("after the first has ended: %v", err)
	}
	third.db.Close()
}
