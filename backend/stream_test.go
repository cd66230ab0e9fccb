package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/live"
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

// watch opens a stream as the page does and passes on what comes; the channel is closed at the end, whose error is then
// in *failure.
func (w *world) watch(
	t *testing.T, cookie *http.Cookie,
) (messages <-chan *portalv1.WatchNoticesResponse, failure *error) {
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

// broadcast takes a notice to the nation in, as an instance on d does.
func broadcast(t *testing.T, d *db.DB, title string) {
	t.Helper()
	id := "b" + strings.Repeat("a", 26)
	err := d.Tx(t.Context(), func(q *db.Queries) error {
		_, err := q.BroadcastCreate(t.Context(), db.BroadcastCreateParams{
			ID: id, OfficeID: "nenkin", Reference: title, Title: title, SentAt: time.Now().UnixMilli(),
		})
		if err != nil {
			return err
		}
		return live.TellPlace(t.Context(), q, "", portalv1.ChangeKind_CHANGE_KIND_NOTICE, id)
	})
	if err != nil {
		t.Fatal(err)
	}
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
		Reference: "1", Title: "予防接種", Body: "本文", Audience: &officev1.SendNoticeRequest_Person{
			Person: list.GetPersons()[0].GetIdentifier(),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if m := next(t, messages); m.GetUnreadCount() != 1 || m.GetArrived().GetId() != sent.GetNoticeId() ||
		m.GetArrived().GetOffice() != "目黒区" {
		t.Errorf("at the arrival: %v", m)
	}

	// What another instance took in.
	ctx := context.Background()
	another, err := db.Open(ctx, w.config.database)
	if err != nil {
		t.Fatal(err)
	}
	defer another.Close()
	broadcast(t, another, "全国")
	if m := next(t, messages); m.GetUnreadCount() != 2 || m.GetArrived().GetTitle() != "全国" ||
		!m.GetArrived().GetBroadcast() {
		t.Errorf("from another instance: %v", m)
	}

	// Reading elsewhere changes the count here.
	reader := portalv1connect.NewNoticeServiceClient(withCookie{w.begin("F1", "")}, w.front)
	if _, err := reader.MarkNotices(ctx, &portalv1.MarkNoticesRequest{
		Ids: []string{sent.GetNoticeId()}, Read: true,
	}); err != nil {
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
	if n, err := w.sessions.EndCard(t.Context(), shown, nil); err != nil || n != 1 {
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
	for range 3 { // of either kind
		messages, _ := w.watch(t, cookie)
		next(t, messages)
		page := w.page(t, cookie, 0)
		page.hears(t, "everything")
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
				ID: "baaaaaaaaaaaaaaaaaaaaaaaaa" + string(rune('a'+n)), OfficeID: "nenkin",
				Reference: title, Title: title,
				Body: "本文", SentAt: time.Now().Add(time.Duration(n) * time.Millisecond).UnixMilli(),
			})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if m := once(); int(m.GetUnreadCount()) != n+1 || m.GetNewest().GetTitle() != title ||
			m.GetNewest().GetBody() != "" || m.GetArrived() != nil {
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

// page is an open page's one stream.
type page struct {
	messages chan *portalv1.WatchResponse
	failure  error // when messages is closed
	position int64 // as heard last
	leave    func()
}

func (w *world) page(t *testing.T, cookie *http.Cookie, since int64) *page {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	client := portalv1connect.NewLiveServiceClient(withCookie{cookie}, w.front, connect.WithGRPCWeb())
	stream, err := client.Watch(ctx, &portalv1.WatchRequest{Since: since})
	if err != nil {
		t.Fatal(err)
	}
	p := &page{messages: make(chan *portalv1.WatchResponse, 100), leave: cancel}
	go func() {
		for stream.Receive() {
			p.messages <- stream.Msg()
		}
		p.failure = stream.Err()
		close(p.messages)
	}()
	return p
}

func (p *page) next(t *testing.T) string {
	t.Helper()
	select {
	case m, open := <-p.messages:
		if !open {
			t.Fatalf("the stream ended: %v", p.failure)
		}
		p.position = m.GetPosition()
		return told(m)
	case <-time.After(time.Minute):
		t.Fatal("nothing comes")
	}
	return ""
}

func (p *page) hears(t *testing.T, want string) {
	t.Helper()
	if got := p.next(t); got != want {
		t.Errorf("the page hears %q, want %q", got, want)
	}
}

// told says what a message tells: "NOTICE n1, TODO".
func told(m *portalv1.WatchResponse) string {
	var all []string
	if m.GetEverything() {
		all = append(all, "everything")
	}
	for _, c := range m.GetChanges() {
		all = append(all, strings.TrimSpace(strings.TrimPrefix(c.GetKind().String(), "CHANGE_KIND_")+" "+c.GetAbout()))
	}
	return strings.Join(all, ", ")
}

// Whatever changes somebody's things, their open pages hear of it, with nothing of what it is, and nobody else's do.
func TestAnOpenPageHearsWhatChanges(t *testing.T) {
	w := startWorld(t)
	w.folder("F1")
	w.folder("F2")
	cookie := w.begin("F1", "")
	mine, theirs := w.page(t, cookie, 0), w.page(t, w.begin("F2", ""), 0)
	mine.hears(t, "everything")
	theirs.hears(t, "everything")
	ctx := context.Background()
	other := withCookie{w.begin("F1", "")}

	guide := portalv1connect.NewGuideServiceClient(other, w.front)
	added, err := guide.AddTasks(ctx, &portalv1.AddTasksRequest{Tasks: []*portalv1.Task{{Title: "印鑑登録"}}})
	if err != nil {
		t.Fatal(err)
	}
	mine.hears(t, "TODO")
	task := added.GetTasks()[0].GetId()
	if _, err := guide.UpdateTask(ctx, &portalv1.UpdateTaskRequest{
		Id: task, Change: &portalv1.TaskChange{Done: new(true)},
	}); err != nil {
		t.Fatal(err)
	}
	mine.hears(t, "TODO "+task)
	if _, err := guide.RemoveTask(ctx, &portalv1.RemoveTaskRequest{Id: task}); err != nil {
		t.Fatal(err)
	}
	mine.hears(t, "TODO "+task)

	sender := officev1connect.NewNoticeServiceClient(w.office("nenkin"), w.back, connect.WithGRPC())
	send := func(reference string, request *officev1.SendNoticeRequest) string {
		t.Helper()
		request.Reference, request.Title, request.Body, request.Action = reference, "題", "本文", "出す"
		sent, err := sender.SendNotice(ctx, request)
		if err != nil {
			t.Fatal(err)
		}
		return sent.GetNoticeId()
	}
	id := send("1", &officev1.SendNoticeRequest{Audience: &officev1.SendNoticeRequest_Person{Person: "nenkin-F1"}})
	mine.hears(t, "NOTICE "+id)
	notices := portalv1connect.NewNoticeServiceClient(other, w.front)
	if _, err := notices.MarkNotices(ctx, &portalv1.MarkNoticesRequest{Ids: []string{id}, Read: true}); err != nil {
		t.Fatal(err)
	}
	mine.hears(t, "NOTICE")
	if _, err := notices.UpdateAction(ctx, &portalv1.UpdateActionRequest{Id: id, Done: new(true)}); err != nil {
		t.Fatal(err)
	}
	mine.hears(t, "TODO "+id)

	// Who goes away hears on coming back what was missed; who moves hears the new place.
	mine.leave()
	for range mine.messages {
	}
	if _, err := guide.AddTasks(ctx, &portalv1.AddTasksRequest{Tasks: []*portalv1.Task{{Title: "転入届"}}}); err != nil {
		t.Fatal(err)
	}
	back := w.page(t, cookie, mine.position)
	if got := back.next(t); !strings.HasSuffix(got, "TODO") || strings.Contains(got, "everything") {
		t.Errorf("who comes back hears %q", got)
	}
	moved := &portalv1.UpdateAccountRequest{DisplayName: "F1", MunicipalityCode: "011011"}
	if _, err := portalv1connect.NewAccountServiceClient(other, w.front).UpdateAccount(ctx, moved); err != nil {
		t.Fatal(err)
	}
	// what was missed may come again
	for got := ""; got != "ACCOUNT"; got = strings.TrimPrefix(back.next(t), "TODO, ") {
		if got != "" && got != "TODO" {
			t.Fatalf("who moves hears %q", got)
		}
	}
	old := send("2", &officev1.SendNoticeRequest{
		Audience: &officev1.SendNoticeRequest_MunicipalityCode{MunicipalityCode: "131105"},
	})
	city := send("3", &officev1.SendNoticeRequest{
		Audience: &officev1.SendNoticeRequest_MunicipalityCode{MunicipalityCode: "011002"},
	})
	back.hears(t, "NOTICE "+city)
	theirs.hears(t, "NOTICE "+old) // and of all that was before, nothing

	// For once, without a stream.
	once, err := portalv1connect.NewLiveServiceClient(other, w.front).Watch(ctx, &portalv1.WatchRequest{
		Since: back.position, Once: true,
	})
	if err != nil || !once.Receive() {
		t.Fatal(err, once.Err())
	}
	if got := told(once.Msg()); strings.Contains(got, "everything") || strings.Contains(got, old) {
		t.Errorf("who asks hears %q", got)
	}
	if once.Receive() || once.Err() != nil {
		t.Errorf("more comes: %v, %v", once.Msg(), once.Err())
	}

	// With the session it is over; another's goes on.
	if _, err := w.sessions.EndFolder(ctx, "F1"); err != nil {
		t.Fatal(err)
	}
	for range back.messages {
	}
	if connect.CodeOf(back.failure) != connect.CodeUnauthenticated {
		t.Errorf("the stream ended with %v", back.failure)
	}
	id = send("4", &officev1.SendNoticeRequest{Audience: &officev1.SendNoticeRequest_Person{Person: "nenkin-F2"}})
	theirs.hears(t, "NOTICE "+id)
}
