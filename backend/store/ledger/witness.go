package ledger

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"madoguchi/proto/ledger"
)

const (
	witnessEvery    = 5 * time.Second
	witnessAgain    = 10 * time.Minute // a log that stands still is cosigned anew
	witnessPatience = 10 * time.Second
	maxCosignatures = 16 << 10
	cosignedFor     = time.Second // another portal's news of witnesses may go unseen
)

// Asked is a witness with the address at which it is asked (C2SP tlog-witness): <URL>/add-checkpoint.
type Asked struct {
	*ledger.Witness
	URL string
}

// ReadWitnesses reads a file of witnesses: a line each, its key and its address. Empty lines, and those with # in
// front, say nothing.
func ReadWitnesses(text string) (list []Asked, err error) {
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, address, ok := strings.Cut(line, " ")
		w, err := ledger.NewWitness(key)
		address = strings.TrimSuffix(strings.TrimSpace(address), "/")
		if err != nil || !ok || !strings.HasPrefix(address, "http://") && !strings.HasPrefix(address, "https://") {
			return nil, fmt.Errorf("line %d of the witnesses is not a key and an address, such as "+
				"witness.example+1a2b3c4d+BA… https://witness.example", i+1)
		}
		list = append(list, Asked{w, address})
	}
	return list, nil
}

// cosigned gives the newest checkpoint that witnesses have cosigned, "" when there is none.
func (l *Log) cosigned(ctx context.Context) (signed string, c ledger.Checkpoint, err error) {
	if len(l.Witnesses) == 0 {
		return "", c, nil
	}
	now := l.Now()
	l.lock.Lock()
	seen := l.cosignedView
	l.lock.Unlock()
	if seen != nil && now.Sub(seen.readAt) < cosignedFor && !now.Before(seen.readAt) {
		return seen.signed, seen.Checkpoint, nil
	}
	data, _, err := l.Place.Read(ctx, witnessed)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", c, err
	}
	if len(data) > 0 {
		if c, err = ledger.OpenCheckpoint(string(data), l.Signer, l.known()); err != nil {
			return "", c, fmt.Errorf("reading the cosigned checkpoint: %w", err)
		}
	}
	l.keepCosigned(&view{c, string(data), now})
	return string(data), c, nil
}

func (l *Log) keepCosigned(v *view) {
	l.lock.Lock()
	defer l.lock.Unlock()
	l.cosignedView = v
}

func (l *Log) known() (list []*ledger.Witness) {
	for _, w := range l.Witnesses {
		list = append(list, w.Witness)
	}
	return list
}

// RunWitnesses asks the witnesses for their cosignatures while this portal writes the log, until ctx ends. What comes
// is kept; nothing waits for it.
func (l *Log) RunWitnesses(ctx context.Context) {
	if len(l.Witnesses) == 0 {
		<-ctx.Done()
		return
	}
	tick := time.NewTicker(witnessEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		if err := l.askWitnesses(ctx); err != nil && ctx.Err() == nil {
			slog.WarnContext(ctx, "the log could not be shown to its witnesses", "cause", err)
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}

// askWitnesses has the newest checkpoint cosigned, by those who will.
func (l *Log) askWitnesses(ctx context.Context) error {
	state, err := l.DB.Read().LedgerSequencer(ctx, l.name)
	if err != nil || state.Holder != l.holder {
		return err
	}
	v, err := l.current(ctx)
	if err != nil || v.Size == 0 {
		return err
	}
	_, before, err := l.cosigned(ctx)
	if err != nil {
		return err
	}
	if before.Size == v.Size && len(before.Confirmed(l.Now(), witnessAgain)) == len(l.Witnesses) {
		return nil
	}
	lines := make([]string, len(l.Witnesses))
	var asked sync.WaitGroup
	for i, w := range l.Witnesses {
		asked.Go(func() {
			var err error
			if lines[i], err = l.ask(ctx, w, v, before.Size); err != nil {
				slog.WarnContext(ctx, "a witness has not cosigned", "witness", w.Name(), "cause", err)
			}
		})
	}
	asked.Wait()
	all := v.signed + strings.Join(lines, "")
	c, err := ledger.OpenCheckpoint(all, l.Signer, l.known())
	if err != nil || len(c.Cosigned) == 0 {
		return err
	}
	if c.Size == before.Size && len(c.Cosigned) < len(before.Confirmed(l.Now(), witnessAgain)) {
		return nil // what is there is better
	}
	if err := l.Place.Write(ctx, witnessed, []byte(all)); err != nil {
		return err
	}
	l.keepCosigned(&view{c, all, l.Now()})
	return nil
}

// ask has one witness cosign. It says what size it saw last when that is another than was thought.
func (l *Log) ask(ctx context.Context, w Asked, v *view, from uint64) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, witnessPatience)
	defer cancel()
	for range 3 {
		status, answer, err := l.addCheckpoint(ctx, w, v, from)
		if err != nil {
			return "", err
		}
		switch status {
		case http.StatusOK:
			return l.itsLines(w, v, string(answer))
		case http.StatusConflict:
			size, err := strconv.ParseUint(strings.TrimSpace(string(answer)), 10, 63)
			if err != nil || size > v.Size {
				return "", fmt.Errorf("it has seen the log with %.20q leaves, which has %d", answer, v.Size)
			}
			from = size
		default:
			return "", fmt.Errorf("it answers %d: %.200q", status, answer)
		}
	}
	return "", errors.New("it says each time that it has seen another size")
}

func (l *Log) addCheckpoint(ctx context.Context, w Asked, v *view, from uint64) (int, []byte, error) {
	grown, err := l.tiles.consistency(ctx, v.Size, from, v.Size)
	if err != nil {
		return 0, nil, err
	}
	var body bytes.Buffer
	fmt.Fprintf(&body, "old %d\n", from)
	for _, h := range grown {
		fmt.Fprintln(&body, base64.StdEncoding.EncodeToString(h[:]))
	}
	fmt.Fprintf(&body, "\n%s", v.signed)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL+"/add-checkpoint", &body)
	if err != nil {
		return 0, nil, err
	}
	answer, err := l.Client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(io.LimitReader(answer.Body, maxCosignatures))
	return answer.StatusCode, data, err
}

// itsLines are those of the witness's signatures that are its own, and good.
func (l *Log) itsLines(w Asked, v *view, answer string) (string, error) {
	var good strings.Builder
	for line := range strings.Lines(answer) {
		if !strings.HasPrefix(line, "— "+w.Name()+" ") || !strings.HasSuffix(line, "\n") {
			continue
		}
		opened, err := note.Open([]byte(v.signed+line), note.VerifierList(l.Signer, w.Witness))
		if err != nil {
			return "", fmt.Errorf("its signature is not good: %w", err)
		}
		if len(opened.Sigs) == 2 { // its other signatures, by keys that are not asked for, are left out
			good.WriteString(line)
		}
	}
	if good.Len() == 0 {
		return "", errors.New("it has answered without a signature of its own")
	}
	return good.String(), nil
}
