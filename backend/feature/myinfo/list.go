package myinfo

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"madoguchi/backend/door/access"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/page"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

var pages = page.Limits{Usual: 20, Most: 100}

const (
	// An office that was not here for this long is said not to come.
	contactTime = 3 * time.Minute
	// The portal looks whether offices came so often (sweep.go).
	lookEvery = time.Minute
	// So many answers are needed to say how long an office usually takes.
	paceLeast, paceSlots = 3, 50
	mostUnseen           = 100
)

// lines makes messages of requests, and asks once for what they share.
type lines struct {
	*Service
	q       *db.Queries
	person  string // of whom offices are not to betray the place
	offices map[string]db.MyinfoOfficeStateRow
	paces   paces
}

func (s *Service) lines(q *db.Queries, person string) *lines {
	return &lines{Service: s, q: q, person: person, offices: map[string]db.MyinfoOfficeStateRow{}, paces: paces{q: q}}
}

func (l *lines) office(ctx context.Context, id string) (db.MyinfoOfficeStateRow, error) {
	if known, ok := l.offices[id]; ok {
		return known, nil
	}
	row, err := l.q.MyinfoOfficeState(ctx, id)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return row, fmt.Errorf("reading how an office is: %w", err)
	}
	if row.MunicipalityCode != "" {
		masked, err := masks(ctx, l.q, l.person)
		if err != nil {
			return row, err
		}
		if masked {
			row.Name = somePlace
		}
	}
	l.offices[id] = row
	return row, nil
}

func (l *lines) message(ctx context.Context, row db.MyinfoLine) (*portalv1.InfoRequest, error) {
	wish := &portalv1.InfoWish{}
	if err := l.store.read(ctx, l.q, placeOfWish(row), row.Asked, wish); err != nil {
		return nil, err
	}
	from, err := l.office(ctx, row.OfficeID)
	if err != nil {
		return nil, err
	}
	if from.Name == somePlace {
		wish.PlaceCode = ""
	}
	m := &portalv1.InfoRequest{
		Id: row.ID, Wish: wish, Office: from.Name, AskedAt: row.AskedAt, State: portalv1.InfoState(row.State),
		Since: row.Since, Tries: int32(min(row.Tries, math.MaxInt32)), Outcome: portalv1.InfoOutcome(row.Outcome),
		AnsweredAt: row.AnsweredAt, Seen: row.SeenAt > 0, KeepUntil: max(row.KeepUntil, 0),
		Trouble: portalv1.InfoTrouble_INFO_TROUBLE_NONE,
	}
	if row.State < answered {
		l.trouble(m, row, from.SeenAt)
	}
	m.UsualMs, m.UsualOf, err = l.paces.of(ctx, row.OfficeID, row.Detail)
	return m, err
}

// trouble says why an answer is not there yet, and when the office is given the request again. An office fetches its
// requests by itself: while it does not come, what can be told is when the portal looks again whether it has.
func (l *lines) trouble(m *portalv1.InfoRequest, row db.MyinfoLine, officeSeen int64) {
	m.Trouble, m.NextTryAt = troubleOf(l.now().UnixMilli(), row.DueAt, row.Tries, officeSeen, row.Trouble)
}

func troubleOf(now, dueAt, tries, officeSeen, trouble int64) (portalv1.InfoTrouble, int64) {
	of := portalv1.InfoTrouble(trouble)
	if of == portalv1.InfoTrouble_INFO_TROUBLE_NONE && (tries > 1 || tries == 1 && dueAt <= now) {
		of = portalv1.InfoTrouble_INFO_TROUBLE_NO_ANSWER
	}
	if dueAt <= now && now-max(officeSeen, dueAt) > contactTime.Milliseconds() {
		every := lookEvery.Milliseconds()
		return portalv1.InfoTrouble_INFO_TROUBLE_NO_CONTACT, (now/every + 1) * every
	}
	if of == portalv1.InfoTrouble_INFO_TROUBLE_NONE {
		return of, 0
	}
	return of, max(dueAt, now)
}

