// Package logging says which lines the programs write: portal, bridge and sandbox alike. It has nothing to do with what
// stands in them.
package logging

import (
	"context"
	"fmt"
	"io"
	"log/slog"
)

// Security is the message of lines that are written whatever the level.
const Security = "security"

// New makes a logger for the environment variable LOG: debug, info (when it is not set) or warn.
func New(w io.Writer, getenv func(string) string) (*slog.Logger, error) {
	level := slog.LevelInfo
	switch set := getenv("LOG"); set {
	case "", "info":
	case "debug":
		level = slog.LevelDebug
	case "warn":
		level = slog.LevelWarn
	default:
		return nil, fmt.Errorf("LOG=%s is none of debug, info and warn", set)
	}
	all := slog.NewTextHandler(w, &slog.HandlerOptions{Level: min(level, slog.LevelInfo)})
	return slog.New(handler{Handler: all, level: level}), nil
}

type handler struct {
	slog.Handler
	level slog.Level
}

func (h handler) Handle(ctx context.Context, r slog.Record) error {
	if r.Level < h.level && r.Message != Security {
		return nil
	}
	return h.Handler.Handle(ctx, r)
}

func (h handler) WithAttrs(attributes []slog.Attr) slog.Handler {
	return handler{h.Handler.WithAttrs(attributes), h.level}
}

func (h handler) WithGroup(name string) slog.Handler {
	return handler{h.Handler.WithGroup(name), h.level}
}
