//go:build !js

package browser

// Save gives nobody a file without a browser.
func Save(string, string, []byte) {}
