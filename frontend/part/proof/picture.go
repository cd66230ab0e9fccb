package proof

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/reach/card"
)

// tone says how good or bad a phase is.
func tone(phase card.Phase) kit.Tone {
	switch phase {
	case card.Ready:
		return kit.Success
	case card.Searching, card.AwaitingPermission, card.Handheld, card.NoCard, card.Reading, card.SeveralCards:
		return kit.Info
	case card.NotRunning, card.OldBridge, card.OldPage, card.NoReader, card.HeldCard, card.BusyCard, card.MuteCard,
		card.LayAgain:
		return kit.Warning
	}
	return kit.Failure
}

const (
	drawReader  = `<path d="M30 78h100l8 22a6 6 0 0 1-6 8H28a6 6 0 0 1-6-8z"/><path d="M44 94h20"/>`
	drawCable   = `<path d="M138 100c16 0 10-26 26-26h12"/>`
	drawNoCable = `<path d="M138 100c8 0 8-6 10-12M164 74h12" /><path d="M150 70l12 12M162 70l-12 12"/>`
	drawCardOn  = `<g class="picture-card"><rect x="46" y="42" width="68" height="44" rx="5"/><rect class="picture-chip" x="54" y="54" width="14" height="11" rx="2"/><path d="M78 56h26M78 64h18M54 76h50"/></g>`
	drawCardAir = `<g class="picture-card picture-card-coming"><rect x="46" y="8" width="68" height="44" rx="5"/><rect class="picture-chip" x="54" y="20" width="14" height="11" rx="2"/><path d="M78 22h26M78 30h18M54 42h50"/></g><path d="M80 58v12M74 65l6 6 6-6"/>`
	drawScan    = `<path class="picture-scan" d="M50 46h60"/>`
	drawGlow    = `<circle class="picture-glow" cx="80" cy="62" r="50"/>`
	drawScreen  = `<rect x="178" y="48" width="52" height="38" rx="3"/><path d="M196 98h16M204 86v12"/>`
)

// signs stand on the picture: colour alone says nothing.
var signs = map[kit.Tone]string{
	kit.Success: `<circle cx="204" cy="67" r="12"/><path d="M198 67l4 4 8-8"/>`,
	kit.Warning: `<path d="M204 56l12 21h-24z"/><path d="M204 63v7M204 73v.3"/>`,
	kit.Failure: `<circle cx="204" cy="67" r="12"/><path d="M199 62l10 10M209 62l-10 10"/>`,
	kit.Info:    `<path d="M198 67h.3M204 67h.3M210 67h.3"/>`,
}

// picture draws card, reader and computer as they stand. It is decoration: the sentence beside it says the same.
func picture(phase card.Phase) app.UI { return pictureOf(phase, tone(phase)) }

// pictureOf is the same where it is told how good or bad it is.
func pictureOf(phase card.Phase, tone kit.Tone) app.UI {
	body := drawScreen + signs[tone]
	switch {
	case phase <= card.NoReader && phase != card.Searching:
		body += drawReader + drawNoCable
	case phase == card.Reading:
		body += drawReader + drawCable + drawCardOn + drawScan
	case phase == card.Ready:
		body = drawGlow + body + drawReader + drawCable + drawCardOn
	case phase == card.NoCard || phase == card.Searching:
		body += drawReader + drawCable + drawCardAir
	default:
		body += drawReader + drawCable + drawCardOn
	}
	return kit.Drawing("picture picture-"+string(tone), "0 0 240 116", body)
}
