//go:build !js

package proof

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/card"
	"madoguchi/frontend/reach/certificate/certificatetest"
	"madoguchi/frontend/reach/rpc"
	bridgev2 "madoguchi/proto/gen/bridge/v2"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

func TestDigits(t *testing.T) {
	for raw, want := range map[string]string{
		"": "", "1234": "1234", "12345678": "1234", " 12-34 ": "1234", "１２３４": "1234", "12ab３4": "1234", "一二三四": "",
		"12\n": "12", "1\xff２3": "123",
	} {
		text := []byte(raw)
		if got := digits(text); string(got) != want {
			t.Errorf("%q: %q, want %q", raw, got, want)
		}
		if rest := strings.Trim(string(text[len(want):]), "\x00"); rest != "" {
			t.Errorf("%q: %q stayed", raw, rest)
		}
	}
}

func complete(t *testing.T, name string, m trouble.Message) {
	t.Helper()
	for _, code := range lang.All {
		if m.What.In(code) == "" || m.Means.In(code) == "" || m.Do.In(code) == "" {
			t.Errorf("%s: something is missing in %s", name, code)
		}
	}
}

func TestEveryPhaseHasWordsOfItsOwn(t *testing.T) {
	seen := map[string]card.Phase{}
	for phase := card.Searching; phase <= card.Unreadable; phase++ {
		lying := card.Lying{Phase: phase, HolderOrigin: "https://other.example", HolderPurpose: "申請"}
		message := Standing(card.Status{Lying: lying})
		complete(t, fmt.Sprintf("phase %d", phase), message)
		what := message.What.In(lang.Japanese)
		if other, twice := seen[what]; twice {
			t.Errorf("phases %d and %d both say %s", phase, other, what)
		}
		seen[what] = phase
		if bad := tone(phase) == "failure" || tone(phase) == "warning"; bad != (message.Code != "") {
			t.Errorf("phase %d (%s) has the code %q", phase, tone(phase), message.Code)
		}
	}
}

func TestFailures(t *testing.T) {
	refused := func(code bridgev2.ErrorCode, left int) error {
		return fmt.Errorf("signing a challenge: %w", &card.Refusal{
			Code: code, Detail: "x", Tries: &card.Tries{Left: left},
		})
	}
	for name, c := range map[string]struct {
		err  error
		says string
	}{
		"wrong PIN": {refused(bridgev2.ErrorCode_ERROR_CODE_WRONG_PIN, 2), "暗証番号が違います（あと2回）"},
		"locked":    {refused(bridgev2.ErrorCode_ERROR_CODE_LOCKED, 0), "利用者証明用の暗証番号がロックされています"},
		"PIN form":  {refused(bridgev2.ErrorCode_ERROR_CODE_PIN_FORM, 3), "暗証番号は数字4桁です"},
		"pause":     {refused(bridgev2.ErrorCode_ERROR_CODE_PAUSE, 2), "まだ入力を受け付けていません"},
		"lay again": {refused(bridgev2.ErrorCode_ERROR_CODE_LAY_AGAIN, 1), "カードを一度はなして、置きなおしてください"},
		"removed":   {refused(bridgev2.ErrorCode_ERROR_CODE_CARD_REMOVED, 0), "途中でカードが外れました"},
		"no card":   {refused(bridgev2.ErrorCode_ERROR_CODE_NO_CARD, 0), "途中でカードが外れました"},
		"swapped":   {refused(bridgev2.ErrorCode_ERROR_CODE_CARD_CHANGED, 0), "途中で別のカードに替わりました"},
		"held":      {refused(bridgev2.ErrorCode_ERROR_CODE_HELD, 0), "ほかのページがカードを使っています"},
		"busy":      {refused(bridgev2.ErrorCode_ERROR_CODE_BUSY, 0), "ほかのプログラムがカードを使っています"},
		"declined":  {refused(bridgev2.ErrorCode_ERROR_CODE_DECLINED, 0), "確認で「いいえ」が選ばれたので、中止しました"},
		"not typed": {
			fmt.Errorf("%w: %w", card.ErrNotTyped, refused(bridgev2.ErrorCode_ERROR_CODE_PIN_FORM, 3)),
			"リーダーのキーでの入力が終わりませんでした",
		},
		"no keys":      {refused(bridgev2.ErrorCode_ERROR_CODE_NOT_SUPPORTED, 0), "このカードリーダーかパソコンでは、この方法を使えません"},
		"another's":    {refused(bridgev2.ErrorCode_ERROR_CODE_OTHER_PERSON, 0), "別の方のカードです"},
		"unknown":      {refused(bridgev2.ErrorCode_ERROR_CODE_CHANGE_UNKNOWN, 2), "暗証番号が変わったかどうか、分かりません"},
		"malformed":    {refused(bridgev2.ErrorCode_ERROR_CODE_MALFORMED, 0), "カードを読み取れませんでした"},
		"foreign":      {refused(bridgev2.ErrorCode_ERROR_CODE_FOREIGN_ORIGIN, 0), "このサイトのための要求ではないため、署名しませんでした"},
		"no challenge": {refused(bridgev2.ErrorCode_ERROR_CODE_NOT_A_CHALLENGE, 0), "このサイトのための要求ではないため、署名しませんでした"},
		"refused": {
			&rpc.Error{
				Code: rpc.CodeInvalidArgument, Info: &portalv1.ErrorInfo{
					Reason: portalv1.Reason_REASON_CERTIFICATE_REVOKED,
				},
			}, "電子証明書が失効しています",
		},
		"page's fault": {refused(bridgev2.ErrorCode_ERROR_CODE_INVALID, 0), "カードとのやりとりに失敗しました"},
		"bridge":       {card.ErrBridgeGone, "カードブリッジとの接続が切れました"},
		"challenge":    {fmt.Errorf("%w: it names another origin", ErrChallenge), "このサイトのための要求ではないため、署名しませんでした"},
		"deadline":     {context.DeadlineExceeded, "カードの応答に時間がかかりすぎました"},
		"portal":       {&rpc.Error{Code: rpc.CodeUnavailable, Text: "x"}, "まどぐちにつながりません"},
		"portal, deep": {
			fmt.Errorf("asking for a challenge: %w", &rpc.Error{Code: rpc.CodeResourceExhausted, Text: "x"}),
			"短い間に操作が重なりました",
		},
		"unheard of": {errors.New("x"), "カードとのやりとりに失敗しました"},
	} {
		message := Failure(c.err)
		if got := message.What.In(lang.Japanese); got != c.says {
			t.Errorf("%s: %s, want %s", name, got, c.says)
		}
		complete(t, name, message)
		if message.Detail == "" {
			t.Errorf("%s: no detail", name)
		}
	}
}

