package myinfo

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/page"
	officev1 "madoguchi/proto/gen/office/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const (
	// An office has a request in hand for so long before it is given to it again, each time for twice as long.
	firstLease = 20 * time.Second
	longLease  = time.Hour

	streamTime  = 50 * time.Second // the gateway cuts off what is written to for a minute
	beatEvery   = 20 * time.Second
	lookDue     = time.Second // for what another portal wrote
	mostStreams = 4           // of an office
	mostAtOnce  = 20          // requests in a message
)

// inHand is how many requests an office may have in hand.
var inHand = page.Limits{Usual: 20, Most: 100}

// lease is for how long an office has a request in hand that is given to it so many times.
func lease(tries int64) time.Duration { return min(firstLease<<min(max(tries-1, 0), 10), longLease) }

// Intake answers the calls of office.v1.MyInfoService.
type Intake struct {
	*Service
	needs      Needs
	wake       func() // called after a mail was enqueued
	streamTime time.Duration

	mu      sync.Mutex
	streams map[string]int // that are open, by office
}

var errStreams = errors.New("the office has as many streams open as it may")

// enter takes a stream's place; leave it when it ends.
func (i *Intake) enter(office string) (leave func(), ok bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.streams[office] >= mostStreams {
		return nil, false
	}
	i.streams[office]++
	return func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		if i.streams[office]--; i.streams[office] == 0 {
			delete(i.streams, office)
		}
	}, true
}

// WatchRequests gives an office what is meant for it, as it comes.
func (i *Intake) WatchRequests(
	ctx context.Context, request *officev1.WatchRequestsRequest,
	stream *connect.ServerStream[officev1.WatchRequestsResponse],
) error {
	office := access.FromContext(ctx).OfficeID
	leave, ok := i.enter(office)
	if !ok {
		return access.TooMany(ctx, streamTime, errStreams)
	}
	defer leave()
	ctx, stop := context.WithTimeout(ctx, i.streamTime)
	defer stop()
	most, err := inHand.Size(request.GetMost())
	if err != nil {
		return access.Invalid(ctx, "most", err)
	}
	tick := time.NewTicker(lookDue)
	defer tick.Stop()
	var beat time.Time
	for {
		rung := i.bell.next()
		message, err := i.due(ctx, office, int64(most))
		if ctx.Err() != nil {
			return nil // its time is over
		}
		if err != nil {
			return fmt.Errorf("looking for an office's requests: %w", err)
		}
		if some := len(message.GetRequests())+len(message.GetCorrections()) > 0; some || time.Since(beat) > beatEvery {
			beat = time.Now()
			if err := i.note(ctx, office); err != nil {
				return err
			}
			if err := stream.Send(message); err != nil {
				return err // what was leased is given again
			}
			if some {
				continue
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-rung:
		case <-tick.C:
		}
	}
}

// note writes down that the office came.
func (i *Intake) note(ctx context.Context, office string) error {
	err := i.db.Tx(ctx, func(q *db.Queries) error {
		return q.MyinfoOfficeSeen(ctx, db.MyinfoOfficeSeenParams{OfficeID: office, SeenAt: i.now().UnixMilli()})
	})
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("noting that an office came: %w", err)
	}
	return nil
}

// due leases to an office what is due, as much as it takes.
func (i *Intake) due(ctx context.Context, office string, most int64) (*officev1.WatchRequestsResponse, error) {
	now := i.now().UnixMilli()
	is, err := i.db.Read().MyinfoIsDue(ctx, db.MyinfoIsDueParams{OfficeID: office, Now: now})
	if err != nil || !is.Bool {
		return &officev1.WatchRequestsResponse{}, err
	}
	var message *officev1.WatchRequestsResponse
	err = i.db.Tx(ctx, func(q *db.Queries) error {
		message = &officev1.WatchRequestsResponse{}
		inHand, err := q.MyinfoInHand(ctx, db.MyinfoInHandParams{OfficeID: office, Now: now})
		if err != nil {
			return err
		}
		if room := min(most-inHand, mostAtOnce); room > 0 {
			if err := i.leaseRequests(ctx, q, message, office, now, int32(room)); err != nil {
				return err
			}
		}
		return i.leaseCorrections(ctx, q, message, office, now)
	})
	return message, err
}

