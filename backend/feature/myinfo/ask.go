package myinfo

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/office"
	"madoguchi/backend/store/db"
	"madoguchi/proto/clock"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/selfinfo"
)

// mostOpen is how many answers a folder waits for.
const mostOpen = 200

// duty is that of every office that answers; for each category it holds it has selfinfo.Duty besides.
const duty = "myinfo"

// plan is a wish, thought through.
type plan struct {
	wish   *portalv1.InfoWish
	detail selfinfo.Detail
	office db.Office // none when it is the zero value
	place  string    // of the office; "" for one of the nation
	notes  bool      // are to be confirmed
	known  bool      // the office knows the person
	waits  string    // the request that waits for the same
}

// planner thinks through what a person wishes for.
type planner struct {
	store     store
	q         *db.Queries
	folder    db.Folder
	today     time.Time
	confirmed map[int]int // notes, by category
	holders   map[string]office.Holders
	open      []*waited
}

// waited is what a person waits for already.
type waited struct {
	id, office string
	wish       *portalv1.InfoWish
}

func (s *Service) planner(ctx context.Context, q *db.Queries) (*planner, error) {
	p := &planner{
		store: s.store, q: q, today: clock.Today(s.now()), confirmed: map[int]int{},
		holders: map[string]office.Holders{},
	}
	var err error
	if p.folder, err = q.FolderGet(ctx, access.Subject(ctx)); err != nil {
		return nil, access.Gone(ctx, "reading the folder", err)
	}
	notes, err := q.MyinfoNotes(ctx, p.folder.ID)
	if err != nil {
		return nil, fmt.Errorf("reading the notes that a person confirmed: %w", err)
	}
	for _, n := range notes {
		p.confirmed[int(n.Category)] = int(n.Version)
	}
	rows, err := q.MyinfoOpen(ctx, db.MyinfoOpenParams{Person: p.folder.ID, Size: mostOpen})
	if err != nil {
		return nil, fmt.Errorf("reading what a person waits for: %w", err)
	}
	for _, row := range rows {
		wish := &portalv1.InfoWish{}
		if err := s.store.read(ctx, q, placeOfWish(row), row.Asked, wish); err != nil {
			return nil, err
		}
		p.open = append(p.open, &waited{row.ID, row.OfficeID, wish})
	}
	return p, nil
}

func placeOfWish(row db.MyinfoLine) Place {
	return Place{Folder: row.Person, Table: tableRequest, Column: "asked", Row: row.ID}
}

// plan thinks one wish through; field is where it stands in the request.
func (p *planner) plan(ctx context.Context, wish *portalv1.InfoWish, field string) (plan, error) {
	detail, category, ok := selfinfo.DetailOf(wish.GetDetail())
	if !ok {
		return plan{}, invalid(field+".detail", errors.New("there is no such detail"))
	}
	from, to, err := detail.Asked(wish.GetFrom(), wish.GetTo(), p.today)
	if err != nil {
		return plan{}, invalid(field+".from", err)
	}
	place := p.folder.MunicipalityCode
	if detail.AsksPlace && wish.GetPlaceCode() != "" {
		place = wish.GetPlaceCode()
	}
	made := plan{
		wish: &portalv1.InfoWish{Detail: detail.Key, From: from, To: to}, detail: detail,
		notes: len(category.Notes) > 0 && p.confirmed[category.Number] != category.NotesVersion,
	}
	if made.office, ok, err = p.holder(ctx, place, category.Number); err != nil || !ok {
		if detail.AsksPlace {
			made.wish.PlaceCode = place
		}
		return made, err
	}
	if made.office.MunicipalityCode != "" {
		made.place, made.wish.PlaceCode = place, place
	}
	if made.known, err = office.Knows(ctx, p.q, made.office.ID, p.folder.ID); err != nil {
		return plan{}, err
	}
	for _, w := range p.open {
		if w.office == made.office.ID && same(w.wish, made.wish) {
			made.waits = w.id
		}
	}
	return made, nil
}

func same(a, b *portalv1.InfoWish) bool {
	return a.GetDetail() == b.GetDetail() && a.GetFrom() == b.GetFrom() && a.GetTo() == b.GetTo() &&
		a.GetPlaceCode() == b.GetPlaceCode()
}

