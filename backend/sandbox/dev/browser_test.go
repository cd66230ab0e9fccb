package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestPortsThatBrowsersRefuseAreNamed(t *testing.T) {
	for port, refused := range map[string]bool{
		"10080": true, "6000": true, "6667": true, "5060": true, "8080": false, "10081": false, "0": false,
	} {
		for _, setting := range []string{
			"PORTAL_ADDRESS", "BRIDGE_VIRTUAL_ADDRESS", "BRIDGE_ADDRESS", "SANDBOX_ADDRESS",
		} {
			got := refusedByBrowsers([]listener{{"127.0.0.1:1234", "OTHER"}, {"[::1]:" + port, setting}})
			if len(got) > 0 != refused ||
				refused && (!strings.Contains(got[0], port) || !strings.Contains(got[0], setting)) {
				t.Errorf("%s on %s: %v", setting, port, got)
			}
		}
	}
	// Mail servers and offices are no browsers.
	if got := refusedByBrowsers([]listener{
		{"127.0.0.1:25", "SANDBOX_SMTP_ADDRESS"}, {"127.0.0.1:6000", "PORTAL_GATEWAY_ADDRESS"},
		{"nonsense", "PORTAL_ADDRESS"},
	}); got != nil {
		t.Error(got)
	}
}

func TestARefusedPortIsNamedBeforeAnythingStarts(t *testing.T) {
	root, _ := project(t)
	out := &syncBuffer{}
	given := map[string]string{"PORTAL_ADDRESS": "127.0.0.1:10080", "SANDBOX_ADDRESS": "nonsense"}
	h := &house{
		root: root, settings: settingsFrom(func(name string) string { return given[name] }, root),
		out: &console{out: out},
	}
	if err := h.run(t.Context()); err == nil || !strings.Contains(out.String(), "browsers refuse port 10080") ||
		strings.Contains(out.String(), "building") {
		t.Errorf("%v\n%s", err, out.String())
	}
}

func TestTheBrowserOpensWhereThereIsOne(t *testing.T) {
	there := func(string) (string, error) { return "/usr/bin/xdg-open", nil }
	for _, c := range []struct {
		given map[string]string
		look  func(string) (string, error)
		opens bool
	}{
		{map[string]string{"DISPLAY": ":0"}, there, true},
		{map[string]string{"WAYLAND_DISPLAY": "wayland-0"}, there, true},
		{map[string]string{}, there, false},
		{map[string]string{"DISPLAY": ":0", "CI": "true"}, there, false},
		{map[string]string{"DISPLAY": ":0", "OPEN": "no"}, there, false},
		{map[string]string{"DISPLAY": ":0"}, func(string) (string, error) { return "", errors.New("none") }, false},
	} {
		if got := opener(func(name string) string { return c.given[name] }, c.look); (got != "") != c.opens {
			t.Errorf("%v: %q", c.given, got)
		}
	}
}

func TestALongStepSaysThatItGoesOn(t *testing.T) {
	before := stillAfter
	stillAfter = time.Millisecond
	defer func() { stillAfter = before }()
	out := &syncBuffer{}
	h := &house{out: &console{out: out}}
	err := h.step(t.Context(), "working", func(ctx context.Context) error {
		for !strings.Contains(out.String(), "s so far") {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			time.Sleep(time.Millisecond)
		}
		return nil
	})
	if err != nil || !strings.Contains(out.String(), "working: done in") {
		t.Errorf("%v\n%s", err, out.String())
	}
	if err := h.step(t.Context(), "failing", func(context.Context) error { return errors.New("broken") }); err == nil {
		t.Error("a step that failed is done")
	}
}
