// Package pagetest is for the tests of pages: it draws them, lends them a context, and says what is missing in what was
// drawn.
package pagetest

import (
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
)

// In has the pages speak a language for the rest of a test.
func In(t *testing.T, c lang.Code) {
	t.Helper()
	before := lang.Current()
	lang.Set(c)
	t.Cleanup(func() { lang.Set(before) })
}

// Drawn is a page as HTML.
func Drawn(t *testing.T, page app.Composer) string {
	t.Helper()
	engine := app.NewTestEngine()
	if err := engine.Load(page); err != nil {
		t.Fatal(err)
	}
	engine.ConsumeAll()
	return strings.Join(strings.Fields(app.HTMLString(page)), " ")
}

// Has says which parts are missing in what was drawn.
func Has(t *testing.T, html string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(html, part) {
			t.Errorf("%q is missing in %s", part, html)
		}
	}
}

// HasNot says which parts are in what was drawn and should not be.
func HasNot(t *testing.T, html string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if strings.Contains(html, part) {
			t.Errorf("%q is there in %s", part, html)
		}
	}
}

// stage lends its context: outside of a browser, components have none from OnMount.
type stage struct {
	app.Compo
	ctx app.Context
}

func (s *stage) OnPreRender(ctx app.Context) { s.ctx = ctx }

func (s *stage) Render() app.UI { return app.Div() }

// Context is one to work with, and the engine that does what is dispatched there.
func Context(t *testing.T) (app.Context, app.TestEngine) {
	t.Helper()
	var on stage
	engine := app.NewTestEngine()
	if err := engine.Load(&on); err != nil {
		t.Fatal(err)
	}
	engine.ConsumeAll()
	return on.ctx, engine
}
