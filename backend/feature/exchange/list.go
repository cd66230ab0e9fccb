package exchange

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"google.golang.org/protobuf/encoding/protojson"

	"madoguchi/backend/door/access"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/page"
	"madoguchi/proto/clock"
	portalv1 "madoguchi/proto/gen/portal/v1"
	chains "madoguchi/proto/ledger"
)

var pages = page.Limits{Usual: 20, Most: 100}

// around is how far before and after an exchange lies what may explain it.
const around = 60 * 24 * time.Hour

// span is from when to when something is listed, in milliseconds; to is not within.
func span(from, to string) (since, before int64, field string, err error) {
	since, before = 0, math.MaxInt64
	if from != "" {
		day, err := time.ParseInLocation(time.DateOnly, from, clock.Japan)
		if err != nil {
			return 0, 0, "from", errors.New("not a day")
		}
		since = day.UnixMilli()
	}
	if to != "" {
		day, err := time.ParseInLocation(time.DateOnly, to, clock.Japan)
		if err != nil {
			return 0, 0, "to", errors.New("not a day")
		}
		before = day.AddDate(0, 0, 1).UnixMilli()
	}
	if since >= before {
		return 0, 0, "to", errors.New("before it began")
	}
	return since, before, "", nil
}

// ListExchanges lists what was reported, the last first.
func (s *Service) ListExchanges(
	ctx context.Context, request *portalv1.ListExchangesRequest,
) (*portalv1.ListExchangesResponse, error) {
	size, err := pages.Size(request.GetPageSize())
	if err != nil {
		return nil, access.Invalid(ctx, "page_size", err)
	}
	since, until, field, err := span(request.GetFrom(), request.GetTo())
	if err != nil {
		return nil, access.Invalid(ctx, field, err)
	}
	folder, before := access.Subject(ctx), until
	all := page.Of("exchange", folder, request.GetFrom(), request.GetTo(), request.GetOffice(), request.GetDuty(),
		request.GetResult().String())
	beforeNumber := ""
	if position, err := all.After(request.GetPageToken(), 2); err != nil {
		return nil, access.Invalid(ctx, "page_token", err)
	} else if position != nil {
		if before, err = strconv.ParseInt(position[0], 10, 64); err != nil {
			return nil, access.Invalid(ctx, "page_token", page.ErrToken)
		}
		beforeNumber = position[1]
	}
	q := s.db.Read()
	rows, err := q.ExchangeList(ctx, db.ExchangeListParams{
		FolderID: folder, Before: before, BeforeNumber: beforeNumber, Since: since, Office: request.GetOffice(),
		Duty: request.GetDuty(), Result: int64(request.GetResult()), Size: size + 1,
	})
	if err != nil {
		return nil, fmt.Errorf("listing exchanges: %w", err)
	}
	response := &portalv1.ListExchangesResponse{}
	if len(rows) > int(size) {
		rows = rows[:size]
		last := rows[size-1]
		response.NextPageToken = all.Token(strconv.FormatInt(last.AskedAt, 10), last.Number)
	}
	found, err := s.tell(ctx, q, folder, rows)
	if err != nil {
		return nil, err
	}
	response.Exchanges, response.Lines, response.State = found.exchanges, found.lines, found.state
	response.Words = found.words.message()
	if request.GetPageToken() == "" {
		if err := facts(ctx, q, folder, response); err != nil {
			return nil, err
		}
		matching, err := q.ExchangeFound(ctx, db.ExchangeFoundParams{
			FolderID: folder, Since: since, Before: until, Office: request.GetOffice(), Duty: request.GetDuty(),
			Result: int64(request.GetResult()),
		})
		if err != nil {
			return nil, fmt.Errorf("counting what was narrowed: %w", err)
		}
		response.Found = int32(min(matching, math.MaxInt32))
	}
	return response, nil
}