func (i *Intake) leaseRequests(
	ctx context.Context, q *db.Queries, message *officev1.WatchRequestsResponse, office string, now int64, room int32,
) error {
	rows, err := q.MyinfoDue(ctx, db.MyinfoDueParams{OfficeID: office, Now: now, Size: room})
	if err != nil {
		return err
	}
	for _, row := range rows {
		wish := &portalv1.InfoWish{}
		at := Place{Folder: row.FolderID, Table: tableRequest, Column: "asked", Row: row.ID}
		if err := i.store.read(ctx, q, at, row.Asked, wish); err != nil {
			return err
		}
		until := now + lease(row.Tries+1).Milliseconds()
		err := q.MyinfoLease(ctx, db.MyinfoLeaseParams{
			FolderID: row.FolderID, ID: row.ID, Now: now, LeaseUntil: until, DueAt: until,
		})
		if err != nil {
			return err
		}
		message.Requests = append(message.Requests, &officev1.InformationRequest{
			Id: row.ID, Person: row.Identifier, Detail: row.Detail, From: wish.GetFrom(), To: wish.GetTo(),
			AskedAt: row.AskedAt, LeaseUntil: until, Tries: int32(row.Tries + 1),
		})
		if err := changed(ctx, q, row.FolderID, row.ID); err != nil {
			return err
		}
	}
	return nil
}

func (i *Intake) leaseCorrections(
	ctx context.Context, q *db.Queries, message *officev1.WatchRequestsResponse, office string, now int64,
) error {
	rows, err := q.MyinfoCorrectionsDue(ctx, db.MyinfoCorrectionsDueParams{OfficeID: office, Now: now,
		Size: mostAtOnce})
	if err != nil {
		return err
	}
	for _, row := range rows {
		claim := &portalv1.InfoCorrection{}
		at := Place{Folder: row.FolderID, Table: tableCorrection, Column: "claim", Row: row.ID}
		if err := i.store.read(ctx, q, at, row.Claim, claim); err != nil {
			return err
		}
		until := now + lease(row.Tries+1).Milliseconds()
		state := row.State
		given := db.MyinfoCorrectionLeaseParams{
			FolderID: row.FolderID, ID: row.ID, State: state, Since: now, LeaseUntil: until, DueAt: until,
		}
		if state == int64(portalv1.InfoCorrectionState_INFO_CORRECTION_STATE_SENT) {
			given.State = int64(portalv1.InfoCorrectionState_INFO_CORRECTION_STATE_TAKEN)
		} else {
			given.Since = row.Since
		}
		if err := q.MyinfoCorrectionLease(ctx, given); err != nil {
			return err
		}
		message.Corrections = append(message.Corrections, &officev1.CorrectionRequest{
			Id: row.ID, Person: row.Identifier, Detail: row.Detail, Record: claim.GetRecord(), Item: claim.GetItem(),
			Was: claim.GetWas(), Fault: officev1.Fault(claim.GetFault()), ShouldBe: claim.GetShouldBe(),
			Explanation: claim.GetExplanation(), SentAt: row.SentAt, Due: row.Due, LeaseUntil: until,
			Tries: int32(row.Tries + 1),
		})
		if err := changed(ctx, q, row.FolderID, row.ID); err != nil {
			return err
		}
	}
	return nil
}

// bell wakes whoever waits for requests in this process.
type bell struct {
	mu   sync.Mutex
	rung chan struct{}
}

func newBell() *bell { return &bell{rung: make(chan struct{})} }

// next is closed when the bell is rung the next time.
func (b *bell) next() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.rung
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	close(b.rung)
	b.rung = make(chan struct{})
}
