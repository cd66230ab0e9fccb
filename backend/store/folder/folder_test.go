package folder_test

import (
	"errors"
	"maps"
	"testing"

	"madoguchi/backend/store/card"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/folder"
)

func TestAFolderComesBackAsItWasWritten(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		tx := func(fn func(q *db.Queries) error) {
			t.Helper()
			if err := d.Tx(t.Context(), fn); err != nil {
				t.Fatal(err)
			}
		}
		want := folder.Folder{
			Folder: db.Folder{
				ID: "f", DisplayName: "はなこ", MailAddress: "a@example.jp", MunicipalityCode: "131105", Language: "easy",
				TermsVersion: "1",
				OpenedAt:     5, LastLoginAt: 6,
			},
			Prefers: map[folder.Preference]bool{"mail.login": true, "mail.notice": false},
		}
		holder := card.ID{Issuer: "a1", Serial: "01"}
		tx(func(q *db.Queries) error { return folder.Open(t.Context(), q, want, holder) })
		check := func() {
			t.Helper()
			got, err := folder.Get(t.Context(), d.Read(), "f")
			if err != nil || got.Folder != want.Folder || !maps.Equal(got.Prefers, want.Prefers) {
				t.Errorf("%+v, %v; want %+v", got, err, want)
			}
			for name := range want.Prefers {
				if on, err := folder.Prefers(t.Context(), d.Read(), "f", name); err != nil || on != want.Prefers[name] {
					t.Errorf("%s: %v, %v", name, on, err)
				}
			}
		}
		check()
		if id, err := d.Read().FolderOfCard(t.Context(), db.FolderOfCardParams(holder)); err != nil || id != "f" {
			t.Errorf("the card opens %q, %v", id, err)
		}
		want.DisplayName, want.MailConfirmedAt, want.MunicipalityCode, want.Language = "花子", 9, "", "en"
		want.Prefers = map[folder.Preference]bool{"mail.login": false, "mail.notice": true}
		tx(func(q *db.Queries) error { return folder.Update(t.Context(), q, want) })
		check()
		// What was not named stays, what nobody ever chose is off.
		tx(func(q *db.Queries) error {
			return folder.Prefer(t.Context(), q, "f", map[folder.Preference]bool{"push.notice": true})
		})
		want.Prefers["push.notice"] = true
		check()
		if on, err := folder.Prefers(t.Context(), d.Read(), "f", "push.login"); err != nil || on {
			t.Errorf("never chosen: %v, %v", on, err)
		}
		// A card opens one folder.
		err := d.Tx(t.Context(), func(q *db.Queries) error {
			return folder.Open(t.Context(), q, folder.Folder{Folder: db.Folder{ID: "g"}}, holder)
		})
		if err == nil {
			t.Error("a card opens two folders")
		}
		if _, err := folder.Get(t.Context(), d.Read(), "g"); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("a folder that was not opened: %v", err)
		}
	})
}
