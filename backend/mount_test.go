package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"madoguchi/backend/door/mount"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/keys"
)

// Every service of the contracts that the program holds is answered at its door, and every feature there is has joined.
func TestEveryCallIsMounted(t *testing.T) {
	w := opened(t, nil)
	answered := map[string]http.Handler{mount.People: w.portal.front.Handler, mount.Offices: w.portal.back.Handler}
	calls := 0
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		door, ours := answered[string(file.Package())]
		for i := range file.Services().Len() {
			methods := file.Services().Get(i).Methods()
			for j := 0; ours && j < methods.Len(); j++ {
				path := fmt.Sprintf("/%s/%s", methods.Get(j).Parent().FullName(), methods.Get(j).Name())
				request := httptest.NewRequest(http.MethodPost, path, strings.NewReader("{"))
				request.Host = strings.TrimPrefix(w.front, "http://")
				request.Header.Set("Content-Type", "application/json")
				response := httptest.NewRecorder()
				door.ServeHTTP(response, request)
				calls++
				// No JSON, or for a stream no JSON at all: who says so knows the call.
				if response.Code != http.StatusBadRequest && response.Code != http.StatusUnsupportedMediaType {
					t.Errorf("%s is not mounted: %d %s", path, response.Code, response.Body)
				}
			}
		}
		return true
	})
	if calls < 30 {
		t.Errorf("only %d calls were found", calls)
	}
	rooms, err := os.ReadDir("feature")
	if err != nil || len(rooms) < 5 {
		t.Fatal(rooms, err)
	}
	for _, room := range rooms {
		if !slices.Contains(w.house.Names(), room.Name()) {
			t.Errorf("the feature %s has not joined: it belongs on the list in portal.go", room.Name())
		}
	}
}

// schema is what a database of ours says of itself.
type schema struct {
	*sql.DB
	postgres bool
}

// tables are those that hold the id of a folder, and that of folders.
func (s schema) tables(t *testing.T) []string {
	t.Helper()
	query := `SELECT DISTINCT m.name FROM sqlite_master m LEFT JOIN pragma_foreign_key_list(m.name) f
		JOIN pragma_table_info(m.name) c
		WHERE m.type = 'table' AND (c.name = 'folder_id' OR f."table" = 'folder' OR m.name = 'folder')`
	if s.postgres {
		query =
			`SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'folder_id'
			UNION SELECT 'folder'
			UNION SELECT conrelid::regclass::text FROM pg_constraint WHERE confrelid = 'folder'::regclass`
	}
	return s.texts(t, query)
}

