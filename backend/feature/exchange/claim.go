package exchange

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"madoguchi/backend/door/access"
	"madoguchi/backend/outside/tell"
	"madoguchi/backend/store/db"
	"madoguchi/proto/clock"
	officev1 "madoguchi/proto/gen/office/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const (
	// An office answers within so many days, as it does a 訂正請求 (個人情報の保護に関する法律 94条), and may take so many more.
	claimDays, extensionDays = 30, 60
	mostClaims               = 20 // that are open

	tableClaim = "exchange_claim"

	claimSent     = portalv1.ExchangeClaimState_EXCHANGE_CLAIM_STATE_SENT
	claimExtended = portalv1.ExchangeClaimState_EXCHANGE_CLAIM_STATE_EXTENDED // and below: open
	claimRight    = portalv1.ExchangeClaimState_EXCHANGE_CLAIM_STATE_CORRECTED
	claimStays    = portalv1.ExchangeClaimState_EXCHANGE_CLAIM_STATE_EXPLAINED
)

// said is what of a claim is sealed.
func (s *Service) said(ctx context.Context, q *db.Queries, folder, id string, sealed []byte) (
	*portalv1.ExchangeClaim, error,
) {
	clear, err := q.OpenBytes(ctx, folder, tableClaim, "claim", id, sealed)
	if err != nil {
		return nil, fmt.Errorf("opening a claim: %w", err)
	}
	m := &portalv1.ExchangeClaim{}
	if err := proto.Unmarshal(clear, m); err != nil {
		return nil, fmt.Errorf("reading a claim: %w", err)
	}
	return m, nil
}

func (s *Service) claim(ctx context.Context, q *db.Queries, row db.ExchangeClaim) (*portalv1.ExchangeClaim, error) {
	m, err := s.said(ctx, q, row.FolderID, row.ID, row.Claim)
	if err != nil {
		return nil, err
	}
	m.Id, m.Number, m.To, m.SentAt = row.ID, row.Number, portalv1.ExchangeSide(row.Side), row.SentAt
	m.Due, m.State, m.Since = row.Due, portalv1.ExchangeClaimState(row.State), row.Since
	m.Overdue = m.GetState() <= claimExtended && row.Due < clock.Day(s.now())
	if len(row.Reply) > 0 {
		answer, err := q.OpenBytes(ctx, row.FolderID, tableClaim, "reply", row.ID, row.Reply)
		if err != nil {
			return nil, fmt.Errorf("opening the answer to a claim: %w", err)
		}
		m.Answer = string(answer)
	}
	return m, nil
}

// claimsOf are a person's claims by the number of their exchange, the last first.
func (s *Service) claimsOf(
	ctx context.Context, q *db.Queries, folder string,
) (map[string][]*portalv1.ExchangeClaim, error) {
	rows, err := q.ExchangeClaimsAll(ctx, folder)
	if err != nil {
		return nil, fmt.Errorf("reading claims: %w", err)
	}
	found := map[string][]*portalv1.ExchangeClaim{}
	for _, row := range rows {
		m, err := s.claim(ctx, q, row)
		if err != nil {
			return nil, err
		}
		found[row.Number] = append([]*portalv1.ExchangeClaim{m}, found[row.Number]...)
	}
	return found, nil
}

// ClaimExchange tells an office that something is wrong.
func (s *Service) ClaimExchange(
	ctx context.Context, request *portalv1.ClaimExchangeRequest,
) (*portalv1.ClaimExchangeResponse, error) {
	_, known := portalv1.ExchangeFault_name[int32(request.GetFault())]
	if !known || request.GetFault() == portalv1.ExchangeFault_EXCHANGE_FAULT_UNSPECIFIED {
		return nil, access.Invalid(ctx, "fault", errors.New("there is no such fault"))
	}
	if request.GetFault() == portalv1.ExchangeFault_EXCHANGE_FAULT_WRONG && request.GetExplanation() == "" {
		return nil, access.Invalid(ctx, "explanation", errors.New("it is not said what is wrong"))
	}
	response := &portalv1.ClaimExchangeResponse{}
	err := s.db.Tx(ctx, func(q *db.Queries) (err error) {
		response.Claim, err = s.send(ctx, q, access.Subject(ctx), request)
		return err
	})
	if err != nil {
		return nil, told("sending a claim", err)
	}
	return response, nil
}

