// Package house_test holds the rules of the house as tests: which room may import which, and that each room says what
// it is for.
package house_test

import (
	"go/ast"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

const module = "madoguchi/"

// rule forbids the packages under `from` to import those under `to`, unless they are under one of `except`.
type rule struct {
	from, to string
	except   []string
	reason   string
	// tests may break the rule.
	testsMay bool
}

var rules = []rule{
	{
		from: "proto/gen", to: "", except: []string{"proto/gen", "proto/protovalidate", "proto/wire"},
		reason: "the contract depends on nobody",
	},
	{from: "frontend", to: "proto/rule/field", reason: "the page has the limits, the portal the rules"},
	{
		from: "proto/wire", to: "", except: []string{"proto/wire"}, testsMay: true,
		reason: "how a message is written knows none of the contract's",
	},
	{from: "bridge/apdu", to: "", reason: "ISO 7816 knows nothing of this project"},
	{
		from: "bridge/jpki", to: "", except: []string{"bridge/apdu"},
		reason: "the card's commands are pure", testsMay: true,
	},
	{
		from: "bridge/act", to: "", except: []string{"bridge/apdu", "bridge/jpki"},
		reason: "what a card may do is pure", testsMay: true,
	},
	{from: "bridge/ask", to: "", reason: "a question knows no card"},
	{from: "bridge/peer", to: "", reason: "whose a connection is has nothing to do with cards"},
	{
		from: "bridge/softcard", to: "", except: []string{"bridge/apdu", "bridge/jpki", "proto/clock"},
		reason: "the card in software is pure", testsMay: true,
	},
	{from: "bridge", to: "frontend", reason: "the bridge never sees why"},
	{from: "bridge", to: "backend", reason: "the bridge never sees why"},
	{from: "frontend", to: "backend", reason: "the page knows the portal by its contract alone"},
	{from: "frontend", to: "bridge", reason: "the page knows the bridge by its frames alone", testsMay: true},
	{from: "backend", to: "frontend", reason: "the portal serves the page as files"},
	{from: "backend", to: "bridge/reader", reason: "the portal never sees a reader"},
	{from: "backend", to: "bridge/relay", reason: "the portal never sees a reader"},
	{from: "backend", to: "bridge/virtual", reason: "the portal never sees a reader"},
	{
		from: "backend", to: "bridge/softcard", except: []string{},
		reason: "test keys do not belong in the portal", testsMay: true,
	},
	{from: "backend", to: "backend/sandbox", reason: "the portal has no code that knows the sandbox"},
	{from: "proto/clock", to: "", reason: "what time it is depends on nobody"},
	{from: "frontend", to: "proto/form/source", reason: "the page gets forms as they are published"},
	{from: "frontend", to: "proto/form/schema", reason: "a validator of JSON Schema is no burden for a page"},
	{
		from: "proto/form", to: "", testsMay: true,
		except: []string{"proto/form", "proto/plaintext", "proto/rule", "proto/order", "proto/reading"},
		reason: "how a form is filled in knows nothing of whose it is",
	},
	{from: "proto/plaintext", to: "", reason: "what may stand in a text knows nothing of who wrote it"},
	{from: "proto/reading", to: "", reason: "how a reading is written knows nothing of who reads it"},
	{
		from: "static/text", to: "", except: []string{"static/text", "proto/reading"},
		reason: "texts know nothing of who shows them",
	},
	{
		from: "backend/sandbox", to: "backend", except: []string{"backend/sandbox"},
		reason: "the sandbox talks to the portal over public protocols only",
	},
}

// roles are the folders in which the two programs' rooms stand, and to which of them each may reach. A room is free to
// import rooms of its own role, except that a feature never imports another: what two share moves down.
var roles = map[string]map[string][]string{
	"frontend": {
		"feature": {"part", "reach", "frame"},
		"part":    {"reach", "frame"},
		"reach":   nil,
		"frame":   nil,
	},
	"backend": {
		"feature": {"door", "outside", "store", "japan"},
		"door":    {"store", "japan"},
		"outside": {"store", "japan"},
		"store":   nil,
		"japan":   nil,
	},
}

// apart are the folders beside the roles: they put the rooms together, pack them, drive them or play the world outside.
var apart = map[string][]string{
	"frontend": {"pack", "e2e"},
	"backend":  {"sandbox"},
}

// A folder that is neither a role nor named above is bound by no rule: there is none.
func TestEveryRoomHasARole(t *testing.T) {
	for side, known := range roles {
		entries, err := os.ReadDir("../../" + side)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			name := entry.Name()
			_, isRole := known[name]
			if entry.IsDir() && !isRole && name != "testdata" && !slices.Contains(apart[side], name) {
				t.Errorf("%s/%s is no role of the house: README.md says where a room belongs", side, name)
			}
		}
	}
}

