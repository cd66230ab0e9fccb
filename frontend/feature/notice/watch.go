package notice

import (
	"context"
	"sync"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/live"
	"madoguchi/frontend/part/session"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

// watcher asks for what is new when something changed, and passes it on.
type watcher struct {
	mu    sync.Mutex
	known known
	heard map[int]func(*portalv1.Notice)
	last  int
}

var news = &watcher{heard: map[int]func(*portalv1.Notice){}}

// begin watches from the start of the page on.
func begin(ctx app.Context) {
	if app.IsServer {
		return
	}
	declare()
	session.OnChange(func(s shell.Session) {
		if s.State != shell.CitizenState { // whoever logs in next may be somebody else
			news.forget()
			seen = list{}
		}
	})
	live.On(func(own context.Context, n live.News) error { return news.look(own, ctx, n) },
		portalv1.ChangeKind_CHANGE_KIND_NOTICE, portalv1.ChangeKind_CHANGE_KIND_ACCOUNT)
}

// look fetches the unread count and the notices that arrived; the newest there are when nobody knows which did.
func (w *watcher) look(ctx context.Context, page app.Context, n live.News) error {
	request := &portalv1.ListNoticesRequest{PageSize: 1}
	if n.Anything {
		request.PageSize = 0
	}
	stands, err := rpc.To(portalv1web.NewNoticeService).ListNotices(ctx, request)
	if err != nil {
		return err
	}
	shell.SetUnread(int(stands.GetUnreadCount()))
	if n.Anything {
		w.tell(page, stands.GetNotices(), (*known).found)
	}
	for _, id := range n.About {
		if id == "" {
			continue
		}
		response, err := rpc.To(portalv1web.NewNoticeService).GetNotice(ctx, &portalv1.GetNoticeRequest{Id: id})
		if rpc.Reason(err) == portalv1.Reason_REASON_NOT_FOUND && err != nil {
			continue // it was for where the person lived before
		}
		if err != nil {
			return err
		}
		w.tell(page, []*portalv1.Notice{response.GetNotice()}, (*known).arrived)
	}
	return nil
}

// tell passes notices on; the pages know those that they have. What has just arrived is announced: of several found at
// once, the newest.
func (w *watcher) tell(
	page app.Context, notices []*portalv1.Notice, take func(*known, []*portalv1.Notice) *portalv1.Notice,
) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if fresh := take(&w.known, notices); fresh != nil {
		page.Dispatch(func(ctx app.Context) { kit.Announce(ctx, textArrived.F(fresh.GetTitle())) })
	}
	for _, n := range notices {
		for _, heard := range w.heard {
			heard(n)
		}
	}
}

// changed passes on a notice of which this page knows something newer than the portal told.
func (w *watcher) changed(n *portalv1.Notice) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, heard := range w.heard {
		heard(n)
	}
}

func (w *watcher) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.known = known{}
}

// listenFor has heard called with each notice that arrives; heard must not block.
func (w *watcher) listenFor(heard func(*portalv1.Notice)) (stop func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last++
	id := w.last
	w.heard[id] = heard
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.heard, id)
	}
}

// known is which notices were there or announced already.
type known struct {
	ids    map[string]bool
	latest int64 // when the last of them was sent
}

// found takes the newest notices that there are, and gives the one to announce: the newest, if it came since some were
// known.
func (k *known) found(notices []*portalv1.Notice) (fresh *portalv1.Notice) {
	if len(notices) > 0 && k.ids != nil && !k.ids[notices[0].GetId()] && notices[0].GetSentAt() >= k.latest {
		fresh = notices[0]
	}
	k.take(notices)
	return fresh
}

// arrived takes a notice of which the portal said that it arrived, and gives it back to be announced, once.
func (k *known) arrived(notices []*portalv1.Notice) (fresh *portalv1.Notice) {
	if len(notices) > 0 && !k.ids[notices[0].GetId()] {
		fresh = notices[0]
	}
	k.take(notices)
	return fresh
}

func (k *known) take(notices []*portalv1.Notice) {
	if k.ids == nil {
		k.ids = map[string]bool{}
	}
	for _, n := range notices {
		k.ids[n.GetId()] = true
		k.latest = max(k.latest, n.GetSentAt())
	}
}
