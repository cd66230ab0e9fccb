// Command bridge lets pages of the portal reach the person's card: over PC/SC, or, with --virtual, cards in software on
// readers of its own. See `bridge --help`.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"madoguchi/bridge/logging"
)

var version = "development"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(program(ctx, os.Args[1:]))
}

// program runs the command and gives its exit code.
func program(ctx context.Context, args []string) int {
	logger, err := logging.New(os.Stderr, os.Getenv)
	if err == nil {
		slog.SetDefault(logger)
		err = command(ctx, args)
	}
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bridge:", err)
		return 1
	}
	return 0
}

func command(ctx context.Context, args []string) error {
	if len(args) > 0 {
		switch args[0] {
		case "people":
			return listPeople(args[1:])
		case "card":
			return insertCard(ctx, args[1:])
		case "ca":
			return printCA(args[1:])
		}
	}
	return run(ctx, args)
}
