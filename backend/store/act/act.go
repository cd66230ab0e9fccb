// Package act keeps the history of use (利用履歴): one line for each call that stands in it, under the name that the
// contract gives it (access.v1.Access.record). The interceptor of backend/door/access begins an act and has it noted in
// the call's own transaction; a feature notes it only where the call itself has to find out whose it is (Note), as a
// login does. What was refused (Refused) and what happens by itself (ByItself) are lines, too. Lines vanish with their
// folder.
package act

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	"madoguchi/backend/store/db"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// By is who acts, and from where.
type By struct {
	Folder      string // of who acts; "" when that is only found out
	SessionHash string // of which the history keeps a hash of its own
	Means       portalv1.Means
	MeansID     string
	Device      string // as backend/feature/device calls it
	Browser     string // what it says it is
	Place       string // as the session has it: "JP", "abroad" or ""
	NewDevice   bool   // it begins a session in a browser that was not known
}

// Act is one call as the history tells of it.
type Act struct {
	id, name string
	by       By
	at       time.Time
	about    []string
	result   portalv1.UsageResult
	why      string
}

// Begin makes an act.
func Begin(name string, by By, at time.Time) *Act {
	return &Act{id: rand.Text(), name: name, by: by, at: at, result: portalv1.UsageResult_USAGE_RESULT_DONE}
}

// ahead is why something was read that nobody opened.
const ahead = "ahead"

// Ahead says of an act that a page did it by itself, before the person opened what it fetched.
func (a *Act) Ahead() { a.result, a.why = portalv1.UsageResult_USAGE_RESULT_BY_ITSELF, ahead }

// Session is how the history names a session.
func Session(hash string) string {
	if hash == "" {
		return ""
	}
	sum := sha256.Sum256([]byte("usage\x00" + hash))
	return hex.EncodeToString(sum[:8])
}

type actKey struct{}

// With puts the act into the context of its call.
func With(ctx context.Context, a *Act) context.Context { return context.WithValue(ctx, actKey{}, a) }

// From says who acts, where the call finds that out itself. Without an act it does nothing.
func From(ctx context.Context, by By) {
	if a, ok := ctx.Value(actKey{}).(*Act); ok {
		a.by = by
	}
}

// Ref names the line of the act in the context, for what leads to it: "AT-ID"; "" without an act.
func Ref(ctx context.Context) string {
	a, ok := ctx.Value(actKey{}).(*Act)
	if !ok {
		return ""
	}
	return fmt.Sprintf("%d-%s", a.at.UnixMilli(), a.id)
}

// About says what the act in the context is about: names of fields, never what stands in them. It is said before the
// call's transaction.
func About(ctx context.Context, names ...string) {
	if a, ok := ctx.Value(actKey{}).(*Act); ok {
		a.about = names
	}
}

// Note writes the line of the act in the context within a transaction: the act is about this folder. Without an act it
// does nothing, and noted twice it is one line.
func Note(ctx context.Context, q *db.Queries, folderID string) error {
	a, ok := ctx.Value(actKey{}).(*Act)
	if !ok {
		return nil
	}
	return a.Note(ctx, q, folderID)
}

// ByItself writes a line about something that nobody did: a session that ended with its time.
func ByItself(
	ctx context.Context, q *db.Queries, name, why string, by By, at time.Time,
) error {
	a := Begin(name, by, at)
	a.result, a.why = portalv1.UsageResult_USAGE_RESULT_BY_ITSELF, why
	return a.Note(ctx, q, by.Folder)
}

// mostRefused is how many refused tries an hour are written down: whoever tries without end fills no history.
const mostRefused = 60

// refusedMark begins the ids of lines about refused tries, by which they are counted; no other id has it.
const refusedMark = "r0"

// Refused writes a line about a try that was refused, in a transaction of its own, beyond which nothing stands.
func Refused(ctx context.Context, d *db.DB, folderID, name, why string, by By, at time.Time) error {
	a := Begin(name, by, at)
	a.id = refusedMark + a.id
	a.result, a.why = portalv1.UsageResult_USAGE_RESULT_REFUSED, why
	ctx = db.Alone(context.WithoutCancel(ctx))
	return d.Tx(ctx, func(q *db.Queries) error {
		before, err := q.ActRefusals(ctx, db.ActRefusalsParams{
			FolderID: folderID, Since: at.Add(-time.Hour).UnixMilli(),
		})
		if err != nil || before >= mostRefused {
			return err
		}
		return a.Note(ctx, q, folderID)
	})
}

