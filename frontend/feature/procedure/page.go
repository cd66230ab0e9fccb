package procedure

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/todo"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/frontend/reach/vault"
	"madoguchi/proto/clock"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/rule"
)

// pageTarget is what an address asks for: /procedures/131105/P0001?version=2&day=2026-11-01.
type pageTarget struct {
	place   string // six digits; empty for the whole country
	number  string
	version int
	day     string
}

const pageNation = "nation"

// pageParse reads an address; false when it cannot be that of a procedure.
func pageParse(u *url.URL) (pageTarget, bool) {
	rest, found := strings.CutPrefix(u.Path, "/procedures/")
	place, number, both := strings.Cut(rest, "/")
	if !found || !both || !rule.ProcedureNumber(number) {
		return pageTarget{}, false
	}
	t := pageTarget{number: number}
	if place != pageNation {
		if !rule.PlaceCode(place) {
			return pageTarget{}, false
		}
		t.place = place
	}
	query := u.Query()
	if chosen := query.Get("place"); t.place == "" && rule.PlaceCode(chosen) {
		t.place = chosen // from the map or the lists of places, that lead back here
	}
	if v, err := strconv.Atoi(query.Get("version")); err == nil && v > 0 && v < 1_000_000 {
		t.version = v
	}
	if day := query.Get("day"); pageIsDay(day) {
		t.day = day
	}
	return t, true
}

// pageIsDay is false while a year is being typed.
func pageIsDay(s string) bool {
	_, ok := rule.Day(s)
	return ok
}

// pagePath is the address of a procedure in a place, or in the whole country.
func pagePath(place, number string) string {
	if place == "" {
		place = pageNation
	}
	return "/procedures/" + place + "/" + number
}

// page is one procedure.
type page struct {
	app.Compo

	ctx     app.Context
	keeps   bool // the device does
	turn    int  // counts what was opened, so that a late answer for something else is left out
	dayTurn int  // and the days computed with
	opened  bool
	asked   bool // for the to-do list of the folder
	stop    func()
	sent    *portalv1.GetProcedureResponse // came with the document, and is not taken up yet
	pageView
}

// pageView is what is known of the procedure that is open; another one begins with a new view.
type pageView struct {
	target  pageTarget
	known   bool   // the address can be that of a procedure
	address string // with the host, for print and for sharing
	today   string

	response *portalv1.GetProcedureResponse
	keptOn   time.Time // when it was kept; zero when it comes from the portal
	failure  trouble.Message
	missing  bool

	day     string // of the event
	dayBusy bool
	dayFail trouble.Message
	ticked  []string
	shared  pageShared

	remembering bool
	forgotten   trouble.Message // why it could not be put on the to-do list
}

func newPage() app.Composer { return &page{} }

// OnInit draws what the portal wrote into the document, from the first moment on.
func (p *page) OnInit() {
	if app.IsServer {
		return
	}
	target, known := pageParse(app.Window().URL())
	response := &portalv1.GetProcedureResponse{}
	if known && rpc.Sent(target.request(), response) {
		p.sent = response
		p.pageView = pageView{target: target, known: true, response: response, day: target.day, today: clock.Day(time.Now())}
	}
}

// OnMount follows the shell and the to-do list, and opens the procedure of the address.
func (p *page) OnMount(ctx app.Context) {
	shell.Watch(ctx, p.askList)
	p.ctx, p.keeps = ctx, !vault.Refuses()
	if app.IsServer {
		return
	}
	p.stop = todo.OnChange(func() { ctx.Dispatch(func(app.Context) {}) })
	p.askList(ctx)
	p.open(ctx)
}

// OnDismount stops following the to-do list.
func (p *page) OnDismount() {
	if p.stop != nil {
		p.stop()
	}
}

// askList learns, once somebody is logged in, what is on the list of their folder: whether this procedure is.
func (p *page) askList(app.Context) {
	if p.asked || !todo.InFolder() {
		p.asked = p.asked && todo.InFolder()
		return
	}
	p.asked = true
	if _, known := todo.Known(); !known {
		// Without an answer the button stays; adding twice does no harm.
		todo.List(p.ctx, func(app.Context, []*portalv1.Task, error) {})
	}
}

// OnNav opens another one, or another version.
func (p *page) OnNav(ctx app.Context) {
	if !app.IsServer {
		p.open(ctx)
	}
}

