package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/feature/usage"
	"madoguchi/backend/store/act"
	"madoguchi/backend/store/db"
	officev1 "madoguchi/proto/gen/office/v1"
	"madoguchi/proto/gen/office/v1/officev1connect"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

// victim is what a portal says of itself that is going to be killed.
type victim struct {
	Front, Database, Keys, FolderKeys string
	People                            []someone
}

type someone struct{ Folder, Cookie, Value, Notice string }

// asVictim is a portal that serves until it is killed.
func asVictim(t *testing.T) {
	w := startWorld(t)
	said := victim{w.front, w.config.database, w.config.keys, w.config.folderKeys, nil}
	offices := officev1connect.NewNoticeServiceClient(w.office("nenkin"), w.back, connect.WithGRPC())
	for i := range 8 {
		folder := fmt.Sprintf("F%d", i)
		w.folder(folder)
		cookie := w.begin(folder, "")
		_, err := offices.SendNotice(t.Context(), &officev1.SendNoticeRequest{
			Reference: folder, Title: "題", Body: "文",
			Audience: &officev1.SendNoticeRequest_Person{Person: "nenkin-" + folder},
		})
		if err != nil {
			t.Fatal(err)
		}
		notices := portalv1connect.NewNoticeServiceClient(withCookie{cookie}, w.front)
		list, err := notices.ListNotices(t.Context(), &portalv1.ListNoticesRequest{})
		if err != nil || len(list.GetNotices()) != 1 {
			t.Fatal(list, err)
		}
		said.People = append(said.People, someone{folder, cookie.Name, cookie.Value, list.GetNotices()[0].GetId()})
	}
	line, err := json.Marshal(said)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("\n%s%s\n", victimSays, line)
	select {}
}

const victimSays = "the victim: "

// done counts what a person was told was done.
type done struct{ written, read atomic.Int64 }

// busy has a person act until the portal is gone, and tells of each act.
func (p someone) busy(front string, counted *done, each func()) {
	cookie := &http.Cookie{Name: p.Cookie, Value: p.Value}
	guide := portalv1connect.NewGuideServiceClient(withCookie{cookie}, front)
	notices := portalv1connect.NewNoticeServiceClient(withCookie{cookie}, front)
	for i := 0; ; i++ {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		_, err := guide.AddTasks(ctx, &portalv1.AddTasksRequest{
			Tasks: []*portalv1.Task{{Title: fmt.Sprintf("用事 %d", i)}},
		})
		if err == nil {
			counted.written.Add(1)
			each()
			if _, err = notices.GetNotice(ctx, &portalv1.GetNoticeRequest{Id: p.Notice}); err == nil {
				counted.read.Add(1)
			}
		}
		cancel()
		if err != nil {
			return // it is gone, or the list is full
		}
	}
}

// A portal that is killed at any moment leaves nothing done without its line in the history of use, and no line of what
// was not done; whoever comes after it puts all lines into the ledger.
func TestKilledBetweenAnActAndItsLine(t *testing.T) {
	if os.Getenv("PORTAL_VICTIM") != "" {
		asVictim(t)
	}
	for _, after := range []int64{1, 30, 200} {
		t.Run(fmt.Sprint(after), func(t *testing.T) {
			command := exec.Command(os.Args[0], "-test.run", "^TestKilledBetweenAnActAndItsLine$")
			command.Env = append(os.Environ(), "PORTAL_VICTIM=1", "TMPDIR="+t.TempDir())
			command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
			out, err := command.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = command.Process.Kill(); _ = command.Wait() })
			var v victim
			lines := bufio.NewScanner(out)
			for len(v.People) == 0 && lines.Scan() {
				if said, is := bytes.CutPrefix(lines.Bytes(), []byte(victimSays)); is {
					if err := json.Unmarshal(said, &v); err != nil {
						t.Fatal(err)
					}
				}
			}
			if len(v.People) == 0 {
				t.Fatal("the portal did not start")
			}
			counts, all := make([]done, len(v.People)), atomic.Int64{}
			var people sync.WaitGroup
			for i, p := range v.People {
				people.Go(func() {
					p.busy(v.Front, &counts[i], func() {
						if all.Add(1) == after {
							_ = command.Process.Kill()
						}
					})
				})
			}
			people.Wait()
			if all.Load() < after {
				t.Fatalf("%d acts, and it lives", all.Load())
			}
			_ = command.Wait()
			v.check(t, counts)
		})
	}
}

// check reads what a killed portal left.
func (v victim) check(t *testing.T, counts []done) {
	t.Helper()
	ctx := t.Context()
	left, err := db.Open(ctx, v.Database)
	if err != nil {
		t.Fatal(err)
	}
	defer left.Close()
	file, err := openKeys(ctx, v.Keys, v.Database, left)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := openFolderKeys(ctx, v.FolderKeys, file, left); err != nil {
		t.Fatal(err)
	}
	history := usage.New(left, usage.Needs{}, time.Now)
	if _, err := history.ProveDue(ctx, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	for i, p := range v.People {
		tasks, err := left.Read().TaskCount(ctx, p.Folder)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := act.Read(ctx, left.Read(), p.Folder, act.Position{At: math.MaxInt64}, 0, 5000)
		if err != nil {
			t.Fatal(err)
		}
		written := map[string]int64{}
		for _, one := range lines {
			written[one.Line.GetAct()]++
			if one.Leaf == 0 {
				t.Errorf("%s: %s does not stand in the ledger", p.Folder, one.Line.GetAct())
			}
		}
		if written["todo.add"] != tasks || tasks < counts[i].written.Load() {
			t.Errorf("%s: %d to-dos, %d lines of them, %d of which the person was told", p.Folder, tasks,
				written["todo.add"], counts[i].written.Load())
		}
		if told := counts[i].read.Load(); written["notice.read"] < told || written["notice.read"] > told+1 {
			t.Errorf("%s: %d lines of reading, and %d answers", p.Folder, written["notice.read"], told)
		}
	}
}
