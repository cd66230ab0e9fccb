package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// syncBuffer is an output that may be read while it is written.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// runShell keeps a shell script running as a process; the returned function ends it.
func runShell(t *testing.T, script string) (*process, *syncBuffer, func()) {
	t.Helper()
	out := &syncBuffer{}
	p := newProcess("tiny", &console{out: out}, func() *exec.Cmd { return exec.Command("/bin/sh", "-c", script) })
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { p.run(ctx); close(done) }()
	stop := sync.OnceFunc(func() {
		cancel()
		select {
		case <-done:
		case <-time.After(20 * time.Second):
			t.Error("the process did not end")
		}
	})
	t.Cleanup(stop)
	return p, out, stop
}

func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err != nil || !strings.Contains(string(stat), ") Z ")
}

func TestWhatEndsIsStartedAgainLaterEachTime(t *testing.T) {
	_, out, stop := runShell(t, `echo begun; echo "no line's end" | tr -d '\n'; exit 3`)
	eventually(t, "the second end", func() bool { return strings.Count(out.String(), "exit status 3") >= 2 })
	stop()
	text := out.String()
	for _, want := range []string{"tiny    │ begun\n", "tiny    │ no line's end\n", "again in 500ms", "again in 1s"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in:\n%s", want, text)
		}
	}
}

func TestPausesRiseToALimitAndBeginAnew(t *testing.T) {
	pause := time.Duration(0)
	for _, c := range []struct{ lived, want time.Duration }{
		{0, minBackoff}, {0, 2 * minBackoff}, {settled, 4 * minBackoff}, {0, 8 * minBackoff}, {0, 16 * minBackoff},
		{0, maxBackoff}, {0, maxBackoff}, {settled + 1, minBackoff}, {0, 2 * minBackoff},
	} {
		if pause = later(pause, c.lived); pause != c.want {
			t.Errorf("after %v it is %v, want %v", c.lived, pause, c.want)
		}
	}
}

func TestRestartEndsAndStarts(t *testing.T) {
	p, out, _ := runShell(t, `echo begun; sleep 600 & wait`)
	eventually(t, "the start", func() bool { return strings.Contains(out.String(), "begun") })
	first := p.running()
	p.restart()
	eventually(t, "the second start", func() bool { return strings.Count(out.String(), "begun") == 2 })
	if second := p.running(); second == first || second == 0 {
		t.Errorf("process %d after %d", second, first)
	}
	if alive(first) {
		t.Error("the first one lives on")
	}
	if strings.Contains(out.String(), "ended") {
		t.Errorf("a restart that was asked for was reported as an end:\n%s", out)
	}
}

// A child of a child, deaf to the signal, ends too.
func TestTheWholeGroupEnds(t *testing.T) {
	pidFile := filepath.Join(t.TempDir(), "pid")
	_, _, stop := runShell(t,
		`sh -c 'trap "" TERM; while :; do sleep 1; done' & echo $! > `+pidFile+`.new; mv `+pidFile+`.new `+
			pidFile+`; wait`)
	var grandchild int
	eventually(t, "the grandchild", func() bool {
		content, err := os.ReadFile(pidFile)
		if err != nil {
			return false
		}
		grandchild, err = strconv.Atoi(strings.TrimSpace(string(content)))
		return err == nil
	})
	stop()
	eventually(t, "the grandchild's end", func() bool { return !alive(grandchild) })
}

func TestTheDeafIsKilled(t *testing.T) {
	cmd := exec.Command("/bin/sh", "-c", `trap "" TERM; echo deaf; while :; do sleep 1; done`)
	out := &syncBuffer{}
	cmd.Stdout = out
	cmd.SysProcAttr = ownGroup()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the trap", func() bool { return strings.Contains(out.String(), "deaf") })
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	if err := end(cmd.Process.Pid, done, 50*time.Millisecond); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Errorf("it ended with %v", err)
	}
}

func TestWhatCannotStartIsReported(t *testing.T) {
	out := &syncBuffer{}
	p := newProcess("gone", &console{out: out}, func() *exec.Cmd { return exec.Command("/no/such/program") })
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { p.run(ctx); close(done) }()
	eventually(t, "the report", func() bool { return strings.Contains(out.String(), "no such file") })
	cancel()
	<-done
}
