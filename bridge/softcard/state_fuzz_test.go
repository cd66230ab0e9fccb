package softcard

import (
	"os"
	"path/filepath"
	"testing"
)

// FuzzState reads anything as a card's kept state: no PIN gets more tries than the card gives it.
func FuzzState(f *testing.F) {
	dir := f.TempDir()
	path := filepath.Join(dir, "card.json")
	factory := func() map[pinName]*pinState {
		return map[pinName]*pinState{authPIN: {Tries: maxTries(authPIN)}}
	}
	f.Add([]byte(`{"version":1,"person":"a","pins":{}}`))
	f.Add([]byte(`{"version":1,"person":"a","pins":{"auth":{"tries":99}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		s := &State{path: path}
		if err := s.load("a", factory()); err != nil {
			return
		}
		for name, pin := range s.pins {
			if pin.Tries < 0 || pin.Tries > maxTries(name) {
				t.Errorf("%s has %d tries", name, pin.Tries)
			}
		}
	})
}
