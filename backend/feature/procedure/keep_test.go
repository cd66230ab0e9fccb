package procedure

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access/accesstest"
	"madoguchi/backend/door/office/officetest"
	"madoguchi/backend/feature/procedure/entry"
	"madoguchi/backend/japan/catalog"
	"madoguchi/backend/japan/catalog/index"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	officev1 "madoguchi/proto/gen/office/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const (
	meguro  = "131105"
	shibuya = "131130"
)

var noon = time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)

func at(now time.Time) func() time.Time { return func() time.Time { return now } }

func put(t *testing.T, d *db.DB, place, from string, contents ...*portalv1.ProcedureContent) {
	t.Helper()
	if _, _, err := entry.NewStore(d, at(noon)).Put(t.Context(), place, from, "", contents); err != nil {
		t.Fatal(err)
	}
}

func local1(number, title string) *portalv1.ProcedureContent {
	return &portalv1.ProcedureContent{
		Number: number, Title: title, Category: catalog.Categories()[0], Signature: portalv1.Signature_SIGNATURE_NONE,
	}
}

func fill(t *testing.T, c *Catalog) {
	t.Helper()
	if err := c.Fill(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// finds tells how many of a place's entries answer to a word.
func finds(c *Catalog, place, text string) int {
	return c.index.Search(index.Query{Place: place, Text: text, Limit: 50}).Total
}

func TestARestartTakesUpTheIndexThatWasKept(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		file := filepath.Join(t.TempDir(), "index")
		put(t, d, meguro, "2026-04-01", local1("L1", "竹馬の貸し出し"), local1("L2", "けん玉教室"))
		put(t, d, shibuya, "2026-11-24", local1("L3", "あすからの凧あげ"))
		store := entry.NewStore(d, at(noon))
		first := NewCatalog(store, at(noon), file)
		fill(t, first)
		info, err := os.Stat(file)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Fatalf("%v, %v", info, err)
		}
		// While no portal runs the catalogue changes, and the day turns.
		put(t, d, meguro, "2026-04-01", local1("L2", "お手玉教室"))
		tomorrow := noon.AddDate(0, 0, 1)
		second := NewCatalog(store, at(tomorrow), file)
		kept, err := second.take(t.Context())
		if err != nil || kept == nil || kept.Size().Entries != 2 {
			t.Fatalf("kept %v, %v", kept, err)
		}
		second = NewCatalog(store, at(tomorrow), file)
		fill(t, second)
		if a, b, c, d := finds(second, meguro, "竹馬"), finds(second, meguro, "けん玉"), finds(second, meguro, "お手玉"),
			finds(second, shibuya, "凧あげ"); a != 1 || b != 0 || c != 1 || d != 1 {
			t.Errorf("found %d %d %d %d", a, b, c, d)
		}
		third := NewCatalog(store, at(tomorrow), file) // what came meanwhile is kept too
		if kept, err := third.take(t.Context()); err != nil || kept == nil || kept.Size().Entries != 3 {
			t.Errorf("kept %v, %v", kept, err)
		}
	})
}