func (s schema) texts(t testing.TB, query string, args ...any) (list []string) {
	t.Helper()
	rows, err := s.Query(query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		list = append(list, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(list)
	return list
}

// fill writes one row of a folder's into a table. Every text in it says where it stands and whose it is.
func (s schema) fill(t *testing.T, table, folder string) {
	t.Helper()
	query := `SELECT name || ' ' || lower(type) FROM pragma_table_info($1)`
	if s.postgres {
		query = `SELECT column_name || ' ' || data_type FROM information_schema.columns
			WHERE table_schema = 'public' AND table_name = $1`
	}
	var columns, places []string
	var values []any
	for _, column := range s.texts(t, query, table) {
		name, kind, _ := strings.Cut(column, " ")
		var value any = fmt.Sprintf("%s.%s.%s", table, name, folder)
		switch {
		case name == "folder_id", table == "folder" && name == "id":
			value = folder
		case kind == "bigint":
			value = 1
		case kind == "boolean":
			value = false
		case name == "credential_id": // no two people have the same
			value = []byte(folder)
		case kind == "bytea":
			value = []byte{}
		}
		columns, values = append(columns, name), append(values, value)
		places = append(places, fmt.Sprintf("$%d", len(values)))
	}
	_, err := s.Exec("INSERT INTO "+table+" ("+strings.Join(columns, ", ")+") VALUES ("+strings.Join(places, ", ")+")",
		values...)
	if err != nil {
		t.Fatalf("%s: %v", table, err)
	}
}

func (s schema) count(t *testing.T, table, folder string) (n int) {
	t.Helper()
	column := "folder_id"
	if table == "folder" {
		column = "id"
	}
	if err := s.QueryRow("SELECT COUNT(*) FROM "+table+" WHERE "+column+" = $1", folder).Scan(&n); err != nil {
		t.Fatalf("%s: %v", table, err)
	}
	return n
}

// Whatever table comes to hold something of people: it is told to whom it is about and to nobody else, and it is empty
// of them when their folder is closed.
func TestAllThatIsKeptOfAPersonIsToldAndErased(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			w, s := onEngine(t, engine)
			tables := s.tables(t)
			if len(tables) < 11 || !slices.Equal(tables, w.house.Tables()) {
				t.Fatalf("with the id of a folder there are %v,\nthe features' Exports name %v", tables,
					w.house.Tables())
			}
			for _, folder := range []string{"F1", "F2"} {
				s.fill(t, "folder", folder)
				for _, table := range tables {
					if table != "folder" {
						s.fill(t, table, folder)
					}
				}
			}
			checkTold(t, w, tables)
			before := map[string]int{}
			for _, table := range tables {
				before[table] = s.count(t, table, "F2")
			}

			w.closeFolder(t, "F1")
			for _, table := range tables {
				if n := s.count(t, table, "F1"); n != 0 {
					t.Errorf(
						"%s still holds %d rows of a person whose folder is closed: declare an Erase, or ON "+
							"DELETE CASCADE", table, n,
					)
				}
				if n := s.count(t, table, "F2"); n != before[table] || n == 0 {
					t.Errorf("%s holds %d rows of somebody else, and held %d", table, n, before[table])
				}
			}
			told, err := w.house.Export(t.Context(), w.db.Read(), "F1")
			data, _ := json.Marshal(told)
			if strings.Contains(string(data), "F1") {
				t.Errorf("of a closed folder is told: %s, %v", data, err)
			}
		})
	}
}

// onEngine is a portal that only its doors' handlers are asked of, and its database.
func onEngine(t *testing.T, engine string) (*world, schema) {
	t.Helper()
	driver, s := "sqlite", schema{postgres: engine == "postgres"}
	var address string
	w := opened(t, func(c *config) {
		if s.postgres {
			driver, c.database, c.keys = "pgx", dbtest.PostgresURL(t), filepath.Join(t.TempDir(), "portal.keys")
			if _, err := keys.Make(c.keys, time.Now); err != nil {
				t.Fatal(err)
			}
		}
		address = c.database
	})
	var err error
	if s.DB, err = sql.Open(driver, address); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return w, s
}

// checkTold looks at what F1 would be told: something of each table, nothing of F2, and nothing that opens a door.
func checkTold(t *testing.T, w *world, tables []string) {
	t.Helper()
	told, err := w.house.Export(t.Context(), w.db.Read(), "F1")
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		data, err := json.Marshal(told[table])
		if err != nil || len(data) < len(`[{"a":1}]`) {
			t.Errorf("of %s is told %s, %v", table, data, err)
		}
		for _, never := range []string{"F2", "token", "payload", "pairwise.identifier"} {
			if strings.Contains(strings.ToLower(string(data)), strings.ToLower(never)) {
				t.Errorf("%s tells %s: %s", table, never, data)
			}
		}
	}
	if _, err := w.house.Export(context.Background(), w.db.Read(), ""); err == nil {
		t.Error("nobody in particular is told something")
	}
}

// closeFolder has a person close their folder.
func (w *world) closeFolder(t *testing.T, folder string) {
	t.Helper()
	w.t = t
	request := httptest.NewRequest(http.MethodPost, "/portal.v1.AccountService/CloseAccount", strings.NewReader("{}"))
	request.Host = strings.TrimPrefix(w.front, "http://")
	request.Header.Set("Content-Type", "application/json")
	request.AddCookie(w.begin(folder, "account.close"))
	response := httptest.NewRecorder()
	w.portal.front.Handler.ServeHTTP(response, request)
	if response.Code != http.StatusOK {
		t.Fatalf("closing a folder: %d %s", response.Code, response.Body)
	}
}
