//go:build !js

package e2e_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"rsc.io/qr"
)

// readCode reads the code on the page as a camera would: from its picture.
func (b *browser) readCode() *url.URL {
	b.t.Helper()
	b.until("a code", "document.querySelector('.qr-picture')")
	said := eval[string](b, `(async () => {
		const jsQR = await madoguchiDecoder();
		const copy = document.querySelector('.qr-picture').cloneNode(true);
		const size = Number(copy.getAttribute('viewBox').split(' ')[2]);
		copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
		copy.setAttribute('width', size * 8);
		copy.setAttribute('height', size * 8);
		copy.querySelector('.qr-light').setAttribute('fill', '#fff');
		const image = new Image();
		image.src = 'data:image/svg+xml,' + encodeURIComponent(new XMLSerializer().serializeToString(copy));
		await image.decode();
		const canvas = new OffscreenCanvas(size * 8, size * 8);
		const drawing = canvas.getContext('2d');
		drawing.drawImage(image, 0, 0);
		const found = jsQR(drawing.getImageData(0, 0, size * 8, size * 8).data, size * 8, size * 8);
		return found ? found.data : '';
	})()`)
	address, err := url.Parse(said)
	if err != nil || address.Scheme+"://"+address.Host != b.world.origin || address.Path != "/qr" ||
		address.RawQuery != "" || len(address.Fragment) != 22 {
		b.t.Fatalf("the code says %q", said)
	}
	return address
}

// showCode has a computer show a code, from the login page on.
func (b *browser) showCode() *url.URL {
	b.t.Helper()
	b.open("/login")
	b.press("2次元バーコードを出す")
	b.at("/login/qr")
	return b.readCode()
}

// comes is the phone's camera app: it opens the address.
func (b *browser) comes(code *url.URL) {
	b.t.Helper()
	b.open(code.Path + "#" + code.Fragment)
	b.until("the token to be out of the address bar", "location.pathname === '/qr' && location.hash === ''")
}

// shown is the number on the phone.
func (b *browser) shown() string {
	b.t.Helper()
	b.until("a number", "/^[0-9]{3} [0-9]{3}$/.test(document.getElementById('qr-number')?.textContent ?? '')")
	return eval[string](b, "document.getElementById('qr-number').textContent")
}

// The whole way, with the token in no address that a server is sent, and the session ended from the phone.
func TestAPhoneLetsAComputerIn(t *testing.T) {
	w := ownWorld(t, "yamada-hanako")
	hers, pc := newBrowser(t, phone, "ja"), newBrowser(t, desktop, "ja")
	hers.arrive("yamada-hanako", "1234", "花子", "目黒区")
	w.take(t)
	hers.become(handhelds[0])

	code := pc.showCode()
	pc.screenshot("qr-computer")
	hers.comes(code)
	hers.sees("Chrome, Linux", "このスマホと同じ", "いま目の前にありますか", "許可する", "断る")
	hers.screenshot("qr-phone-asks")
	if !hers.holds(`(() => {
		const [a, b] = ['qr-allow', 'qr-refuse'].map((id) => document.getElementById(id).getBoundingClientRect());
		return a.width === b.width && a.height === b.height && a.height >= 44;
	})()`) {
		t.Error("to refuse is not as large as to allow")
	}
	pc.sees("スマホで開きました")
	hers.press("許可する")
	number := hers.shown()
	hers.screenshot("qr-phone-number")
	pc.sees("スマホに出ている6けたの番号")
	pc.until("the focus in the field", "document.activeElement?.id === 'qr-number'")
	pc.screenshot("qr-computer-number")
	pc.fill("スマホに出ている6けたの番号", "12345")
	pc.press("ログイン")
	pc.sees("数字を6けた入れてください")
	pc.fill("スマホに出ている6けたの番号", number) // with its blank
	pc.press("ログイン")
	pc.at("/home")
	pc.sees("花子さん")
	hers.sees("パソコンがログインしました")
	hers.screenshot("qr-phone-in")

	// It is marked as such, and nothing is kept there.
	pc.open("/device")
	pc.sees("共用の端末")
	pc.press("ログインしている端末を見る")
	pc.at("/usage/devices")
	pc.sees("（この端末）", "ほかの人も使う端末", "2次元バーコード")
	hers.press("そのパソコンをログアウトさせる")
	hers.sees("そのパソコンをログアウトさせました")
	pc.open("/notice")
	pc.sees("ログインが必要です")
	if strings.Contains(w.processes["portal"].output.String(), code.Fragment) {
		t.Error("the portal's log has the token")
	}
}

