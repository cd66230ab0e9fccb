package access_test

import (
	"context"
	"crypto/rand"
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access"
	"madoguchi/backend/store/card"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/folder/foldertest"
	"madoguchi/backend/store/once"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

// lists is a feature that does something each time that it is called: it adds to a list and tells how long that is now.
type lists struct {
	portalv1connect.UnimplementedGuideServiceHandler
	portalv1connect.UnimplementedNoticeServiceHandler
	db      *db.DB
	calls   atomic.Int32
	entered func(ctx context.Context) // before the transaction
	failed  error                     // after it
}

func (l *lists) AddTasks(ctx context.Context, request *portalv1.AddTasksRequest) (*portalv1.AddTasksResponse, error) {
	l.calls.Add(1)
	if l.entered != nil {
		l.entered(ctx)
	}
	var count int64
	err := l.db.Tx(ctx, func(q *db.Queries) (err error) {
		id, folder := rand.Text(), access.Subject(ctx)
		if _, err = q.TaskAdd(ctx, db.TaskAddParams{
			FolderID: folder, ID: id, Title: request.GetTasks()[0].GetTitle(), Same: id,
		}); err != nil {
			return err
		}
		count, err = q.TaskCount(ctx, folder)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &portalv1.AddTasksResponse{Added: int32(count), Tasks: request.GetTasks()}, l.failed
}

type onceWorld struct {
	*lists
	t       *testing.T
	address string
}

func newOnceWorld(t *testing.T, d *db.DB) *onceWorld {
	t.Helper()
	foldertest.Open(t, d, "hanako", "taro")
	rules, err := access.Check(portalv1connect.GuideServiceName, portalv1connect.NoticeServiceName)
	if err != nil {
		t.Fatal(err)
	}
	w := &onceWorld{lists: &lists{db: d}, t: t}
	mux := http.NewServeMux()
	interceptor := connect.WithInterceptors(access.NewInterceptor(rules, d, time.Now))
	mux.Handle(portalv1connect.NewGuideServiceHandler(w.lists, interceptor))
	mux.Handle(portalv1connect.NewNoticeServiceHandler(w.lists, interceptor))
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		folder, session, _ := strings.Cut(r.Header.Get("Test-As"), " ")
		var caller access.Caller
		if folder != "" {
			caller = access.Caller{
				Kind: access.Citizen, FolderID: folder, SessionHash: session,
				Card: card.ID{Issuer: "ca", Serial: folder},
			}
		}
		mux.ServeHTTP(rw, r.WithContext(access.WithCaller(r.Context(), caller)))
	}))
	t.Cleanup(server.Close)
	w.address = server.URL
	return w
}

// add calls as a person in a session, "hanako 1", over gRPC-Web as pages do, and gives the length of the list that is
// answered.
func (w *onceWorld) add(ctx context.Context, as, key, title string) (int32, error) {
	client := portalv1connect.NewGuideServiceClient(http.DefaultClient, w.address, connect.WithGRPCWeb())
	ctx, info := connect.NewClientContext(ctx)
	info.RequestHeader().Set("Test-As", as)
	if key != "" {
		info.RequestHeader().Set(access.KeyHeader, key)
	}
	response, err := client.AddTasks(ctx, &portalv1.AddTasksRequest{Tasks: []*portalv1.Task{{Title: title}}})
	if err == nil && (len(response.GetTasks()) != 1 || response.GetTasks()[0].GetTitle() != title) {
		w.t.Errorf("answered %v", response)
	}
	return response.GetAdded(), err
}

func (w *onceWorld) want(what string, n int32, as, key, title string) {
	w.t.Helper()
	if got, err := w.add(w.t.Context(), as, key, title); err != nil || got != n {
		w.t.Errorf("%s: %d, %v; want %d", what, got, err, n)
	}
}

func (w *onceWorld) refused(what string, reason portalv1.Reason, as, key, title string) {
	w.t.Helper()
	_, err := w.add(w.t.Context(), as, key, title)
	if got := reasonIn(err); got != reason {
		w.t.Errorf("%s: %v of %v; want %v", what, got, err, reason)
	}
}

