package office

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"sync"
	"testing"
	"time"

	"madoguchi/backend/door/access/accesstest"
	"madoguchi/backend/door/office/officetest"
	"madoguchi/backend/store/card"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/folder/foldertest"
	officev1 "madoguchi/proto/gen/office/v1"
)

// crowd opens so many folders and registers national offices that are to know all of them.
func crowd(t *testing.T, d *db.DB, folders int, offices ...string) {
	t.Helper()
	foldertest.Crowd(t, d, folders)
	for _, o := range offices {
		officetest.Register(t, d, db.OfficeRegisterParams{ID: o, Duties: DutyPerson})
	}
}

// introduced does the job that makes the n-th folder known; the introduction says whose it is, as J-LIS's would to the
// office.
func introduced(t *testing.T, d *db.DB, n int) {
	t.Helper()
	folder, _ := foldertest.Nth(n)
	payload, err := json.Marshal(introduceJob{FolderID: folder})
	if err != nil {
		t.Fatal(err)
	}
	introducer := Introducer{DB: d,
		Ask: func(_ context.Context, holder card.ID, offices []string) (map[string][]byte, error) {
			sealed := map[string][]byte{}
			for _, o := range offices {
				sealed[o] = []byte(holder.Serial)
			}
			return sealed, nil
		}}
	if err := untilThrough(func() error { return introducer.Job(ctx, payload) }); err != nil {
		t.Error(err)
	}
}

// untilThrough does again what met others too often, as an office does that hears UNAVAILABLE, and the runner of jobs.
func untilThrough(do func() error) error {
	for {
		if err := do(); err == nil || !db.Unavailable(err) {
			return err
		}
	}
}

// reader is an office that pages.
type reader struct {
	Persons
	office, cursor string
	people         []*officev1.Person
}

func (r *reader) page(size int32) (int, error) {
	request := &officev1.ListPersonsRequest{Cursor: r.cursor, PageSize: size}
	list, err := r.ListPersons(accesstest.AsOffice(ctx, r.office), request)
	if err != nil {
		return 0, err
	}
	r.cursor, r.people = list.GetCursor(), append(r.people, list.GetPersons()...)
	return len(list.GetPersons()), nil
}

func (r *reader) all(t *testing.T) {
	t.Helper()
	for {
		n, err := r.page(100)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

// places gives where in the office's list each of the people stands.
func (r *reader) places(n int) []float64 {
	places := make([]float64, n)
	for i, p := range r.people {
		var serial int
		if _, err := fmt.Sscanf(string(p.GetIntroduction()), "%x", &serial); err == nil {
			places[serial-1] = float64(i)
		}
	}
	return places
}

// correlation is Spearman's, from -1 to 1, of two lists of ranks.
func correlation(a, b []float64) float64 {
	mean := float64(len(a)-1) / 2
	up, down := 0.0, 0.0
	for i := range a {
		up += (a[i] - mean) * (b[i] - mean)
		down += (a[i] - mean) * (a[i] - mean)
	}
	return up / down
}

// The list of one office tells nothing of the list of another, nor of the order in which people came.
func TestOrdersOfOfficesAreTheirOwn(t *testing.T) {
	const people = 400
	for name, c := range map[string]struct {
		within time.Duration
		pages  int // between the first who comes and the last who is told of
	}{
		"told of as they wait":    {time.Hour, 120},
		"told of all at once":     {0, 1},
		"the office was far away": {time.Minute, 1},
	} {
		t.Run(name, func(t *testing.T) {
			d := dbtest.SQLite(t)
			crowd(t, d, people, "a", "b")
			for n := range people {
				introduced(t, d, n)
			}
			now := time.Now()
			clock := func() time.Time { return now }
			a := &reader{Persons: Persons{DB: d, Within: c.within, Now: clock}, office: "a"}
			b := &reader{Persons: a.Persons, office: "b"}
			for range c.pages {
				now = now.Add(c.within/time.Duration(c.pages) + time.Second)
				a.all(t)
				b.all(t)
			}
			if len(a.people) != people || len(b.people) != people {
				t.Fatalf("%d and %d people of %d", len(a.people), len(b.people), people)
			}
			came := make([]float64, people)
			for n := range came {
				came[n] = float64(n)
			}
			// With 400 independent orders the figure stays within 0.3 but for one time in a hundred million.
			for what, r := range map[string]float64{
				"between the offices":      correlation(a.places(people), b.places(people)),
				"with the order of coming": correlation(came, a.places(people)),
			} {
				if math.Abs(r) > 0.3 {
					t.Errorf("%s: a correlation of %.2f", what, r)
				}
			}
		})
	}
}

func TestAnOfficeHearsWhenTheTimeHasCome(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const people = 60
		crowd(t, d, people, "a")
		for n := range people {
			introduced(t, d, n)
		}
		now := time.Now()
		a := &reader{Persons: Persons{DB: d, Within: time.Hour, Now: func() time.Time { return now }}, office: "a"}
		steps := 0
		for before := 0; len(a.people) < people; before = len(a.people) {
			if now = now.Add(6 * time.Minute); now.After(time.Now().Add(2 * time.Hour)) {
				t.Fatalf("after the hour only %d were told of", len(a.people))
			}
			a.all(t)
			if len(a.people) > before {
				steps++
			}
		}
		if steps < 4 {
			t.Errorf("all were told of at %d moments", steps)
		}
		// Who leaves is gone for the portal at once; the office hears of it when the time has come, as one more change.
		gone := a.people[7].GetIdentifier()
		folder, err := d.Read().OfficeFolderOf(ctx, db.OfficeFolderOfParams{OfficeID: "a", Identifier: gone})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Tx(ctx, func(q *db.Queries) error { return Leave(ctx, q, folder, "") }); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Read().OfficeFolderOf(ctx, db.OfficeFolderOfParams{
			OfficeID: "a", Identifier: gone,
		}); err == nil {
			t.Error("a dead identifier leads to a folder")
		}
		now = now.Add(2 * time.Hour)
		a.all(t)
		if last := a.people[len(a.people)-1]; len(a.people) != people+1 || last.GetIdentifier() != gone ||
			!last.GetLeft() || len(last.GetIntroduction()) > 0 {
			t.Errorf("%d changes, the last %v", len(a.people), last)
		}
	})
}

