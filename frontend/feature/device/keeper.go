package device

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/session"
	"madoguchi/frontend/reach/browser"
	"madoguchi/frontend/reach/card"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

// openPatience bounds the opening of a vault.
const openPatience = time.Minute

// keeper opens the vault of who is logged in, and locks it when that is over, when the time is, or when the card that
// opened it is lifted.
var keeper struct {
	sync.Mutex
	opening bool
	owner   string // of the vault that the session opened
	ends    time.Time
	timer   *time.Timer
	unwatch func() // the card
}

// keep begins at the start of a page.
func keep() {
	session.OnChange(hear)
	vault.OnChange(changed)
	go func() {
		<-shell.Shown()
		if err := vault.AdoptPlaces(context.Background()); err != nil {
			app.Log("taking over what was kept of places: ", err)
		}
		tellKept(vault.Now())
	}()
}

// hear follows the session.
func hear(s shell.Session) {
	switch {
	case s.State == shell.CitizenState && !s.SharedDevice:
		ends := s.AbsoluteEnds
		if s.IdleEnds.Before(ends) {
			ends = s.IdleEnds
		}
		lockAt(s.Owner, ends)
		if vault.Now().By != vault.BySession {
			open(s.Owner)
		}
	case s.State != shell.Unknown && s.State != shell.NewcomerState: // who registers yet has a vault in a moment
		vault.DropOffer()
		vault.Lock()
	}
}

// lockAt has the vault lock at the end of the session, with or without a network.
func lockAt(owner string, ends time.Time) {
	keeper.Lock()
	defer keeper.Unlock()
	if keeper.owner != "" && keeper.owner != owner {
		vault.Lock()
	}
	keeper.owner, keeper.ends = owner, ends
	if keeper.timer != nil {
		keeper.timer.Stop()
	}
	keeper.timer = time.AfterFunc(time.Until(ends)+time.Second, vault.Check)
	vault.LockAt(ends)
}

// open opens the vault by the session, once at a time. What fails is tried again when the session is heard of next.
func open(owner string) {
	keeper.Lock()
	busy := keeper.opening
	keeper.opening = true
	keeper.Unlock()
	if busy {
		return
	}
	go func() {
		defer func() {
			keeper.Lock()
			keeper.opening = false
			keeper.Unlock()
		}()
		ctx, cancel := context.WithTimeout(rpc.ByItself(context.Background()), openPatience)
		defer cancel()
		if err := openBySession(ctx, owner); err != nil {
			app.Log("opening the vault: ", err)
		}
	}()
}

func openBySession(ctx context.Context, owner string) error {
	known := false
	err := browser.Alone(ctx, "vault", true, func() (err error) {
		known, err = openAlone(ctx, owner)
		return err
	})
	if err != nil {
		return err
	}
	if known { // who comes back has something to lose
		vault.Persist(ctx)
	}
	shell.Idle(ctx)
	if now, known := rpc.Now(); known {
		if err := vault.Tidy(ctx, now); err != nil {
			return err
		}
	}
	shell.Idle(ctx)
	return keepSelf(ctx)
}

// openAlone opens it while no other tab does: of two that ask at once on a device that the portal does not know yet,
// each would be another device to it, with a vault of its own, and one of the two would be opened never again.
func openAlone(ctx context.Context, owner string) (known bool, err error) {
	answer, err := rpc.To(portalv1web.NewDeviceService).OpenVault(ctx, &portalv1.OpenVaultRequest{})
	if err != nil {
		return false, err
	}
	keeper.Lock()
	ends, same := keeper.ends, keeper.owner == owner
	keeper.Unlock()
	if !same || shell.CurrentSession().State != shell.CitizenState {
		return false, errors.New("the session is another one by now")
	}
	err = vault.OpenBySession(ctx, answer.GetVault(), answer.GetSecret(), answer.GetKnown())
	vault.LockAt(ends)
	return answer.GetKnown(), err
}

// keepSelf keeps who it is, so that the vault says whose it is when the card opens it.
func keepSelf(ctx context.Context) error {
	records, err := vault.List(ctx, kindAccount)
	if err == nil && len(records) > 0 && time.Since(records[0].At) < 24*time.Hour {
		return nil
	}
	_, err = rpc.To(portalv1web.NewAccountService).GetAccount(ctx, &portalv1.GetAccountRequest{})
	return err
}

// kindAccount is the kind of what GetAccount answers.
const kindAccount vault.Kind = "account"

// changed follows the vault.
func changed(s vault.State) {
	watchCard(s.By == vault.ByCard)
	go tellKept(s)
}

// tellKept has the shell know what can be read without a session.
func tellKept(s vault.State) {
	ctx, cancel := context.WithTimeout(context.Background(), openPatience)
	defer cancel()
	k := shell.Kept{Opens: vault.HasCard(ctx) || len(vault.Passkeys(ctx)) > 0, Open: s.By.Alone()}
	if k.Open {
		aged, _ := rpc.OrKept(ctx)
		account, err := rpc.To(portalv1web.NewAccountService).GetAccount(rpc.Only(aged), &portalv1.GetAccountRequest{})
		if err == nil {
			k.Name = account.GetAccount().GetDisplayName()
		}
	}
	if vault.Now().By == s.By {
		shell.SetKept(k)
	}
}

// watchCard locks the vault when the card that opened it is lifted.
func watchCard(on bool) {
	keeper.Lock()
	defer keeper.Unlock()
	if keeper.unwatch != nil {
		keeper.unwatch()
		keeper.unwatch = nil
	}
	if !on {
		return
	}
	var lay card.Place
	keeper.unwatch = card.Shared().Watch(textUnlockTold.String(), func(s card.Status) {
		if lifted(&lay, s) {
			go vault.Lock()
		}
	})
}

// lifted tells whether the card that lay there does no longer.
func lifted(lay *card.Place, s card.Status) bool {
	there := s.Phase > card.NoCard
	before := *lay
	if there && before.Reader == "" {
		*lay = s.Place
	}
	gone := s.Phase == card.NoCard || s.Phase == card.NoReader || s.Phase == card.NotRunning ||
		s.Phase == card.ServiceDown
	return before.Reader != "" && (gone || there && s.Insertion != before.Insertion)
}
