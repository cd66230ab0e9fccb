package exchange

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"madoguchi/backend/door/office"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/ledger"
	officev1 "madoguchi/proto/gen/office/v1"
	chains "madoguchi/proto/ledger"
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

// lookUp looks up what is known before a call is taken in: what was reported, whom and which offices it means, and what
// is known of those. What does not go with the call is said when the report is taken in that it belongs to.
func (b *batch) lookUp(ctx context.Context, reports []*officev1.ExchangeReport) error {
	b.known = &known{
		reports: map[string]bool{}, rows: map[string]db.Exchange{}, hidden: map[string]bool{},
		touched: map[string]bool{},
	}
	var persons, others []string
	for _, r := range reports {
		note(&persons, r.GetPerson())
		if other := r.GetEvent().GetOther().GetOffice(); other != "" {
			note(&others, other)
		}
	}
	err := b.q.Ahead(ctx, func(q *db.Queries) {
		_ = b.reported(ctx, q, reports)
		_ = b.named(ctx, q, persons, others)
	})
	if err != nil {
		return fmt.Errorf("looking for what was reported before: %w", err)
	}
	if err := b.reported(ctx, b.q, reports); err != nil {
		return fmt.Errorf("looking for what was reported before: %w", err)
	}
	if err := b.named(ctx, b.q, persons, others); err != nil {
		return err
	}
	asked, lines := b.news(reports)
	err = b.lines.Ahead(ctx, lines, func(q *db.Queries) { _ = b.about(ctx, q, asked, lines) })
	if err != nil {
		return fmt.Errorf("looking for what is known of people: %w", err)
	}
	return b.about(ctx, b.q, asked, lines)
}

// reported looks up the reports and the numbers.
func (b *batch) reported(ctx context.Context, q *db.Queries, reports []*officev1.ExchangeReport) (err error) {
	for some := range slices.Chunk(reports, atOnce) {
		var names, numbers [atOnce]string // no report and no number is ""
		for n, r := range some {
			names[n], numbers[n] = r.GetReport(), r.GetNumber()
		}
		err = errors.Join(err, b.known.lookUp(ctx, q, b.office, names, numbers))
	}
	return err
}

func (k *known) lookUp(ctx context.Context, q *db.Queries, office string, names, numbers [atOnce]string) error {
	reports, errReports := q.ExchangeReportsKnown(ctx, db.ExchangeReportsKnownParams{
		OfficeID: office, Name1: names[0], Name2: names[1], Name3: names[2], Name4: names[3], Name5: names[4],
		Name6: names[5], Name7: names[6], Name8: names[7],
	})
	of := db.ExchangeOfNumbersParams{
		Name1: numbers[0], Name2: numbers[1], Name3: numbers[2], Name4: numbers[3], Name5: numbers[4],
		Name6: numbers[5], Name7: numbers[6], Name8: numbers[7],
	}
	rows, errRows := q.ExchangeOfNumbers(ctx, of)
	hidden, errHidden := q.ExchangeNumbersHidden(ctx, db.ExchangeNumbersHiddenParams(of))
	for _, report := range reports {
		k.reports[report] = true
	}
	for _, row := range rows {
		k.rows[row.Number] = row
	}
	for _, number := range hidden {
		k.hidden[number] = true
	}
	return errors.Join(errReports, errRows, errHidden)
}

// named looks up the people and the offices that the call names.
func (b *batch) named(ctx context.Context, q *db.Queries, persons, others []string) (all error) {
	for _, person := range persons {
		folder, err := office.FolderOf(ctx, q, b.office, person)
		if err == nil {
			b.folders[person] = folder
		} else if !errors.Is(err, db.ErrNotFound) {
			all = errors.Join(all, err)
		}
	}
	for _, other := range others {
		is, err := q.ExchangeOfficeIs(ctx, other)
		if err != nil {
			all = errors.Join(all, fmt.Errorf("looking for an office: %w", err))
		}
		if is {
			b.offices[other] = true
		}
	}
	return all
}

// news are the folders and the names of those who asked about them, of what was not reported before, and the chains
// that probably get lines.
func (b *batch) news(reports []*officev1.ExchangeReport) (asked [][2]string, lines []ledger.Chain) {
	for _, r := range reports {
		folder, known := b.folders[r.GetPerson()]
		if !known || r.GetEvent() == nil || b.known.reports[r.GetReport()] {
			continue
		}
		if line := (ledger.Chain{FolderID: folder, Chain: chains.Exchanges}); !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
		if _, before := b.known.rows[r.GetNumber()]; before {
			continue
		}
		one := [2]string{folder, b.record(report{ExchangeReport: r}).GetAsker().GetName()}
		if !slices.Contains(asked, one) {
			asked = append(asked, one)
		}
	}
	return asked, lines
}

// about looks up what is known of people.
func (b *batch) about(ctx context.Context, q *db.Queries, asked [][2]string, lines []ledger.Chain) (all error) {
	for _, one := range asked {
		known, err := knowsAsker(ctx, q, one[0], one[1])
		if err == nil {
			b.asked[one] = known
		}
		all = errors.Join(all, err)
	}
	for _, of := range lines {
		protection, err := b.needs.Protected(ctx, q, of.FolderID)
		if err == nil {
			b.protected[of.FolderID] = protection
		}
		all = errors.Join(all, err)
	}
	return all
}

// took notes that a report of the call was taken in.
func (k *known) took(r *officev1.ExchangeReport) {
	k.reports[r.GetReport()], k.touched[r.GetNumber()] = true, true
}
