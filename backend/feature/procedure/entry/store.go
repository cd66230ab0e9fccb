// Package entry keeps the entries of the catalogue: what each place offers, in versions that come into force on their
// day, as offices register them, one by one or as CSV. What an entry may say is the catalogue's (japan/catalog); who
// may register it is the intake's.
package entry

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	"madoguchi/backend/store/db"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// ErrNoProcedure says that there is nothing to end.
var ErrNoProcedure = errors.New("no such procedure is in force")

// Version is one version of an entry.
type Version struct {
	Place         string
	Version       int64
	EffectiveFrom string // YYYY-MM-DD
	Ended         bool   // from that day on there is no such procedure any more; then Content is what held before
	RegisteredAt  int64  // milliseconds
	Content       *portalv1.ProcedureContent
}

// Store keeps the entries.
type Store struct {
	db  *db.DB
	now func() time.Time
}

// NewStore makes a store; now is time.Now but in tests.
func NewStore(d *db.DB, now func() time.Time) *Store { return &Store{db: d, now: now} }

// Put registers entries of one place, in one transaction; they hold from a day on (YYYY-MM-DD). Contents must have
// passed Check. What the place says from that day on already is left alone and counted as unchanged.
func (s *Store) Put(
	ctx context.Context, place, from, officeID string, contents []*portalv1.ProcedureContent,
) (registered, unchanged int, err error) {
	packed := make([][]byte, len(contents))
	for i, c := range contents {
		if packed[i], err = (proto.MarshalOptions{Deterministic: true}).Marshal(c); err != nil {
			return 0, 0, fmt.Errorf("packing %s: %w", c.GetNumber(), err)
		}
	}
	err = s.db.Tx(ctx, func(q *db.Queries) error {
		registered, unchanged = 0, 0
		known, err := s.known(ctx, q, place, from, contents)
		if err != nil {
			return err
		}
		revision := int64(0)
		for i, c := range contents {
			last := known[c.GetNumber()]
			if last.holds && !last.ended && string(last.content) == string(packed[i]) {
				unchanged++
				continue
			}
			if revision == 0 {
				if revision, err = q.ProcedureNextRevision(ctx); err != nil {
					return fmt.Errorf("counting the catalogue's changes: %w", err)
				}
			}
			last.highest++
			err := q.ProcedureInsert(ctx, db.ProcedureInsertParams{
				PlaceCode: place, Number: c.GetNumber(), Version: last.highest, Definition: c.GetDefinition(),
				EffectiveFrom: from, Content: packed[i],
				OfficeID: officeID, RegisteredAt: s.now().UnixMilli(), Revision: revision,
			})
			if err != nil {
				return fmt.Errorf("registering %s of %s: %w", c.GetNumber(), place, err)
			}
			known[c.GetNumber()] = state{highest: last.highest, content: packed[i], holds: true}
			registered++
		}
		return nil
	})
	return registered, unchanged, err
}

// state is what is known of one number on a day.
type state struct {
	highest int64 // version there is
	content []byte
	ended   bool
	holds   bool // some version is in force
}

// known reads what the numbers say on a day: the whole place when there are many, else one by one.
func (s *Store) known(
	ctx context.Context, q *db.Queries, place, day string, contents []*portalv1.ProcedureContent,
) (map[string]state, error) {
	found := map[string]state{}
	note := func(number string, version int64, from string, ended bool, content []byte) {
		st := found[number]
		st.highest = max(st.highest, version)
		if from <= day {
			st.content, st.ended, st.holds = content, ended, true
		}
		found[number] = st
	}
	if len(contents) > 5 {
		rows, err := q.ProcedureOfPlace(ctx, place)
		if err != nil {
			return nil, fmt.Errorf("reading the entries of %s: %w", place, err)
		}
		for _, r := range rows {
			note(r.Number, r.Version, r.EffectiveFrom, r.Ended, r.Content)
		}
		return found, nil
	}
	for _, c := range contents {
		rows, err := q.ProcedureVersions(ctx, db.ProcedureVersionsParams{PlaceCode: place, Number: c.GetNumber()})
		if err != nil {
			return nil, fmt.Errorf("reading %s of %s: %w", c.GetNumber(), place, err)
		}
		for _, r := range rows {
			note(c.GetNumber(), r.Version, r.EffectiveFrom, r.Ended, r.Content)
		}
	}
	return found, nil
}

