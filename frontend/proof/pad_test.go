package proof

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"madoguchi/bridge/jpki"
	"madoguchi/frontend/card"
	"madoguchi/frontend/lang"
	"madoguchi/frontend/rpc"
	bridgev1 "madoguchi/proto/gen/bridge/v1"
)

func TestDigits(t *testing.T) {
	for raw, want := range map[string]string{
		"": "", "1234": "1234", "12345678": "1234", " 12-34 ": "1234", "１２３４": "1234", "12ab３4": "1234", "一二三四": "", "12\n": "12",
	} {
		if got := digits(raw); got != want {
			t.Errorf("%q: %q, want %q", raw, got, want)
		}
	}
}

func complete(t *testing.T, name string, m rpc.Message) {
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
		message := Standing(card.Status{Phase: phase, HolderOrigin: "https://other.example", HolderPurpose: "申請"})
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
	held := &card.Refusal{Code: bridgev1.ErrorCode_ERROR_CODE_HELD, HolderOrigin: "https://other.example"}
	for name, c := range map[string]struct {
		err  error
		says string
	}{
		"wrong PIN":    {&jpki.Error{Cause: jpki.WrongPIN, TriesLeft: 2}, "暗証番号が違います（あと2回）"},
		"locked":       {&jpki.Error{Cause: jpki.Locked}, "利用者証明用の暗証番号がロックされています"},
		"removed":      {&jpki.Error{Cause: jpki.CardRemoved}, "途中でカードが外れました"},
		"removed, raw": {&card.Refusal{Code: bridgev1.ErrorCode_ERROR_CODE_CARD_REMOVED}, "途中でカードが外れました"},
		"swapped":      {fmt.Errorf("taking the card: %w", card.ErrCardChanged), "途中で別のカードに替わりました"},
		"held":         {fmt.Errorf("taking the card: %w", held), "ほかのページがカードを使っています"},
		"busy":         {&card.Refusal{Code: bridgev1.ErrorCode_ERROR_CODE_BUSY}, "ほかのプログラムがカードを使っています"},
		"last try":     {&card.Refusal{Code: bridgev1.ErrorCode_ERROR_CODE_LAST_TRY}, "最後の1回です"},
		"bridge":       {card.ErrBridgeGone, "カードブリッジとの接続が切れました"},
		"challenge":    {fmt.Errorf("%w: it names another origin", ErrChallenge), "このサイトのための要求ではないため、署名しませんでした"},
		"deadline":     {context.DeadlineExceeded, "カードの応答に時間がかかりすぎました"},
		"portal":       {&rpc.Error{Code: rpc.CodeUnavailable, Text: "x"}, "まどぐちにつながりません"},
		"portal, deep": {fmt.Errorf("asking for a challenge: %w", &rpc.Error{Code: rpc.CodeResourceExhausted, Text: "x"}), "短い間に操作が重なりました"},
		"unheard of":   {errors.New("x"), "カードとのやりとりに失敗しました"},
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
