//go:build !js

package e2e_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// A page that draws in the midst of an event, or before it has heard of it, writes what it knew before over what a
// person typed or chose since.
func TestWhatIsTypedFasterThanThePageDrawsIsKept(t *testing.T) {
	ownWorld(t)
	b := newBrowser(t, desktop, "ja")
	for _, field := range []string{"procedure-query", "procedure-place"} {
		b.open("/procedures")
		b.until("the field", "document.getElementById("+quote(field)+")")
		eval[chromedp.Void](b, "document.getElementById("+quote(field)+").focus()")
		typed := strings.Repeat("jidou teate ", 8)
		for _, key := range typed {
			b.keys(string(key))
		}
		b.until("all that was typed", "document.activeElement.value === "+quote(typed))
	}
}
