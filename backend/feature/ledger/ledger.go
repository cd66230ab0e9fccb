package ledger

import (
	"context"
	"errors"
	"math"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access"
	"madoguchi/backend/store/db"
	store "madoguchi/backend/store/ledger"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/ledger"
)

// mostKept is of how many devices what they saw is kept; that of the one that was heard of last the longest ago goes.
const mostKept = 20

// Service answers the calls of portal.v1.LedgerService. Who may call stands in the contract.
type Service struct {
	db  *db.DB
	log *store.Log
	now func() time.Time
}

// New makes the service.
func New(d *db.DB, log *store.Log, now func() time.Time) *Service { return &Service{d, log, now} }

// GetLedgerState tells how the log stands, and where the caller's chains end.
func (s *Service) GetLedgerState(
	ctx context.Context, request *portalv1.GetLedgerStateRequest,
) (*portalv1.GetLedgerStateResponse, error) {
	old, size := request.GetOldSize(), request.GetSize()
	if size > 0 {
		old = 0 // what is proven is how the log grew to that size, not to the newest
	}
	state, err := s.log.State(ctx, s.db.Read(), access.Subject(ctx), old)
	if err != nil {
		return nil, err
	}
	if size > 0 {
		state.OldSize = request.GetOldSize()
		state.Consistency, err = s.log.Grown(ctx, request.GetOldSize(), size)
		if errors.Is(err, store.ErrNoSuchSize) {
			return nil, wrong(ctx, "size", err)
		}
	}
	return &portalv1.GetLedgerStateResponse{State: state}, err
}

// GetLedgerLine gives one line of the caller's.
func (s *Service) GetLedgerLine(
	ctx context.Context, request *portalv1.GetLedgerLineRequest,
) (*portalv1.GetLedgerLineResponse, error) {
	number := request.GetNumber()
	if err := shown(ctx, request.GetChain(), number); err != nil {
		return nil, err
	}
	lines, state, err := s.log.Lines(
		ctx, s.db.Read(), access.Subject(ctx), ledger.Chain(request.GetChain()), number, number, request.GetOldSize(),
	)
	if err != nil {
		return nil, err
	}
	if len(lines) == 0 {
		return nil, access.Error(ctx, connect.CodeNotFound, portalv1.Reason_REASON_NOT_FOUND, "number",
			errors.New("the chain has no line of this number"))
	}
	return &portalv1.GetLedgerLineResponse{Line: lines[0], State: state}, nil
}

// ListLedgerLines gives lines of a chain of the caller's, without proof.
func (s *Service) ListLedgerLines(
	ctx context.Context, request *portalv1.ListLedgerLinesRequest,
) (*portalv1.ListLedgerLinesResponse, error) {
	from, to := request.GetFrom(), request.GetTo()
	if err := shown(ctx, request.GetChain(), from); err != nil {
		return nil, err
	}
	numbers := make([]uint64, 0, mostListed)
	for number := from; number <= to && len(numbers) < mostListed; number++ {
		numbers = append(numbers, number)
	}
	lines, err := store.Read(ctx, s.db.Read(), access.Subject(ctx), ledger.Chain(request.GetChain()), numbers...)
	if err != nil {
		return nil, err
	}
	answer := &portalv1.ListLedgerLinesResponse{}
	for _, line := range lines {
		answer.Lines = append(answer.Lines, &portalv1.LedgerLine{
			Kind: uint32(line.Kind), Chain: uint32(line.Chain), Number: line.Number, Previous: line.Previous[:],
			Salt: line.Salt[:], RecordedAt: line.RecordedAt, Content: line.Content,
		})
	}
	return answer, nil
}

// mostListed is how many lines without proof are given at once.
const mostListed = 200

// shown refuses what is no line of a chain that people are shown.
func shown(ctx context.Context, chain uint32, number uint64) error {
	if c := ledger.Chain(chain); chain > 255 || c != ledger.Exchanges && c != ledger.Usages && c != ledger.Receipts {
		return wrong(ctx, "chain", errors.New("there is no such chain to be shown"))
	}
	if number == 0 || number > math.MaxInt64/2 {
		return wrong(ctx, "number", errors.New("lines are numbered from 1 on"))
	}
	return nil
}

func wrong(ctx context.Context, field string, cause error) error {
	return access.Error(ctx, connect.CodeInvalidArgument, portalv1.Reason_REASON_INVALID_FIELD, field, cause)
}

// mostHeads bounds what a device keeps here.
const mostHeads = 4096

// KeepLedgerHeads keeps what a device of the caller's saw.
func (s *Service) KeepLedgerHeads(
	ctx context.Context, request *portalv1.KeepLedgerHeadsRequest,
) (*portalv1.KeepLedgerHeadsResponse, error) {
	folder := access.Subject(ctx)
	if request.GetDevice() == "" {
		return nil, wrong(ctx, "device", errors.New("a device without a name"))
	}
	if n := len(request.GetHeads()); n == 0 || n > mostHeads {
		return nil, wrong(ctx, "heads", errors.New("of heads there are to be between 1 and 4096 bytes"))
	}
	err := s.db.Tx(ctx, func(q *db.Queries) error {
		err := q.LedgerKeep(ctx, db.LedgerKeepParams{
			FolderID: folder, Device: request.GetDevice(), Heads: request.GetHeads(), KeptAt: s.now().UnixMilli(),
		})
		if err != nil {
			return err
		}
		kept, err := q.LedgerKept(ctx, folder)
		if err != nil {
			return err
		}
		for _, old := range kept[min(len(kept), mostKept):] {
			if err := q.LedgerForget(ctx, db.LedgerForgetParams{FolderID: folder, Device: old.Device}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &portalv1.KeepLedgerHeadsResponse{}, nil
}

// GetLedgerHeads gives what the caller's devices saw.
func (s *Service) GetLedgerHeads(
	ctx context.Context, _ *portalv1.GetLedgerHeadsRequest,
) (*portalv1.GetLedgerHeadsResponse, error) {
	kept, err := s.db.Read().LedgerKept(ctx, access.Subject(ctx))
	if err != nil {
		return nil, err
	}
	answer := &portalv1.GetLedgerHeadsResponse{}
	for _, k := range kept {
		answer.Kept = append(answer.Kept, &portalv1.KeptHeads{Device: k.Device, Heads: k.Heads, KeptAt: k.KeptAt})
	}
	return answer, nil
}
