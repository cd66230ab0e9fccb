package db_test

import (
	"context"
	"database/sql"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"madoguchi/backend/store/db"
)

// Tables that a statement may read whole: they do not grow with people.
var small = map[string]bool{"office": true, "key_fingerprint": true, "store_note": true, "folder_key_store": true,
	"signing_certificate": true, "ledger_sequencer": true, "ledger_handover": true,
	// What ledgerNumber joins: the first leaves that wait, a batch at most.
	"(subquery-3)": true, "numbered": true,
	// What usageDue looks at: the lines that wait for a leaf, so many at most.
	"due": true,
}

// Statements that are for all of a table: a tree that was lost is begun anew, by the operator, once.
var whole = map[string]bool{"ledgerUnplaceAll": true}

// No statement walks a table that grows: every one of them goes by an index. SQLite says "SCAN" when it walks, also
// along an index.
func TestEveryStatementGoesByAnIndex(t *testing.T) {
	path := filepath.Join(t.TempDir(), "portal.sqlite")
	d, err := db.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	pool, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	statements := allStatements(t)
	if len(statements) < 50 {
		t.Fatalf("only %d statements found", len(statements))
	}
	for name, text := range statements {
		for _, step := range plan(t, pool, text) {
			table, scans := strings.CutPrefix(step, "SCAN ")
			table, _, _ = strings.Cut(table, " ")
			if scans && !small[table] && !whole[name] && table != "CONSTANT" {
				t.Errorf("%s: %s", name, step)
			}
		}
	}
}

var parameter = regexp.MustCompile(`\$(\d+)`)

func plan(t *testing.T, pool *sql.DB, statement string) []string {
	t.Helper()
	highest := 0
	for _, found := range parameter.FindAllStringSubmatch(statement, -1) {
		n, _ := strconv.Atoi(found[1])
		highest = max(highest, n)
	}
	rows, err := pool.QueryContext(context.Background(), "EXPLAIN QUERY PLAN "+statement, make([]any, highest)...)
	if err != nil {
		t.Fatalf("%v\n%s", err, statement)
	}
	defer rows.Close()
	var steps []string
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return steps
}

// allStatements reads what sqlc made, so that no statement is forgotten.
func allStatements(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("*.sql.go")
	if err != nil {
		t.Fatal(err)
	}
	statements := map[string]string{}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == 1 {
				if literal, ok := spec.Values[0].(*ast.BasicLit); ok && literal.Kind == token.STRING {
					if text, err := strconv.Unquote(literal.Value); err == nil && strings.HasPrefix(text, "-- name: ") {
						statements[spec.Names[0].Name] = text
					}
				}
			}
			return true
		})
	}
	return statements
}
