package outbox

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"madoguchi/frontend/reach/rpc"
	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const markProcedure = "/portal.v1.Test/Mark"

// tab is a page for tests: whose vault is open, and what there is of a network.
type tab struct {
	online bool
	owner  string
	sent   []string // the requests that went to the portal at once
	answer error
}

var (
	begun sync.Once // the program has one outbox
	now   atomic.Pointer[tab]
)

func here() *tab { return now.Load() }

func newTab(t *testing.T) *tab {
	t.Helper()
	vault.Clear()
	p := &tab{online: true, owner: "hanako"}
	Declare(markProcedure, Kind{
		Subject: func(request []byte) Subject {
			if string(request) == "never" {
				return Subject{}
			}
			about, _, _ := strings.Cut(string(request), " ")
			return Subject{About: []string{about}}
		},
		Settled: func(context.Context, []byte, []byte) (map[string]string, error) { return nil, nil },
	})
	now.Store(p)
	begun.Do(func() {
		Begin(Surroundings{
			Online: func() bool { return here().online }, Owner: func() string { return here().owner },
			Ask: func(context.Context) bool { return false },
		})
	})
	t.Cleanup(vault.Clear)
	return p
}

func (p *tab) open(t *testing.T, whose string) {
	t.Helper()
	secret := []byte(strings.Repeat(whose[:1], 32))
	if err := vault.OpenBySession(t.Context(), whose, secret, false); err != nil {
		t.Fatal(err)
	}
	if queue := current(); queue != nil {
		reread(t.Context(), queue)
	}
}

func (p *tab) write(t *testing.T, request string) error {
	t.Helper()
	w := rpc.Write{Procedure: markProcedure, Key: "key of " + request, Request: []byte(request)}
	return through(t.Context(), w, func(context.Context) error {
		p.sent = append(p.sent, request)
		return p.answer
	})
}

func waits() string {
	var all []string
	for _, w := range Known() {
		all = append(all, string(w.Request))
	}
	return strings.Join(all, ", ")
}

var unreachable = &rpc.Error{Code: rpc.CodeUnavailable}

func TestWhatCannotBeSentIsKept(t *testing.T) {
	p := newTab(t)
	p.open(t, "hanako")
	if err := p.write(t, "a 1"); err != nil || waits() != "" {
		t.Errorf("with a network: %v, waiting %q", err, waits())
	}
	p.online = false
	if err := p.write(t, "a 2"); !rpc.Kept(err) || waits() != "a 2" || Known()[0].State != Waiting {
		t.Errorf("without one: %v, waiting %q", err, waits())
	}
	// What comes after waits behind it; what is about something else does not; what cannot wait is not kept.
	p.online = true
	if err := p.write(t, "a 3"); !rpc.Kept(err) {
		t.Error(err)
	}
	if err := p.write(t, "b 1"); err != nil {
		t.Error(err)
	}
	p.answer = unreachable
	if err := p.write(t, "never"); !errors.Is(err, unreachable) {
		t.Error(err)
	}
	// An answer that was lost: it was sent, perhaps.
	if err := p.write(t, "c 1"); !rpc.Kept(err) || Known()[2].State != Sent {
		t.Error(err, Known())
	}
	// A refusal is an answer.
	p.answer = &rpc.Error{Code: rpc.CodeNotFound, Info: &portalv1.ErrorInfo{Reason: portalv1.Reason_REASON_NOT_FOUND}}
	if err := p.write(t, "d 1"); !errors.Is(err, p.answer) {
		t.Error(err)
	}
	// The card has opened the vault, and nobody is logged in.
	p.owner = ""
	if err := p.write(t, "e 1"); !rpc.Kept(err) {
		t.Error(err)
	}
	if got := strings.Join(p.sent, ", "); got != "a 1, b 1, never, c 1, d 1" || waits() != "a 2, a 3, c 1, e 1" ||
		AtRisk() {
		t.Errorf("sent %s, waiting %s", got, waits())
	}
}

// Without a vault, on a shared device, a write goes as it always went, and its failure is told.
func TestWithoutAVaultNothingIsKept(t *testing.T) {
	p := newTab(t)
	p.online, p.answer = false, unreachable
	if err := p.write(t, "a 1"); rpc.Kept(err) || !errors.Is(err, unreachable) || len(p.sent) != 1 || waits() != "" {
		t.Error(err, p.sent, waits())
	}
	p.open(t, "hanako")
	t.Cleanup(vault.Refuse())
	if err := p.write(t, "a 1"); rpc.Kept(err) || !errors.Is(err, unreachable) {
		t.Errorf("a device that keeps nothing: %v", err)
	}
}

// What waits lies in the vault of who did it: another person's shows nothing of it, and takes nothing in.
func TestWhatWaitsIsItsPersons(t *testing.T) {
	p := newTab(t)
	p.open(t, "hanako")
	p.online = false
	if err := p.write(t, "a 1"); !rpc.Kept(err) {
		t.Fatal(err)
	}
	hanakos := current()
	p.open(t, "taro")
	if waits() != "" {
		t.Errorf("another sees %q", waits())
	}
	if err := hanakos.Store.Put(t.Context(), Write{ID: "x"}); !errors.Is(err, vault.ErrLocked) {
		t.Errorf("put into another's vault: %v", err)
	}
	if _, err := hanakos.All(t.Context()); !errors.Is(err, vault.ErrLocked) {
		t.Errorf("read in another's vault: %v", err)
	}
	vault.Lock()
	if current() != nil || len(Known()) > 0 {
		t.Error("it is known while the vault is locked")
	}
	p.open(t, "hanako")
	if waits() != "a 1" {
		t.Errorf("the person finds %q", waits())
	}
	dropped, err := Drop(t.Context(), Known()[0].ID)
	if err != nil || len(dropped) != 1 || waits() != "" {
		t.Error(dropped, err, waits())
	}
	if err := Restore(t.Context(), dropped); err != nil || waits() != "a 1" {
		t.Error(err, waits())
	}
}
