// Package witness plays the third parties that cosign the portal's log (C2SP tlog-witness): three of them, each with a
// switch, so that it is seen what a page says while one does not answer, or lies. Their keys are public.
package witness

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"madoguchi/backend/sandbox/file"
	"madoguchi/backend/sandbox/part"
	"madoguchi/backend/sandbox/room"
	"madoguchi/proto/ledger"
)

func init() { room.Register(room.Room{Name: "witness", Known: known, Open: open}) }

const (
	witnesses = 3
	// List is the file by which the portal knows them.
	List = "log-witnesses"

	patience = 5 * time.Second
	maxBody  = 64 << 10
	maxKey   = 4 << 10
)

func id(n int) string { return "witness" + strconv.Itoa(n) }

// cosigner has the same key wherever it is played: nobody may trust it.
func cosigner(n int, now func() time.Time) *ledger.Cosigner {
	seed := sha256.Sum256([]byte("madoguchi sandbox " + id(n)))
	return ledger.NewCosigner(id(n)+".sandbox.example", seed[:], now)
}

// known writes the portal's list of them.
func known(dir, address string) error {
	var list strings.Builder
	for n := 1; n <= witnesses; n++ {
		fmt.Fprintf(&list, "%s http://%s/%s\n", cosigner(n, time.Now).Key(), address, id(n))
	}
	return file.Replace(filepath.Join(dir, List), []byte(list.String()), 0o644)
}

func open(ground room.Ground) (room.Work, error) {
	work := room.Work{Served: map[string]http.Handler{}}
	for n := 1; n <= witnesses; n++ {
		p, err := ground.World.Add(id(n), "第三者 "+strconv.Itoa(n), "記録簿を見張って署名する人（ウィットネス）")
		if err != nil {
			return room.Work{}, err
		}
		w := New(cosigner(n, time.Now), ground.Portal, p)
		ways := part.WrongAnswers()
		ways[part.Stranger] = func(http.Handler) http.Handler { // it signs, and is somebody else
			seed := sha256.Sum256([]byte("a stranger"))
			return &Witness{Cosigner: ledger.NewCosigner(w.Name(), seed[:], time.Now), portal: w.portal}
		}
		work.Served["/"+id(n)+"/"] = part.Handler(p, w, ways)
		work.Programs = append(work.Programs, "/"+id(n)+"/")
	}
	return work, nil
}

// Keeper remembers what a witness saw.
type Keeper interface {
	Keep(what any) error
	Kept(what any) bool
}

// Witness is one. It takes in whatever log the portal shows at first, and from then on no other.
type Witness struct {
	*ledger.Cosigner
	portal string
	keeper Keeper

	lock sync.Mutex
	key  string // of log
	log  note.Verifier
	seen ledger.Checkpoint
}

// saw is what is kept of a log: its key, and its last checkpoint.
type saw struct{ Key, Checkpoint string }

// New makes a witness of a portal, which remembers what it saw before.
func New(c *ledger.Cosigner, portal string, keeper Keeper) *Witness {
	w := &Witness{Cosigner: c, portal: portal, keeper: keeper}
	var before saw
	if !keeper.Kept(&before) {
		return w
	}
	log, err := ledger.NewLog(before.Key)
	seen, err2 := ledger.ParseCheckpoint(before.Checkpoint)
	if errors.Join(err, err2) == nil {
		w.key, w.log, w.seen = before.Key, log, seen
	}
	return w
}

// refused is why nothing is signed.
type refused struct {
	status int
	text   string
}

func (r refused) Error() string { return r.text }

func (w *Witness) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/add-checkpoint") {
		http.NotFound(out, r)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(out, r.Body, maxBody))
	if err != nil {
		http.Error(out, "what was sent is too long", http.StatusBadRequest)
		return
	}
	lines, err := w.cosign(r.Context(), string(body))
	if no, is := errors.AsType[refused](err); is {
		if no.status == http.StatusConflict {
			out.Header().Set("Content-Type", "text/x.tlog.size")
		}
		out.WriteHeader(no.status)
		_, _ = io.WriteString(out, no.text+"\n")
		return
	}
	if err != nil {
		http.Error(out, err.Error(), http.StatusInternalServerError)
		return
	}
	_, _ = io.WriteString(out, lines)
}

func (w *Witness) cosign(ctx context.Context, body string) (lines string, err error) {
	from, proof, signed, err := ledger.ParseShown(body)
	if err != nil {
		return "", refused{http.StatusBadRequest, err.Error()}
	}
	w.lock.Lock()
	defer w.lock.Unlock()
	if w.log == nil {
		if w.log, err = w.meet(ctx); err != nil {
			return "", err
		}
	}
	c, err := ledger.OpenCheckpoint(signed, w.log, nil)
	if err != nil {
		return "", refused{http.StatusForbidden, "the log that is witnessed here has not signed this"}
	}
	if from != w.seen.Size {
		return "", refused{http.StatusConflict, strconv.FormatUint(w.seen.Size, 10)}
	}
	if err := ledger.CheckConsistency(w.seen, c, proof); err != nil {
		return "", refused{http.StatusUnprocessableEntity, err.Error()}
	}
	w.seen = c
	if w.keeper != nil {
		if err := w.keeper.Keep(saw{w.key, ledger.FormatCheckpoint(c)}); err != nil {
			return "", err
		}
	}
	text, _, _ := strings.Cut(signed, "\n\n")
	cosigned, err := note.Sign(&note.Note{Text: text + "\n"}, w.Cosigner)
	if err != nil {
		return "", fmt.Errorf("cosigning: %w", err)
	}
	_, lines, _ = strings.Cut(string(cosigned), "\n\n")
	return lines, nil
}

// meet asks the portal for the key of its log.
func (w *Witness) meet(ctx context.Context) (note.Verifier, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, w.portal+"/log/vkey", nil)
	if err != nil {
		return nil, fmt.Errorf("asking for the log's key: %w", err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("asking for the log's key: %w", err)
	}
	defer answer.Body.Close()
	key, err := io.ReadAll(io.LimitReader(answer.Body, maxKey))
	if err != nil {
		return nil, fmt.Errorf("asking for the log's key: %w", err)
	}
	log, err := ledger.NewLog(string(key))
	if err != nil {
		return nil, fmt.Errorf("the portal's log has no key, but %.80q: %w", key, err)
	}
	w.key = strings.TrimSpace(string(key))
	return log, nil
}
