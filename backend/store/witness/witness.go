// Package witness cosigns the logs of others (C2SP tlog-witness): it remembers how far it saw each, and signs only what
// goes on from there. So a log that shows one person this and another that is found out, as long as one of its
// witnesses is honest.
package witness

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/mod/sumdb/note"

	"madoguchi/proto/ledger"
)

const (
	maxBody  = 64 << 10
	seedSize = 32
)

// Witness is one. What it saw lies in a folder of its own.
type Witness struct {
	*ledger.Cosigner
	dir  string
	logs map[string]note.Verifier // by origin
	held *os.File

	lock sync.Mutex
}

// Open opens a witness of a name, with its folder, and makes both its key and the folder when there are none. It
// cosigns the logs with these keys, and no others. Of a folder one witness runs at a time.
func Open(dir, name string, logs []string, now func() time.Time) (_ *Witness, err error) {
	w := &Witness{dir: dir, logs: map[string]note.Verifier{}}
	for _, key := range logs {
		log, err := ledger.NewLog(key)
		if err != nil {
			return nil, fmt.Errorf("the key %q is no log's: %w", key, err)
		}
		w.logs[log.Name()] = log
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the witness's folder: %w", err)
	}
	if w.held, err = os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return nil, fmt.Errorf("opening the witness's folder: %w", err)
	}
	defer func() {
		if err != nil {
			w.held.Close()
		}
	}()
	if err := syscall.Flock(int(w.held.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, fmt.Errorf("another witness runs on %s: %w", dir, err)
	}
	seed, err := w.seed()
	if err != nil {
		return nil, fmt.Errorf("reading the witness's key: %w", err)
	}
	w.Cosigner = ledger.NewCosigner(name, seed, now)
	if _, err := ledger.NewWitness(w.Key()); err != nil {
		return nil, fmt.Errorf("a witness cannot be called %q", name)
	}
	return w, nil
}

// Close lets another run on the folder.
func (w *Witness) Close() error { return w.held.Close() }

func (w *Witness) seed() ([]byte, error) {
	path := filepath.Join(w.dir, "key")
	seed, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		seed = make([]byte, seedSize)
		_, _ = rand.Read(seed)
		err = write(path, seed)
	}
	if err == nil && len(seed) != seedSize {
		err = fmt.Errorf("%s is of %d bytes", path, len(seed))
	}
	return seed, err
}

// write puts a file there whole, so that it is there after the machine failed, too.
func write(path string, data []byte) error {
	aside, err := os.CreateTemp(filepath.Dir(path), ".part-*") // with mode 0600
	if err != nil {
		return err
	}
	_, err = aside.Write(data)
	if err = errors.Join(err, aside.Sync(), aside.Close()); err == nil {
		err = os.Rename(aside.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(aside.Name()))
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// refused is what is answered to what is not signed.
type refused struct {
	status int
	text   string
	size   bool // the text is the size that was seen last
}

func (r refused) Error() string { return r.text }

// ServeHTTP answers POST …/add-checkpoint with the cosignature, or says why there is none.
func (w *Witness) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/add-checkpoint") {
		http.Error(out, "a witness answers POST …/add-checkpoint", http.StatusNotFound)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(out, r.Body, maxBody))
	if err != nil {
		http.Error(out, "what was sent is too long, or broke off", http.StatusBadRequest)
		return
	}
	lines, err := w.Cosign(string(body))
	var no refused
	switch {
	case errors.As(err, &no):
		if no.size {
			out.Header().Set("Content-Type", "text/x.tlog.size")
			out.WriteHeader(no.status)
			_, _ = io.WriteString(out, no.text+"\n")
			return
		}
		http.Error(out, no.text, no.status)
	case err != nil:
		slog.ErrorContext(r.Context(), "a checkpoint could not be cosigned", "cause", err)
		http.Error(out, "it cannot be written down what was seen", http.StatusInternalServerError)
	default:
		_, _ = io.WriteString(out, lines)
	}
}

// Cosign signs a checkpoint that goes on from what was seen last. What it signs it has written down before.
func (w *Witness) Cosign(body string) (lines string, err error) {
	from, proof, signed, err := ledger.ParseShown(body)
	if err != nil {
		return "", refused{http.StatusBadRequest, err.Error(), false}
	}
	origin, _, _ := strings.Cut(signed, "\n")
	log, known := w.logs[origin]
	if !known {
		return "", refused{http.StatusNotFound, "this log is not witnessed here", false}
	}
	c, err := ledger.OpenCheckpoint(signed, log, nil)
	if err != nil {
		return "", refused{http.StatusForbidden, "the log has not signed this", false}
	}
	w.lock.Lock()
	defer w.lock.Unlock()
	last, err := w.last(origin)
	if err != nil {
		return "", err
	}
	switch {
	case from > c.Size:
		return "", refused{http.StatusBadRequest, "the old size is larger than the new one", false}
	case from != last.Size, c.Size == last.Size && last.Size > 0 && c.Root != last.Root:
		return "", refused{http.StatusConflict, strconv.FormatUint(last.Size, 10), true}
	}
	if err := ledger.CheckConsistency(last, c, proof); err != nil {
		slog.Warn("a log was shown that does not go on from what was seen of it", "log", origin, "seen", last.Size,
			"shown", c.Size)
		return "", refused{http.StatusUnprocessableEntity, "it does not go on from what was seen", false}
	}
	if err := write(w.path(origin), []byte(ledger.FormatCheckpoint(c))); err != nil {
		return "", fmt.Errorf("writing down what was seen: %w", err)
	}
	text, _, _ := strings.Cut(signed, "\n\n")
	cosigned, err := note.Sign(&note.Note{Text: text + "\n"}, w.Cosigner)
	if err != nil {
		return "", fmt.Errorf("cosigning: %w", err)
	}
	_, lines, _ = strings.Cut(string(cosigned), "\n\n")
	return lines, nil
}

func (w *Witness) path(origin string) string {
	sum := sha256.Sum256([]byte(origin))
	return filepath.Join(w.dir, "seen-"+hex.EncodeToString(sum[:8]))
}

// last is what was seen of a log, an empty one when nothing was.
func (w *Witness) last(origin string) (c ledger.Checkpoint, err error) {
	text, err := os.ReadFile(w.path(origin))
	if errors.Is(err, fs.ErrNotExist) {
		return ledger.Checkpoint{Origin: origin}, nil
	}
	if err == nil {
		c, err = ledger.ParseCheckpoint(string(text))
	}
	if err == nil && c.Origin != origin {
		err = errors.New("it is of another log")
	}
	if err != nil {
		return c, fmt.Errorf("reading what was seen of %s: %w", origin, err)
	}
	return c, nil
}
