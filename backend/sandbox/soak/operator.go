package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// operate is an operator's day in minutes: keys are rotated, copies made, the registry is read again, J-LIS is away for
// a while.
func operate(ctx context.Context, w *world, r *report) {
	const round = 20 * time.Second
	for n := 1; ctx.Err() == nil; n++ {
		pause(ctx, round)
		if ctx.Err() != nil {
			return
		}
		_ = syscall.Kill(w.portal.pid(), syscall.SIGHUP)
		r.operated("the registry read again", nil)
		r.operated("keys rotated", w.tool(ctx, "portal", "keys", "rotate"))
		if n%3 == 1 {
			r.operated("copies made", w.copy(ctx, n))
		}
		if n%6 == 2 {
			r.operated("J-LIS away for ten seconds", w.withoutJLIS(ctx))
		}
	}
}

func (w *world) copy(ctx context.Context, n int) error {
	file := filepath.Join(w.dir, fmt.Sprintf("copy-%d.sqlite", n))
	defer os.Remove(file)
	return w.tool(ctx, "portal", "backup", file)
}

func (w *world) withoutJLIS(ctx context.Context) error {
	w.jlisDown.Store(true)
	if err := w.turn(ctx, "jlis", "dead"); err != nil {
		return err
	}
	pause(ctx, 10*time.Second)
	if err := w.turn(context.WithoutCancel(ctx), "jlis", "well"); err != nil {
		return err
	}
	pause(ctx, 10*time.Second) // the portal leaves it alone for some seconds more
	w.jlisDown.Store(false)
	return nil
}

// turn sets the switch of a part of the outside world.
func (w *world) turn(ctx context.Context, part, is string, more ...string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	address := w.sandbox + "/parts/" + part + "?" + strings.Join(append([]string{"is=" + is}, more...), "&")
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("turning a switch: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode >= 400 {
		return fmt.Errorf("turning a switch: %s", response.Status)
	}
	return nil
}
