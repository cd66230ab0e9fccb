// Package room is how the rooms of the sandbox join it: each that plays a part of the outside world registers itself,
// with its settings, what has to be there before it and what it does. Whoever runs the sandbox starts all that there
// are and knows none by name.
package room

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"time"

	"madoguchi/backend/sandbox/page"
	"madoguchi/backend/sandbox/part"
	"madoguchi/backend/sandbox/resident"
)

// Room is what registers itself.
type Room struct {
	// Name orders the rooms.
	Name     string
	Settings []Setting
	// Prepare makes what the room and the portal need to know each other; what is there and good stays. nil when that
	// is nothing.
	Prepare func(dir string, now time.Time) error
	// Known writes where the portal finds the room, which is served at an address; nil when it is told otherwise.
	Known func(dir, address string) error
	// Open takes what the room needs, and begins nothing yet.
	Open func(Ground) (Work, error)
}

// Setting is a flag with its environment variable.
type Setting struct {
	Name, Variable, Fallback, Meaning string
	// Check refuses what cannot be meant, before anything is made; nil when everything can.
	Check func(value string) error
}

// Ground is what the rooms stand on.
type Ground struct {
	World *part.World
	// State is the directory of what is kept, Portal the portal's address, to link to.
	State, Portal string
	// Settings are those of the rooms, by name.
	Settings map[string]*string
}

// Work is what a room does. Whatever it does not do is left out.
type Work struct {
	// Run works until the context ends.
	Run func(context.Context) error
	// Close gives back what Open took when nothing is run.
	Close func()
	// Served is for the portal, Pages for people; both by patterns of http.ServeMux.
	Served map[string]http.Handler
	Pages  map[string]http.HandlerFunc
	// Programs are the beginnings of the paths that no page is at: programs ask for them, people do not follow links
	// there.
	Programs []string
	// Tasks are what a developer can do here, now.
	Tasks func() []page.Link
	// Knowing names those in the room who know a resident.
	Knowing func(resident.Resident) []string
}

var registered []Room

// Register is called when the program begins.
func Register(r Room) { registered = append(registered, r) }

// All gives the rooms by name.
func All() []Room {
	sorted := slices.Clone(registered)
	slices.SortFunc(sorted, func(a, b Room) int { return strings.Compare(a.Name, b.Name) })
	return sorted
}

// Listen takes an address of this machine alone; the variable is where it was set.
func Listen(address, variable string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("%s=%s is not an address like 127.0.0.1:8090", variable, address)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("%s=%s is not on this machine alone; the sandbox is not for others", variable, address)
	}
	listener, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("port %s is in use: set %s or stop what uses it", port, variable)
	}
	if err != nil {
		return nil, fmt.Errorf("listening on %s (%s): %w", address, variable, err)
	}
	return listener, nil
}
