package account

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"madoguchi/backend/door/access/accesstest"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// round opens a folder, has its mail sent, and closes it. It gives what the answer said of a mail that may not go yet.
func (w *world) round(serial, address string) time.Duration {
	w.t.Helper()
	w.clock = w.clock.Add(2 * time.Minute)
	request := opening()
	request.MailAddress = address
	response, err := w.OpenAccount(w.newcomer(fmt.Sprint(serial, w.clock.UnixMilli()), serial), request)
	if err != nil {
		w.t.Fatal(err)
	}
	w.runJobs(sealAll)
	if _, err := w.CloseAccount(w.citizen("", serial), nil); err != nil {
		w.t.Fatal(err)
	}
	return time.Duration(response.GetConfirmationRetryAfterMs()) * time.Millisecond
}

func TestClosingAFolderForgetsNoMail(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		var after time.Duration
		for range 14 {
			after = w.round("01", "hanako@example.jp")
		}
		if len(w.post.letters) != mailsADay {
			t.Errorf("%d mails in 14 rounds, want %d", len(w.post.letters), mailsADay)
		}
		// Two minutes a round: the oldest of the ten went in the first.
		if want := 24*time.Hour - 13*2*time.Minute; after != want {
			t.Errorf("the next mail after %v, want %v", after, want)
		}
		// The card does not get further with another address, the address not with another card.
		if w.round("01", "other@example.jp") == 0 || w.round("02", "H.Anako+more@Example.jp") == 0 {
			t.Error("another address, or another card, begins the count anew")
		}
		if w.round("02", "other@example.jp") != 0 {
			t.Error("somebody else's address and card are refused")
		}
	})
}

func TestMailsAreCountedForThirtyDays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		begin := w.clock
		for range 5 {
			for range mailsADay {
				w.round("01", "hanako@example.jp")
			}
			w.clock = w.clock.Add(24 * time.Hour)
		}
		if len(w.post.letters) != mailsInAll {
			t.Errorf("%d mails, want %d", len(w.post.letters), mailsInAll)
		}
		w.clock = begin.Add(countLife - time.Minute)
		if after := w.round("01", "hanako@example.jp"); after == 0 || after > 5*time.Minute {
			t.Errorf("shortly before the first is forgotten the next may go after %v", after)
		}
		w.clock = begin.Add(countLife + 5*24*time.Hour)
		if err := w.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		for _, who := range []string{w.counted("address", "hanako@example.jp"), w.counted("card", "01")} {
			left, err := d.Read().AccountMailsSent(ctx, db.AccountMailsSentParams{Who: who})
			if err != nil || len(left) != 0 {
				t.Errorf("%d mails are still counted, %v", len(left), err)
			}
		}
		if after := w.round("01", "hanako@example.jp"); after != 0 {
			t.Errorf("after 30 days it still takes %v", after)
		}
	})
}

// What asks at once: of the same person, of two people for one address, of one person for two addresses.
func TestOfMailsAtOnceOneGoes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		for _, serial := range []string{"01", "02"} {
			if _, err := w.OpenAccount(w.newcomer("s"+serial, serial), opening()); err != nil {
				t.Fatal(err)
			}
		}
		w.runJobs(sealAll)
		if len(w.post.letters) != 1 {
			t.Errorf("two people name one address at once: %d mails", len(w.post.letters))
		}
		w.clock = w.clock.Add(2 * time.Minute)
		const each = 6
		passed := make(chan struct{}, 2*each)
		var all sync.WaitGroup
		for _, caller := range []context.Context{w.citizen("", "01"), w.citizen("", "02")} {
			for range each {
				all.Go(func() {
					if _, err := w.SendMailConfirmation(caller, nil); err == nil {
						passed <- struct{}{}
					} else if !strings.Contains(err.Error(), portalv1.Reason_REASON_TOO_MANY_REQUESTS.String()) {
						t.Error(err)
					}
				})
			}
		}
		all.Wait()
		if len(passed) != 1 {
			t.Errorf("%d of %d requests passed", len(passed), 2*each)
		}
	})
}

func TestMailToAnotherAddressIsCountedToo(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	caller := w.open()
	for i := range 2 * mailsADay {
		w.clock = w.clock.Add(time.Second)
		changed := update()
		changed.MailAddress = fmt.Sprintf("hanako%d@example.jp", i)
		_, err := w.UpdateAccount(caller, changed)
		if i < mailsADay-1 && err != nil {
			t.Fatal(err)
		}
		if i >= mailsADay-1 {
			accesstest.WantReason(t, err, portalv1.Reason_REASON_TOO_MANY_REQUESTS, "mail_address")
		}
		w.runJobs(sealAll)
	}
	if len(w.post.letters) != mailsADay {
		t.Errorf("%d mails, want %d", len(w.post.letters), mailsADay)
	}
	account, err := w.GetAccount(caller, nil)
	want := fmt.Sprintf("hanako%d@example.jp", mailsADay-2)
	if err != nil || account.GetAccount().GetMailAddress() != want {
		t.Errorf("%v, %v, want the last that passed, %s", account, err, want)
	}
}

// The table holds neither addresses nor numbers of cards, and nobody finds out whom it is about by trying.
func TestTheCountSaysNothingOfWhom(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	one, other := w.counted("address", "hanako@example.jp"), w.counted("card", "hanako@example.jp")
	w.Counts = hidden("l")
	again := w.counted("address", "hanako@example.jp")
	if one == other || one == again || strings.Contains(one, "hanako") || len(one) != 64 {
		t.Errorf("%s, %s, under another key %s", one, other, again)
	}
}

func TestAClockThatWasPutBack(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	caller := w.open()
	w.clock = w.clock.Add(-100 * 24 * time.Hour)
	_, err := w.SendMailConfirmation(caller, nil)
	accesstest.WantReason(t, err, portalv1.Reason_REASON_TOO_MANY_REQUESTS, "")
	l := limit{1, resendPause}
	if wait := l.wait([]int64{w.clock.Add(time.Hour).UnixMilli()}, w.clock); wait != resendPause {
		t.Errorf("the next may go after %v", wait)
	}
}

// Mails that waited together for a dead mail server become one.
func TestMailsThatWaitedBecomeOne(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	if _, err := w.OpenAccount(w.newcomer("s1", "01"), opening()); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		w.clock = w.clock.Add(2 * time.Minute)
		if _, err := w.SendMailConfirmation(w.citizen("", "01"), nil); err != nil {
			t.Fatal(err)
		}
	}
	w.runJobs(sealAll)
	if len(w.post.letters) != 1 {
		t.Errorf("%d mails", len(w.post.letters))
	}
}
