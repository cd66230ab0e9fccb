package entry

import (
	"context"
	"errors"
	"io"

	"madoguchi/backend/japan/catalog"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// Report says what an import did.
type Report struct {
	Lines, Places, Registered, Unchanged, Ended int
	// Errors name what is wrong, line by line; with one of them nothing was registered.
	Errors []catalog.LineError
}

// batch is what one place registers from one day on.
type batch struct {
	place, from string
	contents    []*portalv1.ProcedureContent
	ended       []catalog.Line
}

// Import registers a CSV file. Every line is checked before the first is registered; then place after place is, each in
// a transaction of its own, so that an import that was cut off goes on where it ended when it is begun again. `today`
// (YYYY-MM-DD) stands for lines without a day. With `check` nothing is registered. `progress` is called now and then
// with how many places are done.
func (s *Store) Import(
	ctx context.Context, from io.Reader, today string, check bool, progress func(done, all int),
) (Report, error) {
	var r Report
	var batches []*batch
	byKey := map[string]*batch{}
	faults, err := catalog.ReadCSVOn(from, today, func(l catalog.Line) {
		r.Lines++
		if l.From == "" {
			l.From = today
		}
		key := l.Place + l.From
		b := byKey[key]
		if b == nil {
			b = &batch{place: l.Place, from: l.From}
			byKey[key], batches = b, append(batches, b)
		}
		if l.Ended {
			b.ended = append(b.ended, l)
			return
		}
		b.contents = append(b.contents, l.Content)
	})
	if err != nil {
		return r, err
	}
	places := map[string]bool{}
	for _, b := range batches {
		places[b.place] = true
		for _, l := range b.ended {
			versions, err := s.Versions(ctx, b.place, l.Content.GetNumber())
			if err != nil {
				return r, err
			}
			if InForce(versions, b.from) < 0 {
				faults = append(faults, NothingToEnd(l))
			}
		}
	}
	r.Places, r.Errors = len(places), faults
	if len(faults) > 0 || check {
		return r, nil
	}
	for i, b := range batches {
		registered, unchanged, err := s.Put(ctx, b.place, b.from, "", b.contents)
		if err != nil {
			return r, err
		}
		r.Registered, r.Unchanged = r.Registered+registered, r.Unchanged+unchanged
		for _, l := range b.ended {
			err := s.End(ctx, b.place, l.Content.GetNumber(), b.from, "")
			if err != nil && !errors.Is(err, ErrNoProcedure) {
				return r, err
			}
			r.Ended++
		}
		progress(i+1, len(batches))
	}
	return r, nil
}

// NothingToEnd is the fault of a line that ends what is not registered.
func NothingToEnd(l catalog.Line) catalog.LineError {
	return catalog.LineError{
		Line: l.Number, Column: "廃止", Cell: l.Content.GetNumber(),
		Message: "この手続は登録されていないか、すでに廃止されています。行を消してください。",
	}
}

// Export writes everything that is in force on a day as a CSV file that Import reads; of one place only, unless `place`
// is "".
func (s *Store) Export(ctx context.Context, to io.Writer, place, day string) error {
	w, err := catalog.NewCSVWriter(to)
	if err != nil {
		return err
	}
	write := func(code string, versions []Version) {
		for _, v := range versions {
			err = errors.Join(err, w.Write(catalog.Line{Place: code, From: v.EffectiveFrom, Content: v.Content}))
		}
	}
	if place == "" {
		return errors.Join(s.Scan(ctx, day, write), err, w.Flush())
	}
	versions, fault := s.OfPlace(ctx, place, day)
	if fault != nil {
		return fault
	}
	write(place, versions)
	return errors.Join(err, w.Flush())
}
