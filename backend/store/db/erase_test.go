package db_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/folder/foldertest"
)

var canary = regexp.MustCompile(`canary-[a-z]+-[0-9a-f]{16}`)

// found lists which of the words stand in the files of a store.
func found(t *testing.T, path string, words []string) (list []string) {
	t.Helper()
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %v", files, err)
	}
	// Read by another process: this one would drop SQLite's locks when it closes a file.
	content, err := exec.Command("cat", files...).Output()
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, w := range canary.FindAll(content, -1) {
		there[string(w)] = true
	}
	for _, w := range words {
		if there[w] {
			list = append(list, w)
		}
	}
	return list
}

func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(3 * time.Minute); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not after three minutes: %s", what)
		}
	}
}

type people struct {
	t      *testing.T
	d      *db.DB
	random *rand.Rand
	there  []string
	gone   []string // words that are to stand nowhere
	kept   []string
}

func newPeople(t *testing.T, d *db.DB) *people {
	return &people{t: t, d: d, random: rand.New(rand.NewPCG(1, 2))}
}

// words are what a person's rows hold where it is not sealed, so that the files are seen to be cleaned.
func words(id string) []string {
	return []string{
		"canary-name-" + id, "canary-mail-" + id, "canary-title-" + id, "canary-body-" + id, "canary-todo-" + id,
	}
}