// Whatever a bridge of this version refuses has words, and those of no two codes to quote are the same code.
func TestEveryRefusalHasWords(t *testing.T) {
	for number, name := range bridgev2.ErrorCode_name {
		message := Failure(&card.Refusal{Code: bridgev2.ErrorCode(number), Tries: &card.Tries{Left: 1}})
		complete(t, name, message)
		if message.Code == "" {
			t.Errorf("%s has no code to quote", name)
		}
	}
	said := map[string]string{}
	note := func(m trouble.Message) {
		what := m.What.In(lang.Japanese)
		if other, twice := said[m.Code]; twice && other != what && m.Code != codes[card.HeldCard] {
			t.Errorf("%s says both %s and %s", m.Code, other, what)
		}
		said[m.Code] = what
	}
	for phase := range codes {
		note(Standing(card.Status{Lying: card.Lying{Phase: phase}}))
	}
	for _, f := range failures() {
		note(f.message())
	}
}

func TestWhatHasEndedIsTold(t *testing.T) {
	ends := time.Date(2026, 10, 1, 14, 59, 59, 0, time.UTC)
	der := certificatetest.Until(t, ends)
	status := card.Status{Lying: card.Lying{Phase: card.Expired, Contents: card.Contents{Certificate: der}}}
	told := Standing(status)
	complete(t, "expired", told)
	if what := told.What.In(lang.Japanese); !strings.Contains(what, "2026年10月1日") {
		t.Error(what)
	}
	p := &Pad{status: status}
	if html := drawn(p.Render()); !strings.Contains(html, "市区町村の窓口") || strings.Contains(html, "picture-success") {
		t.Error(html)
	}
}

func portalRefuses(reason portalv1.Reason) error {
	return fmt.Errorf("logging in: %w", &rpc.Error{
		Code: rpc.CodeInvalidArgument, Info: &portalv1.ErrorInfo{Reason: reason},
	})
}

