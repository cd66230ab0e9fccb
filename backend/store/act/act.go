// Package act keeps the history of use (利用履歴): one line for each call that stands in it, under the name that the
// contract gives it (access.v1.Access.record). The interceptor of backend/door/access begins an act and has it noted in
// the call's own transaction; a feature notes it only where the call itself has to find out whose it is (Note), as a
// login does. Lines vanish with their folder.
package act

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"madoguchi/backend/store/db"
)

// Act is one call as the history tells of it.
type Act struct {
	id, name, actor, session string
	at                       time.Time
}

// Begin makes an act. The actor is the folder of who acts, "" when that is only found out; sessionHash names the
// actor's session, of which the history keeps a hash of its own.
func Begin(name, actor, sessionHash string, at time.Time) *Act {
	a := &Act{id: rand.Text(), name: name, actor: actor, at: at}
	if sessionHash != "" {
		a.session = Session(sessionHash)
	}
	return a
}

// Session is how the history names a session.
func Session(hash string) string {
	sum := sha256.Sum256([]byte("usage\x00" + hash))
	return hex.EncodeToString(sum[:8])
}

type actKey struct{}

// With puts the act into the context of its call.
func With(ctx context.Context, a *Act) context.Context { return context.WithValue(ctx, actKey{}, a) }

// Note writes the line of the act in the context within a transaction: the act is about this folder. Without an act it
// does nothing, and noted twice it is one line.
func Note(ctx context.Context, q *db.Queries, folderID string) error {
	a, ok := ctx.Value(actKey{}).(*Act)
	if !ok {
		return nil
	}
	return a.Note(ctx, q, folderID)
}

// Note writes the line of the act, also into the history of who acts for another. A folder that was closed meanwhile
// has no history.
func (a *Act) Note(ctx context.Context, q *db.Queries, folderID string) error {
	actor := cmp.Or(a.actor, folderID)
	histories := []string{folderID}
	if actor != folderID {
		histories = append(histories, actor)
	}
	for _, history := range histories {
		err := q.ActNote(ctx, db.ActNoteParams{
			FolderID: history, DoneAt: a.at.UnixMilli(), CallID: a.id, Act: a.name, ActorID: actor, SubjectID: folderID,
			Session: a.session,
		})
		if err != nil {
			return fmt.Errorf("noting %s in the history of use: %w", a.name, err)
		}
	}
	return nil
}
