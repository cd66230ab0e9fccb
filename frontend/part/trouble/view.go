package trouble

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
)

// Banner shows the message, with the technical side folded away. The zero Message is an empty place that is announced
// when filled.
func (m Message) Banner(id string) app.UI {
	banner := kit.NotificationBanner{ID: id, Tone: kit.Failure, Title: m.What}
	if !m.What.Empty() {
		banner.Body = m.Lines()
	}
	return banner.UI()
}

// Lines are what follows the headline: what it means, what to do, and the folded-away detail.
func (m Message) Lines() []app.UI {
	var detail []app.UI
	if m.Code != "" {
		detail = append(detail, textCode.F(m.Code).P(""),
			app.P().Body(kit.Link{Label: textInquire, Href: "/inquiry/new?code=" + m.Code}.UI()))
	}
	if m.Detail != "" {
		detail = append(detail, app.P().Lang("en").Class("detail").Text(m.Detail))
	}
	lines := []app.UI{m.Means.P(""), m.Do.P("")}
	if len(detail) > 0 {
		lines = append(lines, kit.Disclosure{Summary: textDetail, Body: detail}.UI())
	}
	return lines
}

// Is says whether there is a message at all.
func (m Message) Is() bool { return !m.What.Empty() }

// First is the first of several messages; the zero Message when there is none.
func First(messages ...Message) Message {
	for _, m := range messages {
		if m.Is() {
			return m
		}
	}
	return Message{}
}