func (p *page) open(ctx app.Context) {
	target, known := pageParse(ctx.Page().URL())
	if p.opened && target == p.target && known == p.known {
		return
	}
	if p.opened && target.place == p.target.place && target.number == p.target.number {
		app.Window().Call("scrollTo", 0, 0)
		kit.Focus(ctx, "page-title")
	}
	here := ctx.Page().URL()
	if known && here.Path != pagePath(target.place, target.number) {
		here.Path = pagePath(target.place, target.number)
		ctx.Page().ReplaceURL(&url.URL{Path: here.Path})
	}
	p.turn++
	p.dayTurn++
	p.opened = true
	p.pageView = pageView{
		target: target, known: known, missing: !known, day: target.day,
		address: (&url.URL{Scheme: here.Scheme, Host: here.Host, Path: here.Path}).String(),
		today:   clock.Day(time.Now()),
	}
	if known {
		p.load(ctx)
	}
}

func (t pageTarget) request() *portalv1.GetProcedureRequest {
	return &portalv1.GetProcedureRequest{PlaceCode: t.place, Number: t.number, EventDay: t.day, Version: int32(t.version)} //nolint:gosec // bounded by pageParse
}

func (p *page) load(app.Context) {
	ctx, turn := p.ctx, p.turn // not the button's: it goes
	p.failure = trouble.Message{}
	if sent := p.sent; sent != nil {
		p.sent = nil
		p.show(sent)
		return
	}
	request := p.target.request()
	ctx.Async(func() {
		response, err := rpc.Procedures().GetProcedure(context.Background(), request)
		ctx.Dispatch(func(ctx app.Context) {
			if turn != p.turn {
				return
			}
			switch {
			case err == nil:
				p.show(response)
			case rpc.Reason(err) == portalv1.Reason_REASON_NOT_FOUND:
				p.missing = true
				shell.SetTitle(textPageMissing)
			default:
				p.failed(ctx, err)
			}
		})
	})
}

// failed shows what the device kept of the place, when the portal is out of reach.
func (p *page) failed(ctx app.Context, err error) {
	failure, turn, target := trouble.Words(err), p.turn, p.target
	if rpc.Reason(err) != portalv1.Reason_REASON_UNREACHABLE || target.version > 0 {
		p.failure = failure
		return
	}
	loadKept(ctx, target.place, func(_ app.Context, k *kept) {
		if turn != p.turn {
			return
		}
		found := k.find(target.number)
		if found == nil {
			p.failure = failure
			return
		}
		found.Place = k.place
		p.keptOn = k.at
		p.show(found)
	})
}

// show draws what came, and takes up what this device knows: the ticks and the day of the event.
func (p *page) show(response *portalv1.GetProcedureResponse) {
	p.response = response
	shell.SetTitle(pageTitle(response))
	p.ticked = vault.KeptValue[[]string](p.tickKey())
	if response.GetEventQuestion() == nil || p.day != "" {
		return
	}
	if day := vault.KeptValue[string](p.dayKey()); pageIsDay(day) {
		p.day = day
		p.compute()
	}
}

func (p *page) dayKey() string {
	return vault.DayKey + p.response.GetContent().GetDeadlineRule().GetFrom()
}

func (p *page) tickKey() string { return vault.TickKey + p.target.place + "." + p.target.number }

// changeDay takes the day of the event as it is typed.
func (p *page) changeDay(_ app.Context, day string) {
	p.day, p.dayFail = day, trouble.Message{}
	p.response.Due = nil
	p.dayTurn++
	if day == "" {
		vault.Forget(p.dayKey())
	}
	if !pageIsDay(day) {
		p.dayBusy = false
		return
	}
	vault.KeepValue(p.dayKey(), day)
	p.compute()
}

func (p *page) forgetDay(app.Context) {
	ctx := p.ctx // not the button's: it goes
	vault.Forget(p.dayKey())
	p.day, p.dayBusy, p.dayFail = "", false, trouble.Message{}
	p.response.Due = nil
	p.dayTurn++
	kit.SetValue(ctx, pageDayID, "")
	kit.Focus(ctx, pageDayID)
}

// compute asks for the deadline that the day of the event leads to.
func (p *page) compute() {
	p.dayTurn++
	ctx, turn := p.ctx, p.dayTurn
	p.dayBusy = true
	request := &portalv1.GetProcedureRequest{
		PlaceCode: p.target.place, Number: p.target.number, EventDay: p.day, Version: int32(p.target.version), //nolint:gosec // as above
	}
	ctx.Async(func() {
		response, err := rpc.Procedures().GetProcedure(context.Background(), request)
		ctx.Dispatch(func(app.Context) {
			if turn != p.dayTurn || p.response == nil {
				return
			}
			p.dayBusy = false
			if err != nil {
				p.dayFail = trouble.Words(err)
				return
			}
			p.response.Due = response.GetDue()
		})
	})
}