// End says that a procedure is no more from a day on. ErrNoProcedure when it is not in force then.
func (s *Store) End(ctx context.Context, place, number, from, officeID string) error {
	return s.db.Tx(ctx, func(q *db.Queries) error {
		known, err := s.known(ctx, q, place, from, []*portalv1.ProcedureContent{{Number: number}})
		if err != nil {
			return err
		}
		last := known[number]
		if !last.holds || last.ended {
			return ErrNoProcedure
		}
		content := &portalv1.ProcedureContent{}
		if err := proto.Unmarshal(last.content, content); err != nil {
			return fmt.Errorf("reading %s of %s: %w", number, place, err)
		}
		revision, err := q.ProcedureNextRevision(ctx)
		if err != nil {
			return fmt.Errorf("counting the catalogue's changes: %w", err)
		}
		return q.ProcedureInsert(ctx, db.ProcedureInsertParams{
			PlaceCode: place, Number: number, Version: last.highest + 1, Definition: content.GetDefinition(),
			EffectiveFrom: from, Ended: true, Content: last.content,
			OfficeID: officeID, RegisteredAt: s.now().UnixMilli(), Revision: revision,
		})
	})
}

// Versions lists all versions of an entry in the order in which they come into force; none when there is no such entry.
func (s *Store) Versions(ctx context.Context, place, number string) ([]Version, error) {
	rows, err := s.db.Read().ProcedureVersions(ctx, db.ProcedureVersionsParams{PlaceCode: place, Number: number})
	if err != nil {
		return nil, fmt.Errorf("reading %s of %s: %w", number, place, err)
	}
	list := make([]Version, len(rows))
	for i, r := range rows {
		list[i] = Version{
			Place: place, Version: r.Version, EffectiveFrom: r.EffectiveFrom, Ended: r.Ended,
			RegisteredAt: r.RegisteredAt,
		}
		if list[i].Content, err = unpack(r.Content); err != nil {
			return nil, fmt.Errorf("reading %s of %s: %w", number, place, err)
		}
	}
	return list, nil
}

// InForce picks the version that holds on a day (YYYY-MM-DD); -1 when none does. An ended one does not.
func InForce(versions []Version, day string) int {
	current := -1
	for i, v := range versions {
		if v.EffectiveFrom <= day {
			current = i
		}
	}
	if current >= 0 && versions[current].Ended {
		return -1
	}
	return current
}

// OfPlace lists what is in force in a place on a day, in the order of the numbers.
func (s *Store) OfPlace(ctx context.Context, place, day string) ([]Version, error) {
	rows, err := s.db.Read().ProcedureOfPlace(ctx, place)
	if err != nil {
		return nil, fmt.Errorf("reading the entries of %s: %w", place, err)
	}
	return inForce(place, rows, day)
}

// OfPlaceAfter lists the first of what OfPlace does behind a number; fewer than size when there is no more.
func (s *Store) OfPlaceAfter(ctx context.Context, place, day, number string, size int) ([]Version, error) {
	return s.following(ctx, place, number, size, func(rows []db.ProcedureOfPlaceRow) ([]Version, error) {
		return inForce(place, rows, day)
	})
}

// LatestAfter lists the last version of a place's entries, ended ones too, in the order of the numbers, from behind one
// on; fewer than size when there is no more.
func (s *Store) LatestAfter(ctx context.Context, place, number string, size int) ([]Version, error) {
	return s.following(ctx, place, number, size, func(rows []db.ProcedureOfPlaceRow) ([]Version, error) {
		return latest(place, rows)
	})
}

