// Package foldertest opens folders for tests, past everything that a person goes through for it.
package foldertest

import (
	"context"
	"fmt"
	"testing"

	"madoguchi/backend/store/card"
	"madoguchi/backend/store/card/cardtest"
	"madoguchi/backend/store/db"
)

// Meguro is where people live when nothing else is said.
const Meguro = "131105"

// Open opens folders of people who are called like their folders, live in Meguro and read Japanese.
func Open(t testing.TB, d *db.DB, ids ...string) {
	t.Helper()
	folders := make([]db.FolderCreateParams, len(ids))
	for i, id := range ids {
		folders[i] = Of(id)
	}
	Create(t, d, folders...)
}

// Of is the folder that Open opens, for a test that wants it a little different.
func Of(id string) db.FolderCreateParams {
	return db.FolderCreateParams{ID: id, DisplayName: id, MunicipalityCode: Meguro, Language: "ja"}
}

// Create opens folders that hold exactly this.
func Create(t testing.TB, d *db.DB, folders ...db.FolderCreateParams) {
	t.Helper()
	tx(t, d, func(ctx context.Context, q *db.Queries) error {
		for _, folder := range folders {
			if err := q.FolderCreate(ctx, folder); err != nil {
				return fmt.Errorf("opening the folder %s: %w", folder.ID, err)
			}
		}
		return nil
	})
}

// GiveCards says of a folder whose it is.
func GiveCards(t testing.TB, d *db.DB, folder string, cards ...card.ID) {
	t.Helper()
	tx(t, d, func(ctx context.Context, q *db.Queries) error { return giveCards(ctx, q, folder, cards...) })
}

// Crowd opens so many folders, each with a card. The people take turns in living in the places, Meguro when there are
// none; folders and cards are those of Nth.
func Crowd(t testing.TB, d *db.DB, people int, places ...string) {
	t.Helper()
	tx(t, d, func(ctx context.Context, q *db.Queries) error {
		for n := range people {
			folder, its := Nth(n)
			opened := Of(folder)
			if len(places) > 0 {
				opened.MunicipalityCode = places[n%len(places)]
			}
			if err := q.FolderCreate(ctx, opened); err != nil {
				return fmt.Errorf("opening the folder %s: %w", folder, err)
			}
			if err := giveCards(ctx, q, folder, its); err != nil {
				return err
			}
		}
		return nil
	})
}

// Nth is the folder of one of a crowd, with its card, whose serial is the number after n.
func Nth(n int) (folder string, its card.ID) {
	return fmt.Sprintf("F%04d", n), cardtest.ID(fmt.Sprintf("%x", n+1))
}

func giveCards(ctx context.Context, q *db.Queries, folder string, cards ...card.ID) error {
	for _, c := range cards {
		_, err := q.FolderAddCard(ctx, db.FolderAddCardParams{Issuer: c.Issuer, Serial: c.Serial, FolderID: folder})
		if err != nil {
			return fmt.Errorf("giving the folder %s a card: %w", folder, err)
		}
	}
	return nil
}

func tx(t testing.TB, d *db.DB, do func(context.Context, *db.Queries) error) {
	t.Helper()
	ctx := t.Context()
	if err := d.Tx(ctx, func(q *db.Queries) error { return do(ctx, q) }); err != nil {
		t.Fatal(err)
	}
}
