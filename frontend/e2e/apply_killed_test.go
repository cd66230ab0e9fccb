//go:build !js

package e2e_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/chromedp"
)

// profile is a Chromium of its own, with what it stores in a folder that outlives it.
type profile struct {
	*browser
	dir string
}

// inProfile opens a browser that finds in a folder what the one before it left there.
func inProfile(t *testing.T, dir string, s size) profile {
	t.Helper()
	checkBuilt(t)
	allocator, cancel := chromedp.NewExecAllocator(context.Background(),
		append(chromiumOptions(dir, "ja"), unoptimised, chromedp.ExecPath(shell()))...)
	t.Cleanup(cancel)
	return profile{openBrowser(t, s, allocator), dir}
}

// known waits until the browser has written down by what the portal knows this device: it does so every half minute.
func (p profile) known() {
	p.t.Helper()
	p.await("the cookie of the device on the disk", func() bool {
		found := false
		err := filepath.WalkDir(p.dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasPrefix(entry.Name(), "Cookies") {
				return nil //nolint:nilerr // the browser takes files away meanwhile
			}
			content, err := os.ReadFile(path)
			found = found || err == nil && bytes.Contains(content, []byte("__Host-device"))
			return nil
		})
		return err == nil && found
	})
}

// killed ends the browser with all its processes, as the machine's crash would: without a chance to write anything
// down.
func (p profile) killed() {
	p.t.Helper()
	p.mu.Lock()
	p.over = true
	p.mu.Unlock()
	p.await("the browser's processes to end", func() bool {
		all := p.processes()
		for _, pid := range all {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		return len(all) == 0
	})
	for _, name := range []string{"SingletonLock", "SingletonCookie", "SingletonSocket"} {
		_ = os.Remove(filepath.Join(p.dir, name))
	}
}

// processes are those that were started with the folder; children that are not named so end with them.
func (p profile) processes() (pids []int) {
	all, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		p.t.Fatal(err)
	}
	for _, path := range all {
		line, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(line, []byte(p.dir)) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil && pid != os.Getpid() {
			pids = append(pids, pid)
		}
	}
	return pids
}

// await waits for what needs no page.
func (p profile) await(what string, holds func() bool) {
	p.t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			p.t.Fatalf("waited in vain for %s", what)
		}
	}
}

// liesInVault is a condition: so many records of a kind lie in the vault.
func liesInVault(kind string, count int) string {
	return fmt.Sprintf(`(%s).then(s => JSON.parse(s || "[]").filter(r => r.kind === %q).length === %d)`,
		vaultRows("records"), kind, count)
}

// comesBack logs in again, in a browser that somebody opens after the crash.
func (p profile) comesBack(person, name string) {
	p.t.Helper()
	p.world.lay(p.t, person)
	p.logIn("1234")
	p.at("/home")
	p.sees(name + "さん")
}

// Without a network two photos are chosen and something is typed; the browser is killed. In the next one, after a
// login, both photos are there in their rows, with what was typed; when the line is whole they are sent, and leave
// the device.
func TestPhotosChosenWithoutANetworkOutliveTheBrowser(t *testing.T) {
	ownWorld(t, "yamada-hanako")
	dir := t.TempDir()
	b := inProfile(t, dir, phone)
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	const at, form = "131105", "risai-shomei"
	draft := b.begun(at, form, damaged().but(answers{"repaired": false}))
	b.known()
	b.resumes(at, form, draft, "photos")
	b.until("four photos to be chosen", "document.getElementById('f-photo_file-3')")
	b.sees("下書きを保存しました")
	paths := files(t, map[string][]byte{"正面.jpg": picture(t, 300_000), "左.jpg": picture(t, 0), "裏.jpg": picture(t, 0),
		"右.jpg": picture(t, 0)})
	b.offline(true)
	b.chooses("photo_file-0", paths["正面.jpg"])
	b.chooses("photo_file-2", paths["左.jpg"])
	for i, of := range []string{"front", "back", "left", "right"} {
		b.answer(fmt.Sprintf("photo_of-%d", i), of)
	}
	const sealed = `[0, 2].every(i => document.getElementById("f-photo_file-" + i + "-files")
		?.innerText.includes("鍵をかけて残っています"))`
	b.until("both photos on the device", sealed)
	b.until("both in the vault", liesInVault("attaching", 2))
	b.inspect("photos that wait for a network")
	b.bothSizes("killed-waiting")
	kept := eval[string](b.browser, "("+vaultRows("records")+")")
	for _, told := range []string{"正面", hexOf("正面.jpg"), hexOf("SecretPlace")} {
		if strings.Contains(kept, told) {
			t.Errorf("%q lies there in clear", told)
		}
	}
	b.sees("タブを閉じてもかまいません")
	b.killed()

	next := inProfile(t, dir, phone)
	line := next.breaksAfter("PutAttachment", 0)
	next.comesBack("yamada-hanako", "花子")
	next.resumes(at, form, draft, "photos")
	next.until("both photos where they were chosen", sealed)
	next.until("what was chosen of each",
		"[...document.querySelectorAll('input:checked')].map(e => e.value).join() === 'front,back,left,right'")
	next.bothSizes("killed-again")
	// Nothing is signed or sent without them.
	next.follow("/apply/" + at + "/" + form + "?draft=" + draft + "&step=review")
	next.atReview()
	next.press("この内容で申請する")
	next.until("something that is wrong", "document.getElementById('apply-faults')?.innerText.length > 0")
	next.resumes(at, form, draft, "photos")
	line.broken.Store(false)
	next.offline(true)
	next.sees("オフライン")
	next.offline(false)
	next.until("both photos sent", "document.querySelectorAll('.upload-there').length === 2")
	next.until("nothing of them on the device", liesInVault("attaching", 0))
	next.upload("photo_file-1", paths["裏.jpg"])
	next.upload("photo_file-3", paths["右.jpg"])
	next.press("次へ")
	next.atStep("survey_section")
	next.press("次へ")
	next.sees("まだ送られていません", "正面.jpg", "左.jpg")
	next.press("この内容で申請する")
	next.sees("受付番号は")
	next.bothSizes("killed-sent")
}

