package pin

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/scene"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/proof"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/card"
	bridgev2 "madoguchi/proto/gen/bridge/v2"
)

// The fields, and where things are told.
const (
	oldID     = "pin-old"
	newID     = "pin-new"
	againID   = "pin-again"
	goID      = "pin-go"
	messageID = "pin-message"
	statusID  = "pin-status"
)

// patience bounds a change: a person may have to answer on this computer, or to type on the reader.
const patience = 2 * time.Minute

// change is the page on which one of the three is changed.
type change struct {
	app.Compo
	of pin

	ctx      app.Context
	status   card.Status
	stop     func()
	cancel   context.CancelFunc
	step     lang.Text // empty when nothing is under way
	failure  trouble.Message
	faults   map[string]lang.Text // by field
	kept     rules
	shown    bool // the characters are
	asking   bool // the dialog before the last try is open
	onScreen bool // the person wants to type here although the reader has keys
	pausing  bool
	done     bool
	proven   bool // the card was asked by the new PIN
}

// rules are what is said of a new PIN while it is typed; no character of it is kept.
type rules struct{ form, mixed, hard, other, same, day bool }

// OnMount begins to watch the reader.
func (c *change) OnMount(ctx app.Context) {
	shell.Follow(ctx)
	if app.IsServer {
		return
	}
	c.ctx = ctx
	c.stop = card.Shared().Watch(textTold.String(), func(s card.Status) {
		ctx.Dispatch(func(ctx app.Context) { c.hear(ctx, s) })
	})
}

// OnDismount stops watching; a change that the card has begun comes to its end without this page.
func (c *change) OnDismount() {
	c.empty()
	if c.cancel != nil {
		c.cancel()
	}
	if c.stop != nil {
		c.stop()
	}
}

func (c *change) hear(ctx app.Context, s card.Status) {
	before := c.status
	c.status = s
	// That it has keys is known a moment after the card is: whoever has begun to type goes on here.
	if s.PINPad && !before.PINPad && s.Place == before.Place && c.begun() {
		c.onScreen = true
	}
	if s.Place != before.Place && c.step.Empty() {
		c.empty()
		c.faults, c.asking = nil, false
	}
	if now := s.PhaseOf(c.of.kind); now != before.PhaseOf(c.of.kind) && now != card.Reading {
		kit.Announce(ctx, c.standing().What)
	}
	c.pace(ctx)
}

// pace counts down while no try is taken.
func (c *change) pace(ctx app.Context) {
	if c.pause() > 0 && !c.pausing {
		c.pausing = true
		kit.Announce(ctx, textPause.F(c.pause()))
		c.tick(ctx)
	}
}

func (c *change) tick(ctx app.Context) {
	if c.pausing = c.pause() > 0; c.pausing {
		ctx.After(time.Until(c.tries().Until)%time.Second+time.Millisecond, c.tick)
	}
}

func (c *change) pause() int {
	if left := time.Until(c.tries().Until); c.phase() == card.Ready && left > 0 {
		return int((left + time.Second - 1) / time.Second)
	}
	return 0
}

func (c *change) tries() card.Tries { return c.status.Contents.Tries(c.of.kind) }
func (c *change) phase() card.Phase { return c.status.PhaseOf(c.of.kind) }

// byReader tells whether the PINs are typed on the reader's keys, which are digits alone.
func (c *change) byReader() bool { return c.status.PINPad && !c.onScreen && !c.of.letters }
func (c *change) usable() bool   { return c.phase() == card.Ready && c.step.Empty() && c.pause() == 0 }

// standing says how it stands between page and card for this PIN.
func (c *change) standing() trouble.Message {
	switch c.phase() {
	case card.Locked:
		return c.locked()
	case card.NoCertificate:
		return trouble.Message{What: textNotOnCard, Means: textNotOnCardMeans, Code: "PN-07"}
	}
	return proof.Standing(c.as())
}

// as is the status with the phase of this PIN in the place of the user-authentication one's.
func (c *change) as() card.Status {
	s := c.status
	s.Phase = c.phase()
	return s
}

func (c *change) locked() trouble.Message {
	return trouble.Message{What: textLockedTitle.F(c.of.name), Means: textLockedMeans, Do: c.of.reset, Code: "PN-03"}
}

// Render draws the form, or that it is done.
func (c *change) Render() app.UI {
	if c.done {
		return c.receipt()
	}
	return app.Div().Class("page page-pin-change").Body(
		kit.Detail{
			Head: []app.UI{shell.Heading(c.of.change), c.of.setAt.P("lead"), c.failure.Banner(messageID)},
			Rail: c.rail(),
			Body: []app.UI{proof.ByDevice(
				func() app.UI {
					return app.Div().Body(textHandheld.P(""), textHandheldApp.P(""))
				},
				func() app.UI { return app.Div().Body(c.place(), c.form()) },
			)},
		}.UI(),
		&kit.Dialog{
			ID: "pin-last", Open: c.asking, Alert: true, Title: textAskTitle, Body: c.askBody, Actions: c.askActions,
			OnClose: c.back,
		},
	)
}

