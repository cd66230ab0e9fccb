package sign

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/pagetest"
	"madoguchi/frontend/reach/card"
	"madoguchi/frontend/reach/certificate"
	bridgev2 "madoguchi/proto/gen/bridge/v2"
)

func TestWhatCannotStandInASecretIsLeftOut(t *testing.T) {
	for _, c := range []struct {
		of          secret
		typed, want string
	}{
		{signing, "abc123", "ABC123"}, {signing, "ＡＢｃ１２３", "ABC123"}, {signing, "A-B_C 1\n2", "ABC12"},
		{signing, "ABCDEFGHIJKLMNOPQRST", "ABCDEFGHIJKLMNOP"}, {signing, "パス", ""},
		{facing, "12a3４5", "1234"}, {facing, "abcd", ""}, {facing, "", ""},
	} {
		text := []byte(c.typed)
		if got := c.of.narrow(text); string(got) != c.want {
			t.Errorf("%s, %q: %q, want %q", c.of.id, c.typed, got, c.want)
		}
		if rest := bytes.Trim(text[len(c.want):], "\x00"); len(rest) > 0 {
			t.Errorf("%q: %q stayed", c.typed, rest)
		}
	}
}

func face() *Pad {
	return &Pad{Action: lang.Plain("写す"), Read: func(app.Context, *bridgev2.Attributes) {}}
}

func pen() *Pad {
	return &Pad{
		Action: lang.Plain("署名する"), Documents: func(app.Context) ([]Document, bool) { return nil, false },
		Use: func(context.Context, [][]byte, certificate.Holder) error { return nil },
	}
}

func html(p *Pad) string { return strings.Join(strings.Fields(app.HTMLString(p.Render())), " ") }

func TestEachPadAsksForItsOwnSecret(t *testing.T) {
	said := html(pen())
	pagetest.Has(t, said, "署名用パスワード", `id="sign-password"`, `maxlength="16"`, `autocomplete="one-time-code"`, "署名する")
	pagetest.HasNot(t, said, "券面事項", "value=")
	said = html(face())
	pagetest.Has(t, said, "券面事項入力補助用の暗証番号", `id="face-password"`, `maxlength="4"`, `inputmode="numeric"`, "写す")
	pagetest.HasNot(t, said, "署名用パスワード", "value=")
}

func TestWhatIsWrongIsSaidWhereItIs(t *testing.T) {
	ctx, _ := pagetest.Context(t)
	wrong := func(code bridgev2.ErrorCode) error {
		return &card.Refusal{Code: code, Tries: &card.Tries{Left: 2}}
	}
	for _, p := range []*Pad{pen(), face()} {
		p.ctx = ctx
		p.end(ctx, wrong(bridgev2.ErrorCode_ERROR_CODE_WRONG_PIN))
		pagetest.Has(t, html(p), "あと2回まちがえるとロックされます")
		p.end(ctx, wrong(bridgev2.ErrorCode_ERROR_CODE_PIN_FORM))
		pagetest.Has(t, html(p), p.secret().short.String())
		p.end(ctx, wrong(bridgev2.ErrorCode_ERROR_CODE_OTHER_PERSON))
		pagetest.Has(t, html(p), p.secret().id+"-failure")
		p.end(ctx, errors.New("odd"))
		if p.failure.What.Empty() {
			t.Error("an unknown error is not said")
		}
	}
}

func TestWhatIsDoneEndsIt(t *testing.T) {
	ctx, _ := pagetest.Context(t)
	done := false
	p := pen()
	p.Done = func(app.Context) { done = true }
	if p.end(ctx, nil); !done {
		t.Error("nobody hears that it is done")
	}
	face().end(ctx, nil) // has nobody to tell
}

// Nothing is asked of the card when it is not time to sign.
func TestNothingIsSignedBeforeItsTime(t *testing.T) {
	ctx, _ := pagetest.Context(t)
	p := pen()
	if p.run(ctx); !p.step.Empty() {
		t.Error("something is under way")
	}
}

func TestTitlesFitTheQuestion(t *testing.T) {
	if got := cut(strings.Repeat("あ", 70)); got != strings.Repeat("あ", 60) {
		t.Errorf("%d characters", len([]rune(got)))
	}
	if got := withoutDashes("1990-04-15"); got != "19900415" {
		t.Error(got)
	}
}
