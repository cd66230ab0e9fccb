package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"madoguchi/backend/calendar"
	"madoguchi/backend/catalog"
	"madoguchi/backend/db"
)

// errLines ends `portal procedures` when a file has lines that are wrong; what is wrong has been said.
var errLines = errors.New("何も登録していません。上の行を直して、もう一度取り込んでください")

// maxShown is how many wrong lines are listed one by one.
const maxShown = 200

// tendProcedures does `portal procedures`: it takes entries of the catalogue in from a CSV file, or writes them out.
func tendProcedures(ctx context.Context, args []string, getenv func(string) string, out io.Writer) error {
	flags := flag.NewFlagSet("portal procedures", flag.ContinueOnError)
	flags.SetOutput(out)
	address := getenv("PORTAL_DATABASE")
	if address == "" {
		address = defaultDatabase
	}
	flags.StringVar(&address, "database", address, "SQLite file, or postgres:// URL (PORTAL_DATABASE)")
	place := flags.String("place", "", "export: six-digit code of the one place to write; all when empty")
	flags.Usage = func() {
		fmt.Fprintln(out, `portal procedures [flags] import FILE.csv   registers entries of the catalogue (手続); nothing when a line is wrong
portal procedures [flags] check FILE.csv    says what is wrong, and registers nothing
portal procedures [flags] export FILE.csv   writes what is in force today
portal procedures headings                  lists the columns of the file`)
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	command, file := flags.Arg(0), flags.Arg(1)
	if command == "headings" && flags.NArg() == 1 {
		for _, h := range catalog.Headings() {
			fmt.Fprintln(out, h)
		}
		return nil
	}
	if flags.NArg() != 2 || command != "import" && command != "check" && command != "export" {
		return errors.New("say `portal procedures import FILE.csv`, check, export or headings; see portal procedures --help")
	}
	store, err := db.Open(ctx, address)
	if err != nil {
		return fmt.Errorf("%w (PORTAL_DATABASE)", err)
	}
	defer store.Close()
	entries, today := catalog.NewStore(store, time.Now), calendar.Today(time.Now()).Format(time.DateOnly)
	if command == "export" {
		return exportProcedures(ctx, entries, file, *place, today)
	}
	return importProcedures(ctx, entries, file, today, command == "check", out)
}

func importProcedures(ctx context.Context, entries *catalog.Store, file, today string, check bool, out io.Writer) error {
	from, err := os.Open(file)
	if err != nil {
		return err
	}
	defer from.Close()
	report, err := entries.Import(ctx, from, today, check, func(done, all int) {
		if done%200 == 0 && done < all {
			fmt.Fprintf(out, "%d / %d\n", done, all)
		}
	})
	for i, e := range report.Errors {
		if i == maxShown {
			fmt.Fprintf(out, "ほかに%d件\n", len(report.Errors)-maxShown)
			break
		}
		fmt.Fprintln(out, e)
	}
	switch {
	case err != nil:
		return fmt.Errorf("importing %s: %w", file, err)
	case len(report.Errors) > 0:
		return errLines
	case check:
		fmt.Fprintf(out, "%d自治体 %d行に誤りはありません\n", report.Places, report.Lines)
		return nil
	}
	fmt.Fprintf(out, "%d自治体: 登録 %d件、変更なし %d件、廃止 %d件\n", report.Places, report.Registered, report.Unchanged, report.Ended)
	return nil
}

func exportProcedures(ctx context.Context, entries *catalog.Store, file, place, today string) (err error) {
	if place != "" && !catalog.IsPlace(place) {
		return fmt.Errorf("%q is not the six-digit code of a place", place)
	}
	to, err := os.Create(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	return entries.Export(ctx, to, place, today)
}
