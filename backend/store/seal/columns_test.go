package seal_test

import (
	"database/sql"
	"path/filepath"
	"slices"
	"testing"

	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/seal"
)

// Each column with a text or bytes, of each table with rows of folders, is sealed or named with the reason why it is
// not; and what is named is there.
func TestEachColumnIsSealedOrNamed(t *testing.T) {
	each(t, func(t *testing.T, address string) {
		driver, columns := "pgx", `SELECT table_name, column_name, data_type FROM information_schema.columns
			WHERE table_schema = 'public' AND table_name IN (SELECT table_name FROM information_schema.tables
				WHERE table_type = 'BASE TABLE')`
		if filepath.IsAbs(address) {
			driver, columns = "sqlite", `SELECT m.name, c.name, lower(c.type) FROM sqlite_master m
				JOIN pragma_table_info(m.name) c WHERE m.type = 'table'`
		}
		dbtest.Open(t, address)
		pool, err := sql.Open(driver, address)
		if err != nil {
			t.Fatal(err)
		}
		defer pool.Close()
		rows, err := pool.QueryContext(t.Context(), columns)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		kinds := map[string]map[string]string{}
		for rows.Next() {
			var table, column, kind string
			if err := rows.Scan(&table, &column, &kind); err != nil {
				t.Fatal(err)
			}
			if kinds[table] == nil {
				kinds[table] = map[string]string{}
			}
			kinds[table][column] = kind
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		ofFolders := 0
		for name, columns := range kinds {
			if columns["folder_id"] == "" && name != "folder" {
				continue
			}
			ofFolders++
			i := slices.IndexFunc(seal.Tables, func(t seal.Table) bool { return t.Name == name })
			if i < 0 {
				t.Errorf("the table %s has rows of folders and does not stand in seal.Tables", name)
				continue
			}
			checkColumns(t, seal.Tables[i], columns)
		}
		if ofFolders < 15 || ofFolders != len(seal.Tables) {
			t.Errorf("%d tables with rows of folders, %d stand in seal.Tables", ofFolders, len(seal.Tables))
		}
	})
}

func checkColumns(t *testing.T, table seal.Table, columns map[string]string) {
	t.Helper()
	for column, kind := range columns {
		form, sealed := table.Sealed[column]
		reason, clear := table.Clear[column]
		switch {
		case kind == "bigint" || kind == "boolean":
			if sealed || clear {
				t.Errorf("%s.%s is a %s and stands in seal.Tables", table.Name, column, kind)
			}
		case sealed == clear:
			t.Errorf("%s.%s (%s) is to be sealed, or named with a reason: one of the two", table.Name, column, kind)
		case sealed && (kind == "bytea" || kind == "blob") != (form == seal.Bytes):
			t.Errorf("%s.%s is a %s and sealed as another", table.Name, column, kind)
		case clear && len(reason) < 10:
			t.Errorf("%s.%s is clear for the reason %q", table.Name, column, reason)
		}
	}
	for _, named := range slices.Concat(table.Row, []string{table.Folder}) {
		if columns[named] == "" {
			t.Errorf("%s has no column %s", table.Name, named)
		}
	}
	for column := range table.Sealed {
		if columns[column] == "" {
			t.Errorf("%s has no column %s", table.Name, column)
		}
	}
	for column := range table.Clear {
		if columns[column] == "" {
			t.Errorf("%s has no column %s", table.Name, column)
		}
	}
}
