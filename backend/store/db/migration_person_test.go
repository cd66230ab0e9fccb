package db_test

import (
	"path/filepath"
	"testing"

	"github.com/pressly/goose/v3"

	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
)

// What people had chosen while the choices were columns they still choose, and it goes with their folder.
func TestChoicesFromBeforeAreKept(t *testing.T) {
	const folder = `INSERT INTO folder (id, display_name, mail_address, mail_confirmed_at, mail_on_login, mail_on_notice, municipality_code, language,
		terms_version, opened_at, last_login_at, prior_login_at) VALUES `
	statements := []string{
		folder + `('both', '', 'a@example.jp', 7, TRUE, TRUE, '131105', 'ja', '1', 1, 2, 3)`,
		folder + `('login', '', '', 0, TRUE, FALSE, '', 'en', '1', 1, 2, 3)`,
		folder + `('notice', '', '', 0, FALSE, TRUE, '', 'easy', '1', 1, 2, 3)`,
		folder + `('none', '', '', 0, FALSE, FALSE, '', 'ja', '1', 1, 2, 3)`,
		`INSERT INTO notice (folder_id, id, office_id, reference, title, body, action, action_due, action_url, sent_at, read_at)
			VALUES ('both', 'n1', 'nenkin', 'r', 'title', 'body', '', '', '', 5, 6)`,
	}
	check := func(t *testing.T, address string) {
		t.Helper()
		d, err := db.Open(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		keyed(t, d)
		defer d.Close()
		on := map[bool]string{true: "on", false: "off"}
		for id, want := range map[string][2]bool{
			"both": {true, true}, "login": {true, false}, "notice": {false, true}, "none": {false, false},
		} {
			rows, err := d.Read().FolderPreferences(t.Context(), id)
			if err != nil || len(rows) != 2 {
				t.Fatalf("%s: %v, %v", id, rows, err)
			}
			if rows[0].Name != "mail.login" || rows[0].Value != on[want[0]] || rows[1].Name != "mail.notice" ||
				rows[1].Value != on[want[1]] {
				t.Errorf("%s: %v, want %v", id, rows, want)
			}
		}
		kept, err := d.Read().FolderGet(t.Context(), "both")
		want := db.Folder{
			ID: "both", MailAddress: "a@example.jp", MailConfirmedAt: 7, MunicipalityCode: "131105", Language: "ja",
			TermsVersion: "1",
			OpenedAt:     1, LastLoginAt: 2, PriorLoginAt: 3,
		}
		if err != nil || kept != want {
			t.Errorf("the folder: %+v, %v", kept, err)
		}
		line, err := d.Read().NoticeGet(t.Context(), db.NoticeGetParams{FolderID: "both", ID: "n1"})
		if err != nil || line.Title != "title" || line.Office != "" || line.ReadAt != 6 {
			t.Errorf("the notice: %+v, %v", line, err)
		}
		err = d.Tx(t.Context(), func(q *db.Queries) error {
			_, err := q.FolderDelete(t.Context(), "both")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if rows, err := d.Read().FolderPreferences(t.Context(), "both"); err != nil || len(rows) != 0 {
			t.Errorf("choices outlive their folder: %v, %v", rows, err)
		}
	}
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "portal.sqlite")
		before(t, goose.DialectSQLite3, "sqlite", path, 11, statements...)
		check(t, path)
	})
	t.Run("postgres", func(t *testing.T) {
		address := dbtest.EmptyPostgresURL(t)
		before(t, goose.DialectPostgres, "pgx", address, 11, statements...)
		check(t, address)
	})
}
