package usage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strconv"
	"time"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/live"
	"madoguchi/backend/store/act"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/page"
	"madoguchi/proto/clock"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/ledger"
)

var pages = page.Limits{Usual: 20, Most: 100}

const (
	// mostLooked is how many lines a call looks through for those of a filter: what a line tells is sealed, so that the
	// store cannot look for it itself.
	mostLooked = 5000
	lookBatch  = 1000
)

// filter says which lines are shown. The store knows when a line was written, the rest is looked at here.
type filter struct {
	acts            []string
	device, session string
	unusual         bool
	since, before   int64
}

func filterOf(r *portalv1.ListUsageRequest) filter {
	f := filter{
		acts: r.GetActs(), device: r.GetDevice(), session: r.GetSession(), unusual: r.GetUnusual(),
		before: math.MaxInt64,
	}
	f.since, f.before = year(r.GetYear())
	return f
}

// year is from when until when one lasts in Japan; 0 is all time.
func year(number int32) (since, before int64) {
	if number == 0 {
		return 0, math.MaxInt64
	}
	first := func(year int32) int64 {
		return time.Date(int(year), time.January, 1, 0, 0, 0, 0, clock.Japan).UnixMilli()
	}
	return first(number), first(number + 1)
}

// everything tells whether the store can answer by itself.
func (f filter) everything() bool {
	return len(f.acts) == 0 && f.device == "" && f.session == "" && !f.unusual
}

func (f filter) shows(l *portalv1.UsageLine) bool {
	switch {
	case len(f.acts) > 0 && !slices.Contains(f.acts, l.GetAct()):
		return false
	case f.device != "" && l.GetDevice() != f.device, f.session != "" && l.GetSession() != f.session:
		return false
	}
	return !f.unusual || Unusual(l)
}

// Unusual tells of a line whether it stands out.
func Unusual(l *portalv1.UsageLine) bool {
	return l.GetResult() == portalv1.UsageResult_USAGE_RESULT_REFUSED || l.GetNewDevice() ||
		isLogin(l.GetAct()) && (l.GetMeans() == portalv1.Means_MEANS_PHONE ||
			l.GetPlace() == portalv1.UsagePlace_USAGE_PLACE_ABROAD)
}

func isLogin(name string) bool {
	return name == "login.begin" || name == "login.begin_by_phone" || name == "login.passkey"
}

// list names the list that a request makes for a person.
func list(folder string, r *portalv1.ListUsageRequest) page.List {
	return page.Of("usage", folder, append([]string{
		strconv.Itoa(int(r.GetYear())), r.GetDevice(), r.GetSession(), strconv.FormatBool(r.GetUnusual()),
	}, r.GetActs()...)...)
}

const positionParts = 2

func parts(p act.Position) []string { return []string{strconv.FormatInt(p.At, 10), p.ID} }

// ListUsage gives the lines, the newest first.
func (s *Service) ListUsage(
	ctx context.Context, request *portalv1.ListUsageRequest,
) (*portalv1.ListUsageResponse, error) {
	folder, f := access.Subject(ctx), filterOf(request)
	size, err := pages.Size(request.GetPageSize())
	if err != nil {
		return nil, access.Invalid(ctx, "page_size", err)
	}
	of, from := list(folder, request), act.Position{At: f.before}
	after, err := of.After(request.GetPageToken(), positionParts)
	if err == nil && after != nil {
		from.ID = after[1]
		from.At, err = strconv.ParseInt(after[0], 10, 64)
	}
	if err != nil {
		return nil, access.Invalid(ctx, "page_token", page.ErrToken)
	}
	q := s.db.Read()
	response := &portalv1.ListUsageResponse{}
	at, more, err := s.page(ctx, q, folder, f, from, int(size), response)
	if err != nil {
		return nil, err
	}
	if more {
		response.NextPageToken = of.Token(parts(at)...)
	}
	if response.Devices, err = s.needs.Devices(ctx, q, folder); err != nil {
		return nil, err
	}
	first, err := act.First(ctx, q, folder)
	if err != nil {
		return nil, err
	}
	if first > 0 {
		response.FirstYear = int32(time.UnixMilli(first).In(clock.Japan).Year())
	}
	return response, nil
}

// page fills in a page from a position, with the lines of the chain that prove it. Of a list that is not narrowed these
// are all that stand between, for whoever reads it to see that it leaves out none; on the first page to the end of the
// chain. A line that came while they were read is looked for once more.
func (s *Service) page(
	ctx context.Context, q *db.Queries, folder string, f filter, from act.Position, size int,
	response *portalv1.ListUsageResponse,
) (at act.Position, more bool, err error) {
	first := f.everything() && from == act.Position{At: math.MaxInt64}
	for range 5 {
		var page found
		if page, at, more, err = look(ctx, q, folder, f, from, size); err != nil {
			return at, false, err
		}
		response.Lines, response.Leaves, response.LookedUntil = page.lines, page.leaves, at.At
		numbers := page.proven()
		lines, state, err := s.needs.Log.LinesOf(ctx, q, folder, ledger.Usages, numbers)
		if err == nil && f.everything() {
			if whole := spanned(numbers, state, first); len(whole) > len(numbers) {
				lines, state, err = s.needs.Log.LinesOf(ctx, q, folder, ledger.Usages, whole)
			}
		}
		if err != nil {
			return at, false, fmt.Errorf("proving the history of use: %w", err)
		}
		response.LedgerLines, response.Ledger = lines, state
		newest, err := act.Read(ctx, q, folder, from, f.since, 1)
		if err != nil {
			return at, false, err
		}
		if !first || len(newest) == 0 || len(page.lines) > 0 && newest[0].ID == page.lines[0].GetId() {
			break
		}
	}
	return at, more, nil
}

