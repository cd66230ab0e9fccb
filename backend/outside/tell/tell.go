// Package tell lets a person know of something, by the channels that they chose for it. What there is to tell, and
// when, is the features'; a channel (backend/outside/mail) knows how to carry it.
package tell

import (
	"context"
	"errors"
	"fmt"
	"time"

	"madoguchi/backend/outside/mail"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/folder"
)

// Kind is what a person is told of.
type Kind string

const (
	Login  Kind = "login"  // somebody logged in with the person's card
	Notice Kind = "notice" // a notice to the person arrived
)

// Channel is a way to reach a person.
type Channel string

const (
	// Page is the portal itself, where everything stands that a person is told of: nobody chooses it, nothing can keep
	// it from telling.
	Page Channel = "page"
	Mail Channel = "mail"
)

// channels can be chosen beside the page.
var channels = []struct {
	Channel
	// carry has a person told, after the transaction of q; false when they cannot be reached.
	carry func(ctx context.Context, q *db.Queries, folderID string, kind Kind, about About) (bool, error)
	// instead is by what the person comes to know of it then.
	instead Channel
}{
	{Mail, carryMail, Page},
}

var letters = map[Kind]mail.Kind{Login: mail.LoggedIn, Notice: mail.NoticeArrived}

// About is what there is to tell.
type About struct {
	At time.Time // when it happened
}

// Told is how a person comes to know of something.
type Told struct {
	By Channel
	// Instead is the channel that was chosen and could not reach the person; "" when By was.
	Instead Channel
}

// Preference is the switch with which a person chooses a channel for a kind of thing.
func (c Channel) Preference(of Kind) folder.Preference {
	return folder.Preference(string(c) + "." + string(of))
}

// Tell lets a person know, after the transaction of q, by the channels that they chose, and says by which; what was
// chosen and cannot reach them now falls back on another. It is always seen on the pages, and nothing else is promised.
func Tell(ctx context.Context, q *db.Queries, folderID string, kind Kind, about About) ([]Told, error) {
	told := []Told{{By: Page}}
	for _, c := range channels {
		wanted, err := folder.Prefers(ctx, q, folderID, c.Preference(kind))
		if err != nil {
			return nil, err
		}
		if !wanted {
			continue
		}
		reached, err := c.carry(ctx, q, folderID, kind, about)
		if err != nil {
			return nil, fmt.Errorf("telling a person by %s: %w", c.Channel, err)
		}
		if reached {
			told = append(told, Told{By: c.Channel})
			continue
		}
		told = append(told, Told{By: c.instead, Instead: c.Channel})
	}
	return told, nil
}

func carryMail(ctx context.Context, q *db.Queries, folderID string, kind Kind, about About) (bool, error) {
	_, err := q.FolderMailbox(ctx, folderID)
	if errors.Is(err, db.ErrNotFound) {
		return false, nil // none is registered, or it was not confirmed
	}
	if err != nil {
		return false, fmt.Errorf("reading where a mail goes: %w", err)
	}
	return true, mail.Enqueue(ctx, q, folderID, letters[kind], about.At)
}
