//go:build !js

package login

import (
	"strings"
	"testing"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/pagetest"
	"madoguchi/frontend/frame/shell"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const (
	qrOrigin = "https://portal.example.jp"
	qrToken  = "AbCdEfGhIjKlMnOpQrSt_-"
)

// Only this portal's own address is a code of ours; nothing else is sent anywhere.
func TestForeignCodes(t *testing.T) {
	if got := tokenOf(" "+qrOrigin+"/qr#"+qrToken+"\n", qrOrigin); got != qrToken {
		t.Errorf("%q", got)
	}
	for _, said := range []string{
		"", qrToken, qrOrigin, qrOrigin + "/qr", qrOrigin + "/qr?x=1#" + qrToken, qrOrigin + "/login#" + qrToken,
		"https://portal.example.jp.evil.example/qr#" + qrToken, "https://u@portal.example.jp/qr#" + qrToken,
		"http://portal.example.jp/qr#" + qrToken, "https://portal.example.jp:8443/qr#" + qrToken,
		qrOrigin + "/qr#" + qrToken + "A", qrOrigin + "/qr#" + qrToken[:21] + "!", "javascript:alert(1)#" + qrToken,
		"WIFI:S:home;T:WPA;P:secret;;", qrOrigin + "/qr/#" + qrToken, qrOrigin + "/%71r#" + qrToken + "/",
	} {
		if got := tokenOf(said, qrOrigin); got != "" {
			t.Errorf("%q is taken for a code of ours: %q", said, got)
		}
	}
}

func FuzzCodes(f *testing.F) {
	f.Add(qrOrigin + "/qr#" + qrToken)
	f.Add("https://\x00/qr#" + qrToken)
	f.Fuzz(func(t *testing.T, said string) {
		token := tokenOf(said, qrOrigin)
		if token == "" {
			return
		}
		if len(token) != 22 || !strings.HasPrefix(strings.ToLower(strings.TrimSpace(said)), qrOrigin) {
			t.Errorf("%q is taken for a code of ours: %q", said, token)
		}
	})
}

func TestNumbersAsPeopleTypeThem(t *testing.T) {
	for typed, want := range map[string]string{
		"123456": "123456", "123 456": "123456", "１２３　４５６": "123456", " 123-456 ": "123456", "１２３ー４５６": "123456",
		"12345": "", "1234567": "", "12345a": "", "": "", "一二三四五六": "", "٣٤٥٦٧٨": "",
	} {
		if got := digitsOf(typed); got != want {
			t.Errorf("%q is read as %q, want %q", typed, got, want)
		}
	}
}

func FuzzNumbers(f *testing.F) {
	f.Add("１２３ 456")
	f.Fuzz(func(t *testing.T, typed string) {
		if got := digitsOf(typed); got != "" && (len(got) != 6 || strings.Trim(got, "0123456789") != "") {
			t.Errorf("%q is read as %q", typed, got)
		}
	})
}

func as(t *testing.T, state shell.State) {
	t.Helper()
	shell.SetSession(shell.Session{State: state})
	t.Cleanup(func() { shell.SetSession(shell.Session{}) })
}

// Who asks is told in words, in each language; to refuse is as large as to allow, and stands first in no order that
// anybody could take for advice: both look alike.
func TestWhoAsksIsTold(t *testing.T) {
	as(t, shell.CitizenState)
	who := &portalv1.OpenQrResponse{
		Name: "Firefox, Linux", Place: portalv1.QrPlace_QR_PLACE_ABROAD, Network: portalv1.QrNetwork_QR_NETWORK_OTHER,
		AgeMs: 12_000,
	}
	p := &qrPhone{token: qrToken, who: who}
	html := app.HTMLString(app.Div().Body(p.asks()...))
	pagetest.Has(t, html, "Firefox, Linux", "国外", "このスマホと違う", "12秒前", "いま目の前にありますか", "断ってください")
	allow, refuse := buttonOf(t, html, "qr-allow"), buttonOf(t, html, "qr-refuse")
	if allow != refuse {
		t.Errorf("one looks larger: %q, %q", allow, refuse)
	}
	who.Place, who.Network, who.Name = portalv1.QrPlace_QR_PLACE_UNSPECIFIED, portalv1.QrNetwork_QR_NETWORK_SAME, ""
	html = app.HTMLString(app.Div().Body(p.asks()...))
	pagetest.Has(t, html, "このスマホと同じ", "名前の分からないブラウザ")
	pagetest.HasNot(t, html, "国内", "国外")
	pagetest.In(t, lang.English)
	pagetest.Has(t, app.HTMLString(app.Div().Body(p.asks()...)), "Is this computer in front of you now?")
}

func buttonOf(t *testing.T, html, id string) (class string) {
	t.Helper()
	_, tag, found := strings.Cut(html, `id="`+id+`"`)
	before := html[:strings.Index(html, `id="`+id+`"`)]
	whole := before[strings.LastIndex(before, "<"):] + `id="` + id + `"` + tag[:strings.Index(tag, ">")]
	_, class, ok := strings.Cut(whole, `class="`)
	if !found || !ok {
		t.Fatalf("%s is missing in %s", id, html)
	}
	return class[:strings.Index(class, `"`)]
}

// What may come of a code has its own words on both sides.
func TestEachEndHasItsOwnWords(t *testing.T) {
	as(t, shell.CitizenState)
	seen := map[string]portalv1.QrState{}
	for state := portalv1.QrState_QR_STATE_REFUSED; state <= portalv1.QrState_QR_STATE_EXPIRED; state++ {
		c := &qrComputer{code: &portalv1.BeginQrResponse{Token: qrToken}, state: state}
		banner := c.overBanner()
		title := banner.Title.String()
		if other, twice := seen[title]; twice || banner.Title.Empty() {
			t.Errorf("%v says %q, as %v does", state, title, other)
		}
		seen[title] = state
		pagetest.Has(t, app.HTMLString(app.Div().Body(c.now()...)), "新しいコードを出す")
	}
	c := &qrComputer{
		code:  &portalv1.BeginQrResponse{Token: qrToken, Size: 37, Path: "M4 4h7v1h-7z"},
		state: portalv1.QrState_QR_STATE_SHOWN, until: time.Now().Add(time.Minute),
	}
	pagetest.Has(t, app.HTMLString(app.Div().Body(c.now()...)), `d="M4 4h7v1h-7z"`, "あと60秒")
	c.cut = true
	pagetest.Has(t, app.HTMLString(app.Div().Body(c.now()...)), "ネットワークにつながっていません")
	c.cut, c.state = false, portalv1.QrState_QR_STATE_ALLOWED
	html := app.HTMLString(app.Div().Body(c.now()...))
	pagetest.Has(t, html, `inputmode="numeric"`, `autocomplete="off"`, "6けたの番号")
	pagetest.HasNot(t, html, "M4 4h7v1h-7z")
	for _, p := range []*qrPhone{
		{foreign: true}, {state: portalv1.QrState_QR_STATE_USED, begun: "x"}, {refused: true},
		{refused: true, told: true},
		{state: portalv1.QrState_QR_STATE_MISTYPED}, {state: portalv1.QrState_QR_STATE_EXPIRED},
	} {
		if p.outcome().Title.Empty() == p.foreignBanner().Title.Empty() {
			t.Errorf("%+v says nothing, or two things", p)
		}
	}
	as(t, shell.LoggedOut)
	pagetest.Has(t, app.HTMLString(app.Div().Body((&qrPhone{token: qrToken}).now()...)), "コードを読み取りました",
		`href="/login?next=%2Fqr"`)
	pagetest.HasNot(t, app.HTMLString(app.Div().Body((&qrPhone{token: qrToken}).now()...)), qrToken)
	as(t, shell.NewcomerState)
	pagetest.Has(t, app.HTMLString(app.Div().Body((&qrPhone{token: qrToken}).now()...)), "利用者フォルダを開いてください")
}
