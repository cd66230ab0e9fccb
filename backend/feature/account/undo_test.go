package account

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/access/accesstest"
	"madoguchi/backend/outside/mail"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/folder"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const (
	hanako = "hanako@example.jp"
	thief  = "thief@example.jp"
)

// withCard begins a session in which the card has just been shown again for changing the mail address, or shows it in
// one that there is.
func (w *world) withCard(session, serial string) context.Context {
	w.t.Helper()
	folder := w.folderOf(serial)
	err := w.DB.Tx(ctx, func(q *db.Queries) error {
		shown := db.SessionCardShownParams{
			TokenHash: session, CardShownAt: w.clock.UnixMilli(), CardPurpose: purposeMail,
		}
		if found, err := q.SessionCardShown(ctx, shown); err != nil || found > 0 {
			return err
		}
		err := q.SessionBegin(ctx, db.SessionBeginParams{
			TokenHash: session, FolderID: folder, Serial: serial,
			CertificateExpiresAt: w.clock.Add(time.Hour).UnixMilli(), Now: w.clock.UnixMilli(),
		})
		if err != nil {
			return err
		}
		_, err = q.SessionCardShown(ctx, shown)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return w.citizen(session, serial)
}

// openConfirmed opens a folder with a confirmed address and both mails wanted.
func (w *world) openConfirmed() {
	w.t.Helper()
	request := opening()
	request.MailOnLogin = true
	if _, err := w.OpenAccount(w.newcomer("s1", "01"), request); err != nil {
		w.t.Fatal(err)
	}
	w.confirm(hanako)
}

func (w *world) confirm(address string) {
	w.t.Helper()
	w.runJobs(sealAll)
	_, err := w.ConfirmMailAddress(ctx, &portalv1.ConfirmMailAddressRequest{Token: w.post.last(w.t, address).Token})
	if err != nil {
		w.t.Fatal(err)
	}
}

// change sets the address and whether there are login mails, with the card, and gives the token that the address of
// before got.
func (w *world) change(before, address string, onLogin bool) string {
	w.t.Helper()
	w.clock = w.clock.Add(2 * time.Minute)
	if _, err := w.UpdateAccount(w.withCard("s2", "01"), changing(address, onLogin)); err != nil {
		w.t.Fatal(err)
	}
	w.runJobs(sealAll)
	letter := w.post.last(w.t, before)
	if letter.Kind != mail.AccountChanged {
		w.t.Fatalf("%s was told %+v", before, letter)
	}
	return letter.Token
}

func changing(address string, onLogin bool) *portalv1.UpdateAccountRequest {
	request := update()
	request.MailAddress, request.MailOnLogin = address, onLogin
	return request
}

func (w *world) undo(token string) (*portalv1.UndoMailChangeResponse, error) {
	return w.UndoMailChange(ctx, &portalv1.UndoMailChangeRequest{Token: token})
}

// undoes says whether the change was undone now.
func (w *world) undoes(token string) bool {
	w.t.Helper()
	response, err := w.undo(token)
	if err != nil {
		w.t.Fatal(err)
	}
	w.runJobs(sealAll)
	return !response.GetAlready()
}

func (w *world) wantMail(address string, confirmed, onLogin bool) {
	w.t.Helper()
	account, err := folder.Get(ctx, w.DB.Read(), w.folderOf("01"))
	if err != nil {
		w.t.Fatal(err)
	}
	if account.MailAddress != address || account.MailConfirmedAt > 0 != confirmed ||
		account.Prefers[mailOnLogin] != onLogin {
		w.t.Errorf("registered is %q, confirmed %v, mail at login %v; want %q, %v, %v",
			account.MailAddress, account.MailConfirmedAt > 0, account.Prefers[mailOnLogin], address, confirmed, onLogin)
	}
}

func TestAConfirmedAddressChangesWithTheCardAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.openConfirmed()
		w.clock = w.clock.Add(2 * time.Minute)
		shown := w.withCard("s2", "01")
		for name, c := range map[string]struct {
			request *portalv1.UpdateAccountRequest
			caller  context.Context
		}{
			"replaced":      {changing(thief, true), w.citizen("s1", "01")},
			"removed":       {changing("", true), w.citizen("s1", "01")},
			"capitals":      {changing("Hanako@example.jp", true), w.citizen("s1", "01")},
			"no login mail": {changing(hanako, false), w.citizen("s1", "01")},
			"no session":    {changing(thief, true), w.citizen("gone", "01")},
		} {
			_, err := w.UpdateAccount(c.caller, c.request)
			t.Log(name)
			accesstest.WantReason(t, err, portalv1.Reason_REASON_CARD_AGAIN, "")
		}
		w.wantMail(hanako, true, true)

		w.clock = w.clock.Add(access.CardFresh + time.Millisecond)
		_, err := w.UpdateAccount(shown, changing(thief, true))
		accesstest.WantReason(t, err, portalv1.Reason_REASON_CARD_AGAIN, "")
		err = d.Tx(ctx, func(q *db.Queries) error {
			_, err := q.SessionCardShown(ctx, db.SessionCardShownParams{
				TokenHash: "s2", CardShownAt: w.clock.UnixMilli(), CardPurpose: "account.close",
			})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.UpdateAccount(shown, changing(thief, true))
		accesstest.WantReason(t, err, portalv1.Reason_REASON_CARD_AGAIN, "")
		w.wantMail(hanako, true, true)
		w.runJobs(sealAll)
		if len(w.post.letters) != 1 {
			t.Errorf("refused changes sent mails: %+v", w.post.letters[1:])
		}

		// All else goes without it.
		free := changing(hanako, true)
		free.DisplayName, free.MailOnNotice, free.Language = "はなこ", false, "en"
		if _, err := w.UpdateAccount(w.citizen("s1", "01"), free); err != nil {
			t.Error(err)
		}
	})
}

func TestAShowingOfTheCardServesOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.openConfirmed()
		caller := w.withCard("s2", "01")
		var all sync.WaitGroup
		results := make(chan error, 8)
		for i := range cap(results) {
			all.Go(func() {
				_, err := w.UpdateAccount(caller, changing(strings.Repeat("x", i+1)+"@example.jp", true))
				results <- err
			})
		}
		all.Wait()
		close(results)
		changed := 0
		for err := range results {
			if err == nil {
				changed++
			}
		}
		// The first makes the address an unconfirmed one, which the others may change: what they replaced was nobody's.
		w.runJobs(sealAll)
		told := 0
		for _, l := range w.post.letters {
			if l.Kind == mail.AccountChanged {
				told++
			}
		}
		if changed == 0 || told != 1 {
			t.Errorf("%d changes passed, %d were told", changed, told)
		}
		state, err := d.Read().SessionByToken(ctx, "s2")
		if err != nil || state.CardPurpose != "" || state.CardShownAt != 0 {
			t.Errorf("the showing is still there: %+v, %v", state, err)
		}
	})
}

