package login_test

import (
	"context"
	"testing"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	"madoguchi/backend/door/access"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

// acts stands for the feature whose acts ask for the card: closing always, changing for some.
type acts struct {
	portalv1connect.UnimplementedAccountServiceHandler
	w               *world
	closed, changed int
}

func (a *acts) CloseAccount(
	ctx context.Context, _ *portalv1.CloseAccountRequest,
) (*portalv1.CloseAccountResponse, error) {
	if err := a.w.db.Tx(ctx, func(*db.Queries) error { return nil }); err != nil {
		return nil, access.Internal(ctx, err)
	}
	a.closed++
	return &portalv1.CloseAccountResponse{}, nil
}

func (a *acts) UpdateAccount(
	ctx context.Context, _ *portalv1.UpdateAccountRequest,
) (*portalv1.UpdateAccountResponse, error) {
	shown := false
	err := a.w.db.Tx(ctx, func(q *db.Queries) (err error) {
		shown, err = access.SpendCard(ctx, q, "account.mail", a.w.now())
		return err
	})
	if err != nil {
		return nil, err
	}
	if !shown {
		return nil, access.ShowCardAgain(ctx, "account.mail")
	}
	a.changed++
	return &portalv1.UpdateAccountResponse{}, nil
}

const (
	closing  = portalv1connect.AccountServiceCloseAccountProcedure
	changing = portalv1connect.AccountServiceUpdateAccountProcedure
)

// forRequest asks for a challenge for one request.
func forRequest(
	t *testing.T, b portalv1connect.LoginServiceClient, purpose, procedure string, request proto.Message,
) (*portalv1.CreateChallengeResponse, error) {
	t.Helper()
	encoded, err := proto.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	return b.CreateChallenge(t.Context(), &portalv1.CreateChallengeRequest{
		Purpose: purpose, Procedure: procedure, Request: encoded,
	})
}

// The card is shown for one request: another one is refused, and the same once more.
func TestAShownCardIsForOneRequest(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, ctx := newWorld(t, d), t.Context()
		w.openFolder("f", "yamada-hanako")
		w.openFolder("g", "yamada-taro")
		b, account := w.browserOfBoth()
		others, othersAccount := w.browserOfBoth()
		if _, err := w.logIn(b, "yamada-hanako"); err != nil {
			t.Fatal(err)
		}
		if _, err := w.logIn(others, "yamada-taro"); err != nil {
			t.Fatal(err)
		}
		show := func(purpose, procedure string, request proto.Message) *portalv1.CardProof {
			t.Helper()
			challenge, err := forRequest(t, b, purpose, procedure, request)
			if err != nil {
				t.Fatal(err)
			}
			proof := w.card("yamada-hanako").answer(challenge)
			if _, err := b.ShowCard(ctx, &portalv1.ShowCardRequest{Proof: proof}); err != nil {
				t.Fatal(err)
			}
			return proof
		}
		again := func(what string, err error) {
			t.Helper()
			if got := reasonOf(t, err); got != portalv1.Reason_REASON_CARD_AGAIN {
				t.Errorf("%s: %v", what, got)
			}
		}
		good := func(what string, err error) {
			t.Helper()
			if err != nil {
				t.Errorf("%s: %v", what, err)
			}
		}
		change := func(account portalv1connect.AccountServiceClient, mail string) error {
			_, err := account.UpdateAccount(ctx, &portalv1.UpdateAccountRequest{MailAddress: mail})
			return err
		}
		shutDown := func(account portalv1connect.AccountServiceClient) error {
			_, err := account.CloseAccount(ctx, &portalv1.CloseAccountRequest{})
			return err
		}

		proof := show("account.mail", changing, &portalv1.UpdateAccountRequest{MailAddress: "a@example.jp"})
		again("changed content", change(account, "b@example.jp"))
		again("another act", shutDown(account))
		again("somebody else", change(othersAccount, "a@example.jp"))
		good("what it was shown for", change(account, "a@example.jp"))
		again("the same once more", change(account, "a@example.jp"))
		_, err := b.ShowCard(ctx, &portalv1.ShowCardRequest{Proof: proof})
		if got := reasonOf(t, err); got != portalv1.Reason_REASON_CHALLENGE_EXPIRED {
			t.Errorf("the same proof once more: %v", got)
		}
		again("after that", change(account, "a@example.jp"))
		proof = show("account.close", closing, &portalv1.CloseAccountRequest{})
		if _, err := others.ShowCard(ctx, &portalv1.ShowCardRequest{
			Proof: proof,
		}); reasonOf(t, err) != portalv1.Reason_REASON_CHALLENGE_INVALID {
			t.Errorf("somebody else's proof: %v", err)
		}
		again("somebody else", shutDown(othersAccount))
		again("another act", change(account, "a@example.jp"))
		good("what it was shown for", shutDown(account))
		again("the same once more", shutDown(account))

		// A page from before does not say for what: its proof is for one request of the purpose.
		if _, err := b.ShowCard(ctx, &portalv1.ShowCardRequest{
			Proof: w.card("yamada-hanako").answer(w.challenge(b, "account.close")),
		}); err != nil {
			t.Fatal(err)
		}
		good("an old page's", shutDown(account))
		again("an old page's once more", shutDown(account))
		if w.acts.closed != 2 || w.acts.changed != 1 {
			t.Errorf("closed %d times, changed %d times", w.acts.closed, w.acts.changed)
		}
	})
}

