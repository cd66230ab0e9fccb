package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/folder/foldertest"
	store "madoguchi/backend/store/ledger"
	"madoguchi/backend/store/seal/sealtest"
	"madoguchi/proto/ledger"
)

// record writes lines of a person into the ledger of a portal, and waits for their proofs.
func (w *world) record(folder string, contents ...string) {
	w.t.Helper()
	var ids []string
	err := w.db.Tx(context.Background(), func(q *db.Queries) error {
		ids = nil
		for _, content := range contents {
			ref, err := store.Append(context.Background(), q, folder, ledger.Exchanges, ledger.Exchange, time.Now(),
				[]byte(content))
			if err != nil {
				return err
			}
			ids = append(ids, ref.ID)
		}
		return nil
	})
	if err == nil {
		_, err = w.log.Wait(context.Background(), ids...)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// logCommand runs `portal log …`.
func logCommand(t *testing.T, settings map[string]string, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := tendLog(t.Context(), args, func(name string) string { return settings[name] }, &out)
	return out.String(), err
}

// The operator's commands, on the log of a portal that runs; and a stranger's, over the network.
func TestTheLogsCommands(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			dir := t.TempDir()
			w := startWorldWith(t, func(c *config) {
				c.log = filepath.Join(dir, "log")
				if engine == "postgres" {
					c.database, c.keys = dbtest.PostgresURL(t), filepath.Join(dir, "portal.keys")
					if _, err := say(t, c.database, c.keys, "make"); err != nil {
						t.Fatal(err)
					}
				}
			})
			w.t = t
			w.folder("F1")
			w.record("F1", "one", "two", "three")
			settings := map[string]string{
				"PORTAL_DATABASE": w.config.database, "PORTAL_KEYS": w.config.keys, "PORTAL_ORIGIN": w.config.origin,
				"PORTAL_LOG": w.config.log,
			}
			key, err := logCommand(t, settings, "vkey")
			if err != nil || key != w.get("/log/vkey").Body.String() {
				t.Errorf("%q, %v", key, err)
			}
			if out, err := logCommand(t, settings, "verify"); err != nil || !strings.Contains(out, "3 leaves") {
				t.Errorf("%q, %v", out, err)
			}
			out, err := logCommand(t, nil, "verify", w.front+"/log", strings.TrimSpace(key))
			if err != nil || !strings.Contains(out, "3 leaves") {
				t.Errorf("from outside: %q, %v", out, err)
			}
			if _, err := logCommand(t, nil, "verify", w.front+"/log", "stranger+00000000+AAAA"); err == nil {
				t.Error("a key that is none")
			}
			tile := filepath.Join(dir, "log", "tile", "0", "000.p", "3")
			if err := os.Remove(tile); err != nil {
				t.Fatal(err)
			}
			if _, err := logCommand(t, settings, "verify"); err == nil || !strings.Contains(err.Error(), "000.p/3") {
				t.Errorf("without a tile: %v", err)
			}
			out, err = logCommand(t, settings, "rebuild")
			if err != nil || !strings.Contains(out, "written anew: tile/0/000.p/3") {
				t.Errorf("%q, %v", out, err)
			}
			if out, err := logCommand(t, settings, "verify"); err != nil {
				t.Errorf("%q, %v", out, err)
			}
			for _, bad := range [][]string{nil, {"verfy"}, {"vkey", "x"}, {"verify", "https://a"}, {"witness"}} {
				if _, err := logCommand(t, settings, bad...); err == nil {
					t.Errorf("%q is understood", bad)
				}
			}
		})
	}
}

