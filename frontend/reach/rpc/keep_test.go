//go:build !js

package rpc

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"connectrpc.com/connect"

	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

type notices struct {
	portalv1connect.UnimplementedNoticeServiceHandler
	refuse    error
	meanwhile func() // it answers; nil for nothing
	title     string
}

func (n *notices) GetNotice(
	_ context.Context, request *portalv1.GetNoticeRequest,
) (*portalv1.GetNoticeResponse, error) {
	title := n.title
	if n.meanwhile != nil {
		n.meanwhile()
	}
	return &portalv1.GetNoticeResponse{Notice: &portalv1.Notice{Id: request.GetId(), Title: title}}, n.refuse
}

func (n *notices) MarkNotices(
	context.Context, *portalv1.MarkNoticesRequest,
) (*portalv1.MarkNoticesResponse, error) {
	return &portalv1.MarkNoticesResponse{UnreadCount: 1}, n.refuse
}

func secret() []byte { return []byte("0123456789abcdef0123456789abcdef") }

// kept waits until the device has an answer: it is kept in the background.
func kept(t *testing.T, count int) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		all, err := vault.List(t.Context(), "notice")
		if err != nil {
			t.Fatal(err)
		}
		if len(all) == count {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d answers are kept, not %d", len(all), count)
		}
		time.Sleep(time.Millisecond)
	}
}

func TestAnswersAreKeptForWhenThereIsNoNetwork(t *testing.T) {
	vault.Clear()
	t.Cleanup(vault.Clear)
	pause := firstPause
	firstPause = time.Millisecond
	t.Cleanup(func() { firstPause = pause })
	office := &notices{}
	mux := http.NewServeMux()
	mux.Handle(portalv1connect.NewNoticeServiceHandler(office))
	server := httptest.NewServer(mux)
	defer server.Close()
	c := newCalls(server.Client(), server.URL)
	ask := func(id string) (*portalv1.GetNoticeResponse, *Age, error) {
		ctx, age := OrKept(t.Context())
		got, err := c.notices.GetNotice(ctx, &portalv1.GetNoticeRequest{Id: id})
		return got, age, err
	}
	// The vault opens while the first answers come.
	if _, age, err := ask("a"); err != nil || !age.Kept.IsZero() {
		t.Fatal(age, err)
	}
	if err := vault.OpenBySession(t.Context(), "hanako", secret(), false); err != nil {
		t.Fatal(err)
	}
	if _, _, err := ask("b"); err != nil {
		t.Fatal(err)
	}
	kept(t, 2)
	// Taken away while an answer is on its way, it is not kept.
	office.meanwhile = func() {
		if err := vault.Wipe(t.Context(), "notice"); err != nil {
			t.Error(err)
		}
	}
	if _, _, err := ask("c"); err != nil {
		t.Fatal(err)
	}
	office.meanwhile = nil
	for _, id := range []string{"a", "b"} {
		if _, _, err := ask(id); err != nil {
			t.Fatal(err)
		}
	}
	kept(t, 2)
	// What the portal refuses is its answer, whatever the device has.
	office.refuse = connect.NewError(connect.CodePermissionDenied, errors.New("no"))
	if _, age, err := ask("a"); CodeOf(err) != CodePermissionDenied || !age.Kept.IsZero() {
		t.Error(age, err)
	}
	server.Close()
	got, age, err := ask("a")
	if err != nil || got.GetNotice().GetId() != "a" || time.Since(age.Kept) > time.Hour || age.Kept.IsZero() {
		t.Errorf("%v, %v, %v", got, age, err)
	}
	for _, id := range []string{"never read", "c"} {
		if _, age, err := ask(id); Reason(err) != portalv1.Reason_REASON_UNREACHABLE || age.Locked {
			t.Error(id, age, err)
		}
	}
	// Who does not say that it will do gets no old answer.
	if _, err := c.notices.GetNotice(t.Context(), &portalv1.GetNoticeRequest{Id: "a"}); err == nil {
		t.Error("an old answer without its age")
	}
	ctx, _ := OrKept(t.Context())
	if _, err := c.notices.MarkNotices(ctx, &portalv1.MarkNoticesRequest{}); err == nil {
		t.Error("something is done by the device")
	}
	vault.Lock()
	if _, age, err := ask("a"); err == nil || !age.Locked {
		t.Errorf("from a locked vault: %v, %v", age, err)
	}
	if err := vault.OpenBySession(t.Context(), "taro", []byte("another secret, of another person"), false); err != nil {
		t.Fatal(err)
	}
	if _, age, err := ask("a"); err == nil || age.Locked {
		t.Errorf("another person's answer: %v, %v", age, err)
	}
}

