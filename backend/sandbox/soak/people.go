package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"time"

	"connectrpc.com/connect"

	"madoguchi/bridge/jpki"
	"madoguchi/bridge/softcard"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
	"madoguchi/proto/rule"
)

// cards are good ones; several people come with each, from browsers of their own.
var cards = []string{
	"yamada-hanako", "yamada-taro", "yamada-sakura", "yamada-minato", "suzuki-umeko", "kobayashi-ren",
	"takahashi-shacho", "watanabe-gaiji",
}

// person behaves: comes, logs in, reads, looks something up, and leaves.
type person struct {
	w          *world
	http       *http.Client
	holder     softcard.Person
	card       *jpki.Card
	logins     portalv1connect.LoginServiceClient
	accounts   portalv1connect.AccountServiceClient
	notices    portalv1connect.NoticeServiceClient
	changes    portalv1connect.LiveServiceClient
	procedures portalv1connect.ProcedureServiceClient
	infos      portalv1connect.MyInfoServiceClient
}

func newPerson(w *world, n int) *person {
	holder, ok := softcard.PersonByID(cards[n%len(cards)])
	if !ok {
		panic("no such test person: " + cards[n%len(cards)])
	}
	soft, err := softcard.NewCard(holder, softcard.MemoryState(), time.Now)
	if err != nil {
		panic(err) // never: the state is in memory
	}
	client := w.client(homeOf(n))
	return &person{
		w: w, http: client, holder: holder, card: jpki.Attach(soft),
		logins:     portalv1connect.NewLoginServiceClient(client, w.origin),
		accounts:   portalv1connect.NewAccountServiceClient(client, w.origin),
		notices:    portalv1connect.NewNoticeServiceClient(client, w.origin),
		changes:    portalv1connect.NewLiveServiceClient(client, w.origin),
		procedures: portalv1connect.NewProcedureServiceClient(client, w.origin),
		infos:      portalv1connect.NewMyInfoServiceClient(client, w.origin),
	}
}

// homeOf is where somebody comes from: most have an address of their own, some share one with who sends bad proofs.
func homeOf(n int) string {
	if n%10 == 0 {
		return sharedAddress
	}
	return fmt.Sprintf("127.0.0.%d", 10+n)
}

func (p *person) live(ctx context.Context, r *report) {
	for ctx.Err() == nil {
		if err := p.visit(ctx, r); ctx.Err() == nil {
			r.visited(err)
		}
		// as many logins as the few cards may make
		pause(ctx, 5*time.Second+time.Duration(rand.Int64N(int64(5*time.Second))))
	}
}

func (p *person) visit(ctx context.Context, r *report) error {
	if err := p.page(ctx, "/"); err != nil {
		return err
	}
	began := time.Now()
	session, err := p.logIn(ctx)
	if reasonOf(err) == portalv1.Reason_REASON_REVOCATION_UNKNOWN && p.w.jlisDown.Load() {
		return nil // told rightly that it cannot be known now
	}
	if err != nil {
		return fmt.Errorf("logging in: %w", err)
	}
	r.login(time.Since(began))
	if session.GetKind() == portalv1.SessionKind_SESSION_KIND_NEWCOMER {
		_, err := p.accounts.OpenAccount(ctx, &portalv1.OpenAccountRequest{
			TermsVersion: rule.TermsVersion, DisplayName: "人",
			MunicipalityCode: p.holder.MunicipalityCode, Language: "ja",
		})
		// Somebody else with the same card may have been first.
		if err != nil && reasonOf(err) != portalv1.Reason_REASON_ALREADY_OPEN {
			return fmt.Errorf("opening a folder: %w", err)
		}
	}
	began = time.Now()
	if _, err := p.notices.ListNotices(ctx, &portalv1.ListNoticesRequest{}); err != nil {
		return fmt.Errorf("reading notices: %w", err)
	}
	r.read(time.Since(began))
	if err := p.watch(ctx); err != nil {
		return fmt.Errorf("listening for changes: %w", err)
	}
	if _, err := p.procedures.SearchProcedures(ctx, &portalv1.SearchProceduresRequest{
		PlaceCode: "131105", Query: "児童手当",
	}); err != nil {
		return fmt.Errorf("searching: %w", err)
	}
	if _, err := p.logins.LogOut(ctx, &portalv1.LogOutRequest{}); err != nil {
		return fmt.Errorf("logging out: %w", err)
	}
	return nil
}

func (p *person) page(ctx context.Context, path string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.w.origin+path, nil)
	if err != nil {
		return err
	}
	response, err := p.http.Do(request)
	if err != nil {
		return fmt.Errorf("getting %s: %w", path, err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil || response.StatusCode != http.StatusOK {
		return fmt.Errorf("getting %s: %s, %w", path, response.Status, err)
	}
	return nil
}

func (p *person) logIn(ctx context.Context) (*portalv1.Session, error) {
	challenge, err := p.logins.CreateChallenge(ctx, &portalv1.CreateChallengeRequest{Purpose: "login"})
	if err != nil {
		return nil, fmt.Errorf("asking for a challenge: %w", err)
	}
	signature, err := p.card.SignDigest(ctx, jpki.AuthKey, []byte(p.holder.AuthPIN),
		sha256.Sum256(challenge.GetChallenge()))
	if err != nil {
		return nil, err
	}
	response, err := p.logins.LogIn(ctx, &portalv1.LogInRequest{Proof: &portalv1.CardProof{
		Challenge: challenge.GetChallenge(), Seal: challenge.GetSeal(), Signature: signature,
		Certificate: p.holder.AuthCertificate(time.Now()).Raw,
	}})
	return response.GetSession(), err
}

// watch holds the stream of a page for a moment: the first message comes at once.
func (p *person) watch(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := p.changes.Watch(ctx, &portalv1.WatchRequest{})
	if err != nil {
		return err
	}
	defer stream.Close()
	if !stream.Receive() {
		return stream.Err()
	}
	return nil
}

// reasonOf is what a page would be told.
func reasonOf(err error) portalv1.Reason {
	var failed *connect.Error
	if !errors.As(err, &failed) {
		return portalv1.Reason_REASON_UNSPECIFIED
	}
	for _, detail := range failed.Details() {
		if value, err := detail.Value(); err == nil {
			if info, ok := value.(*portalv1.ErrorInfo); ok {
				return info.GetReason()
			}
		}
	}
	return portalv1.Reason_REASON_UNSPECIFIED
}
