//go:build linux

package pcscdtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"madoguchi/bridge/softcard"
)

// Slots are where vpcd listens for a card, and Readers what PC/SC calls them.
var (
	Slots   = [2]string{"127.0.0.1:35963", "127.0.0.1:35964"}
	Readers = [2]string{"Virtual PCD 00 00", "Virtual PCD 00 01"}
)

const (
	program = "/usr/sbin/pcscd"
	driver  = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"
	socket  = "/run/pcscd/pcscd.comm"
	// turn is longer than all tests of another process that use pcscd.
	turn    = 5 * time.Minute
	startup = 20 * time.Second
)

// Daemon is a running pcscd.
type Daemon struct {
	t    testing.TB
	lock *os.File
	log  *logBuffer
	// slots are where cards dial in, and arguments what pcscd is started with.
	slots     []string
	arguments []string

	process *exec.Cmd
	exited  chan struct{}
}

// Start waits for its turn, starts pcscd and returns when both readers are there. It ends with the test.
func Start(t testing.TB) *Daemon {
	t.Helper()
	return start(t, Slots[:])
}

func start(t testing.TB, slots []string, arguments ...string) *Daemon {
	t.Helper()
	if err := checkInstalled(); err != nil {
		t.Fatal(err)
	}
	d := &Daemon{t: t, log: &logBuffer{}, slots: slots, arguments: arguments}
	d.takeTurn()
	t.Cleanup(func() {
		d.Stop()
		d.lock.Close()
		if t.Failed() {
			t.Logf("the end of pcscd's log:\n%s", d.log.tail(2000))
		}
	})
	d.endStale()
	d.Restart()
	return d
}

// Restart starts pcscd, after stopping it when it runs.
func (d *Daemon) Restart() {
	d.t.Helper()
	d.Stop()
	arguments := append([]string{"--foreground", "--error"}, d.arguments...)
	// From 2.3 on pcscd asks polkit who may come, and without a system bus (a container, a CI machine) refuses
	// everybody.
	help, err := exec.Command(program, "--help").CombinedOutput()
	if err == nil && bytes.Contains(help, []byte("--disable-polkit")) {
		arguments = append(arguments, "--disable-polkit")
	}
	d.process = exec.Command(program, arguments...)
	d.process.Stdout, d.process.Stderr = d.log, d.log
	// Should the test be killed, pcscd ends as well.
	d.process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	if err := d.process.Start(); err != nil {
		d.t.Fatalf("starting pcscd: %v", err)
	}
	d.exited = make(chan struct{})
	go func(process *exec.Cmd, exited chan struct{}) {
		_ = process.Wait() // how it ended stands in its log
		close(exited)
	}(d.process, d.exited)
	d.remember(d.process.Process.Pid)
	for deadline := time.Now().Add(startup); !d.ready(); time.Sleep(10 * time.Millisecond) {
		select {
		case <-d.exited:
			d.t.Fatalf("pcscd ended at once; it must be run as root. Its log:\n%s", d.log.tail(2000))
		default:
		}
		if time.Now().After(deadline) {
			d.t.Fatalf("pcscd was not ready after %s; its log:\n%s", startup, d.log.tail(2000))
		}
	}
}

// Stop ends pcscd; without one it does nothing.
func (d *Daemon) Stop() {
	d.t.Helper()
	if d.process == nil {
		return
	}
	_ = d.process.Process.Signal(syscall.SIGTERM) // it may have ended already
	select {
	case <-d.exited:
	case <-time.After(5 * time.Second):
		_ = d.process.Process.Kill()
		<-d.exited
	}
	d.process = nil
	d.remember(0)
	// A pcscd that was killed leaves these behind, and the next one would take them for a sign that it runs.
	os.Remove(socket)
	os.Remove(filepath.Join(filepath.Dir(socket), "pcscd.pid"))
}

