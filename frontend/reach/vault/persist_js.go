package vault

import (
	"context"

	"madoguchi/frontend/reach/browser"
)

// Persist asks the browser to keep what is here when room is short, and tells whether it does.
func Persist(ctx context.Context) bool { return manages(ctx, "persist") }

// Persists tells whether the browser has promised to.
func Persists(ctx context.Context) bool { return manages(ctx, "persisted") }

func manages(ctx context.Context, what string) (yes bool) {
	manager := browser.Global("navigator").Get("storage")
	if !manager.Truthy() || !manager.Get(what).Truthy() {
		return false
	}
	answer, err := browser.Await(ctx, manager.Call(what))
	return err == nil && answer.Truthy()
}
