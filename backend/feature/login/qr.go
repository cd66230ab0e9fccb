package login

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"net/netip"
	"strings"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/agent"
	"madoguchi/backend/door/session"
	"madoguchi/backend/outside/tell"
	"madoguchi/backend/store/act"
	"madoguchi/backend/store/audit"
	"madoguchi/backend/store/db"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// The computer's side of a login by a code (2次元バーコード): it shows one, and types the number that the phone shows.
// The phone's is qr_phone.go. Everything is in the store, so that it does not matter which instance is asked.
const (
	codeLife  = time.Minute // to open the code, then to decide, then to type the number: each
	atOnce    = 3           // codes that live, a network
	reported  = 10 * time.Minute
	tokenSize = 16

	numberSpace = 1_000_000 // numbers to type
	// pagePath is where a code leads to: the token stands behind it, in the fragment.
	pagePath = "/qr#"
)

const (
	qrShown    = int64(portalv1.QrState_QR_STATE_SHOWN)
	qrOpened   = int64(portalv1.QrState_QR_STATE_OPENED)
	qrAllowed  = int64(portalv1.QrState_QR_STATE_ALLOWED)
	qrRefused  = int64(portalv1.QrState_QR_STATE_REFUSED) // from here on it is over
	qrMistyped = int64(portalv1.QrState_QR_STATE_MISTYPED)
	qrUsed     = int64(portalv1.QrState_QR_STATE_USED)
)

// BeginQr gives this browser a code to show.
func (s *Service) BeginQr(ctx context.Context, _ *portalv1.BeginQrRequest) (*portalv1.BeginQrResponse, error) {
	if wait := s.codes.Take(addressOf(ctx), 1, s.Now()); wait > 0 {
		return nil, access.TooMany(ctx, wait, errors.New("too many codes"))
	}
	random := make([]byte, tokenSize)
	_, _ = rand.Read(random)
	token, asking := base64.RawURLEncoding.EncodeToString(random), browserHash(s.knowBrowser(ctx))
	size, path, err := picture(s.Origin + pagePath + token)
	if err != nil {
		return nil, access.Internal(ctx, err)
	}
	now := s.Now()
	locked, err := s.DB.Read().QrLockOfBrowser(ctx, asking)
	if err != nil {
		return nil, access.Internal(ctx, fmt.Errorf("looking whether a browser was reported: %w", err))
	}
	if wait := time.UnixMilli(locked).Sub(now); wait > 0 {
		return nil, access.Wait(ctx, portalv1.Reason_REASON_QR_LOCKED, wait)
	}
	network, took := s.networkOf(ctx), false
	err = s.DB.Tx(ctx, func(q *db.Queries) error {
		if _, err := q.QrDropOfBrowser(ctx, asking); err != nil {
			return err
		}
		took, err = takePlace(ctx, q, db.QrTakePlaceParams{
			TokenHash: tokenHash(random), BrowserHash: asking, Network: network, Name: agent.Name(ctx),
			Country: s.countryOf(ctx), State: qrShown, Over: qrRefused,
			Now: now.UnixMilli(), ExpiresAt: now.Add(codeLife).UnixMilli(),
		})
		return err
	})
	if err != nil {
		return nil, access.Internal(ctx, fmt.Errorf("writing a code: %w", err))
	}
	if !took {
		return nil, s.crowded(ctx, network, now)
	}
	return &portalv1.BeginQrResponse{
		Token: token, Size: size, Path: path, LeftMs: codeLife.Milliseconds(),
	}, nil
}

// takePlace takes one of the places of a network, if one is free.
func takePlace(ctx context.Context, q *db.Queries, row db.QrTakePlaceParams) (bool, error) {
	for row.Place = range int64(atOnce) {
		taken, err := q.QrTakePlace(ctx, row)
		if err != nil || taken > 0 {
			return taken > 0, err
		}
	}
	return false, nil
}

func (s *Service) crowded(ctx context.Context, network string, now time.Time) error {
	next, err := s.DB.Read().QrNextEnd(ctx, network)
	if err != nil {
		return access.Internal(ctx, fmt.Errorf("finding when a code ends: %w", err))
	}
	wait := min(max(time.UnixMilli(next).Sub(now), time.Second), codeLife)
	return access.Wait(ctx, portalv1.Reason_REASON_QR_CROWDED, wait)
}

