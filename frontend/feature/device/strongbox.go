package device

import (
	"context"
	"errors"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/keeping"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/browser"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

// strongbox is the part of the page about what is kept under lock.
type strongbox struct {
	visit    ask.Visit
	persists bool
	declined bool // the browser was asked, and did not promise
	listed   ask.Question
	removing ask.Question
	devices  []*portalv1.Device
	done     lang.Text
	gone     func() // called when what lay here was taken away
}

func (s *strongbox) begin(ctx app.Context) {
	s.visit.Begin(ctx)
	s.visit.Until(vault.OnChange(func(vault.State) { ctx.Dispatch(func(app.Context) {}) }))
	was := shell.CurrentSession().State
	shell.Watch(ctx, func(ctx app.Context) {
		if now := shell.CurrentSession().State; now != was {
			was = now
			s.list(ctx)
		}
	})
	s.list(ctx)
	ctx.Async(func() {
		bg, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		yes := vault.Persists(bg)
		ctx.Dispatch(func(app.Context) { s.persists = yes })
	})
}

// list asks for the person's devices.
func (s *strongbox) list(app.Context) {
	if shell.CurrentSession().State != shell.CitizenState {
		s.devices = nil
		return
	}
	ask.For(&s.visit, &s.listed, rpc.To(portalv1web.NewDeviceService).ListDevices, &portalv1.ListDevicesRequest{},
		func(_ app.Context, got *portalv1.ListDevicesResponse, err error) {
			if err == nil {
				s.devices = got.GetDevices()
			}
		})
}

// remove takes a device's key away; this one's with what lies here.
func (s *strongbox) remove(d *portalv1.Device) {
	request := &portalv1.RemoveDeviceRequest{Id: d.GetId()}
	ask.Do(&s.visit, &s.removing, rpc.To(portalv1web.NewDeviceService).RemoveDevice, request,
		func(ctx app.Context, _ *portalv1.RemoveDeviceResponse, err error) {
			if err != nil {
				return
			}
			s.done = textDeviceRemoved
			kit.Focus(ctx, "device-removed")
			if d.GetHere() {
				ctx.Async(func() {
					if err := vault.Destroy(context.Background()); err != nil {
						app.Log("removing what was kept here: ", err)
					}
					ctx.Dispatch(func(app.Context) { s.gone() })
				})
			}
			s.list(ctx)
		})
}

func (s *strongbox) persist(ctx app.Context) {
	ctx.Async(func() {
		bg, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		yes := vault.Persist(bg)
		ctx.Dispatch(func(app.Context) { s.persists, s.declined = yes, !yes })
	})
}

// state says how it stands, and what is wrong.
func state() (now lang.Text, tone kit.Tone) {
	at := vault.Now()
	switch trouble := vault.Trouble(); {
	case shell.CurrentSession().SharedDevice:
		return textVaultShared, kit.Info
	case errors.Is(trouble, browser.ErrFull):
		return textVaultFull, kit.Warning
	case errors.Is(trouble, browser.ErrNoDatabase):
		return textVaultRefused, kit.Warning
	case errors.Is(trouble, vault.ErrReplaced):
		return textVaultReplaced, kit.Warning
	case at.Lost:
		return textVaultLost, kit.Warning
	case at.By == vault.BySession:
		return textVaultOpen, kit.Info
	case at.By == vault.ByCard:
		return textVaultOpenByCard, kit.Info
	case at.By == vault.ByPasskey:
		return textVaultOpenByPasskey, kit.Info
	}
	return textVaultLocked, kit.Info
}

// ui draws it.
func (s *strongbox) ui() app.UI {
	now, tone := state()
	kinds := make([]app.UI, 0, 8)
	for _, line := range keeping.Lines() {
		kinds = append(kinds, line.Li(""))
	}
	return app.Section().Class("part").Aria("labelledby", "device-vault").Body(
		app.H2().ID("device-vault").Class("part-title").Body(textVault.UI()),
		textVaultLead.P(""),
		kit.NotificationBanner{ID: "device-vault-state", Tone: tone, Title: now}.UI(),
		app.Ul().Class("dots device-kinds").Body(kinds...),
		s.promise(),
		app.Div().Class("actions").Body(s.ways()...),
		s.others(),
	)
}

func (s *strongbox) promise() app.UI {
	switch {
	case s.persists:
		return app.P().ID("device-persist").Body(textPersisted.UI())
	case s.declined:
		return app.P().ID("device-persist").Body(textNotPersisted.UI(), app.Text(" "), textPersistNot.UI())
	}
	return app.P().ID("device-persist").Body(textNotPersisted.UI())
}

func (s *strongbox) ways() []app.UI {
	var ways []app.UI
	open := vault.Now()
	if open.IsOpen() && !s.persists {
		ways = append(ways, kit.Button{
			ID: "device-persist-ask", Label: textPersist, Kind: kit.Secondary, OnPress: s.persist,
		}.UI())
	}
	if open.By.Alone() {
		ways = append(ways, kit.Button{
			ID: "device-lock", Label: textLockNow, Kind: kit.Secondary, OnPress: func(ctx app.Context) {
				ctx.Async(vault.Lock)
			},
		}.UI())
	}
	if !open.IsOpen() && shell.CurrentKept().Opens {
		ways = append(ways, kit.Link{
			ID: "device-unlock", Label: textUnlockTitle, Href: "/device/open", Kind: kit.Secondary,
		}.UI())
	}
	return ways
}

// others are the person's devices; empty for who is not logged in.
func (s *strongbox) others() app.UI {
	removed := kit.NotificationBanner{ID: "device-removed", Tone: kit.Success, Title: s.done}.UI()
	if len(s.devices) == 0 {
		return app.Div().Class("device-others").Body(removed)
	}
	lines := make([]app.UI, len(s.devices))
	for i, d := range s.devices {
		name := textDeviceUnnamed
		if d.GetName() != "" {
			name = lang.Plain(d.GetName())
		}
		if d.GetOwnName() != "" {
			name = lang.Plain(d.GetOwnName())
		}
		if d.GetHere() {
			name = textDeviceHere.F(name)
		}
		lines[i] = app.Li().Class("list-item device-item").Body(
			app.Div().Class("device-what").Body(
				name.P("device-name"),
				textDeviceSeen.F(lang.DateTime(time.UnixMilli(d.GetLastAt()))).P(""),
			),
			kit.Button{
				ID: "device-key-" + d.GetId(), Label: textDeviceRemove, Kind: kit.Secondary, Busy: s.removing.Busy,
				OnPress: func(app.Context) { s.remove(d) }, Scope: d.GetId(),
			}.UI(),
		)
	}
	return app.Div().Class("device-others").Body(
		textDevices.H3(""),
		textDevicesLead.P(""),
		trouble.First(s.listed.Failure, s.removing.Failure).Banner("device-keys-failure"),
		removed,
		app.Ul().Class("list device-list").Aria("label", textDevices.String()).Body(lines...),
	)
}
