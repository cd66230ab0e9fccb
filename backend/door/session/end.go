package session

import (
	"context"
	"fmt"
	"time"

	"madoguchi/backend/door/access"
	"madoguchi/backend/store/act"
	"madoguchi/backend/store/card"
	"madoguchi/backend/store/db"
)

// What ends sessions within a transaction says how many there were. The streams of those who were in them end when Look
// is called after it.

// EndToken ends one session.
func EndToken(ctx context.Context, q *db.Queries, tokenHash string) (int64, error) {
	ended, err := q.SessionEnd(ctx, tokenHash)
	return ended, wrap("ending a session", err)
}

// EndFolder ends the sessions of a person's folder.
func EndFolder(ctx context.Context, q *db.Queries, folderID string) (int64, error) {
	ended, err := q.SessionEndFolder(ctx, folderID)
	return ended, wrap("ending the sessions of a folder", err)
}

// LoggedIn says whether a person has a session.
func (s *Store) LoggedIn(ctx context.Context, q *db.Queries, folderID string) (bool, error) {
	sessions, err := q.SessionsOfFolder(ctx, folderID)
	if err != nil {
		return false, fmt.Errorf("looking for the sessions of a person: %w", err)
	}
	now := s.now()
	for _, one := range sessions {
		if now.Sub(time.UnixMilli(one.SeenAt)) < s.limits.Idle &&
			now.Sub(time.UnixMilli(one.StartedAt)) < s.limits.Longest &&
			now.UnixMilli() < one.CertificateExpiresAt {
			return true, nil
		}
	}
	return false, nil
}

// endPerson ends also those that were begun with one of the person's cards before there was a folder.
func endPerson(ctx context.Context, q *db.Queries, folderID string) (int64, error) {
	ofCards, err := q.SessionEndCardsOfFolder(ctx, folderID)
	if err != nil {
		return 0, fmt.Errorf("ending the sessions of a person's cards: %w", err)
	}
	others, err := EndFolder(ctx, q, folderID)
	return ofCards + others, err
}

// EndCard ends the sessions that were begun with a card, for a reason that stands in the history of use.
func EndCard(ctx context.Context, q *db.Queries, of card.ID, why string, at time.Time) (int64, error) {
	ended, err := q.SessionEndCard(ctx, db.SessionEndCardParams(of))
	if err != nil {
		return 0, wrap("ending the sessions of a card", err)
	}
	return int64(len(ended)), noteEnds(ctx, q, ended, func(db.Session) (string, time.Time) { return why, at })
}

// endedRecord is the line of a session that nobody ended.
const endedRecord = "session.ended"

// noteEnds has the history of use tell of sessions that nobody ended: why, and when.
func noteEnds(
	ctx context.Context, q *db.Queries, ended []db.Session, how func(db.Session) (why string, at time.Time),
) error {
	for _, row := range ended {
		if row.FolderID == "" {
			continue
		}
		why, at := how(row)
		by := act.By{
			Folder: row.FolderID, SessionHash: row.TokenHash, Means: access.Means(row.Means).Message(),
			MeansID: row.MeansID, Device: row.DeviceID, Browser: row.Name, Place: row.Place,
		}
		if err := act.ByItself(ctx, q, endedRecord, why, by, at); err != nil {
			return err
		}
	}
	return nil
}

// EndNamed ends the session of a folder that the history of use calls so, unless it is the one to be left (a hash).
func EndNamed(ctx context.Context, q *db.Queries, folderID, name, left string) (int64, error) {
	rows, err := q.SessionsLive(ctx, folderID)
	if err != nil {
		return 0, fmt.Errorf("reading a person's sessions: %w", err)
	}
	for _, row := range rows {
		if act.Session(row.TokenHash) == name && row.TokenHash != left {
			return EndToken(ctx, q, row.TokenHash)
		}
	}
	return 0, nil
}

// EndOthers ends the sessions of a folder but one, and tells how many there were.
func EndOthers(ctx context.Context, q *db.Queries, folderID, but string) (int64, error) {
	ended, err := q.SessionEndOthers(ctx, db.SessionEndOthersParams{FolderID: folderID, But: but})
	return int64(len(ended)), wrap("ending a person's other sessions", err)
}

// EndDevice ends the sessions of a folder that go on on a device, but one.
func EndDevice(ctx context.Context, q *db.Queries, folderID, device, but string) (int64, error) {
	if device == "" {
		return 0, nil // so is every session of which no device is known
	}
	ended, err := q.SessionEndDevice(ctx, db.SessionEndDeviceParams{FolderID: folderID, DeviceID: device, But: but})
	return int64(len(ended)), wrap("ending the sessions on a device", err)
}

// EndBy ends the sessions of a folder that were begun by one of several means, and those that were let in from them.
func EndBy(ctx context.Context, q *db.Queries, folderID string, means access.Means, id string) (int64, error) {
	ended, err := q.SessionEndBy(ctx, db.SessionEndByParams{
		FolderID: folderID, Means: string(means), MeansID: id, LetIn: string(access.ByPhone),
	})
	return ended, wrap("ending the sessions that a person began so", err)
}

// EndNewcomer ends those of them that have no folder.
func EndNewcomer(ctx context.Context, q *db.Queries, of card.ID) (int64, error) {
	ended, err := q.SessionEndNewcomer(ctx, db.SessionEndNewcomerParams(of))
	return ended, wrap("ending the newcomer's sessions of a card", err)
}

// OfNoIssuer says whether there are sessions from before the authorities of cards were told apart; NameIssuer gives
// those to one.
func OfNoIssuer(ctx context.Context, q *db.Queries) (bool, error) {
	found, err := q.SessionsOfNoIssuer(ctx)
	return found, wrap("looking for sessions of which the authority is not known", err)
}

// NameIssuer says whose the cards are with which the sessions were begun that OfNoIssuer tells of.
func NameIssuer(ctx context.Context, q *db.Queries, issuer string) error {
	_, err := q.SessionsGiveIssuer(ctx, issuer)
	return wrap("noting the authority of sessions", err)
}

func wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}
