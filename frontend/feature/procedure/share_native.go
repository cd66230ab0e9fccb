//go:build !js

package procedure

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// share has no one to share with outside of a browser: the address is to be shown.
func share(ctx app.Context, _, address string, done func(ctx app.Context, shared shared)) {
	ctx.Dispatch(func(ctx app.Context) { done(ctx, shared{address: address}) })
}
