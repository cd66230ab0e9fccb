package act_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"madoguchi/backend/store/act"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/folder/foldertest"
)

var at = time.UnixMilli(1_800_000_000_000)

// lines are a folder's, the newest first, as "act by ACTOR about SUBJECT".
func lines(t *testing.T, d *db.DB, folderID string) (list []string) {
	t.Helper()
	rows, err := d.Read().ActLines(t.Context(), db.ActLinesParams{FolderID: folderID, Before: math.MaxInt64, Size: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		list = append(list, row.Act+" by "+row.ActorID+" about "+row.SubjectID)
	}
	return list
}

func note(t *testing.T, d *db.DB, a *act.Act, folderID string) {
	t.Helper()
	if err := d.Tx(t.Context(), func(q *db.Queries) error { return a.Note(t.Context(), q, folderID) }); err != nil {
		t.Fatal(err)
	}
}

func TestLines(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		foldertest.Open(t, d, "hanako")
		foldertest.Open(t, d, "taro")
		read := act.Begin("notice.read", act.By{Folder: "hanako", SessionHash: "a session's hash"}, at)
		note(t, d, read, "hanako")
		note(t, d, read, "hanako") // a transaction that was tried again
		note(t, d, act.Begin("notice.mark", act.By{Folder: "taro"}, at.Add(1e9)), "hanako")
		note(t, d, act.Begin("login.begin", act.By{}, at.Add(2e9)), "hanako")
		note(t, d, act.Begin("notice.read", act.By{Folder: "gone"}, at), "gone")
		want := []string{
			"login.begin by hanako about hanako", "notice.mark by taro about hanako",
			"notice.read by hanako about hanako",
		}
		if got := lines(t, d, "hanako"); !slices.Equal(got, want) {
			t.Errorf("the principal's: %v", got)
		}
		if got := lines(t, d, "taro"); !slices.Equal(got, want[1:2]) {
			t.Errorf("the agent's: %v", got)
		}
		rows, err := d.Read().ActLines(t.Context(), db.ActLinesParams{
			FolderID: "hanako", Before: at.UnixMilli() + 1, Size: 1,
		})
		if err != nil || len(rows) != 1 || rows[0].Session != act.Session("a session's hash") ||
			strings.Contains(rows[0].Session, "hash") {
			t.Errorf("%v, %v", rows, err)
		}

		err = d.Erase(t.Context(), func(q *db.Queries) error {
			_, err := q.FolderDelete(t.Context(), "hanako")
			return err
		})
		if got := lines(t, d, "hanako"); err != nil || len(got) != 0 {
			t.Errorf("a closed folder's: %v, %v", got, err)
		}
		if got := lines(t, d, "taro"); len(got) != 1 {
			t.Errorf("the agent's own, after that: %v", got)
		}
	})
}

// What was rolled back was not done.
func TestALineGoesWithItsTransaction(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		foldertest.Open(t, d, "hanako")
		ctx := act.With(t.Context(), act.Begin("todo.add", act.By{Folder: "hanako"}, at))
		failed := errors.New("the feature's")
		err := d.Tx(ctx, func(q *db.Queries) error { return errors.Join(act.Note(ctx, q, "hanako"), failed) })
		if got := lines(t, d, "hanako"); !errors.Is(err, failed) || len(got) != 0 {
			t.Errorf("%v, %v", got, err)
		}
		err = d.Tx(ctx, func(q *db.Queries) error { return act.Note(ctx, q, "hanako") })
		if got := lines(t, d, "hanako"); err != nil || len(got) != 1 {
			t.Errorf("%v, %v", got, err)
		}
		err = d.Tx(t.Context(), func(q *db.Queries) error { return act.Note(context.Background(), q, "hanako") })
		if got := lines(t, d, "hanako"); err != nil || len(got) != 1 {
			t.Errorf("without an act: %v, %v", got, err)
		}
	})
}
