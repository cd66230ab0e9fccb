package application

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/part/ask"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// telling is whether the person is told by mail of what becomes of their applications.
func (l *list) telling() app.UI {
	if l.settings == nil {
		return app.Div()
	}
	hint := textMailHint
	if !l.settings.GetMailPossible() {
		hint = textMailNone
	}
	return kit.Disclosure{ID: "applications-telling", Summary: textTelling, Body: []app.UI{
		l.chosen.Failure.Banner("applications-telling-failure"),
		kit.Checkbox{ID: "applications-mail", Label: textMail, Hint: hint, Checked: l.settings.GetMail(),
			OnChange: func(_ app.Context, on bool) { l.tellByMail(on) }}.UI(),
	}}.UI()
}

func (l *list) askTelling() {
	ask.For(&l.visit, &l.chosen, portal().GetApplicationSettings, &portalv1.GetApplicationSettingsRequest{},
		func(_ app.Context, got *portalv1.GetApplicationSettingsResponse, err error) {
			if err == nil {
				l.settings = got.GetSettings()
			}
		})
}

func (l *list) tellByMail(on bool) {
	ask.Do(&l.visit, &l.chosen, portal().UpdateApplicationSettings,
		&portalv1.UpdateApplicationSettingsRequest{Mail: on},
		func(ctx app.Context, got *portalv1.UpdateApplicationSettingsResponse, err error) {
			if err == nil {
				l.settings = got.GetSettings()
				kit.Announce(ctx, textTold)
			}
		})
}

// keeping is when what has ended goes, with the one tap that keeps it.
func (d *detail) keeping() app.UI {
	if !d.it.GetKept() && d.it.GetGoneAt() == 0 {
		return app.Div()
	}
	label, words := textKeep, app.Span()
	if d.it.GetKept() {
		label, words = textLetGo, words.Body(textKept.UI())
	}
	return app.P().Body(words, kit.Button{
		ID: "application-keep", Label: label, Kind: kit.TextOnly, Busy: d.acted.Busy, OnPress: d.keep,
	}.UI())
}

func (d *detail) keep(app.Context) {
	ask.Do(&d.visit, &d.acted, portal().KeepApplication,
		&portalv1.KeepApplicationRequest{Id: d.id, Keep: !d.it.GetKept()},
		func(ctx app.Context, got *portalv1.KeepApplicationResponse, err error) {
			if err == nil {
				d.take(got.GetApplication())
				kit.Announce(ctx, textTold)
			}
		})
}
