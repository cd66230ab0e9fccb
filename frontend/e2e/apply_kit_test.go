//go:build !js

package e2e_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"madoguchi/proto/clock"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

// answers are those of a form, as its definition names the questions.
type answers map[string]any

// but are the answers with others in their place; nil takes one out.
func (a answers) but(others answers) answers {
	all := maps.Clone(a)
	for field, v := range others {
		if all[field] = v; v == nil {
			delete(all, field)
		}
	}
	return all
}

// dayFrom is a day by the portal's calendar, so many days from today.
func dayFrom(days int) string { return clock.Day(time.Now().AddDate(0, 0, days)) }

// moving is a whole 転出届 of 山田花子, who moves in a fortnight.
func moving() answers {
	return answers{
		"kind": "out", "move": dayFrom(14),
		"old_place": "131105", "old_town": "上目黒九丁目999番1号", "old_building": "201号室",
		"new_place": "131130", "new_town": "恵比寿九丁目999番", "new_building": "505号室",
		"applicant_name": "山田 花子", "applicant_kana": "ヤマダ　ハナコ", "applicant_birth": "1990-04-15",
		"applicant_tel": "03-1234-5678",
		"mover": []answers{{
			"mover_name": "山田 花子", "mover_kana": "ヤマダ　ハナコ", "mover_birth": "1990-04-15", "mover_relation": "self",
			"mover_card": "keep",
		}},
		"head_old": "山田 花子", "head_new": "self", "stay": "nobody", "visit": dayFrom(20), "visitor": "self",
		"truth": true,
	}
}

// damaged is a 罹災証明書 of 山田花子 as far as it is filled in without files.
func damaged() answers {
	return answers{
		"disaster": "大雨", "disaster_date": dayFrom(-2), "filer_who": "self",
		"who_name": "山田 花子", "who_kana": "ヤマダ　ハナコ", "who_birth": "1990-04-15", "who_place": "131105",
		"who_town": "上目黒九丁目999番1号", "who_tel": "03-1234-5678", "head": "山田 花子", "household": 3, "stay": "home",
		"same_place": true, "relation": []string{"resident"}, "structure": "wood", "floors": 2, "tenure": "own",
		"kind": []string{"wind"}, "where": []string{"roof"}, "repaired": true, "by_self": true, "copies": 1,
		"truth": true,
	}
}

// cookies are those by which the portal knows the person of this browser.
func (b *browser) cookies() string {
	b.t.Helper()
	var all []string
	b.do(func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		got, err := cdp.Call(ctx, target, network.GetCookies, network.GetCookiesParams{URLs: []string{b.world.origin}})
		if err == nil {
			for _, c := range got.Cookies {
				all = append(all, c.Name+"="+c.Value)
			}
		}
		return chromedp.Void{}, err
	})
	return strings.Join(all, "; ")
}

// begun has the person of this browser have a draft, as another device of theirs would have left it.
func (b *browser) begun(place, form string, filled answers) (id string) {
	b.t.Helper()
	client := portalv1connect.NewDraftServiceClient(http.DefaultClient, b.world.origin)
	holds, err := client.GetForm(b.t.Context(), &portalv1.GetFormRequest{Place: place, Form: form})
	if err != nil {
		b.t.Fatal(err)
	}
	id = fmt.Sprintf("%016x%016x", rand.Uint64(), rand.Uint64())
	request := &portalv1.SaveDraftRequest{Id: id, Place: place, Form: form, Version: holds.GetCurrent()}
	for _, field := range slices.Sorted(maps.Keys(filled)) {
		value, err := json.Marshal(filled[field])
		if err != nil {
			b.t.Fatal(err)
		}
		request.Fields = append(request.Fields, &portalv1.DraftField{Field: field, Value: value})
	}
	ctx, info := connect.NewClientContext(b.t.Context())
	info.RequestHeader().Set("Cookie", b.cookies())
	if _, err := client.SaveDraft(ctx, request); err != nil {
		b.t.Fatal(err)
	}
	return id
}

// resumes opens a draft at a step.
func (b *browser) resumes(place, form, draft, step string) {
	b.t.Helper()
	b.follow("/apply/" + place + "/" + form + "?draft=" + draft + "&step=" + step)
	b.atStep(step)
}

// atStep waits until a step of a form is drawn, which is a moment after its address stands there.
func (b *browser) atStep(step string) {
	b.t.Helper()
	b.until("the step "+step, "new URLSearchParams(location.search).get('step') === "+quote(step)+
		" && document.getElementById('apply-step')?.dataset.step === "+quote(step))
}

// bothSizes takes a picture of the page on a phone and on a desk.
func (b *browser) bothSizes(name string) {
	b.t.Helper()
	if os.Getenv("E2E_SCREENSHOTS") == "" {
		return
	}
	was := b.size
	for name, s := range map[string]size{name + "-phone": phone, name + "-desktop": desktop} {
		b.resize(s)
		b.until("the width", fmt.Sprintf("innerWidth === %d", s.width))
		b.screenshot(name)
	}
	b.resize(was)
}

// byHand has an office of the sandbox leave its applications to the test, until that is over.
func (w *world) byHand(t *testing.T, office string) {
	t.Helper()
	w.post(t, w.sandbox+"/applications", form("office", office, "do", "hand"))
	t.Cleanup(func() { w.post(t, w.sandbox+"/applications", form("office", office, "do", "auto")) })
}