// following reads numbers of a place until so many of them give a line.
func (s *Store) following(
	ctx context.Context, place, number string, size int, lines func(rows []db.ProcedureOfPlaceRow) ([]Version, error),
) ([]Version, error) {
	var list []Version
	for {
		asked := db.ProcedureOfPlaceAfterParams{Place: place, After: number, Size: int32(size)}
		found, err := s.db.Read().ProcedureOfPlaceAfter(ctx, asked)
		if err != nil {
			return nil, fmt.Errorf("reading the entries of %s: %w", place, err)
		}
		numbers := 0
		rows := make([]db.ProcedureOfPlaceRow, len(found))
		for i, r := range found {
			rows[i] = db.ProcedureOfPlaceRow(r)
			if i == 0 || r.Number != found[i-1].Number {
				numbers++
			}
		}
		more, err := lines(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
		if len(list) >= size || numbers < size {
			return list[:min(len(list), size)], nil
		}
		number = rows[len(rows)-1].Number
	}
}

// inForce picks, of all versions of some entries, those that hold on a day.
func inForce(place string, rows []db.ProcedureOfPlaceRow, day string) ([]Version, error) {
	var list []Version
	for i, r := range rows {
		followed := i+1 < len(rows) && rows[i+1].Number == r.Number && rows[i+1].EffectiveFrom <= day
		if r.EffectiveFrom > day || followed || r.Ended {
			continue
		}
		v, err := versionOf(place, r)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

// latest picks, of all versions of some entries, those that were registered last.
func latest(place string, rows []db.ProcedureOfPlaceRow) ([]Version, error) {
	var list []Version
	for _, r := range rows {
		v, err := versionOf(place, r)
		if err != nil {
			return nil, err
		}
		if n := len(list); n > 0 && list[n-1].Content.GetNumber() == r.Number {
			if list[n-1].Version < v.Version {
				list[n-1] = v
			}
			continue
		}
		list = append(list, v)
	}
	return list, nil
}

func versionOf(place string, r db.ProcedureOfPlaceRow) (Version, error) {
	content, err := unpack(r.Content)
	if err != nil {
		return Version{}, fmt.Errorf("reading %s of %s: %w", r.Number, place, err)
	}
	return Version{
		Place: place, Version: r.Version, EffectiveFrom: r.EffectiveFrom, Ended: r.Ended, RegisteredAt: r.RegisteredAt,
		Content: content,
	}, nil
}

const scanned = 5000

// Scan hands out, place by place, all that is in force on a day.
func (s *Store) Scan(ctx context.Context, day string, place func(code string, entries []Version)) error {
	var entries []Version
	var last db.ProcedureScanRow
	pending := -1 // index in entries of the version that may yet be followed by another of its number
	flush := func() {
		if last.PlaceCode != "" {
			place(last.PlaceCode, slices.DeleteFunc(entries, func(v Version) bool { return v.Ended }))
		}
		entries, pending = nil, -1
	}
	position := db.ProcedureScanParams{Size: scanned}
	for {
		rows, err := s.db.Read().ProcedureScan(ctx, position)
		if err != nil {
			return fmt.Errorf("reading the catalogue: %w", err)
		}
		for _, r := range rows {
			if r.PlaceCode != last.PlaceCode {
				flush()
			} else if r.Number != last.Number {
				pending = -1
			}
			last = r
			if r.EffectiveFrom > day {
				continue
			}
			// The scan goes by version; among those in force the one with the latest day counts, and of one day the
			// last registered.
			if pending >= 0 && entries[pending].EffectiveFrom > r.EffectiveFrom {
				continue
			}
			v := Version{Place: r.PlaceCode, Version: r.Version, EffectiveFrom: r.EffectiveFrom, Ended: r.Ended}
			if v.Content, err = unpack(r.Content); err != nil {
				return fmt.Errorf("reading %s of %s: %w", r.Number, r.PlaceCode, err)
			}
			if pending >= 0 {
				entries[pending] = v
				continue
			}
			entries = append(entries, v)
			pending = len(entries) - 1
		}
		if len(rows) < scanned {
			flush()
			return nil
		}
		position = db.ProcedureScanParams{
			Place: last.PlaceCode, AfterNumber: last.Number, AfterVersion: last.Version, Size: scanned,
		}
	}
}

// Revision tells how often the catalogue has changed.
func (s *Store) Revision(ctx context.Context) (int64, error) {
	n, err := s.db.Read().ProcedureRevision(ctx)
	if err != nil {
		return 0, fmt.Errorf("reading the catalogue's revision: %w", err)
	}
	return n, nil
}

// Mark tells one history of the catalogue from another: two that have the same revision and the same mark are the same
// until there.
func (s *Store) Mark(ctx context.Context, revision int64) ([sha256.Size]byte, error) {
	rows, err := s.db.Read().ProcedureOfRevision(ctx, revision)
	if err != nil {
		return [sha256.Size]byte{}, fmt.Errorf("reading a revision of the catalogue: %w", err)
	}
	h := sha256.New()
	for _, r := range rows {
		_, _ = fmt.Fprintln(h, r.PlaceCode, r.Number, r.Version, r.RegisteredAt)
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
}

// Changed lists the places that have something new since a revision.
func (s *Store) Changed(ctx context.Context, since int64) ([]string, error) {
	places, err := s.db.Read().ProcedurePlacesChanged(ctx, since)
	if err != nil {
		return nil, fmt.Errorf("reading the catalogue's changes: %w", err)
	}
	slices.Sort(places)
	return slices.Compact(places), nil
}

// Turned lists the places where something comes into force after one day and until another.
func (s *Store) Turned(ctx context.Context, after, until string) ([]string, error) {
	places, err := s.db.Read().ProcedurePlacesTurned(ctx, db.ProcedurePlacesTurnedParams{
		AfterDay: after, UntilDay: until,
	})
	if err != nil {
		return nil, fmt.Errorf("reading what comes into force: %w", err)
	}
	slices.Sort(places)
	return slices.Compact(places), nil
}

func unpack(data []byte) (*portalv1.ProcedureContent, error) {
	c := &portalv1.ProcedureContent{}
	if err := proto.Unmarshal(data, c); err != nil {
		return nil, err
	}
	return c, nil
}
