package myinfo

import (
	"context"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/live"
	"madoguchi/frontend/part/session"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// standing is what is known of the person's requests as a whole; it ends with the session.
var standing struct {
	sync.Mutex
	asked           bool
	unseen, waiting int
	heard           map[int]func(about []string)
	last            int
}

// begin watches from the start of the page on. The first look also has the device forget what was erased, whichever
// page is open.
func begin(app.Context) {
	if app.IsServer {
		return
	}
	session.OnChange(func(s shell.Session) {
		if s.State != shell.CitizenState { // whoever logs in next may be somebody else
			stand(false, 0, 0)
			keepsNothing.Store(false)
		}
	})
	vault.OnChange(func(s vault.State) {
		if s.IsOpen() && shell.CurrentSession().State == shell.CitizenState {
			go func() { _ = look(rpc.ByItself(context.Background()), nil) }()
		}
	})
	live.On(func(ctx context.Context, n live.News) error { return look(ctx, n.About) },
		portalv1.ChangeKind_CHANGE_KIND_MYINFO)
}

func stand(asked bool, unseen, waiting int) {
	standing.Lock()
	defer standing.Unlock()
	standing.asked, standing.unseen, standing.waiting = asked, unseen, waiting
}

// look asks how things stand, and has the pages that listen look at what changed.
func look(ctx context.Context, about []string) error {
	response, err := listed(ctx, &portalv1.ListInfoRequestsRequest{PageSize: 1})
	if err != nil {
		standing.Lock()
		standing.asked = true // its pages say why
		standing.Unlock()
		return err
	}
	stand(true, int(response.GetUnseenCount()), int(response.GetWaitingCount()))
	standing.Lock()
	defer standing.Unlock()
	for _, heard := range standing.heard {
		heard(about)
	}
	return nil
}

// listen has heard called with the ids of requests that changed; without any it may be all. heard must not block.
func listen(heard func(about []string)) (stop func()) {
	standing.Lock()
	defer standing.Unlock()
	if standing.heard == nil {
		standing.heard = map[int]func([]string){}
	}
	standing.last++
	id := standing.last
	standing.heard[id] = heard
	return func() {
		standing.Lock()
		defer standing.Unlock()
		delete(standing.heard, id)
	}
}

// dues tell on the home page that answers have come, and nothing of what they are about.
func dues() (rows []shell.Due, more int, isKnown bool) {
	standing.Lock()
	defer standing.Unlock()
	if standing.unseen > 0 {
		rows = []shell.Due{{
			ID: "myinfo", Title: textArrivedCount.F(standing.unseen), Words: textTitle, Do: textSee,
			Href: answersPath,
		}}
	}
	return rows, 0, standing.asked || shell.CurrentSession().State != shell.CitizenState
}

func follow(ctx app.Context, heard func(app.Context, error)) (stop func()) {
	stop = listen(func([]string) { ctx.Dispatch(func(app.Context) {}) })
	standing.Lock()
	asked := standing.asked
	standing.Unlock()
	if !asked {
		again(ctx, heard)
	}
	return stop
}

func again(ctx app.Context, heard func(app.Context, error)) {
	ctx.Async(func() {
		err := look(rpc.ByItself(context.Background()), nil)
		ctx.Dispatch(func(ctx app.Context) { heard(ctx, err) })
	})
}

const (
	kindMyInfo = vault.Kind("myinfo")
	editionID  = "edition"
)

// listed asks for requests. Where something was erased since this device kept answers, it has the device forget all of
// them, and asks again, so that the list is kept anew.
func listed(
	ctx context.Context, request *portalv1.ListInfoRequestsRequest,
) (*portalv1.ListInfoRequestsResponse, error) {
	response, err := portal().ListInfoRequests(ctx, request)
	if err != nil || !rpc.KeptAt(ctx).IsZero() || !forgot(ctx, response) {
		return response, err
	}
	return portal().ListInfoRequests(ctx, request)
}

// forgetting has one at a time compare and forget.
var forgetting sync.Mutex

// keepsNothing tells that answers are kept until the logout: then not on the device at all, where nobody could say that
// the logout came.
var keepsNothing atomic.Bool

func keeps(k portalv1.InfoKeep) { keepsNothing.Store(k == portalv1.InfoKeep_INFO_KEEP_LOGOUT) }

// forgot takes away what the device kept under another edition, and says whether it did.
func forgot(ctx context.Context, response *portalv1.ListInfoRequestsResponse) bool {
	if !vault.Now().IsOpen() {
		return false
	}
	keeps(response.GetKeep())
	forgetKept(ctx)
	if keepsNothing.Load() {
		return false
	}
	forgetting.Lock()
	defer forgetting.Unlock()
	now := strconv.FormatInt(response.GetEdition(), 10)
	if kept, err := vault.Get(ctx, kindMyInfo, editionID); err == nil && string(kept.Data) == now {
		return false
	}
	if err := vault.Wipe(ctx, kindMyInfo); err != nil {
		app.Log("forgetting answers: ", err)
		return false // the next contact tries again
	}
	known.Lock()
	known.of = nil // to be kept anew, as what was kept of it is gone, too
	known.Unlock()
	if err := vault.Put(ctx, kindMyInfo, editionID, []byte(now)); err != nil {
		app.Log("keeping the edition of answers: ", err)
		return false
	}
	return true
}

// forgetKept has the device forget what a call has just had it keep, where the person wants nothing kept.
func forgetKept(ctx context.Context) {
	if !keepsNothing.Load() {
		return
	}
	if err := vault.Wipe(ctx, kindMyInfo); err != nil {
		app.Log("forgetting answers: ", err)
	}
}

// nothingKept says why there is nothing to be seen without a network.
func nothingKept(q *ask.Question) {
	if q.Cut && !q.Age.Locked {
		q.Failure.Means = textOffline
	}
}