func TestWhoConfirmedHearsOfTheChangeAndUndoesIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		for name, c := range map[string]struct {
			address string
			onLogin bool
			changes []mail.Change
		}{
			"replaced":                {thief, true, []mail.Change{mail.AddressReplaced}},
			"removed":                 {"", true, []mail.Change{mail.AddressRemoved}},
			"switched off":            {hanako, false, []mail.Change{mail.LoginMailOff}},
			"replaced and turned off": {thief, false, []mail.Change{mail.AddressReplaced, mail.LoginMailOff}},
		} {
			w.openConfirmed()
			token := w.change(hanako, c.address, c.onLogin)
			told := w.post.last(t, hanako)
			if !slices.Equal(told.Changes, c.changes) || told.Until-told.At != undoLife.Milliseconds() {
				t.Errorf("%s: told %+v", name, told)
			}
			w.wantMail(c.address, c.address == hanako, c.onLogin)
			if !w.undoes(token) {
				t.Errorf("%s: not undone", name)
			}
			w.wantMail(hanako, true, true)
			if told := w.post.last(t, hanako); told.Kind != mail.ChangeUndone || told.Token != "" {
				t.Errorf("%s: after the undoing %+v", name, told)
			}
			for _, session := range []string{"s1", "s2"} {
				if _, err := d.Read().SessionByToken(ctx, session); !errors.Is(err, db.ErrNotFound) {
					t.Errorf("%s: session %s goes on: %v", name, session, err)
				}
			}
			// The page is loaded anew, also after the person chose another address.
			w.change(hanako, "new@example.jp", true)
			if w.undoes(token) {
				t.Errorf("%s: a link undoes twice", name)
			}
			w.wantMail("new@example.jp", false, true)
			if _, err := w.CloseAccount(w.citizen("s2", "01"), nil); err != nil {
				t.Fatal(err)
			}
			w.clock = w.clock.Add(countLife)
		}
	})
}

