//go:build !js

package procedure

import (
	"context"
	"strings"
	"sync"
	"time"
)

// Outside a browser nothing outlives the process.
var shelf struct {
	sync.Mutex
	heads []keptHead
	data  map[string][]byte
}

func storedHeads(context.Context) ([]keptHead, error) {
	shelf.Lock()
	defer shelf.Unlock()
	return append([]keptHead(nil), shelf.heads...), nil
}

func stored(_ context.Context, code string) (time.Time, []byte, error) {
	shelf.Lock()
	defer shelf.Unlock()
	for _, h := range shelf.heads {
		if h.Code == code {
			return h.At, shelf.data[code], nil
		}
	}
	return time.Time{}, nil, nil
}

func store(ctx context.Context, head keptHead, data []byte) error {
	if err := remove(ctx, head.Code); err != nil {
		return err
	}
	shelf.Lock()
	defer shelf.Unlock()
	if shelf.data == nil {
		shelf.data = map[string][]byte{}
	}
	shelf.heads, shelf.data[head.Code] = append(shelf.heads, head), data
	return nil
}

func remove(_ context.Context, code string) error {
	shelf.Lock()
	defer shelf.Unlock()
	for i, h := range shelf.heads {
		if h.Code == code {
			shelf.heads = append(shelf.heads[:i:i], shelf.heads[i+1:]...)
			break
		}
	}
	delete(shelf.data, code)
	return nil
}

// sparing and awaitIdle are the browser's: here there is nothing to spare or to wait for.
func sparing() bool { return false }

func awaitIdle(context.Context) {}

// compatible is NFKC in a browser; outside of one, full-width letters and digits are enough.
func compatible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～':
			return r - '！' + '!'
		case r == '　':
			return ' '
		}
		return r
	}, s)
}
