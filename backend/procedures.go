package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"madoguchi/backend/feature/procedure/entry"
	"madoguchi/backend/japan/catalog"
	"madoguchi/backend/store/db"
	"madoguchi/proto/clock"
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
		fmt.Fprintln(out,
			`portal procedures [flags] import FILE.csv   registers entries of the catalogue (手続); nothing when a line is wrong
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
		return errors.New(
			"say `portal procedures import FILE.csv`, check, export or headings; see portal procedures --help",
		)
	}
	today := clock.Day(time.Now())
	if command == "export" {
		if err := checkExport(address, getenv("PORTAL_KEYS"), file, *place); err != nil {
			return err
		}
	} else if err := checkImport(address, file); err != nil {
		return err
	}
	if err := checkDatabase(address); command == "import" && errors.Is(err, fs.ErrNotExist) {
		// Made by what is imported, and not by a file that is wrong.
		if err := tryFile(file, out); err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	store, err := db.Open(ctx, address)
	if err != nil {
		return fmt.Errorf("%w (PORTAL_DATABASE)", err)
	}
	defer store.Close()
	entries := entry.NewStore(store, time.Now)
	if command == "export" {
		return writeAside(file, func(to io.Writer) error { return entries.Export(ctx, to, *place, today) })
	}
	return importProcedures(ctx, entries, file, today, command == "check", out)
}

// checkExport says what is wrong with where an export is to be written.
func checkExport(address, keySetting, file, place string) error {
	if place != "" && !catalog.IsPlace(place) {
		return fmt.Errorf("%q is not the six-digit code of a place", place)
	}
	var owned []string
	if path := databaseFile(address); !db.IsPostgres(address) {
		owned = []string{path, path + "-wal", path + "-shm"}
	}
	if path, err := keyPath(keySetting, address); err == nil {
		owned = append(owned, path)
	}
	for _, own := range owned {
		if sameFile(own, file) {
			return fmt.Errorf("%s is the portal's own: name another file to export to", file)
		}
	}
	return nil
}

// checkImport says what is wrong with a file to be read, before it is.
func checkImport(address, file string) error {
	info, err := os.Stat(file)
	switch {
	case err != nil:
		return err
	case info.IsDir():
		return fmt.Errorf("%s is a directory; name a CSV file", file)
	case info.Mode().IsRegular() && info.Size() > catalog.MaxFile:
		return fmt.Errorf("%s is larger than the %d MB that are read at once; import it in parts",
			file, catalog.MaxFile>>20)
	case !db.IsPostgres(address) && sameFile(databaseFile(address), file):
		return fmt.Errorf("%s is the database itself; name a CSV file", file)
	}
	return nil
}

func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return filepath.Clean(a) == filepath.Clean(b)
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}

// tryFile reads a file as for a database in which nothing is registered yet.
func tryFile(file string, out io.Writer) error {
	from, err := os.Open(file)
	if err != nil {
		return err
	}
	defer from.Close()
	lines := 0
	var ends []catalog.LineError
	faults, err := catalog.ReadCSV(from, func(l catalog.Line) {
		lines++
		if l.Ended {
			ends = append(ends, entry.NothingToEnd(l))
		}
	})
	faults = append(faults, ends...)
	showFaults(out, faults)
	switch {
	case err != nil:
		return fmt.Errorf("importing %s: %w", file, err)
	case len(faults) > 0:
		return errLines
	case lines == 0:
		return fmt.Errorf("%s holds no entry; no database was made", file)
	}
	return nil
}

func showFaults(out io.Writer, faults []catalog.LineError) {
	for i, e := range faults {
		if i == maxShown {
			fmt.Fprintf(out, "ほかに%d件\n", len(faults)-maxShown)
			return
		}
		fmt.Fprintln(out, e)
	}
}

func importProcedures(
	ctx context.Context, entries *entry.Store, file, today string, check bool, out io.Writer,
) error {
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
	showFaults(out, report.Errors)
	switch {
	case err != nil:
		return fmt.Errorf("importing %s: %w", file, err)
	case len(report.Errors) > 0:
		return errLines
	case check:
		fmt.Fprintf(out, "%d自治体 %d行に誤りはありません\n", report.Places, report.Lines)
		return nil
	}
	fmt.Fprintf(out, "%d自治体: 登録 %d件、変更なし %d件、廃止 %d件\n", report.Places, report.Registered,
		report.Unchanged, report.Ended)
	return nil
}
