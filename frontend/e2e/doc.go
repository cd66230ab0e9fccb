//go:build !js

// Package e2e is empty: its tests drive the built programs as a person would, in a real Chromium: page, bridge with its virtual
// reader, portal and sandbox together. They use what `make build` left in build/.
package e2e
