package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/folder/foldertest"
	store "madoguchi/backend/store/ledger"
	"madoguchi/proto/ledger"
)

func add(t testing.TB, d *db.DB, folder string, chain ledger.Chain, contents ...string) (refs []store.Ref) {
	t.Helper()
	err := d.Tx(context.Background(), func(q *db.Queries) error {
		refs = nil
		for _, content := range contents {
			ref, err := store.Append(context.Background(), q, folder, chain, ledger.Exchange, time.Now(),
				[]byte(content))
			if err != nil {
				return err
			}
			refs = append(refs, ref)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return refs
}

// stored reads a chain as it lies in the database.
func stored(t testing.TB, d *db.DB, folder string, chain ledger.Chain) (lines []ledger.Line, head ledger.Head) {
	t.Helper()
	rows, err := d.Read().LedgerLines(t.Context(), db.LedgerLinesParams{
		FolderID: folder, Chain: int64(chain), FromNumber: 1, ToNumber: 1000, Size: 1000,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		line := ledger.Line{
			Kind: ledger.Kind(row.Kind), Chain: chain, Number: uint64(row.Number), Previous: ledger.Hash(row.Previous),
			RecordedAt: row.RecordedAt, Content: row.Body[ledger.SaltSize:],
		}
		copy(line.Salt[:], row.Body)
		lines = append(lines, line)
	}
	found, err := d.Read().LedgerHead(t.Context(), db.LedgerHeadParams{FolderID: folder, Chain: int64(chain)})
	if err != nil {
		t.Fatal(err)
	}
	return lines, ledger.Head{Count: uint64(found.Count), Last: ledger.Hash(found.Last)}
}

func TestLinesFollowOneAnother(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		foldertest.Open(t, d, "hanako", "taro")
		add(t, d, "hanako", ledger.Exchanges, "one", "two")
		add(t, d, "hanako", ledger.Undisclosed, "hidden")
		add(t, d, "taro", ledger.Exchanges, "another's")
		refs := add(t, d, "hanako", ledger.Exchanges, "three")
		if refs[0].Number != 3 {
			t.Errorf("the third has the number %d", refs[0].Number)
		}
		lines, head := stored(t, d, "hanako", ledger.Exchanges)
		if len(lines) != 3 || string(lines[2].Content) != "three" {
			t.Fatal(lines)
		}
		if err := ledger.CheckChain(lines, head); err != nil {
			t.Error(err)
		}
		if lines, head = stored(t, d, "hanako", ledger.Undisclosed); len(lines) != 1 || head.Count != 1 {
			t.Error(lines, head)
		}
	})
}

// Writers of one chain who meet follow one another all the same.
func TestWritersWhoMeetMakeOneChain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		foldertest.Open(t, d, "hanako")
		ended := make(chan error)
		for i := range 8 {
			go func() {
				ended <- d.Tx(t.Context(), func(q *db.Queries) error {
					_, err := store.Append(t.Context(), q, "hanako", ledger.Usages, ledger.Usage, time.Now(),
						fmt.Append(nil, i))
					return err
				})
			}()
		}
		for range 8 {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
		lines, head := stored(t, d, "hanako", ledger.Usages)
		if err := ledger.CheckChain(lines, head); err != nil || head.Count != 8 {
			t.Error(head.Count, err)
		}
	})
}

func TestNoLineOfAFolderThatIsNotThere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		err := d.Tx(t.Context(), func(q *db.Queries) error {
			_, err := store.Append(t.Context(), q, "nobody", ledger.Exchanges, ledger.Exchange, time.Now(), []byte("x"))
			return err
		})
		if !errors.Is(err, store.ErrNoFolder) {
			t.Error(err)
		}
	})
}

// Erased means gone: with the folder go its lines; their leaves stay on their way, and say nothing.
func TestLinesGoWithTheirFolder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		foldertest.Open(t, d, "hanako")
		add(t, d, "hanako", ledger.Exchanges, "one")
		err := d.Erase(t.Context(), func(q *db.Queries) error {
			_, err := q.FolderDelete(t.Context(), "hanako")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		rows, err := d.Read().LedgerLines(t.Context(), db.LedgerLinesParams{
			FolderID: "hanako", Chain: int64(ledger.Exchanges), FromNumber: 1, ToNumber: 9, Size: 9,
		})
		if err != nil || len(rows) != 0 {
			t.Error(rows, err)
		}
		if _, err := d.Read().LedgerWaits(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// How many lines are kept from people is told of all together, and of months that are over: of whom, and when within
// the month, nobody learns.
func TestUndisclosedLinesAreCountedByTheMonth(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		foldertest.Open(t, d, "hanako", "taro")
		now := time.Date(2026, 10, 31, 14, 59, 0, 0, time.UTC) // a minute before November in Japan
		l, err := store.Open(t.Context(), store.Config{
			DB: d, Place: inFolder(t, t.TempDir()), Signer: signer(t), Now: func() time.Time { return now },
		})
		if err != nil {
			t.Fatal(err)
		}
		w := store.NewWriter(l)
		hide := func(folders ...string) {
			t.Helper()
			err := d.Tx(t.Context(), func(q *db.Queries) error {
				for _, folder := range folders {
					_, err := store.Append(t.Context(), q, folder, ledger.Undisclosed, ledger.Exchange, now,
						[]byte("x"))
					if err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			written(t, w)
		}
		told := func(of string) string {
			t.Helper()
			state, err := l.State(t.Context(), d.Read(), of, 0)
			if err != nil {
				t.Fatal(err)
			}
			list := ""
			for _, m := range state.GetMonths() {
				list += fmt.Sprint(m.GetMonth(), "=", m.GetUndisclosed(), " ")
			}
			return list
		}
		hide("hanako", "taro", "hanako")
		if got := told("hanako"); got != "" {
			t.Errorf("within the month: %s", got)
		}
		now = now.Add(2 * time.Minute)
		hide("taro")
		add(t, d, "hanako", ledger.Exchanges, "told")
		written(t, w)
		for _, of := range []string{"hanako", "taro"} {
			if got := told(of); got != "2026-10=3 " {
				t.Errorf("%s is told %s", of, got)
			}
		}
		now = now.AddDate(0, 1, 0)
		hide("hanako")
		if got := told("taro"); got != "2026-11=1 2026-10=3 " {
			t.Error(got)
		}
	})
}
