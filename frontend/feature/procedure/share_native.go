//go:build !js

package procedure

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// pageShare has no one to share with outside of a browser: the address is to be shown.
func pageShare(ctx app.Context, _, address string, done func(ctx app.Context, shared pageShared)) {
	ctx.Dispatch(func(ctx app.Context) { done(ctx, pageShared{address: address}) })
}
