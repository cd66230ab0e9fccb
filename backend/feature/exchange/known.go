package exchange

import (
	"context"
	"fmt"
	"slices"

	"madoguchi/backend/store/db"
	officev1 "madoguchi/proto/gen/office/v1"
)

// known is what was there before a call, of the reports and the numbers that it names: looked up for eight of them at
// once. Most are new, and nothing more is asked about those.
type known struct {
	reports map[string]bool // that the office has sent before
	rows    map[string]db.Exchange
	hidden  map[string]bool // numbers of which something is not told, or was not
	touched map[string]bool // numbers that the call itself has written of: of these the database is asked
}

const atOnce = 8

func lookUp(
	ctx context.Context, q *db.Queries, office string, reports []*officev1.ExchangeReport,
) (*known, error) {
	k := &known{
		reports: map[string]bool{}, rows: map[string]db.Exchange{}, hidden: map[string]bool{},
		touched: map[string]bool{},
	}
	for some := range slices.Chunk(reports, atOnce) {
		var names, numbers [atOnce]string // no report and no number is ""
		for n, r := range some {
			names[n], numbers[n] = r.GetReport(), r.GetNumber()
		}
		if err := k.lookUp(ctx, q, office, names, numbers); err != nil {
			return nil, fmt.Errorf("looking for what was reported before: %w", err)
		}
	}
	return k, nil
}

func (k *known) lookUp(ctx context.Context, q *db.Queries, office string, names, numbers [atOnce]string) error {
	reports, err := q.ExchangeReportsKnown(ctx, db.ExchangeReportsKnownParams{
		OfficeID: office, Name1: names[0], Name2: names[1], Name3: names[2], Name4: names[3], Name5: names[4],
		Name6: names[5], Name7: names[6], Name8: names[7],
	})
	if err != nil {
		return err
	}
	of := db.ExchangeOfNumbersParams{
		Name1: numbers[0], Name2: numbers[1], Name3: numbers[2], Name4: numbers[3], Name5: numbers[4],
		Name6: numbers[5], Name7: numbers[6], Name8: numbers[7],
	}
	rows, err := q.ExchangeOfNumbers(ctx, of)
	if err != nil {
		return err
	}
	hidden, err := q.ExchangeNumbersHidden(ctx, db.ExchangeNumbersHiddenParams(of))
	if err != nil {
		return err
	}
	for _, report := range reports {
		k.reports[report] = true
	}
	for _, row := range rows {
		k.rows[row.Number] = row
	}
	for _, number := range hidden {
		k.hidden[number] = true
	}
	return nil
}

// took notes that a report of the call was taken in.
func (k *known) took(r *officev1.ExchangeReport) {
	k.reports[r.GetReport()], k.touched[r.GetNumber()] = true, true
}
