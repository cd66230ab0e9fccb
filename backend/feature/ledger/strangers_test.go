package ledger_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
	"golang.org/x/mod/sumdb/note"
	_ "modernc.org/sqlite"

	store "madoguchi/backend/store/ledger"
	"madoguchi/proto/ledger"
)

// stranger is the path of somebody else's program.
func stranger(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs("../../../build/auditors/" + name)
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		t.Fatalf("%v: build it with `make build/auditors/%s`", err, name)
	}
	return path
}

// A person takes a line and its proof along; a stranger's program finds it in the log, and nothing else.
func TestSpicyAcceptsAProof(t *testing.T) {
	w := newWorld(t)
	refs := w.add("hanako", "one", "two", "three")
	for i, proof := range w.proofs(refs) {
		line := w.line("hanako", uint64(i)+1)
		dir := t.TempDir()
		path := filepath.Join(dir, "leaf")
		verify := func() error {
			out, err := exec.Command(stranger(t, "spicy"), "-verify", w.log.Signer.Key(), path).CombinedOutput()
			if err != nil {
				return fmt.Errorf("%w: %s", err, out)
			}
			return nil
		}
		leaf := line.Leaf()
		if err := errors.Join(
			os.WriteFile(path, leaf, 0o600), os.WriteFile(path+".spicy", []byte(proof.Line.Plain()), 0o600), verify(),
		); err != nil {
			t.Error(err)
		}
		for n := range leaf {
			if n%8 != 0 { // each byte of a hash is as good as another
				continue
			}
			bent := bytes.Clone(leaf)
			bent[n] ^= 1
			if err := os.WriteFile(path, bent, 0o600); err != nil {
				t.Fatal(err)
			}
			if verify() == nil {
				t.Errorf("with byte %d changed it is accepted", n)
			}
		}
	}
}

// An auditor reads the whole log, and comes to the root that was signed; of a log that was bent, they do not.
func TestFsckComesToTheRoot(t *testing.T) {
	w := newWorld(t)
	for range 30 {
		w.add("hanako", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j")
	}
	w.proofs(w.add("hanako", "last"))
	key := filepath.Join(t.TempDir(), "vkey")
	if err := os.WriteFile(key, []byte(w.log.Signer.Key()), 0o600); err != nil {
		t.Fatal(err)
	}
	// On a log that is bent it may not end: then it has not agreed.
	check := func(limit time.Duration) error {
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		defer cancel()
		out, err := exec.CommandContext(ctx, stranger(t, "fsck"), "--ui=false", "-v=1",
			"--storage_url="+w.front+"/log/", "--public_key="+key).CombinedOutput()
		if err == nil && bytes.Contains(out, []byte("fsck failed")) {
			err = errors.New("it says so")
		}
		if err != nil {
			return fmt.Errorf("%w, %w: %s", err, ctx.Err(), out)
		}
		return nil
	}
	if err := check(2 * time.Minute); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"tile/entries/000", "tile/0/000"} {
		path := filepath.Join(w.dir, filepath.FromSlash(name))
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		bent := bytes.Clone(whole)
		bent[77] ^= 1
		if err := os.WriteFile(path, bent, 0o600); err != nil {
			t.Fatal(err)
		}
		w.serveAnew() // which has no tile at hand
		if check(10*time.Second) == nil {
			t.Errorf("with %s bent it agrees", name)
		}
		if err := os.WriteFile(path, whole, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w.serveAnew()
	if err := check(2 * time.Minute); err != nil {
		t.Error("mended, it does not agree", err)
	}
}

// litewitness runs one that knows the log, with a key that an agent holds, and gives its key and address.
func litewitness(t *testing.T, log *ledger.Signer) (key, address string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "w") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{9}, 32))
	ring := agent.NewKeyring()
	if err := ring.Add(agent.AddedKey{PrivateKey: private}); err != nil {
		t.Fatal(err)
	}
	public, err := ssh.NewPublicKey(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	socket, err := net.Listen("unix", filepath.Join(dir, "agent"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	go func() {
		for {
			conn, err := socket.Accept()
			if err != nil {
				return
			}
			go func() { _ = agent.ServeAgent(ring, conn) }()
		}
	}()
	knows(t, filepath.Join(dir, "db"), log)
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = free.Addr().String()
	free.Close()
	command := exec.Command(stranger(t, "litewitness"), "-name", "lite.example/witness",
		"-db", filepath.Join(dir, "db"), "-ssh-agent", filepath.Join(dir, "agent"),
		"-key", ssh.FingerprintSHA256(public), "-listen", address)
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = command.Wait(); close(ended) }()
	t.Cleanup(func() { _ = command.Process.Kill(); <-ended })
	for {
		if conn, err := net.Dial("tcp", address); err == nil {
			conn.Close()
			break
		}
		select {
		case <-ended:
			t.Fatalf("it has ended: %s", &out)
		case <-time.After(20 * time.Millisecond):
		}
	}
	known := ledger.NewCosigner("lite.example/witness", private.Seed(), time.Now)
	return known.Key(), "http://" + address
}

// knows puts a log among those that a litewitness knows, as its witnessctl add-log and add-key do.
func knows(t *testing.T, path string, log *ledger.Signer) {
	t.Helper()
	pool, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	empty := sha256.Sum256(nil)
	for statement, args := range map[string][]any{
		`CREATE TABLE log (origin TEXT PRIMARY KEY, tree_size INTEGER NOT NULL, tree_hash TEXT NOT NULL);
		CREATE TABLE key (origin TEXT NOT NULL, key TEXT NOT NULL, FOREIGN KEY(origin) REFERENCES log(origin));
		INSERT INTO log VALUES ($1, 0, $2); INSERT INTO key VALUES ($1, $3)`: {
			log.Name(), base64.StdEncoding.EncodeToString(empty[:]), log.Key(),
		},
	} {
		if _, err := pool.Exec(statement, args...); err != nil {
			t.Fatal(err)
		}
	}
}

// A stranger's witness cosigns the log as it grows, and refuses one that was bent.
func TestLitewitnessCosignsAndRefuses(t *testing.T) {
	w := newWorld(t)
	key, address := litewitness(t, w.log.Signer)
	witnesses, err := store.ReadWitnesses(key + " " + address)
	if err != nil {
		t.Fatal(err)
	}
	w.ask(witnesses)
	for _, content := range []string{"one", "two"} {
		before := w.proofs(w.add("hanako", content))
		c, err := ledger.OpenCheckpoint(before[0].Line.Checkpoint, w.log.Signer, nil)
		if err != nil {
			t.Fatal(err)
		}
		w.untilConfirmed(c.Size, witnesses[0].Witness)
	}
	// The same size with another root, and a larger one with a proof that proves nothing.
	for _, size := range []uint64{2, 3} {
		bent := ledger.Checkpoint{Origin: w.log.Signer.Name(), Size: size, Root: ledger.Hash{1}}
		signed, err := note.Sign(&note.Note{Text: ledger.FormatCheckpoint(bent)}, w.log.Signer)
		if err != nil {
			t.Fatal(err)
		}
		body := fmt.Sprintf("old 2\n%s\n%s", strings.Repeat(ledger.Hash{2}.String()+"\n", int(size-2)), signed)
		answer, err := http.Post(address+"/add-checkpoint", "text/plain", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		said, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		if answer.StatusCode == http.StatusOK {
			t.Errorf("of %d leaves it signs a bent log: %s", size, said)
		}
	}
}