// Two parts of a page ask for the same; the portal answers the first one last, with what was so before.
func TestAnOlderAnswerDoesNotReplaceALaterOne(t *testing.T) {
	vault.Clear()
	t.Cleanup(vault.Clear)
	office := &notices{title: "before"}
	mux := http.NewServeMux()
	mux.Handle(portalv1connect.NewNoticeServiceHandler(office))
	server := httptest.NewServer(mux)
	defer server.Close()
	c := newCalls(server.Client(), server.URL)
	if err := vault.OpenBySession(t.Context(), "hanako", secret(), false); err != nil {
		t.Fatal(err)
	}
	ask := func() {
		if _, err := c.notices.GetNotice(t.Context(), &portalv1.GetNoticeRequest{Id: "a"}); err != nil {
			t.Error(err)
		}
	}
	remembered := func() string {
		ctx, _ := OrKept(Only(t.Context()))
		got, err := c.notices.GetNotice(ctx, &portalv1.GetNoticeRequest{Id: "a"})
		if err != nil {
			t.Fatal(err)
		}
		return got.GetNotice().GetTitle()
	}
	office.meanwhile = func() {
		office.meanwhile, office.title = nil, "after"
		ask()
		kept(t, 1)
	}
	ask()
	if got := remembered(); got != "after" {
		t.Errorf("kept is what was so %s", got)
	}
	office.title = "later still"
	ask()
	if got := remembered(); got != "later still" {
		t.Errorf("kept is what was so %s", got)
	}
}

// Of two answers that are on their way into the device at once, the one to what was asked for later stays; and so does
// what is known without asking.
func TestAnAnswerDoesNotOvertakeALaterOneIntoTheDevice(t *testing.T) {
	vault.Clear()
	t.Cleanup(vault.Clear)
	ctx := context.Background() // not the test's: it would be of the time of the bubble
	ask, _ := OrKept(Only(ctx))
	request := &portalv1.GetNoticeRequest{Id: "a"}
	known := func(turn int, title string) {
		Know(ctx, vault.Era(), turn, portalv1web.NoticeServiceGetNotice, request,
			&portalv1.GetNoticeResponse{Notice: &portalv1.Notice{Id: "a", Title: title}})
	}
	clearTurns := func() {
		turns.Lock()
		defer turns.Unlock()
		turns.of = nil
	}
	clearTurns()
	synctest.Test(t, func(t *testing.T) {
		first, second, third := Turn(), Turn(), Turn()
		stop := vault.OnChange(func(vault.State) { // until what was late is kept nothing else is
			go known(first, "first")
			synctest.Wait()
			go known(third, "third")
			synctest.Wait()
			go known(second, "second")
			synctest.Wait()
		})
		if err := vault.OpenBySession(ctx, "hanako", secret(), false); err != nil {
			t.Error(err)
		}
		stop()
		synctest.Wait()
		got, err := To(portalv1web.NewNoticeService).GetNotice(ask, request)
		if err != nil || got.GetNotice().GetTitle() != "third" {
			t.Errorf("kept is %v, %v", got, err)
		}
	})
	clearTurns() // what was made there is of that time alone
	era := vault.Era()
	vault.Lock()
	if err := vault.OpenBySession(ctx, "taro", []byte("another secret, of another person"), false); err != nil {
		t.Fatal(err)
	}
	Know(ctx, era, Turn(), portalv1web.NoticeServiceGetNotice, request, &portalv1.GetNoticeResponse{})
	if _, err := To(portalv1web.NewNoticeService).GetNotice(ask, request); err == nil {
		t.Error("another person's vault took it")
	}
}