// What the portal refuses is told in the reason's own words, beside no green and no digits.
func TestARefusedProofLeavesNeitherGreenNorDigits(t *testing.T) {
	for reason := range refusals {
		err := portalRefuses(reason)
		if !refused(err) {
			t.Errorf("%s is no refusal", reason)
		}
		s := card.Status{Lying: card.Lying{Phase: card.Rejected, Place: card.Place{Reader: "R"}, Err: err}}
		told := Standing(s)
		complete(t, reason.String(), told)
		if told.Code == "" || told.What.In(lang.Japanese) != trouble.Words(err).What.In(lang.Japanese) {
			t.Errorf("%s: %s, %q", reason, told.What, told.Code)
		}
		html := drawn((&Pad{status: s}).Render())
		digits := regexp.MustCompile(`<section[^>]*pad-type[^>]*>`).FindString(html)
		hidden := strings.Contains(digits, "hidden") && !strings.Contains(digits, `hidden="false"`)
		if strings.Contains(html, "success") || !hidden || !strings.Contains(html, "picture-failure") {
			t.Errorf("%s: %s", reason, html)
		}
	}
	for _, passing := range []error{
		portalRefuses(portalv1.Reason_REASON_TOO_MANY_REQUESTS), portalRefuses(portalv1.Reason_REASON_INTERNAL),
		&rpc.Error{Code: rpc.CodeUnavailable}, card.ErrCardRemoved,
	} {
		if refused(passing) {
			t.Errorf("%v is at the card", passing)
		}
	}
	// Of each reason that the portal has for a proof it is known whose fault it is.
	for number, name := range portalv1.Reason_name {
		if _, known := refusals[portalv1.Reason(number)]; number >= 20 && number < 40 && !known {
			t.Errorf("%s is no refusal", name)
		}
	}
}

// Where no digits help there is no place for them; while another has the card they are kept.
func TestThePlaceForDigits(t *testing.T) {
	for phase := card.Searching; phase <= card.Unreadable; phase++ {
		s := card.Status{Lying: card.Lying{Phase: phase, Contents: card.Contents{Certificate: []byte{1}}}}
		p := &Pad{status: s}
		if p.typable() && hopeless(phase) || p.usable() && !p.typable() {
			t.Errorf("phase %d takes digits", phase)
		}
		bad := tone(phase) == kit.Failure && phase != card.ServiceDown && phase != card.Unreadable
		if bad && !hopeless(phase) {
			t.Errorf("phase %d shows a place for digits", phase)
		}
	}
	for _, phase := range []card.Phase{card.Ready, card.HeldCard, card.BusyCard} {
		p := &Pad{status: card.Status{Lying: card.Lying{Phase: phase, Contents: card.Contents{Certificate: []byte{1}}}}}
		if !p.typable() {
			t.Errorf("phase %d takes no digits", phase)
		}
	}
}

// What the status says is not said a second time above it.
func TestALockIsToldOnce(t *testing.T) {
	p := &Pad{failure: Failure(card.ErrLocked), status: card.Status{Lying: card.Lying{Phase: card.Locked}}}
	if html := drawn(p.Render()); strings.Count(html, "ロックされています") != 1 {
		t.Error(html)
	}
	p.failure = Failure(card.ErrCardRemoved)
	if html := drawn(p.Render()); !strings.Contains(html, "途中でカードが外れました") {
		t.Error(html)
	}
}

func TestTheCardThatIsLeftIsAskedFor(t *testing.T) {
	left := card.Lying{Place: card.Place{Reader: "Reader B", Insertion: 1}, Phase: card.Ready}
	s := card.Status{Lying: card.Lying{Phase: card.SeveralCards}, Cards: []card.Lying{left}}
	complete(t, "one left", Standing(s))
	if html := drawn(StatusUI(s)) + drawn(Chooser(s)); !strings.Contains(html, "残っているカード") ||
		!strings.Contains(html, "Reader B") || strings.Contains(html, "2枚") {
		t.Error(html)
	}
}

// A phone is told how one logs in and what it can do, and nothing of a bridge.
func TestOnAPhone(t *testing.T) {
	for _, code := range lang.All {
		lang.Set(code)
		html := drawn(WithoutCard("https://portal.example.jp/notice", true))
		for _, want := range []string{
			`href="/procedures"`, `href="/guide"`, `href="/todo"`, "https://portal.example.jp/notice",
		} {
			if !strings.Contains(html, want) {
				t.Errorf("%s: %s is not in %s", code, want, html)
			}
		}
		for _, unknown := range []string{"--origins", "ブリッジ", "bridge", "QR", "パスキー", "passkey"} {
			if strings.Contains(html, unknown) {
				t.Errorf("%s: %s", code, unknown)
			}
		}
	}
	lang.Set(lang.Japanese)
	if html := drawn(WithoutCard("", false)); strings.Contains(html, `class="address"`) {
		t.Error(html)
	}
}

