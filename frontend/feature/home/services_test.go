package home

import (
	"slices"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/pagetest"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/reach/vault"
)

var five = func() bool {
	var f shell.Feature
	for i, id := range []string{"a", "b", "c", "d", "e"} {
		f.Services = append(f.Services, shell.Service{
			ID: id, Path: "/" + id, Title: lang.Plain("service " + id), Order: i,
			Sign: func() app.UI { return kit.Icon(kit.IconInfo) },
		})
	}
	shell.Use(f)
	return true
}()

// Four stand there, those that were chosen on this device; one more waits for a place, and one stays at least.
func TestServicesAreThePersonsChoice(t *testing.T) {
	_ = five
	ctx, _ := pagetest.Context(t)
	t.Cleanup(func() { vault.Forget(vault.ServicesKey) })
	var s services
	s.load()
	if !slices.Equal(s.chosen, []string{"a", "b", "c", "d"}) {
		t.Fatalf("at first: %q", s.chosen)
	}
	s.choose(ctx, "e", true)
	if !s.full || slices.Contains(s.chosen, "e") {
		t.Errorf("a fifth: %q, full %v", s.chosen, s.full)
	}
	s.choose(ctx, "b", false)
	s.choose(ctx, "e", true)
	if s.full || !slices.Equal(s.chosen, []string{"a", "c", "d", "e"}) {
		t.Errorf("e in the place of b: %q", s.chosen)
	}
	var later services
	later.load()
	if !slices.Equal(later.chosen, s.chosen) {
		t.Errorf("the next time: %q", later.chosen)
	}
	html := app.HTMLString(app.Div().Body(later.ui(&ask.Visit{})...))
	if strings.Contains(html, `href="/b"`) || !strings.Contains(html, `href="/e"`) {
		t.Errorf("what is shown: %s", html)
	}
	for _, id := range s.chosen {
		later.choose(ctx, id, false)
	}
	if len(later.chosen) != 1 {
		t.Errorf("all taken away: %q", later.chosen)
	}
	vault.KeepValue(vault.ServicesKey, keptServices{IDs: []string{"gone", "e", "e"}})
	later.load()
	if !slices.Equal(later.chosen, []string{"e"}) {
		t.Errorf("what is no more, and twice the same: %q", later.chosen)
	}
}

// The folder has the choice; the device has it for this person alone, and not where others use the device.
func TestTheChoiceIsThePersonsOnEveryDevice(t *testing.T) {
	_ = five
	ctx, _ := pagetest.Context(t)
	t.Cleanup(func() {
		vault.Forget(vault.ServicesKey)
		shell.SetSession(shell.Session{})
	})
	in := func(owner string, shared bool) {
		shell.SetSession(shell.Session{State: shell.CitizenState, Owner: owner, SharedDevice: shared})
	}
	in("hanako", false)
	var s services
	s.load()
	if s.heard {
		t.Error("what stands there may change once the folder's are known")
	}
	s.hear(nil, []string{"c", "d"})
	if !slices.Equal(s.chosen, []string{"c", "d"}) {
		t.Errorf("of the folder: %q", s.chosen)
	}
	var again services
	if again.load(); !again.heard || !slices.Equal(again.chosen, s.chosen) {
		t.Errorf("at once, the next time: %q", again.chosen)
	}
	in("taro", true)
	var other services
	if other.load(); other.heard || slices.Equal(other.chosen, s.chosen) {
		t.Errorf("another person finds %q", other.chosen)
	}
	other.hear(nil, []string{"e"})
	other.choose(ctx, "a", true)
	if kept := vault.KeptValue[keptServices](vault.ServicesKey); kept.Of != "hanako" {
		t.Errorf("a device of many keeps %+v", kept)
	}
	in("taro", false)
	other.hear(nil, nil)
	if !slices.Equal(other.chosen, []string{"a", "b", "c", "d"}) {
		t.Errorf("who has chosen nothing: %q", other.chosen)
	}
	// What the folder has not heard of is not undone by what it has.
	other.choose(ctx, "a", false)
	if kept := vault.KeptValue[keptServices](vault.ServicesKey); kept.Of != "taro" || !kept.Unsent {
		t.Errorf("what is to be sent: %+v", kept)
	}
}
