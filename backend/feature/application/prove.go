package application

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access"
	"madoguchi/backend/japan/municipality"
	"madoguchi/backend/store/act"
	"madoguchi/backend/store/db"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// Whoever holds a co-signing link is told what kind of procedure it is, at which office, and until when: enough to
// decide whether to go on. No name is told, neither of who asks nor of who is asked, nor anything of the answers: a
// link is passed on, by mistake too. All that is read only in a session in which the signing card has proven the name
// and the day of birth of who is asked.

const (
	// challengeFor is for how long a challenge can be answered; who opens the link again within half of it is given the
	// same one, so that a second tab does not spoil the first.
	challengeFor = 10 * time.Minute
	// provenFor is for how long who has proven who they are may read.
	provenFor = 30 * time.Minute
	// A link has so many challenges that can be answered, and of those so many of one person's sessions. When there is
	// one more, an older one ends.
	mostChallenges, mostOfPerson = 8, 2
	// A person may ask for so many challenges at once, whatever for, and for one more a minute.
	beginsAtOnce, beginsASecond = 10, 1 / 60.
	// mostNotes is how many lines one link can bring into the history of who asks; of those, mostStrange can come of
	// people who have not proven that they are the one who is asked.
	mostNotes, mostStrange = 50, 20
	// A person may err so often at once, by links that are none and by other people's cards, and once more a minute.
	errsAtOnce, errsASecond = 10, 1 / 60.
)

// What stands in the history of who asks: that the link was opened, which shows nothing of the application, and that
// the application was read.
const (
	actLink   = "application.cosign_link"
	actOpened = "application.cosign_opened"
)

// proof is how far somebody has proven in a session that they are the one whom a link asks.
type proof struct {
	db.ApplicationProofGetRow
	there bool
}

func (p proof) holds(now time.Time) bool { return p.Answer != "" && p.ExpiresAt >= now.UnixMilli() }

// readProof reads that of the caller.
func readProof(ctx context.Context, q *db.Queries, hash string) (p proof, err error) {
	caller := access.FromContext(ctx)
	p.ApplicationProofGetRow, err = q.ApplicationProofGet(ctx, db.ApplicationProofGetParams{
		FolderID: caller.Subject(), SessionHash: caller.SessionHash, CosignHash: hash,
	})
	if errors.Is(err, db.ErrNotFound) {
		return p, nil
	}
	if err != nil {
		return p, fmt.Errorf("reading a proof: %w", err)
	}
	p.there = true
	return p, nil
}

// proven is asked, of somebody who has proven in this session that they are whom the link asks, or has signed.
func (s *Service) proven(ctx context.Context, q *db.Queries, hash string) (*asked, error) {
	a, err := s.askedBy(ctx, q, hash)
	if err != nil || a.sent.CosignedAt > 0 {
		return a, err
	}
	p, err := readProof(ctx, q, hash)
	if err != nil {
		return nil, err
	}
	if !p.holds(s.Now()) {
		return nil, access.ShowCardAgain(ctx, "application.cosign_prove")
	}
	return a, nil
}

// challenge is what the card is to sign: for this link, in this session, until then. It is no document that an
// application could have, and says itself that it is none.
func (s *Service) challenge(ctx context.Context, hash, nonce string, expires int64) ([]byte, error) {
	session := sha256.Sum256([]byte("cosign\x00" + access.FromContext(ctx).SessionHash))
	text, err := json.Marshal(struct {
		Kind    string `json:"kind"`
		Means   string `json:"means"`
		Origin  string `json:"origin"`
		Link    string `json:"link"`
		Session string `json:"session"`
		Nonce   string `json:"nonce"`
		Expires int64  `json:"expires"`
	}{
		"madoguchi-cosign-proof-v1", "連署を頼まれた本人であることを示します。申請への署名ではありません。", s.Origin, hash,
		hex.EncodeToString(session[:]), nonce, expires,
	})
	if err != nil {
		return nil, fmt.Errorf("writing a challenge: %w", err)
	}
	return text, nil
}

