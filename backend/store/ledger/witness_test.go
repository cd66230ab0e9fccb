package ledger_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/folder/foldertest"
	store "madoguchi/backend/store/ledger"
	"madoguchi/backend/store/witness"
	"madoguchi/proto/ledger"
)

// witnessed opens a log with so many witnesses of our own, each at an address.
func witnessed(t *testing.T, d *db.DB, place store.Place, handlers ...http.Handler) *store.Log {
	t.Helper()
	var lines []string
	for i, handler := range handlers {
		w, err := witness.Open(filepath.Join(t.TempDir(), "w"), fmt.Sprintf("w%d.example", i),
			[]string{signer(t).Key()}, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { w.Close() })
		if handler == nil {
			handler = w
		}
		server := httptest.NewServer(handler)
		t.Cleanup(server.Close)
		lines = append(lines, w.Key()+" "+server.URL)
	}
	asked, err := store.ReadWitnesses("# those whom we ask\n\n" + strings.Join(lines, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	l, err := store.Open(t.Context(), store.Config{
		DB: d, Place: place, Signer: signer(t), Witnesses: asked, Client: http.DefaultClient, Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func refuses(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, "no", http.StatusInternalServerError)
}

// pretends answers with a signature that is another's.
func pretends(w http.ResponseWriter, _ *http.Request) {
	_, _ = fmt.Fprintln(w, "— w1.example "+strings.Repeat("A", 104)+"==")
}

// Who of the witnesses answers is counted; who does not, or falsely, keeps nobody from the log.
func TestWitnessesAreCountedAsTheyAnswer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		foldertest.Open(t, d, "hanako")
		l := witnessed(t, d, inFolder(t, t.TempDir()), nil, http.HandlerFunc(pretends), http.HandlerFunc(refuses), nil)
		w := store.NewWriter(l)
		confirmed := func(wanted int, sizes ...uint64) {
			t.Helper()
			_, state, now := checked(t, l, d, "hanako", ledger.Checkpoint{})
			var known []*ledger.Witness
			for _, key := range state.GetWitnessKeys() {
				k, err := ledger.NewWitness(key)
				if err != nil {
					t.Fatal(err)
				}
				known = append(known, k)
			}
			c, err := ledger.OpenCheckpoint(state.GetWitnessed(), signer(t), known)
			if err != nil {
				t.Fatal(err)
			}
			grown, err := ledger.Hashes(state.GetWitnessedConsistency())
			if err != nil {
				t.Fatal(err)
			}
			if err := ledger.CheckConsistency(c, now, grown); err != nil {
				t.Error(err)
			}
			got := c.Confirmed(time.Now(), time.Hour)
			if len(got) != wanted || c.Size != sizes[0] || now.Size != sizes[1] {
				t.Errorf("%v confirm it at %d of %d", got, c.Size, now.Size)
			}
		}
		add(t, d, "hanako", ledger.Exchanges, "one", "two", "three")
		written(t, w)
		if err := l.AskWitnesses(t.Context()); err != nil {
			t.Fatal(err)
		}
		confirmed(2, 3, 3)
		// The log goes on; what was cosigned stays, until the next is.
		add(t, d, "hanako", ledger.Exchanges, "four", "five")
		written(t, w)
		confirmed(2, 3, 5)
		shown, err := l.Checkpoint(t.Context())
		if err != nil || strings.Count(shown, "\n— ") != 1 {
			t.Error(shown, err)
		}
		if err := l.AskWitnesses(t.Context()); err != nil {
			t.Fatal(err)
		}
		confirmed(2, 5, 5)
		if shown, err := l.Checkpoint(t.Context()); err != nil || strings.Count(shown, "\n— ") != 3 {
			t.Error(shown, err)
		}
	})
}

// A log that was rewritten behind the back of a witness, or rolled back, gets no signature.
func TestAWitnessRefusesABentHistory(t *testing.T) {
	d := dbtest.SQLite(t)
	foldertest.Open(t, d, "hanako")
	l := open(t, d, inFolder(t, t.TempDir()))
	w := store.NewWriter(l)
	us, err := witness.Open(filepath.Join(t.TempDir(), "w"), "w.example", []string{signer(t).Key()}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer us.Close()
	show := func(c ledger.Checkpoint, from uint64, proof string) int {
		t.Helper()
		signed, err := note.Sign(&note.Note{Text: ledger.FormatCheckpoint(c)}, signer(t))
		if err != nil {
			t.Fatal(err)
		}
		return asked(us, fmt.Sprintf("old %d\n%s\n%s", from, proof, signed))
	}
	add(t, d, "hanako", ledger.Exchanges, "one", "two", "three")
	written(t, w)
	_, _, first := checked(t, l, d, "hanako", ledger.Checkpoint{})
	if status := show(first, 0, ""); status != http.StatusOK {
		t.Fatal(status)
	}
	add(t, d, "hanako", ledger.Exchanges, "four")
	written(t, w)
	_, _, second := checked(t, l, d, "hanako", ledger.Checkpoint{})
	grown, err := l.Grown(t.Context(), 3, 4)
	if err != nil {
		t.Fatal(err)
	}
	proof := ""
	for _, h := range grown {
		proof += ledger.Hash(h).String() + "\n"
	}
	bent, rolled, stranger := second, first, second
	bent.Root[3] ^= 1
	rolled.Size = 2
	stranger.Origin = "stranger.example/log"
	for name, test := range map[string]struct {
		c     ledger.Checkpoint
		from  uint64
		proof string
		want  int
	}{
		"rewritten":           {bent, 3, proof, http.StatusUnprocessableEntity},
		"rolled back":         {rolled, 3, "", http.StatusBadRequest},
		"rolled back, as new": {rolled, 0, "", http.StatusConflict},
		"without a proof":     {second, 3, "", http.StatusUnprocessableEntity},
		"from another size":   {second, 2, proof, http.StatusConflict},
		"as if nothing was":   {second, 0, "", http.StatusConflict},
		"of a stranger":       {stranger, 0, "", http.StatusNotFound},
		"the same size, forked": {
			ledger.Checkpoint{Origin: origin, Size: 3, Root: bent.Root}, 3, "", http.StatusConflict,
		},
	} {
		if status := show(test.c, test.from, test.proof); status != test.want {
			t.Errorf("%s: %d", name, status)
		}
	}
	if status := show(second, 3, proof); status != http.StatusOK {
		t.Error("after all this the true one is refused", status)
	}
	for _, bad := range []string{"", "old", "old 3", "old 03\n\nx", "old 4\nx\n\ny", strings.Repeat("old 1\n", 1000)} {
		if status := asked(us, bad); status == http.StatusOK {
			t.Errorf("%.20q was signed", bad)
		}
	}
	if status := asked(us, "old 4\n\n"+strings.Repeat("x", 1<<17)); status != http.StatusBadRequest {
		t.Error("what has no end is read", status)
	}
	if _, err := witness.Open(filepath.Dir(t.TempDir()), "a name", []string{signer(t).Key()}, time.Now); err == nil {
		t.Error("a name that is none")
	}
}

func asked(us http.Handler, body string) int {
	answer := httptest.NewRecorder()
	us.ServeHTTP(answer, httptest.NewRequest(http.MethodPost, "/add-checkpoint", strings.NewReader(body)))
	return answer.Code
}

// Whoever has the log alone finds any byte of it that is another; and what can be made anew of the entries is.
func TestALogIsVerifiedToTheLastByte(t *testing.T) {
	d := dbtest.SQLite(t)
	foldertest.Open(t, d, "hanako")
	dir := t.TempDir()
	l := open(t, d, inFolder(t, dir))
	w := store.NewWriter(l)
	for range 30 {
		add(t, d, "hanako", ledger.Exchanges, "a", "b", "c", "d", "e", "f", "g", "h", "i", "j")
		written(t, w)
	}
	v, err := store.Verify(t.Context(), inFolder(t, dir), signer(t), false)
	if err != nil || v.Size != 300 || v.Lines != 300 {
		t.Fatal(v, err)
	}
	if left, err := os.ReadDir(filepath.Join(dir, "pending")); err != nil || len(left) > 0 {
		t.Error("what was staged is left there", left, err)
	}
	for _, name := range []string{
		"checkpoint", "tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/44",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		bent := append([]byte(nil), whole...)
		bent[len(bent)/2] ^= 1
		if err := os.WriteFile(path, bent, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := store.Verify(t.Context(), inFolder(t, dir), signer(t), false); err == nil {
			t.Errorf("%s with another byte fits", name)
		}
		mended, err := store.Verify(t.Context(), inFolder(t, dir), signer(t), true)
		if hashes := strings.HasPrefix(name, "tile/") && !strings.Contains(name, "entries"); hashes != (err == nil) ||
			hashes && len(mended.Mended) != 1 {
			t.Errorf("%s: %v, %v", name, mended.Mended, err)
		}
		if err := os.WriteFile(path, whole, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// Proofs are not made of a tile that is damaged.
	if err := os.WriteFile(filepath.Join(dir, "tile/0/001.p/44"), make([]byte, 44*32), 0o600); err != nil {
		t.Fatal(err)
	}
	again := open(t, d, inFolder(t, dir))
	if _, _, err := again.Lines(t.Context(), d.Read(), "hanako", ledger.Exchanges, 290, 300, 0); err == nil {
		t.Error("a proof was made of a damaged tile")
	}
}