// rail is what this PIN is, and where one that is forgotten is set anew.
func (c *change) rail() kit.Rail {
	return kit.Rail{After: true, More: []app.UI{
		kit.Facts(
			kit.Row{Name: textUses, Value: c.of.uses.UI()},
			kit.Row{Name: textLocks, Value: textLocksAfter.F(c.of.locksAfter).UI()},
			kit.Row{Name: textReset, Value: c.of.reset.UI()},
		),
		stopLine(),
	}}
}

// place is the live picture, or what stands in the way of this very PIN.
func (c *change) place() app.UI {
	at := app.Div().ID(statusID).TabIndex(-1).Class("pin-place")
	switch c.phase() {
	case card.Locked, card.NoCertificate:
		return at.Body(c.standing().Banner("pin-standing"), &counter{}, app.Div().Class("actions").Body(ways()...))
	}
	return at.Body(proof.StatusUI(c.as()), proof.Chooser(c.status))
}

func (c *change) form() app.UI {
	hidden := false
	switch c.phase() {
	case card.Locked, card.NoCertificate:
		hidden = true
	}
	return app.Form().ID("pin-form").Class("pin-form").AutoComplete(false).Hidden(hidden).OnSubmit(c.onSubmit).Body(
		app.P().Class("hint").Body(textSelf.UI(), app.Span().Text(" "), textStays.UI()),
		c.how(),
		app.Div().Hidden(c.byReader()).Body(
			c.field(oldID, textOld, c.of.form, c.tried()),
			c.field(newID, textNew, c.of.form, c.keeps()),
			c.field(againID, textAgain, lang.Text{}, nil),
			kit.Checkbox{ID: "pin-show", Label: textShow, Checked: c.shown, OnChange: func(_ app.Context, on bool) {
				c.shown = on
			}}.UI(),
		),
		app.P().ID("pin-wait").Class("pad-wait").Body(c.waits()...),
		app.Div().Class("actions").Body(
			kit.Button{
				ID: goID, Label: textGo, Kind: kit.Primary, Submit: true, Busy: !c.step.Empty(),
				Disabled: !c.usable() && c.step.Empty(), DescribedBy: "pin-tries pin-wait",
			}.UI(),
			kit.Link{Label: textBack, Href: path, Kind: kit.TextOnly}.UI(),
		),
		app.P().ID("pin-step").Class("pin-step").Attr("role", "status").Body(c.step.UI()),
	)
}

func (c *change) waits() []app.UI {
	if left := c.pause(); left > 0 && c.step.Empty() {
		return []app.UI{kit.Icon(kit.IconClock), textPause.F(left).UI()}
	}
	return nil
}

// how says that the PINs are typed on the reader's own keys, where it has some, and lets them be typed here instead.
func (c *change) how() app.UI {
	place := app.Div()
	switch {
	case !c.status.PINPad:
		return place
	case c.of.letters:
		return place.Body(textLettersHere.P("hint"))
	}
	choice := kit.Checkbox{
		ID: "pin-on-reader", Label: textOnReader, Hint: textOnReaderHint, Checked: c.byReader(),
		OnChange: func(_ app.Context, on bool) {
			c.onScreen, c.faults = !on, nil
			c.empty()
		},
	}.UI()
	if c.byReader() {
		return place.Body(choice, c.left())
	}
	return place.Body(choice)
}

// tried is where the tries stand among the fields, where those are typed into.
func (c *change) tried() app.UI {
	if c.byReader() {
		return nil
	}
	return c.left()
}

// left says how many tries there are.
func (c *change) left() app.UI {
	tries := app.P().ID("pin-tries").Class("pad-tries")
	switch {
	case c.phase() != card.Ready && c.phase() != card.LayAgain:
		return tries.Body(textTriesLater.UI())
	case c.tries().Left == 1:
		return tries.Class("pad-tries-last").Body(kit.Icon(kit.IconWarning), textLastTry.UI())
	}
	return tries.Body(textTries.F(c.tries().Left).UI())
}

