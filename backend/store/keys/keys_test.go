package keys_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/keys"
)

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time          { c.mu.Lock(); defer c.mu.Unlock(); return c.now }
func (c *clock) advance(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.now = c.now.Add(d) }

func newClock() *clock { return &clock{now: time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)} }

func makeFile(t *testing.T, c *clock) *keys.File {
	t.Helper()
	f, err := keys.Make(filepath.Join(t.TempDir(), "deep", "portal.keys"), c.Now)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func rotate(t *testing.T, f *keys.File, purposes ...keys.Purpose) {
	t.Helper()
	if err := f.Rotate(purposes...); err != nil {
		t.Fatal(err)
	}
}

func TestAKeyFileIsItsOwnersAndIsNeverWrittenOver(t *testing.T) {
	f := makeFile(t, newClock())
	info, err := os.Stat(f.Path())
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info, err)
	}
	before, _ := os.ReadFile(f.Path())
	if _, err := keys.Make(f.Path(), time.Now); !errors.Is(err, fs.ErrExist) {
		t.Errorf("made over another: %v", err)
	}
	if after, _ := os.ReadFile(f.Path()); !bytes.Equal(before, after) {
		t.Error("the file is another")
	}
	if left, _ := os.ReadDir(filepath.Dir(f.Path())); len(left) != 1 {
		t.Errorf("left over: %v", left)
	}
}

func TestAFileThatOthersSeeIsRefused(t *testing.T) {
	f := makeFile(t, newClock())
	for mode, fine := range map[fs.FileMode]bool{
		0o600: true, 0o400: true, 0o640: true, 0o644: false, 0o660: false, 0o602: false,
	} {
		if err := os.Chmod(f.Path(), mode); err != nil {
			t.Fatal(err)
		}
		if _, err := keys.Open(f.Path(), time.Now); errors.Is(err, fs.ErrPermission) == fine {
			t.Errorf("mode %04o: %v", mode, err)
		}
	}
}

