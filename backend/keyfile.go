package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"text/tabwriter"
	"time"

	"madoguchi/backend/store/db"
	"madoguchi/backend/store/keys"
	"madoguchi/backend/store/signing"
)

// keyPath is where the key file lies: as set, or beside the SQLite file.
func keyPath(set, database string) (string, error) {
	if set != "" {
		return set, nil
	}
	if db.IsPostgres(database) {
		return "", errors.New("PORTAL_KEYS is not set: a portal on PostgreSQL is told its key file, the same for " +
			"all instances (`portal keys make` makes one)")
	}
	return databaseFile(database) + ".keys", nil
}

// openKeys opens the key file of a portal's database and holds it against what the database knows of it. At the first
// start of a portal on SQLite it makes the file.
func openKeys(ctx context.Context, set, database string, store *db.DB) (*keys.File, error) {
	path, err := keyPath(set, database)
	if err != nil {
		return nil, err
	}
	file, err := keys.Open(path, time.Now)
	if errors.Is(err, fs.ErrNotExist) {
		file, err = makeKeys(ctx, path, database, store)
	}
	if err != nil {
		return nil, fmt.Errorf("%w (PORTAL_KEYS)", err)
	}
	if err := file.Check(ctx, store); err != nil {
		return nil, fmt.Errorf(
			"%w; put the right key file there, or make this one the database's for good with `portal keys adopt` "+
				"(PORTAL_KEYS)", err,
		)
	}
	return file, nil
}

func makeKeys(ctx context.Context, path, database string, store *db.DB) (*keys.File, error) {
	used, err := keys.Used(ctx, store)
	if err != nil {
		return nil, err
	}
	if used {
		return nil, fmt.Errorf("the key file %s is gone, and the database was used with it: put it back from where "+
			"it is kept; if it is lost for good, say `portal keys make`, then `portal keys adopt`", path)
	}
	if db.IsPostgres(database) {
		return nil, fmt.Errorf(
			"there is no key file %s: make one with `portal keys make` and give it to every instance", path,
		)
	}
	return keys.Make(path, time.Now)
}

// tendKeys does `portal keys`.
func tendKeys(ctx context.Context, args []string, getenv func(string) string, out io.Writer) error {
	flags := flag.NewFlagSet("portal keys", flag.ContinueOnError)
	flags.SetOutput(out)
	address := getenv("PORTAL_DATABASE")
	if address == "" {
		address = defaultDatabase
	}
	flags.StringVar(&address, "database", address, "SQLite file, or postgres:// URL (PORTAL_DATABASE)")
	folders := flags.String("folder-keys", getenv("PORTAL_FOLDER_KEYS"),
		"where the keys of folders lie; beside the key file when empty (PORTAL_FOLDER_KEYS)")
	set := flags.String("keys", getenv("PORTAL_KEYS"), "the key file; beside a SQLite file when empty (PORTAL_KEYS)")
	flags.Usage = func() {
		fmt.Fprintln(out,
			`portal keys [flags]                   lists the keys, their rules and their ends; tells no key
portal keys [flags] make              makes a key file; never over another
portal keys [flags] rotate [PURPOSE…] makes new keys, of challenge and cookie when none is named;
                                      running portals take them over
portal keys [flags] replace PURPOSE…  makes new keys that seal at once, and ends those before:
                                      for keys that somebody knows
portal keys [flags] copy DIRECTORY    copies the keys of folders there, and removes copies of over 30 days
portal keys [flags] put-back FILE     puts back from a copy the keys that open folders lack
portal keys [flags] close-keyless     closes folders whose keys were destroyed, after an older copy of a
                                      PostgreSQL database was put in place
portal keys [flags] adopt             makes this file the database's, for when the one before is lost for good`)
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	path, err := keyPath(*set, address)
	if err != nil {
		return err
	}
	command, purposes := flags.Arg(0), flags.Args()
	if len(purposes) > 0 {
		purposes = purposes[1:]
	}
	if wanted, ok := keysArguments[command]; !ok || !wanted(len(purposes)) {
		return errKeysUsage
	}
	if command == "make" {
		file, err := keys.Make(path, time.Now)
		if errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("%s is there already; nothing was changed", path)
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "made %s; keep a copy of it apart from the copies of the database\n", file.Path())
		return nil
	}
	file, err := keys.Open(path, time.Now)
	if err != nil {
		return err
	}
	switch command {
	case "":
		return listKeys(out, file)
	case "copy":
		return copyFolderKeys(ctx, folderKeysAddress(*folders, file), purposes[0], out)
	}
	store, err := openExisting(ctx, address)
	if err != nil {
		return err
	}
	defer store.Close()
	switch command {
	case "adopt":
		return adoptKeys(ctx, file, store, out)
	case "put-back":
		return putBackFolderKeys(ctx, folderKeysAddress(*folders, file), purposes[0], store, out)
	case "close-keyless":
		return closeKeyless(ctx, folderKeysAddress(*folders, file), store, out)
	}
	return changeKeys(ctx, file, store, folderKeysAddress(*folders, file), command, purposes, out)
}

