package witness

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"madoguchi/proto/ledger"
)

// memory keeps in memory what a part keeps in its file.
type memory struct{ data []byte }

func (m *memory) Keep(what any) (err error) {
	m.data, err = json.Marshal(what)
	return err
}

func (m *memory) Kept(what any) bool { return m.data != nil && json.Unmarshal(m.data, what) == nil }

// tree is a log of so many leaves.
func tree(t *testing.T, s *ledger.Signer, size int64, proofFrom int64) (signed, body string) {
	t.Helper()
	var hashes []tlog.Hash
	reader := tlog.HashReaderFunc(func(at []int64) (list []tlog.Hash, err error) {
		for _, i := range at {
			list = append(list, hashes[i])
		}
		return list, nil
	})
	for n := range size {
		more, err := tlog.StoredHashes(n, fmt.Appendf(nil, "leaf %d", n), reader)
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, more...)
	}
	root, err := tlog.TreeHash(size, reader)
	if err != nil {
		t.Fatal(err)
	}
	text := ledger.FormatCheckpoint(ledger.Checkpoint{Origin: s.Name(), Size: uint64(size), Root: root})
	note, err := note.Sign(&note.Note{Text: text}, s)
	if err != nil {
		t.Fatal(err)
	}
	lines := fmt.Sprintf("old %d\n", proofFrom)
	if proofFrom > 0 && proofFrom < size {
		proof, err := tlog.ProveTree(size, proofFrom, reader)
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range proof {
			lines += base64.StdEncoding.EncodeToString(h[:]) + "\n"
		}
	}
	return string(note), lines + "\n" + string(note)
}

// A witness takes in the portal's log, cosigns what goes on from what it saw, also after a restart, and nothing else.
func TestAWitnessSignsWhatGoesOn(t *testing.T) {
	s, err := ledger.NewSigner("portal.example/log", make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	portal := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, s.Key()+"\n")
	}))
	defer portal.Close()
	keeper := &memory{}
	key := cosigner(1, time.Now)
	w := New(key, portal.URL, keeper)
	show := func(body string) (int, string) {
		out := httptest.NewRecorder()
		w.ServeHTTP(out, httptest.NewRequest(http.MethodPost, "/witness1/add-checkpoint", strings.NewReader(body)))
		return out.Code, out.Body.String()
	}
	signs := func(size, from int64) {
		t.Helper()
		signed, body := tree(t, s, size, from)
		status, lines := show(body)
		c, err := ledger.OpenCheckpoint(signed+lines, s, []*ledger.Witness{key.Witness})
		if status != http.StatusOK || err != nil || len(c.Cosigned) != 1 {
			t.Errorf("%d after %d: %d %s %v", size, from, status, lines, err)
		}
	}
	signs(3, 0)
	signs(5, 3)
	w = New(key, "http://127.0.0.1:1", keeper) // it asks nobody any more
	signs(5, 5)
	signs(9, 5)
	stranger, err := ledger.NewSigner("portal.example/log", []byte(strings.Repeat("x", 32)))
	if err != nil {
		t.Fatal(err)
	}
	_, forged := tree(t, stranger, 12, 9)
	_, back := tree(t, s, 5, 3)
	_, bent := tree(t, s, 12, 9)
	bent = strings.Replace(bent, "old 9\n", "old 9\n"+ledger.Hash{1}.String()+"\n", 1)
	for body, want := range map[string]int{
		"": http.StatusBadRequest, "old 9\n\nnothing": http.StatusForbidden, forged: http.StatusForbidden,
		back: http.StatusConflict, bent: http.StatusUnprocessableEntity,
	} {
		if status, said := show(body); status != want {
			t.Errorf("%.40q: %d %s", body, status, said)
		}
	}
	if status, said := show(back); status != http.StatusConflict || said != "9\n" {
		t.Error(said)
	}
	signs(12, 9)
}

// The portal's list names each with its key and where it is.
func TestThePortalKnowsThem(t *testing.T) {
	dir := t.TempDir()
	if err := known(dir, "127.0.0.1:8090"); err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadFile(filepath.Join(dir, List))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(list)), "\n")
	if len(lines) != witnesses {
		t.Fatalf("%q", lines)
	}
	for n, line := range lines {
		key, address, _ := strings.Cut(line, " ")
		if _, err := ledger.NewWitness(key); err != nil || address != "http://127.0.0.1:8090/"+id(n+1) {
			t.Error(line, err)
		}
	}
}
