package usage

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/scene"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1limit"
	"madoguchi/proto/gen/portal/v1/portalv1web"
	"madoguchi/proto/plaintext"
)

// devices is 端末とログイン: who is logged in now, and the devices that are known.
type devices struct {
	app.Compo
	visit    ask.Visit
	asked    ask.Question
	acted    ask.Question
	sessions []*portalv1.LiveSession
	known    []*portalv1.Device
	loaded   bool
	done     lang.Text
	naming   string // the id of the device that is being named
	name     string // as it is typed
	wrong    lang.Text
}

// both are what the page shows.
type both struct {
	sessions []*portalv1.LiveSession
	known    []*portalv1.Device
}

func registry() portalv1web.DeviceService { return rpc.To(portalv1web.NewDeviceService) }

// OnMount asks who is there, and again whenever a session ended.
func (d *devices) OnMount(ctx app.Context) {
	d.visit.Begin(ctx)
	d.visit.Until(open.Listen(func() { ctx.Dispatch(func(app.Context) { d.load() }) }))
	d.load()
}

// OnDismount stops listening.
func (d *devices) OnDismount() { d.visit.End() }

func (d *devices) load() {
	fetch := func(ctx context.Context, _ struct{}) (b both, err error) {
		sessions, err := portal().ListSessions(ctx, &portalv1.ListSessionsRequest{})
		if err != nil {
			return b, err
		}
		known, err := registry().ListDevices(ctx, &portalv1.ListDevicesRequest{})
		return both{sessions.GetSessions(), known.GetDevices()}, err
	}
	ask.For(&d.visit, &d.asked, fetch, struct{}{}, func(_ app.Context, b both, err error) {
		if err == nil {
			d.sessions, d.known, d.loaded = b.sessions, b.known, true
		}
	})
}

// tell says what was done, and looks again.
func (d *devices) tell(ctx app.Context, done lang.Text) {
	d.done = done
	kit.Focus(ctx, "usage-done")
	d.load()
}

func (d *devices) end(id string) {
	ask.Do(&d.visit, &d.acted, portal().EndSession, &portalv1.EndSessionRequest{Id: id},
		func(ctx app.Context, _ *portalv1.EndSessionResponse, err error) {
			if err == nil {
				d.tell(ctx, textSessionEnded)
			}
		})
}

func (d *devices) endOthers(app.Context) {
	ask.Do(&d.visit, &d.acted, portal().EndOtherSessions, &portalv1.EndOtherSessionsRequest{},
		func(ctx app.Context, got *portalv1.EndOtherSessionsResponse, err error) {
			if err == nil {
				d.tell(ctx, textOthersEnded.F(int(got.GetEnded())))
			}
		})
}

func (d *devices) remove(id string) {
	ask.Do(&d.visit, &d.acted, registry().RemoveDevice, &portalv1.RemoveDeviceRequest{Id: id},
		func(ctx app.Context, _ *portalv1.RemoveDeviceResponse, err error) {
			if err == nil {
				d.tell(ctx, textDeviceRemoved)
			}
		})
}

func (d *devices) rename(app.Context) {
	name := plaintext.Clean(d.name)
	if d.wrong = (lang.Text{}); plaintext.Count(name) > portalv1limit.RenameDeviceRequestName {
		d.wrong = textNameLong.F(portalv1limit.RenameDeviceRequestName)
		kit.Focus(d.visit.Page, "usage-name")
		return
	}
	ask.Do(&d.visit, &d.acted, registry().RenameDevice, &portalv1.RenameDeviceRequest{Id: d.naming, Name: name},
		func(ctx app.Context, _ *portalv1.RenameDeviceResponse, err error) {
			if err == nil {
				d.naming = ""
				d.tell(ctx, textNamed)
			}
		})
}

// Render draws both lists.
func (d *devices) Render() app.UI {
	return app.Div().Class("page column page-usage").Body(
		shell.Heading(textDevices),
		textDevicesLead.P("lead"),
		trouble.First(d.asked.Failure, d.acted.Failure).Banner("usage-failure"),
		kit.NotificationBanner{ID: "usage-done", Tone: kit.Success, Title: d.done}.UI(),
		app.Div().Body(d.body()...),
	)
}

