package session

import (
	"context"
	"fmt"

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

// endPerson ends also those that were begun with one of the person's cards before there was a folder.
func endPerson(ctx context.Context, q *db.Queries, folderID string) (int64, error) {
	ofCards, err := q.SessionEndCardsOfFolder(ctx, folderID)
	if err != nil {
		return 0, fmt.Errorf("ending the sessions of a person's cards: %w", err)
	}
	others, err := EndFolder(ctx, q, folderID)
	return ofCards + others, err
}

// EndCard ends the sessions that were begun with a card.
func EndCard(ctx context.Context, q *db.Queries, of card.ID) (int64, error) {
	ended, err := q.SessionEndCard(ctx, db.SessionEndCardParams(of))
	return ended, wrap("ending the sessions of a card", err)
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
