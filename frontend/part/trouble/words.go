// Package trouble says what went wrong as a person should hear it: what happened, what it means, what to do now, and a
// code to quote. It makes words of a call's error (reach/rpc) and draws them; it repeats no call.
package trouble

import (
	"fmt"
	"sync"
	"time"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// Message is an error as a person should hear it.
type Message struct {
	// What happened, what it means for the person, what to do now.
	What, Means, Do lang.Text
	// Code is short and to be quoted at a help desk; empty when there is nothing to quote.
	Code string
	// Detail is technical, English, and belongs folded away.
	Detail string
	// Field is the request field at fault as its proto name; empty when no one field is.
	Field string
}

// Words turns the error of a call into words.
func Words(err error) Message {
	reason := rpc.Reason(err)
	told := reason
	if _, known := messages[told]; !known {
		told = portalv1.Reason_REASON_INTERNAL
	}
	message := messages[told]
	info := rpc.Info(err)
	message.Code = info.GetReference()
	message.Field = info.GetField()
	if screenStays[told] && hasTyped() {
		message.Means = lang.New("%s%s", "%s %s", "%s %s").F(message.Means, nothingLost)
	}
	message.Detail = fmt.Sprintf("%s, %s", reason, rpc.CodeOf(err))
	if after := time.Duration(info.GetRetryAfterMs()) * time.Millisecond; after > 0 {
		message.Do = WaitFor(after)
	}
	return message
}

// screenStays are the reasons that leave a form as it was: whoever has typed something wants to know that.
var screenStays = map[portalv1.Reason]bool{
	portalv1.Reason_REASON_INTERNAL: true, portalv1.Reason_REASON_NOT_LOGGED_IN: true,
	portalv1.Reason_REASON_UNREACHABLE: true, portalv1.Reason_REASON_STORE_UNAVAILABLE: true,
	portalv1.Reason_REASON_PAGE_TOO_OLD: true,
}

var typed struct {
	sync.Mutex
	asked func() bool
}

// AskTyped sets what says whether the person has typed something that is still on the screen. Without it nobody has.
func AskTyped(asked func() bool) {
	typed.Lock()
	defer typed.Unlock()
	typed.asked = asked
}

func hasTyped() bool {
	typed.Lock()
	asked := typed.asked
	typed.Unlock()
	return asked != nil && asked()
}

// WaitFor tells to wait, in whole seconds, minutes, hours or days, rounded up.
func WaitFor(d time.Duration) lang.Text {
	if d <= 90*time.Second {
		n := int((d + time.Second - 1) / time.Second)
		return lang.New(
			fmt.Sprintf("%d秒ほど待ってから、もう一度お試しください。", n),
			fmt.Sprintf("Please wait about %d seconds and try again.", n),
			fmt.Sprintf("%d秒《びょう》くらい待《ま》って、もう一度《いちど》してください。", n))
	}
	if d > 48*time.Hour {
		n := int((d + 24*time.Hour - 1) / (24 * time.Hour))
		return lang.New(
			fmt.Sprintf("%d日ほど待ってから、もう一度お試しください。", n),
			fmt.Sprintf("Please wait about %d days and try again.", n),
			fmt.Sprintf("%d日《にち》くらい待《ま》って、もう一度《いちど》してください。", n))
	}
	if d > 90*time.Minute {
		n := int((d + time.Hour - 1) / time.Hour)
		return lang.New(
			fmt.Sprintf("%d時間ほど待ってから、もう一度お試しください。", n),
			fmt.Sprintf("Please wait about %d hours and try again.", n),
			fmt.Sprintf("%d時間《じかん》くらい待《ま》って、もう一度《いちど》してください。", n))
	}
	n := int((d + time.Minute - 1) / time.Minute)
	return lang.New(
		fmt.Sprintf("%d分ほど待ってから、もう一度お試しください。", n),
		fmt.Sprintf("Please wait about %d minutes and try again.", n),
		fmt.Sprintf("%d分《ふん》くらい待《ま》って、もう一度《いちど》してください。", n))
}

var (
	nothingLost = lang.New(
		"入力した内容は、この画面に残っています。",
		"What you typed is still on this screen.",
		"書《か》いたものは、この画面《がめん》に残《のこ》っています。")
	notDone = lang.New(
		"操作は行われていません。カードの暗証番号の残り回数にも影響しません。",
		"Nothing was done. It does not use up a try of your PIN.",
		"まだ何《なに》もしていません。暗証番号《あんしょうばんごう》の回数《かいすう》は減《へ》りません。")
	logInAgain = lang.New(
		"もう一度ログインしてください。",
		"Please log in again.",
		"もう一度《いちど》ログインしてください。")
	newCertificate = lang.New(
		"お住まいの市区町村の窓口で、電子証明書を発行してもらってください。",
		"Have a certificate issued at the counter of your municipality.",
		"住《す》んでいる市区町村《しくちょうそん》の窓口《まどぐち》で、電子証明書《でんししょうめいしょ》を新《あたら》しくしてください。")
	cardUnusable = lang.New(
		"このカードではログインできません。暗証番号は正しく、カードはロックされていません。",
		"You cannot log in with this card. The PIN was right and the card is not locked.",
		"このカードではログインできません。暗証番号《あんしょうばんごう》は合《あ》っています。カードはロックされていません。")
)

// messages has words for every reason of error.proto; a test holds it to that.
var messages = map[portalv1.Reason]Message{
	portalv1.Reason_REASON_INTERNAL: {
		What: lang.New("まどぐちの側で問題が起きました", "Something went wrong on our side",
			"まどぐちで問題《もんだい》が起《お》きました"),
		Means: lang.New("あなたの操作のせいではありません。", "It is not because of anything you did.", "あなたが悪《わる》いのでは ありません。"),
		Do: lang.New("少し待ってから、もう一度お試しください。続くときは、コードを添えてお問い合わせください。",
			"Please try again in a moment. If it goes on, contact us and quote the code.",
			"少《すこ》し待《ま》って、もう一度《いちど》してください。また同《おな》じときは、コードを言《い》って聞《き》いてください。"),
	},
	portalv1.Reason_REASON_NOT_LOGGED_IN: {
		What: lang.New("ログインしていません", "You are not logged in", "ログインしていません"),
		Means: lang.New("まだログインしていないか、ログインの時間が終わりました。", "You have not logged in yet, or your login is over.",
			"まだ ログインして いないか、ログインの 時間《じかん》が 終《お》わりました。"),
		Do: logInAgain,
	},
	portalv1.Reason_REASON_NOT_ALLOWED: {
		What: lang.New("この操作はできません", "You may not do this", "これはできません"),
		Means: lang.New("いまログインしている方には、この操作が許されていません。", "The person who is logged in now is not allowed to do this.",
			"今《いま》ログインしている人《ひと》は、これができません。"),
		Do: lang.New("ホームに戻ってください。", "Please go back to the home page.", "ホームに戻《もど》ってください。"),
	},
	portalv1.Reason_REASON_CARD_AGAIN: {
		What: lang.New("もう一度カードの確認が必要です", "Your card is needed once more", "もう一度《いちど》カードが必要《ひつよう》です"),
		Means: lang.New("大切な操作なので、ご本人であることをもう一度確かめます。確認は5分間有効です。",
			"This is an important step, so we check once more that it is you. The check is valid for five minutes.",
			"大切《たいせつ》なことなので、あなたが本人《ほんにん》かもう一度《いちど》確《たし》かめます。"),
		Do: lang.New("カードを置いて、暗証番号を入力してください。", "Place your card and type your PIN.",
			"カードを置《お》いて、暗証番号《あんしょうばんごう》を入《い》れてください。"),
	},
	portalv1.Reason_REASON_NOT_FOUND: {
		What: lang.New("見つかりませんでした", "Not found", "見《み》つかりませんでした"),
		Means: lang.New("取り下げられたか、アドレスが違う可能性があります。", "It may have been withdrawn, or the address is wrong.",
			"なくなったか、アドレスが違《ちが》うかもしれません。"),
		Do: lang.New("一覧に戻って選び直してください。", "Please go back to the list and choose again.",
			"一覧《いちらん》に戻《もど》って、もう一度《いちど》選《えら》んでください。"),
	},
	portalv1.Reason_REASON_INVALID_FIELD: {
		What:  lang.New("入力を確かめてください", "Please check what you typed", "書《か》いたものを確《たし》かめてください"),
		Means: lang.New("まだ登録されていません。", "It has not been saved yet.", "まだ登録《とうろく》していません。"),
		Do: lang.New("印のついた項目を直してください。", "Please correct the marked field.",
			"印《しるし》があるところを直《なお》してください。"),
	},
	portalv1.Reason_REASON_FIELD_TOO_LONG: {
		What:  lang.New("入力が長すぎます", "What you typed is too long", "書《か》いたものが長《なが》すぎます"),
		Means: lang.New("まだ登録されていません。", "It has not been saved yet.", "まだ登録《とうろく》していません。"),
		Do: lang.New("印のついた項目を短くしてください。", "Please shorten the marked field.",
			"印《しるし》があるところを短《みじか》くしてください。"),
	},
	portalv1.Reason_REASON_TOO_MANY: {
		What:  lang.New("これ以上は入りません", "There is no room for more", "もう 入《はい》りません"),
		Means: lang.New("保存できる数の上限に達しています。いまあるものは、そのまま残っています。", "The limit is reached. What is there stays as it is.", "たくさん あるので、新《あたら》しく 入《い》れられません。今《いま》 ある ものは 残《のこ》って います。"),
		Do:    lang.New("いらないものを消してから、もう一度お試しください。", "Remove what you no longer need, then try again.", "いらない ものを 消《け》して、もう 一度《いちど》 してください。"),
	},
	portalv1.Reason_REASON_TOO_MANY_REQUESTS: {
		What: lang.New("短い間に操作が重なりました", "Too many attempts in a short time", "短《みじか》い時間《じかん》に、たくさん操作《そうさ》しました"),
		Means: lang.New("安全のため、しばらく受け付けていません。カードはロックされていません。",
			"For safety nothing is accepted for a moment. Your card is not locked.",
			"安全《あんぜん》のため、少《すこ》しの間《あいだ》使《つか》えません。カードはロックされていません。"),
		Do: lang.New("少し待ってから、もう一度お試しください。", "Please wait a moment and try again.",
			"少《すこ》し待《ま》って、もう一度《いちど》してください。"),
	},
	portalv1.Reason_REASON_KEY_REUSED: {
		What: lang.New("もう一度送ってください", "Please send it once more", "もう 一度《いちど》 送《おく》って ください"),
		Means: lang.New("前に送ったものと内容が違うため、受け付けませんでした。", "It differs from what was sent before, so it was not accepted.",
			"前《まえ》に 送《おく》った ものと 違《ちが》うので、受《う》け付《つ》けて いません。"),
		Do: lang.New("ページを読み込み直して、もう一度お試しください。", "Load the page again and try once more.",
			"ページを もう 一度《いちど》 開《ひら》いて、もう 一度《いちど》 して ください。"),
	},
	portalv1.Reason_REASON_ALREADY_DONE: {
		What: lang.New("すでに済んでいます", "It has been done already", "もう 終《お》わって います"),
		Means: lang.New("先に送ったものを受け付けています。二重には行っていません。", "What was sent first was accepted. It was not done twice.",
			"先《さき》に 送《おく》った ものを 受《う》け付《つ》けました。2回《かい》は して いません。"),
		Do: lang.New("ページを読み込み直して、いまの内容を確かめてください。", "Load the page again to see how things stand.",
			"ページを もう 一度《いちど》 開《ひら》いて、確《たし》かめて ください。"),
	},
	portalv1.Reason_REASON_STARTING: {
		What: lang.New("まもなく表示できます", "In a moment", "もう 少《すこ》し 待《ま》って ください"),
		Means: lang.New("まどぐちが再開したばかりで、手続の一覧を準備しています。", "Madoguchi has just been started again and is preparing the list of procedures.",
			"今《いま》 準備《じゅんび》を して います。"),
		Do: lang.New("少し待ってから、もう一度お試しください。", "Please wait a moment and try again.", "少《すこ》し 待《ま》って、もう 一度《いちど》 して ください。"),
	},
	portalv1.Reason_REASON_UNREACHABLE: {
		What: lang.New("まどぐちにつながりません", "The portal cannot be reached", "まどぐちにつながりません"),
		Means: lang.New("インターネットにつながっていないか、まどぐちが止まっています。", "There is no internet connection, or the portal is down.",
			"インターネットに つながって いないか、まどぐちが 止《と》まって います。"),
		Do: lang.New("インターネットの接続を確かめて、もう一度お試しください。", "Check your internet connection and try again.",
			"インターネットを確《たし》かめて、もう一度《いちど》してください。"),
	},
	portalv1.Reason_REASON_STORE_UNAVAILABLE: {
		What: lang.New("いま、まどぐちに読み書きができません", "The portal cannot read or save anything right now",
			"今《いま》、まどぐちに読《よ》み書《か》きができません"),
		Means: lang.New("保存されていません。", "Nothing was saved.", "保存《ほぞん》していません。"),
		Do: lang.New("しばらくしてから、もう一度お試しください。", "Please try again in a while.",
			"少《すこ》し後《あと》で、もう一度《いちど》してください。"),
	},
	portalv1.Reason_REASON_PAGE_TOO_OLD: {
		What: lang.New("このページは古くなりました", "This page has become too old",
			"この ページは 古《ふる》く なりました"),
		Means: lang.New("操作は行われていません。", "Nothing was done.", "まだ 何《なに》も して いません。"),
		Do: lang.New("画面の上の「更新する」を押してから、もう一度お試しください。",
			"Press “Update now” at the top of the page, then try again.",
			"上《うえ》の「新《あたら》しく する」を 押《お》して、もう 一度《いちど》 して ください。"),
	},
	portalv1.Reason_REASON_CHALLENGE_EXPIRED: {
		What:  lang.New("時間が切れました", "Time ran out", "時間《じかん》が切《き》れました"),
		Means: notDone,
		Do: lang.New("暗証番号をもう一度入力してください。", "Please type your PIN once more.",
			"暗証番号《あんしょうばんごう》をもう一度《いちど》入《い》れてください。"),
	},
	portalv1.Reason_REASON_CHALLENGE_INVALID: {
		What: lang.New("ログインの確認データが正しくありません", "The login data are not right", "ログインのデータが正《ただ》しくありません"),
		Means: lang.New("別のサイトの要求かもしれないため、中止しました。ログインはしていません。",
			"It may come from another site, so it was stopped. You are not logged in.",
			"ほかのサイトかもしれないので、やめました。ログインしていません。"),
		Do: lang.New("アドレスを確かめ、ページを開き直してください。", "Check the address and open the page anew.",
			"アドレスを確《たし》かめて、ページをもう一度《いちど》開《ひら》いてください。"),
	},
	portalv1.Reason_REASON_SIGNATURE_INVALID: {
		What:  lang.New("カードの署名を確かめられませんでした", "The card's signature could not be verified", "カードの署名《しょめい》を確《たし》かめられませんでした"),
		Means: lang.New("ログインしていません。カードはロックされていません。", "You are not logged in. Your card is not locked.", "ログインしていません。カードはロックされていません。"),
		Do: lang.New("カードを置き直して、もう一度お試しください。続くときは市区町村の窓口にご相談ください。",
			"Place the card anew and try again. If it goes on, ask at the counter of your municipality.",
			"カードを置《お》き直《なお》して、もう一度《いちど》してください。また同《おな》じときは、市区町村《しくちょうそん》の窓口《まどぐち》で聞《き》いてください。"),
	},
	portalv1.Reason_REASON_CERTIFICATE_INVALID: {
		What:  lang.New("このカードの電子証明書は使えません", "This card's certificate cannot be used", "このカードの電子証明書《でんししょうめいしょ》は使《つか》えません"),
		Means: cardUnusable,
		Do:    newCertificate,
	},
	portalv1.Reason_REASON_CERTIFICATE_EXPIRED: {
		What: lang.New("電子証明書の有効期限が切れています", "The certificate has expired", "電子証明書《でんししょうめいしょ》の有効期限《ゆうこうきげん》が切《き》れています"),
		Means: lang.New("このカードではログインできません。暗証番号は正しく、カードはロックされていません。電子証明書は発行から5回目の誕生日までです。",
			"You cannot log in with this card. The PIN was right and the card is not locked. A certificate ends on the fifth birthday after it was issued.",
			"このカードではログインできません。暗証番号《あんしょうばんごう》は合《あ》っています。電子証明書《でんししょうめいしょ》は5回目《かいめ》の誕生日《たんじょうび》まで使《つか》えます。"),
		Do: lang.New("お住まいの市区町村の窓口で、電子証明書を更新してください。手数料はかかりません。",
			"Renew the certificate at the counter of your municipality. It is free of charge.",
			"住《す》んでいる市区町村《しくちょうそん》の窓口《まどぐち》で、電子証明書《でんししょうめいしょ》を新《あたら》しくしてください。お金《かね》はかかりません。"),
	},
	portalv1.Reason_REASON_CERTIFICATE_NOT_YET_VALID: {
		What:  lang.New("電子証明書はまだ有効になっていません", "The certificate is not valid yet", "電子証明書《でんししょうめいしょ》は、まだ使《つか》えません"),
		Means: cardUnusable,
		Do: lang.New("発行されたばかりのときは、1日待ってからお試しください。", "If it was just issued, try again after a day.",
			"もらったばかりのときは、1日《にち》待《ま》ってください。"),
	},
	portalv1.Reason_REASON_CERTIFICATE_REVOKED: {
		What: lang.New("電子証明書が失効しています", "The certificate has been revoked", "電子証明書《でんししょうめいしょ》は失効《しっこう》しています（もう使《つか》えません）"),
		Means: lang.New("このカードではログインできません。引っ越しや氏名の変更、紛失の届出で失効することがあります。",
			"You cannot log in with this card. Certificates are revoked after a move, a change of name, or a report of loss.",
			"このカードではログインできません。引《ひ》っ越《こ》しや、名前《なまえ》が変《か》わったときに、使《つか》えなくなることがあります。"),
		Do: newCertificate,
	},
	portalv1.Reason_REASON_REVOCATION_UNKNOWN: {
		What: lang.New("電子証明書が有効かどうかを確かめられません", "Whether the certificate is valid cannot be checked now",
			"電子証明書《でんししょうめいしょ》が使《つか》えるか、今《いま》は確《たし》かめられません"),
		Means: lang.New("確認先（J-LIS）の応答がないため、安全のためログインを止めました。カードに問題はありません。",
			"The authority (J-LIS) does not answer, so the login was stopped for safety. There is nothing wrong with your card.",
			"確《たし》かめるところ（J-LIS）から返事《へんじ》がありません。安全《あんぜん》のためログインを止《と》めました。カードは悪《わる》くありません。"),
		Do: lang.New("しばらくしてから、もう一度お試しください。", "Please try again later.",
			"少《すこ》し後《あと》で、もう一度《いちど》してください。"),
	},
	portalv1.Reason_REASON_OTHER_CARD: {
		What:  lang.New("ログインした方のカードではありません", "This is not the card of the person who is logged in", "ログインした人《ひと》のカードではありません"),
		Means: lang.New("操作は行われていません。", "Nothing was done.", "まだ何《なに》もしていません。"),
		Do: lang.New("ログインに使ったカードを置いてください。", "Place the card you logged in with.",
			"ログインしたときのカードを置《お》いてください。"),
	},
	portalv1.Reason_REASON_TERMS_NOT_AGREED: {
		What: lang.New("利用規約への同意が必要です", "The terms must be agreed to", "利用規約《りようきやく》への同意《どうい》が必要《ひつよう》です"),
		Means: lang.New("規約が新しくなったか、同意がまだです。", "The terms have changed, or you have not agreed yet.",
			"規約《きやく》が新《あたら》しくなったか、まだ同意《どうい》していません。"),
		Do: lang.New("規約を読んで、同意してください。", "Please read the terms and agree.",
			"規約《きやく》を読《よ》んで、同意《どうい》してください。"),
	},
	portalv1.Reason_REASON_ALREADY_OPEN: {
		What: lang.New("利用者フォルダは、すでに開設されています", "Your folder is open already", "フォルダは、もうあります"),
		Means: lang.New("今回入力した内容は登録していません。前からの登録内容が、そのまま残っています。",
			"What you typed now was not saved. Your registration stays as it was before.",
			"今《いま》書《か》いたものは登録《とうろく》していません。前《まえ》の登録《とうろく》が、そのまま残《のこ》っています。"),
		Do: lang.New("変えたいときは、「登録内容」のページで変更してください。", "To change it, go to the page of your registration.",
			"変《か》えたいときは、「登録内容《とうろくないよう》」のページで変《か》えてください。"),
	},
	portalv1.Reason_REASON_MAIL_TOKEN_INVALID: {
		What: lang.New("このリンクは使えません", "This link cannot be used", "このリンクは使《つか》えません"),
		Means: lang.New("期限が切れたか、すでに使われたか、途中で切れています。", "It has expired, was used already, or is cut off.",
			"時間《じかん》が過《す》ぎたか、もう使《つか》ったか、途中《とちゅう》で切《き》れています。"),
		Do: lang.New("ログインして「登録内容」から確認メールをもう一度送ってください。", "Log in and send the confirmation mail again from your registration page.",
			"ログインして「登録内容《とうろくないよう》」から、確認《かくにん》メールをもう一度《いちど》送《おく》ってください。"),
	},
}
