package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/store/db"
	officev1 "madoguchi/proto/gen/office/v1"
	"madoguchi/proto/gen/office/v1/officev1connect"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

type withCookie struct{ cookie *http.Cookie }

func (c withCookie) Do(r *http.Request) (*http.Response, error) {
	r.AddCookie(c.cookie)
	return http.DefaultClient.Do(r)
}

// watch opens a stream as the page does and passes on what comes; the channel is closed at the end, whose error is then in *failure.
func (w *world) watch(t *testing.T, cookie *http.Cookie) (messages <-chan *portalv1.WatchNoticesResponse, failure *error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	client := portalv1connect.NewNoticeServiceClient(withCookie{cookie}, w.front, connect.WithGRPCWeb())
	headless := time.AfterFunc(20*time.Second, cancel)
	defer headless.Stop()
	stream, err := client.WatchNotices(ctx, &portalv1.WatchNoticesRequest{})
	if err != nil {
		t.Fatal(err)
	}
	out := make(chan *portalv1.WatchNoticesResponse, 100)
	failure = new(error)
	go func() {
		for stream.Receive() {
			out <- stream.Msg()
		}
		*failure = stream.Err()
		close(out)
	}()
	return out, failure
}

func next(t *testing.T, messages <-chan *portalv1.WatchNoticesResponse) *portalv1.WatchNoticesResponse {
	t.Helper()
	select {
	case m, ok := <-messages:
		if !ok {
			t.Fatal("the stream ended")
		}
		return m
	case <-time.After(10 * time.Second):
		t.Fatal("nothing comes")
	}
	return nil
}

