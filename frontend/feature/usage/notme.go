package usage

import (
	"context"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/proof"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

// purpose is what ConfirmDisowned asks for the card for.
const purpose = "usage.disown"

// notMe is where a person says that something was not them, and what became of that: a part of a page.
type notMe struct {
	visit         *ask.Visit
	about         *portalv1.DisownUsageRequest
	known, number string // the case that there was already, and its number
	disown        ask.Question
	asking        bool // the dialog is open
	said          *portalv1.DisownUsageResponse
	confirms      bool // the card was shown for it
	ended         int32
}

// say ends what it came by, and opens the case.
func (n *notMe) say(app.Context) {
	n.asking = false
	ask.Do(n.visit, &n.disown, portal().DisownUsage, n.about,
		func(ctx app.Context, got *portalv1.DisownUsageResponse, err error) {
			if err == nil {
				n.said, n.known, n.number = got, got.GetCase(), got.GetNumber()
				kit.Focus(ctx, "usage-said")
			}
		})
}

func (n *notMe) confirmation() *portalv1.ConfirmDisownedRequest {
	return &portalv1.ConfirmDisownedRequest{Case: n.known}
}

func (n *notMe) aim() proof.Aim {
	return proof.Aim{
		Purpose: purpose, Procedure: portalv1web.UsageServiceConfirmDisowned, Request: n.confirmation(),
	}
}

// use shows the card, and confirms the case.
func (n *notMe) use(ctx context.Context, shown *portalv1.CardProof) error {
	_, err := rpc.To(portalv1web.NewLoginService).ShowCard(ctx, &portalv1.ShowCardRequest{Proof: shown})
	if err != nil {
		return err
	}
	got, err := portal().ConfirmDisowned(ctx, n.confirmation())
	if err == nil {
		n.visit.Page.Dispatch(func(app.Context) { n.ended = got.GetEndedSessions() })
	}
	return err
}

func (n *notMe) confirmed(ctx app.Context) {
	n.confirms = true
	kit.Focus(ctx, "usage-confirmed")
}

// parts are where it is said, and what became of that.
func (n *notMe) parts() []app.UI {
	if n.known == "" {
		lead := textNotMeLead
		if n.about.GetNotice() != "" {
			lead = textNoticeLead
		}
		return append([]app.UI{app.Section().Class("part no-print").Body(
			lead.P(""),
			app.Div().Class("actions").Body(kit.Button{
				ID: "usage-not-me", Label: textNotMe, Kind: kit.Danger, Busy: n.disown.Busy,
				OnPress: func(app.Context) { n.asking = true },
			}.UI()),
		)}, n.notSaid()...)
	}
	parts := []app.UI{app.Section().ID("usage-said").Class("part").TabIndex(-1).Body(n.saidLines()...)}
	switch {
	case n.confirms:
		parts = append(parts, kit.NotificationBanner{
			ID: "usage-confirmed", Tone: kit.Success, Title: textConfirmed,
			Body: []app.UI{textConfirmedMeans.F(int(n.ended)).P("")},
		}.UI())
	case n.said != nil:
		parts = append(parts, app.Section().Class("part").Body(
			textConfirmTitle.H2("part-title"), textConfirmWhy.P(""),
			&proof.Pad{For: n.aim, Told: textConfirmTold, Action: textConfirmDo, Use: n.use, Done: n.confirmed},
		))
	}
	return append(parts, stopLine())
}

// notSaid says that without a network nothing was ended nor taken in, nor will be by itself: the telephone may get
// through where the network does not.
func (n *notMe) notSaid() []app.UI {
	if !n.disown.Cut {
		return nil
	}
	return []app.UI{kit.NotificationBanner{
		ID: "usage-not-said", Tone: kit.Warning, Title: textNotSaid, Body: []app.UI{textNotSaidDo.P("")},
	}.UI(), stopLine()}
}

// saidLines say what was ended, and where the case is.
func (n *notMe) saidLines() []app.UI {
	var ended []app.UI
	add := func(is bool, text lang.Text) {
		if is {
			ended = append(ended, text.Li(""))
		}
	}
	if said := n.said; said != nil {
		count := int(said.GetEndedSessions())
		add(count > 0, textEndedSessions.F(count))
		add(said.GetForgotDevice(), textForgotDevice)
		add(said.GetEndedPasskey(), textEndedPasskey)
		add(said.GetHere(), textHereGoesOn)
		before := textEndedBefore
		if n.about.GetNotice() != "" {
			before = textNoOthers
		}
		add(len(ended) == 0, before)
	}
	return []app.UI{
		textCaseTaken.F(n.number).H2("part-title"),
		app.Ul().Class("dots").Body(ended...),
		app.P().Body(kit.Link{ID: "usage-case", Label: textCaseSee, Href: "/inquiry/" + n.known}.UI()),
		app.P().Body(kit.Link{Label: textDevices, Href: devicesPath}.UI()),
	}
}

// stopLine says how a card is stopped, and what that does here.
func stopLine() app.UI {
	return kit.Card{ID: "usage-stop", Heading: textStopTitle, Icon: kit.IconCard, Body: []app.UI{
		textStopWhen.P(""),
		app.P().Body(app.A().Class("link usage-call").Href("tel:0120950178").Body(app.Text("0120-95-0178"))),
		textStopHours.P(""), textStopMeans.P(""),
	}}.UI()
}

func (n *notMe) dialog() app.UI {
	not := func(ctx app.Context) {
		n.asking = false
		kit.Focus(ctx, "usage-not-me")
	}
	means := []app.UI{
		textNotMeSession.Li(""), textNotMeDevice.Li(""), textNotMePasskey.Li(""), textNotMeCase.Li(""),
	}
	if n.about.GetNotice() != "" {
		means = []app.UI{textNoticeSessions.Li(""), textNotMeCase.Li("")}
	}
	return &kit.Dialog{
		ID: "usage-ask", Alert: true, Open: n.asking, Title: textNotMeAsk, OnClose: not,
		Body: func() []app.UI {
			return []app.UI{textNotMeMeans.P(""), app.Ul().Class("dots").Body(means...)}
		},
		Actions: func() []app.UI {
			return []app.UI{
				kit.Button{ID: "usage-not", Label: textNot, OnPress: not}.UI(),
				kit.Button{ID: "usage-sure", Label: textNotMeDo, Kind: kit.Danger, OnPress: n.say}.UI(),
			}
		},
	}
}

// strange is where a person says that what a notice tells of was not them.
type strange struct {
	app.Compo
	visit  ask.Visit
	asked  ask.Question
	notice *portalv1.Notice
	notMe  notMe
}

// OnMount asks for the notice of the address.
func (s *strange) OnMount(ctx app.Context) {
	s.visit.Begin(ctx)
	s.asked.Keeps = true
	id := strings.TrimPrefix(ctx.Page().URL().Path, noticePath)
	s.notMe = notMe{visit: &s.visit, about: &portalv1.DisownUsageRequest{Notice: id}}
	ask.For(&s.visit, &s.asked, theNotice, &portalv1.GetNoticeRequest{Id: id},
		func(_ app.Context, got *portalv1.GetNoticeResponse, err error) {
			if err == nil {
				s.notice = got.GetNotice()
			}
		})
}

// theNotice gets a notice that was opened before.
func theNotice(ctx context.Context, request *portalv1.GetNoticeRequest) (*portalv1.GetNoticeResponse, error) {
	return rpc.To(portalv1web.NewNoticeService).GetNotice(rpc.ByItself(ctx), request)
}

// OnDismount gives up what is asked for.
func (s *strange) OnDismount() { s.visit.End() }

// Render draws it.
func (s *strange) Render() app.UI {
	body := []app.UI{s.asked.Waiting("usage", 4)}
	if s.notice != nil {
		body = append([]app.UI{kit.Facts(
			kit.Row{Name: textNotice, Value: app.Span().Text(s.notice.GetTitle())},
			kit.Row{Name: textNoticeFrom, Value: app.Span().Text(s.notice.GetOffice())},
			kit.Row{Name: textWhen, Value: kit.DateTimeText(when(s.notice.GetSentAt()))},
		)}, s.notMe.parts()...)
	}
	return app.Div().Class("page column page-usage").Body(
		shell.Heading(textStrange),
		trouble.First(s.asked.Failure, s.notMe.disown.Failure).Banner("usage-failure"),
		s.asked.AsOf("notice"),
		app.Div().Body(body...),
		s.notMe.dialog(),
	)
}