// paces tell how long offices usually take.
type paces struct {
	q     *db.Queries
	known map[[2]string][2]int64
}

// of gives the median of the last answers to a detail, in milliseconds, and of how many; zeros of too few.
func (p *paces) of(ctx context.Context, office, detail string) (ms int64, answers int32, err error) {
	key := [2]string{office, detail}
	if found, ok := p.known[key]; ok {
		return found[0], int32(found[1]), nil
	}
	took, err := p.q.MyinfoPace(ctx, db.MyinfoPaceParams{OfficeID: office, Detail: detail})
	if err != nil {
		return 0, 0, fmt.Errorf("reading how long an office takes: %w", err)
	}
	if p.known == nil {
		p.known = map[[2]string][2]int64{}
	}
	if len(took) >= paceLeast {
		ms, answers = took[len(took)/2], int32(len(took))
	}
	p.known[key] = [2]int64{ms, int64(answers)}
	return ms, answers, nil
}

// request gives one request of the caller's as a list shows it.
func (s *Service) request(ctx context.Context, id string) (*portalv1.InfoRequest, error) {
	row, err := s.db.Read().MyinfoGet(ctx, db.MyinfoGetParams{Person: access.Subject(ctx), ID: id})
	if err != nil {
		return nil, access.Gone(ctx, "reading a request", err)
	}
	return s.lines(s.db.Read(), access.Subject(ctx)).message(ctx, row)
}

// ListInfoRequests lists what was asked for, the last first.
func (s *Service) ListInfoRequests(
	ctx context.Context, request *portalv1.ListInfoRequestsRequest,
) (*portalv1.ListInfoRequestsResponse, error) {
	size, err := pages.Size(request.GetPageSize())
	if err != nil {
		return nil, access.Invalid(ctx, "page_size", err)
	}
	folder, q := access.Subject(ctx), s.db.Read()
	all := page.Of("myinfo", folder, request.GetDetail(), strconv.FormatBool(request.GetWaitingOnly()))
	before, beforeID, err := position(all, request.GetPageToken())
	if err != nil {
		return nil, access.Invalid(ctx, "page_token", err)
	}
	rows, err := s.rows(ctx, q, request, before, beforeID, size+1)
	if err != nil {
		return nil, fmt.Errorf("listing requests: %w", err)
	}
	response := &portalv1.ListInfoRequestsResponse{}
	if len(rows) > int(size) {
		rows = rows[:size]
		last := rows[size-1]
		response.NextPageToken = all.Token(strconv.FormatInt(last.AskedAt, 10), last.ID)
	}
	l := s.lines(q, folder)
	for _, row := range rows {
		m, err := l.message(ctx, row)
		if err != nil {
			return nil, err
		}
		response.Requests = append(response.Requests, m)
	}
	waits, err := q.MyinfoWaitingCount(ctx, folder)
	if err != nil {
		return nil, fmt.Errorf("counting requests: %w", err)
	}
	response.WaitingCount = int32(min(waits, math.MaxInt32))
	if response.UnseenCount, err = unseen(ctx, q, folder); err != nil {
		return nil, err
	}
	setting, err := settingOf(ctx, q, folder)
	response.Edition, response.Keep = setting.Edition, portalv1.InfoKeep(setting.Keep)
	return response, err
}

