package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"madoguchi/backend/store/db"
)

func TestPortalJobs(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "portal.sqlite")
	store, err := db.Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	tend := func(args ...string) (string, error) {
		var out bytes.Buffer
		err := tendJobs(ctx, args, func(string) string { return path }, &out)
		return out.String(), err
	}
	if out, err := tend(); err != nil || !strings.Contains(out, "no job") {
		t.Errorf("%q, %v", out, err)
	}
	err = store.Tx(ctx, func(q *db.Queries) error {
		for _, id := range []string{"J1", "J2"} {
			if err := q.JobEnqueue(ctx, db.JobEnqueueParams{
				ID: id, Kind: "mail", Payload: `{"To":"hanako@example.jp"}`,
			}); err != nil {
				return err
			}
			leased, err := q.JobLease(ctx, db.JobLeaseParams{Until: 5, Now: 1})
			if err != nil {
				return err
			}
			if _, err := q.JobBury(ctx, db.JobBuryParams{
				ID: leased.ID, LeasedUntil: 5, DeadAt: time.Now().UnixMilli(), LastError: "no\x1b[2J server",
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := tend()
	if err != nil || !strings.Contains(out, "J1") || !strings.Contains(out, "J2") || strings.Contains(out, "hanako") ||
		strings.Contains(out, "\x1b") {
		t.Errorf("%q, %v", out, err)
	}
	if _, err := tend("retry", "J9"); err == nil || !strings.Contains(err.Error(), "J9") {
		t.Errorf("an unknown job: %v", err)
	}
	if _, err := tend("bury"); err == nil {
		t.Error("an unknown word passes")
	}
	if out, err := tend("retry", "J1"); err != nil || !strings.Contains(out, "1") {
		t.Errorf("%q, %v", out, err)
	}
	if out, err := tend("--database", path, "retry", "all"); err != nil || !strings.Contains(out, "1") {
		t.Errorf("%q, %v", out, err)
	}
	if out, err := tend(); err != nil || !strings.Contains(out, "no job") {
		t.Errorf("%q, %v", out, err)
	}
}