// come writes so many people with notices of many sizes, so that pages are split and built anew.
func (p *people) come(n int) {
	p.t.Helper()
	ctx := p.t.Context()
	var new []string
	for range n {
		new = append(new, fmt.Sprintf("%016x", p.random.Uint64()))
	}
	err := p.d.Tx(ctx, func(q *db.Queries) error {
		for _, id := range new {
			w := words(id)
			opened := foldertest.Of(id)
			opened.TermsVersion = w[0]
			if err := q.FolderCreate(ctx, opened); err != nil {
				return err
			}
			err := q.AccountAddMailConfirmation(ctx, db.AccountAddMailConfirmationParams{
				TokenHash: w[1], FolderID: id, Address: "a@example.jp", ExpiresAt: 1,
			})
			if err != nil {
				return err
			}
			_, err = q.TaskAdd(ctx, db.TaskAddParams{FolderID: id, ID: w[4], Title: "t", Same: "t"})
			if err != nil {
				return err
			}
			for i := range p.random.IntN(4) {
				_, err := q.NoticeCreate(ctx, db.NoticeCreateParams{
					FolderID: id, ID: fmt.Sprintf("%d", i), OfficeID: "o", Reference: w[2] + fmt.Sprint(i), Title: "t",
					Body: strings.Repeat("x", p.random.IntN(3000)),
				})
				if err != nil {
					return err
				}
				err = q.NoticeActionSet(ctx, db.NoticeActionSetParams{
					FolderID: id, NoticeID: fmt.Sprint(i),
					OwnDue: w[3] + strings.Repeat("x", p.random.IntN(3000)) + w[3],
				})
				if err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		p.t.Fatal(err)
	}
	p.there = append(p.there, new...)
}

func (p *people) leave(n int) {
	p.t.Helper()
	ctx := p.t.Context()
	var leaving []string
	for range n {
		i := p.random.IntN(len(p.there))
		leaving = append(leaving, p.there[i])
		p.there[i] = p.there[len(p.there)-1]
		p.there = p.there[:len(p.there)-1]
	}
	err := p.d.Erase(ctx, func(q *db.Queries) error {
		for _, id := range leaving {
			if _, err := q.FolderDelete(ctx, id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		p.t.Fatal(err)
	}
	for _, id := range leaving {
		p.gone = append(p.gone, words(id)...)
	}
}

// What was erased stands in no file of a store that goes on, while others come and go.
func TestErasedMeansGone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "portal.sqlite")
	d, err := db.Own(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	keyed(t, d)
	defer d.Close()
	p := newPeople(t, d)
	for range 150 {
		p.come(20)
		p.leave(10)
	}
	until(t, "nothing of those who left is in the files", func() bool { return len(found(t, path, p.gone)) == 0 })
	for _, id := range p.there {
		p.kept = append(p.kept, words(id)[0])
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if left := found(t, path, p.gone); len(left) > 0 {
		t.Errorf("after closing: %v", left)
	}
	if kept := found(t, path, p.kept); len(kept) != len(p.kept) {
		t.Errorf("%d of %d who stayed are there", len(kept), len(p.kept))
	}
	if err := check(t, path); err != nil {
		t.Error(err)
	}
}

func check(t *testing.T, path string) error {
	t.Helper()
	pool, err := sql.Open("sqlite", path)
	if err != nil {
		return err
	}
	defer pool.Close()
	var verdict string
	if err := pool.QueryRow("PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		return fmt.Errorf("%s, %w", verdict, err)
	}
	return nil
}

// Somebody who reads holds the log; nobody waits for that, and it is swept afterwards.
func TestAReaderDelaysTheSweepOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "portal.sqlite")
	d, err := db.Own(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	keyed(t, d)
	defer d.Close()
	p := newPeople(t, d)
	p.come(1)
	pool, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	reading, err := pool.BeginTx(t.Context(), &sql.TxOptions{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := reading.QueryRow("SELECT COUNT(*) FROM folder").Scan(&n); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	p.leave(1)
	for i := range 20 { // writing goes on
		err := d.Tx(t.Context(), func(q *db.Queries) error { return put(t.Context(), q, fmt.Sprint(i), "x") })
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(found(t, path, p.gone)) == 0 {
		t.Error("swept under a reader who may still read it")
	}
	if err := reading.Rollback(); err != nil {
		t.Fatal(err)
	}
	until(t, "swept once nobody reads", func() bool { return len(found(t, path, p.gone)) == 0 })
}

// What a process could not sweep any more, the next one does.
func TestTheNextStartSweeps(t *testing.T) {
	path := filepath.Join(t.TempDir(), "portal.sqlite")
	d, err := db.Own(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	keyed(t, d)
	p := newPeople(t, d)
	p.come(50)
	pool, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	reading, err := pool.BeginTx(t.Context(), &sql.TxOptions{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := reading.QueryRow("SELECT COUNT(*) FROM folder").Scan(&n); err != nil || n != 50 {
		t.Fatal(n, err)
	}
	p.leave(25)
	if err := d.Close(); err != nil { // cannot: somebody reads
		t.Fatal(err)
	}
	if err := reading.Rollback(); err != nil {
		t.Fatal(err)
	}
	if len(found(t, path, p.gone)) == 0 {
		t.Fatal("there is nothing left to sweep")
	}
	if d, err = db.Own(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	keyed(t, d)
	defer d.Close()
	until(t, "swept by the next start", func() bool { return len(found(t, path, p.gone)) == 0 })
}

// A database of the time before anything was swept is written anew when it is opened first.
func TestAnOlderDatabaseIsWrittenAnew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "portal.sqlite")
	d, err := db.Own(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	keyed(t, d)
	p := newPeople(t, d)
	p.come(50)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	pool, err := sql.Open("sqlite", path+"?_pragma=foreign_keys(1)") // without secure_delete
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range p.there {
		if _, err := pool.Exec("DELETE FROM folder WHERE id = ?", id); err != nil {
			t.Fatal(err)
		}
		p.gone = append(p.gone, words(id)...)
	}
	if _, err := pool.Exec("UPDATE store_note SET value = -1 WHERE name = 'swept'"); err != nil {
		t.Fatal(err)
	}
	pool.Close()
	if len(found(t, path, p.gone)) == 0 {
		t.Fatal("there is nothing left to sweep")
	}
	if d, err = db.Own(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	keyed(t, d)
	defer d.Close()
	if left := found(t, path, p.gone); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

func TestErasingIsATransaction(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPeople(t, d)
		p.come(2)
		err := d.Erase(context.Background(), func(q *db.Queries) error {
			if _, err := q.FolderDelete(context.Background(), p.there[0]); err != nil {
				return err
			}
			return errMeant
		})
		if err != errMeant { //nolint:errorlint // as it was given
			t.Errorf("got %v", err)
		}
		if _, err := d.Read().FolderGet(context.Background(), p.there[0]); err != nil {
			t.Errorf("erased all the same: %v", err)
		}
		first := p.there[0]
		p.leave(2)
		if _, err := d.Read().FolderGet(context.Background(),
			first); err != db.ErrNotFound { //nolint:errorlint // as it is
			t.Errorf("got %v", err)
		}
	})
}