// Note writes the line of the act, also into the history of who acts for another. A folder that was closed meanwhile
// has no history.
func (a *Act) Note(ctx context.Context, q *db.Queries, folderID string) error {
	actor := cmp.Or(a.by.Folder, folderID)
	histories := []string{folderID}
	if actor != folderID {
		histories = append(histories, actor)
	}
	for _, history := range histories {
		line := a.line()
		line.ByOther, line.ForOther = actor != history, folderID != history
		facts, err := proto.MarshalOptions{Deterministic: true}.Marshal(line)
		if err != nil {
			return fmt.Errorf("writing a line of the history of use: %w", err)
		}
		err = q.ActNote(ctx, db.ActNoteParams{
			FolderID: history, DoneAt: a.at.UnixMilli(), CallID: a.id, Act: a.name, ActorID: actor, SubjectID: folderID,
			Session: line.GetSession(), Facts: string(facts),
		})
		if err != nil {
			return fmt.Errorf("noting %s in the history of use: %w", a.name, err)
		}
	}
	return nil
}

func (a *Act) line() *portalv1.UsageLine {
	return &portalv1.UsageLine{
		Id: a.id, At: a.at.UnixMilli(), Act: a.name, Result: a.result, Why: a.why, About: a.about,
		Session: Session(a.by.SessionHash), Means: a.by.Means, MeansId: a.by.MeansID, Device: a.by.Device,
		Browser: a.by.Browser, Place: places[a.by.Place], NewDevice: a.by.NewDevice,
	}
}

// Home and Abroad are what is kept of where somebody comes from.
const (
	Home   = "JP"
	Abroad = "abroad"
)

var places = map[string]portalv1.UsagePlace{
	Home: portalv1.UsagePlace_USAGE_PLACE_JAPAN, Abroad: portalv1.UsagePlace_USAGE_PLACE_ABROAD,
}

// PlaceOf is where a session's place is, in the words of the contract.
func PlaceOf(place string) portalv1.UsagePlace { return places[place] }

// Line reads what was written down; of a line from before there is its name and time.
func Line(row db.UsageLine) (*portalv1.UsageLine, error) {
	line := &portalv1.UsageLine{}
	if row.Facts == "" {
		return &portalv1.UsageLine{
			Id: row.ID, At: row.DoneAt, Act: row.Act, Result: portalv1.UsageResult_USAGE_RESULT_DONE,
			ByOther: row.ActorID != row.FolderID, ForOther: row.SubjectID != row.FolderID, Session: row.Session,
		}, nil
	}
	if err := proto.Unmarshal([]byte(row.Facts), line); err != nil {
		return nil, fmt.Errorf("reading a line of the history of use: %w", err)
	}
	return line, nil
}

// Position is a place in a history: behind the line that was written then, with that id.
type Position struct {
	At int64 // milliseconds since 1970 UTC
	ID string
}

// Written is a line as it stands in a history.
type Written struct {
	Position
	Line *portalv1.UsageLine
	Leaf uint64 // in which line of the folder's chain it stands; 0 until then
}

func written(row db.UsageLine) (Written, error) {
	line, err := Line(row)
	return Written{Position{row.DoneAt, row.ID}, line, uint64(row.Leaf)}, err
}

// Read reads on from a position, the newest first, back to a time: so many lines at most.
func Read(
	ctx context.Context, q *db.Queries, folderID string, from Position, since int64, size int,
) ([]Written, error) {
	rows, err := q.ActLines(ctx, db.ActLinesParams{
		FolderID: folderID, Before: from.At, BeforeID: from.ID, Since: since, Size: int32(size),
	})
	if err != nil {
		return nil, fmt.Errorf("reading the history of use: %w", err)
	}
	lines := make([]Written, len(rows))
	for i, row := range rows {
		if lines[i], err = written(row); err != nil {
			return nil, err
		}
	}
	return lines, nil
}

// Get gives one line; db.ErrNotFound when there is no such one.
func Get(ctx context.Context, q *db.Queries, folderID string, at Position) (Written, error) {
	row, err := q.ActLine(ctx, db.ActLineParams{FolderID: folderID, DoneAt: at.At, ID: at.ID})
	if err != nil {
		return Written{}, err
	}
	return written(row)
}

// First is when a history begins, in milliseconds; 0 when it is empty.
func First(ctx context.Context, q *db.Queries, folderID string) (int64, error) {
	first, err := q.ActFirst(ctx, folderID)
	if err != nil {
		return 0, fmt.Errorf("reading when a history of use begins: %w", err)
	}
	return first, nil
}
