//go:build linux

package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/chromedp/cdproto/network"

	"madoguchi/bridge/pcscdtest"
)

// A PIN that is changed on the page is the card's to programs that nobody here wrote; and what was typed stands in no
// log, in nothing that is sent to the portal, nowhere that the browser keeps, and in no crash dump of the bridge.
func TestAPINChangedOnThePageIsTheCards(t *testing.T) {
	const issued, fresh = "TARO2026", "QZ7X9KV4JW" // the second one is nowhere by chance
	w := ownWorld(t, "yamada-taro")
	pcscdtest.Start(t)
	virtual := w.processes["bridge"]
	virtual.stop()
	t.Cleanup(func() {
		if err := virtual.start(); err != nil {
			t.Error(err)
		}
	})
	// Cores are wanted where it runs, and all that a crash can tell.
	dir := t.TempDir()
	program, err := filepath.Abs(virtual.path)
	if err != nil {
		t.Fatal(err)
	}
	wrapper := filepath.Join(dir, "bridge")
	script := fmt.Sprintf("#!/bin/sh\nulimit -c unlimited\ncd %s\nexec %s\n", dir, program)
	if err := os.WriteFile(wrapper, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	bridge := &process{
		path: wrapper, health: virtual.health, origin: virtual.origin,
		environment: append(slices.Clone(virtual.environment), "BRIDGE_VIRTUAL=false",
			"GOTRACEBACK=crash", "LOG=debug"),
	}
	if err := bridge.start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(bridge.stop)
	insert(t, pcscdtest.Slots[0], "yamada-taro")

	b := newBrowser(t, desktop, "ja")
	var sent lockedBuffer
	b.heard = func(event any) {
		if request, ok := event.(*network.EventRequestWillBeSent); ok {
			fmt.Fprintf(&sent, "%+v\n", request.Request)
		}
	}
	call(b, network.Enable, network.EnableParams{})
	b.open("/pin/sign")
	b.sees("あと5回")
	b.fill("いまの暗証番号", issued)
	b.fill("新しい暗証番号", fresh)
	b.fill("新しい暗証番号をもう一度", fresh)
	b.press("暗証番号を変える")
	b.sees("署名用の暗証番号を変えました", "カードで確かめました")

	// OpenSC: all tries are there, the old PIN is wrong, the new one opens what it must open.
	reader := []string{"--reader", pcscdtest.Readers[0]}
	ask := func(want string, args ...string) {
		t.Helper()
		out, _ := exec.Command("pkcs15-tool", append(slices.Clone(reader), args...)...).CombinedOutput()
		if !strings.Contains(string(out), want) {
			t.Errorf("pkcs15-tool %s says nothing of %q:\n%s", strings.Join(args, " "), want, out)
		}
	}
	ask("Tries left     : 5", "--list-pins")
	ask("PIN code or key incorrect", "--verify-pin", "--auth-id", "02", "--pin", issued)
	ask("Tries left     : 4", "--list-pins")
	ask("BEGIN CERTIFICATE", "--verify-pin", "--auth-id", "02", "--pin", fresh, "--read-certificate", "02")
	ask("Tries left     : 5", "--list-pins")
	digest := filepath.Join(dir, "digest")
	if err := os.WriteFile(digest, make([]byte, 32), 0o600); err != nil {
		t.Fatal(err)
	}
	signature := filepath.Join(dir, "signature")
	out, err := exec.Command("pkcs15-crypt", append(slices.Clone(reader), "--sign", "--key", "02", "--pin", fresh,
		"--pkcs1", "--sha-256", "--input", digest, "--output", signature, "--raw")...).CombinedOutput()
	if made, readErr := os.ReadFile(signature); err != nil || readErr != nil || len(made) != 256 {
		t.Errorf("OpenSC does not sign by the new PIN: %v\n%s", err, out)
	}

	kept := eval[string](b, `(async () => {
		let all = JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage }) + document.cookie +
			location.href + document.documentElement.outerHTML + [...document.querySelectorAll('input')].map((i) => i.value).join();
		for (const { name } of await indexedDB.databases()) all += name;
		for (const name of await caches.keys())
			for (const kept of await (await caches.open(name)).keys()) all += kept.url;
		return all;
	})()`)
	// A crash, with the traces of all that runs.
	if err := bridge.command.Process.Signal(syscall.SIGABRT); err != nil {
		t.Fatal(err)
	}
	<-bridge.done
	dumps, err := filepath.Glob(filepath.Join(dir, "core*"))
	if err != nil || len(dumps) != 0 {
		t.Errorf("the bridge left %v, %v", dumps, err)
	}
	places := map[string]string{"what the browser keeps": kept, "what the page sent": sent.String()}
	for name, p := range w.processes {
		places["the log of "+name] = p.output.String()
	}
	places["the log of the bridge, with its crash"] = bridge.output.String()
	if !strings.Contains(bridge.output.String(), "goroutine ") {
		t.Error("the bridge's crash tells nothing")
	}
	for place, text := range places {
		for _, canary := range []string{fresh, issued} {
			if strings.Contains(text, canary) {
				t.Errorf("%s holds %s", place, canary)
			}
		}
	}
}