// acts has an office do something to an application, as soon as it has heard of it.
func (w *world) acts(t *testing.T, office, number, do, text string, more ...string) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		page := w.sandboxPage(t, "/applications")
		if _, one, is := strings.Cut(page, number); is {
			hidden := func(name string) string {
				_, after, _ := strings.Cut(one, `name="`+name+`" value="`)
				value, _, _ := strings.Cut(after, `"`)
				return value
			}
			pairs := []string{
				"office", office, "id", hidden("id"), "reference", hidden("reference"), "do", do, "text", text,
			}
			_, answer := w.tryPost(t, w.sandbox+"/applications", form(append(pairs, more...)...))
			if !strings.Contains(answer, `class="done"`) {
				t.Fatalf("the office cannot %s %s:\n%s", do, number, answer)
			}
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the office has not heard of %s:\n%s", number, page)
		}
	}
}

// publish registers a form of a place, as its operator does.
func (w *world) publish(t testing.TB, place, definition string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "form.yaml")
	if err := os.WriteFile(file, []byte(definition), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(built("portal"), "forms", "--place", place, "import", file)
	command.Env = append(os.Environ(), w.processes["portal"].environment...)
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// files writes files for a person to choose, by their names.
func files(t *testing.T, all map[string][]byte) (paths map[string]string) {
	t.Helper()
	dir := t.TempDir()
	paths = map[string]string{}
	for name, content := range all {
		paths[name] = filepath.Join(dir, name)
		if err := os.WriteFile(paths[name], content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return paths
}

// chooses gives files to a question; what becomes of them the test waits for.
func (b *browser) chooses(id string, paths ...string) {
	b.t.Helper()
	b.until("a field for files "+id, fmt.Sprintf("document.getElementById(%q)", "f-"+id))
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#f-"+id), paths))
}

// brokenLine is a line that breaks: from the call at which it does, none of a procedure comes through until it is
// mended.
type brokenLine struct {
	broken atomic.Bool
	passed atomic.Int32
}

// breaksAfter has the line of this browser break after some calls of a procedure.
func (b *browser) breaksAfter(procedure string, calls int32) *brokenLine {
	b.t.Helper()
	l := &brokenLine{}
	l.broken.Store(true)
	b.heard = func(event any) {
		if paused, is := event.(*fetch.EventRequestPaused); is {
			go l.pass(b, paused, calls)
		}
	}
	call(b, fetch.Enable, fetch.EnableParams{Patterns: []*fetch.RequestPattern{{URLPattern: "*/" + procedure}}})
	return l
}

// pass lets a call through, or has it fail. A page that has gone meanwhile wants neither.
func (l *brokenLine) pass(b *browser, paused *fetch.EventRequestPaused, calls int32) {
	_ = chromedp.Do(b.ctx, func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		if l.broken.Load() && l.passed.Load() >= calls {
			_, err := cdp.Call(ctx, target, fetch.FailRequest, fetch.FailRequestParams{
				RequestID: paused.RequestID, ErrorReason: network.ErrorReasonConnectionFailed,
			})
			return chromedp.Void{}, err
		}
		l.passed.Add(1)
		_, err := cdp.Call(ctx, target, fetch.ContinueRequest, fetch.ContinueRequestParams{RequestID: paused.RequestID})
		return chromedp.Void{}, err
	})
}

// eicar is what scanners are tried with, put together here so that none finds it in the source.
var eicar = "EICAR-STANDARD-" + "ANTIVIRUS-TEST-FILE"

// scanner starts ClamAV's daemon, which knows one thing to be malware, and gives its socket.
func scanner(t *testing.T) (socket string) {
	t.Helper()
	program, libraries := "/usr/sbin/clamd", ""
	if _, err := os.Stat(program); err != nil {
		found, err := filepath.Glob(built("clamd/usr/lib/*/libclamav.so.*"))
		if err != nil || len(found) == 0 {
			t.Fatal("there is no clamd: run `make setup`")
		}
		program, libraries = built("clamd/usr/sbin/clamd"), filepath.Dir(found[0])
	}
	dir, err := os.MkdirTemp("", "clamd") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket = filepath.Join(dir, "socket")
	for name, content := range map[string]string{
		"own.ndb":    "Test.EICAR:0:*:" + hex.EncodeToString([]byte(eicar)) + "\n",
		"clamd.conf": fmt.Sprintf("DatabaseDirectory %s\nLocalSocket %s\nForeground yes\n", dir, socket),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	var said bytes.Buffer
	daemon := exec.CommandContext(ctx, program, "-c", filepath.Join(dir, "clamd.conf"))
	daemon.Env = append(os.Environ(), "LD_LIBRARY_PATH="+libraries)
	daemon.Stdout, daemon.Stderr = &said, &said
	if err := daemon.Start(); err != nil {
		stop()
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- daemon.Wait() }()
	t.Cleanup(func() { stop(); <-ended })
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		if c, err := net.Dial("unix", socket); err == nil {
			c.Close()
			return socket
		}
		if time.Now().After(deadline) {
			t.Fatal(errors.New("clamd does not listen: " + said.String()))
		}
	}
}
