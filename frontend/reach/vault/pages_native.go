//go:build !js

package vault

import (
	"context"
	"sync/atomic"
)

// Outside a browser there is no worker; tests say what it would have kept.
var pages atomic.Int64

// HavePages says how many visited pages are kept.
func HavePages(n int) { pages.Store(int64(n)) }

// KeptPages counts the public pages that were visited, and are kept to be read without a network.
func KeptPages(context.Context) (int, error) { return int(pages.Load()), nil }

// forgetPages forgets them.
func forgetPages(context.Context) { pages.Store(0) }