func TestADamagedFileIsRefusedWithoutTellingIt(t *testing.T) {
	f := makeFile(t, newClock())
	whole, err := os.ReadFile(f.Path())
	if err != nil {
		t.Fatal(err)
	}
	for name, damaged := range map[string][]byte{
		"empty": {}, "half": whole[:len(whole)/2],
		"other purpose": bytes.Replace(whole, []byte(`"cookie"`), []byte(`"cookies"`), 1),
		"short secret":  bytes.Replace(whole, []byte(`"secret": "`), []byte(`"secret": "AAAA`), 1),
		"two anchors":   bytes.Replace(whole, []byte(`"count"`), []byte(`"anchor"`), 1),
	} {
		if err := os.WriteFile(f.Path(), damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := keys.Open(f.Path(), time.Now)
		if err == nil {
			t.Errorf("%s: opened", name)
			continue
		}
		for _, k := range f.Keys() {
			if bytes.Contains([]byte(err.Error()), k.Secret[:4]) {
				t.Errorf("%s: the error tells a secret", name)
			}
		}
	}
}

// What was sealed before a rotation opens for its time and not longer; what is sealed after it does not hang on the old
// key.
func TestKeysRotateAndEnd(t *testing.T) {
	c := newClock()
	f := makeFile(t, c)
	ring := f.Ring(keys.Challenge)
	old := ring.Sum([]byte("text"))
	rotate(t, f, keys.Challenge)
	if !bytes.Equal(ring.Sum([]byte("text")), old) {
		t.Error("the new key seals before other instances have read it")
	}
	c.advance(time.Minute)
	fresh := ring.Sum([]byte("text"))
	if bytes.Equal(fresh, old) || !ring.Verify(fresh, []byte("text")) || !ring.Verify(old, []byte("text")) {
		t.Fatal("after a minute the new key seals and both are accepted")
	}
	c.advance(15 * time.Minute)
	if ring.Verify(old, []byte("text")) || !ring.Verify(fresh, []byte("text")) {
		t.Error("the old key has not ended, or the new one has")
	}
	count := len(f.Keys())
	rotate(t, f, keys.Cookie)
	if got := len(f.Keys()); got != count { // one ended, one new
		t.Errorf("%d keys, %d before", got, count)
	}
	if err := f.Rotate(keys.Anchor); err == nil {
		t.Error("the anchor rotates")
	}
	if err := f.Rotate("nothing"); err == nil {
		t.Error("a purpose that is none rotates")
	}
}

func TestAClockOutOfOrderLeavesAKey(t *testing.T) {
	c := newClock()
	f := makeFile(t, c)
	ring := f.Ring(keys.Challenge)
	rotate(t, f, keys.Challenge)
	for _, jump := range []time.Duration{-48 * time.Hour, 24 * time.Hour * 365, -24 * time.Hour * 400} {
		c.advance(jump)
		if !ring.Verify(ring.Sum([]byte("x")), []byte("x")) {
			t.Errorf("at %v it does not know its own seal", c.Now())
		}
	}
}

func TestPartsAndPurposesAreToldApart(t *testing.T) {
	f := makeFile(t, newClock())
	ring := f.Ring(keys.Challenge)
	mac := ring.Sum([]byte("ab"), []byte("c"))
	if ring.Verify(mac, []byte("a"), []byte("bc")) || ring.Verify(mac, []byte("abc")) ||
		f.Ring(keys.Cookie).Verify(mac, []byte("ab"), []byte("c")) {
		t.Error("one seal fits two things")
	}
	if !ring.Verify(mac, []byte("ab"), []byte("c")) || ring.Verify(nil, []byte("ab"), []byte("c")) {
		t.Error("a seal does not fit what it was made for")
	}
}

func TestTwoWhoRotateAtOnceLoseNothing(t *testing.T) {
	f := makeFile(t, newClock())
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			other, err := keys.Open(f.Path(), time.Now)
			if err == nil {
				err = other.Rotate(keys.Cookie)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	again, err := keys.Open(f.Path(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	of := func(k keys.Key) bool { return k.Purpose == keys.Cookie }
	cookies := slices.DeleteFunc(again.Keys(), func(k keys.Key) bool { return !of(k) })
	if len(cookies) != 9 {
		t.Errorf("%d keys after 8 rotations", len(cookies))
	}
}

// The database knows its key file: a foreign one, and an old copy of its own, are refused.
func TestTheDatabaseKnowsItsFile(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, c := t.Context(), newClock()
		f := makeFile(t, c)
		if used, err := keys.Used(ctx, d); err != nil || used {
			t.Fatalf("%v, %v", used, err)
		}
		check := func(f *keys.File, want error) {
			t.Helper()
			if err := f.Check(ctx, d); !errors.Is(err, want) || (want == nil) != (err == nil) {
				t.Errorf("got %v, want %v", err, want)
			}
		}
		check(f, nil)
		check(f, nil)
		foreign := makeFile(t, c)
		check(foreign, keys.ErrForeign)

		copied := filepath.Join(t.TempDir(), "copy")
		content, _ := os.ReadFile(f.Path())
		if err := os.WriteFile(copied, content, 0o600); err != nil {
			t.Fatal(err)
		}
		rotate(t, f, keys.Challenge)
		check(f, nil)
		old, err := keys.Open(copied, c.Now)
		if err != nil {
			t.Fatal(err)
		}
		check(old, keys.ErrOld)

		// Keys that have ended are forgotten on both sides, and nobody is asked for them.
		c.advance(24 * time.Hour)
		rotate(t, f, keys.Challenge)
		check(f, nil)
		rows, err := d.Read().KeyFingerprints(ctx)
		if err != nil || len(rows) != len(f.Keys()) {
			t.Errorf("%d fingerprints of %d keys, %v", len(rows), len(f.Keys()), err)
		}
		if err := foreign.Adopt(ctx, d); err != nil {
			t.Fatal(err)
		}
		check(foreign, nil)
		check(f, keys.ErrForeign)
	})
}

// A running portal takes a rotation over, and goes on with what it has when the file is spoilt.
func TestARunningPortalTakesARotationOver(t *testing.T) {
	d, c := dbtest.SQLite(t), newClock()
	f := makeFile(t, c)
	if err := f.Check(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	other, err := keys.Open(f.Path(), c.Now)
	if err != nil {
		t.Fatal(err)
	}
	rotate(t, other, keys.Challenge) // before it is watched: also what changed since it was opened is taken over
	ctx, stop := context.WithCancel(t.Context())
	var watching sync.WaitGroup
	watching.Go(func() { f.Watch(ctx, d) })
	defer watching.Wait()
	defer stop()
	for len(f.Keys()) != len(other.Keys()) {
		if err := context.Cause(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond) // until it is there, or the test's time is over
	}
	rows, err := d.Read().KeyFingerprints(t.Context())
	if err != nil || len(rows) != len(other.Keys()) {
		t.Errorf("the database knows %d of %d keys, %v", len(rows), len(other.Keys()), err)
	}
}

func FuzzKeyFile(f *testing.F) {
	f.Add([]byte(`{"format":"madoguchi keys 1","keys":[]}`))
	path := filepath.Join(f.TempDir(), "portal.keys")
	made, err := keys.Make(path, time.Now)
	if err != nil {
		f.Fatal(err)
	}
	whole, _ := os.ReadFile(made.Path())
	f.Add(whole)
	f.Fuzz(func(t *testing.T, data []byte) {
		file := filepath.Join(t.TempDir(), "portal.keys")
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		found, err := keys.Open(file, time.Now)
		if err != nil {
			return
		}
		for _, rule := range keys.Purposes {
			if rule.Purpose != keys.Anchor {
				found.Ring(rule.Purpose).Sum([]byte("x"))
			}
		}
	})
}
