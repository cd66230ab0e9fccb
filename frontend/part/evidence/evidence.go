// Package evidence says beside a person's history what was checked of it: in one quiet line that unfolds, or
// loudly when something does not fit. A page that shows lines of a chain draws a Panel with the answer of the
// portal as it is, and the Files of a line where somebody may want its proof.
package evidence

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	look "madoguchi/frontend/reach/ledger"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/ledger"
)

// ExplainedAt is the page that says what all this proves, and what it does not.
const ExplainedAt = "/who"

// Panel checks what a page shows, and says what came of it. The lines may be any of the chain; with them comes the
// state of the log that stood in the same answer.
type Panel struct {
	app.Compo
	// ID names it on the page.
	ID    string
	Chain ledger.Chain
	Lines []*portalv1.LedgerLine
	State *portalv1.LedgerState
	// Kept is when the device kept the answer; zero for a fresh one (Question.Age.Kept).
	Kept time.Time

	checked *portalv1.LedgerState // of which report is
	stop    context.CancelFunc
	report  *look.Report
}

// looked does the checking; tests have one of their own.
var looked = look.Look

// OnMount begins to check.
func (p *Panel) OnMount(ctx app.Context) {
	shell.Follow(ctx)
	p.begin(ctx)
}

// OnUpdate checks another answer that the page has got meanwhile.
func (p *Panel) OnUpdate(ctx app.Context) { p.begin(ctx) }

// OnDismount gives up.
func (p *Panel) OnDismount() { p.end() }

func (p *Panel) end() {
	if p.stop != nil {
		p.stop()
		p.stop = nil
	}
}

func (p *Panel) begin(ctx app.Context) {
	if p.State == nil || p.State == p.checked {
		return
	}
	p.end()
	life, stop := context.WithCancel(context.Background())
	p.stop, p.checked, p.report = stop, p.State, nil
	chain, lines, state, kept := p.Chain, p.Lines, p.State, p.Kept
	ctx.Async(func() {
		report := looked(life, chain, lines, state, kept, !shell.CurrentSession().SharedDevice)
		ctx.Dispatch(func(app.Context) {
			if life.Err() == nil && p.checked == state {
				p.report = &report
			}
		})
	})
}

// Render draws the line, or what is wrong.
func (p *Panel) Render() app.UI {
	place := app.Div().ID(p.ID).Class("evidence")
	switch {
	case p.State == nil:
		return place
	case p.report == nil:
		return place.DataSet("state", "checking").Body(textChecking.P("hint"))
	case !p.report.Good():
		return place.DataSet("state", "bad").Body(p.bad(*p.report))
	}
	return place.DataSet("state", "good").Body(kit.Disclosure{
		ID: p.ID + "-more", Summary: line(*p.report), Body: details(*p.report),
	}.UI())
}

// line is the one that says it all.
func line(r look.Report) lang.Text {
	switch {
	case !r.Kept.IsZero():
		return textKeptLine.F(lang.DateTime(r.Kept))
	case r.JoinUnknown:
		return textSome
	case r.Whole():
		return textWhole.F(len(r.Confirmed), r.Witnesses)
	}
	return textPart.F(int(r.From), len(r.Confirmed), r.Witnesses)
}

// details are what was checked, and what could not be.
func details(r look.Report) []app.UI {
	said := []lang.Text{textIncluded.F(r.Shown - r.Pending)}
	say := func(when bool, t lang.Text) {
		if when {
			said = append(said, t)
		}
	}
	say(r.Pending > 0, textPending.F(r.Pending))
	say(r.To > 0 && r.Kept.IsZero() && !r.JoinUnknown, textGapless.F(int(r.From), int(r.To)))
	say(r.From > 1 && r.Kept.IsZero(), textEarlier)
	switch {
	case !r.Remembers:
		said = append(said, textNotKept)
	case r.JoinUnknown:
		said = append(said, textJoin)
	case r.Before.IsZero():
		said = append(said, textFirst)
	default:
		said = append(said, textSince.F(lang.DateTime(r.Before)))
	}
	say(r.Others > 0, textOthers.F(r.Others))
	say(r.Remembers && !r.Hands && r.Kept.IsZero(), textAlone)
	say(!r.At.IsZero(), textWitnessed.F(lang.DateTime(r.At)))
	say(len(r.Confirmed) == 0 && r.Kept.IsZero(), textUnconfirmed)
	say(r.Lost, textLost)
	items := make([]app.UI, len(said))
	for i, t := range said {
		items[i] = t.Li("")
	}
	return []app.UI{
		app.Ul().Class("dots").Body(items...), app.P().Body(kit.Link{Label: textMore, Href: ExplainedAt}.UI()),
	}
}

// faults are what does not fit, in words.
var faults = map[look.FaultKind]lang.Text{
	look.Unreadable: textUnreadable, look.LogKeyChanged: textLogKey, look.WitnessesChanged: textWitnessKeys,
	look.Unsigned: textUnsigned, look.RolledBack: textRolledBack, look.Rewritten: textRewritten,
	look.NotInLog: textNotInLog, look.Missing: textMissing, look.Altered: textAltered,
	look.Disordered: textDisordered, look.BackDated: textBackDated, look.Foreign: textForeign, look.Cut: textCut,
	look.Forked: textForked, look.LinesLost: textLinesLost,
}

