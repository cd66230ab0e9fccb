package proof

import (
	"context"
	"errors"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/card"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// Failure says in words why a proof failed. The most telling error in the chain decides.
func Failure(err error) trouble.Message {
	var portal *rpc.Error
	if errors.As(err, &portal) {
		return trouble.Words(err)
	}
	message := explain(err)
	message.Detail = err.Error()
	return message
}

func explain(err error) trouble.Message {
	var refusal *card.Refusal
	if errors.Is(err, card.ErrWrongPIN) && errors.As(err, &refusal) && refusal.Tries != nil {
		return wrongPIN(refusal.Tries.Left)
	}
	for _, f := range failures {
		if errors.Is(err, f.is) {
			return f.message()
		}
	}
	return unknown
}

// faultOf is what is to be told at the field, of what was typed there: what happened, and what to do. It is empty for what
// lies elsewhere.
func faultOf(err error) lang.Text {
	message := explain(err)
	switch {
	case errors.Is(err, card.ErrWrongPIN):
		message.Do = typeItAgain
	case errors.Is(err, card.ErrPINForm), errors.Is(err, card.ErrPause):
	default:
		return lang.Text{}
	}
	return lang.New("%s。%s", "%s. %s", "%s。%s").F(message.What, message.Do)
}

var failures = []struct {
	is      error
	message func() trouble.Message
}{
	{ErrChallenge, says(&foreignChallenge)},
	{card.ErrNotAChallenge, says(&foreignChallenge)},
	{card.ErrForeignOrigin, says(&foreignChallenge)},
	{card.ErrLocked, standing(card.Locked)},
	{card.ErrPINForm, says(&pinForm)},
	{card.ErrPause, says(&pause)},
	{card.ErrLayAgain, standing(card.LayAgain)},
	{card.ErrNotMyNumberCard, standing(card.NotMyNumber)},
	{card.ErrOldCard, standing(card.OldCard)},
	{card.ErrNoCertificate, standing(card.NoCertificate)},
	{card.ErrOtherPerson, says(&otherPerson)},
	{card.ErrCardChanged, says(&swapped)},
	{card.ErrCardRemoved, says(&removed)},
	{card.ErrDeclined, says(&declined)},
	{card.ErrNotSupported, says(&notSupported)},
	{card.ErrChangeUnknown, says(&changeUnknown)},
	{card.ErrHeld, says(&held)},
	{card.ErrBusy, standing(card.BusyCard)},
	{card.ErrMute, standing(card.MuteCard)},
	{card.ErrMalformed, standing(card.Unreadable)},
	{card.ErrNoReader, says(&readerGone)},
	{card.ErrServiceDown, standing(card.ServiceDown)},
	{card.ErrBridgeGone, says(&bridgeGone)},
	{card.ErrTimeout, says(&tooSlow)},
	{context.DeadlineExceeded, says(&tooSlow)},
	{context.Canceled, says(&cancelled)},
}

// refusals are the reasons for which the portal did not take what a card proved, with what is to be added to their own
// words. Of what lies at the certificate it stays with the card, on every page; the rest ends with the page, too.
var refusals = map[portalv1.Reason]struct {
	certificate bool
	more        lang.Text
}{
	portalv1.Reason_REASON_CERTIFICATE_INVALID:       {certificate: true, more: layAnother},
	portalv1.Reason_REASON_CERTIFICATE_EXPIRED:       {certificate: true, more: layAnother},
	portalv1.Reason_REASON_CERTIFICATE_NOT_YET_VALID: {certificate: true, more: layAnother},
	portalv1.Reason_REASON_CERTIFICATE_REVOKED:       {certificate: true, more: layAnother},
	portalv1.Reason_REASON_CHALLENGE_EXPIRED:         {more: layAnew},
	portalv1.Reason_REASON_CHALLENGE_INVALID:         {},
	portalv1.Reason_REASON_SIGNATURE_INVALID:         {},
	portalv1.Reason_REASON_REVOCATION_UNKNOWN:        {more: layAnew},
	portalv1.Reason_REASON_OTHER_CARD:                {},
}

// refused tells whether the portal refused what the card proved. Else it is not at the card, and the next try is open.
func refused(err error) bool {
	_, is := refusals[rpc.Reason(err)]
	return is
}

// rejected puts into words why the portal refused; without a reason it is what was said before.
func rejected(why error, without trouble.Message) trouble.Message {
	if !refused(why) {
		return without
	}
	message := trouble.Words(why)
	if more := refusals[rpc.Reason(why)].more; !more.Empty() {
		message.Do = lang.New("%s%s", "%s %s", "%s%s").F(message.Do, more)
	}
	if message.Code == "" {
		message.Code = without.Code
	}
	return message
}

func says(message *trouble.Message) func() trouble.Message {
	return func() trouble.Message { return *message }
}

func standing(phase card.Phase) func() trouble.Message {
	return func() trouble.Message { return Standing(card.Status{Lying: card.Lying{Phase: phase}}) }
}

func wrongPIN(left int) trouble.Message {
	means := lang.New(
		"あと%d回間違えると、カードがロックされます。", "After %d more wrong tries the card will be locked.",
		"あと%d回《かい》間違《まちが》えると、カードがロックされます。").F(left)
	if left == 1 {
		means = lang.New(
			"あと1回です。次に間違えると、カードがロックされます。", "One try is left. If it is wrong too, the card will be locked.",
			"あと1回《かい》です。次《つぎ》に間違《まちが》えると、カードがロックされます。")
	}
	return trouble.Message{
		What:  lang.New("暗証番号が違います（あと%d回）", "The PIN is wrong (%d left)", "暗証番号《あんしょうばんごう》が違《ちが》います（あと%d回《かい》）").F(left),
		Means: means,
		Do: lang.New(
			"利用者証明用の暗証番号（数字4桁）を確かめて、もう一度入力してください。", "Check your PIN for user authentication (four digits) and type it again.",
			"数字《すうじ》4つの暗証番号《あんしょうばんごう》を確《たし》かめて、もう一度《いちど》入《い》れてください。"),
		Code: "PN-01",
	}
}

var (
	noTryLost = lang.New(
		"ログインはしていません。暗証番号の残り回数は、置き直すと表示されます。",
		"You are not logged in. The tries left are shown when the card is back.",
		"ログインしていません。カードを置《お》くと、残《のこ》りの回数《かいすう》が出《で》ます。")
	typeAgain = lang.New(
		"カードを置き直し、暗証番号をもう一度入力してください。",
		"Place the card anew and type your PIN again.",
		"カードを置《お》き直《なお》して、暗証番号《あんしょうばんごう》をもう一度《いちど》入《い》れてください。")

	typeItAgain = lang.New(
		"確かめて、もう一度入力してください。",
		"Check it and type it again.",
		"もう一度《いちど》入《い》れてください。")

	pinForm = trouble.Message{
		What:  lang.New("暗証番号は数字4桁です", "The PIN has four digits", "暗証番号《あんしょうばんごう》は数字《すうじ》4つです"),
		Means: cardIsFine,
		Do:    lang.New("数字を4つ入力してください。", "Please type four digits.", "数字《すうじ》を4つ入《い》れてください。"),
		Code:  "PN-02",
	}
	pause = trouble.Message{
		What: lang.New("まだ入力を受け付けていません", "The next try is not taken yet", "まだ、入《い》れることができません"),
		Means: lang.New("続けて間違えることを防ぐため、少し待つ時間があります。残り回数は減っていません。",
			"There is a short wait after a wrong PIN, so that tries are not lost in haste. No try was used up.",
			"間違《まちが》えたあとは、少《すこ》し待《ま》ちます。回数《かいすう》は減《へ》っていません。"),
		Do: lang.New("待ち時間が終わってから、暗証番号をもう一度入力してください。", "Type your PIN again when the wait is over.",
			"待《ま》つ時間《じかん》が終《お》わってから、暗証番号《あんしょうばんごう》をもう一度《いちど》入《い》れてください。"),
		Code: "PN-04",
	}
	declined = trouble.Message{
		What: lang.New("確認で「いいえ」が選ばれたので、中止しました",
			"Stopped, because the question was answered with no",
			"「いいえ」が選《えら》ばれたので、やめました"),
		Means: cardIsFine,
		Do: lang.New("続けるときは、もう一度操作して、パソコンかリーダーの確認に「はい」と答えてください。",
			"To go on, begin again and answer yes on the computer or the reader.",
			"続《つづ》けるときは、もう一度《いちど》して、「はい」を選《えら》んでください。"),
		Code: "CD-14",
	}
	notSupported = trouble.Message{
		What: lang.New("このカードリーダーかパソコンでは、この方法を使えません",
			"This reader or computer cannot do it this way",
			"この機械《きかい》では、この方法《ほうほう》を使《つか》えません"),
		Means: cardIsFine,
		Do: lang.New("リーダーのキーを使わずに、画面で暗証番号を入力してください。続くときは、カードブリッジの設定 --confirm を確かめてください。",
			"Type the PIN on this page instead. If it goes on, check the card bridge's setting --confirm.",
			"画面《がめん》で暗証番号《あんしょうばんごう》を入《い》れてください。また同《おな》じときは、カードブリッジの --confirm を確《たし》かめてください。"),
		Code: "RD-04",
	}
	otherPerson = trouble.Message{
		What: lang.New("別の方のカードです", "This is another person's card", "ほかの人《ひと》のカードです"),
		Means: lang.New("カードの氏名か生年月日が、手続をする方と違います。署名はしていません。",
			"Name or birth date on the card differ from the person's. Nothing was signed.",
			"カードの名前《なまえ》か誕生日《たんじょうび》が違《ちが》います。署名《しょめい》していません。"),
		Do: lang.New("手続をするご本人のカードを置いてください。", "Please place the card of the person concerned.",
			"手続《てつづき》をする人《ひと》のカードを置《お》いてください。"),
		Code: "CD-15",
	}
	changeUnknown = trouble.Message{
		What: lang.New("暗証番号が変わったかどうか、分かりません",
			"It is not known whether the PIN has changed",
			"暗証番号《あんしょうばんごう》が変《か》わったか、わかりません"),
		Means: lang.New("変更の途中で、カードとのやりとりが切れました。新しい番号か前の番号の、どちらかが使えます。",
			"The card was lost in the middle of the change. Either the new PIN or the one before is good.",
			"途中《とちゅう》で、カードが切《き》れました。新《あたら》しい番号《ばんごう》か、前《まえ》の番号《ばんごう》が使《つか》えます。"),
		Do: lang.New("カードを置き直し、残り回数を確かめてから、新しい番号を試してください。",
			"Place the card anew, look at the tries left, and try the new PIN first.",
			"カードを置《お》き直《なお》して、残《のこ》りの回数《かいすう》を見《み》てから、新《あたら》しい番号《ばんごう》を入《い》れてください。"),
		Code: "PN-06",
	}
	removed = trouble.Message{
		What:  lang.New("途中でカードが外れました", "The card was taken away on the way", "途中《とちゅう》でカードが外《はず》れました"),
		Means: noTryLost,
		Do:    typeAgain,
		Code:  "CD-10",
	}
	swapped = trouble.Message{
		What:  lang.New("途中で別のカードに替わりました", "Another card was put in its place", "途中《とちゅう》で、ほかのカードに変《か》わりました"),
		Means: noTryLost,
		Do:    typeAgain,
		Code:  "CD-11",
	}
	held = trouble.Message{
		What:  lang.New("ほかのページがカードを使っています", "Another page is using the card", "ほかのページがカードを使《つか》っています"),
		Means: cardIsFine,
		Do: lang.New("そのページの操作を終えるか、そのページを閉じてください。", "Finish there, or close that page.",
			"そのページを終《お》わらせるか、閉《と》じてください。"),
		Code: "CD-03",
	}
	readerGone = trouble.Message{
		What:  lang.New("カードリーダーが外れました", "The card reader was unplugged", "カードリーダーが外《はず》れました"),
		Means: noTryLost,
		Do: lang.New("カードリーダーをつなぎ直し、カードを置いてください。", "Plug the card reader in again and place the card.",
			"カードリーダーをつないで、カードを置《お》いてください。"),
		Code: "RD-03",
	}
	bridgeGone = trouble.Message{
		What:  lang.New("カードブリッジとの接続が切れました", "The connection to the card bridge broke", "カードブリッジとの接続《せつぞく》が切《き》れました"),
		Means: noTryLost,
		Do: lang.New("カードブリッジが起動しているか確かめ、暗証番号をもう一度入力してください。", "Check that the card bridge is running and type your PIN again.",
			"カードブリッジが動《うご》いているか確《たし》かめて、暗証番号《あんしょうばんごう》をもう一度《いちど》入《い》れてください。"),
		Code: "BR-05",
	}
	tooSlow = trouble.Message{
		What:  lang.New("カードの応答に時間がかかりすぎました", "The card took too long to answer", "カードの返事《へんじ》が遅《おそ》すぎました"),
		Means: noTryLost,
		Do:    typeAgain,
		Code:  "CD-12",
	}
	cancelled = trouble.Message{
		What:  lang.New("中止しました", "Stopped", "やめました"),
		Means: noTryLost,
		Do:    lang.New("続けるときは、暗証番号をもう一度入力してください。", "To go on, type your PIN again.", "続《つづ》けるときは、暗証番号《あんしょうばんごう》をもう一度《いちど》入《い》れてください。"),
		Code:  "CD-13",
	}
	foreignChallenge = trouble.Message{
		What: lang.New("このサイトのための要求ではないため、署名しませんでした", "Nothing was signed: the request is not for this site", "このサイトのものではないので、署名《しょめい》しませんでした"),
		Means: lang.New("カードは使っていません。偽のサイトが間に入っている可能性があります。", "The card was not used. A false site may stand in between.",
			"カードは使《つか》っていません。偽《にせ》のサイトかもしれません。"),
		Do:   lang.New("アドレスを確かめ、しおりから開き直してください。", "Check the address and open the page anew from your bookmark.", "アドレスを確《たし》かめて、もう一度《いちど》開《ひら》いてください。"),
		Code: "CH-01",
	}
	unknown = trouble.Message{
		What:  lang.New("カードとのやりとりに失敗しました", "Talking with the card failed", "カードとのやりとりが、うまくいきませんでした"),
		Means: noTryLost,
		Do:    typeAgain,
		Code:  "CD-99",
	}
)
