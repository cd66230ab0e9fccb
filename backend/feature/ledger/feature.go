// Package ledger tells people's pages how the log stands that proves their histories, keeps for their devices what
// these saw of it, and shows the log itself to everybody: auditors and witnesses read it at /log/ (C2SP tlog-tiles).
// The log is written by backend/store/ledger; lines are shown by the features whose they are.
package ledger

import (
	"context"
	"net/http"

	"madoguchi/backend/door/mount"
	"madoguchi/backend/store/db"
	store "madoguchi/backend/store/ledger"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
	"madoguchi/proto/ledger"
)

// logPath is where the log stands. It stays: checkpoints and proofs go by it.
const logPath = "/log/"

// Feature declares what joins the portal.
func Feature(h *mount.House, log *store.Log) mount.Feature {
	return mount.Feature{
		Name:     "ledger",
		Services: []mount.Service{mount.Serve(portalv1connect.NewLedgerServiceHandler)(New(h.DB, log, h.Now))},
		Loops:    map[string]func(context.Context){"log": log.Run, "witnesses": log.RunWitnesses},
		Public:   map[string]http.Handler{logPath: newPublic(log, h.Now)},
		// Which go with the folder's row: no Erase. What the log itself has of a line says nothing of anybody.
		Export: map[string]mount.Tell{
			"ledger_line":  lines,
			"ledger_chain": mount.Rows((*db.Queries).LedgerHeadsOfFolder),
			"ledger_kept":  mount.Rows((*db.Queries).LedgerKept),
		},
	}
}

// told is a line as it is taken along: all that its commitment is made of.
type told struct {
	Chain, Number, Kind, RecordedAt, Position int64
	Previous, Salt, Content                   []byte
}

// lines tells those that are shown. A line that is not disclosed is told nobody, nor that there is one.
func lines(ctx context.Context, q *db.Queries, folderID string) (any, error) {
	rows, err := q.LedgerLinesOfFolder(ctx, folderID)
	if err != nil {
		return nil, err
	}
	list := make([]told, len(rows))
	for i, row := range rows {
		salt := row.Body[:min(len(row.Body), ledger.SaltSize)]
		list[i] = told{
			row.Chain, row.Number, row.Kind, row.RecordedAt, row.Position, row.Previous, salt, row.Body[len(salt):],
		}
	}
	return list, nil
}
