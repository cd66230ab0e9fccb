package main

import (
	"context"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access/accesstest"
	"madoguchi/backend/door/session"
	officev1 "madoguchi/proto/gen/office/v1"
	"madoguchi/proto/gen/office/v1/officev1connect"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
	"madoguchi/proto/rule"
)

func opening() *portalv1.OpenAccountRequest {
	return &portalv1.OpenAccountRequest{
		TermsVersion: rule.TermsVersion, DisplayName: "花子", MunicipalityCode: "131105", Language: "ja",
	}
}

// Who came to know a newcomer's cookie has nothing once the folder is open; the browser goes on with the new one.
func TestOpeningTheFolderChangesTheCookie(t *testing.T) {
	w := startWorld(t)
	old := w.begin("", "")
	ctx, sent := connect.NewClientContext(context.Background())
	client := portalv1connect.NewAccountServiceClient(withCookie{old}, w.front)
	if _, err := client.OpenAccount(ctx, opening()); err != nil {
		t.Fatal(err)
	}
	set, err := http.ParseSetCookie(sent.ResponseHeader().Get("Set-Cookie"))
	if err != nil || set.Name != session.CookieName || set.Value == old.Value || !set.HttpOnly || !set.Secure ||
		set.SameSite != http.SameSiteStrictMode {
		t.Fatalf("%+v, %v", set, err)
	}
	got := call(t, http.DefaultClient, w.front, portalv1connect.AccountServiceGetAccountProcedure, old)
	if got != portalv1.Reason_REASON_NOT_LOGGED_IN {
		t.Errorf("the cookie of before: %v", got)
	}
	fresh := portalv1connect.NewAccountServiceClient(withCookie{set}, w.front)
	for range 2 { // opening again changes nothing, and says so
		got, err := fresh.GetAccount(context.Background(), &portalv1.GetAccountRequest{})
		if err != nil || got.GetAccount().GetDisplayName() != "花子" {
			t.Fatalf("the new cookie: %v, %v", got, err)
		}
		if _, err := fresh.OpenAccount(context.Background(),
			opening()); accesstest.InfoOf(err).GetReason() != portalv1.Reason_REASON_ALREADY_OPEN {
			t.Fatal(err)
		}
	}
}

