//go:build !js

package e2e_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// downloads is where the browser puts what it is given from now on.
func (b *browser) downloads() (dir string) {
	b.t.Helper()
	dir = b.t.TempDir()
	b.do(func(ctx context.Context, tab *chromedp.Target) (chromedp.Void, error) {
		is, err := cdp.Call(ctx, tab, target.GetTargetInfo, target.GetTargetInfoParams{})
		if err != nil {
			return chromedp.Void{}, err
		}
		_, err = cdp.Call(ctx, tab, cdpbrowser.SetDownloadBehavior, cdpbrowser.SetDownloadBehaviorParams{
			Behavior: cdpbrowser.SetDownloadBehaviorBehaviorAllow, DownloadPath: dir,
			BrowserContextID: is.TargetInfo.BrowserContextID,
		})
		return chromedp.Void{}, err
	})
	return dir
}

// downloaded waits for the one archive in a folder.
func (b *browser) downloaded(dir string) []byte {
	b.t.Helper()
	return b.downloadedAs(dir, "madoguchi-*.zip")
}

// downloadedAs waits for the one file of such a name in a folder.
func (b *browser) downloadedAs(dir, pattern string) []byte {
	b.t.Helper()
	var file []string
	b.wait("the file", func() bool {
		file, _ = filepath.Glob(filepath.Join(dir, pattern))
		return len(file) == 1
	})
	data, err := os.ReadFile(file[0])
	if err != nil {
		b.t.Fatal(err)
	}
	return data
}

// takeAlong goes the way from the account page to the file, which it gives; the card must lie on the reader.
func (b *browser) takeAlong() []byte {
	b.t.Helper()
	dir := b.downloads()
	b.follow("/account")
	b.press("データを受け取る")
	b.at("/account/takeaway")
	b.sees("あと3回")
	b.typePIN("1234")
	b.press("カードで確かめる")
	b.sees("準備ができました", "60秒のうちに")
	b.press("ファイルを受け取る")
	b.sees("すべて送り終えました")
	return b.downloaded(dir)
}

// choose gives files to the page /check, as if they were chosen, and waits for what it says.
func (b *browser) choose(name string, content []byte, state string) {
	b.t.Helper()
	eval[chromedp.Void](b, `(() => {
  const bytes = Uint8Array.from(atob(`+quote(base64.StdEncoding.EncodeToString(content))+`), c => c.charCodeAt(0))
  const chosen = new DataTransfer()
  chosen.items.add(new File([bytes], `+quote(name)+`))
  const input = document.getElementById('check-files')
  input.files = chosen.files
  input.dispatchEvent(new Event('change'))
})()`)
	b.until("the page to say "+state, "document.getElementById('check-result').dataset.state === "+quote(state))
}

// says looks at what can be seen: the words of all results stand in the page, hidden.
func (b *browser) says(these []string, notThis string) {
	b.t.Helper()
	text := b.text()
	for _, one := range these {
		if !strings.Contains(text, one) {
			b.t.Errorf("the page does not say %q:\n%s", one, text)
		}
	}
	if strings.Contains(text, notThis) {
		b.t.Errorf("the page says %q:\n%s", notThis, text)
	}
}

// A person takes all of their data along, and the page /check, with nobody to ask, knows the file and any other from
// it.
func TestTakingEverythingAlong(t *testing.T) {
	w := ownWorld(t, "yamada-hanako")
	b := newBrowser(t, phone, "ja")
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	archive := b.takeAlong()
	b.sees("タイムスタンプ）が入っています")
	b.inspect("takeaway")
	b.until("the worker", workerInCharge)
	b.press("受け取ったファイルを確かめる")
	b.at("/check")
	b.sees("ファイルを確かめる")
	if b.holds("!!document.querySelector('script[data-wasm]')") {
		t.Error("the program is loaded into the page")
	}
	b.choose("data.zip", archive, "good")
	b.says([]string{"このまどぐちが渡したままです", w.origin, "時刻認証局が証明した日時", "data/notice.json"}, "時刻認証局の証明は入っていない")
	b.screenshot("check-good")
	b.inspect("check")
	bent := bytes.Clone(archive)
	at := bytes.Index(bent, []byte("data/notice.json")) + len("data/notice.json") + 12
	bent[at] ^= 1
	b.choose("data.zip", bent, "changed")
	b.says([]string{"渡したままではありません"}, "このまどぐちが渡したままです")
	b.screenshot("check-changed")

	// Nobody can be asked: the page is there all the same, and knows the same.
	w.away(t)
	b.open("/check")
	b.until("the page", "document.documentElement?.dataset.ready === 'true'")
	b.choose("data.zip", archive, "good")
	b.choose("data.zip", []byte("PK"), "changed")
}

// Without the authority of time stamps the file comes, signed, and says what it lacks.
func TestTakingAlongWithoutTimeStamps(t *testing.T) {
	w := ownWorld(t, "yamada-taro")
	w.turn(t, "stamp", "dead")
	b := newBrowser(t, desktop, "ja")
	b.arrive("yamada-taro", "1234", "太郎", "目黒区")
	archive := b.takeAlong()
	b.sees("タイムスタンプ）は入っていません。署名は入っています")
	b.open("/check")
	b.until("the page", "document.documentElement?.dataset.ready === 'true'")
	b.choose("data.zip", archive, "good")
	b.says([]string{"まどぐちが書いた日時", "時刻認証局の証明は入っていない"}, "時刻認証局が証明した日時")
	b.screenshot("check-unstamped-desktop")
}
