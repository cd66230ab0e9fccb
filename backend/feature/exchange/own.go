package exchange

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"time"

	"madoguchi/backend/store/db"
	"madoguchi/proto/exchangelist"
	portalv1 "madoguchi/proto/gen/portal/v1"
	chains "madoguchi/proto/ledger"
	"madoguchi/proto/plaintext"
)

// ownNumber is how the numbers of what passed through the portal itself begin. No office's do.
const ownNumber = "madoguchi."

// oneself is who asked for what passed through the portal: no office.
const oneself = "あなた"

// Own is what an office gave to the person through the portal (わたしの情報).
type Own struct {
	Request      string // by which it is told from others
	Office, Name string
	What         string // in words: 税・所得：所得
	AskedAt      int64
	Outcome      portalv1.InfoOutcome
}

var ownResults = map[portalv1.InfoOutcome]portalv1.ExchangeResult{
	portalv1.InfoOutcome_INFO_OUTCOME_DATA:         portalv1.ExchangeResult_EXCHANGE_RESULT_GIVEN,
	portalv1.InfoOutcome_INFO_OUTCOME_NONE:         portalv1.ExchangeResult_EXCHANGE_RESULT_NONE,
	portalv1.InfoOutcome_INFO_OUTCOME_UNREGISTERED: portalv1.ExchangeResult_EXCHANGE_RESULT_UNSET,
}

// Answered records that an office answered what a person asked it through the portal, in the transaction of q.
func Answered(ctx context.Context, q *db.Queries, folder string, o Own, at time.Time) error {
	result, known := ownResults[o.Outcome]
	if !known {
		result = portalv1.ExchangeResult_EXCHANGE_RESULT_REFUSED
	}
	record := &portalv1.ExchangeRecord{
		Act: portalv1.ExchangeAct_EXCHANGE_ACT_TOOK_PLACE, Side: portalv1.ExchangeSide_EXCHANGE_SIDE_PORTAL,
		Report: o.Request, Number: ownNumber + o.Request, Asker: &portalv1.ExchangeParty{Name: oneself},
		Provider: &portalv1.ExchangeParty{Office: o.Office, Name: o.Name}, Duty: "own-request", Procedure: "request",
		Info: "own", AskedAt: o.AskedAt, ProvidedAt: at.UnixMilli(), Result: result,
		OnBehalf: portalv1.ExchangeFor_EXCHANGE_FOR_SELF, Condition: o.What,
	}
	return byPortal(ctx, q, folder, record, at)
}

// Look is that somebody of the portal's staff looked at something of a person's.
type Look struct {
	Who  string // as the operator knows them
	What string
	Why  string
}

// mostLook is of how many letters each of these may be.
const mostLook = 200

// Check refuses a look that does not say who and why.
func (l Look) Check() error {
	for _, text := range []string{l.Who, l.Why} {
		if plaintext.Title(text) != nil || plaintext.Count(text) > mostLook {
			return errors.New("it is not said in a line who looks, and why")
		}
	}
	return nil
}

// Looked records that somebody of the portal's staff looks at something of a person's, in the transaction of q: what is
// not recorded is not seen.
func Looked(ctx context.Context, q *db.Queries, folder string, l Look, at time.Time) error {
	if err := l.Check(); err != nil {
		return err
	}
	name := strings.ToLower(rand.Text())
	return byPortal(ctx, q, folder, &portalv1.ExchangeRecord{
		Act: portalv1.ExchangeAct_EXCHANGE_ACT_TOOK_PLACE, Side: portalv1.ExchangeSide_EXCHANGE_SIDE_PORTAL,
		Report: name, Number: ownNumber + "look." + name,
		Asker: &portalv1.ExchangeParty{Name: "まどぐちの職員（" + l.Who + "）"}, Provider: &portalv1.ExchangeParty{Name: "まどぐち"},
		Duty: exchangelist.Staff, Procedure: "look", Info: "kept", AskedAt: at.UnixMilli(), ProvidedAt: at.UnixMilli(),
		Result: portalv1.ExchangeResult_EXCHANGE_RESULT_GIVEN, Condition: l.What, Reason: l.Why,
	}, at)
}

// byPortal writes down what the portal itself reports.
func byPortal(
	ctx context.Context, q *db.Queries, folder string, record *portalv1.ExchangeRecord, at time.Time,
) error {
	ref, err := write(ctx, q, folder, chains.Exchanges, record, at)
	if err != nil {
		return err
	}
	row := db.Exchange{FolderID: folder, Number: record.GetNumber(), RecordedAt: at.UnixMilli()}
	fill(&row, record, int64(ref.Number))
	if err := put(ctx, q, row, true); err != nil {
		return err
	}
	return changed(ctx, q, folder, "")
}
