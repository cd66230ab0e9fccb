package kit

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
)

// Kind says how much a button or link stands out. One Primary a page.
type Kind string

const (
	Primary   Kind = "primary"
	Secondary Kind = "secondary"
	TextOnly  Kind = "text"
	Danger    Kind = "danger"
)

// Button does something on this page. To go elsewhere, use Link.
type Button struct {
	ID    string
	Label lang.Text
	Kind  Kind // Secondary when empty
	Icon  IconName
	// Busy shows that it works on it; presses are ignored meanwhile and the focus stays.
	Busy bool
	// Disabled is for what cannot be pressed now; say why beside it and name that text's id in DescribedBy.
	Disabled    bool
	DescribedBy string
	// Submit makes it the button of its form: OnPress is then not needed, the form's OnSubmit is.
	Submit bool
	// Wide fills the line on phones.
	Wide    bool
	OnPress func(ctx app.Context)
	// Scope tells buttons of a list apart when they have no ID.
	Scope any
}

// UI renders the button.
func (b Button) UI() app.UI {
	kind := b.Kind
	if kind == "" {
		kind = Secondary
	}
	wide, busy := "", ""
	if b.Wide {
		wide = "button-wide"
	}
	if b.Busy {
		busy = "button-busy"
	}
	kindOf := "button"
	if b.Submit {
		kindOf = "submit"
	}
	e := app.Button().Type(kindOf).Class(classes("button", "button-"+string(kind), wide, busy)).Disabled(b.Disabled).
		Body(
			iconOrNone(b.Icon),
			b.Label.Span("button-label"),
			app.If(b.Busy, func() app.UI { return app.Span().Class("spinner").Aria("hidden", "true") }),
		)
	if b.ID != "" {
		e = e.ID(b.ID)
	}
	if b.DescribedBy != "" {
		e = e.Aria("describedby", b.DescribedBy)
	}
	if b.Busy {
		e = e.Aria("disabled", "true")
	}
	if b.Busy && b.Submit {
		return e.OnClick(func(_ app.Context, event app.Event) { event.PreventDefault() },
			app.EventScope(b.ID, b.Scope, "busy"))
	}
	if b.Busy || b.OnPress == nil {
		return e
	}
	press := b.OnPress
	return e.OnClick(func(ctx app.Context, event app.Event) {
		Once(ctx, event, press)
	}, app.EventScope(b.ID, b.Scope))
}

// Link goes to another page or site.
type Link struct {
	ID    string
	Label lang.Text
	Href  string
	// Kind gives it the look of a button; empty is a link in the text.
	Kind Kind
	Icon IconName
	Wide bool
	// External opens another site in a tab of its own and says so.
	External bool
}

// PrintButton prints the page.
func PrintButton(id string) app.UI {
	return Button{
		ID: id, Label: textPrint, Icon: IconPrint, OnPress: func(app.Context) { app.Window().Call("print") },
	}.UI()
}

// UI renders the link.
func (l Link) UI() app.UI {
	class := "link"
	if l.Kind != "" {
		class = classes("button", "button-"+string(l.Kind))
	}
	if l.Wide {
		class += " button-wide"
	}
	e := app.A().Class(class).Href(l.Href)
	if l.ID != "" {
		e = e.ID(l.ID)
	}
	if !l.External {
		return e.Body(iconOrNone(l.Icon), l.Label.Span("button-label"))
	}
	return e.Target("_blank").Rel("noopener noreferrer").Body(
		iconOrNone(l.Icon), l.Label.Span("button-label"), Icon(IconExternal), Hidden(textNewTab),
	)
}