func (d *devices) body() []app.UI {
	if !d.loaded {
		return []app.UI{d.asked.Waiting("usage", 4)}
	}
	named := make([]*portalv1.UsageDevice, len(d.known))
	for i, one := range d.known {
		named[i] = &portalv1.UsageDevice{Id: one.GetId(), Name: one.GetOwnName()}
	}
	sessions := make([]app.UI, len(d.sessions))
	for i, s := range d.sessions {
		sessions[i] = d.session(s, named)
	}
	known := make([]app.UI, len(d.known))
	for i, one := range d.known {
		known[i] = d.device(one)
	}
	return []app.UI{
		app.Section().Class("part").Body(
			textSessions.H2("part-title"), textSessionsLead.P(""),
			kit.List{Label: textSessions, Items: sessions, Empty: kit.Empty{Text: textNobody}}.UI(),
			app.Div().Class("actions").Body(app.If(len(d.sessions) > 1, func() app.UI {
				return kit.Button{
					ID: "usage-end-others", Label: textEndOthers, Kind: kit.Danger, Busy: d.acted.Busy,
					OnPress: d.endOthers,
				}.UI()
			})),
		),
		app.Section().Class("part").Body(
			textKnown.H2("part-title"), textKnownLead.P(""),
			kit.List{Label: textKnown, Items: known, Empty: kit.Empty{
				Picture: scene.Empty(scene.Medium), Text: textNoDevices,
			}}.UI(),
		),
	}
}

func (d *devices) session(s *portalv1.LiveSession, named []*portalv1.UsageDevice) app.UI {
	name := deviceName(named, s.GetDevice(), s.GetBrowser())
	if s.GetHere() {
		name = textHere.F(name)
	}
	shared := lang.Text{}
	if s.GetSharedDevice() {
		shared = textShared
	}
	body := []app.UI{app.Div().Class("usage-words").Body(
		name.P("usage-name"),
		app.P().Body(joined(means[s.GetMeans()], places[s.GetPlace()], shared)...),
		textSince.F(lang.DateTime(when(s.GetBeganAt())), lang.DateTime(when(s.GetSeenAt()))).P("hint"),
	)}
	if !s.GetHere() {
		id := s.GetId()
		body = append(body, kit.Button{
			ID: "usage-end-" + id, Label: textEnd, Busy: d.acted.Busy, Scope: id,
			OnPress: func(app.Context) { d.end(id) },
		}.UI())
	}
	return app.Div().Class("usage-row").Body(body...)
}

func (d *devices) device(one *portalv1.Device) app.UI {
	id, name := one.GetId(), textUnknownDevice
	switch {
	case one.GetOwnName() != "":
		name = textOwnName.F(one.GetOwnName(), one.GetName())
	case one.GetName() != "":
		name = lang.Plain(one.GetName())
	}
	if one.GetHere() {
		name = textHere.F(name)
	}
	if d.naming == id {
		return app.Form().Class("usage-row").OnSubmit(func(ctx app.Context, e app.Event) {
			e.PreventDefault()
			d.rename(ctx)
		}).Body(
			kit.Field{
				ID: "usage-name", Label: textOwn, Hint: textOwnHint, Value: d.name, Error: d.wrong,
				Max:     portalv1limit.RenameDeviceRequestName,
				OnInput: func(_ app.Context, value string) { d.name = value },
			}.UI(),
			app.Div().Class("actions").Body(
				kit.Button{
					ID: "usage-name-not", Label: textNameNot, OnPress: func(app.Context) { d.naming = "" },
				}.UI(),
				kit.Button{
					ID: "usage-name-do", Label: textNameDo, Kind: kit.Primary, Submit: true, Busy: d.acted.Busy,
				}.UI(),
			),
		)
	}
	return app.Div().Class("usage-row").Body(
		app.Div().Class("usage-words").Body(
			name.P("usage-name"), textSeen.F(lang.DateTime(when(one.GetLastAt()))).P("hint"),
		),
		app.Div().Class("actions").Body(
			kit.Button{
				ID: "usage-rename-" + id, Label: textRename, Scope: id, OnPress: func(ctx app.Context) {
					d.naming, d.name, d.wrong, d.done = id, one.GetOwnName(), lang.Text{}, lang.Text{}
					kit.Focus(ctx, "usage-name")
				},
			}.UI(),
			kit.Button{
				ID: "usage-remove-" + id, Label: textRemove, Kind: kit.TextOnly, Scope: id, Busy: d.acted.Busy,
				OnPress: func(app.Context) { d.remove(id) },
			}.UI(),
		),
	)
}
