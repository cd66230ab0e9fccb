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
	"madoguchi/proto/rule"
)

// stage lends its context to the page that is looked at.
type stage struct {
	app.Compo
	opening *opening
}

func (s *stage) OnPreRender(ctx app.Context) { s.opening.ctx = ctx }
func (s *stage) Render() app.UI              { return app.Div().Body(s.opening) }

// opened is the opening at its review, with everything given.
func opened(t *testing.T) *opening {
	t.Helper()
	t.Cleanup(func() {
		vault.DropAll()
		vault.DropReceipts()
	})
	o, _ := newOpening().(*opening)
	engine := app.NewTestEngine()
	if err := engine.Load(&stage{opening: o}); err != nil {
		t.Fatal(err)
	}
	engine.ConsumeAll()
	o.given = given{rule.TermsVersion, form{Name: "花子", MunicipalityCode: "131105", MunicipalityName: "東京都目黒区"}}
	o.next = "/home"
	o.flow.Open(o.ctx)
	o.flow.Touched()
	o.flow.GoTo("check")
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
		o.flow.Busy = true
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
		o.flow.Close()
	}
}

func TestAFolderOpenedElsewhereEndsTheForm(t *testing.T) {
	t.Cleanup(func() { shell.SetSession(shell.Session{}) })
	shell.SetSession(shell.Session{State: shell.CitizenState, Name: "花子"})
	o := opened(t)
	o.flow.Busy = true
	if o.watchSession(o.ctx); o.already || o.flow.At() != "check" {
		t.Error("ended while its own answer is on the way")
	}
	o.flow.Busy = false
	if o.watchSession(o.ctx); !o.already || vault.HasDraft() {
		t.Error("the form goes on although the folder is open")
	}
}

// Who comes to the page without having typed anything is not told of what they typed.
func TestWhoHasAFolderAndTypedNothing(t *testing.T) {
	o := opened(t)
	o.given = given{}
	o.isThere(o.ctx)
	html := app.HTMLString(o.Render())
	if !strings.Contains(html, "already-open") || strings.Contains(html, "今回入力した内容") {
		t.Error(html)
	}
}

// What was opened is told again when the page is loaded anew, without anything that was typed.
func TestTheLastStepOfTheOpeningIsLoadedAgain(t *testing.T) {
	t.Cleanup(func() { shell.SetSession(shell.Session{}) })
	o := opened(t)
	o.given.Form.Mail = "hanako@example.jp"
	o.done = done{Mail: true}
	o.sent(o.ctx, nil)
	if html := app.HTMLString(o.Render()); !strings.Contains(html, "hanako@example.jp に確認メール") {
		t.Error(html)
	}
	shell.SetSession(shell.Session{State: shell.CitizenState, Name: "花子"})
	again, _ := newOpening().(*opening)
	again.ctx = o.ctx
	again.watchSession(o.ctx)
	html := app.HTMLString(again.Render())
	if again.already || !strings.Contains(html, textOpened.String()) || !strings.Contains(html, textYourMail.String()) {
		t.Error(html)
	}
	if strings.Contains(html, "hanako") {
		t.Error("what was typed is kept after it was sent")
	}
}

// An agreement to terms of before is none to those of today.
func TestAnAgreementIsToTheTermsThatWereShown(t *testing.T) {
	o := opened(t)
	if o.given.Agreed = "2020-01-01"; len(o.checkTerms()) != 1 {
		t.Error("agreed to terms that were never shown")
	}
}
