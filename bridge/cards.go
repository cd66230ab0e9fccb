package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"madoguchi/bridge/softcard"
)

// The commands about test cards.

func listPeople(args []string) error {
	if err := noArguments("people", args); err != nil {
		return err
	}
	return softcard.WritePeople(os.Stdout)
}

func printCA(args []string) error {
	if err := noArguments("ca", args); err != nil {
		return err
	}
	_, err := os.Stdout.Write(softcard.CAPEM(time.Now()))
	return err
}

func noArguments(name string, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("bridge %s takes no arguments", name)
	}
	return nil
}

// insertCard puts one card into vpcd until ctx ends.
func insertCard(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("bridge card", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	vpcd := flags.String("vpcd", "127.0.0.1:35963", "the slot of vpcd")
	id := flags.String("person", "", "whose card: an id of `bridge people`")
	dir := flags.String("state", or(os.Getenv("BRIDGE_STATE"), defaultState()),
		"directory for what the card remembers (BRIDGE_STATE)")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			flags.SetOutput(os.Stdout)
			flags.PrintDefaults()
			return err
		}
		return fmt.Errorf("bridge card: %w; see bridge card --help", err)
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("bridge card: %q is no argument of it", flags.Arg(0))
	}
	if *id == "" {
		return errors.New("bridge card: --person is missing; see bridge people")
	}
	person, ok := softcard.PersonByID(*id)
	if !ok {
		return fmt.Errorf("bridge card: nobody is called %q; see bridge people", *id)
	}
	state, err := softcard.OpenState(filepath.Join(*dir, person.ID+".json"))
	if errors.Is(err, softcard.ErrStateHeld) {
		return fmt.Errorf(
			"bridge card: the card of %s is in another reader already (a bridge with virtual readers, or another "+
				"bridge card)", person.ID,
		)
	}
	if err != nil {
		return err
	}
	defer state.Close()
	card, err := softcard.NewCard(person, state, time.Now)
	if err != nil {
		return err
	}
	slog.Info("inserting the card", "person", person.ID, "vpcd", *vpcd)
	return softcard.ServeVPCD(ctx, *vpcd, card)
}
