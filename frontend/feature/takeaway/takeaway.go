// Package takeaway is the page on which a person gets all that the portal knows of them, as one signed file: what is in
// it, the card, the download, and how far it is.
package takeaway

import (
	"context"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/proof"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

// Feature hangs the page into the house.
var Feature = shell.Feature{Pages: []shell.Page{{
	Path: "/account/takeaway", Title: textTitle, Parent: "/account", For: shell.Citizen,
	New: func() app.Composer { return &page{} },
}}}

const (
	purpose = "takeaway.all" // the card_purpose of PrepareTakeaway
	// The portal's address that sends the file, and the field of the form with the ticket.
	downloadPath, ticketField = "/takeaway/download", "ticket"
	idState                   = "takeaway-state"
	// pace is how often the portal is asked how far it is.
	pace = time.Second
)

var inIt = []lang.Text{textPDF, textData, textSigned}

// page has no ticket while nothing was asked for.
type page struct {
	app.Compo
	ctx    app.Context
	ticket string
	answer *portalv1.GetTakeawayResponse
	stop   context.CancelFunc
}

// OnMount has the page follow the language.
func (p *page) OnMount(ctx app.Context) {
	p.ctx = ctx
	shell.Follow(ctx)
}

// OnDismount asks no longer how far it is.
func (p *page) OnDismount() { p.forget() }

func (p *page) forget() {
	if p.stop != nil {
		p.stop()
	}
	p.ticket, p.answer, p.stop = "", nil, nil
}

// aim is what the card is shown for.
func aim() proof.Aim {
	return proof.Aim{Purpose: purpose, Procedure: portalv1web.TakeawayServicePrepareTakeaway, Request: asked()}
}

func asked() *portalv1.PrepareTakeawayRequest {
	return &portalv1.PrepareTakeawayRequest{Language: string(lang.Current())}
}

// use shows the card and gets the ticket.
func (p *page) use(ctx context.Context, shown *portalv1.CardProof) error {
	if _, err := rpc.To(portalv1web.NewLoginService).ShowCard(ctx, &portalv1.ShowCardRequest{
		Proof: shown,
	}); err != nil {
		return err
	}
	got, err := rpc.To(portalv1web.NewTakeawayService).PrepareTakeaway(ctx, asked())
	if err != nil {
		return err
	}
	p.ctx.Dispatch(func(app.Context) { p.ticket = got.GetTicket() })
	return nil
}

// got watches what becomes of the ticket.
func (p *page) got(ctx app.Context) {
	watch, stop := context.WithCancel(context.Background())
	p.stop = stop
	p.answer = &portalv1.GetTakeawayResponse{State: portalv1.GetTakeawayResponse_STATE_READY}
	kit.Focus(ctx, idState)
	ctx.Async(func() {
		for p.look(watch) {
			select {
			case <-watch.Done():
				return
			case <-time.After(pace):
			}
		}
	})
}

// look asks once how far it is; false when there is nothing more to ask.
func (p *page) look(ctx context.Context) bool {
	answer, err := rpc.To(portalv1web.NewTakeawayService).GetTakeaway(ctx, &portalv1.GetTakeawayRequest{
		Ticket: p.ticket,
	})
	if err != nil || ctx.Err() != nil {
		return ctx.Err() == nil // without a network the file may come all the same: it is asked again
	}
	p.ctx.Dispatch(func(ctx app.Context) {
		if p.answer == nil {
			return
		}
		if p.answer.GetState() != answer.GetState() {
			kit.Focus(ctx, idState)
		}
		p.answer = answer
	})
	return !over(answer)
}

func over(answer *portalv1.GetTakeawayResponse) bool {
	switch answer.GetState() {
	case portalv1.GetTakeawayResponse_STATE_READY, portalv1.GetTakeawayResponse_STATE_RUNNING:
		return false
	}
	return true
}

// Render draws where it stands.
func (p *page) Render() app.UI {
	list := make([]app.UI, len(inIt))
	for i, t := range inIt {
		list[i] = t.Li("")
	}
	return app.Div().Class("page column page-takeaway").Body(
		shell.Heading(textTitle),
		textLead.P("lead"),
		app.Section().Class("part").Body(
			textWhat.H2("part-title"), app.Ul().Class("dots").Body(list...),
			textNotIn.P(""), textShared.P(""),
		),
		p.way(),
		app.P().Class("actions").Body(kit.Link{Label: textBack, Href: "/account"}.UI()),
	)
}

// way is what comes next: the card, or what became of the ticket.
func (p *page) way() app.UI {
	if p.answer == nil {
		return app.Section().Class("part").Body(
			textCard.P(""),
			&proof.Pad{For: aim, Told: textTold, Action: textAsk, Use: p.use, Done: p.got},
		)
	}
	state := app.Section().ID(idState).Class("part").TabIndex(-1)
	switch p.answer.GetState() {
	case portalv1.GetTakeawayResponse_STATE_READY:
		return state.Body(
			textReady.H2(""), textReadyBody.P(""),
			app.Form().Method("post").Action(downloadPath).Body(
				app.Input().Type("hidden").Name(ticketField).Value(p.ticket),
				kit.Button{ID: "takeaway-save", Label: textSave, Kind: kit.Primary, Submit: true}.UI(),
			),
		)
	case portalv1.GetTakeawayResponse_STATE_RUNNING:
		return state.Body(
			textRunning.P(""),
			app.Progress().Class("progress-bar").Aria("label", textTitle.String()).
				Max(p.answer.GetParts()).Value(p.answer.GetDone()),
		)
	case portalv1.GetTakeawayResponse_STATE_SENT:
		stamp := textUnstamped
		if p.answer.GetStamped() {
			stamp = textStamped
		}
		return state.Body(
			textSent.H2(""), textSentBody.P(""), stamp.P(""),
			app.P().Body(kit.Link{Label: textCheck, Href: "/check"}.UI()), p.again(),
		)
	case portalv1.GetTakeawayResponse_STATE_EXPIRED:
		return state.Body(textExpired.H2(""), textExpiredBody.P(""), p.again())
	}
	return state.Body(textFailed.H2(""), textFailedBody.P(""), p.again())
}

func (p *page) again() app.UI {
	return kit.Button{ID: "takeaway-again", Label: textAgain, OnPress: func(app.Context) { p.forget() }}.UI()
}
