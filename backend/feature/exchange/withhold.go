package exchange

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"

	"madoguchi/backend/door/access"
	"madoguchi/backend/store/db"
	portalv1 "madoguchi/proto/gen/portal/v1"
	chains "madoguchi/proto/ledger"
)

var errNotReported = errors.New("the office reported no such exchange")

// cancel takes in that an exchange was asked for by mistake.
func (b *batch) cancel(ctx context.Context, r report) (taken, error) {
	for _, h := range r.hidden {
		if h.OfficeID == b.office && !h.Released {
			of, _, err := read(ctx, b.q, r.folder, chains.Undisclosed, h.Line)
			if err != nil {
				return taken{}, err
			}
			return b.hide(ctx, r, cancellation(of, r), false, false)
		}
	}
	line := int64(0)
	switch {
	case r.row.AskerID == b.office && r.row.ByAsker > 0:
		line = r.row.ByAsker
	case r.row.ProviderID == b.office && r.row.ByProvider > 0:
		line = r.row.ByProvider
	default:
		return taken{}, access.NotFound(ctx, at(r.n, "number"), errNotReported)
	}
	if r.row.Cancelled > 0 {
		return taken{}, otherwise(ctx, r.n, "number", "the exchange was cancelled before")
	}
	of, _, err := read(ctx, b.q, r.folder, chains.Exchanges, line)
	if err != nil {
		return taken{}, err
	}
	ref, err := add(ctx, b.lines, r.folder, chains.Exchanges, cancellation(of, r), b.now)
	if err != nil {
		return taken{}, err
	}
	err = b.q.ExchangeReportAdd(ctx, db.ExchangeReportAddParams{
		FolderID: r.folder, OfficeID: b.office, Report: r.GetReport(), Line: int64(ref.Number), LineID: ref.ID,
	})
	if err != nil {
		return taken{}, fmt.Errorf("keeping a report: %w", err)
	}
	r.row.Cancelled, r.row.Result = int64(ref.Number), 0
	note(&b.told, r.folder)
	return taken{lineID: ref.ID, isNew: true}, put(ctx, b.q, r.row, false)
}

// cancellation is the record of it: what was cancelled, and why.
func cancellation(of *portalv1.ExchangeRecord, r report) *portalv1.ExchangeRecord {
	record := proto.CloneOf(of)
	record.Act, record.Report = portalv1.ExchangeAct_EXCHANGE_ACT_CANCELLED, r.GetReport()
	record.Reason, record.HeldSince = r.GetCancelled().GetReason(), 0
	return record
}

// release takes in that the office's ground for not telling is gone. When nobody has one any more, what was reported is
// told as it is recorded now, with the time when it was recorded first.
func (b *batch) release(ctx context.Context, r report) (taken, error) {
	released, withheld := taken{}, false
	for n, h := range r.hidden {
		if h.Released {
			continue
		}
		if h.OfficeID == b.office {
			r.hidden[n].Own = false
			released.isNew = true
			err := b.q.ExchangeHiddenSet(ctx, db.ExchangeHiddenSetParams{OfficeID: h.OfficeID, Report: h.Report})
			if err != nil {
				return taken{}, fmt.Errorf("releasing what is not told: %w", err)
			}
		}
		withheld = withheld || r.hidden[n].Own
	}
	if !released.isNew {
		return taken{}, access.NotFound(ctx, at(r.n, "number"), errNotReported)
	}
	if withheld {
		// The other side still has a ground: the release itself is recorded, where nobody sees it.
		record := &portalv1.ExchangeRecord{Office: b.office, Report: r.GetReport(), Number: r.GetNumber(),
			HeldSince: b.now.UnixMilli()}
		return b.hide(ctx, r, record, false, false)
	}
	row := r.row
	for _, h := range r.hidden {
		if h.Released {
			continue
		}
		record, since, err := read(ctx, b.q, r.folder, chains.Undisclosed, h.Line)
		if err != nil {
			return taken{}, err
		}
		err = b.q.ExchangeHiddenSet(ctx, db.ExchangeHiddenSetParams{
			OfficeID: h.OfficeID, Report: h.Report, Released: true,
		})
		if err != nil {
			return taken{}, fmt.Errorf("releasing what is not told: %w", err)
		}
		if record.GetAct() == portalv1.ExchangeAct_EXCHANGE_ACT_UNSPECIFIED {
			continue // a release before this one
		}
		record.HeldSince = since
		ref, err := add(ctx, b.lines, r.folder, chains.Exchanges, record, b.now)
		if err != nil {
			return taken{}, err
		}
		if released.lineID == "" || h.OfficeID == b.office {
			released.lineID = ref.ID
		}
		if row, err = b.tellNow(ctx, r.folder, row, record, int64(ref.Number)); err != nil {
			return taken{}, err
		}
	}
	err := b.q.ExchangeReportAdd(ctx, db.ExchangeReportAddParams{
		FolderID: r.folder, OfficeID: b.office, Report: r.GetReport(), Line: max(row.ByAsker, row.ByProvider),
		LineID: released.lineID,
	})
	if err != nil {
		return taken{}, fmt.Errorf("keeping a report: %w", err)
	}
	note(&b.told, r.folder)
	return released, nil
}

// tellNow brings the row of an exchange up to a line that was released.
func (b *batch) tellNow(
	ctx context.Context, folder string, row db.Exchange, record *portalv1.ExchangeRecord, line int64,
) (db.Exchange, error) {
	if record.GetAct() == portalv1.ExchangeAct_EXCHANGE_ACT_CANCELLED {
		row.Cancelled, row.Result = line, 0
		return row, put(ctx, b.q, row, false)
	}
	if err := b.list(ctx, folder, row, record, uint64(line)); err != nil {
		return row, err
	}
	now, err := b.q.ExchangeGet(ctx, db.ExchangeGetParams{FolderID: folder, Number: record.GetNumber()})
	if err != nil {
		return row, fmt.Errorf("reading an exchange: %w", err)
	}
	return now, nil
}
