// Package ledgertest gives tests a log that is written while they run.
package ledgertest

import (
	"bytes"
	"context"
	"sync"
	"testing"
	"time"

	"madoguchi/backend/store/db"
	store "madoguchi/backend/store/ledger"
	"madoguchi/proto/ledger"
)

// Origin is the name of the logs.
const Origin = "portal.example.jp/log"

// New opens a log on a store, in a folder of its own, and has it written until the test ends.
func New(t testing.TB, d *db.DB) *store.Log {
	t.Helper()
	return NewIn(t, d, t.TempDir())
}

// NewIn is New in a folder that was there before.
func NewIn(t testing.TB, d *db.DB, dir string) *store.Log {
	t.Helper()
	place, err := store.NewFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ledger.NewSigner(Origin, bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	log, err := store.Open(context.Background(), store.Config{DB: d, Place: place, Signer: signer, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { log.Run(ctx) })
	t.Cleanup(func() { stop(); running.Wait() })
	return log
}