func (s *Service) rows(
	ctx context.Context, q *db.Queries, request *portalv1.ListInfoRequestsRequest, before int64, beforeID string,
	size int32,
) ([]db.MyinfoLine, error) {
	person := access.Subject(ctx)
	switch {
	case request.GetWaitingOnly():
		rows, err := q.MyinfoOpen(ctx, db.MyinfoOpenParams{Person: person, Size: mostOpen})
		var kept []db.MyinfoLine
		for _, row := range rows {
			after := row.AskedAt < before || row.AskedAt == before && row.ID < beforeID
			if after && (request.GetDetail() == "" || row.Detail == request.GetDetail()) && len(kept) < int(size) {
				kept = append(kept, row)
			}
		}
		return kept, err
	case request.GetDetail() != "":
		return q.MyinfoListDetail(ctx, db.MyinfoListDetailParams{
			FolderID: person, Detail: request.GetDetail(), Before: before, BeforeID: beforeID, Size: size,
		})
	}
	return q.MyinfoList(ctx, db.MyinfoListParams{FolderID: person, Before: before, BeforeID: beforeID, Size: size})
}

// position is the line after which a page begins: its time and its id.
func position(all page.List, token string) (int64, string, error) {
	parts, err := all.After(token, 2)
	if err != nil {
		return 0, "", err
	}
	if parts == nil {
		return math.MaxInt64, "", nil
	}
	before, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil {
		return 0, "", page.ErrToken
	}
	return before, parts[1], nil
}

// unseen counts the answers that were not seen, up to a hundred.
func unseen(ctx context.Context, q *db.Queries, folder string) (int32, error) {
	found, err := q.MyinfoUnseen(ctx, db.MyinfoUnseenParams{FolderID: folder, Size: mostUnseen})
	if err != nil {
		return 0, fmt.Errorf("counting answers: %w", err)
	}
	return int32(len(found)), nil //nolint:gosec // no more than that
}

// MarkInfoSeen marks answers seen.
func (s *Service) MarkInfoSeen(
	ctx context.Context, request *portalv1.MarkInfoSeenRequest,
) (*portalv1.MarkInfoSeenResponse, error) {
	folder := access.Subject(ctx)
	response := &portalv1.MarkInfoSeenResponse{}
	err := s.db.Tx(ctx, func(q *db.Queries) error {
		for _, id := range request.GetIds() {
			_, err := q.MyinfoSeen(ctx, db.MyinfoSeenParams{FolderID: folder, ID: id, Now: s.now().UnixMilli()})
			if err != nil {
				return err
			}
		}
		var err error
		if response.UnseenCount, err = unseen(ctx, q, folder); err != nil {
			return err
		}
		return changed(ctx, q, folder, "")
	})
	return response, told(ctx, "marking answers seen", err)
}

// EraseInfo takes requests back and erases answers.
func (s *Service) EraseInfo(
	ctx context.Context, request *portalv1.EraseInfoRequest,
) (*portalv1.EraseInfoResponse, error) {
	if request.GetAll() == (len(request.GetIds()) > 0) {
		return nil, access.Invalid(ctx, "ids", errors.New("either some are named or all"))
	}
	folder := access.Subject(ctx)
	var erased int64
	err := s.db.Erase(ctx, func(q *db.Queries) (err error) {
		if erased, err = erase(ctx, q, folder, request); err != nil || erased == 0 {
			return err
		}
		return newEdition(ctx, q, folder)
	})
	return &portalv1.EraseInfoResponse{Erased: int32(min(erased, math.MaxInt32))}, told(ctx, "erasing answers", err)
}

func erase(ctx context.Context, q *db.Queries, folder string, request *portalv1.EraseInfoRequest) (int64, error) {
	if request.GetAll() {
		if _, err := q.MyinfoCorrectionsEraseAll(ctx, folder); err != nil {
			return 0, err
		}
		return q.MyinfoEraseAll(ctx, folder)
	}
	var erased int64
	for _, id := range request.GetIds() {
		_, err := q.MyinfoCorrectionsErase(ctx, db.MyinfoCorrectionsEraseParams{FolderID: folder, RequestID: id})
		if err != nil {
			return 0, err
		}
		n, err := q.MyinfoErase(ctx, db.MyinfoEraseParams{FolderID: folder, ID: id})
		if err != nil {
			return 0, err
		}
		erased += n
	}
	return erased, nil
}