// keysArguments are the commands, with how many words may follow each.
var keysArguments = map[string]func(words int) bool{
	"": none, "make": none, "adopt": none, "close-keyless": none,
	"copy": one, "put-back": one,
	"rotate":  func(int) bool { return true },
	"replace": func(words int) bool { return words > 0 },
}

func none(words int) bool { return words == 0 }
func one(words int) bool  { return words == 1 }

var errKeysUsage = errors.New("say `portal keys`, make, rotate, replace PURPOSE, adopt, copy DIRECTORY, " +
	"put-back FILE or close-keyless; see portal keys --help")

func listKeys(out io.Writer, file *keys.File) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "PURPOSE\tKEY\tFINGERPRINT\tMADE\tENDS\tWHAT FOR")
	for _, rule := range keys.Purposes {
		for _, k := range file.Keys() {
			if k.Purpose != rule.Purpose {
				continue
			}
			ends := "-"
			if !k.Ends.IsZero() {
				ends = k.Ends.Local().Format(time.DateTime)
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", k.Purpose, k.ID, k.Fingerprint(),
				k.Made.Local().Format(time.DateTime), ends, rule.What)
		}
	}
	return table.Flush()
}

func changeKeys(
	ctx context.Context, file *keys.File, store *db.DB, folders, command string, named []string, out io.Writer,
) error {
	var purposes []keys.Purpose
	for _, name := range named {
		purposes = append(purposes, keys.Purpose(name))
	}
	if len(named) == 0 {
		for _, rule := range keys.Purposes {
			if rule.Rotates {
				purposes = append(purposes, rule.Purpose)
			}
		}
	}
	if slices.Contains(purposes, keys.Log) {
		return errors.New("the log has another key only with a word to everybody, by `portal log renew`; nothing was " +
			"changed")
	}
	// Before and after: a file that is not this database's is not touched, and the database learns of the new keys at
	// once.
	if err := file.Check(ctx, store); err != nil {
		return err
	}
	// Keys that have ended leave the file with the change: no folder's may hang on one.
	if err := rewrapNow(ctx, folders, file); err != nil {
		return err
	}
	change, when := file.Rotate, "in a minute"
	if command == "replace" && slices.Contains(purposes, keys.Export) {
		err := store.Tx(ctx, func(q *db.Queries) error { return signing.Withdraw(ctx, q, time.Now()) })
		if err != nil {
			return err
		}
	}
	if command == "replace" {
		change, when = file.Replace, "at once, and those before count no more"
	}
	if err := change(purposes...); err != nil {
		return err
	}
	if err := file.Check(ctx, store); err != nil {
		return err
	}
	if err := rewrapNow(ctx, folders, file); err != nil {
		return err
	}
	fmt.Fprintf(out, "new keys: %d. They seal %s; running portals take them over by themselves. Copy %s to the other "+
		"instances now\n",
		len(purposes), when, file.Path())
	return nil
}

func adoptKeys(ctx context.Context, file *keys.File, store *db.DB, out io.Writer) error {
	if err := file.Adopt(ctx, store); err != nil {
		return err
	}
	fmt.Fprintf(
		out, "%s is the database's key file from now on; what was sealed or counted under another counts no more\n",
		file.Path(),
	)
	return nil
}
