//go:build linux

package pcscdtest

import (
	"bufio"
	_ "embed"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Where the reader with keys listens for a card, and what PC/SC calls it.
const (
	KeypadSlot   = "127.0.0.1:35965"
	KeypadReader = "Keypad 00 00"
)

// What else than digits a person may do at the keys.
const (
	// Cancel is the key to cancel.
	Cancel = "cancel"
	// Nothing: the reader's time passes.
	Nothing = "nothing"
)

//go:embed keypad/keypad.c
var keypadSource []byte

// Keypad is pcscd with one reader, which has keys: VERIFY_PIN_DIRECT and MODIFY_PIN_DIRECT of PC/SC part 10.
type Keypad struct {
	*Daemon
	pressed chan string

	mu    sync.Mutex
	shown []string
}

// StartKeypad compiles the reader's driver and starts pcscd with it, as Start does.
func StartKeypad(t testing.TB) *Keypad {
	t.Helper()
	dir := t.TempDir()
	driver := compileKeypad(t, dir)
	keys := filepath.Join(dir, "keys")
	listener, err := net.Listen("unix", keys)
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(KeypadSlot)
	configuration := fmt.Sprintf("FRIENDLYNAME \"%s\"\nDEVICENAME /dev/null:%s:%s\nLIBPATH %s\nCHANNELID 0x1\n",
		strings.TrimSuffix(KeypadReader, " 00 00"), port, keys, driver)
	file := filepath.Join(dir, "reader.conf")
	if err := os.WriteFile(file, []byte(configuration), 0o600); err != nil {
		t.Fatal(err)
	}
	k := &Keypad{pressed: make(chan string, 100)}
	ended := make(chan struct{})
	go k.attend(listener, ended)
	t.Cleanup(func() {
		close(ended)
		listener.Close()
	})
	k.Daemon = start(t, []string{KeypadSlot}, "--config", file)
	return k
}

func compileKeypad(t testing.TB, dir string) (driver string) {
	t.Helper()
	source := filepath.Join(dir, "keypad.c")
	if err := os.WriteFile(source, keypadSource, 0o600); err != nil {
		t.Fatal(err)
	}
	flags, err := exec.Command("pkg-config", "--cflags", "libpcsclite").Output()
	if err != nil {
		t.Fatalf("looking for the headers of pcsc-lite (libpcsclite-dev; run `make setup`): %v", err)
	}
	driver = filepath.Join(dir, "libkeypad.so")
	arguments := append([]string{"-std=gnu11", "-O1", "-fPIC", "-shared", "-Wall", "-Wextra", "-Werror"},
		strings.Fields(string(flags))...)
	out, err := exec.Command("gcc", append(arguments, "-o", driver, source)...).CombinedOutput()
	if err != nil {
		t.Fatalf("compiling the driver of the reader with keys: %v\n%s", err, out)
	}
	return driver
}

// Press has a person do that at the keys: each is for one entry, in the order in which they are asked for; digits,
// Cancel or Nothing.
func (k *Keypad) Press(entries ...string) {
	for _, e := range entries {
		k.pressed <- e
	}
}

// Shown is what the reader has shown, an entry a line.
func (k *Keypad) Shown() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.shown)
}

// attend answers the driver, one entry a connection.
func (k *Keypad) attend(listener net.Listener, ended <-chan struct{}) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return // the test is over
		}
		go func() {
			defer conn.Close()
			line, err := bufio.NewReader(conn).ReadString('\n')
			if err != nil {
				return
			}
			k.mu.Lock()
			k.shown = append(k.shown, strings.TrimSuffix(line, "\n"))
			k.mu.Unlock()
			select {
			case entry := <-k.pressed:
				fmt.Fprintln(conn, entry) // a driver that has gone needs no answer
			case <-ended:
			}
		}()
	}
}
