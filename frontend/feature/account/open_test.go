package account

import (
	"errors"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// stage lends its context to the page that is looked at.
type stage struct {
	app.Compo
	opening *opening
}

func (s *stage) OnPreRender(ctx app.Context) { s.opening.ctx = ctx }
func (s *stage) Render() app.UI              { return app.Div().Body(s.opening) }

func opened(t *testing.T) *opening {
	t.Helper()
	t.Cleanup(vault.DropAll)
	o, _ := newOpening().(*opening)
	o.form = form{Name: "花子", MunicipalityCode: "131105", MunicipalityName: "東京都目黒区"}
	o.step, o.busy = stepCheck, true
	o.touched()
	engine := app.NewTestEngine()
	if err := engine.Load(&stage{opening: o}); err != nil {
		t.Fatal(err)
	}
	engine.ConsumeAll()
	return o
}

func TestWhatTheOpeningSays(t *testing.T) {
	already := &rpc.Error{Info: &portalv1.ErrorInfo{Reason: portalv1.Reason_REASON_ALREADY_OPEN}}
	for _, c := range []struct {
		name      string
		err       error
		says, not string
		draft     bool
	}{
		{"opened", nil, textOpened.String(), "登録していません", false},
		{"open before", already, "今回入力した内容は登録していません", textOpened.String(), false},
		{"failed", errors.New("no way"), textLookOver.String(), textOpened.String(), true},
	} {
		o := opened(t)
		o.sent(o.ctx, c.err)
		html := app.HTMLString(o.Render())
		if !strings.Contains(html, c.says) || strings.Contains(html, c.not) {
			t.Errorf("%s: %s", c.name, html)
		}
		if vault.HasDraft() != c.draft || shell.Held() != c.draft {
			t.Errorf("%s: a draft is kept: %v", c.name, vault.HasDraft())
		}
		if !c.draft && !strings.Contains(html, `href="/home"`) {
			t.Errorf("%s: no way home", c.name)
		}
		o.letGo()
	}
}

func TestAFolderOpenedElsewhereEndsTheForm(t *testing.T) {
	t.Cleanup(func() { shell.SetSession(shell.Session{}) })
	shell.SetSession(shell.Session{State: shell.CitizenState, Name: "花子"})
	o := opened(t)
	if o.watchSession(o.ctx); o.step != stepCheck {
		t.Error("ended while its own answer is on the way")
	}
	o.busy = false
	if o.watchSession(o.ctx); !o.already || vault.HasDraft() {
		t.Error("the form goes on although the folder is open")
	}
}
