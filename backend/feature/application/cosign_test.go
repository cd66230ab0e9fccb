package application

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/encoding/protojson"

	"madoguchi/backend/door/access"
	"madoguchi/backend/store/act"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/folder/foldertest"
	"madoguchi/proto/form"
	officev1 "madoguchi/proto/gen/office/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// What two have signed and an office has sent back is signed by both again: the first link is good for nothing, and
// nothing of the correction reaches the office before the second signature.
func TestTwoSignACorrectionAgain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		answers := w.filled(form.Answers{
			"shared": form.BoolOf(true), "owner_name": form.TextOf("山田太郎"), "owner_birth": form.TextOf("1988-02-03"),
		})
		second := func(token string) (*portalv1.SignCosignResponse, error) {
			if err := w.proves("taro", "yamada-taro", token); err != nil {
				return nil, err
			}
			shown, err := w.people.GetCosign(w.as("taro"), &portalv1.GetCosignRequest{Token: token})
			if err != nil {
				return nil, err
			}
			return w.people.SignCosign(w.as("taro"), &portalv1.SignCosignRequest{
				Token: token, Signature: w.sign("yamada-taro", shown.GetSigned(), origin),
			})
		}
		a := w.send("hanako", w.signed("yamada-hanako", answers, nil))
		first := a.GetCosign().GetToken()
		if _, err := second(first); err != nil {
			t.Fatal(err)
		}
		_, err := w.offices.ReturnApplication(w.from(meguro), &officev1.ReturnApplicationRequest{
			Id: a.GetId(), Reference: "1", Reasons: []*portalv1.ReturnReason{{Code: "R11", Fields: []string{"name"}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		a = w.get("hanako", a.GetId())
		answers["name"] = form.TextOf("シロ")
		a = w.send("hanako", w.signed("yamada-hanako", answers, a))
		if a.GetState() != cosigning || a.GetCosign().GetToken() == "" || a.GetCosign().GetToken() == first {
			t.Fatalf("%v", a)
		}
		// By the first link the second person sees what they signed; to sign it again changes nothing.
		if _, err := second(first); err != nil || w.get("hanako", a.GetId()).GetState() != cosigning {
			t.Errorf("by the first link: %v, %v", err, w.get("hanako", a.GetId()).GetState())
		}
		fetched, err := w.offices.FetchApplication(w.from(meguro), &officev1.FetchApplicationRequest{Id: a.GetId()})
		if err == nil && string(fetched.GetAnswers()) == string(answers.Canonical()) {
			t.Error("the office has what only one signed")
		}
		if _, err := second(a.GetCosign().GetToken()); err != nil {
			t.Fatal(err)
		}
		if a = w.get("hanako", a.GetId()); a.GetState() != resent || a.GetCosign().GetSignedAt() == 0 {
			t.Errorf("%v", a)
		}
	})
}

// proves has a person's card prove in a folder's session that they are whom a link asks; nothing is needed of who has
// signed by it.
func (w *world) proves(folder, person, token string) error {
	w.t.Helper()
	begun, err := w.people.BeginCosign(w.as(folder), &portalv1.BeginCosignRequest{Token: token})
	if err != nil || begun.GetSigned() || begun.GetProvenUntil() > 0 {
		return err
	}
	return second(w.prove(w.as(folder), token, w.sign(person, begun.GetChallenge(), origin)))
}

func (w *world) prove(ctx context.Context, token string, signature []byte) (*portalv1.ProveCosignResponse, error) {
	return w.people.ProveCosign(ctx, &portalv1.ProveCosignRequest{Token: token, Signature: signature})
}

// elsewhere is another session of somebody.
func (w *world) elsewhere(folder string) context.Context {
	return access.WithCaller(w.t.Context(), access.Caller{
		Kind: access.Citizen, FolderID: folder, SessionHash: "another session of " + folder,
	})
}

// together are answers by which somebody else signs, too.
func (w *world) together(name, birth string) form.Answers {
	return w.filled(form.Answers{
		"shared": form.BoolOf(true), "owner_name": form.TextOf(name), "owner_birth": form.TextOf(birth),
	})
}

func (w *world) asks(name, birth string) (id, token string) {
	w.t.Helper()
	a := w.send("hanako", w.signed("yamada-hanako", w.together(name, birth), nil))
	return a.GetId(), a.GetCosign().GetToken()
}

func (w *world) reads(ctx context.Context, token string) error {
	return second(w.people.GetCosign(ctx, &portalv1.GetCosignRequest{Token: token}))
}

func (w *world) history(folder string) (said []string) {
	w.t.Helper()
	lines, err := act.Read(w.t.Context(), w.db.Read(), folder, act.Position{At: math.MaxInt64}, 0, 100)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, l := range slices.Backward(lines) {
		said = append(said, strings.TrimSpace(l.Line.GetAct()+" "+l.Line.GetWhy()))
	}
	return said
}

func wantReason(t *testing.T, what string, err error, want portalv1.Reason) {
	t.Helper()
	if got := reason(err); got != want {
		t.Errorf("%s: %v, want %v: %v", what, got, want, err)
	}
}

// Whoever holds the link is told which procedure, where and until when, and nothing of anybody; to read, the named
// person's signing card is needed, in that session, for that time. Who asks finds all of it in their history.
func TestALinkTellsNothingOfAnybody(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id, token := w.asks("山田太郎", "1988-02-03")
		begun, err := w.people.BeginCosign(w.as("gaiji"), &portalv1.BeginCosignRequest{Token: token})
		if err != nil {
			t.Fatal(err)
		}
		said := protojson.Format(begun) + string(begun.GetChallenge())
		for _, secret := range []string{"山田", "花子", "太郎", "1988", "1990", "ポチ", id, token} {
			if strings.Contains(said, secret) {
				t.Errorf("%q is told: %s", secret, said)
			}
		}
		if !strings.HasPrefix(begun.GetName().GetJa(), "犬") || begun.GetOfficeName() != "目黒区" || begun.GetDueAt() == 0 {
			t.Errorf("%v", begun)
		}
		wantReason(t, "unproven", w.reads(w.as("taro"), token), portalv1.Reason_REASON_CARD_AGAIN)
		if err := w.proves("taro", "yamada-taro", token); err != nil {
			t.Fatal(err)
		}
		shown, err := w.people.GetCosign(w.as("taro"), &portalv1.GetCosignRequest{Token: token})
		if err != nil || !bytes.Contains(shown.GetSigned(), []byte("ポチ")) {
			t.Fatalf("%v, %v", shown, err)
		}
		again, err := w.people.BeginCosign(w.as("taro"), &portalv1.BeginCosignRequest{Token: token})
		if err != nil || again.GetProvenUntil() == 0 || len(again.GetChallenge()) > 0 {
			t.Errorf("%v, %v", again, err)
		}
		wantReason(t, "another session", w.reads(w.elsewhere("taro"), token), portalv1.Reason_REASON_CARD_AGAIN)
		wantReason(t, "somebody else", w.reads(w.as("gaiji"), token), portalv1.Reason_REASON_CARD_AGAIN)
		_, other := w.asks("山田太郎", "1988-02-03")
		wantReason(t, "another link", w.reads(w.as("taro"), other), portalv1.Reason_REASON_CARD_AGAIN)
		w.advance(provenFor + time.Second)
		wantReason(t, "too late", w.reads(w.as("taro"), token), portalv1.Reason_REASON_CARD_AGAIN)
		want := []string{actLink, actLink, actOpened}
		if got := slices.Sorted(slices.Values(w.history("hanako"))); !slices.Equal(got, want) {
			t.Errorf("the history of who asks: %v", got)
		}
	})
}

