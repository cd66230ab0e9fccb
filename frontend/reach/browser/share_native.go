//go:build !js

package browser

// Share has no one to share with outside of a browser: the address is to be shown.
func Share(_, address string) Shared { return Shared{Address: address} }