// WatchQr says how it goes, to the browser that shows the code and to who let it in.
func (s *Service) WatchQr(ctx context.Context, request *portalv1.WatchQrRequest) (*portalv1.WatchQrResponse, error) {
	over := &portalv1.WatchQrResponse{State: portalv1.QrState_QR_STATE_EXPIRED}
	row, err := s.code(ctx, request.GetToken())
	if errors.Is(err, errNoCode) {
		return over, nil
	}
	if err != nil {
		return nil, access.Internal(ctx, err)
	}
	decided := row.FolderID.Valid && row.FolderID.String == access.Actor(ctx)
	if !s.isBrowserOf(ctx, row) && !decided {
		return over, nil
	}
	response := &portalv1.WatchQrResponse{
		State: portalv1.QrState(row.State), LeftMs: time.UnixMilli(row.ExpiresAt).Sub(s.Now()).Milliseconds(),
	}
	if decided {
		response.Session = row.Begun
	}
	return response, nil
}

// EnterQr begins the session, if the number is the one that the phone shows. Whatever it is, there is no second try.
func (s *Service) EnterQr(ctx context.Context, request *portalv1.EnterQrRequest) (*portalv1.EnterQrResponse, error) {
	number := request.GetNumber()
	if !isNumber(number) {
		return nil, access.Invalid(ctx, "number", nil) // it can be none: the try is not spent
	}
	row, err := s.code(ctx, request.GetToken())
	if err == nil && (!s.isBrowserOf(ctx, row) || row.State != qrAllowed) {
		err = errNoCode
	}
	if err != nil {
		return nil, s.noCode(ctx, err)
	}
	phone, err := s.Sessions.ByHash(ctx, row.SessionHash)
	if errors.Is(err, db.ErrNotFound) {
		err = errNoCode // in which it was let in
	}
	if err != nil {
		return nil, s.noCode(ctx, err)
	}
	var done begun
	right := false
	err = s.DB.Tx(ctx, func(q *db.Queries) error {
		right = s.opens(row, number)
		done, err = s.spend(ctx, q, row, phone.Caller, right)
		return err
	})
	if errors.Is(err, errNoCode) {
		return nil, s.noCode(ctx, err)
	}
	if err != nil {
		return nil, access.Internal(ctx, fmt.Errorf("beginning a session by phone: %w", err))
	}
	if !right {
		audit.Log(ctx, audit.CodeMistyped, audit.Folder(row.FolderID.String))
		by := act.By{Folder: row.FolderID.String, Means: access.ByPhone.Message(), MeansID: phone.Caller.MeansID}
		if err := s.noteTry(ctx, byPhoneRecord, by, portalv1.Reason_REASON_QR_MISTYPED); err != nil {
			return nil, access.Internal(ctx, err)
		}
		return nil, access.Error(ctx, connect.CodePermissionDenied, portalv1.Reason_REASON_QR_MISTYPED, "number", nil)
	}
	message, err := s.arrived(ctx, done, access.ByPhone)
	return &portalv1.EnterQrResponse{Session: message}, err
}

// spend uses the one try up, and begins the session when it was right. errNoCode when somebody was first, or the
// session is over in which the phone let the computer in.
func (s *Service) spend(
	ctx context.Context, q *db.Queries, row db.QrLogin, phone access.Caller, right bool,
) (begun, error) {
	move := db.QrMoveParams{
		TokenHash: row.TokenHash, Before: qrAllowed, State: qrMistyped, Now: s.Now().UnixMilli(),
		ExpiresAt: s.Now().Add(codeLife).UnixMilli(), // so that both sides hear of it
	}
	if right {
		move.State = qrUsed
	}
	moved, err := q.QrMove(ctx, move)
	if err != nil {
		return begun{}, err
	}
	if moved == 0 {
		return begun{}, errNoCode
	}
	if !right {
		return begun{}, nil
	}
	if lives, err := session.Lives(ctx, q, phone.SessionHash); err != nil || !lives {
		return begun{}, cmp.Or(err, errNoCode)
	}
	replaced, err := leaveSession(ctx, q)
	if err != nil {
		return begun{}, err
	}
	token, err := s.Sessions.Begin(ctx, q, phone.FolderID, phone.Card, phone.CertificateExpiresAt)
	if err != nil {
		return begun{}, err
	}
	hash, err := session.ByPhone(ctx, q, token, phone.MeansID, row.Name)
	if err != nil {
		return begun{}, err
	}
	done := begun{token: token, folderID: phone.FolderID, replaced: replaced}
	err = s.noteLogin(ctx, q, done, act.By{Means: access.ByPhone.Message(), MeansID: phone.MeansID}, tell.Login)
	if err != nil {
		return begun{}, err
	}
	return done, q.QrNoteBegun(ctx, db.QrNoteBegunParams{TokenHash: row.TokenHash, Begun: act.Session(hash)})
}

// errNoCode is a code that is none of ours, is over, or is none for the caller.
var errNoCode = errors.New("the code is over, or there is none such for the caller")

