package proof

import (
	"context"
	"errors"

	"madoguchi/bridge/jpki"
	"madoguchi/frontend/card"
	"madoguchi/frontend/lang"
	"madoguchi/frontend/rpc"
)

// Failure says in words why a proof failed. The most telling error in the chain decides.
func Failure(err error) rpc.Message {
	var portal *rpc.Error
	if errors.As(err, &portal) {
		return rpc.Words(err)
	}
	message := explain(err)
	message.Detail = err.Error()
	return message
}

func explain(err error) rpc.Message {
	var onCard *jpki.Error
	if errors.As(err, &onCard) && onCard.Cause == jpki.WrongPIN {
		return wrongPIN(onCard.TriesLeft)
	}
	for _, f := range failures {
		if errors.Is(err, f.is) {
			return f.message()
		}
	}
	return unknown
}

// failures are looked through in order: what the card says before what the bridge says.
var failures = []struct {
	is      error
	message func() rpc.Message
}{
	{ErrChallenge, func() rpc.Message { return foreignChallenge }},
	{jpki.ErrLocked, standing(card.Locked)},
	{jpki.ErrPINForm, func() rpc.Message { return pinForm }},
	{jpki.ErrNotMyNumberCard, standing(card.NotMyNumber)},
	{jpki.ErrOldCard, standing(card.OldCard)},
	{jpki.ErrNoCertificate, standing(card.NoCertificate)},
	{card.ErrCardChanged, func() rpc.Message { return swapped }},
	{jpki.ErrCardRemoved, func() rpc.Message { return removed }},
	{card.ErrLastTry, func() rpc.Message { return lastTry }},
	{card.ErrHeld, func() rpc.Message { return held }},
	{card.ErrBusy, standing(card.BusyCard)},
	{card.ErrMute, standing(card.MuteCard)},
	{card.ErrNoReader, func() rpc.Message { return readerGone }},
	{card.ErrServiceDown, standing(card.ServiceDown)},
	{card.ErrBridgeGone, func() rpc.Message { return bridgeGone }},
	{card.ErrTimeout, func() rpc.Message { return tooSlow }},
	{context.DeadlineExceeded, func() rpc.Message { return tooSlow }},
	{context.Canceled, func() rpc.Message { return cancelled }},
}

func standing(phase card.Phase) func() rpc.Message {
	return func() rpc.Message { return Standing(card.Status{Phase: phase}) }
}

func wrongPIN(left int) rpc.Message {
	means := lang.New(
		"あと%d回間違えると、カードがロックされます。", "After %d more wrong tries the card will be locked.",
		"あと%d回《かい》間違《まちが》えると、カードがロックされます。").F(left)
	if left == 1 {
		means = lang.New(
			"あと1回です。次に間違えると、カードがロックされます。", "One try is left. If it is wrong too, the card will be locked.",
			"あと1回《かい》です。次《つぎ》に間違《まちが》えると、カードがロックされます。")
	}
	return rpc.Message{
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

	pinForm = rpc.Message{
		What:  lang.New("暗証番号は数字4桁です", "The PIN has four digits", "暗証番号《あんしょうばんごう》は数字《すうじ》4つです"),
		Means: cardIsFine,
		Do:    lang.New("数字を4つ入力してください。", "Please type four digits.", "数字《すうじ》を4つ入《い》れてください。"),
		Code:  "PN-02",
	}
	lastTry = rpc.Message{
		What: lang.New("最後の1回です", "This is the last try", "最後《さいご》の1回《かい》です"),
		Means: lang.New("確認がないため、カードには送りませんでした。残り回数は減っていません。", "It was not sent to the card without your confirmation. No try was used up.",
			"確認《かくにん》していないので、カードに送《おく》りませんでした。回数《かいすう》は減《へ》っていません。"),
		Do:   lang.New("暗証番号を確かめて、もう一度入力してください。", "Check your PIN and type it again.", "暗証番号《あんしょうばんごう》を確《たし》かめて、もう一度《いちど》入《い》れてください。"),
		Code: "PN-03",
	}
	removed = rpc.Message{
		What:  lang.New("途中でカードが外れました", "The card was taken away on the way", "途中《とちゅう》でカードが外《はず》れました"),
		Means: noTryLost,
		Do:    typeAgain,
		Code:  "CD-10",
	}
	swapped = rpc.Message{
		What:  lang.New("途中で別のカードに替わりました", "Another card was put in its place", "途中《とちゅう》で、ほかのカードに変《か》わりました"),
		Means: noTryLost,
		Do:    typeAgain,
		Code:  "CD-11",
	}
	held = rpc.Message{
		What:  lang.New("ほかのページがカードを使っています", "Another page is using the card", "ほかのページがカードを使《つか》っています"),
		Means: cardIsFine,
		Do: lang.New("そのページの操作を終えるか、そのページを閉じてください。", "Finish there, or close that page.",
			"そのページを終《お》わらせるか、閉《と》じてください。"),
		Code: "CD-03",
	}
	readerGone = rpc.Message{
		What:  lang.New("カードリーダーが外れました", "The card reader was unplugged", "カードリーダーが外《はず》れました"),
		Means: noTryLost,
		Do: lang.New("カードリーダーをつなぎ直し、カードを置いてください。", "Plug the card reader in again and place the card.",
			"カードリーダーをつないで、カードを置《お》いてください。"),
		Code: "RD-03",
	}
	bridgeGone = rpc.Message{
		What:  lang.New("カードブリッジとの接続が切れました", "The connection to the card bridge broke", "カードブリッジとの接続《せつぞく》が切《き》れました"),
		Means: noTryLost,
		Do: lang.New("カードブリッジが起動しているか確かめ、暗証番号をもう一度入力してください。", "Check that the card bridge is running and type your PIN again.",
			"カードブリッジが動《うご》いているか確《たし》かめて、暗証番号《あんしょうばんごう》をもう一度《いちど》入《い》れてください。"),
		Code: "BR-05",
	}
	tooSlow = rpc.Message{
		What:  lang.New("カードの応答に時間がかかりすぎました", "The card took too long to answer", "カードの返事《へんじ》が遅《おそ》すぎました"),
		Means: noTryLost,
		Do:    typeAgain,
		Code:  "CD-12",
	}
	cancelled = rpc.Message{
		What:  lang.New("中止しました", "Stopped", "やめました"),
		Means: noTryLost,
		Do:    lang.New("続けるときは、暗証番号をもう一度入力してください。", "To go on, type your PIN again.", "続《つづ》けるときは、暗証番号《あんしょうばんごう》をもう一度《いちど》入《い》れてください。"),
		Code:  "CD-13",
	}
	foreignChallenge = rpc.Message{
		What: lang.New("このサイトのための要求ではないため、署名しませんでした", "Nothing was signed: the request is not for this site", "このサイトのものではないので、署名《しょめい》しませんでした"),
		Means: lang.New("カードは使っていません。偽のサイトが間に入っている可能性があります。", "The card was not used. A false site may stand in between.",
			"カードは使《つか》っていません。偽《にせ》のサイトかもしれません。"),
		Do:   lang.New("アドレスを確かめ、しおりから開き直してください。", "Check the address and open the page anew from your bookmark.", "アドレスを確《たし》かめて、もう一度《いちど》開《ひら》いてください。"),
		Code: "CH-01",
	}
	unknown = rpc.Message{
		What:  lang.New("カードとのやりとりに失敗しました", "Talking with the card failed", "カードとのやりとりが、うまくいきませんでした"),
		Means: noTryLost,
		Do:    typeAgain,
		Code:  "CD-99",
	}
)
