package application

import (
	"bufio"
	"cmp"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"madoguchi/backend/door/office/officetest"
	"madoguchi/backend/outside/jlis"
	"madoguchi/backend/store/card/cardtest"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/folder/foldertest"
	"madoguchi/backend/store/keys"
	"madoguchi/backend/store/seal"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/ledger"
)

// kept opens a world that lies in a folder, as a portal does after it ended; its database at an address, or in the
// folder, too.
func kept(t *testing.T, dir, address string) *world {
	t.Helper()
	ctx, path := context.Background(), filepath.Join(dir, "keys")
	d, err := db.Open(ctx, cmp.Or(address, filepath.Join(dir, "portal.sqlite")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	open := func(path string) (seal.Store, error) { return seal.OpenStore(ctx, path) }
	file, err := keys.Open(path, time.Now)
	if err != nil {
		file, err = keys.Make(path, time.Now)
		open = func(path string) (seal.Store, error) { return seal.MakeStore(ctx, path, "") }
	}
	if err != nil {
		t.Fatal(err)
	}
	store, err := open(filepath.Join(dir, "folders"))
	if err != nil {
		t.Fatal(err)
	}
	if err := d.SealWith(ctx, seal.New(store, file.Ring(keys.Folder), time.Now)); err != nil {
		t.Fatal(err)
	}
	return worldOn(t, d, filepath.Join(dir, "log"))
}

// settle has the office and 花子 be there.
func (w *world) settle() {
	w.t.Helper()
	officetest.Register(w.t, w.db, db.OfficeRegisterParams{
		ID: meguro, Name: "目黒区", Duties: "person application", MunicipalityCode: meguro,
	})
	foldertest.Open(w.t, w.db, "hanako")
	foldertest.GiveCards(w.t, w.db, "hanako", cardtest.Of(w.t, "yamada-hanako"))
}

// numbered is the n-th application: the same in every process.
func (w *world) numbered(n int) *portalv1.SendApplicationRequest {
	nonces.Store(int64(1000 + n))
	return w.signed("yamada-hanako", w.filled(nil), nil)
}

// However often the portal is killed, whatever it said has arrived is there, once; and what it had no time to answer is
// sent again and is one.
func TestKilledWhileItIsSent(t *testing.T) {
	if dir := os.Getenv("APPLICATION_DIR"); dir != "" {
		w := kept(t, dir, "")
		var from int
		if _, err := fmt.Sscan(os.Getenv("APPLICATION_FROM"), &from); err != nil {
			t.Fatal(err)
		}
		for n := from; ; n++ {
			fmt.Println("sending", n)
			fmt.Println("sent", n, w.send("hanako", w.numbered(n)).GetNumber())
		}
	}
	dir := t.TempDir()
	first := kept(t, dir, "")
	first.settle()
	sent := map[int]string{}
	next := 0
	for range 4 {
		dies := exec.Command(os.Args[0], "-test.run", "^TestKilledWhileItIsSent$")
		dies.Env = append(os.Environ(), "APPLICATION_DIR="+dir, fmt.Sprintf("APPLICATION_FROM=%d", next))
		out, err := dies.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := dies.Start(); err != nil {
			t.Fatal(err)
		}
		lines := 3 + rand.IntN(9)
		for s := bufio.NewScanner(out); s.Scan(); {
			var n int
			var number string
			if _, err := fmt.Sscanf(s.Text(), "sent %d %s", &n, &number); err == nil {
				sent[n] = number
			}
			if _, err := fmt.Sscanf(s.Text(), "sending %d", &n); err == nil {
				next = n
			}
			if lines--; lines == 0 { // within the call, or just behind it
				for range rand.IntN(3_000_000) {
				}
				_ = dies.Process.Kill()
			}
		}
		if err := dies.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
			t.Fatalf("it was to be killed: %v", err)
		}
	}
	w := kept(t, dir, "")
	for n := 0; n <= next; n++ {
		a := w.send("hanako", w.numbered(n))
		if before := sent[n]; before != "" && before != a.GetNumber() {
			t.Errorf("%d was %s, and is %s", n, before, a.GetNumber())
		}
	}
	list, err := w.people.ListApplications(w.as("hanako"), &portalv1.ListApplicationsRequest{})
	if err != nil || len(list.GetApplications()) != next+1 {
		t.Errorf("%d applications of %d, %v", len(list.GetApplications()), next+1, err)
	}
	lines, _ := w.list(meguro, "")
	numbers := map[string]bool{}
	for _, line := range lines {
		numbers[line.GetNumber()] = true
	}
	if len(numbers) != min(next+1, 20) {
		t.Errorf("the office has %d", len(numbers))
	}
}

// Where a portal can end while an application is sent, and whether it stands then.
var ends = []struct {
	at     string
	stands bool
}{
	{"the signature is looked at", false},
	{"its row is written, its draft is not taken", false},
	{"its draft is taken, the ledger does not know", false},
	{"all is written, and not committed", false},
	{"it is committed, and not answered", true},
	{"it is answered, and not stamped", true},
	{"the stamp has come, and is not kept", true},
	{"the stamp is kept, the job is not done", true},
}

// dying ends the process, as kill -9 does, when it has come to where it is to.
type dying struct {
	Authority
	Drafts
	at string
}

func (d dying) now(at string) {
	if at == d.at {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
}

func (d dying) Evidence(ctx context.Context, of, by *x509.Certificate) (jlis.Evidence, error) {
	d.now(ends[0].at)
	return d.Authority.Evidence(ctx, of, by)
}

func (d dying) Take(
	ctx context.Context, q *db.Queries, folder, draft, application string,
) ([]*portalv1.Attachment, error) {
	d.now(ends[1].at)
	return d.Drafts.Take(ctx, q, folder, draft, application)
}

// die sends the n-th and dies there.
func (w *world) die(at string, n int) {
	d := dying{w.people.JLIS, w.people.Drafts, at}
	w.people.JLIS, w.people.Drafts = d, d
	w.people.Filed = func(context.Context, *db.Queries, string, string, string, time.Time) error {
		d.now(ends[2].at)
		return nil
	}
	w.people.Wake = func() { d.now(ends[4].at) }
	stamp := w.people.Stamp
	w.people.Stamp = func(ctx context.Context, content []byte) ([]byte, error) {
		d.now(ends[5].at)
		token, err := stamp(ctx, content)
		d.now(ends[6].at)
		return token, err
	}
	r := w.numbered(n)
	if at == ends[3].at {
		p, err := w.people.prepare(w.as("hanako"), "hanako", r)
		if err != nil {
			w.t.Fatal(err)
		}
		err = w.db.Tx(w.as("hanako"), func(q *db.Queries) error {
			if err := w.people.put(w.as("hanako"), q, p); err != nil {
				return err
			}
			d.now(at)
			return nil
		})
		w.t.Fatal("it lives on", err)
	}
	w.stamped(w.send("hanako", r).GetId())
	d.now(ends[7].at)
	w.t.Fatal("it lives on")
}

// stamped does the job of a receipt.
func (w *world) stamped(id string) {
	w.t.Helper()
	payload, err := json.Marshal(receiptJob{"hanako", id, 1})
	if err == nil {
		err = w.people.receipt(context.Background(), payload)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// Wherever the portal ends, an application stands whole or not at all; sent again it is one.
func TestKilledAtEachStep(t *testing.T) {
	if dir := os.Getenv("APPLICATION_DIES_IN"); dir != "" {
		var n int
		if _, err := fmt.Sscan(os.Getenv("APPLICATION_DIES_AT"), &n); err != nil {
			t.Fatal(err)
		}
		kept(t, dir, os.Getenv("APPLICATION_DATABASE")).die(ends[n].at, n)
	}
	for engine, address := range map[string]func() string{
		"sqlite":   func() string { return "" },
		"postgres": func() string { return dbtest.PostgresURL(t) },
	} {
		t.Run(engine, func(t *testing.T) { killedAtEachStep(t, address()) })
	}
}

func killedAtEachStep(t *testing.T, address string) {
	ctx, dir := t.Context(), t.TempDir()
	kept(t, dir, address).settle()
	for n, end := range ends {
		dies := exec.Command(os.Args[0], "-test.run", "^TestKilledAtEachStep$")
		dies.Env = append(os.Environ(), "APPLICATION_DIES_IN="+dir, "APPLICATION_DATABASE="+address,
			fmt.Sprintf("APPLICATION_DIES_AT=%d", n))
		if out, err := dies.CombinedOutput(); err == nil || !strings.Contains(err.Error(), "killed") {
			t.Fatalf("%s: it was to be killed: %v\n%s", end.at, err, out)
		}
	}
	w := kept(t, dir, address)
	for n, end := range ends {
		r := w.numbered(n)
		_, err := w.db.Read().ApplicationSentUnder(ctx, r.GetId())
		if end.stands != (err == nil) || err != nil && !errors.Is(err, db.ErrNotFound) {
			t.Errorf("%s: %v", end.at, err)
		}
		a := w.send("hanako", r)
		w.stamped(a.GetId())
		again := w.send("hanako", r)
		if a.GetState() != arrived || again.GetNumber() != a.GetNumber() || len(again.GetSteps()) != 1 ||
			again.GetSigning().GetStampedAt() == 0 {
			t.Errorf("%s: %v", end.at, again)
		}
	}
	w.consistent("hanako", len(ends))
}

// consistent holds what is counted of a person against what there is: so many that arrived once, of which none went.
func (w *world) consistent(folder string, arrivals int) {
	w.t.Helper()
	ctx, q := w.t.Context(), w.db.Read()
	read := func() (
		open int64, counted []db.ApplicationOpenOfFolderRow, head db.LedgerHeadRow,
		waiting []db.JobsOfFolderRow, err error,
	) {
		open, err = q.ApplicationOpenCount(ctx, folder)
		counted, err2 := q.ApplicationOpenOfFolder(ctx, folder)
		head, err3 := q.LedgerHead(ctx, db.LedgerHeadParams{FolderID: folder, Chain: int64(ledger.Receipts)})
		waiting, err4 := q.JobsOfFolder(ctx, folder)
		return open, counted, head, waiting, errors.Join(err, err2, err3, err4)
	}
	open, counted, head, waiting, err := read()
	for tries := 0; tries < 100 && db.Unavailable(err); tries++ {
		open, counted, head, waiting, err = read()
	}
	if err != nil {
		w.t.Fatal(err)
	}
	if len(counted) != 1 || counted[0].OpenApplications != open || head.Count != int64(arrivals) ||
		len(waiting) != arrivals {
		w.t.Errorf("%s: %d open, counted %v; %d lines and %d receipts of %d", folder, open, counted, head.Count,
			len(waiting), arrivals)
	}
}

// Whatever is lost on the way, however often and at once it comes again, and whatever the office does meanwhile: what
// was acknowledged stays as it was acknowledged, once, and all counts are right.
func TestRandomRetriesAndLostAnswers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		seed := rand.Uint64()
		t.Log("seed", seed)
		random := rand.New(rand.NewPCG(seed, 1))
		type one struct {
			request *portalv1.SendApplicationRequest
			number  string
			state   portalv1.ApplicationState
		}
		var sent []*one
		arrivals, reference := 0, 0
		// again tries until the store can: connections that a failing server has ended are found out one by one.
		again := func(do func() error) {
			t.Helper()
			err := do()
			for tries := 0; tries < 100 && db.Unavailable(err); tries++ {
				err = do()
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		settle := func(o *one, r *portalv1.SendApplicationRequest) {
			t.Helper()
			var answer *portalv1.SendApplicationResponse
			again(func() (err error) {
				answer, err = w.people.SendApplication(w.as("hanako"), r)
				return err
			})
			a := answer.GetApplication()
			if o.number != "" && a.GetNumber() != o.number || a == nil {
				t.Errorf("it was %s, and is %v", o.number, answer)
			}
			o.number, o.state = a.GetNumber(), a.GetState()
		}
		read := func(id string) (a *portalv1.Application) {
			t.Helper()
			again(func() error {
				answer, err := w.people.GetApplication(w.as("hanako"), &portalv1.GetApplicationRequest{Id: id})
				a = answer.GetApplication()
				return err
			})
			return a
		}
		// lose sends so that the answer may not come, or that the store fails, several times at once.
		lose := func(r *portalv1.SendApplicationRequest) {
			var all sync.WaitGroup
			for range 1 + random.IntN(4) {
				ctx, cancel := context.WithCancel(w.as("hanako"))
				spins := random.IntN(2_000_000)
				all.Go(func() { _, _ = w.people.SendApplication(ctx, r) })
				all.Go(func() {
					for range spins { // within the call, or behind it
					}
					cancel()
				})
			}
			all.Wait()
		}
		for range 30 {
			switch o := len(sent); {
			case o == 0 || random.IntN(3) == 0:
				r := w.signed("yamada-hanako", w.filled(nil), nil)
				if random.IntN(8) == 0 {
					mend := dbtest.Break(t, w.db)
					if _, err := w.people.SendApplication(w.as("hanako"), r); err == nil {
						t.Error("it is taken by a store that cannot write")
					}
					mend()
				}
				lose(r)
				sent = append(sent, &one{request: r})
				arrivals++
				settle(sent[o], r)
			case random.IntN(3) == 0: // an old one comes again, out of its time
				o := sent[random.IntN(o)]
				lose(o.request)
				settle(o, o.request)
			default:
				o := sent[random.IntN(o)]
				if o.state != arrived && o.state != resent {
					continue
				}
				reference++
				id, named := o.request.GetId(), fmt.Sprint(reference)
				switch random.IntN(3) {
				case 0:
					again(func() error { return w.decides(id, named, approved) })
				case 1:
					withdraw := &portalv1.WithdrawApplicationRequest{Id: id}
					again(func() error { return second(w.people.WithdrawApplication(w.as("hanako"), withdraw)) })
				default:
					again(func() error { return w.returns(id, named) })
					r := w.signed("yamada-hanako", w.filled(nil), read(id))
					lose(r)
					settle(o, r)
					arrivals++
				}
				o.state = read(id).GetState()
			}
		}
		var list *portalv1.ListApplicationsResponse
		again(func() (err error) {
			list, err = w.people.ListApplications(w.as("hanako"), &portalv1.ListApplicationsRequest{})
			return err
		})
		if len(list.GetApplications()) != len(sent) {
			t.Errorf("%d of %d", len(list.GetApplications()), len(sent))
		}
		w.consistent("hanako", arrivals)
	})
}
