// Package part is what the parts of the outside world have in common: a name in the table of all, a file of its own,
// and a switch that makes it slow, wrong or dead, and well again. What a part does while it is well is its own
// affair.
//
// The switch stands between a part and the portal: Handler before what is served over HTTP, Listener before what is
// served on connections, Transport behind what calls. None of them knows what is said.
package part

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"madoguchi/backend/sandbox/file"
)

// State is how a part is.
type State string

const (
	Well  State = "well"
	Slow  State = "slow"  // does all that it should, later
	Wrong State = "wrong" // does something, and not what it should
	Dead  State = "dead"  // does nothing
)

// Way is how a part is wrong.
type Way string

const (
	Status   Way = "status"   // it says that it is out of order
	Garbage  Way = "garbage"  // what it says nobody understands
	Half     Way = "half"     // it breaks off in the middle
	Stranger Way = "stranger" // it comes under a certificate, or answers under a signature, of somebody else
)

// all is the order in which a part is wrong in one way after another.
var all = []Way{Status, Garbage, Half, Stranger}

const (
	usualWait   = 5 * time.Second
	longestWait = time.Minute
)

// ErrBroken says that a part was made not to do what was asked of it: the portal is not to blame.
var ErrBroken = errors.New("this part of the outside world is switched to fail")

// Setting is how a part's switch stands.
type Setting struct {
	Is State
	// Wait is how much later a slow part does each thing; 0 for as long as is usual.
	Wait time.Duration
	// Way is the one in which a wrong part is wrong; empty for one after another.
	Way Way
}

// World is all parts, by the directory in which each has its file.
type World struct {
	dir string

	mu    sync.Mutex
	parts []*Part
}

// In opens the directory of the parts' files, which is made where it is missing.
func In(dir string) (*World, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the directory of the parts: %w", err)
	}
	return &World{dir: dir}, nil
}

// Add reads a part's file, or begins one. The part under that id is given when it is there already.
func (w *World) Add(id, name, what string) (*Part, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.parts {
		if p.ID == id && p.Name == name {
			return p, nil
		}
		if p.ID == id {
			return nil, fmt.Errorf("two parts are called %s: %s and %s", id, p.Name, name)
		}
	}
	p := &Part{ID: id, Name: name, What: what, path: filepath.Join(w.dir, id+".json"), changed: make(chan struct{})}
	if err := p.read(); err != nil {
		return nil, err
	}
	w.parts = append(w.parts, p)
	return p, nil
}

// All gives the parts in the order in which they were added.
func (w *World) All() []*Part {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.parts)
}

// Get finds a part; nil when there is none.
func (w *World) Get(id string) *Part {
	for _, p := range w.All() {
		if p.ID == id {
			return p
		}
	}
	return nil
}

// Part is one part of the outside world.
type Part struct {
	// ID names it in addresses and files, Name in the table; What is what it does for the portal.
	ID, Name, What string
	path           string

	mu      sync.Mutex
	setting Setting
	keeps   json.RawMessage
	ways    []Way
	turn    int
	changed chan struct{} // closed when the switch is set
}

// content is what a part's file holds.
type content struct {
	Is    State           `json:"is"`
	Wait  string          `json:"wait,omitempty"`
	Way   Way             `json:"way,omitempty"`
	Keeps json.RawMessage `json:"keeps,omitempty"`
}

// read takes over what the file holds. A damaged one is begun again: a part has to bear that its world forgets.
func (p *Part) read() error {
	p.setting = Setting{Is: Well}
	data, err := os.ReadFile(p.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the state of %s: %w", p.Name, err)
	}
	var c content
	if err := json.Unmarshal(data, &c); err != nil {
		slog.Warn("a part's damaged state is begun again", "part", p.ID, "err", err)
		return nil
	}
	p.keeps = c.Keeps
	wait, err := time.ParseDuration(c.Wait)
	if setting := (Setting{c.Is, wait, c.Way}); (err == nil || c.Wait == "") && check(&setting) == nil {
		p.setting = setting
	}
	return nil
}