// A newcomer whose card got its folder elsewhere meanwhile is told so, and is at home with the cookie that comes along.
func TestOpeningWhatIsOpenLeadsHome(t *testing.T) {
	w := startWorld(t)
	first, late := w.begin("", ""), w.begin("", "")
	accounts := func(c *http.Cookie) portalv1connect.AccountServiceClient {
		return portalv1connect.NewAccountServiceClient(withCookie{c}, w.front, connect.WithGRPCWeb())
	}
	if _, err := accounts(first).OpenAccount(t.Context(), opening()); err != nil {
		t.Fatal(err)
	}
	ctx, sent := connect.NewClientContext(t.Context())
	if _, err := accounts(late).OpenAccount(ctx,
		opening()); accesstest.InfoOf(err).GetReason() != portalv1.Reason_REASON_ALREADY_OPEN {
		t.Fatal(err)
	}
	set, err := http.ParseSetCookie(sent.ResponseHeader().Get("Set-Cookie"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := accounts(set).GetAccount(t.Context(), &portalv1.GetAccountRequest{})
	if err != nil || got.GetAccount().GetDisplayName() != "花子" {
		t.Errorf("%v, %v", got, err)
	}
}

// What people type, paste or forge, over the wire: a typed error that names the field.
func TestFieldsAtFaultOverTheWire(t *testing.T) {
	w := startWorld(t)
	w.folder("F1")
	client := portalv1connect.NewAccountServiceClient(withCookie{w.begin("F1", "")}, w.front)
	for name, c := range map[string]struct {
		change func(*portalv1.UpdateAccountRequest)
		reason portalv1.Reason
		field  string
	}{
		"a book for a name": {
			func(r *portalv1.UpdateAccountRequest) { r.DisplayName = strings.Repeat("花", 5_000) },
			portalv1.Reason_REASON_FIELD_TOO_LONG, "display_name",
		},
		"private use": {
			func(r *portalv1.UpdateAccountRequest) { r.DisplayName = "花\ue000子" },
			portalv1.Reason_REASON_INVALID_FIELD, "display_name",
		},
		"IDN mail": {
			func(r *portalv1.UpdateAccountRequest) { r.MailAddress = "花子@例え.jp" },
			portalv1.Reason_REASON_INVALID_FIELD, "mail_address",
		},
		"mail headers": {
			func(r *portalv1.UpdateAccountRequest) { r.MailAddress = "a@example.jp\nBcc: b@example.jp" },
			portalv1.Reason_REASON_INVALID_FIELD, "mail_address",
		},
		"a long mail": {
			func(r *portalv1.UpdateAccountRequest) { r.MailAddress = strings.Repeat("a", 15_000) + "@example.jp" },
			portalv1.Reason_REASON_INVALID_FIELD, "mail_address",
		},
		"a place": {
			func(r *portalv1.UpdateAccountRequest) { r.MunicipalityCode = "\x00" },
			portalv1.Reason_REASON_INVALID_FIELD, "municipality_code",
		},
		"a language": {
			func(r *portalv1.UpdateAccountRequest) { r.Language = strings.Repeat("j", 15_000) },
			portalv1.Reason_REASON_INVALID_FIELD, "language",
		},
	} {
		t.Run(name, func(t *testing.T) {
			request := &portalv1.UpdateAccountRequest{DisplayName: "花子", MunicipalityCode: "131105", Language: "ja"}
			c.change(request)
			_, err := client.UpdateAccount(context.Background(), request)
			if info := accesstest.InfoOf(err); info.GetReason() != c.reason || info.GetField() != c.field {
				t.Errorf("got %v, %v", info, err)
			}
		})
	}
	_, err := client.ConfirmMailAddress(context.Background(), &portalv1.ConfirmMailAddressRequest{
		Token: strings.Repeat("\x00", 15_000),
	})
	if info := accesstest.InfoOf(err); info.GetReason() != portalv1.Reason_REASON_MAIL_TOKEN_INVALID {
		t.Errorf("a token of NULs: %v", err)
	}
	// Bytes that are no text cannot be a field at all.
	response, err := http.Post(w.front+portalv1connect.AccountServiceConfirmMailAddressProcedure, "application/proto",
		strings.NewReader("\x0a\x02\xff\xfe"))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusBadRequest {
		t.Errorf("invalid UTF-8: %d", response.StatusCode)
	}
}

// An open page hears the new place from the moment of moving, and no more of the old one.
func TestAStreamFollowsWhoMoves(t *testing.T) {
	w := startWorld(t)
	w.folder("F1")
	cookie := w.begin("F1", "")
	messages, _ := w.watch(t, cookie)
	next(t, messages)
	client := portalv1connect.NewAccountServiceClient(withCookie{cookie}, w.front)
	_, err := client.UpdateAccount(context.Background(), &portalv1.UpdateAccountRequest{
		DisplayName: "花子", MunicipalityCode: "011011", Language: "ja",
	})
	if err != nil {
		t.Fatal(err)
	}
	sender := officev1connect.NewNoticeServiceClient(w.office("nenkin"), w.back, connect.WithGRPC())
	for _, code := range []string{"131105", "011011"} {
		_, err := sender.SendNotice(context.Background(), &officev1.SendNoticeRequest{
			Reference: code, Title: code, Body: "本文", Audience: &officev1.SendNoticeRequest_MunicipalityCode{
				MunicipalityCode: code,
			},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for {
		m := next(t, messages)
		if m.GetArrived().GetTitle() == "131105" {
			t.Fatal("the old place is heard")
		}
		if m.GetArrived().GetTitle() == "011011" {
			if m.GetUnreadCount() != 1 {
				t.Errorf("%d unread", m.GetUnreadCount())
			}
			return
		}
	}
}

// When the portal has closed, nothing of it runs on, not even for a page that was listening.
func TestNothingRunsOnAfterClosing(t *testing.T) {
	t.Run("portal", func(t *testing.T) {
		w := startWorld(t)
		w.folder("F1")
		messages, _ := w.watch(t, w.begin("F1", ""))
		next(t, messages)
	})
	stacks := make([]byte, 1<<20)
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		left := ""
		all := strings.Split(string(stacks[:runtime.Stack(stacks, true)]), "\n\n")
		for _, stack := range all[1:] { // the first is the test's own
			if strings.Contains(stack, "madoguchi/backend/") || strings.Contains(stack, "modernc.org/sqlite") {
				left = stack
			}
		}
		if left == "" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("this runs on:\n%s", left)
		}
	}
}