// withholds has the answers of a procedure not come, and says how many calls were made. What was asked reached the
// portal, unless it is held before.
func (b *browser) withholds(procedure string, before bool) (made func() bool) {
	b.t.Helper()
	stage, held := fetch.RequestStageResponse, make(chan struct{}, 10)
	if before {
		stage = fetch.RequestStageRequest
	}
	b.heard = func(event any) {
		if _, is := event.(*fetch.EventRequestPaused); is {
			held <- struct{}{}
		}
	}
	call(b, fetch.Enable, fetch.EnableParams{
		Patterns: []*fetch.RequestPattern{{URLPattern: "*/" + procedure, RequestStage: stage}},
	})
	return func() bool {
		select {
		case <-held:
			return true
		default:
			return false
		}
	}
}

// The browser is killed between the signature and the answer, before the portal heard of it: nothing that was filled in
// is lost, and it is sent once.
func TestABrowserKilledBeforeItSendsSendsOnce(t *testing.T) { killedWhileSending(t, true) }

// The same after the portal took it, before the answer came.
func TestABrowserKilledBeforeTheAnswerSendsOnce(t *testing.T) { killedWhileSending(t, false) }

func killedWhileSending(t *testing.T, before bool) {
	w := ownWorld(t, "yamada-hanako")
	w.byHand(t, "131105")
	dir := t.TempDir()
	b := inProfile(t, dir, desktop)
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	const at, form = "131105", "tenshutsu"
	draft := b.begun(at, form, moving())
	b.known()
	b.resumes(at, form, draft, "visit_section")
	// What is typed lies on the device a moment after the key.
	b.answer("counter", "本庁舎 1階")
	b.sees("下書きを保存しました")
	b.press("次へ")
	b.atStep("review")
	b.sees("本庁舎 1階")
	b.press("署名に進む")
	b.atStep("sign")
	held := b.withholds("SendApplication", before)
	b.sign("ABC123")
	b.wait("the call that sends it", held)
	b.killed()

	next := inProfile(t, dir, desktop)
	next.comesBack("yamada-hanako", "花子")
	next.follow("/applications")
	if before {
		// Nothing was sent: the whole of it is there, and is signed anew.
		next.sees("下書き1件", "送った申請はまだありません")
		next.resumes(at, form, draft, "review")
		next.sees("本庁舎 1階")
		next.press("署名に進む")
		next.atStep("sign")
		next.sign("ABC123")
		next.sees("受付番号は")
		next.follow("/applications")
	}
	next.until("one application", "document.querySelectorAll('.usage-entry').length === 1")
	next.bothSizes(fmt.Sprintf("killed-sending-%v", before))
	// Nobody is led to send it a second time.
	next.follow("/apply/" + at + "/" + form + "?draft=" + draft)
	next.sees("もう送ってあります")
	next.until("no question of it", "!document.getElementById('apply-next') && document.getElementById('apply-start')")
	next.inspect("a draft that was sent")
	if n := w.calls("ApplicationService/SendApplication"); n != 1 {
		t.Errorf("%d calls reached the portal", n)
	}
}

// The browser is killed while somebody fills a form in with a network: what was typed is there in the next one.
func TestABrowserKilledWhileFillingInLosesNothing(t *testing.T) {
	ownWorld(t, "yamada-hanako")
	dir := t.TempDir()
	b := inProfile(t, dir, phone)
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	const at, form = "131105", "jido-teate-gaku"
	b.follow("/apply/" + at + "/" + form)
	b.press("白紙から始める")
	b.known()
	draft := eval[string](b.browser, `JSON.parse(sessionStorage.getItem("draft/apply-131105-jido-teate-gaku")).Draft`)
	b.answer("kind", "up")
	b.sees("下書きを保存しました")
	// The last words do not reach the portal any more.
	line := b.breaksAfter("SaveDraft", 0)
	b.answer("reason_up", "other")
	b.answer("reason_text", "里親になりました")
	b.until("it in the vault", `(`+vaultRows("records")+`).then(s => {
		const r = JSON.parse(s || "[]").find(r => r.kind === "filling")
		const now = JSON.parse(sessionStorage.getItem("draft/apply-131105-jido-teate-gaku") || "{}")
		if (window.lastSealed !== r?.at) { window.lastSealed = r?.at; return false }
		return now.Answers?.reason_text === "里親になりました" && r
	})`)
	if line.passed.Load() != 0 {
		t.Error("it reached the portal")
	}
	b.killed()

	next := inProfile(t, dir, phone)
	next.comesBack("yamada-hanako", "花子")
	next.follow("/apply/" + at + "/" + form + "?draft=" + draft)
	next.until("what was typed last", "document.getElementById('f-reason_text')?.value === '里親になりました'")
	next.sees("下書きを保存しました")
}