// field is one of the three. There is no Value: what is typed stays in the element's property and never becomes an
// attribute. one-time-code keeps password managers from offering to store it.
func (c *change) field(id string, label, hint lang.Text, below app.UI) app.UI {
	class, kind, mode := "field", "password", "numeric"
	if !c.faults[id].Empty() {
		class = "field field-invalid"
	}
	if c.shown {
		kind = "text"
	}
	size := "pin-input"
	if c.of.letters {
		mode, size = "text", "pin-letters"
		hint = textFormAndUpper.F(hint, textUpper)
		if id == againID {
			hint = lang.Text{}
		}
	}
	body := []app.UI{
		app.Label().For(id).Class("label").Body(label.UI()),
		app.P().ID(id + "-hint").Class("hint").Body(hint.UI()),
		kit.ErrorOf(id, c.faults[id]),
		app.Input().ID(id).Type(kind).Class("input "+size).Attr("inputmode", mode).
			Attr("autocomplete", "one-time-code").Attr("spellcheck", "false").Attr("autocapitalize", "characters").
			Attr("lang", "en").MaxLength(c.of.most).Aria("invalid", !c.faults[id].Empty()).
			Aria("describedby", id+"-hint "+id+"-error").Disabled(!c.step.Empty()).
			OnInput(func(ctx app.Context, _ app.Event) { c.onInput(id) }, app.EventScope(id)),
	}
	if below != nil {
		body = append(body, below)
	}
	return app.Div().Class(class).Body(body...)
}

// keeps is the list of rules, each with whether the new PIN keeps it.
func (c *change) keeps() app.UI {
	type rule struct {
		says lang.Text
		met  bool
	}
	list := []rule{{c.of.form, c.kept.form}}
	if c.of.letters {
		list = append(list, rule{textRuleMixed, c.kept.mixed})
	}
	list = append(list, rule{textRuleHard, c.kept.hard}, rule{textRuleOther, c.kept.other},
		rule{textRuleSame, c.kept.same})
	items := make([]app.UI, len(list))
	for i, r := range list {
		sign, class, state := app.UI(app.Span().Class("pin-open")), "pin-rule", textRuleOpen
		if r.met {
			sign, class, state = kit.Icon(kit.IconCheck), "pin-rule pin-rule-met", textRuleMet
		}
		items[i] = app.Li().Class(class).Body(sign, r.says.UI(), kit.Hidden(state))
	}
	warning := app.P().ID("pin-day").Class("pin-day").Attr("role", "status")
	if c.kept.day {
		warning = warning.Body(kit.Icon(kit.IconWarning), textLooksLikeDay.UI())
	}
	return app.Div().Body(
		app.Ul().ID("pin-rules").Class("pin-rules").Aria("label", textRules.String()).Body(items...), warning)
}

// pin is what can be a PIN of what stands in a field. Whoever calls it clears it.
func (c *change) pin(id string) []byte { return c.of.narrow(proof.Typed(id)) }

func (c *change) onInput(id string) {
	text := proof.Typed(id)
	defer clear(text)
	whole := len(text)
	as := bytes.Clone(text)
	defer clear(as)
	if narrow := c.of.narrow(text); len(narrow) != whole || !bytes.Equal(narrow, as) {
		proof.Retype(id, narrow)
	}
	delete(c.faults, id)
	c.failure = trouble.Message{}
	c.judge()
}

// judge looks at the three fields, and keeps no more than which rules are kept.
func (c *change) judge() {
	old, fresh, again := c.pin(oldID), c.pin(newID), c.pin(againID)
	defer clear(old)
	defer clear(fresh)
	defer clear(again)
	there := c.of.complete(fresh)
	c.kept = rules{
		form: there, mixed: mixed(fresh), hard: there && !easy(fresh),
		other: there && c.of.complete(old) && !bytes.Equal(old, fresh),
		same:  there && bytes.Equal(fresh, again), day: !c.of.letters && likeDay(fresh),
	}
}

// begun tells whether something was typed.
func (c *change) begun() bool {
	for _, id := range []string{oldID, newID, againID} {
		typed := c.pin(id)
		clear(typed)
		if len(typed) > 0 {
			return true
		}
	}
	return false
}

// empty forgets what was typed.
func (c *change) empty() {
	for _, id := range []string{oldID, newID, againID} {
		proof.Retype(id, nil)
	}
	c.kept = rules{}
}

func (c *change) onSubmit(ctx app.Context, e app.Event) {
	e.PreventDefault()
	if !c.usable() || !c.byReader() && !c.check(ctx) {
		return
	}
	if c.tries().Left == 1 {
		c.asking = true
		return
	}
	c.run()
}

// check tells at the fields what is wrong, before the card is touched, and leads to the first.
func (c *change) check(ctx app.Context) bool {
	c.judge()
	old := c.pin(oldID)
	defer clear(old)
	c.faults = map[string]lang.Text{}
	first := ""
	fault := func(id string, says lang.Text) {
		c.faults[id] = says
		if first == "" {
			first = id
		}
	}
	if !c.of.complete(old) {
		fault(oldID, textNeedOld)
	}
	k := c.kept
	if !k.form || !k.hard || c.of.letters && !k.mixed || first == "" && !k.other {
		fault(newID, textNeedRules)
	} else if !k.same {
		fault(againID, textNeedSame)
	}
	if first == "" {
		return true
	}
	kit.Announce(ctx, c.faults[first])
	kit.Focus(ctx, first)
	return false
}