func TestImports(t *testing.T) {
	for _, platform := range []string{"linux/amd64", "js/wasm"} {
		t.Run(platform, func(t *testing.T) {
			for _, p := range load(t, platform) {
				if strings.HasSuffix(p.PkgPath, ".test") {
					continue // made by the go command
				}
				from := strings.TrimPrefix(p.PkgPath, module)
				from = strings.TrimSuffix(from, "_test")
				for path := range p.Imports {
					if to, ours := strings.CutPrefix(path, module); ours && to != from {
						checkArrow(t, from, to, isTest(p))
					}
				}
			}
		})
	}
}

// What of ours ends up in the page imports nothing that brings net/http along.
func TestThePageStaysLight(t *testing.T) {
	packages := map[string]*packages.Package{}
	for _, p := range load(t, "js/wasm") {
		if !isTest(p) {
			packages[p.PkgPath] = p
		}
	}
	seen := map[string]bool{}
	var visit func(path string)
	visit = func(path string) {
		if seen[path] {
			return
		}
		seen[path] = true
		for to := range packages[path].Imports {
			switch {
			case strings.HasPrefix(to, module):
				visit(to)
			case to == "net/http" || to == "regexp" || to == "crypto/rand" || to == "crypto/tls" ||
				to == "crypto/x509" ||
				strings.HasPrefix(to, "connectrpc.com/") || strings.HasPrefix(to, "google.golang.org/"):
				t.Errorf("%s imports %s, a burden to the page", path, to)
			}
		}
	}
	visit(module + "frontend")
	if !seen[module+"frontend/reach/rpc"] {
		t.Error("the page does not call the portal?")
	}
}

