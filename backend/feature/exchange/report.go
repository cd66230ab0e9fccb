package exchange

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/limit"
	"madoguchi/backend/door/office"
	"madoguchi/backend/outside/tell"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/ledger"
	"madoguchi/proto/clock"
	"madoguchi/proto/exchangelist"
	officev1 "madoguchi/proto/gen/office/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
	chains "madoguchi/proto/ledger"
)

const (
	// An office may report so much a second, so much at once, and so much a day about one person.
	reportsASecond, reportsAtOnce = 500, 5000
	personADay                    = 1000
	// A first exchange is told of only while it is news: not what an office reports of years ago.
	news = 30 * 24 * time.Hour
)

// Intake answers the calls of office.v1.ExchangeService.
type Intake struct {
	*Service
	wake            func() // called after a mail was enqueued
	floods, persons *limit.Buckets
}

// taken is what became of a report.
type taken struct {
	lineID string
	isNew  bool
}

var errFlood = errors.New("an office reports too much at once")

// ReportExchanges takes reports in: all of them, or none.
func (i *Intake) ReportExchanges(
	ctx context.Context, request *officev1.ReportExchangesRequest,
) (*officev1.ReportExchangesResponse, error) {
	from := access.FromContext(ctx).OfficeID
	now := i.now()
	if wait := i.floods.Take(from, len(request.GetReports()), now); wait > 0 {
		return nil, access.TooMany(ctx, max(wait, time.Second), errFlood)
	}
	for n, r := range request.GetReports() {
		if field, err := check(r, now); err != nil {
			return nil, access.Invalid(ctx, at(n, field), &access.Told{Cause: err})
		}
		if wait := i.persons.Take(from+"\x00"+r.GetPerson(), 1, now); wait > 0 {
			return nil, access.TooManyAt(ctx, at(n, "person"), max(wait, time.Second), errFlood)
		}
	}
	var all []taken
	err := i.db.Turn(ctx, func(q *db.Queries) error {
		all = all[:0]
		b := &batch{
			Intake: i, q: q, office: from, now: now, lines: ledger.NewAppender(q),
			protected: map[string]Protection{}, folders: map[string]string{}, offices: map[string]bool{},
			asked: map[[2]string]bool{},
		}
		if err := b.lookUp(ctx, request.GetReports()); err != nil {
			return err
		}
		for n, r := range request.GetReports() {
			one, err := b.take(ctx, n, r)
			if err != nil {
				return err
			}
			all = append(all, one)
		}
		if err := b.lines.End(ctx); err != nil {
			return err
		}
		return b.tell(ctx)
	})
	if err != nil {
		return nil, told("taking reports in", err)
	}
	i.wake()
	return i.proven(ctx, all)
}

// proven waits until what was taken in stands in the log.
func (i *Intake) proven(ctx context.Context, all []taken) (*officev1.ReportExchangesResponse, error) {
	ids := make([]string, len(all))
	for n, one := range all {
		ids[n] = one.lineID
	}
	proofs, err := i.needs.Log.Wait(ctx, ids...)
	if err != nil {
		return nil, fmt.Errorf("waiting for the log: %w", err)
	}
	response := &officev1.ReportExchangesResponse{}
	for n, one := range all {
		response.Reports = append(response.Reports, &officev1.ExchangeTaken{
			Taken: one.isNew, Proof: proofs[n].Line.Text(),
		})
	}
	return response, nil
}

func at(n int, field string) string { return fmt.Sprintf("reports[%d].%s", n, field) }