// run has the card change the PIN, in the background. What was typed is gone from the page at once.
func (c *change) run() {
	at, kind := c.status.Place, c.of.kind
	secret, fresh := card.Secret{Pad: true}, []byte(nil)
	if !c.byReader() {
		secret, fresh = card.Secret{PIN: c.pin(oldID)}, c.pin(newID)
	}
	c.empty()
	c.faults, c.failure, c.step = nil, trouble.Message{}, textWorking
	bounded, cancel := context.WithTimeout(context.Background(), patience)
	c.cancel = cancel
	told := func(p *bridgev2.Progress) {
		c.ctx.Dispatch(func(app.Context) {
			if !c.step.Empty() {
				c.step = stepText(p.GetStep())
			}
		})
	}
	c.ctx.Async(func() {
		defer cancel()
		err := card.Shared().ChangePIN(bounded, card.Act{At: at, Secret: secret, Told: told}, kind, fresh)
		c.ctx.Dispatch(func(ctx app.Context) { c.end(ctx, err, !secret.Pad) })
	})
}

func stepText(step bridgev2.Progress_Step) lang.Text {
	switch step {
	case bridgev2.Progress_STEP_CONFIRM:
		return textConfirm
	case bridgev2.Progress_STEP_PAD:
		return textPad
	}
	return textWorking
}

func (c *change) end(ctx app.Context, err error, proven bool) {
	c.step, c.cancel = lang.Text{}, nil
	var refusal *card.Refusal
	switch {
	case err == nil:
		c.done, c.proven = true, proven
		kit.Focus(ctx, "page-title")
		return
	case errors.Is(err, card.ErrWrongPIN) && errors.As(err, &refusal) && refusal.Tries != nil && !proven:
		c.failure = trouble.Message{What: textWrong.F(refusal.Tries.Left), Means: c.of.usually, Code: "PN-01"}
		kit.Focus(ctx, messageID)
	case errors.Is(err, card.ErrWrongPIN) && errors.As(err, &refusal) && refusal.Tries != nil:
		c.faults = map[string]lang.Text{oldID: textTwo.F(textWrong.F(refusal.Tries.Left), c.of.usually)}
		kit.Announce(ctx, c.faults[oldID])
		kit.Focus(ctx, oldID)
	case errors.Is(err, card.ErrLocked):
		kit.Announce(ctx, c.locked().What)
		kit.Focus(ctx, statusID)
	default:
		c.failure = failure(err)
		kit.Focus(ctx, messageID)
	}
	c.pace(ctx)
}

// failure says what became of the PIN, and never more than is known: once the bridge was asked, only its answer tells.
func failure(err error) trouble.Message {
	switch {
	case errors.Is(err, card.ErrBridgeGone), errors.Is(err, context.DeadlineExceeded):
		return proof.Failure(errors.Join(card.ErrChangeUnknown, err))
	case errors.Is(err, card.ErrChangeUnknown):
		return proof.Failure(err)
	}
	message := proof.Failure(err)
	message.Means = textUnchanged
	return message
}

func (c *change) askBody() []app.UI {
	return []app.UI{textAskBody.P(""), textAskUnsure.P("")}
}

func (c *change) askActions() []app.UI {
	return []app.UI{
		kit.Button{ID: "pin-last-back", Label: textBack, Kind: kit.Primary, OnPress: c.back}.UI(),
		kit.Button{ID: "pin-last-go", Label: textGoOn, Kind: kit.Danger, OnPress: func(app.Context) {
			c.asking = false
			c.run()
		}}.UI(),
	}
}

func (c *change) back(ctx app.Context) {
	c.asking = false
	c.empty()
	if c.byReader() {
		kit.Focus(ctx, goID)
		return
	}
	kit.Focus(ctx, oldID)
}

// receipt says what the card did, and no more.
func (c *change) receipt() app.UI {
	says := textDonePad
	if c.proven {
		says = textDoneProven
	}
	return app.Div().Class("page column page-pin-change").Body(
		shell.Heading(textDone.F(c.of.name)),
		app.Div().Class("pin-done").Body(scene.Lit(scene.Medium), app.Div().Body(
			says.P(""), textDoneElsewhere.P(""),
		)),
		app.Div().Class("actions").Body(
			kit.Link{Label: textOthers, Href: path, Kind: kit.Secondary}.UI(),
			kit.Link{Label: textTop, Href: "/", Kind: kit.TextOnly}.UI(),
		),
	)
}
