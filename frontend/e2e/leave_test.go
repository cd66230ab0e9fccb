//go:build !js

package e2e_test

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
)

// Who leaves a page wants no answer for it any more: what it asks the portal for is given up in the browser itself.
func TestLeavingAPageEndsWhatItAsksFor(t *testing.T) {
	ownWorld(t)
	b := newBrowser(t, desktop, "ja")
	held, given := make(chan network.RequestID, 10), make(chan network.RequestID, 100)
	b.heard = func(event any) {
		switch e := event.(type) {
		case *fetch.EventRequestPaused:
			held <- e.NetworkID
		case *network.EventLoadingFailed:
			if e.Canceled {
				given <- e.RequestID
			}
		}
	}
	call(b, network.Enable, network.EnableParams{})
	// What goes by the service worker is not held.
	call(b, network.SetBypassServiceWorker, network.SetBypassServiceWorkerParams{Bypass: true})
	b.open("/procedures?place=131105")
	b.atWork()
	b.until("results", "document.querySelector('.result')")
	call(b, fetch.Enable, fetch.EnableParams{Patterns: []*fetch.RequestPattern{{URLPattern: "*/GetProcedure"}}})
	b.onceFound("a result", "児童手当", "e.click()")
	b.until("the page of a procedure", "document.querySelector('.page-procedure .skeleton')")
	var asked network.RequestID
	b.wait("what is asked", func() bool { // and the portal does not hear of it
		select {
		case asked = <-held:
			return true
		default:
			return false
		}
	})
	b.back()
	b.until("the results again", "document.querySelector('.result') && location.pathname === '/procedures'")
	b.wait("the end of what was asked", func() bool {
		for {
			select {
			case id := <-given:
				if id == asked {
					return true
				}
			default:
				return false
			}
		}
	})
	if path := b.path(); !strings.HasPrefix(path, "/procedures") {
		t.Errorf("at %s", path)
	}
}