// code finds one that lives.
func (s *Service) code(ctx context.Context, token string) (db.QrLogin, error) {
	random, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(random) != tokenSize {
		return db.QrLogin{}, errNoCode
	}
	row, err := s.DB.Read().QrGet(ctx, tokenHash(random))
	if errors.Is(err, db.ErrNotFound) {
		return db.QrLogin{}, errNoCode
	}
	if err != nil {
		return db.QrLogin{}, fmt.Errorf("finding a code: %w", err)
	}
	left := time.UnixMilli(row.ExpiresAt).Sub(s.Now())
	if left <= 0 || left > codeLife+access.ClockSkew { // from the future: the clock was set back
		return db.QrLogin{}, errNoCode
	}
	return row, nil
}

func (s *Service) noCode(ctx context.Context, err error) error {
	if !errors.Is(err, errNoCode) {
		return access.Internal(ctx, err)
	}
	return access.Error(ctx, connect.CodeFailedPrecondition, portalv1.Reason_REASON_QR_EXPIRED, "", err)
}

func (s *Service) isBrowserOf(ctx context.Context, row db.QrLogin) bool {
	random, _ := s.browserOf(ctx)
	return random != nil && browserHash(random) == row.BrowserHash
}

func isNumber(number string) bool {
	return len(number) == 6 && strings.Trim(number, "0123456789") == ""
}

// newNumber makes what is to be typed, and what the store keeps of it.
func (s *Service) newNumber(row db.QrLogin) (number, seal string, err error) {
	n, err := rand.Int(rand.Reader, big.NewInt(numberSpace))
	if err != nil {
		return "", "", fmt.Errorf("drawing a number: %w", err)
	}
	number = fmt.Sprintf("%06d", n)
	return number, hex.EncodeToString(s.cookies.Sum([]byte("qr number"), []byte(row.TokenHash), []byte(number))), nil
}

func (s *Service) opens(row db.QrLogin, number string) bool {
	seal, err := hex.DecodeString(row.NumberSeal)
	return err == nil && s.cookies.Verify(seal, []byte("qr number"), []byte(row.TokenHash), []byte(number))
}

func tokenHash(random []byte) string { return hashOf("qr token", random) }

func browserHash(random []byte) string { return hashOf("qr browser", random) }

func hashOf(what string, random []byte) string {
	sum := sha256.Sum256(append([]byte(what+"\x00"), random...))
	return hex.EncodeToString(sum[:])
}

// networkOf is what the store keeps of a caller's network: nobody reads an address off it, and it is the same for
// whoever comes from there while the key is.
func (s *Service) networkOf(ctx context.Context) string {
	address := addressOf(ctx)
	return familyOf(address) + hex.EncodeToString(s.cookies.Sum([]byte("qr network"), []byte(address)))
}

// sameNetwork says whether a caller comes from a network that was kept.
func (s *Service) sameNetwork(ctx context.Context, network string) portalv1.QrNetwork {
	address := addressOf(ctx)
	family := familyOf(address)
	seal, ok := strings.CutPrefix(network, family)
	mac, err := hex.DecodeString(seal)
	switch {
	case family == "" || !ok || err != nil:
		return portalv1.QrNetwork_QR_NETWORK_UNSPECIFIED
	case s.cookies.Verify(mac, []byte("qr network"), []byte(address)):
		return portalv1.QrNetwork_QR_NETWORK_SAME
	}
	return portalv1.QrNetwork_QR_NETWORK_OTHER
}

func familyOf(address string) string {
	switch {
	case address == "":
		return ""
	case strings.Contains(address, ":"):
		return "6:"
	}
	return "4:"
}

func (s *Service) countryOf(ctx context.Context) string {
	call, ok := connect.CallInfoForHandlerContext(ctx)
	if !ok || s.Countries == nil {
		return ""
	}
	host, _, err := net.SplitHostPort(call.Peer().Addr)
	if err != nil {
		host = call.Peer().Addr
	}
	address, err := netip.ParseAddr(host)
	if err != nil {
		return ""
	}
	return s.Countries(address.Unmap().WithZone(""))
}

// sweepCodes takes away what is over, until ctx ends.
func (s *Service) sweepCodes(ctx context.Context) {
	for {
		now := s.Now().UnixMilli()
		err := s.DB.Tx(ctx, func(q *db.Queries) error {
			if _, err := q.QrSweep(ctx, now); err != nil {
				return err
			}
			_, err := q.QrSweepLocks(ctx, now)
			return err
		})
		if err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, "sweeping codes", "cause", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(codeLife):
		}
	}
}