func TestAFileThatIsNotOursIsMadeAnew(t *testing.T) {
	d := dbtest.SQLite(t)
	put(t, d, meguro, "2026-04-01", local1("L1", "竹馬の貸し出し"))
	store := entry.NewStore(d, at(noon))
	good := filepath.Join(t.TempDir(), "index")
	fill(t, NewCatalog(store, at(noon), good))
	data, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	foreign := dbtest.SQLite(t) // as many changes, by another office
	if _, _, err := entry.NewStore(foreign, at(noon.Add(time.Millisecond))).Put(t.Context(), meguro, "2026-04-01", "",
		[]*portalv1.ProcedureContent{local1("L1", "けん玉教室")}); err != nil {
		t.Fatal(err)
	}
	labelled := func(change func(*label), clock time.Time, on *db.DB) []byte {
		path := filepath.Join(t.TempDir(), "other")
		c := NewCatalog(entry.NewStore(on, at(clock)), at(clock), path)
		fill(t, c)
		l := label{Revision: c.revision}
		copy(l.Day[:], c.day)
		if l.Mark, err = c.store.Mark(t.Context(), c.revision); err != nil {
			t.Fatal(err)
		}
		if l.Fingerprint, err = index.Fingerprint(catalog.Definitions(), catalog.Categories()); err != nil {
			t.Fatal(err)
		}
		change(&l)
		if err := writeKept(path, l, c.index); err != nil {
			t.Fatal(err)
		}
		other, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return other
	}
	same := func(*label) {}
	cases := map[string][]byte{
		"empty": {}, "cut short": data[:len(data)-1], "longer": append(bytes.Clone(data), 'x'),
		"another file": bytes.Repeat([]byte("notes "), 100), "zeros": make([]byte, len(data)),
		"another program's":  labelled(func(l *label) { l.Fingerprint[3]++ }, noon, d),
		"a database's to be": labelled(func(l *label) { l.Revision++ }, noon, d),
		"another history's":  labelled(func(l *label) { l.Mark[0]++ }, noon, d),
		"another database's": labelled(same, noon, foreign),
		"of a day to come":   labelled(same, noon.AddDate(0, 0, 1), d),
		"of no day":          labelled(func(l *label) { copy(l.Day[:], "2026-13-45") }, noon, d),
	}
	for n := 0; n < len(data); n += 41 {
		bent := bytes.Clone(data)
		bent[n] ^= 0x40
		cases[fmt.Sprintf("octet %d bent", n)] = bent
	}
	if _, err := os.Stat(good); err != nil {
		t.Fatal(err)
	}
	for name, content := range cases {
		path := filepath.Join(t.TempDir(), "index")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		c := NewCatalog(store, at(noon), path)
		if kept, err := c.take(t.Context()); err != nil || kept != nil {
			t.Errorf("%s: it is believed (%v)", name, err)
		}
		c = NewCatalog(store, at(noon), path)
		fill(t, c)
		if finds(c, meguro, "竹馬") != 1 || finds(c, meguro, "けん玉") != 0 {
			t.Errorf("%s: what is searched is not what is in the database", name)
		}
		if kept, err := NewCatalog(store, at(noon), path).take(t.Context()); err != nil || kept == nil {
			t.Errorf("%s: it was not made anew (%v)", name, err)
		}
	}
	// A place where nothing can be kept does not keep the portal from serving.
	c := NewCatalog(store, at(noon), filepath.Join(t.TempDir(), "no", "such", "folder"))
	fill(t, c)
	if finds(c, meguro, "竹馬") != 1 {
		t.Error("without a file nothing is found")
	}
}

