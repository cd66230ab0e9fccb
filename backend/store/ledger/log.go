package ledger

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"madoguchi/backend/store/db"
	"madoguchi/proto/ledger"
)

const (
	batchPause = 100 * time.Millisecond // between two checkpoints: what came meanwhile shares the next
	batchSize  = 1024
	leaseTime  = 10 * time.Second
	lookAfter  = 100 * time.Millisecond // for how long what another portal signed may go unseen
)

// Config is what a log stands on.
type Config struct {
	DB     *db.DB
	Place  Place
	Signer *ledger.Signer // its name is the log's origin
	// Witnesses are asked for their cosignatures.
	Witnesses []Asked
	Client    *http.Client // by which they are asked
	Now       func() time.Time
}

// Log is the one log of a portal. Every portal on a database has one, and one of them at a time writes.
type Log struct {
	Config
	name   string
	holder string
	tiles  *tiles
	// handovers tell how the log came to its key.
	handovers []string
	lease     time.Duration
	pause     time.Duration

	lock         sync.Mutex
	view         *view
	cosignedView *view
	changed      chan struct{} // closed when there is another view
	// placedNow, placedOld are where lines stand that this process has put into the log lately: two generations.
	placedNow, placedOld map[string]int64

	step func(string) // tests stop here; see steps
}

// view is the log as this process last saw it published.
type view struct {
	ledger.Checkpoint
	signed string
	readAt time.Time
}

// Open gives the log, begun when nothing of it is there. A place that is behind the database is an error: some of what
// was published would be published again, differently.
func Open(ctx context.Context, c Config) (*Log, error) {
	l := &Log{
		Config: c, name: c.Signer.Name(), holder: rand.Text(), tiles: newTiles(c.Place), lease: leaseTime,
		pause: batchPause, changed: make(chan struct{}), step: func(string) {},
	}
	if err := l.DB.Tx(ctx, func(q *db.Queries) error { return l.bind(ctx, q) }); err != nil {
		return nil, fmt.Errorf("opening the log: %w", err)
	}
	if err := l.begin(ctx); err != nil {
		return nil, fmt.Errorf("opening the log: %w", err)
	}
	var err error
	if l.handovers, _, err = ReadHandovers(ctx, l.Place); err != nil {
		return nil, fmt.Errorf("opening the log: %w", err)
	}
	state, err := l.DB.Read().LedgerSequencer(ctx, l.name)
	if err != nil {
		return nil, fmt.Errorf("opening the log: %w", err)
	}
	last, _, err := l.newest(ctx)
	if err != nil {
		return nil, fmt.Errorf("opening the log: %w", err)
	}
	if uint64(state.Size) > last.Size {
		return nil, fmt.Errorf("opening the log: %w: it has %d leaves there, and was signed with %d", ErrBehind,
			last.Size, state.Size)
	}
	if _, err := l.current(ctx); err != nil {
		return nil, fmt.Errorf("opening the log: %w", err)
	}
	err = l.DB.Tx(ctx, func(q *db.Queries) error {
		if err := q.LedgerSetKey(ctx, db.LedgerSetKeyParams{Name: l.name, Vkey: l.Signer.Key()}); err != nil {
			return err
		}
		return keepHandovers(ctx, q, l.handovers)
	})
	if err != nil {
		return nil, fmt.Errorf("opening the log: %w", err)
	}
	return l, nil
}

// ErrBehind: what lies outside is an older copy.
var ErrBehind = errors.New("the log outside of the database is older than the database; put back what belongs to it")

// NameOf gives the name of the log that lies at a place, "" when there is none.
func NameOf(ctx context.Context, place Place) (string, error) {
	signed, _, err := place.Read(ctx, newest)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	c, err := ledger.ParseCheckpoint(string(signed))
	if err != nil {
		return "", fmt.Errorf("reading how far the log has come: %w", err)
	}
	return c.Origin, nil
}

// ErrOtherLog: the lines of the database stand in a log of another name.
var ErrOtherLog = errors.New("the database belongs to another log")

// bind has a database belong to one log, for ever: where its lines stand is said of no other.
func (l *Log) bind(ctx context.Context, q *db.Queries) error {
	names, err := q.LedgerNames(ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		if name != l.name {
			return fmt.Errorf("%w, %s, and not to %s", ErrOtherLog, name, l.name)
		}
	}
	return q.LedgerBegin(ctx, l.name)
}

