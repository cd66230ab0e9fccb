package main

import (
	"context"
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
	officev1 "madoguchi/proto/gen/office/v1"
	"madoguchi/proto/gen/office/v1/officev1connect"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

var canary = regexp.MustCompile(`canary\.[a-z]+\.[0-9]{3}z`)

// standing finds the canaries in files. They are read by another process: this one would drop SQLite's locks when it
// closes a file.
func standing(t *testing.T, files ...string) map[string]bool {
	t.Helper()
	content, err := exec.Command("cat", files...).Output()
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, found := range canary.FindAll(content, -1) {
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

// What people gave the portal stands in no byte of its files once they have left, nor in a copy made afterwards.
func TestAClosedFolderIsInNoFile(t *testing.T) {
	w := startWorld(t)
	const people = 40
	var serials []string
	for n := range people {
		serials = append(serials, w.resident(n))
	}
	w.buryAll()
	before := standing(t, w.files()...)
	for _, kind := range []string{"old", "name", "mail", "title", "body", "todo", "deadline", "where"} {
		if !before[fmt.Sprintf("canary.%s.007z", kind)] {
			t.Fatalf("%s never stood in the files: this test shows nothing", kind)
		}
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
	gone := func(files ...string) (left []string) {
		for word := range standing(t, files...) {
			var kind string
			var n int
			if _, err := fmt.Sscanf(strings.ReplaceAll(word, ".", " "), "canary %s %dz", &kind, &n); err != nil {
				t.Fatal(err)
			}
			if n%2 == 1 || kind == "first" {
				left = append(left, word)
			}
		}
		return left
	}
	deadline := time.Now().Add(30 * time.Second)
	for len(gone(w.files()...)) > 0 {
		if time.Now().After(deadline) {
			t.Fatalf("left in the files of the running portal: %v", gone(w.files()...))
		}
		time.Sleep(50 * time.Millisecond)
	}
	if !standing(t, w.files()...)["canary.name.008z"] {
		t.Error("who stayed is gone, too")
	}
	target := filepath.Join(t.TempDir(), "copy")
	if err := backUp(context.Background(), []string{"--database", w.config.database, target},
		func(string) string { return "" }, t.Output()); err != nil {
		t.Fatal(err)
	}
	if left := gone(target); len(left) > 0 {
		t.Errorf("left in a copy: %v", left)
	}
	if !standing(t, target)["canary.name.008z"] {
		t.Error("who stayed is not in the copy")
	}
	if err := w.db.Close(); err != nil {
		t.Fatal(err)
	}
	if left := gone(w.config.database); len(left) > 0 {
		t.Errorf("left after the portal's end: %v", left)
	}
}