// What goes wrong has its own words on both sides, and each leads on.
func TestALoginByCodeThatComesToNothing(t *testing.T) {
	w := ownWorld(t, "yamada-taro")
	his, pc := newBrowser(t, phone, "ja"), newBrowser(t, desktop, "ja")
	his.arrive("yamada-taro", "1234", "太郎", "目黒区")
	w.take(t)
	his.become(handhelds[0])

	// Another number.
	his.comes(pc.showCode())
	his.press("許可する")
	wrong := "000000"
	if strings.ReplaceAll(his.shown(), " ", "") == wrong {
		wrong = "000001"
	}
	pc.sees("スマホに出ている6けたの番号")
	pc.fill("スマホに出ている6けたの番号", wrong)
	pc.press("ログイン")
	pc.sees("番号が違いました", "新しいコードを出す")
	his.sees("番号が違いました", "パソコンはログインしていません")
	pc.screenshot("qr-computer-mistyped")

	// Without a network the code stays, and it goes on from there.
	pc.press("新しいコードを出す")
	code := pc.readCode()
	pc.offline(true)
	pc.sees("ネットワークにつながっていません")
	pc.offline(false)
	pc.until("no word of the network", "!"+visibleText+".includes('つながると、続きから')")
	his.comes(code)
	his.sees("いま目の前にありますか")
	his.press("断る")
	his.sees("断りました", "見覚えのないパソコンなら")
	pc.sees("スマホで断られました")
	his.screenshot("qr-phone-refused")

	// Opened again it is decided; a code of somebody else's is none.
	his.comes(code)
	his.sees("このコードは、もう決まっています")
	his.open("/qr#https://example.com/x")
	his.sees("まどぐちのコードではありません")

	// Reported, nobody can ask for a while; the card still works.
	pc.press("新しいコードを出す")
	code = pc.readCode()
	his.comes(code)
	his.press("断る")
	his.press("見覚えがないと知らせる")
	his.sees("知らせを受け付けました", "10分のあいだ")
	pc.sees("スマホで断られました")
	pc.press("新しいコードを出す")
	pc.sees("2次元バーコードでのログインを、しばらく止めています", "10分ほど")
	other := newBrowser(t, desktop, "ja")
	his.comes(other.showCode())
	his.sees("2次元バーコードでのログインを、しばらく止めています")
}

// Who is not logged in on the phone logs in, and the way goes on.
func TestACodeOpenedBeforeTheLogin(t *testing.T) {
	w := ownWorld(t, "suzuki-umeko")
	first := newBrowser(t, desktop, "ja")
	first.arrive("suzuki-umeko", "1234", "梅子", "目黒区")
	his, pc := newBrowser(t, phone, "ja"), newBrowser(t, desktop, "ja")
	his.open("/")
	his.comes(pc.showCode())
	his.sees("コードを読み取りました。このスマホでログインすると、続きに進みます")
	his.screenshot("qr-phone-login-first")
	his.press("ログイン")
	his.at("/login")
	his.sees("あと3回")
	his.typePIN("1234")
	his.press("ログイン")
	his.at("/qr")
	his.until("who asks, or that it took too long", "/いま目の前にありますか|もう使えません/.test(document.body.innerText)")
	if eval[bool](his, "/もう使えません/.test(document.body.innerText)") { // on a machine that is slower than a person
		his.comes(pc.showCode())
	}
	his.press("許可する")
	number := his.shown()
	pc.sees("スマホに出ている6けたの番号")
	pc.fill("スマホに出ている6けたの番号", number)
	pc.press("ログイン")
	pc.at("/home")
	w.take(t)
}

// The portal's own scanner reads a code by the camera, by what the browser has or by jsQR, which nobody loads before.
func TestThePortalsScanner(t *testing.T) {
	ownWorld(t, "kobayashi-ren")
	film := filepath.Join(t.TempDir(), "film.y4m")
	pc := newBrowser(t, desktop, "ja")
	hers := newCamera(t, phone, "ja", film)
	hers.arrive("kobayashi-ren", "1234", "蓮", "目黒区")
	if hers.holds("performance.getEntriesByType('resource').some((r) => /decoder/.test(r.name))") {
		t.Error("the decoder was loaded before anybody scanned")
	}
	takeFilm(t, film, pc.showCode().String())
	hers.open("/qr")
	hers.sees("コードを読み取る")
	hers.press("コードを読み取る")
	hers.sees("いま目の前にありますか")
	if hers.holds("document.querySelector('video')?.srcObject?.active") {
		t.Error("the camera goes on")
	}
	hers.press("断る")
	pc.sees("スマホで断られました")

	takeFilm(t, film, "https://example.com/qr#AbCdEfGhIjKlMnOpQrSt_-")
	hers.open("/qr")
	hers.press("コードを読み取る")
	hers.sees("まどぐちのコードではありません")
}

