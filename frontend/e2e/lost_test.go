//go:build !js

package e2e_test

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// losing has the page lose the next answer to a call, after the portal has given it, and note under which keys the call
// is made.
const losing = `(() => {
  const fetched = window.fetch;
  window.keysSent = [];
  window.fetch = async function (input, init) {
    const answer = await fetched.apply(this, arguments);
    if (String(input.url ?? input).endsWith('/portal.v1.AccountService/UpdateAccount')) {
      keysSent.push(init.headers['idempotency-key']);
      if (keysSent.length === 1) throw new TypeError('Failed to fetch');
    }
    return answer;
  };
})()`

// The connection breaks off after the portal has saved a change: the page sends it once more by itself, and it is saved
// once.
func TestALostAnswerIsAskedForAgain(t *testing.T) {
	shared := ownWorld(t, "watanabe-gaiji")
	b := newBrowser(t, desktop, "ja")
	b.arrive("watanabe-gaiji", "1234", "渡邉", "目黒区")
	b.follow("/account")
	b.press("変更する")
	const address = "lost-answer@example.jp"
	b.fill("メールアドレス", address)
	eval[chromedp.Void](b, losing)
	b.press("保存する")
	b.sees("保存しました", address+" に確認メールを送ります")
	b.screenshot("account-lost-answer")
	if !b.holds("keysSent.length === 2 && keysSent[0] === keysSent[1] && keysSent[0].length >= 16") {
		t.Errorf("sent under %q", eval[[]string](b, "keysSent"))
	}
	mailed(t, address, "確認")
	if mails := shared.mails(t, address); len(mails) != 1 {
		t.Errorf("%d mails were sent", len(mails))
	}
}