// Insert lays a card into a slot and returns when pcscd has powered it. remove takes it out again; the end of the test
// does so too.
func (d *Daemon) Insert(slot int, card *softcard.Card) (remove func()) {
	d.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var leftWith error
	left := make(chan struct{})
	go func() {
		leftWith = softcard.ServeVPCD(ctx, d.slots[slot], card)
		close(left)
	}()
	remove = func() {
		cancel()
		<-left
	}
	d.t.Cleanup(remove)
	for deadline := time.Now().Add(startup); !card.Powered(); time.Sleep(5 * time.Millisecond) {
		select {
		case <-left:
			d.t.Fatalf("the card left slot %d: %v", slot, leftWith)
		default:
		}
		if time.Now().After(deadline) {
			d.t.Fatalf("pcscd did not power the card in slot %d within %s", slot, startup)
		}
	}
	return remove
}

func checkInstalled() error {
	var missing []string
	for file, name := range map[string]string{program: "pcscd", driver: "vsmartcard-vpcd"} {
		if _, err := os.Stat(file); err != nil {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("these Debian packages are missing: %s; run `make setup`", strings.Join(missing, ", "))
	}
	if os.Getuid() != 0 {
		return errors.New("pcscd can only be started by root: run these tests as root, or in a container")
	}
	return nil
}

// takeTurn holds a file lock until the test ends.
func (d *Daemon) takeTurn() {
	d.t.Helper()
	f, err := os.OpenFile(filepath.Join(os.TempDir(), "madoguchi-pcscd.lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		d.t.Fatalf("taking turns for pcscd: %v", err)
	}
	for deadline := time.Now().Add(turn); ; time.Sleep(50 * time.Millisecond) {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			d.lock = f
			return
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) || time.Now().After(deadline) {
			f.Close()
			d.t.Fatalf("another test process has used pcscd for %s: %v", turn, err)
		}
	}
}

// remember writes the process id of our pcscd into the lock file, so that the next to come can end what a killed test
// left.
func (d *Daemon) remember(pid int) {
	if err := d.lock.Truncate(0); err != nil {
		d.t.Fatalf("remembering pcscd: %v", err)
	}
	if _, err := d.lock.WriteAt([]byte(strconv.Itoa(pid)), 0); err != nil {
		d.t.Fatalf("remembering pcscd: %v", err)
	}
}

// endStale ends a pcscd of a test that was killed. One that somebody else runs is left alone, and the test fails.
func (d *Daemon) endStale() {
	d.t.Helper()
	b, err := io.ReadAll(io.NewSectionReader(d.lock, 0, 20))
	if err != nil {
		d.t.Fatalf("looking for an old pcscd: %v", err)
	}
	if pid, err := strconv.Atoi(string(b)); err == nil && isPCSCD(pid) {
		_ = syscall.Kill(pid, syscall.SIGTERM)
		for deadline := time.Now().Add(5 * time.Second); isPCSCD(pid); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(deadline) {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
		}
	}
	if b, err := os.ReadFile(filepath.Join(filepath.Dir(socket), "pcscd.pid")); err == nil {
		if pid, err := strconv.Atoi(strings.TrimSpace(string(b))); err == nil && isPCSCD(pid) {
			d.t.Fatalf("pcscd runs already (process %d): stop it with `systemctl stop pcscd.socket pcscd.service`", pid)
		}
	}
	for _, slot := range d.slots {
		if listening(slot) {
			d.t.Fatalf("something listens on %s already: stop the pcscd that runs", slot)
		}
	}
}

func isPCSCD(pid int) bool {
	if pid <= 0 {
		return false
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	return err == nil && bytes.HasPrefix(status, []byte("Name:\tpcscd\n")) &&
		!bytes.Contains(status, []byte("\nState:\tZ"))
}

func (d *Daemon) ready() bool {
	for _, slot := range d.slots {
		if !listening(slot) {
			return false
		}
	}
	_, err := os.Stat(socket)
	return err == nil
}

// listening looks into the kernel's table: to dial a reader would be to insert a card.
func listening(slot string) bool {
	_, text, _ := net.SplitHostPort(slot)
	port, err := strconv.Atoi(text)
	if err != nil {
		return false
	}
	b, err := os.ReadFile("/proc/net/tcp")
	return err == nil && bytes.Contains(b, fmt.Appendf(nil, ":%04X 00000000:0000 0A", port))
}

// logBuffer keeps what pcscd says.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) tail(n int) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.b.Bytes()
	return string(b[max(0, len(b)-n):])
}