// Who asks finds one line for as long as a proof lasts, however often is read in it, also once it is signed; and no
// more than so many of one link, whatever its holder does.
func TestToReadIsOneLineAProof(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		lines := func() (n int) {
			for _, said := range w.history("hanako") {
				if said == actOpened {
					n++
				}
			}
			return n
		}
		read := func(ctx context.Context, token, what string, want int) {
			t.Helper()
			for range 3 {
				if err := w.reads(ctx, token); err != nil {
					t.Fatalf("%s: %v", what, err)
				}
			}
			if got := lines(); got != want {
				t.Errorf("%s: %d lines, want %d", what, got, want)
			}
		}
		_, token := w.asks("山田太郎", "1988-02-03")
		_, other := w.asks("山田太郎", "1988-02-03")
		for n, one := range []string{token, other} {
			if err := w.proves("taro", "yamada-taro", one); err != nil {
				t.Fatal(err)
			}
			read(w.as("taro"), one, fmt.Sprint("link ", n), n+1)
		}
		until := func() int64 {
			t.Helper()
			begun, err := w.people.BeginCosign(w.as("taro"), &portalv1.BeginCosignRequest{Token: token})
			if err != nil {
				t.Fatal(err)
			}
			return begun.GetProvenUntil()
		}
		before := until()
		w.advance(provenFor - time.Second)
		if read(w.as("taro"), token, "at its end", 2); until() != before {
			t.Error("a proof lasts longer by being used")
		}
		w.advance(2 * time.Second)
		wantReason(t, "later", w.reads(w.as("taro"), token), portalv1.Reason_REASON_CARD_AGAIN)
		if err := w.cosigns(token); err != nil {
			t.Fatal(err)
		}
		read(w.as("taro"), token, "another proof, and a signature", 3)
		w.advance(provenFor)
		read(w.as("taro"), token, "much later", 4)
		for n := range mostNotes {
			ctx := access.WithCaller(t.Context(), access.Caller{
				Kind: access.Citizen, FolderID: "taro", SessionHash: fmt.Sprint("session ", n),
			})
			if err := w.reads(ctx, token); err != nil {
				t.Fatal(err)
			}
		}
		// One is of the other link; and one that this one brought says that it was opened.
		if got := lines(); got != mostNotes+1-1 {
			t.Errorf("%d lines", got)
		}
	})
}

