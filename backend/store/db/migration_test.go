package db

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pressly/goose/v3"
)

// Jobs that wait while the portal is renewed find their folder; those that name an address, or nobody who is there, go.
func TestOlderJobsFindTheirFolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "portal.sqlite")
	pool, err := sql.Open("sqlite", address(path))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	pool.SetMaxOpenConns(1)
	provider, err := migrations(goose.DialectSQLite3, pool)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	here, gone := strings.Repeat("A", 26), strings.Repeat("B", 26)
	if _, err := pool.Exec(`INSERT INTO folder VALUES (?, '', '', 0, FALSE, FALSE, '', '', '', 0, 0, 0)`,
		here); err != nil {
		t.Fatal(err)
	}
	for id, j := range map[string][2]string{
		"1": {"account.confirm", `{"folder_id":"` + here + `","address":"a@example.jp"}`},
		"2": {"account.confirm", `{"folder_id":"` + gone + `","address":"a@example.jp"}`},
		"3": {"office.introduce", `{"folder_id":"` + here + `"}`},
		"4": {"office.introduce-all", `{"office_id":"nenkin","after":""}`},
		"5": {"mail", `{"Kind":"logged-in","To":"a@example.jp"}`},
	} {
		if _, err := pool.Exec(`INSERT INTO job VALUES (?, ?, ?, 0, 0, 0, '', 0)`, id, j[0], j[1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := migrate(t.Context(), provider); err != nil {
		t.Fatal(err)
	}
	rows, err := pool.Query("SELECT id, COALESCE(folder_id, ''), payload FROM job")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	got := map[string][2]string{}
	for rows.Next() {
		var id, folder, payload string
		if err := rows.Scan(&id, &folder, &payload); err != nil {
			t.Fatal(err)
		}
		got[id] = [2]string{folder, payload}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	want := map[string][2]string{
		"1": {here, `{"folder_id":"` + here + `"}`}, "3": {here, `{"folder_id":"` + here + `"}`},
		"4": {"", `{"office_id":"nenkin","after":""}`},
	}
	for id, w := range want {
		if got[id] != w {
			t.Errorf("%s: %q, want %q", id, got[id], w)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d jobs: %v", len(got), got)
	}
}