// BeginCosign opens a link: it tells what whoever holds it may know, and what the card is to sign for more.
func (s *Service) BeginCosign(
	ctx context.Context, request *portalv1.BeginCosignRequest,
) (*portalv1.BeginCosignResponse, error) {
	if err := s.mayErr(ctx); err != nil {
		return nil, err
	}
	var response *portalv1.BeginCosignResponse
	hash := hashOf(request.GetToken())
	takes := sync.OnceValue(func() error { // once, however often the transaction is tried
		if wait := s.begins.Take(access.Subject(ctx), 1, s.Now()); wait > 0 {
			return access.TooMany(ctx, wait, errors.New("too many challenges"))
		}
		return nil
	})
	err := s.DB.Tx(ctx, func(q *db.Queries) error {
		a, err := s.askedBy(ctx, q, hash)
		if err != nil {
			return err
		}
		if a.sent.CosignedAt > 0 {
			response = &portalv1.BeginCosignResponse{Signed: true}
			return nil
		}
		title := a.form.Texts["title"]
		place, _ := municipality.ByCode(a.row.PlaceCode)
		response = &portalv1.BeginCosignResponse{
			Name:      &portalv1.LocalText{Ja: title.Ja, En: title.En, Easy: title.Easy},
			PlaceName: place.Name, PlaceEnglish: municipality.English(place.Code), DueAt: a.row.DueAt,
		}
		if response.OfficeName, err = s.reader(q).office(ctx, a.row.OfficeID); err != nil {
			return err
		}
		p, err := readProof(ctx, q, hash)
		if err != nil {
			return err
		}
		now := s.Now()
		if p.holds(now) {
			response.ProvenUntil = p.ExpiresAt
			return nil
		}
		if p.Challenge == "" || p.ExpiresAt < now.Add(challengeFor/2).UnixMilli() {
			if err := takes(); err != nil {
				return err
			}
			p.Challenge, p.ExpiresAt = rand.Text(), now.Add(challengeFor).UnixMilli()
			if err := s.ask(ctx, q, a, hash, p); err != nil {
				return err
			}
		}
		response.ExpiresAt = p.ExpiresAt
		response.Challenge, err = s.challenge(ctx, hash, p.Challenge, p.ExpiresAt)
		return err
	})
	if err != nil {
		return nil, s.missed(ctx, told(err, "opening a co-signing link"))
	}
	return response, nil
}

// ask writes a challenge, in place of the one that the session has for the link, and has it stand in the history of who
// asks when a session opens the link.
func (s *Service) ask(ctx context.Context, q *db.Queries, a *asked, hash string, p proof) error {
	now, caller := s.Now(), access.FromContext(ctx)
	open, err := q.ApplicationProofsOpen(ctx, db.ApplicationProofsOpenParams{CosignHash: hash, Now: now.UnixMilli()})
	if err != nil {
		return fmt.Errorf("reading a link's challenges: %w", err)
	}
	for _, old := range crowdedOut(open, caller.Subject(), caller.SessionHash) {
		err := q.ApplicationProofEnd(ctx, db.ApplicationProofEndParams{
			FolderID: old.FolderID, SessionHash: old.SessionHash, CosignHash: hash,
		})
		if err != nil {
			return fmt.Errorf("ending a challenge: %w", err)
		}
	}
	err = q.ApplicationProofAsk(ctx, db.ApplicationProofAskParams{
		FolderID: caller.Subject(), SessionHash: caller.SessionHash, CosignHash: hash, Challenge: p.Challenge,
		ExpiresAt: p.ExpiresAt,
	})
	if err != nil {
		return fmt.Errorf("writing a challenge: %w", err)
	}
	if p.there {
		return nil
	}
	if noted, err := counted(ctx, q, a, mostStrange); err != nil || !noted {
		return err
	}
	return act.ByItself(ctx, q, actLink, "", act.By{Folder: a.row.FolderID}, now)
}

// crowdedOut are those of a link's challenges, of which the oldest is the first, that end when a session asks for one:
// the oldest of the same person's other sessions where these have too many; and when the link has too many, the oldest
// of whoever has most. So a stranger who opens a link again and again ends challenges of their own.
func crowdedOut(open []db.ApplicationProofsOpenRow, folder, session string) (ended []db.ApplicationProofsOpenRow) {
	open = slices.DeleteFunc(slices.Clone(open), func(one db.ApplicationProofsOpenRow) bool {
		return one.FolderID == folder && one.SessionHash == session // it is replaced
	})
	has := map[string]int{}
	for _, one := range open {
		has[one.FolderID]++
	}
	end := func(of string) {
		at := slices.IndexFunc(open, func(one db.ApplicationProofsOpenRow) bool { return one.FolderID == of })
		ended = append(ended, open[at])
		open = slices.Delete(open, at, at+1)
		has[of]--
	}
	for has[folder] >= mostOfPerson {
		end(folder)
	}
	for len(open) >= mostChallenges {
		most := open[0].FolderID
		for _, one := range open {
			if has[one.FolderID] > has[most] {
				most = one.FolderID
			}
		}
		end(most)
	}
	return ended
}

// counted counts a line that a link brings into the history of who asks; false when it has brought most already.
func counted(ctx context.Context, q *db.Queries, a *asked, most int64) (bool, error) {
	n, err := q.ApplicationCosignNote(ctx, db.ApplicationCosignNoteParams{
		FolderID: a.row.FolderID, ApplicationID: a.row.ID, Revision: a.sent.Revision, Most: most,
	})
	if err != nil {
		return false, fmt.Errorf("counting what a link brings: %w", err)
	}
	return n > 0, nil
}

