package myinfo

import (
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/trouble"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// settings are for how long answers are kept, and what tells of them.
type settings struct {
	app.Compo
	visit   ask.Visit
	asked   ask.Question
	saved   ask.Question
	now     *portalv1.InfoSettings
	keep    portalv1.InfoKeep // as chosen on the page
	mail    bool
	notice  bool
	told    bool // it was saved
	erasing bool
	erased  int // how many were; -1 while nothing was
}

// OnMount loads how it stands.
func (s *settings) OnMount(ctx app.Context) {
	s.visit.Begin(ctx)
	s.erased = -1
	ask.For(&s.visit, &s.asked, portal().GetInfoSettings, &portalv1.GetInfoSettingsRequest{},
		func(_ app.Context, response *portalv1.GetInfoSettingsResponse, err error) {
			if err == nil {
				s.take(response.GetSettings())
			}
		})
}

// OnDismount gives up what is asked for.
func (s *settings) OnDismount() { s.visit.End() }

func (s *settings) take(now *portalv1.InfoSettings) {
	keeps(now.GetKeep())
	s.now, s.keep, s.mail, s.notice = now, now.GetKeep(), now.GetMail(), now.GetNotice()
}

func (s *settings) save(app.Context) {
	s.told, s.erased = false, -1
	request := &portalv1.UpdateInfoSettingsRequest{Keep: &s.keep, Mail: &s.mail, Notice: &s.notice}
	ask.Do(&s.visit, &s.saved, portal().UpdateInfoSettings, request,
		func(_ app.Context, response *portalv1.UpdateInfoSettingsResponse, err error) {
			if err == nil {
				s.take(response.GetSettings())
				s.told = true
				again(s.visit.Page, func(app.Context, error) {}) // what the device kept may be to go
			}
		})
}

func (s *settings) eraseAll(app.Context) {
	s.erasing = false
	ask.Do(&s.visit, &s.saved, portal().EraseInfo, &portalv1.EraseInfoRequest{All: true},
		func(_ app.Context, response *portalv1.EraseInfoResponse, err error) {
			if err == nil {
				s.erased = int(response.GetErased())
				again(s.visit.Page, func(app.Context, error) {}) // what the device kept goes, too
			}
		})
}

// Render draws the page.
func (s *settings) Render() app.UI {
	told := kit.NotificationBanner{ID: "info-saved", Tone: kit.Success}
	switch {
	case s.erased >= 0:
		told.Title = textErasedCount.F(s.erased)
	case s.told:
		told.Title = textSaved
	}
	return app.Div().Class("page column page-info").Body(
		shell.Heading(textSettings),
		trouble.First(s.asked.Failure, s.saved.Failure).Banner("info-failure"),
		told.UI(),
		app.Div().Body(s.body()...),
		eraser{ID: "info-eraser", Open: s.erasing, All: true, Do: s.eraseAll, Not: func(ctx app.Context) {
			s.erasing = false
			kit.Focus(ctx, "info-erase-all")
		}}.ui(),
	)
}

func (s *settings) body() []app.UI {
	if s.now == nil {
		return []app.UI{s.asked.Waiting("info", 5)}
	}
	var options []kit.Option
	for _, o := range []struct {
		keep portalv1.InfoKeep
		kit.Option
	}{
		{portalv1.InfoKeep_INFO_KEEP_LOGOUT, kit.Option{Label: textKeepLogout, Hint: textKeepLogoutHint}},
		{portalv1.InfoKeep_INFO_KEEP_30_DAYS, kit.Option{Label: textKeep30}},
		{portalv1.InfoKeep_INFO_KEEP_YEAR, kit.Option{Label: textKeepYear}},
		{portalv1.InfoKeep_INFO_KEEP_ERASED, kit.Option{Label: textKeepErased}},
	} {
		o.Value = strconv.Itoa(int(o.keep))
		options = append(options, o.Option)
	}
	mailHint := textMailHint
	if !s.now.GetMailPossible() {
		mailHint = textMailImpossible
	}
	shorter := app.P().Class("hint").Attr("role", "status")
	if s.keep < s.now.GetKeep() {
		shorter = shorter.Body(textShorter.UI())
	}
	return []app.UI{
		kit.RadioGroup{
			ID: "info-keep", Legend: textKeepLegend, Hint: textKeepHint, Options: options, Required: true,
			Value: strconv.Itoa(int(s.keep)), OnChange: func(_ app.Context, value string) {
				if n, err := strconv.Atoi(value); err == nil {
					s.keep, s.told = portalv1.InfoKeep(n), false
				}
			},
		}.UI(),
		shorter,
		kit.Checkbox{
			ID: "info-mail", Label: textMail, Hint: mailHint, Checked: s.mail,
			OnChange: func(_ app.Context, on bool) { s.mail, s.told = on, false },
		}.UI(),
		kit.Checkbox{
			ID: "info-notice", Label: textNotice, Checked: s.notice,
			OnChange: func(_ app.Context, on bool) { s.notice, s.told = on, false },
		}.UI(),
		app.Div().Class("actions").Body(kit.Button{
			ID: "info-save", Label: textSave, Kind: kit.Primary, Busy: s.saved.Busy, OnPress: s.save,
		}.UI()),
		app.Section().Class("part").Aria("labelledby", "info-erase-title").Body(
			app.H2().ID("info-erase-title").Class("part-title").Body(textEraseAllHeading.UI()),
			textEraseAllMeans.P(""),
			app.Div().Class("actions").Body(kit.Button{
				ID: "info-erase-all", Label: textEraseAll, Kind: kit.Danger, Icon: kit.IconDelete,
				OnPress: func(app.Context) { s.erasing = true },
			}.UI()),
		),
	}
}
