//go:build !js

package catalog

import "context"

// sparing and awaitIdle are the browser's: here there is nothing to spare or to wait for.
func sparing() bool { return false }

func awaitIdle(context.Context) {}