func TestTheIndexIsKeptNowAndThenAndAtTheEnd(t *testing.T) {
	d := dbtest.SQLite(t)
	file := filepath.Join(t.TempDir(), "index")
	store := entry.NewStore(d, at(noon))
	now := atomic.Int64{}
	clock := func() time.Time { return noon.Add(time.Duration(now.Load())) }
	entries := func() int {
		x, err := NewCatalog(store, clock, file).take(context.Background())
		if err != nil || x == nil {
			t.Fatal(x, err)
		}
		return x.Size().Entries
	}
	c := NewCatalog(store, clock, file)
	fill(t, c)
	refresh := func() {
		if err := c.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	put(t, d, meguro, "2026-04-01", local1("L1", "竹馬"))
	refresh()
	if n := entries(); n != 0 {
		t.Errorf("written at each change: %d", n)
	}
	now.Store(int64(keepEvery))
	refresh()
	if n := entries(); n != 1 {
		t.Errorf("after a while: %d", n)
	}
	put(t, d, meguro, "2026-04-01", local1("L2", "凧"))
	c.every = time.Millisecond
	running, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { c.Run(running); close(ended) }()
	for finds(c, meguro, "凧") == 0 {
		time.Sleep(time.Millisecond)
	}
	if n := entries(); n != 1 {
		t.Errorf("soon again: %d", n)
	}
	stop()
	<-ended
	if n := entries(); n != 2 {
		t.Errorf("at the end: %d", n)
	}
}

// Changes that arrive while the index is being filled are in it afterwards, whichever of two portals took them in; both
// may keep in one file.
func TestChangesWhileFilling(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const places = 40
		codes := []string{meguro, shibuya, "141003", "011002"}
		for n := range places {
			put(t, d, codes[n%4], "2026-04-01", local1(fmt.Sprintf("L%d", n), "けん玉教室"))
		}
		file := filepath.Join(t.TempDir(), "index")
		running, stop := context.WithCancel(t.Context())
		var work sync.WaitGroup
		defer work.Wait()
		defer stop()
		portals := []*Catalog{
			NewCatalog(entry.NewStore(d, at(noon)), at(noon), file),
			NewCatalog(entry.NewStore(d, at(noon)), at(noon), file),
		}
		for _, c := range portals {
			c.every = time.Millisecond
			work.Go(func() { c.Run(running) })
		}
		var writing sync.WaitGroup
		for part := range 2 {
			writing.Go(func() {
				for n := part; n < places; n += 2 {
					store := entry.NewStore(d, at(noon))
					if _, _, err := store.Put(t.Context(), codes[n%4], "2026-04-01", "", []*portalv1.ProcedureContent{
						local1(fmt.Sprintf("L%d", n), "お手玉教室"),
					}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		writing.Wait()
		for _, c := range portals {
			<-c.filled
			for {
				before, after := 0, 0
				for _, code := range codes {
					before += finds(c, code, "けん玉教室")
					after += finds(c, code, "お手玉教室")
				}
				if after == places && before == 0 {
					break
				}
				if t.Failed() || t.Context().Err() != nil {
					return
				}
				time.Sleep(time.Millisecond)
			}
		}
	})
}

func TestEndedWhileFilling(t *testing.T) {
	d := dbtest.SQLite(t)
	put(t, d, meguro, "2026-04-01", local1("L1", "竹馬"))
	file := filepath.Join(t.TempDir(), "index")
	running, stop := context.WithCancel(t.Context())
	// asked for the day between the first question and the scan
	c := NewCatalog(entry.NewStore(d, at(noon)), func() time.Time { stop(); return noon }, file)
	c.Run(running)
	if c.isFilled() {
		t.Error("it was filled in spite of that")
	}
	if left, err := filepath.Glob(file + "*"); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// A database that cannot be read at the start is asked again until it can; meanwhile the rest serves.
func TestFillingGoesOnWhenTheDatabaseIsBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "portal.sqlite")
	d, err := db.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	put(t, d, meguro, "2026-04-01", local1("L1", "竹馬"))
	pool, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	run := func(statement string) {
		if _, err := pool.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	run("ALTER TABLE procedure_version RENAME TO lost")
	tries := make(chan struct{}, 100)
	c := NewCatalog(entry.NewStore(d, at(noon)), func() time.Time {
		select {
		case tries <- struct{}{}:
		default:
		}
		return noon
	}, "")
	c.fillAgain = time.Millisecond
	running, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { c.Run(running); close(ended) }()
	for range 3 {
		<-tries
	}
	if c.isFilled() {
		t.Error("filled from nothing")
	}
	run("ALTER TABLE lost RENAME TO procedure_version")
	<-c.filled
	if finds(c, meguro, "竹馬") != 1 {
		t.Error("nothing is found")
	}
	stop()
	<-ended
	// Later faults: what is there goes on being found, and what came meanwhile is found when the database is back.
	put(t, d, meguro, "2026-04-01", local1("L2", "凧"))
	run("ALTER TABLE procedure_version RENAME TO lost")
	if err := c.Refresh(t.Context()); err == nil || finds(c, meguro, "竹馬") != 1 {
		t.Errorf("without the table: %v", err)
	}
	run("ALTER TABLE lost RENAME TO procedure_version")
	if err := c.Refresh(t.Context()); err != nil || finds(c, meguro, "凧") != 1 {
		t.Errorf("with it again: %v", err)
	}
}

// Before the index is filled, who asks for it is told to come back in a moment; places are found, and offices register.
func TestInAMoment(t *testing.T) {
	d := dbtest.SQLite(t)
	c := NewCatalog(entry.NewStore(d, at(noon)), at(noon), "")
	s := New(c, Needs{})
	ctx := t.Context()
	for name, call := range map[string]func() error{
		"search": func() error {
			_, err := s.SearchProcedures(ctx, &portalv1.SearchProceduresRequest{Query: "保育園"})
			return err
		},
		"a page": func() error {
			_, err := s.GetProcedure(ctx, &portalv1.GetProcedureRequest{Number: "P0001"})
			return err
		},
		"a list": func() error {
			_, err := s.ListProcedures(ctx, &portalv1.ListProceduresRequest{PlaceCode: meguro})
			return err
		},
		"registered": func() error { _, err := c.Registered(ctx, meguro, []string{"P0001"}); return err },
		"comparing": func() error {
			_, err := s.CompareProcedures(ctx, &portalv1.CompareProceduresRequest{
				PlaceCodes: []string{meguro, shibuya}, Definitions: []string{"P0001"},
			})
			return err
		},
	} {
		var failure *connect.Error
		if err := call(); !errors.As(err, &failure) || failure.Code() != connect.CodeUnavailable {
			t.Errorf("%s: %v", name, err)
			continue
		}
		info := accesstest.InfoOf(failure)
		if info.GetReason() != portalv1.Reason_REASON_STARTING || info.GetRetryAfterMs() <= 0 ||
			info.GetRetryAfterMs() > 2000 {
			t.Errorf("%s: %v", name, info)
		}
	}
	for path, write := range map[string]func(*http.Request) (int, []byte){
		"/procedures/nation/P0001": func(r *http.Request) (int, []byte) {
			p, _ := s.Document(r, "ja")
			return p.Status, p.Body
		},
		"/procedures?q=x": func(r *http.Request) (int, []byte) {
			p, _ := s.SearchDocument(r, "ja")
			return p.Status, p.Body
		},
	} {
		status, body := write(httptest.NewRequest(http.MethodGet, path, nil))
		if status != http.StatusServiceUnavailable || !bytes.Contains(body, []byte("まもなく表示します")) {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	places := NewPlaces(c)
	if found, err := places.FindPlaces(ctx, &portalv1.FindPlacesRequest{Query: "目黒区"}); err != nil ||
		len(found.GetPlaces()) == 0 {
		t.Errorf("%v, %v", found, err)
	}
	if found, err := places.ListPlaces(ctx, &portalv1.ListPlacesRequest{}); err != nil || len(found.GetPlaces()) != 47 {
		t.Errorf("%v, %v", found, err)
	}
	officetest.Register(t, d, db.OfficeRegisterParams{ID: "o", Duties: "procedure", MunicipalityCode: meguro})
	answer, err := NewIntake(d, c).PutProcedures(officetest.Calling(t, d, "o"), &officev1.PutProceduresRequest{
		PlaceCode: meguro, Procedures: []*portalv1.ProcedureContent{local1("L1", "竹馬")},
	})
	if err != nil || answer.GetRegistered() != 1 {
		t.Fatalf("%v, %v", answer, err)
	}
	fill(t, c)
	if r, err := s.SearchProcedures(ctx, &portalv1.SearchProceduresRequest{
		PlaceCode: meguro, Query: "竹馬",
	}); err != nil || r.GetTotal() != 1 {
		t.Errorf("%v, %v", r, err)
	}
}

func FuzzKept(f *testing.F) {
	x := index.New(catalog.Definitions(), catalog.Categories())
	x.Replace(meguro, []index.Entry{index.EntryOf(meguro, local1("L1", "竹馬の貸し出し"))})
	path := filepath.Join(f.TempDir(), "index")
	if err := writeKept(path, label{Revision: 1}, x); err != nil {
		f.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data, false)
	f.Add(data[:len(data)-sha256.Size], true)
	f.Add([]byte(magic), true)
	f.Fuzz(func(t *testing.T, data []byte, summed bool) {
		if summed { // as if by somebody who may write there
			sum := sha256.Sum256(data)
			data = append(bytes.Clone(data), sum[:]...)
		}
		x, _, err := readKept(bytes.NewReader(data), func(label) error { return nil })
		if (x == nil) == (err == nil) {
			t.Errorf("%v with %v", x, err)
		}
		if err == nil {
			x.Search(index.Query{Text: "竹馬", Limit: 3})
		}
	})
}