// facts counts by what a person's exchanges can be narrowed.
func facts(ctx context.Context, q *db.Queries, folder string, response *portalv1.ListExchangesResponse) error {
	rows, err := q.ExchangeFacts(ctx, folder)
	if err != nil {
		return fmt.Errorf("counting exchanges: %w", err)
	}
	years, offices, duties, results := map[string]int32{}, map[string]int32{}, map[string]int32{}, map[string]int32{}
	for _, row := range rows {
		n := int32(min(row.Count, math.MaxInt32))
		years[strconv.FormatInt(row.Year, 10)] += n
		if row.Asker != oneself {
			offices[row.Asker] += n
		}
		offices[row.Provider] += n
		duties[row.Duty] += n
		results[strconv.FormatInt(row.Result, 10)] += n
		response.Count += n
	}
	response.Years, response.Offices = counts(years), counts(offices)
	response.Duties, response.Results = counts(duties), counts(results)
	slices.Reverse(response.Years)
	for _, d := range response.GetDuties() { // to be named, though none is on this page
		w := words{}
		w.duty(d.GetKey())
		for _, one := range w.message().GetDuties() {
			same := func(other *portalv1.ExchangeDuty) bool { return other.GetKey() == one.GetKey() }
			if !slices.ContainsFunc(response.GetWords().GetDuties(), same) {
				response.Words.Duties = append(response.Words.Duties, one)
			}
		}
	}
	response.Withheld, err = withheld(ctx, q, folder)
	return err
}

// withheld says whether some are not told, where that may be said.
func withheld(ctx context.Context, q *db.Queries, folder string) (bool, error) {
	may, err := q.ExchangeMaySay(ctx, folder)
	if err != nil {
		return false, fmt.Errorf("looking for what is not told: %w", err)
	}
	return may, nil
}

func counts(of map[string]int32) []*portalv1.ExchangeCount {
	var list []*portalv1.ExchangeCount
	for _, key := range slices.Sorted(maps.Keys(of)) {
		list = append(list, &portalv1.ExchangeCount{Key: key, Count: of[key]})
	}
	return list
}

// found are exchanges with all that belongs to them.
type found struct {
	exchanges []*portalv1.Exchange
	lines     []*portalv1.LedgerLine
	state     *portalv1.LedgerState
	words     words
	records   map[uint64]*portalv1.ExchangeRecord // by the number of the line
}

// tell reads what belongs to the rows of exchanges.
func (s *Service) tell(ctx context.Context, q *db.Queries, folder string, rows []db.Exchange) (found, error) {
	f := found{words: words{}, records: map[uint64]*portalv1.ExchangeRecord{}}
	var numbers []uint64
	for _, row := range rows {
		for _, line := range []int64{row.ByAsker, row.ByProvider, row.ByPortal, row.Cancelled} {
			if line > 0 {
				numbers = append(numbers, uint64(line))
			}
		}
	}
	var err error
	if f.lines, f.state, err = s.needs.Log.LinesOf(ctx, q, folder, chains.Exchanges, numbers); err != nil {
		return f, fmt.Errorf("reading the lines of exchanges: %w", err)
	}
	for _, line := range f.lines {
		if f.records[line.GetNumber()], err = recordOf(line.GetContent()); err != nil {
			return f, err
		}
	}
	claims, err := s.claimsOf(ctx, q, folder)
	if err != nil {
		return f, err
	}
	active, err := reporting(ctx, q)
	if err != nil {
		return f, err
	}
	for _, row := range rows {
		f.exchanges = append(f.exchanges, f.exchange(row, claims[row.Number], active))
	}
	for id, name := range active {
		f.words.registered(id, name)
	}
	return f, nil
}

// reporting are the offices that report here, with their names.
func reporting(ctx context.Context, q *db.Queries) (map[string]string, error) {
	offices, err := q.ExchangeReporting(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing offices: %w", err)
	}
	active := map[string]string{}
	for _, o := range offices {
		active[o.ID] = o.Name
	}
	return active, nil
}

func (f *found) exchange(
	row db.Exchange, claims []*portalv1.ExchangeClaim, active map[string]string,
) *portalv1.Exchange {
	m := &portalv1.Exchange{
		Number: row.Number, ByAsker: uint64(row.ByAsker), ByProvider: uint64(row.ByProvider),
		ByPortal: uint64(row.ByPortal), Cancelled: uint64(row.Cancelled), RecordedAt: row.RecordedAt,
		First: row.IsFirst, Differs: differ(f.records[uint64(row.ByAsker)], f.records[uint64(row.ByProvider)]),
	}
	_, asker := active[row.AskerID]
	_, provider := active[row.ProviderID]
	m.OtherMayReport = row.ByAsker == 0 && asker || row.ByProvider == 0 && provider
	if len(claims) > 0 {
		m.Claim = claims[0]
	}
	for _, line := range []uint64{m.GetByAsker(), m.GetByProvider(), m.GetByPortal()} {
		if record := f.records[line]; record != nil {
			f.words.record(record)
			m.Law = cmp.Or(m.GetLaw(), f.words.law(record.GetDuty(), record.GetAskedAt()))
		}
	}
	return m
}

