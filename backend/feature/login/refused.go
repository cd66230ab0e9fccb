package login

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/agent"
	"madoguchi/backend/store/act"
	"madoguchi/backend/store/card"
	"madoguchi/backend/store/db"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// The names under which tries stand in the history of use; those of calls that stand there when they go well are as the
// contract has them.
const (
	byCardRecord    = "login.begin"
	byPasskeyRecord = "login.passkey"
	byPhoneRecord   = "login.begin_by_phone"
	showCardRecord  = "login.show_card"
)

// whys are the reasons that the history of use tells. Of other refusals nobody knows whose folder was meant, or they
// are the portal's own fault.
var whys = map[portalv1.Reason]string{
	portalv1.Reason_REASON_CERTIFICATE_REVOKED: "revoked",
	portalv1.Reason_REASON_CERTIFICATE_EXPIRED: "certificate",
	portalv1.Reason_REASON_REVOCATION_UNKNOWN:  "unknown",
	portalv1.Reason_REASON_CHALLENGE_EXPIRED:   "expired",
	portalv1.Reason_REASON_TOO_MANY_REQUESTS:   "too_often",
	portalv1.Reason_REASON_OTHER_CARD:          "other_card",
	portalv1.Reason_REASON_QR_MISTYPED:         "mistyped",
	portalv1.Reason_REASON_PASSKEY_UNKNOWN:     "ended_passkey",
	portalv1.Reason_REASON_PASSKEY_COPIED:      "copied",
	portalv1.Reason_REASON_PASSKEY_UNVERIFIED:  "unverified",
	portalv1.Reason_REASON_PASSKEY_SIGNATURE:   "wrong_passkey",
	portalv1.Reason_REASON_PASSKEY_MALFORMED:   "wrong_passkey",
	portalv1.Reason_REASON_PASSKEY_ORIGIN:      "wrong_passkey",
	portalv1.Reason_REASON_PASSKEY_SITE:        "wrong_passkey",
}

// refuseCard also has the person know whose card it was: it has signed, or it would not be known.
func (s *Service) refuseCard(ctx context.Context, of card.ID, r refusal) error {
	if of == (card.ID{}) {
		return refuse(ctx, r)
	}
	folder, err := s.DB.Read().FolderOfCard(ctx, db.FolderOfCardParams(of))
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		slog.ErrorContext(ctx, "finding whose card was refused", "cause", err)
	}
	return s.refuseIn(ctx, byCardRecord, act.By{Folder: folder, Means: access.ByCard.Message()}, r)
}

// refusePasskey does so of a passkey.
func (s *Service) refusePasskey(ctx context.Context, of db.Passkey, r refusal) error {
	by := act.By{Folder: of.FolderID, Means: access.ByPasskey.Message(), MeansID: of.ID}
	return s.refuseIn(ctx, byPasskeyRecord, by, r)
}

// refuseIn writes a refused try into the history of use of a folder, "" when none is known, and makes the answer.
func (s *Service) refuseIn(ctx context.Context, record string, by act.By, r refusal) error {
	if err := s.noteTry(ctx, record, by, r.reason); err != nil {
		slog.ErrorContext(ctx, "noting a try that was refused", "cause", err)
	}
	return refuse(ctx, r)
}

func (s *Service) noteTry(ctx context.Context, record string, by act.By, reason portalv1.Reason) error {
	why, told := whys[reason]
	if by.Folder == "" || !told {
		return nil
	}
	if by.SessionHash == "" { // who is in a session came from where that did
		var err error
		if by, err = s.from(ctx, s.DB.Read(), by); err != nil {
			return err
		}
	}
	return act.Refused(ctx, s.DB, by.Folder, record, why, by, s.Now())
}

// from adds to what somebody comes by where they come from.
func (s *Service) from(ctx context.Context, q *db.Queries, by act.By) (act.By, error) {
	by.Browser = agent.Name(ctx)
	switch s.countryOf(ctx) {
	case "":
	case act.Home:
		by.Place = act.Home
	default:
		by.Place = act.Abroad
	}
	if s.Device == nil || by.Folder == "" {
		return by, nil
	}
	var err error
	if by.Device, err = s.Device(ctx, q, by.Folder); err != nil {
		return by, fmt.Errorf("finding the device of a login: %w", err)
	}
	by.NewDevice = by.Device == ""
	return by, nil
}
