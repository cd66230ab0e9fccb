package db_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"github.com/pressly/goose/v3"

	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
)

// before gives a database as it was before a migration, with rows.
func before(t *testing.T, dialect goose.Dialect, driver, address string, version int64, statements ...string) {
	t.Helper()
	pool, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	provider, err := goose.NewProvider(dialect, pool, os.DirFS("migrations"), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(t.Context(), version-1); err != nil {
		t.Fatal(err)
	}
	for _, statement := range statements {
		if _, err := pool.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// Cards and sessions from before authorities were told apart are kept, and marked as such.
func TestCardsFromBeforeAreKept(t *testing.T) {
	statements := []string{
		`INSERT INTO folder (id, display_name, mail_address, mail_confirmed_at, mail_on_login, mail_on_notice, municipality_code, language,
			terms_version, opened_at, last_login_at, prior_login_at)
			VALUES ('f', 'はなこ', '', 0, FALSE, FALSE, '131105', 'ja', '1', 1, 1, 0)`,
		`INSERT INTO card (serial, folder_id, added_at) VALUES ('2a51c001', 'f', 7)`,
		`INSERT INTO session (token_hash, folder_id, serial, certificate_expires_at, started_at, seen_at, card_shown_at, card_purpose)
			VALUES ('h', 'f', '2a51c001', 100, 5, 6, 0, '')`,
	}
	check := func(t *testing.T, address string) {
		t.Helper()
		d, err := db.Open(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		if folder, err := d.Read().FolderOfCard(t.Context(), db.FolderOfCardParams{Serial: "2a51c001"}); err != nil ||
			folder != "f" {
			t.Errorf("the card leads to %q, %v", folder, err)
		}
		if row, err := d.Read().SessionByToken(t.Context(), "h"); err != nil || row.Serial != "2a51c001" ||
			row.Issuer != "" || row.CardGoodAt != 6 || row.CardDueAt != 0 {
			t.Errorf("the session is %+v, %v", row, err)
		}
		if unnamed, err := d.Read().FolderCardsOfNoIssuer(t.Context()); err != nil || !unnamed {
			t.Errorf("nobody would notice: %v, %v", unnamed, err)
		}
		// A card still goes with its folder.
		err = d.Tx(t.Context(), func(q *db.Queries) error {
			_, err := q.FolderDelete(t.Context(), "f")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Read().FolderOfCard(t.Context(), db.FolderOfCardParams{Serial: "2a51c001"}); err == nil {
			t.Error("the card outlives its folder")
		}
	}
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "portal.sqlite")
		before(t, goose.DialectSQLite3, "sqlite", path, 6, statements...)
		check(t, path)
	})
	t.Run("postgres", func(t *testing.T) {
		address := dbtest.EmptyPostgresURL(t)
		before(t, goose.DialectPostgres, "pgx", address, 6, statements...)
		check(t, address)
	})
}