func TestNoticeGoesFromTheGatewayToTheOpenPage(t *testing.T) {
	w := startWorld(t)
	w.folder("F1")
	messages, failure := w.watch(t, w.begin("F1", ""))
	if m := next(t, messages); m.GetUnreadCount() != 0 || m.GetArrived() != nil {
		t.Errorf("at the beginning: %v", m)
	}
	persons := officev1connect.NewPersonServiceClient(w.office("131105"), w.back, connect.WithGRPC())
	list, err := persons.ListPersons(context.Background(), &officev1.ListPersonsRequest{})
	if err != nil || len(list.GetPersons()) != 1 || string(list.GetPersons()[0].GetIntroduction()) != "sealed" {
		t.Fatalf("%v, %v", list, err)
	}
	sender := officev1connect.NewNoticeServiceClient(w.office("131105"), w.back, connect.WithGRPC())
	sent, err := sender.SendNotice(context.Background(), &officev1.SendNoticeRequest{
		Reference: "1", Title: "予防接種", Body: "本文", Audience: &officev1.SendNoticeRequest_Person{Person: list.GetPersons()[0].GetIdentifier()},
	})
	if err != nil {
		t.Fatal(err)
	}
	if m := next(t, messages); m.GetUnreadCount() != 1 || m.GetArrived().GetId() != sent.GetNoticeId() || m.GetArrived().GetOffice() != "目黒区" {
		t.Errorf("at the arrival: %v", m)
	}

	// What another instance took in is a row that nobody told this one of.
	ctx := context.Background()
	err = w.db.Tx(ctx, func(q *db.Queries) error {
		_, err := q.BroadcastCreate(ctx, db.BroadcastCreateParams{ID: "baaaaaaaaaaaaaaaaaaaaaaaaaa", OfficeID: "nenkin", Reference: "x", Title: "全国", SentAt: time.Now().UnixMilli()})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if m := next(t, messages); m.GetUnreadCount() != 2 || m.GetArrived().GetTitle() != "全国" || !m.GetArrived().GetBroadcast() {
		t.Errorf("from another instance: %v", m)
	}

	// Reading elsewhere changes the count here.
	reader := portalv1connect.NewNoticeServiceClient(withCookie{w.begin("F1", "")}, w.front)
	if _, err := reader.MarkNotices(ctx, &portalv1.MarkNoticesRequest{Ids: []string{sent.GetNoticeId()}, Read: true}); err != nil {
		t.Fatal(err)
	}
	if m := next(t, messages); m.GetUnreadCount() != 1 || m.GetArrived() != nil {
		t.Errorf("after reading: %v", m)
	}

	if _, err := w.sessions.EndFolder(ctx, "F1"); err != nil {
		t.Fatal(err)
	}
	deadline := time.After(10 * time.Second)
	for {
		select {
		case _, open := <-messages:
			if open {
				continue
			}
			if connect.CodeOf(*failure) != connect.CodeUnauthenticated {
				t.Errorf("the stream ended with %v", *failure)
			}
			return
		case <-deadline:
			t.Fatal("who is logged out still listens")
		}
	}
}

func TestAStoppedCardEndsItsStreams(t *testing.T) {
	w := startWorld(t)
	w.folder("F1")
	messages, failure := w.watch(t, w.begin("F1", ""))
	next(t, messages)
	if n, err := w.sessions.EndCard(t.Context(), shown); err != nil || n != 1 {
		t.Fatalf("%d sessions, %v", n, err)
	}
	select {
	case m, open := <-messages:
		if open || connect.CodeOf(*failure) != connect.CodeUnauthenticated {
			t.Errorf("%v came, or the stream ended with %v", m, *failure)
		}
	case <-time.After(10 * time.Second):
		t.Error("who is logged out still listens")
	}
}

func TestStreamsOfASessionAreFew(t *testing.T) {
	w := startWorld(t)
	w.folder("F1")
	cookie := w.begin("F1", "")
	for range 6 {
		messages, _ := w.watch(t, cookie)
		next(t, messages)
	}
	messages, failure := w.watch(t, cookie)
	select {
	case m, open := <-messages:
		if open {
			t.Fatalf("a seventh stream gets %v", m)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("a seventh stream is let in")
	}
	var refused *connect.Error
	if !errors.As(*failure, &refused) || refused.Code() != connect.CodeResourceExhausted {
		t.Errorf("refused with %v", *failure)
	}
}

func TestAClosedFolderHasNoStreams(t *testing.T) {
	w := startWorld(t)
	w.folder("F1")
	cookie := w.begin("F1", "account.close")
	opened := make(chan context.Context, 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, portalv1connect.NoticeServiceWatchNoticesProcedure, nil)
	r.AddCookie(cookie)
	go w.sessions.Door(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		opened <- r.Context()
		<-r.Context().Done()
	})).ServeHTTP(httptest.NewRecorder(), r)
	open := <-opened
	client := portalv1connect.NewAccountServiceClient(withCookie{cookie}, w.front)
	if _, err := client.CloseAccount(t.Context(), &portalv1.CloseAccountRequest{}); err != nil {
		t.Fatal(err)
	}
	if cause := context.Cause(open); cause == nil || errors.Is(cause, context.Canceled) {
		t.Errorf("when the folder is closed, a stream goes on, or ended with %v", cause)
	}
}

func TestAPageToWhichNoStreamComesAsksOnce(t *testing.T) {
	w := startWorld(t)
	w.folder("F1")
	cookie := w.begin("F1", "")
	client := portalv1connect.NewNoticeServiceClient(withCookie{cookie}, w.front, connect.WithGRPCWeb())
	once := func() *portalv1.WatchNoticesResponse {
		t.Helper()
		stream, err := client.WatchNotices(t.Context(), &portalv1.WatchNoticesRequest{Once: true})
		if err != nil {
			t.Fatal(err)
		}
		defer stream.Close()
		if !stream.Receive() {
			t.Fatal(stream.Err())
		}
		answer := stream.Msg()
		if stream.Receive() || stream.Err() != nil {
			t.Fatalf("more comes: %v, %v", stream.Msg(), stream.Err())
		}
		return answer
	}
	if m := once(); m.GetUnreadCount() != 0 || m.GetNewest() != nil {
		t.Errorf("at the beginning: %v", m)
	}
	for n, title := range []string{"一つ目", "二つ目"} {
		err := w.db.Tx(t.Context(), func(q *db.Queries) error {
			_, err := q.BroadcastCreate(t.Context(), db.BroadcastCreateParams{
				ID: "baaaaaaaaaaaaaaaaaaaaaaaaa" + string(rune('a'+n)), OfficeID: "nenkin", Reference: title, Title: title,
				Body: "本文", SentAt: time.Now().Add(time.Duration(n) * time.Millisecond).UnixMilli(),
			})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if m := once(); int(m.GetUnreadCount()) != n+1 || m.GetNewest().GetTitle() != title || m.GetNewest().GetBody() != "" || m.GetArrived() != nil {
			t.Errorf("after %s: %v", title, m)
		}
	}
	if _, err := w.sessions.EndFolder(t.Context(), "F1"); err != nil {
		t.Fatal(err)
	}
	stream, err := client.WatchNotices(t.Context(), &portalv1.WatchNoticesRequest{Once: true})
	if err == nil {
		stream.Receive()
		err = stream.Err()
	}
	if connect.CodeOf(err) != connect.CodeUnauthenticated {
		t.Errorf("after the end of the session: %v", err)
	}
}
