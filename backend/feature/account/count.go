package account

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"madoguchi/backend/store/card"
	"madoguchi/backend/store/db"
)

const (
	resendPause = time.Minute
	mailsADay   = 10
	mailsInAll  = 30                  // within countLife
	countLife   = 30 * 24 * time.Hour // what is older is forgotten
)

// limit: not more than so many mails within a time.
type limit struct {
	mails  int
	within time.Duration
}

var (
	limitsOfAddress = []limit{{1, resendPause}, {mailsADay, 24 * time.Hour}, {mailsInAll, countLife}}
	limitsOfCard    = []limit{{mailsADay, 24 * time.Hour}, {mailsInAll, countLife}}
)

// tooManyMails says that no further mail goes to an unconfirmed address yet: the portal is not to be used to flood
// somebody's mailbox.
type tooManyMails struct{ after time.Duration }

func (t *tooManyMails) Error() string { return "too many mails to an unconfirmed address" }

// countMail counts a mail that is about to go to an address which nobody has confirmed, for the address, whichever
// folders name it, and for the card on whose behalf it goes, whichever addresses that names. It answers tooManyMails,
// and counts nothing, when there were enough.
func (s *Service) countMail(ctx context.Context, q *db.Queries, of card.ID, address string) error {
	now := s.now()
	address, card := s.counted("address", mailbox(address)), s.counted("card", of.String())
	wait := time.Duration(0)
	for who, limits := range map[string][]limit{address: limitsOfAddress, card: limitsOfCard} {
		sent, err := q.AccountMailsSent(ctx, db.AccountMailsSentParams{
			Who: who, After: now.Add(-countLife).UnixMilli(),
		})
		if err != nil {
			return fmt.Errorf("counting mails: %w", err)
		}
		for _, l := range limits {
			wait = max(wait, l.wait(sent, now))
		}
	}
	if wait > 0 {
		return &tooManyMails{wait}
	}
	for _, who := range []string{address, card} {
		err := q.AccountAddMailSent(ctx, db.AccountAddMailSentParams{
			Who: who, ID: rand.Text(), SentAt: now.UnixMilli(),
		})
		if err != nil {
			return fmt.Errorf("counting a mail: %w", err)
		}
	}
	return nil
}

// wait is how long it takes until the limit lets another mail through; sent rises.
func (l limit) wait(sent []int64, now time.Time) time.Duration {
	if len(sent) < l.mails {
		return 0
	}
	oldest := time.UnixMilli(sent[len(sent)-l.mails])
	// a clock that was put back makes nobody wait longer than the limit says
	return min(oldest.Add(l.within).Sub(now), l.within)
}

// counted is what stands for an address or a card in the count.
func (s *Service) counted(kind, value string) string {
	return hex.EncodeToString(s.Counts.Sum([]byte(kind), []byte(value)))
}

// mailbox makes one of the ways to write an address that big mail providers deliver to one mailbox: capitals, dots, and
// what follows a plus. Mail goes to the address as it was typed; where two people's addresses become one here, they
// share a limit and nothing else.
func mailbox(address string) string {
	local, domain, _ := strings.Cut(strings.ToLower(address), "@")
	local, _, _ = strings.Cut(local, "+")
	return strings.ReplaceAll(local, ".", "") + "@" + domain
}
