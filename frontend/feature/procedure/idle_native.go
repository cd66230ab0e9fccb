//go:build !js

package procedure

import (
	"context"
	"strings"
)

// sparing and awaitIdle are the browser's: here there is nothing to spare or to wait for.
func sparing() bool { return false }

func awaitIdle(context.Context) {}

// compatible is NFKC in a browser; outside of one, full-width letters and digits are enough.
func compatible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～':
			return r - '！' + '!'
		case r == '　':
			return ' '
		}
		return r
	}, s)
}