// session is one of somebody's.
func (w *world) session(folder string, n int) context.Context {
	return access.WithCaller(w.t.Context(), access.Caller{
		Kind: access.Citizen, FolderID: folder, SessionHash: fmt.Sprint("session ", n),
	})
}

func (w *world) begins(ctx context.Context, token string) ([]byte, error) {
	begun, err := w.people.BeginCosign(ctx, &portalv1.BeginCosignRequest{Token: token})
	return begun.GetChallenge(), err
}

// open are the folders in which a link's challenges can be answered.
func (w *world) open(token string) (folders []string) {
	w.t.Helper()
	rows, err := w.db.Read().ApplicationProofsOpen(w.t.Context(), db.ApplicationProofsOpenParams{
		CosignHash: hashOf(token), Now: w.now().UnixMilli(),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, row := range rows {
		folders = append(folders, row.FolderID)
	}
	return folders
}

// A stranger who opens a link again and again, each time in another session, has two challenges at most, is told to
// wait, and ends nobody's but their own. After a minute they may open it again.
func TestWhoFloodsALinkLocksNobodyOut(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, token := w.asks("山田太郎", "1988-02-03")
		challenge, err := w.begins(w.as("taro"), token)
		if err != nil {
			t.Fatal(err)
		}
		var first []byte
		for n := range beginsAtOnce {
			one, err := w.begins(w.session("gaiji", n), token)
			if err != nil {
				t.Fatalf("time %d: %v", n, err)
			}
			if first == nil {
				first = one
			}
		}
		_, refused := w.begins(w.session("gaiji", beginsAtOnce), token)
		wantReason(t, "a flood", refused, portalv1.Reason_REASON_TOO_MANY_REQUESTS)
		// Whoever has a challenge is given it again.
		if _, err := w.begins(w.session("gaiji", beginsAtOnce-1), token); err != nil {
			t.Error(err)
		}
		_, other := w.asks("山田太郎", "1988-02-03")
		_, refused = w.begins(w.as("gaiji"), other)
		wantReason(t, "another link", refused, portalv1.Reason_REASON_TOO_MANY_REQUESTS)
		if got := w.open(token); !slices.Equal(slices.Sorted(slices.Values(got)), []string{"gaiji", "gaiji", "taro"}) {
			t.Errorf("open are those of %v", got)
		}
		signed := w.sign("watanabe-gaiji", first, origin)
		wantReason(t, "one that ended", second(w.prove(w.session("gaiji", 0), token, signed)),
			portalv1.Reason_REASON_CHALLENGE_INVALID)
		if err := second(w.prove(w.as("taro"), token, w.sign("yamada-taro", challenge, origin))); err != nil {
			t.Errorf("who is asked: %v", err)
		}
		if err := w.reads(w.as("taro"), token); err != nil {
			t.Error(err)
		}
		w.advance(time.Minute)
		if _, err := w.begins(w.session("gaiji", beginsAtOnce), token); err != nil {
			t.Errorf("a minute later: %v", err)
		}
	})
}