// isName tells whether a text can be an office's own name of something.
func isName(text string) bool {
	return text != "" && len(text) <= 64 && strings.Trim(text,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == ""
}

// Judge says of a report, the n-th of a call, what the portal would refuse of it by itself: the field and why.
func Judge(n int, r *officev1.ExchangeReport, now time.Time) (field string, err error) {
	if field, err = check(r, now); err != nil {
		return at(n, field), err
	}
	return "", nil
}

// check judges a report by itself, and names the field at fault.
func check(r *officev1.ExchangeReport, now time.Time) (string, error) {
	switch {
	case !isName(r.GetReport()):
		return "report", errors.New("not 1 to 64 of A-Z, a-z, 0-9, ., _ and -")
	case !isName(r.GetNumber()):
		return "number", errors.New("not 1 to 64 of A-Z, a-z, 0-9, ., _ and -")
	case strings.HasPrefix(r.GetNumber(), ownNumber):
		return "number", errors.New("begins as the portal's own do")
	case r.GetCancelled() != nil, r.GetReleased() != nil:
		return "", nil
	case r.GetEvent() == nil:
		return "of", errors.New("there is nothing that it reports")
	}
	field, err := checkEvent(r.GetEvent(), now)
	return "event." + field, err
}

// slack is by how much an office's clock may go ahead of the portal's.
const slack = 5 * time.Minute

func checkEvent(e *officev1.ExchangeEvent, now time.Time) (string, error) {
	d, known := exchangelist.DutyOf(e.GetDuty())
	if !known || d.Channel == exchangelist.Own || d.Channel == exchangelist.Portal {
		return "duty", errors.New("there is no such work")
	}
	if _, known := d.Procedure(e.GetProcedure()); !known {
		return "procedure", errors.New("the work has no such step")
	}
	info, known := exchangelist.InfoOf(e.GetInfo())
	if !known || !exchangelist.Goes(e.GetDuty(), e.GetProcedure(), e.GetInfo()) {
		return "info", errors.New("this is not asked for in this step")
	}
	for n, key := range e.GetItems() {
		if _, known := info.Item(key); !known || slices.Contains(e.GetItems()[:n], key) {
			return fmt.Sprintf("items[%d]", n), errors.New("no item of it, or one twice")
		}
	}
	if e.GetSide() != officev1.ExchangeSide_EXCHANGE_SIDE_ASKER &&
		e.GetSide() != officev1.ExchangeSide_EXCHANGE_SIDE_PROVIDER {
		return "side", errors.New("neither the one that asked nor the one that was asked")
	}
	if _, known := officev1.ExchangeFor_name[int32(e.GetOnBehalf())]; !known {
		return "on_behalf", errors.New("there is no such word")
	}
	if _, known := officev1.ExchangeNondisclosure_name[int32(e.GetNondisclosure())]; !known {
		return "nondisclosure", errors.New("there is no such ground")
	}
	switch e.GetNondisclosure() {
	case officev1.ExchangeNondisclosure_EXCHANGE_NONDISCLOSURE_UNSPECIFIED,
		officev1.ExchangeNondisclosure_EXCHANGE_NONDISCLOSURE_EXISTENCE:
		if !e.GetExistenceMayBeTold() {
			break
		}
		return "existence_may_be_told", errors.New("does not go with the ground")
	}
	if e.GetOwnName() == e.GetOther().GetName() {
		return "other.name", errors.New("an office does not ask itself")
	}
	return checkTimes(e, now)
}

// earliest is when the network began (2017-07-18, the trial of it).
var earliest = time.Date(2017, time.July, 17, 15, 0, 0, 0, time.UTC).UnixMilli()

// checkTimes looks whether times, result and items go together. How long ago it was does not matter.
func checkTimes(e *officev1.ExchangeEvent, now time.Time) (string, error) {
	latest := now.Add(slack).UnixMilli()
	waiting := e.GetResult() == officev1.ExchangeResult_EXCHANGE_RESULT_WAITING
	given := e.GetResult() == officev1.ExchangeResult_EXCHANGE_RESULT_GIVEN
	switch _, known := officev1.ExchangeResult_name[int32(e.GetResult())]; {
	case !known || e.GetResult() == officev1.ExchangeResult_EXCHANGE_RESULT_UNSPECIFIED:
		return "result", errors.New("there is no such result")
	case e.GetAskedAt() < earliest:
		return "asked_at", errors.New("before there was anything to ask by")
	case e.GetAskedAt() > latest:
		return "asked_at", errors.New("later than now")
	case waiting && e.GetProvidedAt() != 0:
		return "provided_at", errors.New("it was not answered")
	case !waiting && e.GetProvidedAt() < e.GetAskedAt():
		return "provided_at", errors.New("answered before it was asked")
	case e.GetProvidedAt() > latest:
		return "provided_at", errors.New("later than now")
	case given && len(e.GetItems()) == 0:
		return "items", errors.New("it was given, and nothing was")
	case !given && len(e.GetItems()) > 0:
		return "items", errors.New("items that were not given")
	case e.GetResult() == officev1.ExchangeResult_EXCHANGE_RESULT_REFUSED && e.GetReason() == "":
		return "reason", errors.New("a refusal says why")
	}
	return "", nil
}

// batch is a call's reports within its transaction.
type batch struct {
	*Intake
	q         *db.Queries
	office    string
	now       time.Time
	known     *known
	lines     *ledger.Appender
	protected map[string]Protection // by folder
	folders   map[string]string     // by what the office calls a person
	offices   map[string]bool       // that are registered
	asked     map[[2]string]bool    // of a folder and an office's name: whether it asked before
	told      []string              // folders in which something changed
	first     []string              // folders about which an office asked for the first time
}

func (b *batch) tell(ctx context.Context) error {
	for _, folder := range b.told {
		if err := changed(ctx, b.q, folder, ""); err != nil {
			return err
		}
	}
	for _, folder := range b.first {
		if _, err := tell.Tell(ctx, b.q, folder, tell.Exchange, tell.About{At: b.now}); err != nil {
			return err
		}
	}
	return nil
}

func note(list *[]string, folder string) {
	if !slices.Contains(*list, folder) {
		*list = append(*list, folder)
	}
}

// contradicts is the error of a report that does not go with what was reported before.
func contradicts(ctx context.Context, n int, field, why string) error {
	return access.Error(ctx, connect.CodeFailedPrecondition, portalv1.Reason_REASON_INVALID_FIELD, at(n, field),
		&access.Told{Cause: errors.New(why)})
}

func otherwise(ctx context.Context, n int, field, why string) error {
	return access.Error(ctx, connect.CodeAlreadyExists, portalv1.Reason_REASON_ALREADY_DONE, at(n, field),
		&access.Told{Cause: errors.New(why)})
}

// report is one of a batch, with what was found for it.
type report struct {
	*officev1.ExchangeReport
	n      int
	folder string
	row    db.Exchange // none when its number is ""
	hidden []db.ExchangeHiddenOfRow
}

// take takes one report in.
func (b *batch) take(ctx context.Context, n int, sent *officev1.ExchangeReport) (taken, error) {
	folder, err := b.folderOf(ctx, n, sent.GetPerson())
	if err != nil {
		return taken{}, err
	}
	r := report{ExchangeReport: sent, n: n, folder: folder}
	if again, err := b.again(ctx, r); err != nil || again != "" {
		return taken{lineID: again}, err
	}
	if err := b.find(ctx, &r); err != nil {
		return taken{}, err
	}
	defer b.known.took(sent)
	switch {
	case sent.GetCancelled() != nil:
		return b.cancel(ctx, r)
	case sent.GetReleased() != nil:
		return b.release(ctx, r)
	}
	return b.event(ctx, r)
}

func (b *batch) folderOf(ctx context.Context, n int, person string) (string, error) {
	if folder, known := b.folders[person]; known {
		return folder, nil
	}
	folder, err := office.FolderOf(ctx, b.q, b.office, person)
	if errors.Is(err, db.ErrNotFound) {
		return "", access.NotFound(ctx, at(n, "person"), errors.New("the office knows nobody by this identifier"))
	}
	if err == nil {
		b.folders[person] = folder
	}
	return folder, err
}

// find looks what was reported under the number before.
func (b *batch) find(ctx context.Context, r *report) error {
	row, there, err := b.rowOf(ctx, r.GetNumber())
	if err != nil {
		return err
	}
	var hidden []db.ExchangeHiddenOfRow
	if b.known.hidden[r.GetNumber()] || b.known.touched[r.GetNumber()] {
		if hidden, err = b.q.ExchangeHiddenOf(ctx, r.GetNumber()); err != nil {
			return fmt.Errorf("reading what is not told: %w", err)
		}
	}
	strange := func(h db.ExchangeHiddenOfRow) bool { return h.Person != r.folder }
	if there && row.FolderID != r.folder || slices.ContainsFunc(hidden, strange) {
		return contradicts(ctx, r.n, "person", "the number is of an exchange about somebody else")
	}
	if there {
		r.row = row
	}
	r.hidden = hidden
	return nil
}

func (b *batch) rowOf(ctx context.Context, number string) (row db.Exchange, there bool, err error) {
	if !b.known.touched[number] {
		row, there = b.known.rows[number]
		return row, there, nil
	}
	row, err = b.q.ExchangeOfNumber(ctx, number)
	if errors.Is(err, db.ErrNotFound) {
		return row, false, nil
	}
	if err != nil {
		return row, false, fmt.Errorf("reading an exchange: %w", err)
	}
	return row, true, nil
}

// again finds the line of a report that was taken in before; "" when it was not.
func (b *batch) again(ctx context.Context, r report) (string, error) {
	if !b.known.reports[r.GetReport()] {
		return "", nil
	}
	hidden, err := b.q.ExchangeHiddenGet(ctx, db.ExchangeHiddenGetParams{OfficeID: b.office, Report: r.GetReport()})
	if err == nil {
		return hidden.LineID, b.same(ctx, r, chains.Undisclosed, hidden.Line)
	}
	if !errors.Is(err, db.ErrNotFound) {
		return "", fmt.Errorf("looking for a report: %w", err)
	}
	known, err := b.q.ExchangeReportGet(ctx, db.ExchangeReportGetParams{OfficeID: b.office, Report: r.GetReport()})
	if errors.Is(err, db.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("looking for a report: %w", err)
	}
	if known.FolderID != r.folder {
		return "", otherwise(ctx, r.n, "report", "another report has this name")
	}
	return known.LineID, b.same(ctx, r, chains.Exchanges, known.Line)
}

// same refuses a report that is another than the one of its name.
func (b *batch) same(ctx context.Context, r report, chain chains.Chain, line int64) error {
	before, _, err := read(ctx, b.q, r.folder, chain, line)
	if err != nil {
		return err
	}
	now := b.record(r)
	if r.GetEvent() == nil { // what it is about was found when it was taken in
		now = proto.CloneOf(before)
		now.Report, now.Number, now.Reason = r.GetReport(), r.GetNumber(), r.GetCancelled().GetReason()
		cancels := before.GetAct() == portalv1.ExchangeAct_EXCHANGE_ACT_CANCELLED
		if cancels != (r.GetCancelled() != nil) || r.GetReleased() != nil && before.GetHeldSince() == 0 {
			return otherwise(ctx, r.n, "report", "another report has this name")
		}
		if r.GetReleased() != nil {
			now.Report, now.Reason = before.GetReport(), before.GetReason()
		}
	}
	if !proto.Equal(before, now) {
		return otherwise(ctx, r.n, "report", "another report has this name")
	}
	return nil
}

// record is what stands in the line of an event.
func (b *batch) record(r report) *portalv1.ExchangeRecord {
	e := r.GetEvent()
	own := &portalv1.ExchangeParty{Office: b.office, Name: e.GetOwnName()}
	other := &portalv1.ExchangeParty{Office: e.GetOther().GetOffice(), Name: e.GetOther().GetName()}
	record := &portalv1.ExchangeRecord{
		Act: portalv1.ExchangeAct_EXCHANGE_ACT_TOOK_PLACE, Side: portalv1.ExchangeSide(e.GetSide()), Office: b.office,
		Report: r.GetReport(), Number: r.GetNumber(), Asker: own, Provider: other,
		Duty: e.GetDuty(), Procedure: e.GetProcedure(), Info: e.GetInfo(), Items: e.GetItems(),
		AskedAt: e.GetAskedAt(), ProvidedAt: e.GetProvidedAt(), Result: portalv1.ExchangeResult(e.GetResult()),
		OnBehalf: portalv1.ExchangeFor(e.GetOnBehalf()), Application: e.GetApplication(), Condition: e.GetCondition(),
		Reason: e.GetReason(),
	}
	if e.GetSide() == officev1.ExchangeSide_EXCHANGE_SIDE_PROVIDER {
		record.Asker, record.Provider = other, own
	}
	return record
}

// event takes in that an exchange took place.
func (b *batch) event(ctx context.Context, r report) (taken, error) {
	e := r.GetEvent()
	record := b.record(r)
	if err := b.checkParties(ctx, r, record); err != nil {
		return taken{}, err
	}
	own, follows, err := b.withheld(ctx, r, record)
	if err != nil {
		return taken{}, err
	}
	if own || follows {
		return b.hide(ctx, r, record, own, own && e.GetExistenceMayBeTold())
	}
	ref, err := add(ctx, b.lines, r.folder, chains.Exchanges, record, b.now)
	if err != nil {
		return taken{}, err
	}
	return b.keep(ctx, r, record, ref)
}

// checkParties looks whether the two offices are those that were reported before.
func (b *batch) checkParties(ctx context.Context, r report, record *portalv1.ExchangeRecord) error {
	other := r.GetEvent().GetOther().GetOffice()
	if other == b.office {
		return access.Invalid(ctx, at(r.n, "event.other.office"), errors.New("an office does not ask itself"))
	}
	if other != "" && !b.offices[other] {
		known, err := b.q.ExchangeOfficeIs(ctx, other)
		if err != nil {
			return fmt.Errorf("looking for an office: %w", err)
		}
		if !known {
			return access.NotFound(ctx, at(r.n, "event.other.office"), errors.New("no such office is registered"))
		}
		b.offices[other] = true
	}
	if r.row.Number == "" {
		return nil
	}
	differs := func(before, now string) bool { return before != "" && now != "" && before != now }
	if differs(r.row.AskerID, record.GetAsker().GetOffice()) ||
		differs(r.row.ProviderID, record.GetProvider().GetOffice()) {
		return contradicts(ctx, r.n, "event.side", "under this number other offices are reported")
	}
	before := r.row.ByAsker
	if record.GetSide() == portalv1.ExchangeSide_EXCHANGE_SIDE_PROVIDER {
		before = r.row.ByProvider
	}
	if before == 0 {
		return nil
	}
	last, _, err := read(ctx, b.q, r.folder, chains.Exchanges, before)
	if err != nil {
		return err
	}
	if last.GetResult() != portalv1.ExchangeResult_EXCHANGE_RESULT_WAITING {
		return otherwise(ctx, r.n, "number", "this side reported the exchange under another name")
	}
	return nil
}

// withheld says whether a report is not told: on a ground of its own, or because the other side of it is not.
func (b *batch) withheld(
	ctx context.Context, r report, record *portalv1.ExchangeRecord,
) (own, follows bool, err error) {
	p, known := b.protected[r.folder]
	if !known {
		if p, err = b.needs.Protected(ctx, b.q, r.folder); err != nil {
			return false, false, err
		}
		b.protected[r.folder] = p
	}
	d, _ := exchangelist.DutyOf(record.GetDuty())
	info, _ := exchangelist.InfoOf(record.GetInfo())
	own = r.GetEvent().GetNondisclosure() != officev1.ExchangeNondisclosure_EXCHANGE_NONDISCLOSURE_UNSPECIFIED ||
		p.Insurance && (d.Insurer || info.Medical) ||
		slices.Contains(p.Offices, record.GetAsker().GetOffice()) ||
		slices.Contains(p.Offices, record.GetProvider().GetOffice())
	follows = slices.ContainsFunc(r.hidden, func(h db.ExchangeHiddenOfRow) bool { return !h.Released })
	return own, follows, nil
}

// hide records what is not told.
func (b *batch) hide(
	ctx context.Context, r report, record *portalv1.ExchangeRecord, own, maySay bool,
) (taken, error) {
	ref, err := add(ctx, b.lines, r.folder, chains.Undisclosed, record, b.now)
	if err != nil {
		return taken{}, err
	}
	err = b.q.ExchangeHiddenAdd(ctx, db.ExchangeHiddenAddParams{
		OfficeID: b.office, Report: r.GetReport(), Identifier: r.GetPerson(), Number: r.GetNumber(),
		Line: int64(ref.Number), LineID: ref.ID, MaySay: maySay, Own: own,
	})
	if err != nil {
		return taken{}, fmt.Errorf("keeping what is not told: %w", err)
	}
	return taken{lineID: ref.ID, isNew: true}, nil
}

// keep writes down where the line of a report stands, and what lists go by.
func (b *batch) keep(
	ctx context.Context, r report, record *portalv1.ExchangeRecord, ref ledger.Ref,
) (taken, error) {
	err := b.q.ExchangeReportAdd(ctx, db.ExchangeReportAddParams{
		FolderID: r.folder, OfficeID: b.office, Report: r.GetReport(), Line: int64(ref.Number), LineID: ref.ID,
	})
	if err != nil {
		return taken{}, fmt.Errorf("keeping a report: %w", err)
	}
	if err := b.list(ctx, r.folder, r.row, record, ref.Number); err != nil {
		return taken{}, err
	}
	note(&b.told, r.folder)
	return taken{lineID: ref.ID, isNew: true}, nil
}

// list brings the row of an exchange up to a line of it.
func (b *batch) list(
	ctx context.Context, folder string, row db.Exchange, record *portalv1.ExchangeRecord, line uint64,
) error {
	isNew := row.Number == ""
	if isNew {
		row = db.Exchange{FolderID: folder, Number: record.GetNumber(), RecordedAt: b.now.UnixMilli()}
		known, err := b.knowsAsker(ctx, folder, record.GetAsker().GetName())
		if err != nil {
			return err
		}
		row.IsFirst = !known
	}
	fill(&row, record, int64(line))
	b.asked[[2]string{folder, row.Asker}] = true
	if isNew && row.IsFirst && b.now.Sub(time.UnixMilli(record.GetAskedAt())) < news {
		note(&b.first, folder)
	}
	return put(ctx, b.q, row, isNew)
}

// knowsAsker tells whether somebody asked about a person before; from here on they have.
func (b *batch) knowsAsker(ctx context.Context, folder, asker string) (bool, error) {
	one := [2]string{folder, asker}
	known, there := b.asked[one]
	if !there {
		var err error
		if known, err = knowsAsker(ctx, b.q, folder, asker); err != nil {
			return false, err
		}
	}
	b.asked[one] = true
	return known, nil
}

func knowsAsker(ctx context.Context, q *db.Queries, folder, asker string) (bool, error) {
	known, err := q.ExchangeKnowsAsker(ctx, db.ExchangeKnowsAskerParams{FolderID: folder, Asker: asker})
	if err != nil {
		return false, fmt.Errorf("looking whether an office asked before: %w", err)
	}
	return known, nil
}

func put(ctx context.Context, q *db.Queries, row db.Exchange, isNew bool) error {
	if isNew {
		err := q.ExchangeAdd(ctx, db.ExchangeAddParams{
			FolderID: row.FolderID, Number: row.Number, Asker: row.Asker, Provider: row.Provider, AskerID: row.AskerID,
			ProviderID: row.ProviderID, Duty: row.Duty, Result: row.Result, AskedAt: row.AskedAt,
			RecordedAt: row.RecordedAt, IsFirst: row.IsFirst, ByAsker: row.ByAsker, ByProvider: row.ByProvider,
			ByPortal: row.ByPortal, Year: row.Year,
		})
		if err != nil {
			return fmt.Errorf("keeping an exchange: %w", err)
		}
		return nil
	}
	err := q.ExchangeSet(ctx, db.ExchangeSetParams{
		FolderID: row.FolderID, Number: row.Number, Asker: row.Asker, Provider: row.Provider, AskerID: row.AskerID,
		ProviderID: row.ProviderID, Duty: row.Duty, Result: row.Result, AskedAt: row.AskedAt, ByAsker: row.ByAsker,
		ByProvider: row.ByProvider, Cancelled: row.Cancelled, Year: row.Year,
	})
	if err != nil {
		return fmt.Errorf("keeping an exchange: %w", err)
	}
	return nil
}

// fill takes over what a line says. Of the work and the time the office that asked knows best; of each office's name,
// it itself; what came of it, whoever has heard the end.
func fill(row *db.Exchange, record *portalv1.ExchangeRecord, line int64) {
	asks := record.GetSide() != portalv1.ExchangeSide_EXCHANGE_SIDE_PROVIDER
	switch record.GetSide() {
	case portalv1.ExchangeSide_EXCHANGE_SIDE_ASKER:
		row.ByAsker = line
	case portalv1.ExchangeSide_EXCHANGE_SIDE_PROVIDER:
		row.ByProvider = line
	default:
		row.ByPortal = line
	}
	if row.Asker == "" || asks {
		row.Asker, row.Duty, row.AskedAt = record.GetAsker().GetName(), record.GetDuty(), record.GetAskedAt()
		row.Year = int64(time.UnixMilli(row.AskedAt).In(clock.Japan).Year())
	}
	if row.Provider == "" || !asks {
		row.Provider = record.GetProvider().GetName()
	}
	if id := record.GetAsker().GetOffice(); id != "" {
		row.AskerID = id
	}
	if id := record.GetProvider().GetOffice(); id != "" {
		row.ProviderID = id
	}
	if row.Cancelled > 0 {
		return
	}
	if waits := record.GetResult() == portalv1.ExchangeResult_EXCHANGE_RESULT_WAITING; row.Result == 0 || !waits {
		row.Result = int64(record.GetResult())
	}
}
