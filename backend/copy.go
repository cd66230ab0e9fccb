package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"syscall"
	"time"

	"madoguchi/backend/store/db"
	"madoguchi/backend/store/keys"
	"madoguchi/backend/store/seal"
)

// backUp does `portal backup`: it copies the database, also beside a portal that runs.
func backUp(ctx context.Context, args []string, getenv func(string) string, out io.Writer) error {
	address, target, err := parseCopy("backup", args, getenv, out,
		"copies the database to FILE, which must not be there yet; the portal may run meanwhile")
	if err != nil {
		return err
	}
	if db.IsPostgres(address) {
		return errors.New(
			"PORTAL_DATABASE is a PostgreSQL database: copy it with PostgreSQL's own pg_dump --format=custom " +
				"--file=FILE",
		)
	}
	syscall.Umask(0o077)
	err = db.Backup(ctx, address, target, func(written, about int64) {
		fmt.Fprintf(out, "%s of about %s copied\n", megabytes(written), megabytes(about))
	})
	if err != nil {
		return fmt.Errorf("%w (PORTAL_DATABASE)", err)
	}
	fmt.Fprintf(
		out, "%s is whole and has been checked. The key file and the keys of folders are not in it: keep copies of "+
			"those, too (`portal keys copy`), and in another place.\n", target,
	)
	return nil
}

// restore does `portal restore`: it puts a copy in the place of the database, on which no portal may run.
func restore(ctx context.Context, args []string, getenv func(string) string, out io.Writer) error {
	address, from, err := parseCopy("restore", args, getenv, out,
		"puts a copy made by `portal backup` in the place of the database; the portal must not run")
	if err != nil {
		return err
	}
	if db.IsPostgres(address) {
		return errors.New(
			"PORTAL_DATABASE is a PostgreSQL database: restore it with PostgreSQL's own pg_restore, and then end all " +
				"sessions: DELETE FROM session",
		)
	}
	syscall.Umask(0o077)
	path, err := keyPath(getenv("PORTAL_KEYS"), address)
	if err != nil {
		return err
	}
	file, err := keys.Open(path, time.Now)
	if err != nil {
		return fmt.Errorf("%w (PORTAL_KEYS): the copy is of no use without the key file that it was used with", err)
	}
	var closed int
	// A challenge answered after the copy was made is not among the answered ones in it.
	fits := func(ctx context.Context, q *db.Queries) error {
		if err := file.Restored(ctx, q); err != nil {
			return err
		}
		if err := file.Replace(keys.Challenge); err != nil {
			return err
		}
		if err := file.Restored(ctx, q); err != nil {
			return err
		}
		closed, err = stayClosed(ctx, q, folderKeysAddress(getenv("PORTAL_FOLDER_KEYS"), file))
		return err
	}
	aside, err := db.Restore(ctx, address, from, fits)
	if err != nil {
		return fmt.Errorf("%w (PORTAL_DATABASE, PORTAL_KEYS)", err)
	}
	fmt.Fprintf(out, "%s is in place; everybody has to log in again.\n", from)
	if aside != "" {
		fmt.Fprintf(
			out, "The database of before is kept as %s: remove it once nobody needs it.\n", aside,
		)
	}
	fmt.Fprintf(out, "Folders closed since the copy was made stay closed: %d. Their keys were destroyed.\n", closed)
	return nil
}

// stayClosed takes out of a copy the folders whose keys were destroyed since. A copy from before folders had keys is
// left as it is; any other is of no use without the keys.
func stayClosed(ctx context.Context, q *db.Queries, address string) (closed int, err error) {
	bound, err := q.KeyStore(ctx)
	if err != nil || bound == "" {
		return 0, err
	}
	kept, err := seal.OpenStore(ctx, address)
	if err != nil {
		return 0, fmt.Errorf("%w (PORTAL_FOLDER_KEYS): the copy is of no use without the keys of its folders", err)
	}
	defer kept.Close()
	if kept.ID() != bound {
		return 0, fmt.Errorf("%w (PORTAL_FOLDER_KEYS)", db.ErrOtherKeys)
	}
	return closeAllKeyless(ctx, q, kept)
}

func parseCopy(
	command string, args []string, getenv func(string) string, out io.Writer, does string,
) (address, file string, err error) {
	flags := flag.NewFlagSet("portal "+command, flag.ContinueOnError)
	flags.SetOutput(out)
	address = getenv("PORTAL_DATABASE")
	if address == "" {
		address = defaultDatabase
	}
	flags.StringVar(&address, "database", address, "SQLite file (PORTAL_DATABASE)")
	flags.Usage = func() {
		fmt.Fprintf(out, "portal %s [--database …] FILE   %s\n", command, does)
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return "", "", err
	}
	if flags.NArg() != 1 {
		return "", "", fmt.Errorf("say `portal %s FILE`; see portal %s --help", command, command)
	}
	return address, flags.Arg(0), nil
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
