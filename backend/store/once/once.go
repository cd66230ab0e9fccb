// Package once keeps what was done under which key, so that a request that comes again (its answer was lost, a button
// was pressed twice) is answered and not done again. A key is the page's, one for each act of a person; it means
// something for that person, that subject and that procedure alone.
//
// The row of a key is written in the transaction of what is done under it (Claim.Take): it is there if, and only if,
// that was done. The answer comes after it (Claim.Keep). It is personal: it goes with its folder, after a week, and
// when what it tells is erased (Forget).
package once

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"madoguchi/backend/store/db"
)

const (
	// Life is for how long a key counts.
	Life = 7 * 24 * time.Hour
	// A longer answer is not kept: of what was done, that it was done is enough.
	maxAnswer = 16 << 10

	answerWithin = 10 * time.Second // after what was done; an answer that comes later does not come
	lookEvery    = 20 * time.Millisecond
	sweepEvery   = time.Hour
)

var (
	// ErrTaken: something was done under the key, by another call.
	ErrTaken = errors.New("the key was used by another call")
	// ErrOther: it was another request than this one.
	ErrOther = errors.New("another request was made under the key")
	// ErrNoAnswer: it was done, and what was answered is not known any more.
	ErrNoAnswer = errors.New("it was done, and its answer is not kept")
	// ErrNew: nothing was done under the key.
	ErrNew = errors.New("nothing was done under the key")
)

// Claim is a call's claim to do something under a key.
type Claim struct {
	Folder    string // that it is about
	Actor     string // the folder of who acts
	Procedure string
	Key       string
	Request   string // a digest of what is asked for
	At        time.Time

	call string
}

// New makes the claim of one call.
func New(c Claim) *Claim {
	c.call = rand.Text()
	return &c
}

// Take writes the key within the transaction of what is done under it; ErrTaken when it is there already.
func (c *Claim) Take(ctx context.Context, q *db.Queries) error {
	taken, err := q.OnceTake(ctx, db.OnceTakeParams{
		FolderID: c.Folder, ActorID: c.Actor, Procedure: c.Procedure, Key: c.Key, Request: c.Request, CallID: c.call,
		DoneAt: c.At.UnixMilli(),
	})
	if err != nil {
		return fmt.Errorf("taking a key: %w", err)
	}
	if taken > 0 {
		return nil
	}
	_, err = c.find(ctx, q)
	if errors.Is(err, db.ErrNotFound) {
		return nil // the folder was closed meanwhile: the feature will find out
	}
	if err != nil {
		return err
	}
	return ErrTaken
}

func (c *Claim) find(ctx context.Context, q *db.Queries) (db.OnceFindRow, error) {
	return q.OnceFind(ctx, db.OnceFindParams{FolderID: c.Folder, ActorID: c.Actor, Procedure: c.Procedure, Key: c.Key})
}

// Earlier gives the answer to what was done under the key before, for which it waits while that call is about to give
// it. ErrNew, ErrOther, ErrNoAnswer as they say.
func (c *Claim) Earlier(ctx context.Context, d *db.DB) ([]byte, error) {
	given := time.Now().Add(answerWithin)
	for {
		row, err := c.find(ctx, d.Read())
		switch {
		case errors.Is(err, db.ErrNotFound):
			return nil, ErrNew
		case err != nil:
			return nil, fmt.Errorf("looking a key up: %w", err)
		case row.Request != c.Request:
			return nil, ErrOther
		case row.Answered:
			return row.Answer, nil
		case row.Forgotten || time.Now().After(given):
			return nil, ErrNoAnswer
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(lookEvery):
		}
	}
}

// Keep notes what was answered.
func (c *Claim) Keep(ctx context.Context, q *db.Queries, answer []byte) error {
	kept := len(answer) <= maxAnswer
	if !kept {
		answer = nil
	}
	_, err := q.OnceAnswer(ctx, db.OnceAnswerParams{
		FolderID: c.Folder, ActorID: c.Actor, Procedure: c.Procedure, Key: c.Key, CallID: c.call,
		Answered: kept, Answer: answer, Forgotten: !kept,
	})
	if err != nil {
		return fmt.Errorf("keeping an answer: %w", err)
	}
	return nil
}

// Drop takes the claim back: the caller was told that it failed, and may try again.
func (c *Claim) Drop(ctx context.Context, q *db.Queries) error {
	_, err := q.OnceDrop(ctx, db.OnceDropParams{
		FolderID: c.Folder, ActorID: c.Actor, Procedure: c.Procedure, Key: c.Key, CallID: c.call,
	})
	if err != nil {
		return fmt.Errorf("giving a key back: %w", err)
	}
	return nil
}

type claimKey struct{}

// With puts the claim into the context of its call.
func With(ctx context.Context, c *Claim) context.Context {
	return context.WithValue(ctx, claimKey{}, c)
}

// Forget forgets, within a transaction, all answers about a folder but that of the call itself: they may tell what is
// being erased. What was done stays done.
func Forget(ctx context.Context, q *db.Queries, folderID string) error {
	but := ""
	if own, ok := ctx.Value(claimKey{}).(*Claim); ok {
		but = own.call
	}
	if _, err := q.OnceForget(ctx, db.OnceForgetParams{FolderID: folderID, But: but}); err != nil {
		return fmt.Errorf("forgetting answers: %w", err)
	}
	return nil
}

// Sweep removes the keys that do not count any more.
func Sweep(ctx context.Context, d *db.DB, now time.Time) error {
	return d.Tx(ctx, func(q *db.Queries) error {
		_, err := q.OnceSweep(ctx, now.Add(-Life).UnixMilli())
		return err
	})
}

// Run sweeps until ctx ends.
func Run(ctx context.Context, d *db.DB) {
	for {
		if err := Sweep(ctx, d, time.Now()); err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, "sweeping what was done under keys", "cause", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(sweepEvery):
		}
	}
}
