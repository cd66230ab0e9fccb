package db_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/pressly/goose/v3"

	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
)

// Lines of the history of use that stood in no leaf yet get one, with no row that says so beside them; and links by
// which somebody else is to sign, with what had been proven, go on as they were, nothing of them noted yet.
func TestReadsAndLinksFromBeforeAreKept(t *testing.T) {
	const (
		folder = `INSERT INTO folder (id, display_name, mail_address, mail_confirmed_at, municipality_code, language, terms_version, opened_at,
			last_login_at, prior_login_at) VALUES `
		line  = `INSERT INTO usage_line (folder_id, done_at, id, act, actor_id, subject_id, session, facts, leaf) VALUES `
		sent  = `INSERT INTO application_sent (folder_id, application_id, revision, send_id, nonce, sent_at, stamped_at, leaf, cosign_hash, content) VALUES `
		proof = `INSERT INTO application_proof (folder_id, session_hash, cosign_hash, challenge, answer, expires_at) VALUES `
	)
	statements := []string{
		folder + `('hanako', '', '', 0, '131105', 'ja', '1', 1, 2, 3)`,
		folder + `('taro', '', '', 0, '131105', 'ja', '1', 1, 2, 3)`,
		folder + `('ren', '', '', 0, '131105', 'ja', '1', 1, 2, 3)`,
		line + `('hanako', 10, 'l1', 'notice.read', 'hanako', 'hanako', 's', 'sealed 1', 4)`,
		line + `('hanako', 20, 'l2', 'notice.read', 'hanako', 'hanako', 's', 'sealed 2', 0)`,
		line + `('hanako', 30, 'l3', 'application.read', 'hanako', 'hanako', 's', 'sealed 3', 0)`,
		line + `('taro', 15, 'l4', 'application.cosign_read', 'taro', 'taro', 's', 'sealed 4', 0)`,
		line + `('ren', 5, 'l5', 'login.begin', 'ren', 'ren', 's', 'sealed 5', 7)`,
		`INSERT INTO usage_unproven (folder_id, since) VALUES ('hanako', 20), ('taro', 15)`,
		`INSERT INTO application (folder_id, id, number, office_id, place_code, form_id, version, procedure, state, revision, sent_at, arrived_at,
			moved_at, office_at, due_at, closed_at, gone_at, warned, late, tell)
			VALUES ('hanako', 'a1', 'a1', '131105', '131105', 'f', '1', 'P0001', 1, 1, 10, 0, 10, 0, 90,
			0, 0, 0, FALSE, TRUE)`,
		sent + `('hanako', 'a1', 1, 'send1', 'n1', 10, 0, 0, 'link1', 'content 1')`,
		sent + `('hanako', 'a2', 1, 'send2', 'n2', 11, 12, 3, '', 'content 2')`,
		proof + `('taro', 's1', 'link1', '', 'answer', 80)`,
		proof + `('ren', 's2', 'link1', 'challenge', '', 70)`,
		`INSERT INTO application_ticket (ticket_hash, folder_id, session_hash, application_id, file, asked_at, cosign_hash, attachment)
			VALUES ('t1', 'taro', 's1', '', 0, 60, 'link1', 'file1')`,
	}
	check := func(t *testing.T, driver, address string) {
		t.Helper()
		d, err := db.Open(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		pool, err := sql.Open(driver, address)
		if err != nil {
			t.Fatal(err)
		}
		defer pool.Close()
		holds := func(statement string, want ...string) {
			t.Helper()
			if got := told(t, pool, statement); !slices.Equal(got, want) {
				t.Errorf("%s:\n%q\nwant\n%q", statement, got, want)
			}
		}
		holds(`SELECT id || ' ' || folder_id || ' ' || done_at || ' ' || act || ' ' || facts || ' ' || leaf FROM usage_line ORDER BY id`,
			"l1 hanako 10 notice.read sealed 1 4", "l2 hanako 20 notice.read sealed 2 0",
			"l3 hanako 30 application.read sealed 3 0", "l4 taro 15 application.cosign_read sealed 4 0",
			"l5 ren 5 login.begin sealed 5 7")
		holds(`SELECT application_id || ' ' || send_id || ' ' || nonce || ' ' || cosign_hash || ' ' || leaf || ' ' || cosign_notes
			FROM application_sent ORDER BY application_id`, "a1 send1 n1 link1 0 0", "a2 send2 n2  3 0")
		holds(`SELECT folder_id || ' ' || session_hash || ' ' || cosign_hash || ' ' || challenge || ' ' || answer || ' ' || expires_at || ' ' || noted_at
			FROM application_proof ORDER BY folder_id`, "ren s2 link1 challenge  70 0", "taro s1 link1  answer 80 0")
		holds(`SELECT folder_id || ' ' || cosign_hash || ' ' || attachment FROM application_ticket`, "taro link1 file1")

		q := d.Read()
		due, err := q.UsageDue(t.Context(), db.UsageDueParams{Until: 25, Size: 10})
		if err != nil || fmt.Sprint(due) != "[{taro 15} {hanako 20}]" {
			t.Errorf("lines that wait for a leaf: %v, %v", due, err)
		}
		found, err := q.ApplicationOfCosign(t.Context(), "link1")
		if err != nil || found.FolderID != "hanako" || found.ApplicationID != "a1" {
			t.Errorf("the link leads to %v, %v", found, err)
		}
		open, err := q.ApplicationProofsOpen(t.Context(), db.ApplicationProofsOpenParams{CosignHash: "link1", Now: 65})
		if err != nil || fmt.Sprint(open) != "[{ren s2}]" {
			t.Errorf("open challenges: %v, %v", open, err)
		}
		err = d.Tx(t.Context(), func(q *db.Queries) error {
			note := db.ApplicationProofNoteParams{
				FolderID: "taro", SessionHash: "s1", CosignHash: "link1", ExpiresAt: 200, Now: 66, Since: 36,
			}
			for want := int64(1); want >= 0; want-- { // once
				if n, err := q.ApplicationProofNote(t.Context(), note); err != nil || n != want {
					return fmt.Errorf("a proof is noted %d times, want %d: %w", n, want, err)
				}
			}
			counted := db.ApplicationCosignNoteParams{FolderID: "hanako", ApplicationID: "a1", Revision: 1, Most: 1}
			for want := int64(1); want >= 0; want-- {
				if n, err := q.ApplicationCosignNote(t.Context(), counted); err != nil || n != want {
					return fmt.Errorf("a link is counted %d times, want %d: %w", n, want, err)
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		p, err := q.ApplicationProofGet(t.Context(), db.ApplicationProofGetParams{
			FolderID: "taro", SessionHash: "s1", CosignHash: "link1",
		})
		if err != nil || p.Answer != "answer" || p.ExpiresAt != 80 {
			t.Errorf("what was proven: %+v, %v", p, err)
		}
	}
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "portal.sqlite")
		before(t, goose.DialectSQLite3, "sqlite", path, 43, statements...)
		check(t, "sqlite", path)
	})
	t.Run("postgres", func(t *testing.T) {
		address := dbtest.EmptyPostgresURL(t)
		before(t, goose.DialectPostgres, "pgx", address, 43, statements...)
		check(t, "pgx", address)
	})
}

// told is the one column of what a statement finds.
func told(t *testing.T, pool *sql.DB, statement string) (lines []string) {
	t.Helper()
	rows, err := pool.QueryContext(t.Context(), statement)
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	defer rows.Close()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}
