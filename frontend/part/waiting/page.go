package waiting

import (
	"context"
	"errors"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/outbox"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// page lists what waits.
type page struct {
	app.Compo
	visit   ask.Visit
	sides   map[string]*both // of what is stuck, by the id of the write
	doing   ask.Question
	told    lang.Text
	dropped []outbox.Write // last: they can be brought back
}

// both is what was asked for, and what the portal has.
type both struct {
	asked ask.Question
	rows  []Side
	known bool
}

// OnMount follows what waits, and asks the portal for the other side of what is stuck.
func (p *page) OnMount(ctx app.Context) {
	p.sides = map[string]*both{}
	p.visit.Begin(ctx)
	p.visit.Until(outbox.OnChange(func() { ctx.Dispatch(func(app.Context) { p.look() }) }))
	p.look()
}

// OnDismount stops listening.
func (p *page) OnDismount() { p.visit.End() }

func (p *page) look() {
	for _, w := range outbox.Known() {
		ours := sortOf(w.Procedure)
		if !w.Stuck() || p.sides[w.ID] != nil || ours.Sides == nil {
			continue
		}
		b := &both{}
		p.sides[w.ID] = b
		ask.For(&p.visit, &b.asked, ours.Sides, w, func(_ app.Context, rows []Side, err error) {
			if err == nil {
				b.rows, b.known = rows, true
			}
		})
	}
}

// act does something to what waits; one at a time.
func (p *page) act(told lang.Text, do func(ctx context.Context) ([]outbox.Write, error)) {
	p.told, p.dropped = lang.Text{}, nil
	call := func(ctx context.Context, _ struct{}) ([]outbox.Write, error) { return do(ctx) }
	ask.Do(&p.visit, &p.doing, call, struct{}{}, func(ctx app.Context, dropped []outbox.Write, err error) {
		if errors.Is(err, outbox.ErrGone) {
			p.doing.Failure, told = trouble.Message{}, textGone
		} else if err != nil {
			p.doing.Failure = trouble.Message{What: textNotDone, Do: textNotDoneDo}
			kit.Focus(ctx, "waiting-failure")
			return
		}
		p.told, p.dropped = told, dropped
		kit.Focus(ctx, "page-title")
		if len(dropped) > 0 {
			kit.Focus(ctx, "waiting-undo")
		}
	})
}

func (p *page) drop(w outbox.Write, told lang.Text) {
	p.act(told, func(ctx context.Context) ([]outbox.Write, error) { return outbox.Drop(ctx, w.ID) })
}

func (p *page) insist(w outbox.Write) {
	p.act(textInsisted, func(ctx context.Context) ([]outbox.Write, error) {
		delete(p.sides, w.ID)
		return nil, outbox.Insist(ctx, w.ID)
	})
}

func (p *page) undo(app.Context) {
	dropped := p.dropped
	p.act(textRestored, func(ctx context.Context) ([]outbox.Write, error) {
		return nil, outbox.Restore(ctx, dropped)
	})
}

// Render draws what waits, or why it cannot be seen.
func (p *page) Render() app.UI {
	all := outbox.Known()
	return app.Div().Class("page column page-waiting").Body(
		shell.Heading(textTitle),
		textLead.P("lead"),
		p.doing.Failure.Banner("waiting-failure"),
		app.Div().Class("waiting-told").Body(
			app.P().Attr("role", "status").Body(p.told.UI()),
			app.Div().Body(app.If(len(p.dropped) > 0, func() app.UI {
				return kit.Button{ID: "waiting-undo", Label: textUndo, Icon: kit.IconBack, OnPress: p.undo}.UI()
			})),
		),
		app.Div().Class("waiting-list").Body(p.list(all)...),
	)
}

func (p *page) list(all []outbox.Write) []app.UI {
	switch {
	case !Open():
		return []app.UI{app.Div().Class("empty").Body(textSealed.P(""), kit.Link{
			ID: "waiting-login", Label: textLogIn, Href: shell.WithNext("/login", path), Kind: kit.Primary,
			Icon: kit.IconLogIn,
		}.UI())}
	case len(all) == 0:
		return []app.UI{app.Div().Class("empty").Body(textNone.P(""))}
	}
	items := make([]app.UI, len(all))
	for i, w := range all {
		items[i] = app.Li().Class("waiting-item").Body(p.item(w)...)
	}
	return []app.UI{app.Ul().Class("waiting-items").Aria("label", textTitle.String()).Body(items...)}
}

func (p *page) item(w outbox.Write) []app.UI {
	words := textSomething
	if ours := sortOf(w.Procedure); ours.Words != nil {
		words = ours.Words(w.Request, w.Title)
	}
	return []app.UI{
		words.P("waiting-what"),
		textSince.F(lang.DateTime(w.Begun)).P("hint"),
		app.Div().Body(p.state(w)),
		app.Div().Class("waiting-sides").Body(p.both(w)),
		app.Div().Class("actions").Body(p.ways(w, words)...),
	}
}

// state says how far it has come, and why it goes no further.
func (p *page) state(w outbox.Write) app.UI {
	say := func(icon kit.IconName, tone kit.Tone, chip lang.Text, more ...lang.Text) app.UI {
		body := []app.UI{app.P().Class("waits").Body(kit.Icon(icon), kit.ChipLabel(tone, chip))}
		for _, line := range more {
			body = append(body, line.P(""))
		}
		return app.Div().Body(body...)
	}
	switch w.State {
	case outbox.Sent:
		return say(kit.IconClock, kit.Info, textSent, textSentMeans)
	case outbox.Unsure:
		return say(kit.IconWarning, kit.Warning, textDecide, textUnsure)
	case outbox.Refused:
		if ours := sortOf(w.Procedure); ours.Why != nil && !ours.Why(w).Empty() {
			return say(kit.IconWarning, kit.Warning, textDecide, ours.Why(w))
		}
		if why := reasons[w.Reason]; !why.Empty() {
			return say(kit.IconWarning, kit.Warning, textDecide, why)
		}
		why := trouble.Words(&rpc.Error{Info: &portalv1.ErrorInfo{
			Reason: w.Reason, Field: w.Field, Reference: w.Reference,
		}})
		return say(kit.IconWarning, kit.Warning, textDecide, why.What, why.Means, why.Do)
	}
	return say(kit.IconOffline, kit.Info, textWaits)
}

// reasons say of what waits what the words of a failed press would not.
var reasons = map[portalv1.Reason]lang.Text{
	portalv1.Reason_REASON_CHANGED:   textChanged,
	portalv1.Reason_REASON_NOT_FOUND: textNotThere,
}

// both draws one's own side and the portal's, field by field.
func (p *page) both(w outbox.Write) app.UI {
	b := p.sides[w.ID]
	switch {
	case !w.Stuck() || b == nil:
		return app.Div()
	case !b.known:
		return app.Div().Body(b.asked.Waiting("waiting-"+w.ID, 2))
	}
	head := app.Tr().Body(app.Td(), app.Th().Scope("col").Body(textMine.UI()),
		app.Th().Scope("col").Body(textTheirs.UI()))
	rows := []app.UI{head}
	for _, r := range b.rows {
		rows = append(rows, app.Tr().Body(app.Th().Scope("row").Body(r.Name.UI()), app.Td().Body(r.Mine.UI()),
			app.Td().Body(r.Theirs.UI())))
	}
	return app.Table().Class("waiting-table").Body(rows...)
}

// mendable: where the portal failed, nobody knows whether it was done, and the same is sent again.
func mendable(w outbox.Write) bool {
	return w.State == outbox.Refused && w.Reason != portalv1.Reason_REASON_INTERNAL
}

func (p *page) ways(w outbox.Write, words lang.Text) []app.UI {
	button := func(id string, label lang.Text, icon kit.IconName, kind kit.Kind, press func(app.Context)) app.UI {
		id = "waiting-" + id + "-" + w.ID
		return app.Button().ID(id).Type("button").Class("button button-"+string(kind)).
			Body(kit.Icon(icon), label.Span("button-label"), kit.Hidden(textOf.F(words))).
			OnClick(func(ctx app.Context, e app.Event) { kit.Once(ctx, e, press) }, app.EventScope(id, w.State))
	}
	drop := button("drop", textDrop, kit.IconDelete, kit.TextOnly, func(app.Context) { p.drop(w, textDropped) })
	if !w.Stuck() {
		return []app.UI{app.Span(), drop}
	}
	if ours := sortOf(w.Procedure); ours.Mend != nil && mendable(w) {
		return []app.UI{button("mend", ours.MendAs, kit.IconEdit, kit.Primary, func(ctx app.Context) {
			if ours.Mend(ctx, w) {
				p.drop(w, lang.Text{})
			}
		}), drop}
	}
	mine := app.UI(app.Span())
	if w.Reason != portalv1.Reason_REASON_NOT_FOUND {
		mine = button("mine", textUseMine, kit.IconRefresh, kit.Primary, func(app.Context) { p.insist(w) })
	}
	return []app.UI{mine, button("theirs", textUseTheirs, kit.IconCheck, kit.Secondary, func(app.Context) {
		p.drop(w, textTheirsNow)
	})}
}