// begin signs the empty log, where there is none.
func (l *Log) begin(ctx context.Context) error {
	signed, _, err := l.Place.Read(ctx, newest)
	_, _, shown := l.Place.Read(ctx, published)
	switch {
	case err == nil && shown == nil:
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist), shown != nil && !errors.Is(shown, fs.ErrNotExist):
		return errors.Join(err, shown)
	case err != nil && shown == nil:
		return errors.New("the log outside is not whole: it has a checkpoint, and does not say how far it has come")
	case err != nil:
		if signed, err = l.sign(edge{}); err != nil {
			return err
		}
		if _, err := l.Place.Swap(ctx, newest, signed, ""); err != nil && !errors.Is(err, ErrSwapped) {
			return err
		}
	}
	if c, err := l.open(signed); err != nil || c.Size > 0 {
		return errors.Join(err, errors.New("the log outside is not whole: its checkpoint is gone"))
	}
	if _, err := l.Place.Swap(ctx, published, signed, ""); err != nil && !errors.Is(err, ErrSwapped) {
		return err
	}
	return nil
}

func (l *Log) sign(e edge) ([]byte, error) {
	text := ledger.FormatCheckpoint(ledger.Checkpoint{Origin: l.name, Size: e.size, Root: e.root()})
	signed, err := note.Sign(&note.Note{Text: text}, l.Signer)
	if err != nil {
		return nil, fmt.Errorf("signing a checkpoint: %w", err)
	}
	return signed, nil
}

func (l *Log) open(signed []byte) (ledger.Checkpoint, error) {
	c, err := ledger.OpenCheckpoint(string(signed), l.Signer, nil)
	if err != nil {
		return c, fmt.Errorf("the log outside of the database is not this portal's, or damaged: %w", err)
	}
	return c, nil
}

// newest is what binds: the last that was signed, whether published or not.
func (l *Log) newest(ctx context.Context) (c ledger.Checkpoint, version string, err error) {
	signed, version, err := l.Place.Read(ctx, newest)
	if err != nil {
		return c, "", err
	}
	c, err = l.open(signed)
	return c, version, err
}

// current is the log as it was published last.
func (l *Log) current(ctx context.Context) (*view, error) {
	l.lock.Lock()
	seen := l.view
	l.lock.Unlock()
	now := l.Now()
	if seen != nil && now.Sub(seen.readAt) < lookAfter && !now.Before(seen.readAt) {
		return seen, nil
	}
	signed, _, err := l.Place.Read(ctx, published)
	if err != nil {
		return nil, err
	}
	c, err := l.open(signed)
	if err != nil {
		return nil, err
	}
	return l.show(&view{c, string(signed), now}), nil
}

// show makes a view the newest, unless a newer one is there.
func (l *Log) show(v *view) *view {
	l.lock.Lock()
	defer l.lock.Unlock()
	if l.view != nil && l.view.Size > v.Size {
		return l.view
	}
	grown := l.view == nil || l.view.Size < v.Size
	l.view = v
	if grown {
		close(l.changed)
		l.changed = make(chan struct{})
	}
	return v
}

func (l *Log) onChange() <-chan struct{} {
	l.lock.Lock()
	defer l.lock.Unlock()
	return l.changed
}

// Run writes the log while this portal has the lease, and waits for it else, until ctx ends.
func (l *Log) Run(ctx context.Context) {
	w := &writer{Log: l}
	said := ""
	for ctx.Err() == nil {
		busy, err := w.turn(ctx)
		if err != nil && ctx.Err() == nil {
			w.ready = false
			if err.Error() != said {
				slog.ErrorContext(ctx, "the log cannot be written; lines wait", "cause", err)
			}
			said = err.Error()
		} else if err == nil {
			said = ""
		}
		pause := l.pause
		if w.full {
			continue
		}
		if err != nil || !busy && !w.ready {
			pause = 5 * l.pause
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
	// Who goes lets others on at once.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_ = l.DB.Tx(ctx, func(q *db.Queries) error {
		return q.LedgerRelease(ctx, db.LedgerReleaseParams{Name: l.name, Holder: l.holder})
	})
}
