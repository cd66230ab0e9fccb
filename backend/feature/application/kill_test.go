package application

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"madoguchi/backend/door/office/officetest"
	"madoguchi/backend/store/card/cardtest"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/folder/foldertest"
	"madoguchi/backend/store/keys"
	"madoguchi/backend/store/seal"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// kept opens a world that lies in a folder, as a portal does after it ended.
func kept(t *testing.T, dir string) *world {
	t.Helper()
	ctx, path := context.Background(), filepath.Join(dir, "keys")
	d, err := db.Open(ctx, filepath.Join(dir, "portal.sqlite"))
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

// numbered is the n-th application: the same in every process.
func (w *world) numbered(n int) *portalv1.SendApplicationRequest {
	nonces.Store(int64(1000 + n))
	return w.signed("yamada-hanako", w.filled(nil), nil)
}

// However often the portal is killed, whatever it said has arrived is there, once; and what it had no time to answer is
// sent again and is one.
func TestKilledWhileItIsSent(t *testing.T) {
	if dir := os.Getenv("APPLICATION_DIR"); dir != "" {
		w := kept(t, dir)
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
	first := kept(t, dir)
	officetest.Register(t, first.db, db.OfficeRegisterParams{
		ID: meguro, Name: "目黒区", Duties: "person application", MunicipalityCode: meguro,
	})
	foldertest.Open(t, first.db, "hanako")
	foldertest.GiveCards(t, first.db, "hanako", cardtest.Of(t, "yamada-hanako"))
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
	w := kept(t, dir)
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