// mostSpanned is over how many lines of the chain all that stand between those of a page are given.
const mostSpanned = 200

// spanned are the numbers with all between them, and on the first page up to the head, unless they are too many.
func spanned(numbers []uint64, state *portalv1.LedgerState, first bool) []uint64 {
	if len(numbers) == 0 {
		return nil
	}
	from, to := numbers[0], numbers[len(numbers)-1]
	for _, head := range state.GetHeads() {
		if first && head.GetChain() == uint32(ledger.Usages) {
			to = max(to, head.GetCount())
		}
	}
	if to-from >= mostSpanned {
		return nil
	}
	whole := make([]uint64, 0, to-from+1)
	for n := from; n <= to; n++ {
		whole = append(whole, n)
	}
	return whole
}

// found are lines, and where each stands in the folder's chain.
type found struct {
	lines  []*portalv1.UsageLine
	leaves []uint64
}

// proven are the lines of the chain in which they stand.
func (f found) proven() []uint64 {
	numbers := slices.Compact(slices.Sorted(slices.Values(f.leaves)))
	return slices.DeleteFunc(numbers, func(n uint64) bool { return n == 0 })
}

// look reads on from a position until it has a page of what the filter shows, or has looked through as much as a call
// may. It tells where it stopped, and whether there is more.
func look(
	ctx context.Context, q *db.Queries, folder string, f filter, from act.Position, size int,
) (page found, at act.Position, more bool, err error) {
	at = from
	batch := lookBatch
	if f.everything() {
		batch = size + 1
	}
	for looked := 0; looked < mostLooked; looked += batch {
		lines, err := act.Read(ctx, q, folder, at, f.since, batch)
		if err != nil {
			return page, at, false, err
		}
		for _, one := range lines {
			if len(page.lines) == size {
				return page, at, true, nil
			}
			at = one.Position
			if f.shows(one.Line) {
				page.lines, page.leaves = append(page.lines, one.Line), append(page.leaves, one.Leaf)
			}
		}
		if len(lines) < batch {
			return page, at, false, nil
		}
	}
	return page, at, true, nil
}

// GetUsageLine gives one line.
func (s *Service) GetUsageLine(
	ctx context.Context, request *portalv1.GetUsageLineRequest,
) (*portalv1.GetUsageLineResponse, error) {
	folder, q := access.Subject(ctx), s.db.Read()
	found, err := act.Get(ctx, q, folder, act.Position{At: request.GetAt(), ID: request.GetId()})
	if errors.Is(err, db.ErrNotFound) {
		return nil, access.NotFound(ctx, "id", nil)
	}
	if err != nil {
		return nil, fmt.Errorf("reading a line of the history of use: %w", err)
	}
	response := &portalv1.GetUsageLineResponse{Line: found.Line}
	if response.Devices, err = s.needs.Devices(ctx, q, folder); err != nil {
		return nil, err
	}
	proven, state, err := s.needs.Log.LinesOf(ctx, q, folder, ledger.Usages, []uint64{found.Leaf})
	if err != nil {
		return nil, fmt.Errorf("proving a line of the history of use: %w", err)
	}
	response.Ledger = state
	if len(proven) > 0 {
		response.LedgerLine = proven[0]
	}
	opened, err := s.caseOf(ctx, q, folder, request.GetId())
	if err != nil {
		return nil, err
	}
	response.Case, response.Number = opened.ID, opened.Number
	if err := s.seen(ctx, folder, found); err != nil { // the line is there to be read all the same
		slog.ErrorContext(ctx, "noting that an unusual login was looked at", "cause", err)
	}
	return response, nil
}

// seen notes that the person looked at the line of an unusual login: it is no news any more. From the session that
// began so it was not they who looked, if it was not they who began it.
func (s *Service) seen(ctx context.Context, folder string, line act.Written) error {
	odd, err := s.db.Read().FolderUnusual(ctx, folder)
	name, own := fmt.Sprintf("%d-%s", line.At, line.ID), act.Session(access.FromContext(ctx).SessionHash)
	if errors.Is(err, db.ErrNotFound) || err == nil && (odd.Line != name || odd.Session == own) {
		return nil
	}
	if err == nil {
		err = s.db.Tx(ctx, func(q *db.Queries) error {
			_, err := q.FolderSeenUnusual(ctx, db.FolderSeenUnusualParams{FolderID: folder, Line: name, Own: own})
			if err != nil {
				return err
			}
			return live.Tell(ctx, q, folder, portalv1.ChangeKind_CHANGE_KIND_ACCOUNT, "")
		})
	}
	return err
}

// ListUsageWords tells what the names in lines are called.
func (s *Service) ListUsageWords(
	context.Context, *portalv1.ListUsageWordsRequest,
) (*portalv1.ListUsageWordsResponse, error) {
	return &portalv1.ListUsageWordsResponse{Acts: said(acts), Whys: said(whys), Fields: said(fields)}, nil
}
