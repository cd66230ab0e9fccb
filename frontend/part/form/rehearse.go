package form

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/shell"
)

// rehearsed is true once the path of a key was gone in this page.
var rehearsed bool

// rehearse goes the path of a key before the first one, when the browser has nothing else to do, and changes nothing:
// browsers compile a function when it is first called, and on a phone the first letter would wait for dozens of them.
func rehearse(s *Sheet, ctx app.Context) {
	if rehearsed {
		return
	}
	rehearsed = true
	ctx.Async(func() {
		shell.Idle(ctx)
		ctx.Dispatch(func(ctx app.Context) {
			ctx.PreventUpdate()
			for _, f := range s.mounted {
				if f.rehearse() {
					return
				}
			}
		})
	})
}

// rehearse answers a question as it is answered already, and says whether it is one to type into.
func (f *field) rehearse() bool {
	one := f.Sheet.fields[f.ID]
	if !f.drawn.shown || f.typing || most(one) == 0 || !f.Sheet.open(f.ID) {
		return false
	}
	text := f.text()
	f.Sheet.Form.Clean(f.ID, text)
	f.Sheet.settleOne(f.spot(), f.value())
	return f.look() == f.drawn && kit.Recount(f.element(), text, most(one))
}