// A link that many strangers hold keeps few challenges, and brings few lines into the history of who asks: who is asked
// comes in all the same, and that they read is noted.
func TestALinkThatManyHoldIsBounded(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, token := w.asks("山田太郎", "1988-02-03")
		before, err := w.begins(w.as("taro"), token)
		if err != nil {
			t.Fatal(err)
		}
		w.advance(time.Second)
		var strangers []string
		for n := range 3 * mostChallenges {
			strangers = append(strangers, fmt.Sprint("stranger", n))
		}
		foldertest.Open(t, w.db, strangers...)
		crowd, rest := strangers[:mostChallenges], strangers[mostChallenges:]
		err = w.atOnce(2*len(crowd), func(n int) error {
			return second(w.begins(w.session(crowd[n/2], n), token))
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := w.open(token); len(got) != mostChallenges {
			t.Errorf("open are those of %v", got)
		}
		for n, stranger := range rest {
			if err := second(w.begins(w.session(stranger, n), token)); err != nil {
				t.Fatal(err)
			}
		}
		if got := w.open(token); len(got) != mostChallenges || slices.Contains(got, "taro") {
			t.Fatalf("open are those of %v", got)
		}
		wantReason(t, "one that ended", second(w.prove(w.as("taro"), token, w.sign("yamada-taro", before, origin))),
			portalv1.Reason_REASON_CHALLENGE_INVALID)
		// The other cards' tries are lines, too, until there are enough.
		challenge, err := w.begins(w.as("gaiji"), token)
		if err != nil {
			t.Fatal(err)
		}
		wantReason(t, "another card", second(w.prove(w.as("gaiji"), token,
			w.sign("watanabe-gaiji", challenge, origin))), portalv1.Reason_REASON_OTHER_PERSON)
		if err := w.proves("taro", "yamada-taro", token); err != nil {
			t.Fatal(err)
		}
		if err := w.reads(w.as("taro"), token); err != nil {
			t.Fatal(err)
		}
		said := map[string]int{}
		for _, line := range w.history("hanako") {
			said[line]++
		}
		if said[actLink] != mostStrange || said[actOpened] != 1 || len(said) != 2 {
			t.Errorf("the history of who asks: %v", said)
		}
	})
}

// A link that was given up shows nothing at once to who has proven who they are, whatever they hold already.
func TestALinkThatIsGivenUpEndsItsProofs(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id, token := w.asks("山田太郎", "1988-02-03")
		taro, none := w.as("taro"), portalv1.Reason_REASON_NOT_FOUND
		if err := w.proves("taro", "yamada-taro", token); err != nil {
			t.Fatal(err)
		}
		shown, err := w.people.GetCosign(taro, &portalv1.GetCosignRequest{Token: token})
		if err != nil {
			t.Fatal(err)
		}
		signature := w.sign("yamada-taro", shown.GetSigned(), origin)
		if _, err := w.people.WithdrawApplication(w.as("hanako"), &portalv1.WithdrawApplicationRequest{
			Id: id,
		}); err != nil {
			t.Fatal(err)
		}
		wantReason(t, "to read", w.reads(taro, token), none)
		wantReason(t, "to begin", second(w.people.BeginCosign(taro, &portalv1.BeginCosignRequest{Token: token})), none)
		wantReason(t, "to prove", second(w.prove(taro, token, signature)), none)
		wantReason(t, "a file", second(w.people.OpenCosignFile(taro, &portalv1.OpenCosignFileRequest{
			Token: token, Attachment: hexID("file"),
		})), none)
		wantReason(t, "to sign", second(w.people.SignCosign(taro, &portalv1.SignCosignRequest{
			Token: token, Signature: signature,
		})), none)
	})
}

