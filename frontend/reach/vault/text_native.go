//go:build !js

package vault

import (
	"context"
	"slices"
	"strings"
	"unicode/utf16"
)

// text is words in UTF-16, as a browser has them.
type text []uint16

func textOf(b blob, from, to int) text { return utf16.Encode([]rune(string(b[from:to]))) }

func (t text) index(word string, from int) int {
	units := utf16.Encode([]rune(word))
	for at := from; at+len(units) <= len(t); at++ {
		if slices.Equal(t[at:at+len(units)], units) {
			return at
		}
	}
	return -1
}

func (t text) slice(from, to int) string { return string(utf16.Decode(t[from:to])) }

func blobSize(b blob) int { return len(b) }

func blobSlice(b blob, from, to int) []byte { return slices.Clone(b[from:to]) }

func normal(words string) string { return strings.ToLower(words) }

func (k key) openAll(ctx context.Context, rows []row) []*blob {
	plain := make([]*blob, len(rows))
	for i, r := range rows {
		if one, err := k.open(ctx, r.data, r.bound()); err == nil {
			plain[i] = &one
		}
	}
	return plain
}
