// Package published keeps the versions of application forms that municipalities publish, each with the day from which
// it holds. A version never changes: what somebody fills in, signs or signed under it is read by it. What a form may
// say is the engine's (proto/form); forms of the whole country are built in (japan/forms).
package published

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"time"

	"madoguchi/backend/store/db"
	"madoguchi/proto/clock"
	"madoguchi/proto/form"
	"madoguchi/proto/rule"
)

// Why a form is not registered.
var (
	ErrPlace   = errors.New("市区町村の6桁の全国地方公共団体コードではありません")
	ErrChanged = errors.New("この版はもう登録されています。内容を変えるときは、新しい版の番号にしてください")
	ErrEarly   = errors.New("valid_from が今日より前か、もう登録されている版より前です。今日からあとで、今の版よりあとの日にしてください")
)

// Store keeps the versions.
type Store struct {
	db  *db.DB
	now func() time.Time

	mu    sync.Mutex
	read  map[[sha256.Size]byte]*form.Form // by their definitions
	known map[version]*form.Form
}

// version names one, which never changes.
type version struct{ place, id, version string }

// mostRead versions are held ready.
const mostRead = 200

// NewStore makes a store; now is time.Now but in tests.
func NewStore(d *db.DB, now func() time.Time) *Store { return &Store{db: d, now: now} }

// Put registers a version of a form of a place; false when it is there already. The first version of a form may hold
// since long ago, since nothing held before; a later one changes only what is to come.
func (s *Store) Put(ctx context.Context, place string, f *form.Form) (registered bool, err error) {
	if !rule.PlaceCode(place) {
		return false, fmt.Errorf("%q: %w", place, ErrPlace)
	}
	definition := f.Canonical()
	err = s.db.Tx(ctx, func(q *db.Queries) error {
		registered = false
		known, err := q.FormVersions(ctx, db.FormVersionsParams{PlaceCode: place, FormID: f.ID})
		if err != nil {
			return fmt.Errorf("reading the versions of %s: %w", f.ID, err)
		}
		for _, v := range known {
			if v.Version != f.Version {
				continue
			}
			if !bytes.Equal(v.Definition, definition) {
				return fmt.Errorf("%s %s: %w", f.ID, f.Version, ErrChanged)
			}
			return nil
		}
		now := s.now()
		if n := len(known); n > 0 && (f.ValidFrom < clock.Day(now) || f.ValidFrom <= known[n-1].ValidFrom) {
			return fmt.Errorf("%s %s: %w", f.ID, f.Version, ErrEarly)
		}
		registered = true
		err = q.FormInsert(ctx, db.FormInsertParams{
			PlaceCode: place, FormID: f.ID, Version: f.Version, ValidFrom: f.ValidFrom, Definition: definition,
			RegisteredAt: now.UnixMilli(),
		})
		if err != nil {
			return fmt.Errorf("registering %s %s: %w", f.ID, f.Version, err)
		}
		return nil
	})
	return registered && err == nil, err
}

// Versions are those of a form of a place, by the day from which they hold.
func (s *Store) Versions(ctx context.Context, place, id string) ([]*form.Form, error) {
	asked := db.FormVersionsParams{PlaceCode: place, FormID: id}
	rows, err := s.db.Read().FormVersions(ctx, asked)
	if err != nil {
		return nil, fmt.Errorf("reading the versions of %s: %w", id, err)
	}
	all := make([]*form.Form, 0, len(rows))
	for _, row := range rows {
		f, err := s.form(row.Definition)
		if err != nil {
			return nil, fmt.Errorf("reading %s %s: %w", id, row.Version, err)
		}
		all = append(all, f)
	}
	return all, nil
}

// Holding is the version of a form of a place that holds on a day of arrival (YYYY-MM-DD).
func (s *Store) Holding(ctx context.Context, place, id, day string) (*form.Form, bool, error) {
	all, err := s.Versions(ctx, place, id)
	if err != nil {
		return nil, false, err
	}
	f, ok := form.Holding(all, day)
	return f, ok, nil
}

// form reads a definition, once.
func (s *Store) form(definition []byte) (*form.Form, error) {
	sum := sha256.Sum256(definition)
	s.mu.Lock()
	f := s.read[sum]
	s.mu.Unlock()
	if f != nil {
		return f, nil
	}
	f, err := form.Read(definition)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.read == nil || len(s.read) >= mostRead {
		s.read = map[[sha256.Size]byte]*form.Form{}
	}
	s.read[sum] = f
	return f, nil
}

// OfPlace are the versions of all forms of a place, by their ids, each by the day from which they hold.
func (s *Store) OfPlace(ctx context.Context, q *db.Queries, place string) (map[string][]*form.Form, error) {
	rows, err := q.FormsOfPlace(ctx, place)
	if err != nil {
		return nil, fmt.Errorf("reading the forms of a place: %w", err)
	}
	all := map[string][]*form.Form{}
	for _, row := range rows {
		f, err := s.one(ctx, q, version{place, row.FormID, row.Version})
		if err != nil {
			return nil, fmt.Errorf("reading %s %s: %w", row.FormID, row.Version, err)
		}
		all[row.FormID] = append(all[row.FormID], f)
	}
	return all, nil
}

// one reads a version that is there, once.
func (s *Store) one(ctx context.Context, q *db.Queries, v version) (*form.Form, error) {
	s.mu.Lock()
	f := s.known[v]
	s.mu.Unlock()
	if f != nil {
		return f, nil
	}
	definition, err := q.FormDefinition(ctx, db.FormDefinitionParams{
		PlaceCode: v.place, FormID: v.id, Version: v.version,
	})
	if err != nil {
		return nil, fmt.Errorf("reading a definition: %w", err)
	}
	if f, err = s.form(definition); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil || len(s.known) >= mostRead {
		s.known = map[version]*form.Form{}
	}
	s.known[v] = f
	return f, nil
}
