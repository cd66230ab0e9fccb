package kit

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// PopupsClose has menus that open over the page (details of the class popup) close when one presses elsewhere, goes
// into one of their links, or presses Escape, which leaves the focus on their summary. They open by themselves, before
// the program runs, too. The shell calls it once.
func PopupsClose() (stop func()) {
	window := app.Window()
	document := window.Get("document")
	closeBut := func(stays app.Value) {
		open := document.Call("querySelectorAll", "details.popup[open]")
		for i := range open.Length() {
			if popup := open.Index(i); stays == nil || !popup.Equal(stays) {
				popup.Set("open", false)
			}
		}
	}
	click := app.FuncOf(func(_ app.Value, args []app.Value) any {
		event := app.Event{Value: args[0]}
		popup := within(event, "details.popup")
		if popup != nil && within(event, "a") != nil {
			popup = nil
		}
		closeBut(popup)
		return nil
	})
	window.Call("addEventListener", "click", click, true)
	deaf := hearKeys(func(event app.Event) {
		if popup := within(event, "details.popup[open]"); popup != nil {
			popup.Call("querySelector", "summary").Call("focus")
		}
		closeBut(nil)
	}, false, "Escape")
	return func() {
		window.Call("removeEventListener", "click", click, true)
		click.Release()
		deaf()
	}
}