// A proof is by the card of the named person, over the challenge of this session and link, once, in time.
func TestOnlyTheNamedPersonProves(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, token := w.asks("山田太郎", "1988-02-03")
		begin := func(ctx context.Context) []byte {
			t.Helper()
			begun, err := w.people.BeginCosign(ctx, &portalv1.BeginCosignRequest{Token: token})
			if err != nil {
				t.Fatal(err)
			}
			return begun.GetChallenge()
		}
		taro, gaiji, elsewhere := w.as("taro"), w.as("gaiji"), w.elsewhere("taro")
		unasked := w.sign("yamada-taro", []byte("anything"), origin)
		wantReason(t, "before it is asked for", second(w.prove(taro, token, unasked)),
			portalv1.Reason_REASON_CHALLENGE_INVALID)
		here, there := begin(taro), begin(elsewhere)
		for what, c := range map[string]struct {
			in        context.Context
			signature []byte
			want      portalv1.Reason
		}{
			"another person's card": {
				gaiji, w.sign("watanabe-gaiji", begin(gaiji), origin), portalv1.Reason_REASON_OTHER_PERSON,
			},
			"in another's session": {
				gaiji, w.sign("yamada-taro", begin(gaiji), origin), portalv1.Reason_REASON_OTHER_PERSON,
			},
			"another session's": {
				taro, w.sign("yamada-taro", there, origin), portalv1.Reason_REASON_SIGNATURE_INVALID,
			},
			"another portal's": {
				taro, w.sign("yamada-taro", here, "https://other.example.jp"), portalv1.Reason_REASON_SIGNATURE_INVALID,
			},
			"a revoked card's": {
				taro, w.sign("ito-revoked", here, origin), portalv1.Reason_REASON_CERTIFICATE_REVOKED,
			},
			"none": {taro, nil, portalv1.Reason_REASON_SIGNATURE_INVALID},
		} {
			wantReason(t, what, second(w.prove(c.in, token, c.signature)), c.want)
			wantReason(t, what+", reading", w.reads(c.in, token), portalv1.Reason_REASON_CARD_AGAIN)
		}
		w.noJLIS.Store(true)
		good := w.sign("yamada-taro", here, origin)
		wantReason(t, "without J-LIS", second(w.prove(taro, token, good)), portalv1.Reason_REASON_REVOCATION_UNKNOWN)
		w.noJLIS.Store(false)
		first, err := w.prove(taro, token, good)
		if err != nil {
			t.Fatal(err)
		}
		w.advance(time.Minute)
		if again, err := w.prove(taro, token, good); err != nil || again.GetProvenUntil() != first.GetProvenUntil() {
			t.Errorf("the answer was lost: %v, %v", again, err)
		}
		other := w.sign("yamada-taro", here, origin) // another signature: its time is another
		if !bytes.Equal(other, good) {
			wantReason(t, "a second answer", second(w.prove(taro, token, other)),
				portalv1.Reason_REASON_CHALLENGE_INVALID)
		}
		wantReason(t, "again elsewhere", second(w.prove(elsewhere, token, good)),
			portalv1.Reason_REASON_SIGNATURE_INVALID)
		w.advance(provenFor)
		wantReason(t, "again when it has ended", second(w.prove(taro, token, good)),
			portalv1.Reason_REASON_CHALLENGE_INVALID)
		slow := w.sign("yamada-taro", begin(taro), origin)
		w.advance(challengeFor + time.Second)
		wantReason(t, "too slow", second(w.prove(taro, token, slow)), portalv1.Reason_REASON_CHALLENGE_EXPIRED)
		if err := w.proves("taro", "yamada-taro", token); err != nil {
			t.Errorf("a new challenge: %v", err)
		}
		refused := slices.DeleteFunc(w.history("hanako"), func(s string) bool { return s != actOpened+" other_card" })
		if len(refused) != 2 {
			t.Errorf("%d cards of others stand in the history of who asks", len(refused))
		}
	})
}

// The certificate's substitute characters count as at every signature; a revoked certificate proves nobody.
func TestTheProofIsOfTheCertificate(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, token := w.asks("渡邉 𠮷江", "1955-12-31")
		if err := w.proves("gaiji", "watanabe-gaiji", token); err != nil {
			t.Error(err)
		}
		for _, named := range [][2]string{{"渡邉 𠮷枝", "1955-12-31"}, {"渡邉 𠮷江", "1955-12-30"}} {
			_, token := w.asks(named[0], named[1])
			wantReason(t, named[0]+named[1], w.proves("gaiji", "watanabe-gaiji", token),
				portalv1.Reason_REASON_OTHER_PERSON)
		}
		_, revoked := w.asks("伊藤 美咲", "1995-10-03")
		wantReason(t, "revoked", w.proves("revoked", "ito-revoked", revoked),
			portalv1.Reason_REASON_CERTIFICATE_REVOKED)
		wantReason(t, "revoked, reading", w.reads(w.as("revoked"), revoked), portalv1.Reason_REASON_CARD_AGAIN)
	})
}

