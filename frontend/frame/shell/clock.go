package shell

import (
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
)

// warningTime is how long before the session's end the person is asked.
const warningTime = 2 * time.Minute

// phase says where a session stands at a moment.
type phase int

const (
	running phase = iota
	ending
	over
)

// end is when the session ends, and whether doing something would put that off.
func (s Session) end() (at time.Time, canKeep bool) {
	if s.IdleEnds.IsZero() || !s.AbsoluteEnds.IsZero() && !s.AbsoluteEnds.After(s.IdleEnds) {
		return s.AbsoluteEnds, false
	}
	return s.IdleEnds, true
}

func (s Session) phaseAt(now time.Time) phase {
	at, _ := s.end()
	switch {
	case s.State != CitizenState && s.State != NewcomerState || at.IsZero():
		return running
	case !now.Before(at):
		return over
	case !now.Before(at.Add(-warningTime)):
		return ending
	}
	return running
}

// watchClock looks at the session's end every second; it draws only when something changed.
func (f *frame) watchClock(ctx app.Context) {
	ticker := time.NewTicker(time.Second)
	f.stop = append(f.stop, ticker.Stop)
	last := running
	go func() {
		for range ticker.C {
			now := CurrentSession().phaseAt(time.Now())
			if now == last {
				continue
			}
			last = now
			ctx.Dispatch(func(ctx app.Context) { f.onPhase(ctx, now) })
		}
	}()
}

func (f *frame) onPhase(ctx app.Context, now phase) {
	f.warning = now == ending
	if now != over {
		return
	}
	store.Lock()
	expire := store.expire
	store.Unlock()
	if expire != nil {
		expire(ctx)
		return
	}
	SetSession(Session{State: LoggedOut, Ended: EndedByTime})
}

func (f *frame) warningDialog() app.UI {
	session := CurrentSession()
	at, canKeep := session.end()
	clock := lang.Clock(at)
	if !canKeep {
		return &kit.Dialog{
			ID: "session-warning", Alert: true, Open: f.warning, Title: textIdleTitle,
			OnClose: f.closeWarning,
			Body:    func() []app.UI { return []app.UI{textLongestBody.F(clock).P("")} },
			Actions: func() []app.UI {
				return []app.UI{
					kit.Button{
						ID: "session-understood", Label: textUnderstood, Kind: kit.Primary, OnPress: f.closeWarning,
					}.UI(),
				}
			},
		}
	}
	return &kit.Dialog{
		ID: "session-warning", Alert: true, Open: f.warning, Title: textIdleTitle,
		OnClose: f.keep,
		Body: func() []app.UI {
			kept := Held() && !session.SharedDevice
			return []app.UI{app.P().Body(textIdleBody.F(clock).UI(), stillTyped(kept))}
		},
		Actions: func() []app.UI {
			return []app.UI{
				kit.Button{ID: "session-continue", Label: textContinue, Kind: kit.Primary, OnPress: f.keep}.UI(),
				kit.Button{ID: "session-leave", Label: textLogOut, OnPress: f.logOut}.UI(),
			}
		},
	}
}

func (f *frame) closeWarning(app.Context) { f.warning = false }

func (f *frame) keep(ctx app.Context) {
	f.warning = false
	store.Lock()
	keep := store.keep
	store.Unlock()
	if keep != nil {
		keep(ctx)
	}
}
