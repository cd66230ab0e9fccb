//go:build !js

package e2e_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// authenticator is the part of a device that makes sure who holds it: Chromium's, without a finger or a face.
type authenticator struct {
	b  *browser
	id webauthn.AuthenticatorID
}

// finger gives a browser one, that says yes; it can make secrets for the vault.
func (b *browser) finger() authenticator {
	b.t.Helper()
	call(b, webauthn.Enable, webauthn.EnableParams{})
	added := ask(b, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{
		Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Ctap2version: webauthn.Ctap2versionCtap21,
			Transport: webauthn.AuthenticatorTransportInternal, HasResidentKey: true, HasUserVerification: true,
			IsUserVerified: true, HasPrf: true, AutomaticPresenceSimulation: true,
			HasCmtgKey: true, // else it does not take back what it told of a passkey
		},
	})
	return authenticator{b, added.AuthenticatorID}
}

func ask[P, R any](b *browser, command cdp.Command[P, R], params P) R {
	b.t.Helper()
	var answer R
	b.do(func(ctx context.Context, target *chromedp.Target) (_ chromedp.Void, err error) {
		answer, err = cdp.Call(ctx, target, command, params)
		return chromedp.Void{}, err
	})
	return answer
}

// lies has it leave out that it made sure, or sign what is none.
func (a authenticator) lies(unverified, bogus bool) {
	a.b.t.Helper()
	call(a.b, webauthn.SetResponseOverrideBits, webauthn.SetResponseOverrideBitsParams{
		AuthenticatorID: a.id, IsBadUV: &unverified, IsBogusSignature: &bogus,
	})
}

// countsAnew has its passkey come back with an old counter, as a copy that was made before.
func (a authenticator) countsAnew() {
	a.b.t.Helper()
	has := ask(a.b, webauthn.GetCredentials, webauthn.GetCredentialsParams{AuthenticatorID: a.id})
	for _, c := range has.Credentials {
		call(a.b, webauthn.RemoveCredential, webauthn.RemoveCredentialParams{
			AuthenticatorID: a.id, CredentialID: c.CredentialID,
		})
		c.SignCount, c.ActiveCmtgKeyIndex = 1, nil
		call(a.b, webauthn.AddCredential, webauthn.AddCredentialParams{AuthenticatorID: a.id, Credential: c})
	}
}

// wiretap notes what goes to the portal, and what a passkey makes for the vault.
func (b *browser) wiretap() {
	b.t.Helper()
	call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `
window.sent = []
window.secrets = []
const hexed = b => Array.from(new Uint8Array(b), x => x.toString(16).padStart(2, '0')).join('')
const ours = window.fetch
window.fetch = async function(...args) {
  const request = new Request(...args)
  sent.push(request.url + ' ' + hexed(await request.clone().arrayBuffer()))
  return ours.apply(this, args)
}
for (const verb of ['get', 'create']) {
  const asked = navigator.credentials[verb].bind(navigator.credentials)
  navigator.credentials[verb] = async options => {
    const answer = await asked(options)
    const made = answer?.getClientExtensionResults().prf?.results?.first
    if (made) secrets.push(hexed(made))
    return answer
  }
}`})
}

// born goes the way from the computer to the phone and back, until the card has signed.
func born(pc, phone *browser) {
	pc.t.Helper()
	pc.follow("/login/phone")
	pc.press("スマホを登録する")
	pc.sees("スマホのカメラで読み取ってください")
	pc.inspect("a passkey is offered")
	pc.screenshot("passkey-offer")
	address := eval[string](pc, "document.querySelector('#passkey-address .address').textContent")
	if !strings.HasPrefix(address, pc.world.origin+"/login/phone/new#") {
		pc.t.Fatalf("the phone is led to %s", address)
	}
	phone.open(address)
	phone.sees("自分のパソコンの画面から開いたのでないときは")
	phone.until("no token in the address", "location.hash === ''")
	phone.inspect("the phone is asked")
	phone.screenshot("passkey-phone")
	phone.until("the offer to be known", "!document.querySelector('#phone-make.button-busy')")
	phone.press("パスキーを作る")
	phone.until("a code", "/^\\d{3} \\d{3}$/.test(document.getElementById('phone-code')?.textContent)")
	phone.inspect("the phone shows the code")
	phone.screenshot("passkey-phone-code")
	code := eval[string](phone, "document.getElementById('phone-code').textContent")
	pc.fill("スマホに出ている番号", code)
	pc.screenshot("passkey-typed")
	pc.press("カードの署名へ進む")
	pc.sees("3. カードで署名してください", "この端末だけのパスキー", "あと3回")
	pc.until("nothing of it in the address", "location.href === origin + '/login/phone'")
	pc.inspect("the card signs")
	pc.typePIN("1234")
	pc.press("署名して登録する")
	pc.sees("「わたしのスマホ」を登録しました")
	phone.sees("登録が終わりました")
}