// The address that somebody else put in and confirmed hears that it is out again, and has no way back.
func TestAnUndoingIsFinal(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	w.openConfirmed()
	token := w.change(hanako, thief, true)
	w.confirm(thief)
	old := w.post.last(t, thief).Token
	w.undoes(token)
	if told := w.post.last(t, thief); told.Kind != mail.ChangeUndone || told.Token != "" {
		t.Errorf("told %+v", told)
	}
	_, err := w.ConfirmMailAddress(ctx, &portalv1.ConfirmMailAddressRequest{Token: old})
	accesstest.WantReason(t, err, portalv1.Reason_REASON_MAIL_TOKEN_INVALID, "token")
	w.wantMail(hanako, true, true)
}

// Who never confirmed hears nothing: such mail would be a way around the count.
func TestAnUnconfirmedAddressIsNotToldOfAnUndoing(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	w.openConfirmed()
	token := w.change(hanako, thief, true)
	w.undoes(token)
	if told := w.post.last(t, thief); told.Kind != mail.ConfirmAddress {
		t.Errorf("told %+v", told)
	}
}

func TestUndoingOneOfManyChanges(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		begin := func() (first, second string) {
			w.openConfirmed()
			first = w.change(hanako, "b@example.jp", true)
			w.confirm("b@example.jp")
			return first, w.change("b@example.jp", "c@example.jp", false)
		}
		end := func() {
			if _, err := w.CloseAccount(w.citizen("s2", "01"), nil); err != nil {
				t.Fatal(err)
			}
			w.clock = w.clock.Add(countLife)
		}

		first, second := begin()
		if !w.undoes(second) {
			t.Error("the newer is not undone")
		}
		w.wantMail("b@example.jp", true, true)
		if !w.undoes(first) {
			t.Error("the older is not undone after the newer")
		}
		w.wantMail(hanako, true, true)
		end()

		first, second = begin()
		if !w.undoes(first) {
			t.Error("the older is not undone before the newer")
		}
		w.wantMail(hanako, true, true)
		if w.undoes(second) {
			t.Error("the newer, which came after what was undone, is undone again")
		}
		w.wantMail(hanako, true, true)
		end()
	})
}

func TestUndoingComesTooLate(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.openConfirmed()
		token := w.change(hanako, thief, true)
		changedAt := w.clock
		w.clock = changedAt.Add(undoLife - time.Second)
		if err := w.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Read().AccountMailChangeByToken(ctx, hashToken(token)); err != nil {
			t.Errorf("swept too early: %v", err)
		}
		for _, bad := range []string{"", "wrong", strings.Repeat("x", 5000), token + "x"} {
			_, err := w.undo(bad)
			accesstest.WantReason(t, err, portalv1.Reason_REASON_MAIL_TOKEN_INVALID, "token")
		}
		w.clock = changedAt.Add(undoLife)
		_, err := w.undo(token)
		accesstest.WantReason(t, err, portalv1.Reason_REASON_MAIL_TOKEN_INVALID, "token")
		if err := w.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Read().AccountMailChangeByToken(ctx, hashToken(token)); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("not swept: %v", err)
		}
		if rows, err := d.Read().AccountMailConfirmations(ctx, w.folderOf("01")); err != nil || len(rows) != 0 {
			t.Errorf("the old address stays with its token: %+v, %v", rows, err)
		}
		w.wantMail(thief, false, true)
	})
}