// newCamera is a Chromium whose camera sees a film, and whose person allows it.
func newCamera(t *testing.T, s size, language, film string) *browser {
	t.Helper()
	checkBuilt(t)
	options := append(chromiumOptions(t.TempDir(), language), chromedp.ExecPath(shell()),
		chromedp.Flag("use-fake-device-for-media-stream", true), chromedp.Flag("use-fake-ui-for-media-stream", true),
		chromedp.Flag("use-file-for-fake-video-capture", film))
	allocator, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	return openBrowser(t, s, allocator)
}

// takeFilm writes a film of one picture: a code, some way off.
func takeFilm(t *testing.T, film, says string) {
	t.Helper()
	code, err := qr.Encode(says, qr.M)
	if err != nil {
		t.Fatal(err)
	}
	const width, height, module = 640, 480, 8
	picture := make([]byte, width*height*3/2)
	for i := range picture {
		picture[i] = 128 // neither colour
	}
	for y := range height {
		for x := range width {
			light := byte(235)
			if code.Black((x-(width-code.Size*module)/2)/module, (y-(height-code.Size*module)/2)/module) &&
				x >= (width-code.Size*module)/2 && y >= (height-code.Size*module)/2 {
				light = 16
			}
			picture[y*width+x] = light
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "YUV4MPEG2 W%d H%d F10:1 Ip A1:1 C420jpeg\n", width, height)
	for range 10 {
		b.WriteString("FRAME\n")
		b.Write(picture)
	}
	if err := os.WriteFile(film, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// nearPhone gives a browser what headless ones have not: Bluetooth, and by that a phone that is near, which reads the
// browser's own code. Its answer is the virtual authenticator's, or no where refuses says so.
func (b *browser) nearPhone(refuses bool) {
	b.t.Helper()
	call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: fmt.Sprintf(`
PublicKeyCredential.getClientCapabilities = async () => ({ hybridTransport: true })
window.asked = []
const near = navigator.credentials.get.bind(navigator.credentials)
navigator.credentials.get = async options => {
  const { hints, extensions } = options.publicKey
  asked.push(JSON.stringify({ hints, extensions }))
  if (%t) throw new DOMException('nobody came near', 'NotAllowedError')
  return near(options)
}`, refuses)})
}

// Where the browser has a code of its own, the same button shows that one first; ours is there for who has no
// Bluetooth, and takes over where no phone came near. A session born so is one on a computer that others may use.
func TestTheBrowsersOwnCodeComesFirst(t *testing.T) {
	w := ownWorld(t, "yamada-taro")
	b := newBrowser(t, desktop, "ja")
	b.finger()
	b.arrive("yamada-taro", "1234", "太郎", "目黒区")
	b.follow("/login/phone")
	b.press("この端末を登録する")
	b.sees("番号と名前を入力してください")
	b.press("カードの署名へ進む")
	b.sees("あと3回")
	b.typePIN("1234")
	b.press("署名して登録する")
	b.sees("を登録しました")
	w.take(t)
	b.press("太郎さん")
	b.press("ログアウト")
	b.sees("ログアウトしました")

	b.nearPhone(false)
	b.open("/login")
	b.sees("パソコンとスマホのBluetooth", "Bluetoothを使わずに、まどぐちのコードを出す")
	b.screenshot("qr-nearby")
	b.inspect("the browser's own code is offered")
	b.press("2次元バーコードを出す")
	b.at("/home")
	b.sees("太郎さん")
	if asked := eval[[]string](b, "asked"); len(asked) != 1 || asked[0] != `{"hints":["hybrid"],"extensions":{}}` {
		t.Errorf("the browser was asked for %q", asked)
	}
	b.open("/device")
	b.sees("共用の端末")

	none := newBrowser(t, desktop, "ja")
	none.nearPhone(true)
	none.open("/login")
	none.sees("パソコンとスマホのBluetooth")
	none.press("2次元バーコードを出す")
	none.sees("端末からパスキーの答えがありませんでした", "下の「まどぐちのコードを出す」")
	none.at("/login")
	none.screenshot("qr-nearby-none")
	none.press("まどぐちのコードを出す")
	none.at("/login/qr")
	none.readCode()
}
