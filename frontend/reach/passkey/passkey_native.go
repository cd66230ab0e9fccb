//go:build !js

package passkey

import "context"

// Supported is no without a browser.
func Supported() bool { return false }

// OwnReader is no without a browser.
func OwnReader(context.Context) bool { return false }

// Nearby is no without a browser.
func Nearby(context.Context) bool { return false }

// Create makes nothing without a browser.
func Create(context.Context, []byte) (Answer, error) { return Answer{}, ErrUnsupported }

// Get gets nothing without a browser.
func Get(context.Context, []byte, []byte) (Answer, error) { return Answer{}, ErrUnsupported }

// GetNearby gets nothing without a browser.
func GetNearby(context.Context, []byte) (Answer, error) { return Answer{}, ErrUnsupported }

// Secret makes none without a browser.
func Secret(context.Context, [][]byte, []byte) (Answer, error) { return Answer{}, ErrUnsupported }