// ProveCosign takes the proof: the same person, certificate and authorities as of the signature later.
func (s *Service) ProveCosign(
	ctx context.Context, request *portalv1.ProveCosignRequest,
) (*portalv1.ProveCosignResponse, error) {
	if err := s.mayErr(ctx); err != nil {
		return nil, err
	}
	hash, sum := hashOf(request.GetToken()), sha256.Sum256(request.GetSignature())
	answer := hex.EncodeToString(sum[:])
	a, err := s.askedBy(ctx, s.DB.Read(), hash)
	if err != nil {
		return nil, s.missed(ctx, err)
	}
	p, err := readProof(ctx, s.DB.Read(), hash)
	now := s.Now()
	switch {
	case err != nil:
		return nil, err
	case p.Answer == answer && p.holds(now): // sent again, as the answer was lost: it lasts no longer by that
		return &portalv1.ProveCosignResponse{ProvenUntil: p.ExpiresAt}, nil
	case p.Challenge == "":
		return nil, s.erred(ctx, challengeSpent(ctx, "it was answered, or is of another session"))
	case p.ExpiresAt < now.UnixMilli():
		return nil, access.Error(ctx, connect.CodeFailedPrecondition, portalv1.Reason_REASON_CHALLENGE_EXPIRED,
			"signature", nil)
	}
	text, err := s.challenge(ctx, hash, p.Challenge, p.ExpiresAt)
	if err != nil {
		return nil, err
	}
	who, err := s.examine(ctx, text, request.GetSignature())
	if err != nil {
		return nil, s.erred(ctx, err)
	}
	if err := s.isAsked(ctx, a, who); err != nil {
		return nil, s.refusedTo(ctx, a, err)
	}
	until := now.Add(provenFor).UnixMilli()
	err = s.DB.Tx(ctx, func(q *db.Queries) error {
		caller := access.FromContext(ctx)
		first, err := q.ApplicationProofAnswer(ctx, db.ApplicationProofAnswerParams{
			FolderID: caller.Subject(), SessionHash: caller.SessionHash, CosignHash: hash, Challenge: p.Challenge,
			Answer: answer, ExpiresAt: until,
		})
		if err != nil {
			return fmt.Errorf("writing a proof: %w", err)
		}
		if first > 0 {
			return nil
		}
		now, err := readProof(ctx, q, hash)
		if err != nil || now.Answer == answer { // it came twice at once
			until = now.ExpiresAt
			return err
		}
		return challengeSpent(ctx, "it was answered a moment ago")
	})
	if err != nil {
		return nil, told(err, "taking a proof in")
	}
	return &portalv1.ProveCosignResponse{ProvenUntil: until}, nil
}

func challengeSpent(ctx context.Context, why string) error {
	return access.Error(ctx, connect.CodeFailedPrecondition, portalv1.Reason_REASON_CHALLENGE_INVALID, "signature",
		errors.New(why))
}

// isAsked refuses a signer who is not the one who is asked, or not the person of the folder.
func (s *Service) isAsked(ctx context.Context, a *asked, who examined) error {
	named := cosigner{a.sent.CosignName, a.sent.CosignBirth}
	if named.name == "" || named.birth == "" || !named.is(who) {
		return otherPerson(ctx, errors.New("the signer is not the one who is named"))
	}
	return s.ofFolder(ctx, access.Subject(ctx), who)
}

// mayErr refuses who has erred too often: before anything is looked up, so that the refusal tells nothing.
func (s *Service) mayErr(ctx context.Context) error {
	if s.errs.Empty(access.Subject(ctx), s.Now()) {
		return access.TooMany(ctx, time.Minute, errors.New("too many links that are none, or other people's cards"))
	}
	return nil
}

// erred counts an error of the person's, and gives it on: that J-LIS cannot be asked is none.
func (s *Service) erred(ctx context.Context, err error) error {
	if connect.CodeOf(err) == connect.CodeUnavailable {
		return err
	}
	s.errs.Take(access.Subject(ctx), 1, s.Now())
	return err
}

// missed is erred for a link that is none.
func (s *Service) missed(ctx context.Context, err error) error {
	if connect.CodeOf(err) == connect.CodeNotFound {
		return s.erred(ctx, err)
	}
	return err
}

// refusedTo is erred for somebody else than who is asked: who asks finds it in their history.
func (s *Service) refusedTo(ctx context.Context, a *asked, err error) error {
	if connect.CodeOf(err) != connect.CodePermissionDenied {
		return err // J-LIS, or the store, could not be asked
	}
	var noted bool
	failed := s.DB.Tx(db.Alone(context.WithoutCancel(ctx)), func(q *db.Queries) (err error) {
		noted, err = counted(ctx, q, a, mostStrange)
		return err
	})
	if failed == nil && noted {
		failed = act.Refused(ctx, s.DB, a.row.FolderID, actOpened, "other_card", act.By{}, s.Now())
	}
	if failed != nil {
		return errors.Join(failed, err)
	}
	return s.erred(ctx, err)
}
