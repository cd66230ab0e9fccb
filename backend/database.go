package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"madoguchi/backend/store/db"
)

// openExisting opens a database that is there: a command that looks after one must not make an empty one where a path
// is mistyped.
func openExisting(ctx context.Context, address string) (*db.DB, error) {
	if err := checkDatabase(address); err != nil {
		return nil, err
	}
	store, err := db.Open(ctx, address)
	if err != nil {
		return nil, fmt.Errorf("%w (PORTAL_DATABASE)", err)
	}
	return store, nil
}

// checkDatabase says whether there is a database at an address, as far as files tell; the error wraps fs.ErrNotExist
// when there is none.
func checkDatabase(address string) error {
	if db.IsPostgres(address) {
		return nil
	}
	path := databaseFile(address)
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no database %s; nothing was made (PORTAL_DATABASE): %w", path, fs.ErrNotExist)
	}
	if err != nil {
		return fmt.Errorf("opening the database (PORTAL_DATABASE): %w", err)
	}
	defer file.Close()
	begin := make([]byte, len(sqliteBegins))
	if _, err := io.ReadFull(file, begin); err != nil || !bytes.Equal(begin, []byte(sqliteBegins)) {
		return fmt.Errorf("%s is no SQLite database (PORTAL_DATABASE)", path)
	}
	return nil
}

const sqliteBegins = "SQLite format 3\x00"

// databaseFile is the file of a SQLite database.
func databaseFile(address string) string { return strings.TrimPrefix(address, "sqlite:") }
