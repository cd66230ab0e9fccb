package todo

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/part/live"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// listen hears when another tab changed the list of this device, and when the folder's changed, wherever that was done;
// an arrival may ask for something, too. It is called once, at start: whatever page is open may change the list.
func listen() {
	if app.IsServer {
		return
	}
	declare()
	app.Window().Call("addEventListener", "storage", app.FuncOf(func(_ app.Value, args []app.Value) any {
		// Without a key, everything was taken away.
		if changed := args[0].Get("key"); !changed.Truthy() || changed.String() == key {
			go tell()
		}
		return nil
	}))
	live.On(func(ctx context.Context, _ live.News) error { return reload(ctx) },
		portalv1.ChangeKind_CHANGE_KIND_TODO, portalv1.ChangeKind_CHANGE_KIND_NOTICE,
		portalv1.ChangeKind_CHANGE_KIND_ACCOUNT)
}

// reload asks for the list again where it was known. Where it does not come, what was known stays.
func reload(ctx context.Context) error {
	if _, known := Known(); known && InFolder() {
		return load(ctx)
	}
	return nil
}