// tick marks a document as ready, or takes the mark away.
func (p *page) tick(name string, ready bool) {
	p.ticked = slices.DeleteFunc(p.ticked, func(other string) bool { return other == name })
	if ready {
		p.ticked = append(p.ticked, name)
	}
	if len(p.ticked) == 0 {
		vault.Forget(p.tickKey())
		return
	}
	vault.KeepValue(p.tickKey(), p.ticked)
}

// share hands the address on: through the device's own sheet where there is one, else into the clipboard.
func (p *page) share(withDay bool) {
	ctx := p.ctx
	query := url.Values{}
	if p.target.version > 0 {
		query.Set("version", strconv.Itoa(p.target.version))
	}
	if withDay && pageIsDay(p.day) {
		query.Set("day", p.day)
	}
	address := p.address
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	p.shared = pageShared{}
	pageShare(ctx, pageTitle(p.response).String(), address, func(_ app.Context, shared pageShared) { p.shared = shared })
}

// remember puts the procedure on the to-do list, with its last day where one is known.
func (p *page) remember(app.Context) {
	turn := p.turn
	p.remembering, p.forgotten = true, trouble.Message{}
	todo.Add(p.ctx, []*portalv1.Task{p.task()}, func(ctx app.Context, _ int, err error) {
		if turn != p.turn {
			return
		}
		p.remembering = false
		if err != nil {
			p.forgotten = todo.Words(err)
			return
		}
		kit.Focus(ctx, pageListID)
	})
}

func (p *page) task() *portalv1.Task {
	r := p.response
	t := &portalv1.Task{
		PlaceCode: p.target.place, Number: p.target.number, Title: pageTitle(r).String(),
		Deadline: r.GetContent().GetDeadline(), DeadlineRule: r.GetContent().GetDeadlineRule(), DayQuestion: r.GetEventQuestion(),
	}
	if r.GetPlace().GetCode() == p.target.place { // else it is registered by the prefecture or the nation
		t.PlaceName = r.GetPlace().GetName()
	}
	if desk := r.GetContent().GetDesk().GetDepartment(); desk != "" {
		t.Where = &portalv1.LocalText{Ja: desk, En: desk, Easy: desk}
	}
	if p.dayBusy { // what is shown is not of the day that was typed last
		return t
	}
	t.LegalDue = r.GetDue()
	if t.GetDeadlineRule().GetFrom() != "" && r.GetDue() != nil && pageIsDay(p.day) {
		t.EventDay = p.day
	}
	return t
}

func pagePrint(app.Context) { app.Window().Call("print") }

// Render draws what it is, what to do by when, and then the rest. The heading has its place from the beginning: it holds the focus while
// the procedure is fetched.
func (p *page) Render() app.UI {
	head, body := p.head(), []app.UI{app.Div().Body(p.waiting())}
	switch {
	case p.missing:
		body = p.missingWays()
	case p.response != nil:
		body = p.body()
	}
	return app.Article().Class("page page-procedure").Body(append([]app.UI{
		app.Div().Class("procedure-head").Body(head...),
		p.failure.Banner("procedure-failure"),
	}, body...)...)
}

func (p *page) head() []app.UI {
	r := p.response
	switch {
	case p.missing:
		return []app.UI{app.P(), shell.Heading(textPageMissing)}
	case r == nil:
		return []app.UI{app.P(), shell.Heading(textPageTitle)}
	}
	return []app.UI{p.where(), shell.Heading(pageTitle(r)), pageOfficial(r), pageChips(r.GetContent())}
}

func (p *page) body() []app.UI {
	r := p.response
	return []app.UI{
		app.Div().Class("procedure-banners").Body(p.banners()...),
		app.Div().Class("procedure-body").Body(
			p.todayBox(),
			p.deadline(),
			pageWho(r),
			pageCost(r.GetContent()),
			p.documents(),
			pageForms(r.GetContent().GetForms()),
			pageDesk(r.GetContent().GetDesk()),
			p.more(),
		),
		p.actions(),
		pageRelated(r, p.target.place),
		app.P().Class("procedure-address").Body(textPageAddress.F(p.address).UI()),
	}
}

func (p *page) waiting() app.UI {
	if p.failure.Is() {
		return app.Div().Class("actions").Body(
			kit.Button{ID: "procedure-again", Label: textPageAgain, Kind: kit.Primary, OnPress: p.load}.UI(),
			kit.Link{ID: "procedure-search", Label: textPageSearch, Href: pageSearch(p.target.place), Kind: kit.Secondary}.UI(),
		)
	}
	return kit.Skeleton(7, kit.Button{ID: "procedure-slow", Label: textPageAgain, OnPress: p.load}.UI())
}
