//go:build !js

package words

import "strings"

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
