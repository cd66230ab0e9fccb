package myinfo

import (
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// lasting is a time in whole minutes, hours or days, as people say it.
func lasting(ms int64) lang.Text {
	d := time.Duration(ms) * time.Millisecond
	switch {
	case d <= 90*time.Minute:
		return textMinutes.F(max(1, int((d+time.Minute-1)/time.Minute)))
	case d <= 48*time.Hour:
		return textHours.F(int((d + time.Hour - 1) / time.Hour))
	}
	return textDays.F(int((d + 24*time.Hour - 1) / (24 * time.Hour)))
}

// usual says how long it usually takes, and of how many answers that is known; empty while it is not.
func usual(ms int64, of int32) lang.Text {
	if ms <= 0 || of <= 0 {
		return textUsualUnknown
	}
	return textUsual.F(lasting(ms), int(of))
}

func at(ms int64) lang.Text { return lang.DateTime(time.UnixMilli(ms)) }

// stateOf is where a request stands: a chip and, for one that is waited for, what to expect.
func stateOf(r *portalv1.InfoRequest) (chip app.UI, lines []lang.Text) {
	switch r.GetState() {
	case portalv1.InfoState_INFO_STATE_ANSWERED:
		chip = kit.ChipLabel(outcomeTone(r.GetOutcome()), outcomeWord(r.GetOutcome()))
		return chip, []lang.Text{textAnsweredAt.F(at(r.GetAnsweredAt()))}
	case portalv1.InfoState_INFO_STATE_ENDED:
		return kit.ChipLabel(kit.Failure, textEnded), []lang.Text{textEndedMeans}
	case portalv1.InfoState_INFO_STATE_TAKEN:
		chip, lines = kit.ChipLabel(kit.Info, textWaiting), []lang.Text{textTakenSince.F(at(r.GetSince()))}
	default:
		chip, lines = kit.ChipLabel(kit.Info, textWaiting), []lang.Text{textWaitingSince.F(at(r.GetSince()))}
	}
	if t := troubleOf(r.GetTrouble()); !t.Empty() {
		chip = kit.ChipLabel(kit.Warning, textDelayed)
		lines = append(lines, t)
	} else {
		lines = append(lines, usual(r.GetUsualMs(), r.GetUsualOf()))
	}
	if r.GetNextTryAt() > 0 {
		lines = append(lines, textNextTry.F(at(r.GetNextTryAt())))
	}
	return chip, lines
}

// troubleOf says why an answer is not there yet, where it is not just that it takes its time.
func troubleOf(t portalv1.InfoTrouble) lang.Text {
	switch t {
	case portalv1.InfoTrouble_INFO_TROUBLE_NO_CONTACT:
		return textNoContact
	case portalv1.InfoTrouble_INFO_TROUBLE_NO_ANSWER:
		return textNoAnswer
	case portalv1.InfoTrouble_INFO_TROUBLE_UNREADABLE:
		return textAnswerUnreadable
	case portalv1.InfoTrouble_INFO_TROUBLE_UNAVAILABLE:
		return textUnavailable
	}
	return lang.Text{}
}

func outcomeTone(o portalv1.InfoOutcome) kit.Tone {
	switch o {
	case portalv1.InfoOutcome_INFO_OUTCOME_DATA:
		return kit.Success
	case portalv1.InfoOutcome_INFO_OUTCOME_REFUSED, portalv1.InfoOutcome_INFO_OUTCOME_TOO_MUCH:
		return kit.Warning
	}
	return kit.Neutral
}

func outcomeWord(o portalv1.InfoOutcome) lang.Text {
	switch o {
	case portalv1.InfoOutcome_INFO_OUTCOME_DATA:
		return textAnswered
	case portalv1.InfoOutcome_INFO_OUTCOME_UNREGISTERED:
		return textUnregistered
	case portalv1.InfoOutcome_INFO_OUTCOME_UNSUPPORTED:
		return textUnsupported
	case portalv1.InfoOutcome_INFO_OUTCOME_NOT_YET:
		return textNotYet
	case portalv1.InfoOutcome_INFO_OUTCOME_REFUSED:
		return textRefused
	case portalv1.InfoOutcome_INFO_OUTCOME_TOO_MUCH:
		return textTooMuch
	}
	return textNone
}

func waits(r *portalv1.InfoRequest) bool {
	return r.GetState() == portalv1.InfoState_INFO_STATE_WAITING || r.GetState() == portalv1.InfoState_INFO_STATE_TAKEN
}

func answered(r *portalv1.InfoRequest) bool {
	return r.GetState() == portalv1.InfoState_INFO_STATE_ANSWERED
}

// row is a request in a list: what was asked of whom, how it stands, and what can be done with it.
func (e entry) row(r *portalv1.InfoRequest, acts ...app.UI) app.UI {
	chip, lines := stateOf(r)
	title := e.name().Span("info-request-title")
	if answered(r) {
		title = app.A().Class("link info-request-title").Href(answerPath(r.GetId())).Body(e.name().UI())
	}
	sign := app.Span()
	if answered(r) && !r.GetSeen() && !e.covered() {
		sign = app.Span().Class("entry-dot").Body(kit.Hidden(textUnseen))
	}
	told := make([]app.UI, len(lines))
	for i, l := range lines {
		told[i] = l.P("")
	}
	return app.Div().Class("info-request").Body(
		app.Div().Class("info-request-sign").Body(sign),
		app.Div().Class("info-request-words").Body(
			app.P().Body(title, app.Text(" "), chip),
			app.P().Class("info-request-of").Body(
				app.Span().Text(r.GetOffice()), app.Text("・"),
				periodOf(e.detail, r.GetWish().GetFrom(), r.GetWish().GetTo()).UI(),
			),
			app.Div().Class("hint").Body(told...),
			app.Div().Class("info-request-acts no-print").Body(acts...),
		),
	)
}
