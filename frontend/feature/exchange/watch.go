package exchange

import (
	"context"
	"sync"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/live"
	"madoguchi/frontend/part/session"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// listeners are the pages that look again when something changed.
var listeners struct {
	sync.Mutex
	heard map[int]func()
	last  int
}

// standing is what the home page tells; it ends with the session. nil while it was not asked for.
var standing struct {
	sync.Mutex
	news *portalv1.ListExchangeNewsResponse
}

func begin(app.Context) {
	if app.IsServer {
		return
	}
	session.OnChange(func(s shell.Session) {
		if s.State != shell.CitizenState { // whoever logs in next may be somebody else
			stand(nil)
		}
	})
	live.On(func(context.Context, live.News) error {
		stand(nil)
		listeners.Lock()
		defer listeners.Unlock()
		for _, heard := range listeners.heard {
			heard()
		}
		return nil
	}, portalv1.ChangeKind_CHANGE_KIND_EXCHANGE)
}

func stand(news *portalv1.ListExchangeNewsResponse) {
	standing.Lock()
	defer standing.Unlock()
	standing.news = news
}

// listen has heard called when something changed; it must not block.
func listen(heard func()) (stop func()) {
	listeners.Lock()
	defer listeners.Unlock()
	if listeners.heard == nil {
		listeners.heard = map[int]func(){}
	}
	listeners.last++
	id := listeners.last
	listeners.heard[id] = heard
	return func() {
		listeners.Lock()
		defer listeners.Unlock()
		delete(listeners.heard, id)
	}
}

// dues tell on the home page what offices are to answer, and which asked for the first time. What does not come keeps
// nobody from the rest of that page.
func dues() (rows []shell.Due, more int, known bool) {
	standing.Lock()
	defer standing.Unlock()
	for _, c := range standing.news.GetClaims() {
		rows = append(rows, shell.Due{
			ID: "exchange-claim-" + c.GetNumber(), Title: textDueAnswer.F(c.GetOffice()), By: c.GetDue(),
			Words: textTitle, Do: textSee, Href: pathOf(c.GetNumber()),
		})
	}
	for _, f := range standing.news.GetFirsts() {
		rows = append(rows, shell.Due{
			ID: "exchange-first-" + f.GetNumber(), Title: textDueFirst.F(f.GetOffice()), Words: textTitle, Do: textSee,
			Href: pathOf(f.GetNumber()),
		})
	}
	return rows, 0, true
}

func follow(ctx app.Context, _ func(app.Context, error)) (stop func()) {
	look := func() {
		ctx.Async(func() {
			news, err := portal().ListExchangeNews(rpc.ByItself(context.Background()),
				&portalv1.ListExchangeNewsRequest{})
			if err != nil {
				app.Log("asking what is new among exchanges: ", err)
				return
			}
			stand(news)
			ctx.Dispatch(func(app.Context) {})
		})
	}
	standing.Lock()
	asked := standing.news != nil
	standing.Unlock()
	if !asked {
		look()
	}
	return listen(look)
}