// Under its key a request that was done is answered before the card is asked for once more.
func TestTheCardIsNotSpentForWhatIsDone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.openFolder("f", "yamada-hanako")
		b, account := w.browserOfBoth()
		if _, err := w.logIn(b, "yamada-hanako"); err != nil {
			t.Fatal(err)
		}
		challenge, err := forRequest(t, b, "account.close", closing, &portalv1.CloseAccountRequest{})
		if err != nil {
			t.Fatal(err)
		}
		keyed := func(key string) context.Context {
			ctx, info := connect.NewClientContext(t.Context())
			info.RequestHeader().Set(access.KeyHeader, key)
			return ctx
		}
		proof := w.card("yamada-hanako").answer(challenge)
		for range 2 { // the second time its answer was lost
			_, err := b.ShowCard(keyed("key-of-showing-the-card"), &portalv1.ShowCardRequest{Proof: proof})
			if err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			_, err := account.CloseAccount(keyed("key-of-closing-the-folder"), &portalv1.CloseAccountRequest{})
			if err != nil {
				t.Fatal(err)
			}
		}
		if w.acts.closed != 1 {
			t.Errorf("done %d times", w.acts.closed)
		}
	})
}

// A challenge for a request is worth nothing when what it is for is exchanged.
func TestAChallengeForARequest(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	w.openFolder("f", "yamada-hanako")
	b := w.browser()
	if _, err := w.logIn(b, "yamada-hanako"); err != nil {
		t.Fatal(err)
	}
	for what, request := range map[string]*portalv1.CreateChallengeRequest{
		"an RPC that there is not": {Purpose: "account.close", Procedure: "/portal.v1.AccountService/OpenDoors"},
		"one that asks for no card": {
			Purpose: "account.close", Procedure: portalv1connect.AccountServiceGetAccountProcedure,
		},
		"one of another purpose":       {Purpose: "account.close", Procedure: changing},
		"one to log in":                {Purpose: "login", Procedure: closing},
		"what is no request":           {Purpose: "account.mail", Procedure: changing, Request: []byte{0xff}},
		"a service instead of an RPC":  {Purpose: "account.close", Procedure: "/portal.v1.AccountService"},
		"a message instead of an RPC":  {Purpose: "account.close", Procedure: "/portal.v1.CloseAccountRequest"},
		"an RPC of the offices' doors": {Purpose: "account.close", Procedure: "/office.v1.NoticeService/SendNotice"},
	} {
		if _, err := b.CreateChallenge(t.Context(), request); reasonOf(t, err) != portalv1.Reason_REASON_INVALID_FIELD {
			t.Errorf("%s: %v", what, err)
		}
	}

	one, err := forRequest(t, b, "account.mail", changing, &portalv1.UpdateAccountRequest{MailAddress: "a@example.jp"})
	if err != nil {
		t.Fatal(err)
	}
	other, err := forRequest(t, b, "account.mail", changing, &portalv1.UpdateAccountRequest{
		MailAddress: "b@example.jp",
	})
	if err != nil {
		t.Fatal(err)
	}
	mac := len(one.GetSeal()) - 64
	for what, seal := range map[string][]byte{
		"the other's seal":    other.GetSeal(),
		"the other's request": append(append([]byte{}, one.GetSeal()[:mac]...), other.GetSeal()[mac:]...),
		"no request":          one.GetSeal()[:mac],
		"the other's digest": append(append([]byte{}, one.GetSeal()[:mac+32]...),
			other.GetSeal()[mac+32:]...),
		"the request without its seal": one.GetSeal()[mac:],
	} {
		proof := w.card("yamada-hanako").answer(&portalv1.CreateChallengeResponse{
			Challenge: one.GetChallenge(), Seal: seal,
		})
		_, err := b.ShowCard(t.Context(), &portalv1.ShowCardRequest{Proof: proof})
		if reasonOf(t, err) != portalv1.Reason_REASON_CHALLENGE_INVALID {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := b.ShowCard(t.Context(), &portalv1.ShowCardRequest{
		Proof: w.card("yamada-hanako").answer(one),
	}); err != nil {
		t.Errorf("as it is: %v", err)
	}
}
