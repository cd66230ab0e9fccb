//go:build !js

package e2e_test

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// shared is the world of the tests that run one after the other. A test that says ownWorld runs beside others.
var shared *world

// worlds are those that were started. Each is one test's at a time.
var worlds pool

type pool struct {
	dir string

	mu        sync.Mutex
	all, idle []*world
	of        map[string]*world // by the name of the test that has it
}

// ownWorld has the test run beside others, in a world that nobody else uses meanwhile: its cards can be laid, its
// programs stopped. Who lays cards says whose: these people are strangers there, without a folder and with cards as
// they were issued. It is the first line of a test; newBrowser and the other helpers find the world by the test.
func ownWorld(t *testing.T, strangers ...string) *world {
	t.Helper()
	t.Parallel()
	w, err := worlds.take(t.Name(), strangers)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := worlds.giveBack(t.Name(), w, t.Failed()); err != nil {
			t.Error(err)
		}
	})
	return w
}

// worldOf is the test's own world, or the one of all that have none.
func worldOf(t testing.TB) *world {
	test, _, _ := strings.Cut(t.Name(), "/")
	worlds.mu.Lock()
	defer worlds.mu.Unlock()
	if w := worlds.of[test]; w != nil {
		return w
	}
	return shared
}

func (p *pool) take(test string, strangers []string) (*world, error) {
	w := p.idleOne(strangers)
	if w == nil {
		var err error
		if w, err = p.create(); err != nil {
			return nil, err
		}
	} else if err := w.resume(); err != nil {
		return nil, err
	}
	if err := w.whole(); err != nil {
		return nil, err
	}
	for _, person := range strangers {
		w.met[person] = true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.of == nil {
		p.of = map[string]*world{}
	}
	p.of[test] = w
	return w, nil
}

// whole waits until the portal has read its catalogue, which it does after it is healthy: the test before may have
// started it anew. Until then it writes pages that say so.
func (w *world) whole() error {
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		response, err := http.Get(w.origin + "/procedures/131105/P0012")
		if err == nil {
			err = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return err
			}
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the portal of a world has no catalogue: %w", err)
		}
	}
}

// idleOne is the idle world that has met most people but none of these; nil if there is none.
func (p *pool) idleOne(strangers []string) *world {
	p.mu.Lock()
	defer p.mu.Unlock()
	best := -1
	for i, w := range p.idle {
		met := func(person string) bool { return w.met[person] }
		if !slices.ContainsFunc(strangers, met) && (best < 0 || len(w.met) > len(p.idle[best].met)) {
			best = i
		}
	}
	if best < 0 {
		return nil
	}
	w := p.idle[best]
	p.idle = slices.Delete(p.idle, best, best+1)
	return w
}

// giveBack lets others have the world; where a test failed nobody knows how things stand. Until somebody takes it, it
// stands still: a world in which nothing happens still looks every second whether something does, and there are many.
func (p *pool) giveBack(test string, w *world, failed bool) error {
	err := w.pause()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.of, test)
	if !failed && err == nil {
		p.idle = append(p.idle, w)
	}
	return err
}

func (p *pool) create() (*world, error) {
	p.mu.Lock()
	dir := filepath.Join(p.dir, fmt.Sprintf("world-%d", len(p.all)))
	p.all = append(p.all, nil)
	place := len(p.all) - 1
	p.mu.Unlock()
	catalogue, err := registered()
	if err != nil {
		return nil, err
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	w, err := newWorld(dir, catalogue)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all[place] = w
	return w, err
}

func (p *pool) stop() {
	var all sync.WaitGroup
	for _, w := range p.all {
		if w != nil {
			all.Go(w.stop)
		}
	}
	all.Wait()
}

// registered is a file with the entries of the catalogue of the nation, Tokyo, 目黒区, 渋谷区, 横浜市 with 青葉区.
var registered = sync.OnceValues(func() (string, error) {
	file := filepath.Join(worlds.dir, "procedures.csv")
	expand := exec.Command(built("expand"), "--places", "000000,130001,131105,131130,141003,141178", "--out", file)
	if out, err := expand.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s(run `make build` first)", expand, err, out)
	}
	return file, nil
})
