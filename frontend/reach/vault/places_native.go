//go:build !js

package vault

import "context"

// AdoptPlaces takes over what pages of earlier editions kept of places, in a browser.
func AdoptPlaces(context.Context) error { return nil }
