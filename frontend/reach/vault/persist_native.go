//go:build !js

package vault

import "context"

// Persist asks the browser to keep what is here when room is short, and tells whether it does.
func Persist(context.Context) bool { return false }

// Persists tells whether the browser has promised to.
func Persists(context.Context) bool { return false }
