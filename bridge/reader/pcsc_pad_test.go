//go:build cgo && !nopcsc

package reader

import (
	"errors"
	"log/slog"
	"testing"
)

// asking is a reader that is asked for its features.
type asking struct {
	answer []byte
	err    error
	asked  int
}

func (a *asking) Control(uint32, []byte) ([]byte, error) {
	a.asked++
	return a.answer, a.err
}

func TestAReaderIsAskedOnceForItsKeys(t *testing.T) {
	both := []byte("\x06\x04\x42\x33\x00\x06\x07\x04\x42\x33\x00\x07")
	for name, c := range map[string]struct {
		card *asking
		pad  bool
	}{
		"keys":     {&asking{answer: both}, true},
		"none":     {&asking{err: errors.New("not supported")}, false},
		"nonsense": {&asking{answer: []byte{6}}, false},
	} {
		p := &pcsc{log: slog.New(slog.DiscardHandler), seen: map[string]*seen{"r": {}}}
		for range 2 {
			if f := p.featuresOf("r", c.card); (f.verify != 0) != c.pad {
				t.Errorf("%s: %+v", name, f)
			}
		}
		if c.card.asked != 1 {
			t.Errorf("%s: asked %d times", name, c.card.asked)
		}
		if f := p.featuresOf("another", c.card); f != (padFeatures{}) {
			t.Errorf("a reader that is not there: %+v", f)
		}
	}
}
