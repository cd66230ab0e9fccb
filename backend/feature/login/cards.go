package login

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"golang.org/x/sync/errgroup"

	"madoguchi/backend/door/session"
	"madoguchi/backend/outside/jlis"
	"madoguchi/backend/store/audit"
	"madoguchi/backend/store/card"
	"madoguchi/backend/store/db"
)

const (
	lookPause = 15 * time.Second // between two looks for cards that are due
	lookBatch = 64
	askAtOnce = 8
)

// NameIssuers gives the cards from before authorities were told apart to the one that is configured. With several
// nobody can say whose they are: an error, and the portal must not start.
func NameIssuers(ctx context.Context, d *db.DB, cas []*x509.Certificate) error {
	unnamed, err := d.Read().FolderCardsOfNoIssuer(ctx)
	if err != nil {
		return fmt.Errorf("looking for cards of which the authority is not known: %w", err)
	}
	inSessions, err := session.OfNoIssuer(ctx, d.Read())
	if err != nil {
		return err
	}
	if !unnamed && !inSessions {
		return nil
	}
	issuers := map[string]bool{}
	for _, ca := range cas {
		issuers[card.Issuer(ca)] = true
	}
	if len(issuers) != 1 {
		return errors.New("the database holds cards from before authorities were told apart, and several are " +
			"configured: start the portal once with the one alone that issued them, which notes it down; after " +
			"that with all")
	}
	return d.Tx(ctx, func(q *db.Queries) error {
		cards, err := q.FolderCardsGiveIssuer(ctx, card.Issuer(cas[0]))
		if err != nil {
			return fmt.Errorf("noting the authority of cards: %w", err)
		}
		if err := session.NameIssuer(ctx, q, card.Issuer(cas[0])); err != nil {
			return err
		}
		authority := cas[0].Subject.String()
		slog.InfoContext(ctx, "cards from before are now known by their authority", "cards", cards,
			"authority", authority)
		return nil
	})
}

// Watch asks J-LIS again and again about the cards with open sessions, until ctx ends: a card that was stopped ends
// what was begun with it, and so does one of which nothing was heard for too long. Several instances share the work.
func (s *Service) Watch(ctx context.Context) {
	for {
		found, err := s.look(ctx)
		if err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, "asking again about the cards with open sessions", "cause", err)
		}
		if found > 0 && err == nil {
			continue // there may be more; what came to nothing is not due at once
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(lookPause + time.Duration(rand.Int64N(int64(lookPause/4)))):
		}
	}
}

// look asks about some of the cards that are due, and tells how many they were.
func (s *Service) look(ctx context.Context) (found int, err error) {
	due, err := s.Sessions.CardsDue(ctx, lookBatch)
	if err != nil {
		return 0, err
	}
	var asking errgroup.Group
	asking.SetLimit(askAtOnce)
	for _, id := range due {
		asking.Go(func() error { return s.askAgain(ctx, id) })
	}
	err = asking.Wait()
	ended, endErr := s.Sessions.EndUnknown(ctx)
	if ended > 0 {
		noteEnd(ctx, "", "unknown", ended)
	}
	return len(due), errors.Join(err, endErr)
}

// askAgain asks about one card. That its state cannot be known is no error: the session's time without word of it runs.
func (s *Service) askAgain(ctx context.Context, id card.ID) error {
	err := s.JLIS.State(ctx, id)
	switch {
	case err == nil:
		return s.Sessions.CardGood(ctx, id)
	case errors.Is(err, jlis.ErrRevoked):
		s.revoked(ctx, id)
	case ctx.Err() == nil:
		slog.WarnContext(ctx, "the state of a card with an open session is not known", "cause", err)
	}
	return nil
}

// revoked ends what was begun with a card that turns out to be revoked.
func (s *Service) revoked(ctx context.Context, id card.ID) {
	alone, passkeys := db.Alone(ctx), int64(0) // the call that brought it up is refused
	ended, err := s.Sessions.EndCard(alone, id, func(q *db.Queries) (err error) {
		passkeys, err = q.PasskeyRemoveOfCard(alone, db.PasskeyRemoveOfCardParams(id))
		return err
	})
	if err != nil {
		slog.ErrorContext(ctx, "ending the sessions and passkeys of a revoked card", "cause", err)
		return
	}
	notePasskeysEnd(ctx, "", "revoked", passkeys)
	if s.Stopped != nil {
		if err := s.Stopped(db.Alone(ctx), id); err != nil {
			slog.ErrorContext(ctx, "ending what else a revoked card opens", "cause", err)
		}
	}
	if ended == 0 {
		return
	}
	folder, err := s.DB.Read().FolderOfCard(ctx, db.FolderOfCardParams(id))
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		slog.ErrorContext(ctx, "finding the folder of a revoked card", "cause", err)
	}
	noteEnd(ctx, folder, "revoked", ended)
}

func noteEnd(ctx context.Context, folderID, why string, sessions int64) {
	audit.Log(ctx, audit.SessionEnded, audit.Folder(folderID), slog.String("why", why),
		slog.Int64("sessions", sessions))
}
