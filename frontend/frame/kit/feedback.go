package kit

import (
	"fmt"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
)

// Tone says what kind of thing a banner or chip tells; a sign and a word go with the colour.
type Tone string

const (
	Info    Tone = "info"
	Success Tone = "success"
	Warning Tone = "warning"
	Failure Tone = "failure"
	Neutral Tone = "neutral"
)

var toneWords = map[Tone]lang.Text{
	Info:    textInformation,
	Success: textDone,
	Warning: textWarning,
	Failure: textError,
}

func toneIcon(t Tone) IconName {
	switch t {
	case Success:
		return IconCheck
	case Warning:
		return IconWarning
	case Failure:
		return IconError
	}
	return IconInfo
}

// NotificationBanner tells one thing about the page as a whole. With an empty Title nothing is shown, but the place is
// kept, so that a screen reader hears it when it comes.
type NotificationBanner struct {
	ID    string
	Tone  Tone
	Title lang.Text
	Body  []app.UI
}

// UI renders the banner.
func (b NotificationBanner) UI() app.UI {
	role := "status"
	if b.Tone == Failure {
		role = "alert"
	}
	e := app.Div().Attr("role", role)
	if b.ID != "" {
		e = e.ID(b.ID).TabIndex(-1)
	}
	if b.Title.Empty() {
		return e.Class("banner-place")
	}
	return e.Class("banner banner-"+string(b.Tone)).Body(
		app.P().Class("banner-title").Body(Icon(toneIcon(b.Tone)), Hidden(toneWords[b.Tone]), app.Span().Body(
			b.Title.UI(),
		)),
		app.Div().Class("banner-body").Body(b.Body...),
	)
}

// EmergencyBanner tells everybody, above all else, of what cannot wait: an evacuation, a card that must be stopped. It
// stands there when the page comes, and is a region that screen readers find by its heading.
type EmergencyBanner struct {
	ID    string
	Title lang.Text
	Body  []app.UI
	// WayOn leads to what to do; one link or button.
	WayOn app.UI
}

// UI renders the banner.
func (b EmergencyBanner) UI() app.UI {
	return app.Section().ID(b.ID).Class("emergency").Aria("labelledby", b.ID+"-title").Body(
		app.H2().ID(b.ID+"-title").Class("emergency-title").Body(
			Icon(IconEmergency), Hidden(textEmergency), b.Title.Span(""),
		),
		app.Div().Class("emergency-body").Body(append(b.Body, b.WayOn)...),
	)
}

// FieldError is one thing to mend in a form.
type FieldError struct {
	// Field is the ID of the field.
	Field   string
	Message lang.Text
}

// FaultOf is what is wrong with one field; empty when nothing is.
func FaultOf(faults []FieldError, field string) lang.Text {
	for _, f := range faults {
		if f.Field == field {
			return f.Message
		}
	}
	return lang.Text{}
}

// ErrorSummary lists what is wrong in a form at its top, announces it and leads to each field. Always draw it; without
// errors it is empty. After a refused submit, call Focus with its ID.
type ErrorSummary struct {
	ID     string
	Errors []FieldError
}

// UI renders the summary.
func (s ErrorSummary) UI() app.UI {
	e := app.Div().ID(s.ID).TabIndex(-1).Attr("role", "alert")
	if len(s.Errors) == 0 {
		return e.Class("banner-place")
	}
	var items []app.UI
	for _, fault := range s.Errors {
		items = append(items, app.Li().Body(
			app.A().Class("link").Href("#"+fault.Field).Body(fault.Message.UI()).
				OnClick(func(ctx app.Context, e app.Event) {
					// The link is followed here, not by the router: a form is no place to navigate in.
					e.PreventDefault()
					e.Call("stopPropagation")
					Focus(ctx, fault.Field)
				}, app.EventScope(fault.Field)),
		))
	}
	return e.Class("banner banner-failure").Body(
		app.P().Class("banner-title").Body(Icon(IconError), textErrorCount.F(len(s.Errors)).Span("")),
		app.Ul().Class("banner-list").Body(items...),
	)
}

// ChipLabel is a short word on what something is: 未読, 要対応.
func ChipLabel(tone Tone, label lang.Text) app.UI {
	return app.Span().Class("chip chip-" + string(tone)).Body(label.UI())
}

// Skeleton stands for what is loading: grey lines after 200 ms, words after 2 s, and after 10 s what `wayOut` offers
// (may be nil). The times are in CSS.
func Skeleton(lines int, wayOut app.UI) app.UI {
	body := []app.UI{Hidden(textLoading)}
	for i := range lines {
		body = append(body, app.Div().Class(fmt.Sprintf("skeleton-line skeleton-line-%d", i%3)).Aria("hidden", "true"))
	}
	body = append(body, textSlow.P("skeleton-words"))
	if wayOut != nil {
		body = append(body, app.Div().Class("skeleton-way-out").Body(wayOut))
	}
	return app.Div().Class("skeleton").Attr("role", "status").Aria("busy", "true").Body(body...)
}

// Progress shows how far something is, with numbers where there is a count; Max 0 means that nobody knows. What can be
// stopped has a button to do so.
type Progress struct {
	ID         string
	Label      lang.Text
	Value, Max int
	OnStop     func(ctx app.Context)
}

// UI renders the bar.
func (p Progress) UI() app.UI {
	bar := app.Progress().ID(p.ID).Class("progress-bar").Aria("label", p.Label.String())
	if p.Max > 0 {
		bar = bar.Max(p.Max).Value(p.Value)
	}
	return app.Div().Class("progress").Body(
		app.P().Class("progress-label").Body(p.Label.UI(), app.If(p.Max > 0, func() app.UI {
			return app.Span().Class("progress-count").Text(fmt.Sprintf(" %d/%d", p.Value, p.Max))
		})),
		bar,
		app.If(p.OnStop != nil, func() app.UI {
			return Button{ID: p.ID + "-stop", Label: textStop, Kind: TextOnly, OnPress: p.OnStop}.UI()
		}),
	)
}

const announcer = "announcer"

// LiveRegion is where Announce speaks; the shell draws it once.
func LiveRegion() app.UI {
	return app.Div().ID(announcer).Class("visually-hidden").Attr("role", "status").Aria("live", "polite")
}

// Announce has a screen reader say something that only the eye would notice.
func Announce(ctx app.Context, t lang.Text) {
	text := t.String()
	ctx.Defer(func(app.Context) {
		if app.IsServer {
			return
		}
		if region := app.Window().GetElementByID(announcer); region.Truthy() {
			region.Set("textContent", "")
			region.Set("textContent", text)
		}
	})
}