func (s *Service) send(
	ctx context.Context, q *db.Queries, folder string, request *portalv1.ClaimExchangeRequest,
) (*portalv1.ExchangeClaim, error) {
	row, err := get(ctx, q, folder, request.GetNumber())
	if err != nil {
		return nil, err
	}
	to := ""
	switch {
	case request.GetTo() == portalv1.ExchangeSide_EXCHANGE_SIDE_ASKER && row.ByPortal == 0:
		to = row.AskerID
	case request.GetTo() == portalv1.ExchangeSide_EXCHANGE_SIDE_PROVIDER:
		to = row.ProviderID
	}
	active, err := reporting(ctx, q)
	if err != nil {
		return nil, err
	}
	name, connected := active[to]
	if !connected {
		return nil, access.NotFound(ctx, "to", errors.New("the office is not connected here"))
	}
	all, err := q.ExchangeClaimsAll(ctx, folder)
	if err != nil {
		return nil, fmt.Errorf("reading claims: %w", err)
	}
	opened := 0
	for _, before := range all {
		if before.State > int64(claimExtended) {
			continue
		}
		if before.Number == row.Number {
			return nil, access.Error(ctx, connect.CodeAlreadyExists, portalv1.Reason_REASON_ALREADY_DONE, "number",
				errors.New("a claim of this exchange is open"))
		}
		opened++
	}
	if opened >= mostClaims {
		return nil, access.Error(ctx, connect.CodeFailedPrecondition, portalv1.Reason_REASON_TOO_MANY, "",
			errors.New("so many claims are open"))
	}
	now := s.now()
	claimed := db.ExchangeClaim{
		FolderID: folder, ID: strings.ToLower(rand.Text()), Number: row.Number, OfficeID: to,
		Side: int64(request.GetTo()), SentAt: now.UnixMilli(), State: int64(claimSent), Since: now.UnixMilli(),
		Due: clock.Today(now).AddDate(0, 0, claimDays).Format(time.DateOnly),
	}
	clear, err := proto.Marshal(&portalv1.ExchangeClaim{
		Office: name, Fault: request.GetFault(), Explanation: request.GetExplanation(),
	})
	if err != nil {
		return nil, fmt.Errorf("writing a claim: %w", err)
	}
	if claimed.Claim, err = q.SealBytes(ctx, folder, tableClaim, "claim", claimed.ID, clear); err != nil {
		return nil, fmt.Errorf("sealing a claim: %w", err)
	}
	err = q.ExchangeClaimAdd(ctx, db.ExchangeClaimAddParams{
		FolderID: folder, ID: claimed.ID, Number: claimed.Number, OfficeID: to, Side: claimed.Side, Due: claimed.Due,
		Claim: claimed.Claim, Now: claimed.SentAt,
	})
	if err != nil {
		return nil, fmt.Errorf("writing a claim: %w", err)
	}
	if err := changed(ctx, q, folder, row.Number); err != nil {
		return nil, err
	}
	return s.claim(ctx, q, claimed)
}

func (i *Intake) claimForOffice(
	ctx context.Context, q *db.Queries, row db.ExchangeTasksClaimsRow,
) (*officev1.ExchangeClaim, error) {
	said, err := i.said(ctx, q, row.FolderID, row.ID, row.Claim)
	if err != nil {
		return nil, err
	}
	return &officev1.ExchangeClaim{
		Id: row.ID, Person: row.Identifier, Number: row.Number, Fault: officev1.ExchangeFault(said.GetFault()),
		Explanation: said.GetExplanation(), SentAt: row.SentAt, Due: row.Due,
	}, nil
}

var claimStates = map[officev1.ExchangeClaimOutcome]portalv1.ExchangeClaimState{
	officev1.ExchangeClaimOutcome_EXCHANGE_CLAIM_OUTCOME_CORRECTED: claimRight,
	officev1.ExchangeClaimOutcome_EXCHANGE_CLAIM_OUTCOME_EXPLAINED: claimStays,
	officev1.ExchangeClaimOutcome_EXCHANGE_CLAIM_OUTCOME_EXTENDED:  claimExtended,
}

