package tell_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"madoguchi/backend/outside/mail"
	"madoguchi/backend/outside/tell"
	"madoguchi/backend/store/card"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/folder"
)

func TestPeopleAreToldAsTheyChose(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		page, letter, fallback := tell.Told{
			By: tell.Page,
		}, tell.Told{By: tell.Mail}, tell.Told{By: tell.Page, Instead: tell.Mail}
		for name, c := range map[string]struct {
			address       string
			confirmed     int64
			login, notice bool
			kind          tell.Kind
			want          []tell.Told
		}{
			"login":                   {"a@example.jp", 1, true, false, tell.Login, []tell.Told{page, letter}},
			"no login":                {"a@example.jp", 1, false, true, tell.Login, []tell.Told{page}},
			"notice":                  {"a@example.jp", 1, false, true, tell.Notice, []tell.Told{page, letter}},
			"no notice":               {"a@example.jp", 1, true, false, tell.Notice, []tell.Told{page}},
			"an address not his":      {"a@example.jp", 0, true, true, tell.Login, []tell.Told{page, fallback}},
			"no address":              {"", 0, true, true, tell.Notice, []tell.Told{page, fallback}},
			"no address, not wanted":  {"", 0, false, false, tell.Notice, []tell.Told{page}},
			"not confirmed, unwanted": {"a@example.jp", 0, false, false, tell.Login, []tell.Told{page}},
		} {
			t.Run(name, func(t *testing.T) {
				f := folder.Folder{
					Folder: db.Folder{ID: "F" + name, MailAddress: c.address, Language: "ja"},
					Prefers: map[folder.Preference]bool{
						tell.Mail.Preference(tell.Login): c.login, tell.Mail.Preference(tell.Notice): c.notice,
					},
				}
				at := time.Date(2026, 11, 22, 15, 30, 0, 0, time.UTC)
				var told []tell.Told
				var job db.Job
				err := d.Tx(t.Context(), func(q *db.Queries) error {
					if err := folder.Open(t.Context(), q, f, card.ID{Issuer: "a1", Serial: name}); err != nil {
						return err
					}
					f.MailConfirmedAt = c.confirmed
					err := folder.Update(t.Context(), q, f)
					if err != nil {
						return err
					}
					if told, err = tell.Tell(t.Context(), q, f.ID, c.kind, tell.About{At: at}); err != nil {
						return err
					}
					until := time.Now().Add(time.Hour).UnixMilli()
					job, err = q.JobLease(t.Context(), db.JobLeaseParams{Now: time.Now().UnixMilli(), Until: until})
					if errors.Is(err, db.ErrNotFound) {
						return nil
					}
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(told, c.want) {
					t.Errorf("told by %v, want %v", told, c.want)
				}
				if by := slices.Contains(c.want, letter); by != (job.Kind == mail.JobKind) {
					t.Fatalf("a mail waits: %q", job.Kind)
				} else if !by {
					return
				}
				var waiting struct {
					FolderID string `json:"folder_id"`
					Kind     mail.Kind
					At       int64
				}
				kind := map[tell.Kind]mail.Kind{tell.Login: mail.LoggedIn, tell.Notice: mail.NoticeArrived}[c.kind]
				if err := json.Unmarshal([]byte(job.Payload), &waiting); err != nil {
					t.Fatal(err)
				}
				if waiting.FolderID != f.ID || waiting.Kind != kind || waiting.At != at.UnixMilli() {
					t.Errorf("the mail: %+v", waiting)
				}
			})
		}
	})
}