// By a link that is guessed, one's own, too old, given up, or used by somebody else nothing is had; and who guesses is
// soon told nothing at all, even of a good one.
func TestLinksThatOpenNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		signature := w.sign("yamada-taro", []byte("anything"), origin)
		refused := func(what string, ctx context.Context, token string, want portalv1.Reason) {
			t.Helper()
			wantReason(t, what+", begin",
				second(w.people.BeginCosign(ctx, &portalv1.BeginCosignRequest{Token: token})), want)
			wantReason(t, what+", prove", second(w.prove(ctx, token, signature)), want)
			wantReason(t, what+", read", w.reads(ctx, token), want)
			wantReason(t, what+", sign", second(w.people.SignCosign(ctx, &portalv1.SignCosignRequest{
				Token: token, Signature: signature,
			})), want)
			wantReason(t, what+", file", second(w.people.OpenCosignFile(ctx, &portalv1.OpenCosignFileRequest{
				Token: token, Attachment: hexID("file"),
			})), want)
			w.advance(10 * time.Minute)
		}
		none := portalv1.Reason_REASON_NOT_FOUND
		taro := w.as("taro")
		id, token := w.asks("山田太郎", "1988-02-03")
		refused("one's own", w.as("hanako"), token, portalv1.Reason_REASON_NOT_ALLOWED)
		refused("guessed", taro, "AAAAAAAAAAAAAAAAAAAAAAAAAA", none)
		if _, err := w.people.WithdrawApplication(w.as("hanako"), &portalv1.WithdrawApplicationRequest{
			Id: id,
		}); err != nil {
			t.Fatal(err)
		}
		refused("given up", taro, token, none)
		_, token = w.asks("山田太郎", "1988-02-03")
		if err := w.cosigns(token); err != nil {
			t.Fatal(err)
		}
		refused("used by somebody else", w.as("gaiji"), token, none)
		_, token = w.asks("山田太郎", "1988-02-03")
		for n := range errsAtOnce {
			if err := w.reads(taro, fmt.Sprint("guess ", n)); reason(err) != none {
				t.Fatal(err)
			}
		}
		refused("after many guesses", taro, token, portalv1.Reason_REASON_TOO_MANY_REQUESTS)
		if err := w.proves("taro", "yamada-taro", token); err != nil {
			t.Errorf("some minutes later: %v", err)
		}
		w.advance(cosignFor)
		refused("too old", taro, token, none)
	})
}

// cosigns has 太郎 prove, read and sign by a link, each call made again as if its answer had been lost.
func (w *world) cosigns(token string) error {
	for range 2 {
		if err := w.proves("taro", "yamada-taro", token); err != nil {
			return err
		}
	}
	shown, err := w.people.GetCosign(w.as("taro"), &portalv1.GetCosignRequest{Token: token})
	if err != nil {
		return err
	}
	signature := w.sign("yamada-taro", shown.GetSigned(), origin)
	// Two at once, of which one is first: both are told that it is signed.
	return w.atOnce(4, func(int) error {
		return second(w.people.SignCosign(w.as("taro"), &portalv1.SignCosignRequest{
			Token: token, Signature: signature,
		}))
	})
}

// atOnce does something so many times at once; its error is the first that is no answer to the caller, or any.
func (w *world) atOnce(times int, do func(n int) error) error {
	done := make(chan error, times)
	for n := range times {
		go func() { done <- do(n) }()
	}
	var failed error
	for range times {
		failed = errors.Join(failed, <-done)
	}
	return failed
}

// answered fails the test when an error is none that a caller is meant to be given: the page would be told INTERNAL.
func (w *world) answered(what string, err error) {
	w.t.Helper()
	if err == nil {
		return
	}
	if refused, ok := errors.AsType[*connect.Error](err); !ok || refused.Code() == connect.CodeInternal {
		w.t.Errorf("%s: %v", what, err)
	}
}