// Whom an office was never told of it never hears of, and nothing of them is kept.
func TestWhoLeavesBeforeAnOfficeHearsIsForgotten(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		crowd(t, d, 2, "a")
		introduced(t, d, 0)
		introduced(t, d, 1)
		if err := d.Tx(ctx, func(q *db.Queries) error { return Leave(ctx, q, "F0000", "") }); err != nil {
			t.Fatal(err)
		}
		a := &reader{Persons: Persons{DB: d}, office: "a"}
		a.all(t)
		if len(a.people) != 1 || string(a.people[0].GetIntroduction()) != "2" {
			t.Errorf("%v", a.people)
		}
	})
}

// Offices that page while people come and go, several of their programs at once, miss nobody and see no position twice.
func TestNobodyIsPassedOver(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const people = 120
		crowd(t, d, people, "a", "b")
		readers := []*reader{{office: "a"}, {office: "a"}, {office: "b"}}
		ended := make(chan struct{})
		var paging, coming sync.WaitGroup
		for _, r := range readers {
			r.Persons = Persons{DB: d, Within: 20 * time.Millisecond}
			paging.Go(func() {
				for done := false; !done; {
					select {
					case <-ended:
						done = true
					default:
					}
					err := untilThrough(func() error { _, err := r.page(7); return err })
					if err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		for part := range 4 {
			coming.Go(func() {
				for n := part; n < people; n += 4 {
					introduced(t, d, n)
					if n%5 == 0 {
						folder, _ := foldertest.Nth(n)
						if err := untilThrough(func() error {
							return d.Tx(ctx, func(q *db.Queries) error { return Leave(ctx, q, folder, "") })
						}); err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		coming.Wait()
		close(ended)
		paging.Wait()
		for _, r := range readers {
			r.Now = func() time.Time { return time.Now().Add(time.Hour) }
			r.all(t)
			here := map[string]bool{}
			for _, p := range r.people {
				here[p.GetIdentifier()] = !p.GetLeft()
			}
			n := 0
			for _, present := range here {
				if present {
					n++
				}
			}
			if want := people - people/5; n != want {
				t.Errorf("%s counts %d people, want %d", r.office, n, want)
			}
		}
	})
}