// The whole way: the phone makes the passkey, the card signs at the computer, the phone logs in by itself, its vault
// opens without the portal; and what the passkey makes for that goes nowhere.
func TestAPhoneLogsInByPasskey(t *testing.T) {
	w := ownWorld(t, "yamada-hanako")
	pc, b := newBrowser(t, desktop, "ja"), newBrowser(t, phone, "ja")
	pc.arrive("yamada-hanako", "1234", "花子", "目黒区")
	b.become(handhelds[0])
	b.finger()
	b.wiretap()
	born(pc, b)
	pc.inspect("the list of passkeys")
	pc.screenshot("passkey-list")
	w.take(t)

	b.press("ログイン")
	b.at("/login")
	b.inspect("a phone that may log in")
	b.screenshot("passkey-login")
	b.press("パスキーでログイン")
	b.at("/home")
	b.sees("花子さん", "新しい端末（パスキー）が登録されました")
	b.screenshot("passkey-news-phone")
	b.until("a way into the vault by the passkey",
		"("+vaultRows("vaults")+").then(s => s.includes('"+hexOf("passkey")+"'))")
	b.follow("/login/phone")
	b.sees("わたしのスマホ（いまログインしている端末）", "最後に使ったのは", "カードが要ること", "利用者フォルダを閉じる")
	b.inspect("the list on the phone")
	b.screenshot("passkey-list-phone")

	// The canary: what opens the vault is in nothing that was sent.
	secrets, sent := eval[[]string](b, "secrets"), eval[[]string](b, "sent")
	if len(secrets) == 0 || len(secrets[0]) != 64 || len(sent) < 3 {
		t.Fatalf("%d secrets and %d calls were noted", len(secrets), len(sent))
	}
	for _, secret := range secrets {
		raw, err := hex.DecodeString(secret)
		if err != nil {
			t.Fatal(err)
		}
		for _, form := range []string{
			secret, hexOf(secret), hexOf(base64.RawURLEncoding.EncodeToString(raw)),
			hexOf(base64.StdEncoding.EncodeToString(raw)),
		} {
			for _, frame := range sent {
				if strings.Contains(frame, form) {
					t.Errorf("the secret of the vault went to the portal: %.80s", frame)
				}
			}
		}
	}

	// The way that was used last comes first, and the vault opens with nobody logged in and no portal there.
	b.open("/notice")
	b.sees("お知らせ")
	b.until("the vault keeps who it is", "("+vaultRows("records")+").then(s => JSON.parse(s || '[]')"+
		".some(r => r.kind === 'account'))")
	back := offPortal(t, w)
	b.open("/device/open?next=/device")
	b.press("パスキー（顔・指紋・画面ロック）で開く")
	b.at("/device")
	b.sees("いま、パスキーで開いています")
	b.screenshot("passkey-vault")
	back()

	// Ended at the computer: the phone is out, and its passkey is told so.
	pc.follow("/home")
	pc.follow("/login/phone")
	pc.press("終わりにする")
	pc.sees("この端末でのログインを終わりにしますか")
	pc.clickID("passkey-sure")
	pc.sees("「わたしのスマホ」を終わりにしました", "登録した端末はありません")
	b.open("/login")
	b.press("パスキーでログイン")
	b.sees("このパスキーは登録されていません")
	b.screenshot("passkey-ended")
}