// differ says whether the two sides tell different things of one exchange.
func differ(asker, provider *portalv1.ExchangeRecord) bool {
	if asker == nil || provider == nil {
		return false
	}
	waits := func(r *portalv1.ExchangeRecord) bool {
		return r.GetResult() == portalv1.ExchangeResult_EXCHANGE_RESULT_WAITING
	}
	settled := !waits(asker) && !waits(provider)
	return asker.GetInfo() != provider.GetInfo() || asker.GetDuty() != provider.GetDuty() ||
		settled && asker.GetResult() != provider.GetResult() ||
		settled && !slices.Equal(sorted(asker.GetItems()), sorted(provider.GetItems()))
}

func sorted(items []string) []string { return slices.Sorted(slices.Values(items)) }

// GetExchange gives one, with what may explain it.
func (s *Service) GetExchange(
	ctx context.Context, request *portalv1.GetExchangeRequest,
) (*portalv1.GetExchangeResponse, error) {
	q, folder := s.db.Read(), access.Subject(ctx)
	row, err := get(ctx, q, folder, request.GetNumber())
	if err != nil {
		return nil, told("reading an exchange", err)
	}
	f, err := s.tell(ctx, q, folder, []db.Exchange{row})
	if err != nil {
		return nil, err
	}
	claims, err := s.claimsOf(ctx, q, folder)
	if err != nil {
		return nil, err
	}
	active, err := reporting(ctx, q)
	if err != nil {
		return nil, err
	}
	response := &portalv1.GetExchangeResponse{
		Exchange: f.exchanges[0], Lines: f.lines, State: f.state, Words: f.words.message(), Claims: claims[row.Number],
	}
	if _, ok := active[row.AskerID]; ok && row.ByPortal == 0 {
		response.Claimable = append(response.Claimable, portalv1.ExchangeSide_EXCHANGE_SIDE_ASKER)
	}
	if _, ok := active[row.ProviderID]; ok {
		response.Claimable = append(response.Claimable, portalv1.ExchangeSide_EXCHANGE_SIDE_PROVIDER)
	}
	asked := time.UnixMilli(row.AskedAt)
	response.Hints, err = s.needs.Around(ctx, q, folder, asked.Add(-around), asked.Add(around))
	return response, err
}

// get reads an exchange of the caller's.
func get(ctx context.Context, q *db.Queries, folder, number string) (db.Exchange, error) {
	row, err := q.ExchangeGet(ctx, db.ExchangeGetParams{FolderID: folder, Number: number})
	if errors.Is(err, db.ErrNotFound) {
		return row, access.NotFound(ctx, "number", errors.New("the person has no such exchange"))
	}
	if err != nil {
		return row, fmt.Errorf("reading an exchange: %w", err)
	}
	return row, nil
}

// tellExchanges tells all of them, for what a person takes along.
func (s *Service) tellExchanges(ctx context.Context, q *db.Queries, folder string) (any, error) {
	rows, err := q.ExchangesAll(ctx, folder)
	if err != nil {
		return nil, fmt.Errorf("reading exchanges: %w", err)
	}
	type exported struct {
		Number     string            `json:"number"`
		Asker      string            `json:"asker"`
		Provider   string            `json:"provider"`
		Duty       string            `json:"duty"`
		Result     int64             `json:"result"`
		AskedAt    int64             `json:"asked_at"`
		RecordedAt int64             `json:"recorded_at"`
		IsFirst    bool              `json:"is_first"`
		Reports    []json.RawMessage `json:"reports"`
		Unopened   bool              `json:"unopened,omitempty"`
	}
	list := []exported{}
	for _, row := range rows {
		one := exported{
			Number: row.Number, Asker: row.Asker, Provider: row.Provider, Duty: row.Duty, Result: row.Result,
			AskedAt: row.AskedAt, RecordedAt: row.RecordedAt, IsFirst: row.IsFirst,
		}
		for _, line := range []int64{row.ByAsker, row.ByProvider, row.ByPortal, row.Cancelled} {
			if line == 0 {
				continue
			}
			var data []byte
			record, _, err := read(ctx, q, folder, chains.Exchanges, line)
			if err == nil {
				data, err = protojson.Marshal(record)
			}
			if err != nil { // it is named, and told of as far as it is known
				one.Unopened = true
				slog.ErrorContext(ctx, "a line that is kept cannot be opened", "line", line, "cause", err)
				continue
			}
			one.Reports = append(one.Reports, data)
		}
		list = append(list, one)
	}
	return list, nil
}