// The pages' policy refuses every string that would become HTML or a script; so that nobody finds out in a browser,
// none is written here.
func TestThePageMakesNoHTMLOfStrings(t *testing.T) {
	read := 0
	for _, room := range []string{"../../frontend", "../../static"} {
		err := filepath.WalkDir(room, func(path string, entry fs.DirEntry, err error) error {
			extension := filepath.Ext(path)
			if err != nil || entry.IsDir() || extension != ".go" && extension != ".js" ||
				strings.HasSuffix(path, "_test.go") {
				return err
			}
			source, err := os.ReadFile(path)
			read++
			// These have the one Raw, and what makes a drawing of it in a browser.
			drawing := path == "../../frontend/frame/kit/drawing.go" || path == "../../frontend/pack/slim/main.go"
			for _, sink := range []string{
				"app.Raw(", "innerHTML", "outerHTML", "insertAdjacentHTML", "createContextualFragment", "srcdoc",
				"parseFromString",
			} {
				if strings.Contains(string(source), sink) && !drawing {
					t.Errorf("%s uses %s: make it element by element, or a drawing with kit.Drawing", path, sink)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if read < 100 {
		t.Errorf("only %d files were read", read)
	}
}

// Nobody makes a zone of their own: page, portal, bridge and sandbox mean the same day when they say today.
func TestThereIsOneClock(t *testing.T) {
	for _, p := range load(t, "linux/amd64") {
		if p.PkgPath == module+"proto/clock" || isTest(p) {
			continue
		}
		for i, f := range p.Syntax {
			ast.Inspect(f, func(n ast.Node) bool {
				call, ok := n.(*ast.SelectorExpr)
				if ok && (call.Sel.Name == "FixedZone" || call.Sel.Name == "LoadLocation") {
					t.Errorf("%s makes a time zone: the one there is stands in proto/clock", p.GoFiles[i])
				}
				return true
			})
		}
	}
}

// What a style names is there, and every page waits for no token that none names: `make data` copies those that are
// named. A browser leaves out a line whose name it does not know, and says nothing.
func TestTheStylesNameTokensThatAreThere(t *testing.T) {
	static := filepath.Join("..", "..", "static")
	sheets, err := filepath.Glob(filepath.Join(static, "*.css"))
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob(filepath.Join(static, "*", "*.css"))
	if err != nil {
		t.Fatal(err)
	}
	named, there, tokens := map[string]string{}, map[string]bool{"--room": true /* boot.js */}, []string{}
	for _, sheet := range append(sheets, more...) {
		style, err := os.ReadFile(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`var\((--[a-z0-9-]+)`).FindAllSubmatch(style, -1) {
			named[string(m[1])] = sheet
		}
		for _, m := range regexp.MustCompile(`(--[a-z0-9-]+):`).FindAllSubmatch(style, -1) {
			there[string(m[1])] = true
			if filepath.Base(sheet) == "tokens.css" {
				tokens = append(tokens, string(m[1]))
			}
		}
	}
	if len(tokens) < 30 {
		t.Fatalf("only %d tokens were read", len(tokens))
	}
	for name, sheet := range named {
		if !there[name] {
			t.Errorf("%s names %s, which is not there: run `make data`", sheet, name)
		}
	}
	for _, name := range tokens {
		if named[name] == "" {
			t.Errorf("no style names %s: run `make data`", name)
		}
	}
}

// A feature runs its own SQL (queries/<feature>.sql) and that about the person (queries/folder.sql), and its own reads
// no row of the person's. What else it wants of the store, a door or another room has words for.
func TestAFeatureRunsItsOwnSQL(t *testing.T) {
	const queries = "../../backend/store/db/queries/"
	files, err := filepath.Glob(queries + "*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	owners := map[string]string{}
	for _, file := range files {
		owner := strings.TrimSuffix(filepath.Base(file), ".sql")
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range statementName.FindAllSubmatch(source, -1) {
			// Those that seal or open begin with a small letter, and stand once more with a great one (sealed.go).
			name := strings.ToUpper(string(found[1][:1])) + string(found[1][1:])
			owners[name] = owner
			if strings.HasPrefix(name, "Folder") != (owner == "folder") {
				t.Errorf("%s stands in %s.sql: those about the person begin with Folder, and no others", name, owner)
			}
		}
		if _, err := os.Stat("../../backend/feature/" + owner); err == nil && personsRow.Match(source) {
			t.Errorf("%s.sql has %q: rows of the person's are for folder.sql", owner, personsRow.Find(source))
		}
	}
	calls := 0
	for _, p := range loadTyped(t, "./backend/feature/...") {
		_, _, feature := placeOf(strings.TrimPrefix(p.PkgPath, module))
		for call, selected := range p.TypesInfo.Selections {
			if selected.Recv().String() != "*"+module+"backend/store/db.Queries" {
				continue
			}
			calls++
			name := call.Sel.Name
			if name == "SealBytes" || name == "OpenBytes" || name == "Ahead" {
				continue // no statements: they seal, or send, what the feature's own statements write and read
			}
			if owner := owners[name]; owner != feature && owner != "folder" {
				t.Errorf("%s runs %s of %s.sql: %s", p.PkgPath, name, owner,
					"a feature runs its own SQL and that about the person")
			}
		}
	}
	if calls < 40 {
		t.Errorf("only %d calls were found", calls)
	}
}

var (
	statementName = regexp.MustCompile(`(?m)^-- name: (\w+) `)
	personsRow    = regexp.MustCompile(`(?i)\b(from|join|into|update)\s+(folder|card|preference)\b`)
)

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	for _, p := range load(t, "linux/amd64") {
		if isTest(p) || strings.Contains(p.PkgPath, "/proto/gen/") {
			continue
		}
		documented := false
		for _, f := range p.Syntax {
			documented = documented || f.Doc != nil && len(f.Doc.Text()) > 40
		}
		if !documented && len(p.Syntax) > 0 {
			t.Errorf("%s has no package comment that says what it is for", p.PkgPath)
		}
	}
}

func checkArrow(t *testing.T, from, to string, inTest bool) {
	t.Helper()
	for _, r := range rules {
		if !under(from, r.from) || !under(to, r.to) || (inTest && r.testsMay) {
			continue
		}
		if from == "backend/sandbox" || strings.HasPrefix(from, "backend/sandbox/") {
			if r.to == "bridge/softcard" || r.to == "backend/sandbox" {
				continue // the sandbox issues the cards
			}
		}
		if excepted(to, r.except) {
			continue
		}
		t.Errorf("%s imports %s: %s", from, to, r.reason)
	}
	if reason := forbidden(from, to); reason != "" && !inTest {
		t.Errorf("%s imports %s: %s", from, to, reason)
	}
}

// forbidden says why the roles of two rooms keep the first from importing the second; "" when they do not.
func forbidden(from, to string) string {
	side, role, room := placeOf(from)
	toSide, toRole, toRoom := placeOf(to)
	reach, isRole := roles[side][role]
	if !isRole || side != toSide {
		return ""
	}
	switch {
	case toRole == role && role == "feature" && room != toRoom:
		return "a feature never imports another feature"
	case to == "backend/door/web" && room != "web":
		return "what a caller gets is the feature's, how it is served is not"
	case toRole == role || slices.Contains(reach, toRole):
		return ""
	}
	if len(reach) == 0 {
		return "a room under " + role + "/ reaches for no other role"
	}
	return "a room under " + role + "/ reaches down to " + strings.Join(reach, ", ") + " alone"
}

// placeOf takes "backend/feature/notice/x" apart.
func placeOf(path string) (side, role, room string) {
	parts := append(strings.SplitN(path, "/", 4), "", "")
	return parts[0], parts[1], parts[2]
}

// The rules bind: what they forbid is told, what they allow is not.
func TestTheRolesForbid(t *testing.T) {
	for arrow, free := range map[[2]string]bool{
		{"frontend/feature/notice", "frontend/feature/guide"}:    false,
		{"frontend/feature/notice", "frontend/part/todo"}:        true,
		{"frontend/part/todo", "frontend/feature/guide"}:         false,
		{"frontend/reach/rpc", "frontend/frame/kit"}:             false,
		{"frontend/frame/shell", "frontend/reach/vault"}:         false,
		{"backend/feature/login", "backend/feature/login/inner"}: true,
		{"backend/feature/login", "backend/door/web"}:            false,
		{"backend/door/office", "backend/outside/mail"}:          false,
		{"backend/store/db", "backend/japan/calendar"}:           false,
		{"backend/japan/catalog", "backend/store/db"}:            false,
		{"backend/outside/jlis", "backend/store/db"}:             true,
		{"frontend", "frontend/feature/notice"}:                  true,
	} {
		if reason := forbidden(arrow[0], arrow[1]); (reason == "") != free {
			t.Errorf("%s → %s: %q", arrow[0], arrow[1], reason)
		}
	}
}

func under(path, room string) bool {
	return room == "" || path == room || strings.HasPrefix(path, room+"/")
}

func excepted(path string, rooms []string) bool {
	for _, room := range rooms {
		if under(path, room) {
			return true
		}
	}
	return false
}

func isTest(p *packages.Package) bool {
	return strings.HasSuffix(p.PkgPath, "_test") || strings.HasSuffix(p.PkgPath, ".test") ||
		strings.Contains(p.ID, " [") || strings.HasSuffix(p.PkgPath, "test")
}

// loadTyped loads packages without their tests, with what each name means.
func loadTyped(t *testing.T, pattern string) []*packages.Package {
	t.Helper()
	found, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedImports | packages.NeedSyntax | packages.NeedTypes |
			packages.NeedTypesInfo,
		Dir: "../..",
	}, pattern)
	if err != nil {
		t.Fatal(err)
	}
	if packages.PrintErrors(found) > 0 || len(found) == 0 {
		t.Fatal("the packages could not be loaded")
	}
	return found
}

func load(t *testing.T, platform string) []*packages.Package {
	t.Helper()
	goos, goarch, _ := strings.Cut(platform, "/")
	env := append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch)
	if goos == "js" {
		env = append(env, "CGO_ENABLED=0")
	}
	found, err := packages.Load(&packages.Config{
		Mode:  packages.NeedName | packages.NeedImports | packages.NeedFiles | packages.NeedSyntax,
		Dir:   "../..",
		Env:   env,
		Tests: goos != "js",
	}, "./...")
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 10 {
		t.Fatalf("only %d packages found", len(found))
	}
	return found
}