// A computer that makes sure itself who sits there does all of it alone; and each way in which its passkey can lie has
// words of its own.
func TestAComputerWithItsOwnPasskey(t *testing.T) {
	w := ownWorld(t, "yamada-taro")
	b := newBrowser(t, desktop, "ja")
	finger := b.finger()
	b.arrive("yamada-taro", "1234", "太郎", "目黒区")
	b.follow("/login/phone")
	b.press("この端末を登録する")
	b.sees("番号と名前を入力してください")
	b.until("no code to type", "!document.getElementById('passkey-code')")
	b.fill("端末の名前", "書斎")
	b.press("カードの署名へ進む")
	b.sees("カードは「書斎」の登録だけに署名します", "あと3回")
	b.typePIN("1234")
	b.press("署名して登録する")
	b.sees("「書斎」を登録しました")
	b.press("名前を変える")
	b.until("a place for a name", "document.getElementById('passkey-rename')")
	b.typeInto("passkey-rename", "書斎のパソコン")
	b.clickID("passkey-rename-go")
	b.sees("名前を「書斎のパソコン」にしました")
	// The same device has one already.
	b.press("この端末を登録する")
	b.sees("この端末はもう登録されています")
	w.take(t)
	b.press("太郎さん")
	b.press("ログアウト")
	b.sees("ログアウトしました")

	b.open("/login")
	b.until("the card first", "document.querySelector('.login-way')?.id === 'way-card'")
	try := func() {
		t.Helper()
		b.until(
			"the button", "document.getElementById('passkey-go') && !document.querySelector('#passkey-go.button-busy')",
		)
		b.press("パスキーでログイン")
	}
	refused := func(words string) {
		t.Helper()
		try()
		b.sees(words)
		b.at("/login")
	}
	finger.lies(true, false)
	refused("端末が本人を確かめませんでした")
	finger.lies(false, true)
	refused("パスキーの署名が合いません")
	finger.lies(false, false)
	try()
	b.at("/home")
	b.sees("太郎さん")
	b.press("太郎さん")
	b.press("ログアウト")
	b.sees("ログアウトしました")
	b.open("/login")
	b.until("the passkey first", "document.querySelector('.login-way')?.id === 'way-passkey'")
	b.screenshot("passkey-first")
	finger.countsAnew()
	refused("このパスキーは終わりにしました")
	// The card gets in all the same.
	w.lay(t, "yamada-taro")
	b.logIn("1234")
	b.at("/home")
}

// A phone that cannot is told so plainly, and what there is instead.
func TestAPhoneThatKnowsNoPasskeys(t *testing.T) {
	ownWorld(t)
	b := newBrowser(t, phone, "ja")
	b.become(handhelds[1])
	call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
		Source: "delete window.PublicKeyCredential",
	})
	b.open("/login")
	b.sees("このブラウザではパスキーを使えません", "かざしたカードを読めません", "カードリーダーをつないだパソコン")
	b.inspect("a phone without passkeys")
	b.screenshot("passkey-cannot")
	b.open("/login/phone/new#AAAAAAAAAAAAAAAAAAAAAA")
	b.sees("このブラウザではパスキーを使えません")
	b.inspect("asked for a passkey without any")
}

// What is over, foreign or none says so on the phone.
func TestAnOfferThatIsOver(t *testing.T) {
	ownWorld(t)
	b := newBrowser(t, phone, "ja")
	b.become(handhelds[0])
	b.finger()
	b.open("/login/phone/new#AAAAAAAAAAAAAAAAAAAAAA")
	b.sees("この登録は終わっています", "パソコンの画面で、はじめからやり直してください")
	b.inspect("an offer that is over")
	b = newBrowser(t, phone, "ja") // that one keeps, for a reload, what it was opened with
	b.become(handhelds[0])
	b.open("/login/phone/new")
	b.sees("スマホの登録は、パソコンから始めます")
	b.inspect("no offer at all")
}

// clickID clicks what has an id, as soon as it is there.
func (b *browser) clickID(id string) {
	b.t.Helper()
	b.until("the button "+id, "(e => { if (e) e.click(); return !!e })(document.getElementById("+quote(id)+"))")
}
