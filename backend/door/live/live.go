// Package live tells open pages that something of theirs changed, so that they look again: one stream a page for every
// feature, whichever process took the change in. A feature declares its kind in the contract (portal.v1.ChangeKind),
// calls Tell in the transaction that changes something, and has nothing else to do. What changed never passes here,
// only that it did; the page asks the feature, which knows who asks.
//
// What is told is a row (live_change), written with the change and read by every process once a second, and at once by
// the one that wrote it: a read costs the same however many streams are open, and a change costs what its folder's
// streams cost. Rows go after some minutes, and with the folder. No row is passed over, however late its transaction
// commits (db.DB.Settled), and a page that comes back says what it has heard last and hears the rest.
package live

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"time"

	"madoguchi/backend/store/db"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// Tell has a person's pages told, once the transaction is committed, that something of a kind changed; about is its id,
// or "" when it may be any.
func Tell(ctx context.Context, q *db.Queries, folderID string, kind portalv1.ChangeKind, about string) error {
	return write(ctx, q, db.LiveAddParams{
		FolderID: sql.NullString{String: folderID, Valid: true}, Kind: int64(kind), About: about,
	})
}

// TellPlace is Tell for everybody who lives at a place, in a ward of it too; "" is the nation.
func TellPlace(ctx context.Context, q *db.Queries, placeCode string, kind portalv1.ChangeKind, about string) error {
	return write(ctx, q, db.LiveAddParams{PlaceCode: placeCode, Kind: int64(kind), About: about})
}

func write(ctx context.Context, q *db.Queries, row db.LiveAddParams) (err error) {
	if row.Position, err = q.Place(ctx); err != nil {
		return err
	}
	row.ID, row.WrittenAt = rand.Text(), time.Now().UnixMilli()
	if err := q.LiveAdd(ctx, row); err != nil {
		return fmt.Errorf("writing down that something changed: %w", err)
	}
	return nil
}