func TestClosingErasesWhatCouldBeUndone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.openConfirmed()
		token := w.change(hanako, thief, true)
		if _, err := w.CloseAccount(w.citizen("s2", "01"), nil); err != nil {
			t.Fatal(err)
		}
		w.clock = w.clock.Add(2 * time.Minute)
		if _, err := w.OpenAccount(w.newcomer("s3", "01"), opening()); err != nil {
			t.Fatal(err)
		}
		_, err := w.undo(token)
		accesstest.WantReason(t, err, portalv1.Reason_REASON_MAIL_TOKEN_INVALID, "token")
		w.wantMail(hanako, false, false)
	})
}

// A mail that did not go out is tried again with a token of its own; what was undone or closed meanwhile is told to
// nobody.
func TestTellingAfterADeadMailServer(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	w.openConfirmed()
	w.post.failure = errors.New("no mail server")
	if _, err := w.UpdateAccount(w.withCard("s2", "01"), changing(hanako, false)); err != nil {
		t.Fatal(err)
	}
	last, err := w.DB.Read().AccountLastMailChange(ctx, w.folderOf("01"))
	if err != nil {
		t.Fatal(err)
	}
	payload := []byte(`{"folder_id":"` + w.folderOf("01") + `","position":` + strconv.FormatInt(last, 10) +
		`,"changes":["login-mail-off"]}`)
	if err := w.ChangedJob(ctx, payload); err == nil {
		t.Error("the failure is not told")
	}
	w.post.failure = nil
	if err := w.ChangedJob(ctx, payload); err != nil {
		t.Fatal(err)
	}
	if !w.undoes(w.post.last(t, hanako).Token) {
		t.Error("not undone")
	}
	told := len(w.post.letters)
	if err := w.ChangedJob(ctx, payload); err != nil || len(w.post.letters) != told {
		t.Errorf("told again after the undoing: %v", err)
	}
}

func TestWhoClosedMeanwhileIsNotTold(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	w.openConfirmed()
	w.clock = w.clock.Add(2 * time.Minute)
	if _, err := w.UpdateAccount(w.withCard("s2", "01"), changing(thief, true)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.CloseAccount(w.citizen("s2", "01"), nil); err != nil {
		t.Fatal(err)
	}
	told := len(w.post.letters)
	w.runJobs(sealAll)
	if len(w.post.letters) != told {
		t.Errorf("told %+v", w.post.letters[told:])
	}
}

// The security log has each act, and neither addresses nor tokens.
func TestWhatTheSecurityLogSays(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(before)
	w := newWorld(t, dbtest.SQLite(t))
	w.openConfirmed()
	folder := w.folderOf("01")
	w.undoes(w.change(hanako, thief, false))
	w.change(hanako, "", true)
	if _, err := w.CloseAccount(w.citizen("s2", "01"), nil); err != nil {
		t.Fatal(err)
	}
	var events []string
	for line := range strings.Lines(log.String()) {
		if _, event, ok := strings.Cut(strings.TrimSpace(line), "msg=security event="); ok {
			events = append(events, strings.Replace(event, " folder="+folder, "", 1))
		}
	}
	want := []string{
		"folder_opened", "address_changed what=registered", "address_changed what=confirmed",
		"address_changed what=replaced", "login_mail_off", "address_changed what=undone",
		"session_ended why=undone sessions=2",
		"address_changed what=removed", "folder_closed", "session_ended why=closed sessions=1",
	}
	if !slices.Equal(events, want) {
		t.Errorf("the log says\n%s\nwant\n%s", strings.Join(events, "\n"), strings.Join(want, "\n"))
	}
	for _, l := range w.post.letters {
		if strings.Contains(log.String(), "@") || l.Token != "" && strings.Contains(log.String(), l.Token) {
			t.Errorf("the log holds an address or a token:\n%s", log.String())
		}
	}
}