// holder is the office that holds a category for a place.
func (p *planner) holder(ctx context.Context, place string, category int) (db.Office, bool, error) {
	held, read := p.holders[place]
	if !read {
		var err error
		if held, err = office.HoldersAt(ctx, p.q, place); err != nil {
			return db.Office{}, false, err
		}
		p.holders[place] = held
	}
	found, ok := held.Of(duty, selfinfo.Duty(category), office.DutyPerson)
	return found, ok, nil
}

// PlanInfo says what would be asked of whom.
func (s *Service) PlanInfo(
	ctx context.Context, request *portalv1.PlanInfoRequest,
) (*portalv1.PlanInfoResponse, error) {
	q := s.db.Read()
	p, err := s.planner(ctx, q)
	if err != nil {
		return nil, err
	}
	masked, err := masks(ctx, q, p.folder.ID)
	if err != nil {
		return nil, err
	}
	response := &portalv1.PlanInfoResponse{}
	speeds := paces{q: q}
	for i, wish := range request.GetWishes() {
		made, err := p.plan(ctx, wish, fmt.Sprintf("wishes[%d]", i))
		if err != nil {
			return nil, told(ctx, "planning what to ask", err)
		}
		m := &portalv1.InfoPlan{
			Wish: made.wish, State: made.state(), Office: made.office.Name, PlaceCode: made.place,
			IntroducedFirst: made.office.ID != "" && !made.known, RequestId: made.waits,
		}
		if made.place != "" || made.office.ID == "" && made.detail.AsksPlace {
			m.PlaceCode, m.LivedOn = made.wish.GetPlaceCode(), made.detail.LivedOn(made.wish.GetFrom())
		}
		if made.office.ID != "" {
			if m.UsualMs, m.UsualOf, err = speeds.of(ctx, made.office.ID, made.detail.Key); err != nil {
				return nil, err
			}
		}
		if masked && made.office.MunicipalityCode != "" {
			m.Office, m.PlaceCode, m.Wish.PlaceCode = somePlace, "", wish.GetPlaceCode() // as far as the person said it
		}
		response.Plans = append(response.Plans, m)
	}
	return response, nil
}

func (p plan) state() portalv1.InfoPlanState {
	switch {
	case p.office.ID == "":
		return portalv1.InfoPlanState_INFO_PLAN_STATE_UNSUPPORTED
	case p.waits != "":
		return portalv1.InfoPlanState_INFO_PLAN_STATE_WAITING
	case p.notes:
		return portalv1.InfoPlanState_INFO_PLAN_STATE_NOTES
	}
	return portalv1.InfoPlanState_INFO_PLAN_STATE_READY
}