// write is called with the lock held.
func (p *Part) write() error {
	c := content{Is: p.setting.Is, Way: p.setting.Way, Keeps: p.keeps}
	if p.setting.Wait > 0 {
		c.Wait = p.setting.Wait.String()
	}
	data, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the state of %s: %w", p.Name, err)
	}
	return file.Replace(p.path, data, 0o600)
}

// Keep writes what the part wants to know after a restart.
func (p *Part) Keep(what any) error {
	data, err := json.Marshal(what)
	if err != nil {
		return fmt.Errorf("writing the state of %s: %w", p.Name, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keeps = data
	return p.write()
}

// Kept gives what was kept last; false when there is nothing, or nothing of that kind.
func (p *Part) Kept(what any) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.keeps) > 0 && json.Unmarshal(p.keeps, what) == nil
}

// Setting is how the switch stands.
func (p *Part) Setting() Setting {
	setting, _ := p.now()
	return setting
}

// Ways are those in which the part can be wrong.
func (p *Part) Ways() []Way {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.ways)
}

// Set turns the switch. What a slow part has under way goes on as the new setting says; what a dead one has, ends.
func (p *Part) Set(s Setting) error {
	if err := check(&s); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if s.Way != "" && !slices.Contains(p.ways, s.Way) {
		return fmt.Errorf("%s can be wrong by %v, not by %q", p.ID, p.ways, s.Way)
	}
	p.setting = s
	close(p.changed)
	p.changed = make(chan struct{})
	slog.Info("a part's switch", "part", p.ID, "is", string(s.Is), "wait", s.Wait, "way", string(s.Way))
	return p.write()
}

// check refuses a setting that says nothing or too much, and fills in what it leaves open.
func check(s *Setting) error {
	if !slices.Contains([]State{Well, Slow, Wrong, Dead}, s.Is) {
		return fmt.Errorf("a part is %s, %s, %s or %s, not %q", Well, Slow, Wrong, Dead, s.Is)
	}
	if s.Is == Slow && s.Wait == 0 {
		s.Wait = usualWait
	}
	if s.Wait < 0 || s.Wait > longestWait || s.Wait > 0 && s.Is != Slow {
		return fmt.Errorf("a slow part waits for at most %v, another for nothing", longestWait)
	}
	if s.Way != "" && (s.Is != Wrong || !slices.Contains(all, s.Way)) {
		return fmt.Errorf("a wrong part is so by one of %v, another by nothing", all)
	}
	return nil
}

// now is how the switch stands, and what is closed when that is over.
func (p *Part) now() (Setting, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.setting, p.changed
}

// meet waits for as long as the part is slow. Then it says in which way the part is wrong, if it is, or fails as the
// part does.
func (p *Part) meet(ctx context.Context) (Way, error) {
	begun := time.Now()
	for {
		setting, changed := p.now()
		switch setting.Is {
		case Well:
			return "", nil
		case Wrong:
			return p.nextWay(), nil
		case Dead:
			return "", fmt.Errorf("%w: %s is dead", ErrBroken, p.Name)
		}
		rest := time.NewTimer(setting.Wait - time.Since(begun))
		select {
		case <-rest.C:
			return "", nil
		case <-changed:
			rest.Stop()
		case <-ctx.Done():
			rest.Stop()
			return "", ctx.Err()
		}
	}
}

// nextWay is the one that is set, or the next of the part's own.
func (p *Part) nextWay() Way {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.setting.Way != "" || len(p.ways) == 0 {
		return p.setting.Way
	}
	way := p.ways[p.turn%len(p.ways)]
	p.turn++
	return way
}

// Ways make broken ones of a good one.
type Ways[T any] map[Way]func(good T) T

// knows tells a part how it can be wrong.
func (w Ways[T]) knows(p *Part) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ways = nil
	for _, way := range all {
		if w[way] != nil {
			p.ways = append(p.ways, way)
		}
	}
}
