package outbox

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"madoguchi/frontend/reach/chance"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/order"
)

// Queue keeps writes in order and sends them. All tabs of a browser have one each, over the same Store.
type Queue struct {
	Store Store
	// Send sends a write once and gives the answer.
	Send func(ctx context.Context, w Write) (answer []byte, err error)
	// Kind says what writes of a procedure mean.
	Kind func(procedure string) Kind
	// Now is the time by the portal's clock; false while it is not known. This device's clock may be wrong.
	Now func() (time.Time, bool)
	// Alone has do called while no other tab is in something of that name. Without wait, it is left out while one is.
	Alone func(ctx context.Context, name string, wait bool, do func() error) error
}

// The names of what one tab does at a time.
const (
	sending  = "outbox-send"  // while writes are being sent
	changing = "outbox-write" // for the moment of a change
)

func (q *Queue) change(ctx context.Context, do func() error) error {
	return q.Alone(ctx, changing, true, do)
}

// All are the writes in their order.
func (q *Queue) All(ctx context.Context) ([]Write, error) {
	unsorted, err := q.Store.All(ctx)
	sorted := make([]*Write, len(unsorted)) // sorting the writes themselves would weigh much in a page
	for i := range unsorted {
		sorted[i] = &unsorted[i]
	}
	order.By(sorted, func(a, b *Write) int {
		return cmp.Or(cmp.Compare(a.Number, b.Number), cmp.Compare(a.ID, b.ID))
	})
	all := make([]Write, len(sorted))
	for i, w := range sorted {
		all[i] = *w
	}
	return all, err
}

// Begin keeps a write. lost tells that it was sent, and that nothing was heard of it.
func (q *Queue) Begin(ctx context.Context, procedure, key string, request []byte, lost bool) error {
	w := Write{ID: chance.Text(), Procedure: procedure, Key: key, Request: request, Begun: time.Now()}
	w.Subject = q.Kind(procedure).Subject(request)
	if lost {
		w.State = Sent
		w.FirstSent, _ = q.Now()
	}
	return q.change(ctx, func() error {
		all, err := q.All(ctx)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(all, func(other Write) bool { return other.Key == key }) {
			return nil // a button was pressed twice
		}
		if len(all) >= Most {
			return ErrFull
		}
		if len(all) > 0 {
			w.Number = all[len(all)-1].Number + 1
		}
		return q.Store.Put(ctx, w)
	})
}

// Drain sends what can be sent, until nothing is left that can or the portal is out of reach. What another tab is
// sending is left to it.
func (q *Queue) Drain(ctx context.Context) error {
	return q.Alone(ctx, sending, false, func() error {
		failed := map[string]bool{} // this time
		for {
			before, w, err := q.next(ctx, failed)
			if err != nil || w.ID == "" {
				return err
			}
			answer, err := q.Send(ctx, w)
			if err := q.settle(ctx, before, w, answer, err, failed); err != nil {
				return err
			}
		}
	})
}

// next takes the first write that may be sent now, and notes that it is; it gives also what it was before. Whatever
// holds a write up holds up those that came after it about the same.
func (q *Queue) next(ctx context.Context, failed map[string]bool) (before, after Write, err error) {
	err = q.change(ctx, func() error {
		all, err := q.All(ctx)
		if err != nil {
			return err
		}
		now, known := q.Now()
		held := map[string]bool{}
		for _, w := range all {
			if w.State == Sent && (!known || tooLate(w.FirstSent, now)) {
				w.State = Unsure
				if err := q.Store.Put(ctx, w); err != nil {
					return err
				}
			}
			if !w.Stuck() && !failed[w.ID] && !w.touches(held) {
				before, after = w, w
				if w.State == Sent {
					return nil
				}
				after.State, after.FirstSent = Sent, now
				return q.Store.Put(ctx, after)
			}
			for _, object := range w.About {
				held[object] = true
			}
		}
		return nil
	})
	return before, after, err
}

// tooLate tells that the key of what was sent first at a time may not count any more, or that nobody knows.
func tooLate(first, now time.Time) bool {
	age := now.Sub(first)
	return first.IsZero() || age > Resend || age < -skew
}

// put keeps what has become of a write, unless it was dropped meanwhile.
func (q *Queue) put(ctx context.Context, w Write) error {
	return q.change(ctx, func() error {
		_, err := q.find(ctx, w.ID)
		if err != nil {
			return err
		}
		return q.Store.Put(ctx, w)
	})
}

func (q *Queue) find(ctx context.Context, id string) (Write, error) {
	all, err := q.All(ctx)
	if err != nil {
		return Write{}, err
	}
	at := slices.IndexFunc(all, func(w Write) bool { return w.ID == id })
	if at < 0 {
		return Write{}, ErrGone
	}
	return all[at], nil
}

// verdict is what an answer says of a write.
type verdict int

const (
	done    verdict = iota // now, or when it was sent before
	unknown                // it may have been done
	notNow                 // nothing was done, and nothing else would be
	garbled                // what came is not the portal's word: it may have been done
	failing                // the portal failed at it
	refused
)