// An application of two is returned and corrected, and both sign again, while pages and the office look: every call is
// made twice at once, and again. Nobody is told of a fault of ours, everything is done once, and what one of them had
// signed before the correction is good for nothing after it.
func TestTwoCorrectTogetherWhilePeopleLook(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		answers := w.together("山田太郎", "1988-02-03")
		a := w.send("hanako", w.signed("yamada-hanako", answers, nil))
		look := func(stop chan struct{}) (ended chan struct{}) {
			ended = make(chan struct{})
			go func() {
				defer close(ended)
				for {
					select {
					case <-stop:
						return
					default:
					}
					w.answered("the page", second(w.people.GetApplication(w.as("hanako"),
						&portalv1.GetApplicationRequest{Id: a.GetId()})))
					w.answered("the list", second(w.people.ListApplications(w.as("hanako"),
						&portalv1.ListApplicationsRequest{})))
					w.answered("the office", second(w.offices.FetchApplication(w.from(meguro),
						&officev1.FetchApplicationRequest{Id: a.GetId()})))
				}
			}()
			return ended
		}
		stop := make(chan struct{})
		ended := look(stop)
		defer func() { close(stop); <-ended }()
		before := a.GetCosign().GetToken()
		if err := w.cosigns(before); err != nil {
			t.Fatal(err)
		}
		for turn, name := range []string{"シロ", "クロ"} {
			reference := fmt.Sprint("turn ", turn)
			if err := w.atOnce(2, func(int) error { return w.returns(a.GetId(), reference, "name") }); err != nil {
				t.Fatal(err)
			}
			if err := w.atOnce(2, func(int) error {
				return second(w.people.CorrectApplication(w.as("hanako"), &portalv1.CorrectApplicationRequest{
					Id: a.GetId(),
				}))
			}); err != nil {
				t.Fatal(err)
			}
			answers["name"] = form.TextOf(name)
			// The same one at once, and another of which only one may be taken.
			r := w.signed("yamada-hanako", answers, w.get("hanako", a.GetId()))
			rival := w.signed("yamada-hanako", answers, w.get("hanako", a.GetId()))
			err := w.atOnce(6, func(n int) error {
				one := r
				if n%3 == 2 {
					one = rival
				}
				_, err := w.people.SendApplication(w.as("hanako"), one)
				w.answered("sending a correction", err)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			now := w.get("hanako", a.GetId())
			token := now.GetCosign().GetToken()
			if now.GetState() != cosigning || token == "" || token == before || len(now.GetSteps()) != 4+3*turn {
				t.Fatalf("turn %d: %v", turn, now)
			}
			// What was signed before the change is nothing for what is asked now, and a card that is shown for one link
			// opens no other.
			w.answered("correcting meanwhile", second(w.people.CorrectApplication(w.as("hanako"),
				&portalv1.CorrectApplicationRequest{Id: a.GetId()})))
			wantReason(t, "the other link", w.reads(w.as("taro"), token), portalv1.Reason_REASON_CARD_AGAIN)
			old, err := w.people.GetCosign(w.as("taro"), &portalv1.GetCosignRequest{Token: before})
			if err != nil {
				t.Fatal(err)
			}
			wantReason(t, "signed before the change", second(w.people.SignCosign(w.as("taro"),
				&portalv1.SignCosignRequest{
					Token: token, Signature: w.sign("yamada-taro", old.GetSigned(), origin),
				})), portalv1.Reason_REASON_SIGNATURE_INVALID)
			if turn == 1 {
				w.advance(cosignFor - time.Minute) // late, but in time
			}
			if err := w.cosigns(token); err != nil {
				t.Fatalf("turn %d: %v", turn, err)
			}
			if got := w.get("hanako", a.GetId()); got.GetState() != resent || got.GetCosign().GetSignedAt() == 0 ||
				len(got.GetSteps()) != 5+3*turn {
				t.Fatalf("turn %d: %v", turn, got)
			}
			before = token
		}
		// And one that is not signed in time.
		if err := w.returns(a.GetId(), "last", "name"); err != nil {
			t.Fatal(err)
		}
		answers["name"] = form.TextOf("ミケ")
		late := w.send("hanako", w.signed("yamada-hanako", answers, w.get("hanako", a.GetId())))
		w.advance(cosignFor + time.Minute)
		err := w.cosigns(late.GetCosign().GetToken())
		wantReason(t, "too late", err, portalv1.Reason_REASON_NOT_FOUND)
	})
}
