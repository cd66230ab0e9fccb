package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/office/officetest"
	"madoguchi/backend/outside/tell"
	"madoguchi/backend/store/card/cardtest"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/folder"
	"madoguchi/backend/store/keys"
	"madoguchi/backend/store/seal"
	officev1 "madoguchi/proto/gen/office/v1"
	"madoguchi/proto/gen/office/v1/officev1connect"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

var canary = regexp.MustCompile(`canary\.[a-z]+\.[0-9]{3}z`)

// contentOf reads files by another process: this one would drop SQLite's locks when it closes a file. A journal may be
// gone by the time that it is read.
func contentOf(t *testing.T, files ...string) []byte {
	t.Helper()
	content, err := exec.Command("sh", append([]string{"-c", `cat "$@" || true`, "cat"}, files...)...).Output()
	if err != nil || len(content) == 0 {
		t.Fatal(len(content), err)
	}
	return content
}

// standing finds the canaries in files.
func standing(t *testing.T, files ...string) map[string]bool {
	t.Helper()
	there := map[string]bool{}
	for _, found := range canary.FindAll(contentOf(t, files...), -1) {
		there[string(found)] = true
	}
	return there
}

func (w *world) files() []string {
	w.t.Helper()
	files, err := filepath.Glob(w.config.database + "*")
	if err != nil || len(files) < 3 {
		w.t.Fatal(files, err)
	}
	return files
}

// holder begins a session of whoever has the card.
func (w *world) holder(serial, purpose string) *http.Cookie {
	w.t.Helper()
	folder, err := w.db.Read().FolderOfCard(context.Background(), db.FolderOfCardParams(cardtest.ID(serial)))
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		w.t.Fatal(err)
	}
	return w.beginWith(cardtest.ID(serial), folder, purpose)
}

// resident opens a folder, confirms its address, changes its name, remembers a task, gets notices, and has a mail that
// was given up.
func (w *world) resident(n int) (serial string) {
	w.t.Helper()
	ctx, serial := context.Background(), fmt.Sprintf("%04x", n)
	word := func(kind string) string { return fmt.Sprintf("canary.%s.%03dz", kind, n) }
	opening := opening()
	opening.DisplayName, opening.MailAddress, opening.MailOnNotice = word("first"), word("old")+"@example.jp", true
	if _, err := portalv1connect.NewAccountServiceClient(withCookie{w.holder(serial, "")}, w.front).OpenAccount(ctx,
		opening); err != nil {
		w.t.Fatal(err)
	}
	var id string
	err := w.db.Tx(ctx, func(q *db.Queries) (err error) {
		if id, err = q.FolderOfCard(ctx, db.FolderOfCardParams(cardtest.ID(serial))); err != nil {
			return err
		}
		err = q.AccountAddMailConfirmation(ctx, db.AccountAddMailConfirmationParams{
			TokenHash: id, FolderID: id, Address: word("old") + "@example.jp",
			ExpiresAt: time.Now().Add(time.Hour).UnixMilli(),
		})
		if err != nil {
			return err
		}
		_, err = q.FolderUpdate(ctx, db.FolderUpdateParams{
			ID: id, DisplayName: word("name"), MailAddress: word("mail") + "@example.jp", MailConfirmedAt: 1,
			MunicipalityCode: "131105", Language: "ja",
		})
		if err != nil {
			return err
		}
		return folder.Prefer(ctx, q, id, map[folder.Preference]bool{tell.Mail.Preference(tell.Login): true})
	})
	if err != nil {
		w.t.Fatal(err)
	}
	officetest.Introduce(w.t, w.db, id, "nenkin")
	guide := portalv1connect.NewGuideServiceClient(withCookie{w.holder(serial, "")}, w.front)
	if _, err := guide.AddTasks(ctx, &portalv1.AddTasksRequest{Tasks: []*portalv1.Task{
		{Title: word("todo"), Deadline: word("deadline"), Where: &portalv1.LocalText{Ja: word("where")}},
	}}); err != nil {
		w.t.Fatal(err)
	}
	sender := officev1connect.NewNoticeServiceClient(w.office("nenkin"), w.back, connect.WithGRPC())
	for i := range 3 {
		_, err := sender.SendNotice(ctx, &officev1.SendNoticeRequest{
			Reference: fmt.Sprintf("%d-%d", n, i), Title: word("title"),
			Body:     word("body") + strings.Repeat(" 本文", 100*i) + word("body"),
			Audience: &officev1.SendNoticeRequest_Person{Person: "nenkin-" + id},
		})
		if err != nil {
			w.t.Fatal(err)
		}
	}
	return serial
}

