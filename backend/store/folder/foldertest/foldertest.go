// Package foldertest opens folders for tests, past everything that a person goes through for it.
package foldertest

import (
	"testing"

	"madoguchi/backend/store/db"
)

// Open opens folders of people who are called like their folders, live in Meguro and read Japanese.
func Open(t testing.TB, d *db.DB, ids ...string) {
	t.Helper()
	for _, id := range ids {
		Create(t, d, db.FolderCreateParams{ID: id, DisplayName: id, MunicipalityCode: "131105", Language: "ja"})
	}
}

// Create opens a folder that holds exactly this.
func Create(t testing.TB, d *db.DB, folder db.FolderCreateParams) {
	t.Helper()
	err := d.Tx(t.Context(), func(q *db.Queries) error { return q.FolderCreate(t.Context(), folder) })
	if err != nil {
		t.Fatalf("opening the folder %s: %v", folder.ID, err)
	}
}
