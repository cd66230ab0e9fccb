package seal_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"madoguchi/backend/store/seal"
	"madoguchi/backend/store/seal/sealtest"
)

func keyOf(t testing.TB, folders *seal.Folders, folder string) *seal.Key {
	t.Helper()
	key, err := folders.Make(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

var place = seal.Place{Folder: "F1", Table: "notice", Column: "title", Row: []string{"n1"}}

func TestWhatIsSealedOpensInItsPlaceAlone(t *testing.T) {
	folders := sealtest.Folders()
	key, other := keyOf(t, folders, "F1"), keyOf(t, folders, "F2")
	text, err := key.SealText(place, "住民税のお知らせ")
	if err != nil {
		t.Fatal(err)
	}
	blob, err := key.Seal(place, []byte("住民税のお知らせ"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := key.OpenText(place, text); err != nil || got != "住民税のお知らせ" {
		t.Fatalf("%q, %v", got, err)
	}
	if got, err := key.Open(place, blob); err != nil || string(got) != "住民税のお知らせ" {
		t.Fatalf("%q, %v", got, err)
	}
	for name, elsewhere := range map[string]seal.Place{
		"row":    {Folder: "F1", Table: "notice", Column: "title", Row: []string{"n2"}},
		"column": {Folder: "F1", Table: "notice", Column: "body", Row: []string{"n1"}},
		"table":  {Folder: "F1", Table: "task", Column: "title", Row: []string{"n1"}},
		"folder": {Folder: "F2", Table: "notice", Column: "title", Row: []string{"n1"}},
		"framed": {Folder: "F1", Table: "notice", Column: "titlen1", Row: nil},
		"split":  {Folder: "F1", Table: "notice", Column: "title", Row: []string{"n", "1"}},
	} {
		if got, err := key.OpenText(elsewhere, text); !errors.Is(err, seal.ErrBroken) || got != "" {
			t.Errorf("in another %s: %q, %v", name, got, err)
		}
		if got, err := key.Open(elsewhere, blob); !errors.Is(err, seal.ErrBroken) || got != nil {
			t.Errorf("in another %s: %q, %v", name, got, err)
		}
	}
	if got, err := other.OpenText(place, text); !errors.Is(err, seal.ErrBroken) || got != "" {
		t.Errorf("with another folder's key: %q, %v", got, err)
	}
	for i := range blob {
		changed := bytes.Clone(blob)
		changed[i] ^= 1
		if _, err := key.Open(place, changed); !errors.Is(err, seal.ErrBroken) {
			t.Errorf("byte %d changed: %v", i, err)
		}
	}
	if _, err := key.OpenText(place, "plain"); !errors.Is(err, seal.ErrBroken) {
		t.Errorf("a plain text: %v", err)
	}
}

func TestWhatIsSealedTellsLittle(t *testing.T) {
	key := keyOf(t, sealtest.Folders(), "F1")
	on, _ := key.SealText(place, "on")
	off, _ := key.SealText(place, "off")
	again, _ := key.SealText(place, "on")
	if len(on) != len(off) || on == again {
		t.Errorf("%d bytes for on, %d for off; twice the same: %v", len(on), len(off), on == again)
	}
	for _, plain := range []string{
		"", "a", strings.Repeat("あ", 1000), "\x80", "\x00\x80\x00", strings.Repeat("x", 32),
	} {
		sealed, err := key.SealText(place, plain)
		if err != nil || len(plain) > 8 && strings.Contains(sealed, plain) {
			t.Errorf("%q: %q, %v", plain, sealed, err)
		}
		if got, err := key.OpenText(place, sealed); err != nil || got != plain {
			t.Errorf("%q: %q, %v", plain, got, err)
		}
	}
	if none, err := key.Seal(place, nil); err != nil || none != nil {
		t.Errorf("none: %v, %v", none, err)
	}
}

func TestSumsAreTheFoldersOwn(t *testing.T) {
	folders := sealtest.Folders()
	key, other := keyOf(t, folders, "F1"), keyOf(t, folders, "F2")
	sum := key.Sum(place, "a")
	elsewhere := place
	elsewhere.Column = "same"
	if sum != key.Sum(place, "a") || !seal.IsSum(sum) {
		t.Error("the sum of one text changes")
	}
	if sum == key.Sum(place, "b") || sum == other.Sum(place, "a") || sum == key.Sum(elsewhere, "a") {
		t.Error("two things have one sum")
	}
}

func stores(t *testing.T, test func(t *testing.T, open func() seal.Store)) {
	t.Run("memory", func(t *testing.T) {
		kept := sealtest.NewStore()
		test(t, func() seal.Store { return kept })
	})
	each(t, func(t *testing.T, address string) {
		test(t, func() seal.Store {
			kept, err := seal.MakeStore(t.Context(), address, "")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { kept.Close() })
			return kept
		})
	})
}

func TestAFoldersKeyIsMadeOnceAndDestroyed(t *testing.T) {
	stores(t, func(t *testing.T, open func() seal.Store) {
		ctx, wrapping := t.Context(), sealtest.NewWrapping()
		one := seal.New(open(), wrapping, time.Now)
		if _, err := one.Key(ctx, "F1"); !errors.Is(err, seal.ErrNoKey) {
			t.Fatalf("before it was made: %v", err)
		}
		sealed, err := keyOf(t, one, "F1").SealText(place, "text")
		if err != nil {
			t.Fatal(err)
		}
		two := seal.New(open(), wrapping, time.Now)
		if got, err := keyOf(t, two, "F1").OpenText(place, sealed); err != nil || got != "text" {
			t.Fatalf("another process: %q, %v", got, err)
		}
		lacks, err := one.Store().Lacks(ctx, []string{"F0", "F1", "F2"})
		if err != nil || fmt.Sprint(lacks) != "[F0 F2]" {
			t.Errorf("without a key: %v, %v", lacks, err)
		}
		for range 2 {
			if err := one.Destroy(ctx, "F1"); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := one.Key(ctx, "F1"); !errors.Is(err, seal.ErrNoKey) {
			t.Errorf("destroyed: %v", err)
		}
		if got, err := keyOf(t, one, "F1").OpenText(place, sealed); !errors.Is(err, seal.ErrBroken) {
			t.Errorf("a new key opens it: %q, %v", got, err)
		}
	})
}

func TestManyWhoMakeAKeyAtOnceHaveOne(t *testing.T) {
	stores(t, func(t *testing.T, open func() seal.Store) {
		ctx, wrapping := t.Context(), sealtest.NewWrapping()
		var all sync.WaitGroup
		var mu sync.Mutex
		var sealed []string
		for range 8 {
			folders := seal.New(open(), wrapping, time.Now)
			all.Go(func() {
				key, err := folders.Make(ctx, "F1")
				if err != nil {
					t.Error(err)
					return
				}
				text, err := key.SealText(place, "text")
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				sealed = append(sealed, text)
			})
		}
		all.Wait()
		key := keyOf(t, seal.New(open(), wrapping, time.Now), "F1")
		for _, text := range sealed {
			if got, err := key.OpenText(place, text); err != nil || got != "text" {
				t.Errorf("%q, %v", got, err)
			}
		}
	})
}

// The key that wraps is followed by another while both are in use; afterwards nothing hangs on the first.
func TestKeysAreWrappedAnew(t *testing.T) {
	stores(t, func(t *testing.T, open func() seal.Store) {
		ctx, wrapping := t.Context(), sealtest.NewWrapping()
		folders := seal.New(open(), wrapping, time.Now)
		sealed := map[string]string{}
		for i := range 1200 { // more than are wrapped at once
			id := fmt.Sprintf("F%04d", i)
			if i%400 > 0 {
				continue
			}
			text, err := keyOf(t, folders, id).SealText(place, id)
			if err != nil {
				t.Fatal(err)
			}
			sealed[id] = text
		}
		var more []string
		for i := range 1100 {
			more = append(more, fmt.Sprintf("G%04d", i))
		}
		if err := folders.MakeAll(ctx, more); err != nil {
			t.Fatal(err)
		}
		wrapping.Rotate()
		count, err := folders.Rewrap(ctx)
		if err != nil || count != len(sealed)+len(more) {
			t.Fatalf("%d wrapped anew, %v", count, err)
		}
		if left, err := folders.Store().NotBy(ctx, wrapping.Wraps(), 1); err != nil || len(left) > 0 {
			t.Errorf("left: %v, %v", left, err)
		}
		fresh := seal.New(open(), wrapping, time.Now)
		if err := fresh.Check(ctx); err != nil {
			t.Error(err)
		}
		for id, text := range sealed {
			if got, err := keyOf(t, fresh, id).OpenText(place, text); err != nil || got != id {
				t.Errorf("%s: %q, %v", id, got, err)
			}
		}
		if err := seal.New(open(), sealtest.NewWrapping(), time.Now).Check(ctx); err == nil {
			t.Error("another key file unwraps it")
		}
	})
}

// A wrapped key put in another folder's place does not unwrap.
func TestAWrappedKeyIsOneFolders(t *testing.T) {
	ctx, kept, wrapping := context.Background(), sealtest.NewStore(), sealtest.NewWrapping()
	folders := seal.New(kept, wrapping, time.Now)
	keyOf(t, folders, "F1")
	w, err := kept.Get(ctx, "F1")
	if err != nil {
		t.Fatal(err)
	}
	w.Folder = "F2"
	if err := kept.Add(ctx, w); err != nil {
		t.Fatal(err)
	}
	if key, err := folders.Key(ctx, "F2"); err == nil {
		t.Errorf("it is %v", key)
	}
}

func BenchmarkSeal(b *testing.B) {
	for _, size := range []int{6, 100, 3000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			key, plain := keyOf(b, sealtest.Folders(), "F1"), strings.Repeat("x", size)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := key.SealText(place, plain); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	for _, size := range []int{6, 100, 3000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			key := keyOf(b, sealtest.Folders(), "F1")
			sealed, err := key.SealText(place, strings.Repeat("x", size))
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.ReportMetric(float64(len(sealed)), "bytes-kept")
			for b.Loop() {
				if _, err := key.OpenText(place, sealed); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// A key that is not held open: asked of the file, unwrapped and read.
func BenchmarkKeyOfAFolder(b *testing.B) {
	kept, err := seal.MakeStore(b.Context(), b.TempDir()+"/folders", "")
	if err != nil {
		b.Fatal(err)
	}
	defer kept.Close()
	wrapping := sealtest.NewWrapping()
	keyOf(b, seal.New(kept, wrapping, time.Now), "F1")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := seal.New(kept, wrapping, time.Now).Key(b.Context(), "F1"); err != nil {
			b.Fatal(err)
		}
	}
}

// What a search by keyed bigrams would add to a sealed text: the folder's code of every two characters beside each
// other (HMAC-SHA256, eight bytes), each once. It was measured, and is not done: see the package's words.
func BenchmarkKeyedBigrams(b *testing.B) {
	text := []rune(strings.Repeat("国民健康保険料の額が決まりました。納付書をお送りしますので、金融機関かコンビニで、"+
		"期限までにお納めください。口座振替の方は引き落とされます。", 6)[:900])
	// Repeated sentences would have too few different pairs: each sentence gets characters of its own.
	for i := range text {
		text[i] += rune(i / 57)
	}
	key := []byte("0123456789abcdef0123456789abcdef")
	kept := 0
	for b.Loop() {
		seen := map[[8]byte]bool{}
		for i := range len(text) - 1 {
			mac := hmac.New(sha256.New, key)
			mac.Write([]byte(string(text[i : i+2])))
			seen[[8]byte(mac.Sum(nil))] = true
		}
		kept = len(seen)
	}
	b.ReportMetric(float64(len(text)), "characters")
	b.ReportMetric(float64(kept), "codes")
}