// buryAll gives up every job that waits, as after twelve attempts, with what a mail server might have answered.
func (w *world) buryAll() {
	w.t.Helper()
	ctx := context.Background()
	err := w.db.Tx(ctx, func(q *db.Queries) error {
		for {
			job, err := q.JobLease(ctx, db.JobLeaseParams{
				Until: time.Now().Add(99 * time.Hour).UnixMilli(), Now: time.Now().Add(9 * time.Hour).UnixMilli(),
			})
			if err == db.ErrNotFound { //nolint:errorlint // as the query gives it
				return nil
			}
			if err != nil {
				return err
			}
			_, err = q.JobBury(ctx, db.JobBuryParams{
				ID: job.ID, LeasedUntil: job.LeaseUntil, DeadAt: time.Now().UnixMilli(), LastError: "no server",
			})
			if err != nil {
				return err
			}
		}
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// sealedOf are the sealed values of somebody's rows, as they stand in the database, and the key that they open with.
func (w *world) sealedOf(serial string) (values []string, folderID string) {
	w.t.Helper()
	ctx := context.Background()
	folderID, err := w.db.Read().FolderOfCard(ctx, db.FolderOfCardParams(cardtest.ID(serial)))
	if err != nil {
		w.t.Fatal(err)
	}
	pool, err := sql.Open("sqlite", w.config.database)
	if err != nil {
		w.t.Fatal(err)
	}
	defer pool.Close()
	for _, table := range seal.Tables {
		for column := range table.Sealed {
			values = append(values, schema{DB: pool}.texts(w.t, fmt.Sprintf(
				"SELECT CAST(%s AS BLOB) FROM %s WHERE %s = $1 AND %[1]s <> ''", column, table.Name, table.Folder),
				folderID)...)
		}
	}
	key, err := w.folders.Store().Get(ctx, folderID)
	if err != nil {
		w.t.Fatal(err)
	}
	return append(values, string(key.Key)), folderID
}

// leftIn are those of some values that stand in files.
func leftIn(t *testing.T, values []string, files ...string) (left []string) {
	t.Helper()
	content := contentOf(t, files...)
	for _, value := range values {
		if bytes.Contains(content, []byte(value)) {
			left = append(left, value)
		}
	}
	return left
}

// What people gave the portal stands plain in no byte of its files. Once they have left it does not even stand there
// sealed, nor in a copy made afterwards, and the key that would open it stands nowhere.
func TestAClosedFolderIsInNoFile(t *testing.T) {
	w := startWorld(t)
	const people = 40
	var serials []string
	for n := range people {
		serials = append(serials, w.resident(n))
	}
	w.buryAll()
	if plain := standing(t, w.files()...); len(plain) > 0 {
		t.Errorf("plain in the files: %v", plain)
	}
	var leaving, staying, closed []string
	for n, serial := range serials {
		values, id := w.sealedOf(serial)
		if len(values) < 20 {
			t.Fatalf("of %s there are only %d values: this test shows nothing", id, len(values))
		}
		if n%2 == 0 {
			staying = append(staying, values...)
		} else {
			leaving, closed = append(leaving, values...), append(closed, id)
		}
	}
	if there := leftIn(t, leaving, w.files()...); len(there) != len(leaving) {
		t.Fatalf("%d of %d values ever stood in the files: this test shows nothing", len(there), len(leaving))
	}
	for n, serial := range serials {
		if n%2 == 0 {
			continue
		}
		client := portalv1connect.NewAccountServiceClient(withCookie{w.holder(serial, "account.close")}, w.front)
		if _, err := client.CloseAccount(context.Background(), &portalv1.CloseAccountRequest{}); err != nil {
			t.Fatal(err)
		}
	}
	deadline := time.Now().Add(3 * time.Minute)
	for len(leftIn(t, leaving, w.files()...)) > 0 {
		if time.Now().After(deadline) {
			t.Fatalf("left in the files of the running portal: %q", leftIn(t, leaving, w.files()...))
		}
		time.Sleep(50 * time.Millisecond)
	}
	if there := leftIn(t, staying, w.files()...); len(there) != len(staying) {
		t.Errorf("of those who stayed %d of %d values are there", len(there), len(staying))
	}
	for _, id := range closed {
		if _, err := w.folders.Key(t.Context(), id); !errors.Is(err, seal.ErrNoKey) {
			t.Errorf("the key of a closed folder: %v", err)
		}
	}
	target := filepath.Join(t.TempDir(), "copy")
	if err := backUp(context.Background(), []string{"--database", w.config.database, target},
		func(string) string { return "" }, t.Output()); err != nil {
		t.Fatal(err)
	}
	if left := leftIn(t, leaving, target); len(left) > 0 {
		t.Errorf("left in a copy: %q", left)
	}
	if there := leftIn(t, staying, target); len(there) != len(staying)-people/2 { // the keys are not in it
		t.Errorf("of those who stayed %d of %d values are in the copy", len(there), len(staying)-people/2)
	}
	if err := w.db.Close(); err != nil {
		t.Fatal(err)
	}
	files := []string{w.config.database, w.config.database + ".keys.folders"}
	if left := leftIn(t, leaving, files...); len(left) > 0 {
		t.Errorf("left after the portal's end: %q", left)
	}
	if plain := standing(t, files...); len(plain) > 0 {
		t.Errorf("plain in the files: %v", plain)
	}
}

// A copy of the database from before a folder was closed gives nothing of it with the keys of today, neither when it is
// restored nor when somebody looks into it.
func TestAnOlderCopyOfAClosedFolderTellsNothing(t *testing.T) {
	w := startWorld(t)
	leaves, stays := w.resident(1), w.resident(2)
	w.buryAll()
	_, left := w.sealedOf(leaves)
	_, stayed := w.sealedOf(stays)
	copied := filepath.Join(t.TempDir(), "copy")
	if err := backUp(t.Context(), []string{"--database", w.config.database, copied}, func(string) string { return "" },
		t.Output()); err != nil {
		t.Fatal(err)
	}
	client := portalv1connect.NewAccountServiceClient(withCookie{w.holder(leaves, "account.close")}, w.front)
	if _, err := client.CloseAccount(t.Context(), &portalv1.CloseAccountRequest{}); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(3 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		_, err := w.folders.Store().Get(t.Context(), left)
		if errors.Is(err, seal.ErrNoKey) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the key lives on: %v", err)
		}
	}
	look, err := db.Open(t.Context(), copied)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := seal.OpenStore(t.Context(), w.keys.Path()+".folders")
	if err != nil {
		t.Fatal(err)
	}
	if err := look.SealWith(t.Context(), seal.New(kept, w.keys.Ring(keys.Folder), time.Now)); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]error{left: seal.ErrNoKey, stayed: nil} {
		_, name := look.Read().FolderGet(t.Context(), id)
		_, tasks := look.Read().TaskList(t.Context(), id)
		_, notices := look.Read().NoticesOfFolder(t.Context(), id)
		_, chosen := look.Read().FolderPreferences(t.Context(), id)
		_, acts := look.Read().ActsOfFolder(t.Context(), id)
		for what, err := range map[string]error{
			"name": name, "tasks": tasks, "notices": notices, "preferences": chosen, "history": acts,
		} {
			if !errors.Is(err, want) {
				t.Errorf("%s of %s: %v, want %v", what, id, err, want)
			}
		}
	}
	if err := look.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.db.Close(); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := restore(t.Context(), []string{"--database", w.config.database, copied},
		func(string) string { return "" }, &out); err != nil || !strings.Contains(out.String(), "stay closed: 1") {
		t.Fatalf("%s, %v", &out, err)
	}
	again := open(t, w.config.database)
	if _, err := openFolderKeys(t.Context(), "", w.keys, again); err != nil {
		t.Fatal(err)
	}
	if there, err := again.Read().FolderExists(t.Context(), left); err != nil || there {
		t.Errorf("the closed folder is open again: %v, %v", there, err)
	}
	if f, err := again.Read().FolderGet(t.Context(), stayed); err != nil || f.DisplayName != "canary.name.002z" {
		t.Errorf("who stayed: %q, %v", f.DisplayName, err)
	}
}
