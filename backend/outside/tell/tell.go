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
	Answer Kind = "answer" // an office answered what the person asked of it
	// PasskeyLogin: somebody logged in with a passkey of the person's. Who wants to be told of logins is told of it.
	PasskeyLogin Kind = "passkey-login"
	// PasskeyAdded and PasskeyCopied: a passkey more opens the folder; one was ended since there may be a copy of it.
	// Of these a person is always told.
	PasskeyAdded  Kind = "passkey-added"
	PasskeyCopied Kind = "passkey-copied"
	// UnusualLogin: somebody logged in as the person does not: on a new device, from abroad, by a code. Who wants to
	// be told of logins is told of it instead.
	UnusualLogin Kind = "unusual-login"
	// Registered: what is registered was changed. A person is always told, as far as they have a confirmed address.
	Registered Kind = "registered"
	// InquiryAnswered: an inquiry of the person's was answered. Who wants to be told of answers is told of it.
	InquiryAnswered Kind = "inquiry-answered"
	// Exchange: an office asked another one about the person, for the first time. ExchangeAnswer: one answered what the
	// person said of such an exchange; who wants to be told of the one is told of the other.
	Exchange       Kind = "exchange"
	ExchangeAnswer Kind = "exchange-answer"
	// Application: something that the person applied for moved on. It has a switch of its own; who has not chosen is
	// told as of notices. ApplicationEnding: one that has ended is deleted soon (At is when). DraftEnding: what a
	// person began to fill in will be dropped. Who wants to be told of applications is told of these.
	Application       Kind = "application"
	ApplicationEnding Kind = "application-ending"
	DraftEnding       Kind = "draft-ending"
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

var letters = map[Kind]mail.Kind{
	Login: mail.LoggedIn, Notice: mail.NoticeArrived, Answer: mail.AnswerArrived,
	PasskeyLogin: mail.LoggedInByPasskey, PasskeyAdded: mail.PasskeyAdded, PasskeyCopied: mail.PasskeyCopied,
	UnusualLogin: mail.UnusualLogin, Registered: mail.Registered, InquiryAnswered: mail.InquiryAnswered,
	Exchange: mail.ExchangeFirst, ExchangeAnswer: mail.ExchangeAnswered,
	Application: mail.ApplicationMoved, ApplicationEnding: mail.ApplicationEnding, DraftEnding: mail.DraftEnding,
}

// chosenAs is the kind whose switch decides for a kind that has none of its own; "" is always.
var chosenAs = map[Kind]Kind{
	PasskeyLogin: Login, UnusualLogin: Login, PasskeyAdded: "", PasskeyCopied: "", Registered: "",
	InquiryAnswered: Answer, ExchangeAnswer: Exchange, ApplicationEnding: Application, DraftEnding: Application,
}

// until is the kind whose switch decides as long as a person has not chosen for another one.
var until = map[Kind]Kind{Application: Notice}

// Wants tells whether a person chose a channel for a kind of thing.
func Wants(ctx context.Context, q *db.Queries, folderID string, c Channel, kind Kind) (bool, error) {
	if as, another := chosenAs[kind]; another {
		kind = as
	}
	if kind == "" {
		return true, nil
	}
	on, asked, err := folder.Chose(ctx, q, folderID, c.Preference(kind))
	if before, has := until[kind]; err == nil && !asked && has {
		return folder.Prefers(ctx, q, folderID, c.Preference(before))
	}
	return on, err
}

// About is what there is to tell.
type About struct {
	At time.Time // when it happened
	// Changes are what was changed, or is unusual, where the kind has such.
	Changes []mail.Change
	// Line names the line of the history of use that tells of it (act.Ref), where there is one.
	Line string
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
		wanted, err := Wants(ctx, q, folderID, c.Channel, kind)
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
	return true, mail.Enqueue(ctx, q, folderID, mail.Letter{
		Kind: letters[kind], At: about.At.UnixMilli(), Changes: about.Changes, Line: about.Line,
	})
}
