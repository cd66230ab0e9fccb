package login

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// quiet is the margin that a 2次元バーコード needs around it, in modules.
const quiet = 4

// picture draws a text as a 2次元バーコード: how many modules it is wide and high, and its dark ones as the path of an SVG.
func picture(text string) (size int32, path string, err error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return 0, "", fmt.Errorf("drawing a code: %w", err)
	}
	var b strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; {
			if !code.Black(x, y) {
				x++
				continue
			}
			from := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", from+quiet, y+quiet, x-from, x-from)
		}
	}
	return int32(code.Size + 2*quiet), b.String(), nil
}