// AnswerExchangeClaim takes in what an office says to a claim.
func (i *Intake) AnswerExchangeClaim(
	ctx context.Context, request *officev1.AnswerExchangeClaimRequest,
) (*officev1.AnswerExchangeClaimResponse, error) {
	state, known := claimStates[request.GetOutcome()]
	if !known {
		return nil, access.Invalid(ctx, "outcome", errors.New("there is no such outcome"))
	}
	response := &officev1.AnswerExchangeClaimResponse{}
	err := i.db.Tx(ctx, func(q *db.Queries) error {
		row, err := q.ExchangeClaimOfOffice(ctx, db.ExchangeClaimOfOfficeParams{
			ID: request.GetClaimId(), OfficeID: access.FromContext(ctx).OfficeID,
		})
		if errors.Is(err, db.ErrNotFound) {
			return access.NotFound(ctx, "claim_id", errors.New("the office is sent no such claim"))
		}
		if err != nil {
			return err
		}
		response.Taken, err = i.reply(ctx, q, row, request, state)
		return err
	})
	if err != nil {
		return nil, told("taking the answer to a claim in", err)
	}
	i.wake()
	return response, nil
}

func (i *Intake) reply(
	ctx context.Context, q *db.Queries, row db.ExchangeClaim, request *officev1.AnswerExchangeClaimRequest,
	state portalv1.ExchangeClaimState,
) (bool, error) {
	before, err := i.claim(ctx, q, row)
	if err != nil {
		return false, err
	}
	due := row.Due
	if state == claimExtended {
		due = request.GetDue()
	}
	if before.GetState() == state && before.GetAnswer() == request.GetAnswer() && due == row.Due {
		return false, nil // the same once more
	}
	if before.GetState() > claimExtended {
		return false, access.Error(ctx, connect.CodeAlreadyExists, portalv1.Reason_REASON_ALREADY_DONE, "claim_id",
			errors.New("the claim was answered otherwise"))
	}
	if state == claimExtended {
		last, err := time.Parse(time.DateOnly, row.Due)
		if err != nil {
			return false, fmt.Errorf("reading until when a claim is to be answered: %w", err)
		}
		until, err := time.Parse(time.DateOnly, due)
		if err != nil || !until.After(last) || until.After(last.AddDate(0, 0, extensionDays)) {
			return false, access.Invalid(ctx, "due", fmt.Errorf("not within %d days after %s", extensionDays, row.Due))
		}
	}
	sealed, err := q.SealBytes(ctx, row.FolderID, tableClaim, "reply", row.ID, []byte(request.GetAnswer()))
	if err != nil {
		return false, fmt.Errorf("sealing the answer to a claim: %w", err)
	}
	now := i.now()
	err = q.ExchangeClaimAnswer(ctx, db.ExchangeClaimAnswerParams{
		FolderID: row.FolderID, ID: row.ID, State: int64(state), Since: now.UnixMilli(), Due: due, Reply: sealed,
	})
	if err != nil {
		return false, fmt.Errorf("writing the answer to a claim: %w", err)
	}
	if _, err := tell.Tell(ctx, q, row.FolderID, tell.ExchangeAnswer, tell.About{At: now}); err != nil {
		return false, err
	}
	return true, changed(ctx, q, row.FolderID, row.Number)
}

// tellClaims tells what a person said to be wrong, and what offices said to it.
func (s *Service) tellClaims(ctx context.Context, q *db.Queries, folder string) (any, error) {
	rows, err := q.ExchangeClaimsAll(ctx, folder)
	if err != nil {
		return nil, fmt.Errorf("reading claims: %w", err)
	}
	type exported struct {
		ID       string          `json:"id"`
		Number   string          `json:"number"`
		OfficeID string          `json:"office_id"`
		Claim    json.RawMessage `json:"claim,omitempty"`
		Unopened bool            `json:"unopened,omitempty"`
	}
	list := []exported{}
	for _, row := range rows {
		one := exported{ID: row.ID, Number: row.Number, OfficeID: row.OfficeID}
		m, err := s.claim(ctx, q, row)
		if err == nil {
			one.Claim, err = protojson.Marshal(m)
		}
		if err != nil {
			one.Unopened = true
			slog.ErrorContext(ctx, "a claim that is kept cannot be opened", "claim", row.ID)
		}
		list = append(list, one)
	}
	return list, nil
}