// AskInfo asks for what is wished for: all of it, or nothing.
func (s *Service) AskInfo(
	ctx context.Context, request *portalv1.AskInfoRequest,
) (*portalv1.AskInfoResponse, error) {
	var ids []string
	err := s.db.Tx(ctx, func(q *db.Queries) error {
		ids = nil
		if err := s.confirm(ctx, q, request.GetConfirmed()); err != nil {
			return err
		}
		p, err := s.planner(ctx, q)
		if err != nil {
			return err
		}
		for i, wish := range request.GetWishes() {
			id, err := s.ask(ctx, p, wish, fmt.Sprintf("wishes[%d]", i))
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return nil
	})
	if err != nil {
		return nil, told(ctx, "asking offices", err)
	}
	s.bell.ring()
	response := &portalv1.AskInfoResponse{}
	for _, id := range ids {
		m, err := s.request(ctx, id)
		if err != nil {
			return nil, err
		}
		response.Requests = append(response.Requests, m)
	}
	return response, nil
}

// confirm notes what notes the person has confirmed; of a version that there is not, nothing.
func (s *Service) confirm(ctx context.Context, q *db.Queries, notes []*portalv1.InfoNotes) error {
	for _, n := range notes {
		category, ok := selfinfo.ByNumber(int(n.GetCategory()))
		if !ok || category.NotesVersion != int(n.GetNotesVersion()) {
			return invalid("confirmed", errors.New("there are no such notes"))
		}
		err := q.MyinfoNote(ctx, db.MyinfoNoteParams{
			FolderID: access.Subject(ctx), Category: int64(n.GetCategory()), Version: int64(n.GetNotesVersion()),
			ConfirmedAt: s.now().UnixMilli(),
		})
		if err != nil {
			return fmt.Errorf("noting that notes are confirmed: %w", err)
		}
	}
	return nil
}

// ask writes one request, or finds the one that waits for the same.
func (s *Service) ask(ctx context.Context, p *planner, wish *portalv1.InfoWish, field string) (string, error) {
	made, err := p.plan(ctx, wish, field)
	if err != nil {
		return "", err
	}
	switch {
	case made.office.ID == "":
		return "", notFound("wishes", "no office can be asked for "+made.detail.Key)
	case made.notes:
		return "", refuse(connect.CodeFailedPrecondition, portalv1.Reason_REASON_TERMS_NOT_AGREED, "confirmed",
			"the notes of the category were not confirmed")
	case made.waits != "":
		return made.waits, nil
	case len(p.open) >= mostOpen:
		return "", refuse(connect.CodeFailedPrecondition, portalv1.Reason_REASON_TOO_MANY, "",
			"the folder waits for as much as it may")
	}
	id := strings.ToLower(rand.Text())
	at := Place{Folder: p.folder.ID, Table: tableRequest, Column: "asked", Row: id}
	asked, err := s.store.write(ctx, p.q, at, made.wish)
	if err != nil {
		return "", err
	}
	err = p.q.MyinfoAsk(ctx, db.MyinfoAskParams{
		FolderID: p.folder.ID, ID: id, OfficeID: made.office.ID, Detail: made.detail.Key, Asked: asked,
		Now: s.now().UnixMilli(),
	})
	if err != nil {
		return "", fmt.Errorf("writing a request: %w", err)
	}
	if !made.known {
		if err := office.IntroduceTo(ctx, p.q, p.folder.ID, made.office.ID); err != nil {
			return "", err
		}
	}
	p.open = slices.Insert(p.open, 0, &waited{id, made.office.ID, made.wish})
	return id, changed(ctx, p.q, p.folder.ID, id)
}

// AskInfoAgain asks for what a request asked for.
func (s *Service) AskInfoAgain(
	ctx context.Context, request *portalv1.AskInfoAgainRequest,
) (*portalv1.AskInfoAgainResponse, error) {
	var id string
	err := s.db.Tx(ctx, func(q *db.Queries) error {
		row, wish, err := s.find(ctx, q, request.GetId())
		if err != nil {
			return err
		}
		p, err := s.planner(ctx, q)
		if err != nil {
			return err
		}
		if _, _, err := mustDetail(row.Detail).Asked(wish.GetFrom(), wish.GetTo(), p.today); err != nil {
			wish.From, wish.To = "", "" // it lies too far back by now
		}
		id, err = s.ask(ctx, p, wish, "wish")
		return err
	})
	if err != nil {
		return nil, told(ctx, "asking an office again", err)
	}
	s.bell.ring()
	m, err := s.request(ctx, id)
	if err != nil {
		return nil, err
	}
	return &portalv1.AskInfoAgainResponse{Request: m}, nil
}

func mustDetail(key string) selfinfo.Detail {
	d, _, _ := selfinfo.DetailOf(key)
	return d
}

// find reads a request of the caller's, and what it asked for.
func (s *Service) find(ctx context.Context, q *db.Queries, id string) (db.MyinfoLine, *portalv1.InfoWish, error) {
	row, err := q.MyinfoGet(ctx, db.MyinfoGetParams{Person: access.Subject(ctx), ID: id})
	if errors.Is(err, db.ErrNotFound) {
		return row, nil, notFound("id", "the person has no such request")
	}
	if err != nil {
		return row, nil, fmt.Errorf("reading a request: %w", err)
	}
	wish := &portalv1.InfoWish{}
	return row, wish, s.store.read(ctx, q, placeOfWish(row), row.Asked, wish)
}