// The command runs a witness; the portal asks it, and shows what it signed.
func TestAPortalIsWitnessedByAnothersPortal(t *testing.T) {
	dir := t.TempDir()
	// The witness wants the log's key, and the portal the witness's: the key file is made before.
	var out lockedBuffer
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	w := startWorldWith(t, func(c *config) {
		c.logWitnesses = filepath.Join(dir, "witnesses")
		d := open(t, c.database)
		file, err := openKeys(t.Context(), c.keys, c.database, d)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		c.logOrigin = "portal.example.jp/log"
		signer, err := logSigner(c.logOrigin, file)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			ended <- runWitness(ctx, []string{
				"--folder", filepath.Join(dir, "w"), "--name", "w.example", "--address", "127.0.0.1:0", signer.Key(),
			}, &out)
		}()
		for !strings.Contains(out.String(), "\n") {
			time.Sleep(10 * time.Millisecond)
		}
		if err := os.WriteFile(c.logWitnesses, []byte(out.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	})
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	w.t = t
	w.folder("F1")
	w.record("F1", "one")
	for {
		answer := w.get("/log/checkpoint")
		if answer.Code != http.StatusOK {
			t.Fatal(answer.Code)
		}
		if strings.Contains(answer.Body.String(), "\n— w.example ") {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// A log keeps its name and its key: a portal that would give it another does not start, and says so.
func TestTheLogKeepsItsNameAndKey(t *testing.T) {
	_, c, front, back := prepare(t)
	front.Close()
	back.Close()
	c.logOrigin = "portal.example.jp/log"
	first, err := build(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	first.db.Close()
	_, err = say(t, c.database, c.keys, "rotate", "log")
	if err == nil || !strings.Contains(err.Error(), "nothing was changed") {
		t.Error(err)
	}
	for name, test := range map[string]struct {
		change func(*config)
		want   string
	}{
		"renamed": {func(c *config) { c.logOrigin = "other.example.jp/log" }, "PORTAL_LOG_ORIGIN"},
		"elsewhere": {
			func(c *config) { c.log, c.logOrigin = t.TempDir(), "other.example.jp/log" }, "PORTAL_LOG_ORIGIN",
		},
		"no folder": {func(c *config) { c.log = "/dev/null/log" }, "PORTAL_LOG"},
		"witnesses": {func(c *config) { c.logWitnesses = c.database }, "PORTAL_LOG_WITNESSES"},
	} {
		changed := c
		test.change(&changed)
		if p, err := build(t.Context(), changed); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", name, err)
			if err == nil {
				p.db.Close()
			}
		}
	}
	// The portal moves: the log is called as before.
	c.logOrigin = ""
	p, err := build(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer p.db.Close()
	if name := p.log.Signer.Name(); name != "portal.example.jp/log" {
		t.Error(name)
	}
}

// An older copy of the database is restored: the portal goes on with the log that lies outside of it, which says what
// was lost, and nobody who saw it before sees another.
func TestAfterARestoreTheLogGoesOn(t *testing.T) {
	dir := t.TempDir()
	database := filepath.Join(dir, "portal.sqlite")
	origin := "portal.example.jp/log"
	same := func(c *config) { c.database, c.keys, c.log, c.logOrigin = database, "", "", origin }
	var seen ledger.Checkpoint
	checkpoint := func(w *world) ledger.Checkpoint {
		c, err := ledger.OpenCheckpoint(w.get("/log/checkpoint").Body.String(), w.log.Signer, nil)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	copied := filepath.Join(dir, "copy")
	settings := func(name string) string { return map[string]string{"PORTAL_DATABASE": database}[name] }
	t.Run("before", func(t *testing.T) {
		w := startWorldWith(t, same)
		w.t = t
		w.folder("F1")
		w.record("F1", "one", "two")
		if err := backUp(t.Context(), []string{copied}, settings, &bytes.Buffer{}); err != nil {
			t.Fatal(err)
		}
		w.record("F1", "three", "four", "five")
		seen = checkpoint(w)
	})
	if err := restore(t.Context(), []string{copied}, settings, &bytes.Buffer{}); err != nil {
		t.Fatal(err)
	}
	t.Run("after", func(t *testing.T) {
		w := startWorldWith(t, same)
		w.t = t
		w.record("F1", "six")
		now := checkpoint(w)
		state, err := w.log.State(t.Context(), w.db.Read(), "F1", seen.Size)
		if err != nil {
			t.Fatal(err)
		}
		grown, err := ledger.Hashes(state.GetConsistency())
		if err == nil {
			err = ledger.CheckConsistency(seen, now, grown)
		}
		if err != nil || seen.Size != 5 || now.Size != 7 {
			t.Error(seen.Size, now.Size, err)
		}
		if lost := state.GetLosses(); len(lost) != 1 || lost[0].GetFrom() != 2 || lost[0].GetTo() != 5 {
			t.Error(lost)
		}
		if heads := state.GetHeads(); len(heads) != 1 || heads[0].GetCount() != 3 {
			t.Error(heads)
		}
	})
}

// lockedBuffer is written by one and read by another.
type lockedBuffer struct {
	lock sync.Mutex
	all  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.lock.Lock()
	defer b.lock.Unlock()
	return b.all.Write(p)
}

func (b *lockedBuffer) String() string {
	b.lock.Lock()
	defer b.lock.Unlock()
	return b.all.String()
}

// The log's key came to be known, and later its tree is lost: both times the operator has a way on, the lines are
// proven again, and everybody is told what happened.
func TestTheLogIsRenewed(t *testing.T) {
	dir := t.TempDir()
	database := filepath.Join(dir, "portal.sqlite")
	settings := map[string]string{
		"PORTAL_DATABASE":   database,
		"PORTAL_LOG_ORIGIN": "portal.example.jp/log",
		"PORTAL_LOG":        filepath.Join(dir, "log"),
	}
	keys := map[string]string{} // by the name of the step
	run := func(step, after string, lines ...string) {
		t.Run(step, func(t *testing.T) {
			w := startWorldWith(t, func(c *config) {
				c.database, c.keys = database, ""
				c.log, c.logOrigin = settings["PORTAL_LOG"], settings["PORTAL_LOG_ORIGIN"]
			})
			w.t = t
			if step == "begun" {
				w.folder("F1")
			}
			w.record("F1", lines...)
			keys[step] = w.log.Signer.Key()
			var told []string
			if err := json.Unmarshal(w.get("/log/handovers").Body.Bytes(), &told); err != nil {
				t.Fatal(err)
			}
			way, both := ledger.Handed(told, keys[after], keys[step])
			if after == "" && len(told) > 0 || after != "" && (len(way) != 1 || !both || string(way[0].Why) != step) {
				t.Errorf("after %q: %q", after, told)
			}
			listed, state, err := w.log.Lines(t.Context(), w.db.Read(), "F1", ledger.Exchanges, 1, 0, 0)
			if err != nil || len(listed) != int(state.GetHeads()[0].GetCount()) || listed[0].GetPending() {
				t.Error(listed, state, err)
			}
		})
		if out, err := logCommand(t, settings, "verify"); err != nil {
			t.Errorf("%s: %q, %v", step, out, err)
		}
	}
	run("begun", "", "one", "two")
	out, err := logCommand(t, settings, "renew", "stolen")
	if err != nil {
		t.Fatal(out, err)
	}
	run("stolen", "begun", "three")
	if keys["stolen"] == keys["begun"] || !strings.Contains(out, keys["stolen"]) {
		t.Errorf("%q, %q", keys, out)
	}
	settings["PORTAL_LOG"] = filepath.Join(dir, "log2")
	if _, err := logCommand(t, settings, "renew", "lost"); err == nil ||
		!strings.Contains(err.Error(), "another name") {
		t.Error("the same name:", err)
	}
	settings["PORTAL_LOG_ORIGIN"] = "portal.example.jp/log2"
	bent := filepath.Join(dir, "bent")
	if err := os.WriteFile(bent, []byte(`["madoguchi"]`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := logCommand(t, settings, "renew", "lost", "--handovers", bent); err == nil ||
		!strings.Contains(err.Error(), "does not tell how") {
		t.Error("with what is no handover:", err)
	}
	if _, err := logCommand(t, settings, "renew", "lost-key"); err == nil {
		t.Error("there is no tree that could go on")
	}
	// What everybody was shown of the first key lay with the tree, and is known all the same.
	if out, err := logCommand(t, settings, "renew", "lost"); err != nil {
		t.Fatal(out, err)
	}
	run("lost", "stolen", "four")
	place, err := store.NewFolder(settings["PORTAL_LOG"])
	if err != nil {
		t.Fatal(err)
	}
	list, _, err := store.ReadHandovers(t.Context(), place)
	way, both := ledger.Handed(list, keys["begun"], keys["lost"])
	if err != nil || len(way) != 2 || !both || way[1].Last.Size != 3 || way[1].Last.Root == (ledger.Hash{}) {
		t.Error("for a device that knew only the first key:", list, err)
	}
	if _, err := logCommand(t, settings, "renew", "lost-key"); err == nil ||
		!strings.Contains(err.Error(), "nothing was changed") {
		t.Error("the key is there:", err)
	}
	for _, bad := range [][]string{{"renew"}, {"renew", "bored"}, {"renew", "stolen", "x"}} {
		if _, err := logCommand(t, settings, bad...); err == nil {
			t.Errorf("%q is understood", bad)
		}
	}
}

// keyless is a portal of which only the database, the log and the key file are there.
type keyless struct {
	*world
	settings map[string]string
}

// opened opens the log as a portal does, records something, and gives the log as it is then; all lines are proven.
func (k keyless) opened(content string) (*store.Log, ledger.Checkpoint) {
	k.t.Helper()
	file, err := openKeys(context.Background(), "", k.settings["PORTAL_DATABASE"], k.db)
	if err != nil {
		k.t.Fatal(err)
	}
	c := config{log: k.settings["PORTAL_LOG"], logOrigin: k.settings["PORTAL_LOG_ORIGIN"]}
	if k.log, err = openLog(context.Background(), c, file, k.db); err != nil {
		k.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { k.log.Run(ctx) })
	defer running.Wait()
	defer stop()
	k.record("F1", content)
	lines, state, err := k.log.Lines(ctx, k.db.Read(), "F1", ledger.Exchanges, 1, 0, 0)
	if err != nil {
		k.t.Fatal(err)
	}
	signed, err := ledger.OpenCheckpoint(state.GetCheckpoint(), k.log.Signer, nil)
	if err != nil {
		k.t.Fatal(err)
	}
	for _, line := range lines {
		if line.GetPending() {
			k.t.Errorf("the line %d is not in the log", line.GetNumber())
		}
	}
	return k.log, signed
}

// The key file is gone for good, and no copy of it is left: the tree goes on under the key of a new one; and without
// the tree, another begins. Nobody can sign that with the key before, and everybody is told so; the lines are proven
// again, and with the tree it is proven that it grew from what was seen.
func TestTheLogsKeyIsLost(t *testing.T) {
	for _, step := range []ledger.Why{ledger.LostKey, ledger.Lost} {
		t.Run(string(step), func(t *testing.T) {
			dir := t.TempDir()
			k := keyless{&world{t: t, portal: &portal{}}, map[string]string{
				"PORTAL_DATABASE":   filepath.Join(dir, "portal.sqlite"),
				"PORTAL_LOG_ORIGIN": "portal.example.jp/log", "PORTAL_LOG": filepath.Join(dir, "log"),
			}}
			k.db = open(t, k.settings["PORTAL_DATABASE"])
			if err := k.db.SealWith(t.Context(), sealtest.Folders()); err != nil {
				t.Fatal(err)
			}
			foldertest.Open(t, k.db, "F1")
			before, seen := k.opened("one")
			file, err := keyPath("", k.settings["PORTAL_DATABASE"])
			if err == nil {
				err = os.Remove(file)
			}
			if err != nil {
				t.Fatal(err)
			}
			if step == ledger.Lost {
				k.settings["PORTAL_LOG"] = filepath.Join(dir, "log2")
				k.settings["PORTAL_LOG_ORIGIN"] = "portal.example.jp/log2"
			}
			for _, command := range []string{"make", "adopt"} {
				if out, err := say(t, k.settings["PORTAL_DATABASE"], "", command); err != nil {
					t.Fatal(out, err)
				}
			}
			if _, err := logCommand(t, k.settings, "renew", "stolen"); err == nil {
				t.Error("nobody can sign with the key before")
			}
			out, err := logCommand(t, k.settings, "renew", string(step))
			if err != nil || !strings.Contains(out, "has not signed") {
				t.Fatal(out, err)
			}
			now, c := k.opened("two")
			way, both := ledger.Handed(now.Handovers(), before.Signer.Key(), now.Signer.Key())
			if len(way) != 1 || both || way[0].Why != step || way[0].Last.Size != seen.Size ||
				way[0].Last.Root != seen.Root || c.Size != 2 {
				t.Error(way, both, c)
			}
			if step == ledger.Lost {
				return
			}
			grown, err := now.Grown(t.Context(), seen.Size, c.Size)
			if err != nil {
				t.Fatal(err)
			}
			hashes, err := ledger.Hashes(grown)
			if err == nil {
				err = ledger.CheckConsistency(seen, c, hashes)
			}
			if err != nil {
				t.Error("what was seen is not continued:", err)
			}
		})
	}
}
