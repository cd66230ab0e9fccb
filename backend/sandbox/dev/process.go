package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

const (
	// patience is how long a process may take to end by itself.
	patience   = 5 * time.Second
	minBackoff = 500 * time.Millisecond
	maxBackoff = 10 * time.Second
	// settled is how long a process lives before an end counts as new trouble rather than the same again.
	settled = 10 * time.Second
)

// process keeps one program running: when it ends by itself, it is started again, later each time.
type process struct {
	name string
	// command makes what is started, anew each time.
	command func() *exec.Cmd
	out     *console

	again chan struct{} // asks for a restart; holds one

	mu    sync.Mutex
	pid   int // 0 while it does not run
	since time.Time
}

func newProcess(name string, out *console, command func() *exec.Cmd) *process {
	return &process{name: name, command: command, out: out, again: make(chan struct{}, 1)}
}

// restart ends the process and starts it again at once. It does not wait.
func (p *process) restart() {
	select {
	case p.again <- struct{}{}:
	default:
	}
}

// run keeps the process running until the context ends, and has ended it when it returns.
func (p *process) run(ctx context.Context) {
	var backoff time.Duration
	for ctx.Err() == nil {
		started := time.Now()
		asked, err := p.once(ctx)
		if ctx.Err() != nil {
			return
		}
		if asked {
			backoff = 0
			continue
		}
		backoff = later(backoff, time.Since(started))
		p.out.say(p.name, fmt.Sprintf("ended (%s); starting again in %v", describe(err), backoff))
		select {
		case <-ctx.Done():
			return
		case <-p.again:
			backoff = 0
		case <-time.After(backoff):
		}
	}
}

// later is the pause before the next start, given the pause before the last and how long the program lived since.
func later(before, lived time.Duration) time.Duration {
	if before == 0 || lived > settled {
		return minBackoff
	}
	return min(2*before, maxBackoff)
}

// once runs the process to its end. Asked says that the end was ours, for a restart.
func (p *process) once(ctx context.Context) (asked bool, err error) {
	cmd := p.command()
	out := p.out.writer(p.name)
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = ownGroup()
	cmd.WaitDelay = patience // a grandchild may hold the output open
	if err := cmd.Start(); err != nil {
		return false, err
	}
	p.note(cmd.Process.Pid)
	defer p.note(0)
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	select {
	case err := <-done:
		kill(cmd.Process.Pid, syscall.SIGKILL) // what it may have left behind
		return false, err
	case <-p.again:
		asked = true
	case <-ctx.Done():
	}
	return asked, end(cmd.Process.Pid, done, patience)
}

// end asks a process group to end, and kills it when it does not.
func end(pid int, done <-chan error, patience time.Duration) error {
	kill(pid, syscall.SIGTERM)
	select {
	case err := <-done:
		kill(pid, syscall.SIGKILL)
		return err
	case <-time.After(patience):
		kill(pid, syscall.SIGKILL)
		return <-done
	}
}

// kill signals a whole process group. Its being gone already is what was wanted.
func kill(pid int, signal syscall.Signal) {
	_ = syscall.Kill(-pid, signal)
}

func (p *process) note(pid int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pid, p.since = pid, time.Now()
}

// running gives the process's id, 0 while it does not run.
func (p *process) running() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pid
}

func describe(err error) string {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return "without an error"
	case errors.As(err, &exit):
		return exit.String()
	}
	return err.Error()
}
