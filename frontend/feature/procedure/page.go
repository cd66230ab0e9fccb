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
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/catalog"
	"madoguchi/frontend/part/todo"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/browser"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/frontend/reach/vault"
	"madoguchi/proto/clock"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
	"madoguchi/proto/rule"
)

// target is what an address asks for: /procedures/131105/P0001?version=2&day=2026-11-01.
type target struct {
	place   string // six digits; empty for the whole country
	number  string
	version int
	day     string
}

// parse reads an address; false when it cannot be that of a procedure.
func parse(u *url.URL) (target, bool) {
	rest, found := strings.CutPrefix(u.Path, catalog.SearchPath+"/")
	place, number, both := strings.Cut(rest, "/")
	if !found || !both || !rule.ProcedureNumber(number) {
		return target{}, false
	}
	t := target{number: number}
	if place != catalog.Nation {
		if !rule.PlaceCode(place) {
			return target{}, false
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
	if day := query.Get("day"); isDay(day) {
		t.day = day
	}
	return t, true
}

// isDay is false while a year is being typed.
func isDay(s string) bool {
	_, ok := rule.Day(s)
	return ok
}

// page is one procedure.
type page struct {
	app.Compo

	visit    ask.Visit
	asked    ask.Question
	computed ask.Question // the deadline for a day
	keeps    bool         // the device does
	opened   bool
	listed   bool                           // the to-do list of the folder was asked for
	sent     *portalv1.GetProcedureResponse // came with the document, and is not taken up yet
	view
}

// view is what is known of the procedure that is open; another one begins with a new view.
type view struct {
	target  target
	known   bool   // the address can be that of a procedure
	address string // with the host, for print and for sharing
	today   string

	response *portalv1.GetProcedureResponse
	keptOn   time.Time // when it was kept; zero when it comes from the portal
	missing  bool

	day    string // of the event
	ticked []string
	shared browser.Shared

	remembering bool
	forgotten   trouble.Message // why it could not be put on the to-do list
}

// OnInit draws what the portal wrote into the document, from the first moment on.
func (p *page) OnInit() {
	if app.IsServer {
		return
	}
	target, known := parse(app.Window().URL())
	response := &portalv1.GetProcedureResponse{}
	if known && rpc.Sent(target.request(), response) {
		p.sent = response
		p.view = view{target: target, known: true, response: response, day: target.day, today: clock.Day(time.Now())}
	}
}

// OnMount follows the shell and the to-do list, and opens the procedure of the address.
func (p *page) OnMount(ctx app.Context) {
	p.visit.Begin(ctx)
	p.visit.Until(todo.OnChange(func() { ctx.Dispatch(func(app.Context) {}) }))
	p.keeps = !vault.KeepsNothing()
	shell.Watch(ctx, p.askList)
	p.askList(ctx)
	p.open(ctx)
}

// OnDismount stops following the to-do list.
func (p *page) OnDismount() { p.visit.End() }

// askList learns, once somebody is logged in, what is on the list of their folder: whether this procedure is.
func (p *page) askList(app.Context) {
	if p.listed || !todo.InFolder() {
		p.listed = p.listed && todo.InFolder()
		return
	}
	p.listed = true
	if _, known := todo.Known(); !known {
		// Without an answer the button stays; adding twice does no harm.
		todo.List(p.visit.Page, func(app.Context, []*portalv1.Task, error) {})
	}
}

// OnNav opens another one, or another version.
func (p *page) OnNav(ctx app.Context) { p.open(ctx) }

func (p *page) open(ctx app.Context) {
	target, known := parse(ctx.Page().URL())
	if p.opened && target == p.target && known == p.known {
		return
	}
	if p.opened && target.place == p.target.place && target.number == p.target.number {
		app.Window().Call("scrollTo", 0, 0)
		kit.Focus(ctx, "page-title")
	}
	here := ctx.Page().URL()
	if known && here.Path != catalog.Path(target.place, target.number) {
		here.Path = catalog.Path(target.place, target.number)
		ctx.Page().ReplaceURL(&url.URL{Path: here.Path})
	}
	p.asked.Drop()
	p.computed.Drop()
	p.opened = true
	p.view = view{
		target: target, known: known, missing: !known, day: target.day,
		address: (&url.URL{Scheme: here.Scheme, Host: here.Host, Path: here.Path}).String(),
		today:   clock.Day(time.Now()),
	}
	if known {
		p.load()
	}
}

func (t target) request() *portalv1.GetProcedureRequest {
	return &portalv1.GetProcedureRequest{
		PlaceCode: t.place, Number: t.number, EventDay: t.day, Version: int32(t.version),
	}
}

// found is a procedure from the portal, or, where that is out of reach, the one that the device keeps.
type found struct {
	response *portalv1.GetProcedureResponse
	kept     *catalog.Kept
}

func look(ctx context.Context, t target) (found, error) {
	response, err := rpc.To(portalv1web.NewProcedureService).GetProcedure(ctx, t.request())
	if rpc.Reason(err) != portalv1.Reason_REASON_UNREACHABLE || t.version > 0 {
		return found{response: response}, err
	}
	kept := catalog.Find(ctx, t.place)
	if response = kept.Find(t.number); response == nil {
		return found{}, err
	}
	response.Place = kept.Place
	return found{response, kept}, err
}

func (p *page) load() {
	if sent := p.sent; sent != nil {
		p.sent = nil
		p.show(sent)
		return
	}
	ask.For(&p.visit, &p.asked, look, p.target, p.take)
}

func (p *page) take(_ app.Context, found found, err error) {
	switch {
	case found.kept != nil:
		p.keptOn = found.kept.At
	case rpc.Reason(err) == portalv1.Reason_REASON_NOT_FOUND:
		p.missing = true
		shell.SetTitle(textMissing)
	case err != nil:
		return
	default:
		p.keptOn = time.Time{}
	}
	p.asked.Failure = trouble.Message{}
	if !p.missing {
		p.show(found.response)
	}
}

// show draws what came, and takes up what this device knows: the ticks and the day of the event.
func (p *page) show(response *portalv1.GetProcedureResponse) {
	p.response = response
	shell.SetTitle(catalog.Title(response))
	p.ticked = vault.KeptValue[[]string](p.tickKey())
	if response.GetEventQuestion() == nil || p.day != "" {
		return
	}
	if day := vault.KeptValue[string](p.dayKey()); isDay(day) {
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
	p.day = day
	p.response.Due = nil
	p.computed.Drop()
	if day == "" {
		vault.Forget(p.dayKey())
	}
	if !isDay(day) {
		return
	}
	vault.KeepValue(p.dayKey(), day)
	p.compute()
}

func (p *page) forgetDay(app.Context) {
	vault.Forget(p.dayKey())
	p.day = ""
	p.response.Due = nil
	p.computed.Drop()
	kit.SetValue(p.visit.Page, dayID, "")
	kit.Focus(p.visit.Page, dayID)
}

// compute asks for the deadline that the day of the event leads to.
func (p *page) compute() {
	of := p.target
	of.day = p.day
	ask.For(&p.visit, &p.computed, rpc.To(portalv1web.NewProcedureService).GetProcedure, of.request(),
		func(_ app.Context, response *portalv1.GetProcedureResponse, err error) {
			if err == nil {
				p.response.Due = response.GetDue()
			}
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
	query := url.Values{}
	if p.target.version > 0 {
		query.Set("version", strconv.Itoa(p.target.version))
	}
	if withDay && isDay(p.day) {
		query.Set("day", p.day)
	}
	address := p.address
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	p.shared = browser.Shared{}
	title := catalog.Title(p.response).String()
	p.visit.Page.Async(func() {
		shared := browser.Share(title, address)
		p.visit.Page.Dispatch(func(app.Context) { p.shared = shared })
	})
}

// remember puts the procedure on the to-do list, with its last day where one is known.
func (p *page) remember(app.Context) {
	of := p.target
	p.remembering, p.forgotten = true, trouble.Message{}
	todo.Add(p.visit.Page, []*portalv1.Task{p.task()}, func(ctx app.Context, _ int, err error) {
		if of != p.target {
			return
		}
		p.remembering = false
		if err != nil && !rpc.Kept(err) {
			p.forgotten = todo.Words(err)
			return
		}
		kit.Focus(ctx, listID)
	})
}

func (p *page) task() *portalv1.Task {
	r := p.response
	t := &portalv1.Task{
		PlaceCode: p.target.place, Number: p.target.number, Title: catalog.Title(r).String(),
		Deadline: r.GetContent().GetDeadline(), DeadlineRule: r.GetContent().GetDeadlineRule(),
		DayQuestion: r.GetEventQuestion(), By: r.GetBy(),
	}
	if r.GetPlace().GetCode() == p.target.place { // else it is registered by the prefecture or the nation
		t.PlaceName, t.PlaceEnglish = r.GetPlace().GetName(), r.GetPlace().GetEnglish()
	}
	if desk := r.GetContent().GetDesk().GetDepartment(); desk != "" {
		t.Where = &portalv1.LocalText{Ja: desk, En: desk, Easy: desk}
	}
	if p.computed.Busy { // what is shown is not of the day that was typed last
		return t
	}
	t.LegalDue = r.GetDue()
	if t.GetDeadlineRule().GetFrom() != "" && r.GetDue() != nil && isDay(p.day) {
		t.EventDay = p.day
	}
	return t
}

// Render draws what it is, what to do by when, and then the rest. The heading has its place from the beginning: it
// holds the focus while the procedure is fetched.
func (p *page) Render() app.UI {
	head, body := p.head(), []app.UI{app.Div().Body(p.waiting())}
	switch {
	case p.missing:
		body = p.missingWays()
	case p.response != nil:
		body = p.body()
	}
	return app.Article().Class("page page-procedure").Body(kit.Detail{
		Head: []app.UI{
			app.Div().Class("procedure-head").Body(head...),
			p.asked.Failure.Banner("procedure-failure"),
		},
		Rail: p.rail(),
		Body: body,
	}.UI())
}

// rail answers what everybody asks first. What is told there alone is the way to apply.
func (p *page) rail() kit.Rail {
	r := p.response
	if r == nil || p.missing {
		return kit.Rail{}
	}
	c := r.GetContent()
	rail := kit.Rail{ID: "procedure-rail", Cost: catalog.AsWritten(c.GetFee()), Action: p.apply(c)}
	switch words := c.GetDeadline(); {
	case r.GetDue().GetLast() != "" && !p.computed.Busy:
		rail.Until = textUntil.F(lang.Day(r.GetDue().GetLast())).UI()
	case r.GetBy() != nil:
		rail.Until = lang.Local(r.GetBy()).UI()
	case !p.said().Empty() && lang.Current() != lang.Japanese:
		rail.Until = p.said().UI()
	case words != "":
		rail.Until = catalog.AsWritten(words)
	}
	if c.GetFee() == "" {
		rail.Cost = nil
	}
	if d := c.GetDesk(); d.GetDepartment() != "" {
		rail.Where = catalog.AsWritten(d.GetDepartment())
	}
	if phone := c.GetDesk().GetPhone(); phone != "" {
		rail.Contact = catalog.Telephone(phone)
	}
	return rail
}

func (p *page) head() []app.UI {
	r := p.response
	switch {
	case p.missing:
		return []app.UI{app.P(), shell.Heading(textMissing)}
	case r == nil:
		return []app.UI{app.P(), shell.Heading(textTitle)}
	}
	return []app.UI{p.where(), shell.Heading(catalog.Title(r)), names(r), chips(r.GetContent())}
}

func (p *page) body() []app.UI {
	r := p.response
	return []app.UI{
		app.Div().Class("procedure-banners").Body(p.banners()...),
		app.Div().Class("procedure-body").Body(
			p.todayBox(),
			p.deadline(),
			who(r),
			cost(r.GetContent()),
			p.documents(),
			forms(r.GetContent().GetForms()),
			desk(r.GetContent().GetDesk()),
			p.more(),
		),
		p.actions(),
		related(r, p.target.place),
		textAddress.F(p.address).P("procedure-address"),
	}
}

func (p *page) waiting() app.UI {
	if !p.asked.Failure.Is() {
		return p.asked.Waiting("procedure", 7)
	}
	return app.Div().Class("actions").Body(
		p.asked.Retry("procedure"),
		kit.Link{
			ID: "procedure-search", Label: textSearch, Href: catalog.Search(p.target.place), Kind: kit.Secondary,
		}.UI(),
	)
}
