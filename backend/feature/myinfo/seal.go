package myinfo

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"

	"madoguchi/backend/store/db"
)

const (
	tableRequest    = "myinfo_request"
	tableCorrection = "myinfo_correction"
)

// Place is where a blob stands, to which it is bound: laid elsewhere it opens no more.
type Place struct{ Folder, Table, Column, Row string }

// store is where the feature's blobs pass, all of them: sealed where they are written, opened where they are read.
type store struct{}

func (s store) write(ctx context.Context, q *db.Queries, at Place, m proto.Message) ([]byte, error) {
	clear, err := proto.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("writing %s of %s: %w", at.Column, at.Table, err)
	}
	return s.writeBytes(ctx, q, at, clear)
}

func (store) writeBytes(ctx context.Context, q *db.Queries, at Place, clear []byte) ([]byte, error) {
	sealed, err := q.SealBytes(ctx, at.Folder, at.Table, at.Column, at.Row, clear)
	if err != nil {
		return nil, fmt.Errorf("sealing %s of %s: %w", at.Column, at.Table, err)
	}
	return sealed, nil
}

func (s store) read(ctx context.Context, q *db.Queries, at Place, sealed []byte, m proto.Message) error {
	clear, err := s.readBytes(ctx, q, at, sealed)
	if err != nil {
		return err
	}
	if err := proto.Unmarshal(clear, m); err != nil {
		return fmt.Errorf("reading %s of %s: %w", at.Column, at.Table, err)
	}
	return nil
}

func (store) readBytes(ctx context.Context, q *db.Queries, at Place, sealed []byte) ([]byte, error) {
	clear, err := q.OpenBytes(ctx, at.Folder, at.Table, at.Column, at.Row, sealed)
	if err != nil {
		return nil, fmt.Errorf("opening %s of %s: %w", at.Column, at.Table, err)
	}
	return clear, nil
}
