package exchange

import (
	"context"
	"errors"
	"fmt"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	"madoguchi/backend/door/live"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/ledger"
	portalv1 "madoguchi/proto/gen/portal/v1"
	chains "madoguchi/proto/ledger"
)

// Service answers the calls of portal.v1.ExchangeService. Who may call, and with what in each field, stands in the
// contract.
type Service struct {
	db    *db.DB
	needs Needs
	now   func() time.Time
}

// told leaves an error that the caller is to be told as it is, and says of another what was being done.
func told(doing string, err error) error {
	if err == nil {
		return nil
	}
	if refused, ok := errors.AsType[*connect.Error](err); ok {
		return refused
	}
	return fmt.Errorf("%s: %w", doing, err)
}

func changed(ctx context.Context, q *db.Queries, folder, number string) error {
	return live.Tell(ctx, q, folder, portalv1.ChangeKind_CHANGE_KIND_EXCHANGE, number)
}

// write records something as a line of the ledger.
func write(
	ctx context.Context, q *db.Queries, folder string, chain chains.Chain, record *portalv1.ExchangeRecord,
	at time.Time,
) (ledger.Ref, error) {
	lines := ledger.NewAppender(q)
	ref, err := add(ctx, lines, folder, chain, record, at)
	if err == nil {
		err = lines.End(ctx)
	}
	return ref, err
}

func add(
	ctx context.Context, lines *ledger.Appender, folder string, chain chains.Chain, record *portalv1.ExchangeRecord,
	at time.Time,
) (ledger.Ref, error) {
	content, err := proto.MarshalOptions{Deterministic: true}.Marshal(record)
	if err != nil {
		return ledger.Ref{}, fmt.Errorf("writing a report: %w", err)
	}
	return lines.Append(ctx, folder, chain, chains.Exchange, at, content)
}

// read reads what stands in a line, and when it was recorded.
func read(
	ctx context.Context, q *db.Queries, folder string, chain chains.Chain, number int64,
) (*portalv1.ExchangeRecord, int64, error) {
	lines, err := ledger.Read(ctx, q, folder, chain, uint64(number))
	if err != nil {
		return nil, 0, fmt.Errorf("reading a line: %w", err)
	}
	if len(lines) != 1 {
		return nil, 0, fmt.Errorf("there is no line %d", number)
	}
	record, err := recordOf(lines[0].Content)
	return record, lines[0].RecordedAt, err
}

func recordOf(content []byte) (*portalv1.ExchangeRecord, error) {
	record := &portalv1.ExchangeRecord{}
	if err := proto.Unmarshal(content, record); err != nil {
		return nil, fmt.Errorf("reading what was reported: %w", err)
	}
	return record, nil
}