func judge(err error) verdict {
	if err == nil {
		return done
	}
	if rpc.Reason(err) == portalv1.Reason_REASON_OTHER_PERSON && rpc.Info(err).GetField() != "" {
		return refused // not whose session it is: what was sent names, or was signed by, somebody else
	}
	switch rpc.Reason(err) {
	case portalv1.Reason_REASON_ALREADY_DONE:
		return done
	case portalv1.Reason_REASON_UNREACHABLE:
		return unknown
	case portalv1.Reason_REASON_NOT_LOGGED_IN, portalv1.Reason_REASON_OTHER_PERSON,
		portalv1.Reason_REASON_TOO_MANY_REQUESTS, portalv1.Reason_REASON_STORE_UNAVAILABLE,
		portalv1.Reason_REASON_PAGE_TOO_OLD, portalv1.Reason_REASON_STARTING:
		return notNow
	}
	switch {
	case rpc.Info(err) == nil:
		return garbled
	case rpc.Reason(err) == portalv1.Reason_REASON_INTERNAL:
		return failing
	}
	return refused
}

// settle takes what the portal answered. An error ends the sending for now.
func (q *Queue) settle(
	ctx context.Context, before, w Write, answer []byte, said error, failed map[string]bool,
) error {
	var fault Fault
	if find := q.Kind(w.Procedure).Fault; find != nil && said == nil {
		fault = find(answer)
	}
	switch judge(said) {
	case done:
		if fault.Reason == 0 {
			return q.finish(ctx, w, answer)
		}
		w.State, w.Reason, w.Field = Refused, fault.Reason, fault.Field
		return notGone(q.put(ctx, w))
	case unknown:
		return said
	case notNow:
		return cmp.Or(notGone(q.put(ctx, before)), said)
	case garbled:
		failed[w.ID] = true
		return nil
	case failing:
		failed[w.ID] = true
		if w.Failed++; w.Failed < failures {
			return notGone(q.put(ctx, w))
		}
	}
	w.State, w.Reason = Refused, rpc.Reason(said)
	w.Field, w.Reference = rpc.Info(said).GetField(), rpc.Info(said).GetReference()
	return notGone(q.put(ctx, w))
}

func notGone(err error) error {
	if errors.Is(err, ErrGone) {
		return nil
	}
	return err
}

// finish forgets a write that was done. What waits behind it learns first by which name the portal knows what was made:
// should the tab end in between, the same answer comes again.
func (q *Queue) finish(ctx context.Context, w Write, answer []byte) error {
	var renamed map[string]string
	if settled := q.Kind(w.Procedure).Settled; settled != nil {
		var err error
		if renamed, err = settled(ctx, w.Request, answer); err != nil {
			return err
		}
	}
	return q.change(ctx, func() error {
		all, err := q.All(ctx)
		if err != nil {
			return err
		}
		for _, other := range all {
			if other.Number > w.Number && other.renamed(q.Kind(other.Procedure), renamed) {
				if err := q.Store.Put(ctx, other); err != nil {
					return err
				}
			}
		}
		return q.Store.Remove(ctx, w.ID)
	})
}

func (w *Write) renamed(kind Kind, names map[string]string) (changed bool) {
	for i, object := range w.About {
		if now, other := names[object]; other {
			w.About[i], changed = now, true
		}
	}
	if changed {
		w.Request = kind.Rename(w.Request, names)
	}
	return changed
}

// Drop has a write not be sent (any more), and gives what was dropped: with what is made, or is no more, goes what was
// done to it after that.
func (q *Queue) Drop(ctx context.Context, id string) (dropped []Write, err error) {
	err = q.change(ctx, func() error {
		w, err := q.find(ctx, id)
		if err != nil {
			return err
		}
		all, err := q.All(ctx)
		if err != nil {
			return err
		}
		ends := map[string]bool{}
		objects := w.Makes
		if w.Reason == portalv1.Reason_REASON_NOT_FOUND {
			objects = w.About
		}
		for _, object := range objects {
			ends[object] = w.State != Sent && w.State != Unsure
		}
		// the last first: what is cut off here leaves nothing without its beginning
		for _, other := range slices.Backward(all) {
			if other.ID != id && (other.Number <= w.Number || !other.touches(ends)) {
				continue
			}
			if err := q.Store.Remove(ctx, other.ID); err != nil {
				return err
			}
			dropped = append(dropped, other)
		}
		return nil
	})
	return dropped, err
}

// Restore brings back what was dropped, where it was.
func (q *Queue) Restore(ctx context.Context, dropped []Write) error {
	return q.change(ctx, func() error {
		for _, w := range slices.Backward(dropped) {
			if err := q.Store.Put(ctx, w); err != nil {
				return err
			}
		}
		return nil
	})
}

// Insist has a write that is stuck be sent once more, over what the portal has: the person has seen that. It is
// another act, with a key of its own, except where the portal failed: there nobody knows whether the first was done.
func (q *Queue) Insist(ctx context.Context, id string) error {
	return q.change(ctx, func() error {
		w, err := q.find(ctx, id)
		if err != nil {
			return err
		}
		if !w.Stuck() {
			return nil
		}
		if w.Reason == portalv1.Reason_REASON_INTERNAL {
			w.State, w.Failed, w.Reason, w.Field, w.Reference = Sent, 0, 0, "", ""
			return q.Store.Put(ctx, w)
		}
		w.State, w.Failed, w.Reason, w.Field, w.Reference = Waiting, 0, 0, "", ""
		w.Key, w.FirstSent = chance.Text(), time.Time{}
		if over := q.Kind(w.Procedure).Over; over != nil {
			w.Request = over(w.Request)
		}
		return q.Store.Put(ctx, w)
	})
}

// Coming are the writes that will be sent by themselves: those that nothing holds up.
func Coming(all []Write) []Write {
	held := map[string]bool{}
	var coming []Write
	for _, w := range all {
		if !w.Stuck() && !w.touches(held) {
			coming = append(coming, w)
			continue
		}
		for _, object := range w.About {
			held[object] = true
		}
	}
	return coming
}
