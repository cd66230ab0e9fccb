package flow

import (
	"net/url"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// The step stands in the address, so that the browser's own keys lead from one to another and a reload stays at
// one. Which steps there are is no secret and tells nothing of what was typed.
const parameter = "step"

// At is the step that the address names; empty when it names none.
func At(ctx app.Context) string { return ctx.Page().URL().Query().Get(parameter) }

// address is this page's at a step; without one when it is empty.
func address(ctx app.Context, step string) *url.URL {
	here := ctx.Page().URL()
	query := here.Query()
	query.Del(parameter)
	if step != "" {
		query.Set(parameter, step)
	}
	return &url.URL{Path: here.Path, RawQuery: query.Encode()}
}

// Go leads to a step as a link does: the browser's way back leads here again. The page hears of it by its OnNav.
func Go(ctx app.Context, step string) {
	to := address(ctx, step)
	if app.IsServer {
		ctx.Page().ReplaceURL(to)
		return
	}
	from := address(ctx, At(ctx)).String()
	ctx.NavigateTo(to)
	history := app.Window().Get("history")
	history.Call("replaceState", map[string]any{"from": from}, "")
}

// returning says that the browser has been asked to go back, and has not yet.
var returning bool

// Back leads to a step before: by the browser's way back where that is where one came from, so that it does not
// lead round in circles.
func Back(ctx app.Context, step string) {
	if app.IsServer {
		ctx.Page().ReplaceURL(address(ctx, step))
		return
	}
	history := app.Window().Get("history")
	if state := history.Get("state"); state.Truthy() && state.Get("from").Truthy() &&
		state.Get("from").String() == address(ctx, step).String() {
		goBack(history)
		return
	}
	Put(ctx, step)
}

// goBack goes one back, once: the browser takes its time.
func goBack(history app.Value) {
	if returning {
		return
	}
	returning = true
	var arrived app.Func
	arrived = app.FuncOf(func(app.Value, []app.Value) any {
		returning = false
		arrived.Release()
		return nil
	})
	app.Window().Call("addEventListener", "popstate", arrived, map[string]any{"once": true})
	history.Call("back")
}

// Put has this address name another step, and no way lead back to the one before. The page hears of it by its OnNav.
func Put(ctx app.Context, step string) { Rewrite(ctx, address(ctx, step)) }

// Rewrite has what is shown now have another address, without a way back to the one before.
func Rewrite(ctx app.Context, to *url.URL) {
	if app.IsServer {
		ctx.Page().ReplaceURL(to)
		return
	}
	window := app.Window()
	history := window.Get("history")
	history.Call("replaceState", history.Get("state"), "", to.String())
	// go-app hears only of addresses that it was led to: as of one that somebody comes back to.
	window.Call("dispatchEvent", window.Get("PopStateEvent").New("popstate"))
}
