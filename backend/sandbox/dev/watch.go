package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// quiet is how long the source must rest before a change counts: editors write in several steps.
const quiet = 300 * time.Millisecond

// watcher tells that the source changed, once for changes close together.
type watcher struct {
	changes chan struct{} // holds one: what happens during a build is seen after it
	failed  chan error
	notify  *fsnotify.Watcher
}

// watch follows directories and files below a root, and directories made in them later.
func watch(root string, paths ...string) (*watcher, error) {
	notify, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watching the source: %w", err)
	}
	w := &watcher{changes: make(chan struct{}, 1), failed: make(chan error, 1), notify: notify}
	for _, path := range paths {
		if err := w.add(filepath.Join(root, path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			notify.Close()
			return nil, fmt.Errorf("watching %s: %w", path, err)
		}
	}
	go w.run()
	return w, nil
}

func (w *watcher) Close() error { return w.notify.Close() }

func (w *watcher) add(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return w.notify.Add(path)
	}
	return filepath.WalkDir(path, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // gone while we looked
		case err != nil:
			return err
		case !entry.IsDir():
			return nil
		case name != path && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata"):
			return fs.SkipDir
		}
		return w.notify.Add(name)
	})
}

func (w *watcher) run() {
	rest := time.NewTimer(time.Hour)
	rest.Stop()
	for {
		select {
		case event, open := <-w.notify.Events:
			if !open {
				return
			}
			if event.Has(fsnotify.Create) {
				if info, err := os.Stat(event.Name); err == nil && info.IsDir() {
					if err := w.add(event.Name); err != nil {
						w.failed <- err
						return
					}
					rest.Reset(quiet)
				}
			}
			if !event.Has(fsnotify.Chmod) && matters(event.Name) {
				rest.Reset(quiet)
			}
		case err, open := <-w.notify.Errors:
			if !open {
				return
			}
			if !errors.Is(err, fsnotify.ErrEventOverflow) {
				w.failed <- err
				return
			}
			rest.Reset(quiet)
		case <-rest.C:
			select {
			case w.changes <- struct{}{}:
			default:
			}
		}
	}
}

// matters tells whether a file can change a program: tests and what editors leave beside files cannot.
func matters(name string) bool {
	base := filepath.Base(name)
	switch {
	case strings.HasPrefix(base, "."), strings.HasPrefix(base, "#"), strings.HasSuffix(base, "~"),
		strings.HasSuffix(base, "_test.go"):
		return false
	case base == "4913": // vim tries whether it may write
		return false
	}
	return filepath.Ext(base) != "" && !strings.HasPrefix(filepath.Ext(base), ".sw")
}