// mostFaults are listed; a person needs no more to act.
const mostFaults = 8

func (p *Panel) bad(r look.Report) app.UI {
	var items []app.UI
	for _, f := range r.Faults[:min(len(r.Faults), mostFaults)] {
		what := faults[f.Kind]
		if f.Number > 0 {
			what = textLine.F(what, int(f.Number))
		}
		items = append(items, what.Li(""))
	}
	for _, t := range handed(r) {
		items = append(items, t.Li(""))
	}
	body := []app.UI{app.Ul().Class("dots").Body(items...), textBadLead.P("")}
	lost := r.Has(look.LinesLost)
	if r.Lost {
		body = append(body, textLost.P(""))
	}
	if r.Acceptable() && r.Remembers {
		means, label := textKeys, textKeysAccept
		if lost {
			means, label = textLossMeans, textLossAccept
		}
		accept := kit.Button{ID: p.ID + "-keys", Label: label, OnPress: func(ctx app.Context) { p.accept(ctx, lost) }}
		body = append(body, means.P(""), accept.UI())
	}
	body = append(body, textBadDo.P(""),
		download("madoguchi-evidence.json", "application/json", p.record(r), textSave),
		app.P().Body(kit.Link{Label: textMore, Href: ExplainedAt + "#bad"}.UI()),
	)
	return kit.NotificationBanner{ID: p.ID + "-bad", Tone: kit.Failure, Title: textBad, Body: body}.UI()
}

// handed says what the operator says of another key, and what is known of the log under it.
func handed(r look.Report) (said []lang.Text) {
	if !r.Has(look.LogKeyChanged) {
		return nil
	}
	if r.Handed == nil {
		said = append(said, textHandedNone)
	} else {
		what, both := textHandedStolen, textHandedAlone
		switch r.Handed.Why {
		case ledger.Lost:
			what = textHandedLost
		case ledger.LostKey:
			what = textHandedLostKey
		}
		if r.HandedByBoth {
			both = textHandedBoth
		}
		said = append(said, what.F(lang.DateTime(r.Handed.At)), both)
	}
	if r.Continues {
		said = append(said, textContinues)
	}
	return said
}

// accept takes the keys, or the loss, that were announced, and checks again.
func (p *Panel) accept(ctx app.Context, lost bool) {
	state := p.State
	ctx.Async(func() {
		if err := look.Accept(context.Background(), state, lost); err != nil {
			app.Log("going by other keys of the log: ", err)
		}
		ctx.Dispatch(func(ctx app.Context) {
			p.checked = nil
			p.begin(ctx)
		})
	})
}

// record is what others need to see that something does not fit: what the log signed, now and before. Nothing of what
// the lines say is in it.
func (p *Panel) record(r look.Report) []byte {
	type fault struct {
		What   string `json:"what"`
		Number uint64 `json:"number,omitempty"`
	}
	all := make([]fault, len(r.Faults))
	for i, f := range r.Faults {
		all[i] = fault{faults[f.Kind].In(lang.Japanese), f.Number}
	}
	whole, err := json.MarshalIndent(map[string]any{
		"faults": all, "checkpoint": p.State.GetCheckpoint(), "witnessed": p.State.GetWitnessed(),
		"log": p.State.GetLogKey(), "witnesses": p.State.GetWitnessKeys(), "seen_before": r.SeenBefore,
		"handovers": p.State.GetHandovers(),
		"chain":     p.Chain, "heads": p.State.GetHeads(), "at": time.Now().UTC().Format(time.RFC3339),
	}, "", " ")
	if err != nil {
		app.Log("writing what does not fit: ", err)
	}
	return whole
}

// Files are what proves a line for years: its proof, which /check opens, and the two files that other programs read.
// Nothing for a line that does not stand in the log yet. The line folds its files away.
func Files(line *portalv1.LedgerLine, state *portalv1.LedgerState) app.UI {
	own, proof, err := look.ProofOf(line, state)
	if err != nil {
		return app.Div()
	}
	called := "madoguchi-" + strconv.Itoa(int(line.GetChain())) + "-" + strconv.FormatUint(line.GetNumber(), 10)
	return kit.Disclosure{
		ID: called, Summary: textProof, Body: []app.UI{
			textProofHint.P("hint"),
			download(called+".tlog-proof", "text/plain", []byte(proof.Text()), textProofFile),
			app.P().Body(kit.Link{Label: textOpenCheck, Href: "/check"}.UI()),
			download(called+".leaf", "application/octet-stream", own.Leaf(), textLeafFile),
			download(called+".leaf.spicy", "text/plain", []byte(proof.Plain()), textSpicyFile),
		},
	}.UI()
}

// download is a link by which the browser saves what is in it.
func download(name, kind string, content []byte, label lang.Text) app.UI {
	return app.P().Body(app.A().Class("link").Attr("download", name).
		Href("data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(content)).Body(label.UI()))
}