func TestSecondsAreRoundedUp(t *testing.T) {
	for d, want := range map[time.Duration]int{
		-time.Second: 0, 0: 0, 1: 1, time.Second: 1, time.Second + 1: 2, time.Minute: 60,
	} {
		if got := seconds(d); got != want {
			t.Errorf("%s: %d", d, got)
		}
	}
}

func drawn(ui app.UI) string { return strings.Join(strings.Fields(app.HTMLString(ui)), " ") }

func TestSeveralCardsAreAChoice(t *testing.T) {
	a := card.Lying{Place: card.Place{Reader: "Reader A <1>", Insertion: 3}, Phase: card.Ready}
	b := card.Lying{Place: card.Place{Reader: "Reader B", Insertion: 1}, Phase: card.Locked}
	status := card.Status{Lying: card.Lying{Phase: card.SeveralCards}, Cards: []card.Lying{a, b}}
	html := drawn(Chooser(status))
	for _, want := range []string{
		"<fieldset", `type="radio"`, "Reader A &lt;1&gt;", "Reader B", "マイナンバーカードを読めます", "ロックされています",
	} {
		if !strings.Contains(html, want) {
			t.Errorf("%s is not in %s", want, html)
		}
	}
	chosen := func(html string) int {
		return strings.Count(strings.ReplaceAll(html, `checked="false"`, ""), "checked")
	}
	if chosen(html) != 0 {
		t.Errorf("one is chosen already: %s", html)
	}
	status.Lying = b
	if html := drawn(Chooser(status)); chosen(html) != 1 {
		t.Errorf("not one is chosen: %s", html)
	}
	if choice(a.Place) == choice(card.Place{Reader: a.Reader, Insertion: 4}) || choice(a.Place) == choice(b.Place) {
		t.Error("two cards are one choice")
	}
	if html := drawn(Chooser(card.Status{Lying: a})); strings.Contains(html, "radio") {
		t.Errorf("a choice of one: %s", html)
	}
}

func TestWhatHelpsIsOffered(t *testing.T) {
	for phase, want := range map[card.Phase]string{
		card.OldBridge: `href="/prepare"`, card.NotRunning: `href="/prepare"`, card.OldPage: `id="page-reload"`,
		card.Ready: "カードリーダー: R",
	} {
		html := drawn(StatusUI(card.Status{Lying: card.Lying{Phase: phase, Place: card.Place{Reader: "R"}}}))
		if !strings.Contains(html, want) {
			t.Errorf("phase %d: %s", phase, html)
		}
		if phase == card.OldPage && strings.Contains(html, "/prepare") {
			t.Errorf("an old page cannot be mended there: %s", html)
		}
	}
}

func TestOnTheReadersKeysNothingIsTypedHere(t *testing.T) {
	p := &Pad{status: card.Status{Lying: card.Lying{Phase: card.Ready, PINPad: true}}}
	if !strings.Contains(drawn(p.how()), "リーダーのキーで入力する") || !strings.Contains(drawn(p.how()), "checked") {
		t.Errorf("%s", drawn(p.how()))
	}
	if secret := p.secret(); !secret.Pad || secret.PIN != nil {
		t.Errorf("%+v", secret)
	}
	// The place of the tries is one alone.
	if n := strings.Count(drawn(p.how())+drawn(p.field()), `id="pin-tries"`); n != 1 {
		t.Errorf("%d places", n)
	}
	p.fault = textFour
	if n := strings.Count(drawn(p.how())+drawn(p.field()), `id="pin-error"`); n != 1 ||
		!strings.Contains(drawn(p.how()), "数字4桁を入力してください") || p.entry() != buttonID {
		t.Errorf("what is wrong is told %d times: %s", n, drawn(p.how()))
	}
	p.onScreen = true // the person wants to type here
	if p.secret().Pad || p.entry() != fieldID || strings.Contains(
		strings.ReplaceAll(drawn(p.how()), `checked="false"`, ""), "checked") {
		t.Error("typed here, and on the reader's keys")
	}
	p.onScreen = false
	p.status.PINPad = false // another reader
	if p.secret().Pad || strings.Contains(drawn(p.how()), "checkbox") {
		t.Error("keys that are not there")
	}
}