func reasonIn(err error) portalv1.Reason {
	var failed *connect.Error
	if !errors.As(err, &failed) || len(failed.Details()) != 1 {
		return portalv1.Reason_REASON_UNSPECIFIED
	}
	value, _ := failed.Details()[0].Value()
	info, _ := value.(*portalv1.ErrorInfo)
	return info.GetReason()
}

func (w *onceWorld) length(folder string) int64 {
	w.t.Helper()
	n, err := w.db.Read().TaskCount(w.t.Context(), folder)
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func (w *onceWorld) lines(folder string) int {
	w.t.Helper()
	rows, err := w.db.Read().ActLines(w.t.Context(), db.ActLinesParams{
		FolderID: folder, Before: math.MaxInt64, Size: 100,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return len(rows)
}

const (
	keyA = "key-of-the-first-act"
	keyB = "key-of-the-second-act"
)

func eachOnce(t *testing.T, test func(w *onceWorld)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) { test(newOnceWorld(t, d)) })
}

func TestUnderOneKeyItIsDoneOnce(t *testing.T) {
	eachOnce(t, func(w *onceWorld) {
		w.want("the first", 1, "hanako 1", keyA, "転入届")
		w.want("again", 1, "hanako 1", keyA, "転入届")
		w.want("again in another tab", 1, "hanako 2", keyA, "転入届")
		w.want("the same in another tab, which is another act", 2, "hanako 2", keyB, "転入届")
		w.refused("something else under the key", portalv1.Reason_REASON_KEY_REUSED, "hanako 1", keyA, "転出届")
		w.want("somebody else's key", 1, "taro 3", keyA, "転入届")
		w.want("without a key", 3, "hanako 1", "", "転入届")
		w.want("without a key again", 4, "hanako 1", "", "転入届")
		for _, key := range []string{"short", strings.Repeat("x", 129), "sixteen letters, with blanks"} {
			w.refused("a key that is none", portalv1.Reason_REASON_INVALID_FIELD, "hanako 1", key, "転入届")
		}
		if w.length("hanako") != 4 || w.length("taro") != 1 || w.calls.Load() != 5 || w.lines("hanako") != 4 {
			w.t.Errorf("%d and %d done by %d calls, %d lines", w.length("hanako"), w.length("taro"), w.calls.Load(),
				w.lines("hanako"))
		}
	})
}

// A page shows the data of who was logged in when it asked. It neither acts for who is logged in now, nor is it told of
// them, be it by a read or a stream; and they find no line of it. A page from before says nothing and goes on.
func TestAPageOfAnotherPersonsIsAnsweredNothing(t *testing.T) {
	eachOnce(t, func(w *onceWorld) {
		client := portalv1connect.NewGuideServiceClient(http.DefaultClient, w.address, connect.WithGRPCWeb())
		live := portalv1connect.NewNoticeServiceClient(http.DefaultClient, w.address, connect.WithGRPCWeb())
		as := func(caller, shown string) context.Context {
			ctx, info := connect.NewClientContext(w.t.Context())
			info.RequestHeader().Set("Test-As", caller)
			if shown != "" {
				info.RequestHeader().Set(access.OwnerHeader, card.ID{Issuer: "ca", Serial: shown}.Owner())
			}
			return ctx
		}
		personal := map[string]func(ctx context.Context) error{
			"a write": func(ctx context.Context) error {
				_, err := client.AddTasks(ctx, &portalv1.AddTasksRequest{Tasks: []*portalv1.Task{{Title: "転入届"}}})
				return err
			},
			"a read": func(ctx context.Context) error {
				_, err := client.ListTasks(ctx, &portalv1.ListTasksRequest{})
				return err
			},
			"a stream": func(ctx context.Context) error {
				stream, err := live.WatchNotices(ctx, &portalv1.WatchNoticesRequest{})
				if err != nil {
					return err
				}
				for stream.Receive() {
				}
				return errors.Join(stream.Err(), stream.Close())
			},
		}
		const other = portalv1.Reason_REASON_OTHER_PERSON
		for name, call := range personal {
			calls, lines := w.calls.Load(), w.lines("taro")
			if got := reasonIn(call(as("taro 1", "hanako"))); got != other {
				w.t.Errorf("%s for another: %v", name, got)
			}
			if w.calls.Load() != calls || w.lines("taro") != lines {
				w.t.Errorf("%s for another was done, or left a line", name)
			}
			for _, shown := range []string{"", "taro"} {
				if got := reasonIn(call(as("taro 1", shown))); got == other {
					w.t.Errorf("%s of a page that shows %q is refused", name, shown)
				}
			}
			// Who is logged in no more is told so, and nothing of others.
			if got := reasonIn(call(as("", "hanako"))); got != portalv1.Reason_REASON_NOT_LOGGED_IN {
				w.t.Errorf("%s after the session: %v", name, got)
			}
		}
		for _, caller := range []string{"taro 1", ""} {
			_, err := client.ListLifeEvents(as(caller, "hanako"), &portalv1.ListLifeEventsRequest{})
			if got := reasonIn(err); got == other {
				w.t.Errorf("what is public is refused to a page of another's: %v", err)
			}
		}
	})
}

// What has waited for a network is not done in the session of another person who has logged in since, in another tab.
func TestWhatIsAnothersIsNotDone(t *testing.T) {
	eachOnce(t, func(w *onceWorld) {
		send := func(owner string) error {
			client := portalv1connect.NewGuideServiceClient(http.DefaultClient, w.address, connect.WithGRPCWeb())
			ctx, info := connect.NewClientContext(w.t.Context())
			info.RequestHeader().Set("Test-As", "taro 1")
			info.RequestHeader().Set(access.KeyHeader, keyA)
			info.RequestHeader().Set(access.OwnerHeader, owner)
			_, err := client.AddTasks(ctx, &portalv1.AddTasksRequest{Tasks: []*portalv1.Task{{Title: "転入届"}}})
			return err
		}
		got := reasonIn(send(card.ID{Issuer: "ca", Serial: "hanako"}.Owner()))
		if got != portalv1.Reason_REASON_OTHER_PERSON {
			w.t.Error(got)
		}
		if n := w.length("taro") + w.length("hanako"); n != 0 || w.calls.Load() != 0 {
			w.t.Errorf("%d done", n)
		}
		if err := send(card.ID{Issuer: "ca", Serial: "taro"}.Owner()); err != nil || w.length("taro") != 1 {
			w.t.Error(err)
		}
	})
}

// The connection is lost while the portal is at work: it goes on, and who asks again has the answer.
func TestALostAnswerIsGivenAgain(t *testing.T) {
	eachOnce(t, func(w *onceWorld) {
		atWork, goOn := make(chan bool), make(chan bool)
		w.entered = func(context.Context) { atWork <- true; <-goOn }
		ctx, lose := context.WithCancel(w.t.Context())
		lost := make(chan error)
		go func() {
			_, err := w.add(ctx, "hanako 1", keyA, "転入届")
			lost <- err
		}()
		<-atWork
		lose()
		if err := <-lost; err == nil {
			w.t.Error("there was an answer")
		}
		w.entered = nil
		close(goOn)
		w.want("again", 1, "hanako 1", keyA, "転入届")
		w.want("once more", 1, "hanako 1", keyA, "転入届")
		if n, lines := w.length("hanako"), w.lines("hanako"); n != 1 || lines != 1 {
			w.t.Errorf("done %d times, %d lines", n, lines)
		}
	})
}

// Both have been let in before either has done anything.
func TestADoubleClickIsOneAct(t *testing.T) {
	eachOnce(t, func(w *onceWorld) {
		const clicks = 4
		var inside sync.WaitGroup
		inside.Add(clicks)
		var entered atomic.Int32
		w.entered = func(context.Context) {
			if entered.Add(1) <= clicks {
				inside.Done()
				inside.Wait()
			}
		}
		var all sync.WaitGroup
		for range clicks {
			all.Go(func() { w.want("a click", 1, "hanako 1", keyA, "転入届") })
		}
		all.Wait()
		if n, lines := w.length("hanako"), w.lines("hanako"); n != 1 || lines != 1 {
			w.t.Errorf("done %d times, %d lines", n, lines)
		}
	})
}

// Who is told that it failed may send it again, under the same key.
func TestWhatFailedIsNotDone(t *testing.T) {
	eachOnce(t, func(w *onceWorld) {
		w.failed = errors.New("after what was done")
		w.refused("the first", portalv1.Reason_REASON_INTERNAL, "hanako 1", keyA, "転入届")
		w.failed = nil
		w.want("again", 2, "hanako 1", keyA, "転入届") // the feature has done half of it, and knows
		w.entered = func(context.Context) { panic("before it") }
		w.refused("a panic", portalv1.Reason_REASON_INTERNAL, "hanako 1", keyB, "転入届")
		w.entered = nil
		w.want("again", 3, "hanako 1", keyB, "転入届")
	})
}

func TestAnswersAreForgotten(t *testing.T) {
	eachOnce(t, func(w *onceWorld) {
		ctx := w.t.Context()
		tx := func(fn func(q *db.Queries) error) {
			w.t.Helper()
			if err := w.db.Erase(ctx, fn); err != nil {
				w.t.Fatal(err)
			}
		}
		w.want("the first", 1, "hanako 1", keyA, "転入届")
		w.want("the other's", 1, "taro 2", keyA, "転入届")
		tx(func(q *db.Queries) error { return once.Forget(ctx, q, "hanako") })
		w.refused("after what it told was erased", portalv1.Reason_REASON_ALREADY_DONE, "hanako 1", keyA, "転入届")
		w.want("the other's again", 1, "taro 2", keyA, "転入届")

		if err := once.Sweep(ctx, w.db, time.Now().Add(once.Life-time.Minute)); err != nil {
			w.t.Fatal(err)
		}
		w.want("before its time", 1, "taro 2", keyA, "転入届")
		if err := once.Sweep(ctx, w.db, time.Now().Add(once.Life+time.Minute)); err != nil {
			w.t.Fatal(err)
		}
		w.want("after its time it is a new act", 2, "taro 2", keyA, "転入届")

		tx(func(q *db.Queries) error { _, err := q.FolderDelete(ctx, "taro"); return err })
		_, err := w.db.Read().OnceFind(ctx, db.OnceFindParams{
			FolderID: "taro", ActorID: "taro", Procedure: portalv1connect.GuideServiceAddTasksProcedure, Key: keyA,
		})
		if !errors.Is(err, db.ErrNotFound) {
			w.t.Errorf("a closed folder's: %v", err)
		}
		w.want("a long one", 2, "hanako 1", keyB, strings.Repeat("長", 6000))
		w.refused("a long one again", portalv1.Reason_REASON_ALREADY_DONE, "hanako 1", keyB, strings.Repeat("長", 6000))
	})
}

func (l *lists) GetNotice(context.Context, *portalv1.GetNoticeRequest) (*portalv1.GetNoticeResponse, error) {
	return &portalv1.GetNoticeResponse{Notice: &portalv1.Notice{}}, nil
}

// What a person reads of their own stands in the history, and a store that cannot write keeps nobody from reading.
func TestReadingIsNoted(t *testing.T) {
	eachOnce(t, func(w *onceWorld) {
		client := portalv1connect.NewNoticeServiceClient(http.DefaultClient, w.address)
		read := func() error {
			ctx, info := connect.NewClientContext(w.t.Context())
			info.RequestHeader().Set("Test-As", "hanako 1")
			_, err := client.GetNotice(ctx, &portalv1.GetNoticeRequest{Id: "n"})
			return err
		}
		if err := read(); err != nil || w.lines("hanako") != 1 {
			w.t.Errorf("%d lines, %v", w.lines("hanako"), err)
		}
		mend := dbtest.Break(w.t, w.db)
		if err := read(); err != nil {
			w.t.Errorf("while the store cannot write: %v", err)
		}
		w.refused("a write then", portalv1.Reason_REASON_STORE_UNAVAILABLE, "hanako 1", keyA, "転入届")
		mend()
		w.want("the same write after it", 1, "hanako 1", keyA, "転入届")
		if n := w.lines("hanako"); n != 2 {
			w.t.Errorf("%d lines", n)
		}
	})
}
