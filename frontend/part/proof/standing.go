package proof

import (
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/card"
	"madoguchi/frontend/reach/certificate"
	bridgev2 "madoguchi/proto/gen/bridge/v2"
)

// Standing says in words how it stands between page and card: what is the case, what it means, what to do.
func Standing(s card.Status) trouble.Message {
	message, known := standings[s.Phase]
	if !known {
		message = standings[card.Searching]
	}
	message.Code = codes[s.Phase]
	switch s.Phase {
	case card.Blocked:
		if s.Browser == "safari" {
			message.Do = safariDo
		}
	case card.Rejected:
		return rejected(s.Err, message)
	case card.Expired:
		ends, _ := certificate.Ends(s.Contents.Certificate)
		message.What = message.What.F(lang.Date(ends))
	case card.SeveralCards:
		if len(s.Cards) == 1 {
			message.What, message.Do = leftOver, leftOverDo
		}
	case card.HeldCard:
		message.What = message.What.F(s.HolderOrigin)
		message.Means = message.Means.F(s.HolderPurpose)
	case card.Ready:
		if s.Contents.Kind == bridgev2.CardKind_CARD_KIND_PHONE {
			message.What = phoneReady
		}
	}
	if s.Err != nil {
		message.Detail = s.Err.Error()
	}
	return message
}

// codes to quote at a help desk; only what is wrong has one.
var codes = map[card.Phase]string{
	card.PermissionDenied: "BR-01", card.Blocked: "BR-02", card.NotRunning: "BR-03", card.Refused: "BR-04",
	card.OldBridge: "BR-06", card.OldPage: "BR-07",
	card.ServiceDown: "RD-01", card.NoReader: "RD-02",
	card.MuteCard: "CD-01", card.BusyCard: "CD-02", card.HeldCard: "CD-03", card.Locked: "CD-04", card.NotMyNumber: "CD-05",
	card.OldCard: "CD-06", card.NoCertificate: "CD-07", card.Unreadable: "CD-08", card.LayAgain: "PN-05",
	card.Expired: "CD-16", card.Rejected: "CD-17",
}

var (
	comesByItself = lang.New(
		"直ると、この画面は自動で先へ進みます。",
		"This page goes on by itself as soon as it is fixed.",
		"直《なお》ると、この画面《がめん》は自動《じどう》で進《すす》みます。")
	cardIsFine = lang.New(
		"暗証番号の残り回数には影響しません。",
		"No try of your PIN is used up.",
		"暗証番号《あんしょうばんごう》の回数《かいすう》は減《へ》りません。")
	leftOver = lang.New(
		"選んだカードが外れました。残っているカードを使いますか",
		"The card you chose was taken off. Use the one that is left?",
		"選《えら》んだカードがなくなりました。残《のこ》っているカードを使《つか》いますか")
	leftOverDo = lang.New(
		"残っているカードを使うときは、選んでください。使わないときは、使うカードを置いてください。",
		"Choose it to use it. Otherwise lay the card you want to use.",
		"残《のこ》っているカードを使《つか》うときは、選《えら》んでください。使《つか》わないときは、使《つか》うカードを置《お》いてください。")
	layAnew = lang.New(
		"カードを一度はなして置きなおすと、もう一度入力できます。",
		"Take the card off and lay it again to try once more.",
		"カードを一度《いちど》はなして、もう一度《いちど》置《お》くと、また入《い》れることができます。")
	layAnother = lang.New(
		"別のカードがあるときは、そのカードに置きかえてください。",
		"If you have another card, lay that one instead.",
		"ほかのカードがあるときは、そのカードを置《お》いてください。")
	phoneReady = lang.New(
		"スマホ用電子証明書を読めます",
		"The certificate on your phone can be read",
		"スマホの電子証明書《でんししょうめいしょ》を読《よ》めます")
	safariDo = lang.New(
		"Chrome、Edge、Firefoxのいずれかでこのページを開いてください。",
		"Please open this page in Chrome, Edge or Firefox.",
		"Chrome、Edge、Firefoxのどれかで、このページを開《ひら》いてください。")
)

var standings = map[card.Phase]trouble.Message{
	card.Searching: {
		What:  lang.New("カードリーダーを確認しています", "Looking for your card reader", "カードリーダーを確《たし》かめています"),
		Means: comesByItself,
		Do:    lang.New("しばらくお待ちください。", "Please wait a moment.", "少《すこ》し待《ま》ってください。"),
	},
	card.AwaitingPermission: {
		What: lang.New("ブラウザの確認に答えてください", "Please answer the question of your browser", "ブラウザの質問《しつもん》に答《こた》えてください"),
		Means: lang.New("このページが、このパソコンのカードブリッジとやりとりしてよいかをブラウザが尋ねています。",
			"Your browser asks whether this page may talk with the card bridge on this computer.",
			"ブラウザが、このページとカードブリッジをつないでいいか聞《き》いています。"),
		Do: lang.New("「許可」を選んでください。", "Choose “Allow”.", "「許可《きょか》」を選《えら》んでください。"),
	},
	card.PermissionDenied: {
		What: lang.New("ブラウザがカードリーダーへの接続を許可していません", "Your browser does not allow the connection to the card reader",
			"ブラウザが、カードリーダーとの接続《せつぞく》を止《と》めています"),
		Means: lang.New("このサイトの「ローカルネットワークへのアクセス」がブロックされています。", "“Local network access” is blocked for this site.",
			"「ローカルネットワークへのアクセス」が止《と》まっています。"),
		Do: lang.New("アドレスの左の印を押し、「ローカルネットワークへのアクセス」を「許可」にしてください。",
			"Press the sign left of the address and set “Local network access” to “Allow”.",
			"アドレスの左《ひだり》の印《しるし》を押《お》して、「ローカルネットワークへのアクセス」を「許可《きょか》」にしてください。"),
	},
	card.Blocked: {
		What: lang.New("このブラウザではカードリーダーを使えません", "This browser cannot use the card reader",
			"このブラウザでは、カードリーダーを使《つか》えません"),
		Means: lang.New("このブラウザは、パソコンのカードブリッジへの接続を止めています。", "This browser stops connections to the card bridge of your computer.",
			"このブラウザは、カードブリッジとの接続《せつぞく》を止《と》めています。"),
		Do: lang.New("アドレスの右のライオンの印からShieldsを切るか、Chrome、Edge、Firefoxで開いてください。カードブリッジが起動していることも確かめてください。",
			"Turn Shields off with the lion right of the address, or use Chrome, Edge or Firefox. Check too that the card bridge is running.",
			"アドレスの右《みぎ》のライオンの印《しるし》でShieldsを切《き》るか、Chrome、Edge、Firefoxを使《つか》ってください。カードブリッジが動《うご》いているかも確《たし》かめてください。"),
	},
	card.Handheld: {
		What: lang.New("スマートフォンやタブレットだけでは、まだログインできません", "You cannot log in with a phone or tablet alone yet",
			"スマホやタブレットだけでは、まだログインできません"),
		Means: lang.New("カードを読むには、パソコンとカードリーダーがいります。", "Reading your card takes a computer and a card reader.",
			"カードを読《よ》むには、パソコンとカードリーダーがいります。"),
		Do: lang.New("カードリーダーをつないだパソコンで、このページを開いてください。", "Open this page on a computer that has a card reader.",
			"カードリーダーがあるパソコンで、このページを開《ひら》いてください。"),
	},
	card.NotRunning: {
		What: lang.New("カードブリッジが見つかりません", "The card bridge was not found", "カードブリッジが見《み》つかりません"),
		Means: lang.New("カードブリッジは、このページとカードリーダーをつなぐ小さなプログラムです。起動していないか、まだ入っていません。",
			"The card bridge is a small program that connects this page with the card reader. It is not running, or not installed yet.",
			"カードブリッジは、このページとカードリーダーをつなぐプログラムです。動《うご》いていないか、まだ入《はい》っていません。"),
		Do: lang.New("カードブリッジを起動してください。はじめての方は「準備」の案内をご覧ください。",
			"Please start the card bridge. If this is your first time, see the page “Get ready”.",
			"カードブリッジを起動《きどう》してください。はじめての人《ひと》は「準備《じゅんび》」を見《み》てください。"),
	},
	card.Refused: {
		What: lang.New("カードブリッジがこのサイトを受け付けません", "The card bridge does not accept this site", "カードブリッジが、このサイトを使《つか》えなくしています"),
		Means: lang.New("カードブリッジは動いていますが、このサイトのアドレスが許可リストにありません。", "The card bridge runs, but the address of this site is not on its list.",
			"カードブリッジは動《うご》いています。でも、このサイトが許可《きょか》のリストにありません。"),
		Do: lang.New("アドレスが正しいか確かめてください。正しいときは、カードブリッジの設定 BRIDGE_ORIGINS にこのアドレスを加えてください。",
			"Check that the address is right. If it is, add it to the card bridge's setting BRIDGE_ORIGINS.",
			"アドレスが正《ただ》しいか確《たし》かめてください。正《ただ》しいときは、カードブリッジの BRIDGE_ORIGINS にアドレスを足《た》してください。"),
	},
	card.OldBridge: {
		What: lang.New("カードブリッジを新しくしてください", "Please update the card bridge", "カードブリッジを新《あたら》しくしてください"),
		Means: lang.New("いま動いているカードブリッジは古いため、このページとやりとりできません。カードは使っていません。",
			"The card bridge that is running is too old to talk with this page. Your card was not used.",
			"今《いま》のカードブリッジは古《ふる》いので、このページでは使《つか》えません。カードは使《つか》っていません。"),
		Do: lang.New("Debianのパッケージで入れたときはパッケージを更新し、build/bridge を使っているときは作り直してください。そのあと、カードブリッジを起動し直してください。",
			"Upgrade the Debian package, or build build/bridge anew. Then start the card bridge again.",
			"Debianのパッケージを新《あたら》しくするか、build/bridge を作《つく》り直《なお》してください。そのあと、もう一度《いちど》起動《きどう》してください。"),
	},
	card.OldPage: {
		What: lang.New("新しいページを読み込んでください", "Please load the new version of this page", "新《あたら》しいページを開《ひら》いてください"),
		Means: lang.New("カードブリッジのほうが、いま開いているページより新しくなっています。カードは使っていません。",
			"The card bridge is newer than the page you have open. Your card was not used.",
			"カードブリッジが、このページより新《あたら》しいです。カードは使《つか》っていません。"),
		Do: lang.New("下のボタンを押してください。押しても変わらないときは、このサイトがまだ新しくなっていません。時間をおいてお試しください。",
			"Press the button below. If nothing changes, this site has not been updated yet: please try again later.",
			"下《した》のボタンを押《お》してください。変《か》わらないときは、あとで、もう一度《いちど》してください。"),
	},
	card.ServiceDown: {
		What: lang.New("スマートカードのサービスが動いていません", "The smart card service is not running", "スマートカードのサービスが動《うご》いていません"),
		Means: lang.New("カードブリッジは動いていますが、パソコンのカード機能（PC/SC）につながりません。", "The card bridge runs but cannot reach the card service (PC/SC) of your computer.",
			"カードブリッジは動《うご》いています。でも、パソコンのカード機能《きのう》（PC/SC）につながりません。"),
		Do: lang.New("Linuxでは pcscd を起動してください。Windowsでは「Smart Card」サービスを開始してください。",
			"On Linux start pcscd. On Windows start the service “Smart Card”.",
			"Linuxでは pcscd を起動《きどう》してください。Windowsでは「Smart Card」を開始《かいし》してください。"),
	},
	card.NoReader: {
		What:  lang.New("カードリーダーが見つかりません", "No card reader was found", "カードリーダーが見《み》つかりません"),
		Means: comesByItself,
		Do: lang.New("カードリーダーをパソコンにつないでください。つないであるときは、一度抜いて差し直してください。",
			"Connect the card reader to the computer. If it is connected, unplug it and plug it in again.",
			"カードリーダーをパソコンにつないでください。もうつないであるときは、一度《いちど》抜《ぬ》いて、もう一度《いちど》差《さ》してください。"),
	},
	card.NoCard: {
		What:  lang.New("カードを置いてください", "Please place your card", "カードを置《お》いてください"),
		Means: comesByItself,
		Do: lang.New("マイナンバーカードをカードリーダーに置くか、差し込んでください。", "Lay your My Number Card on the card reader, or insert it.",
			"マイナンバーカードをカードリーダーに置《お》いてください。"),
	},
	card.MuteCard: {
		What:  lang.New("カードが応答しません", "The card does not answer", "カードが反応《はんのう》しません"),
		Means: cardIsFine,
		Do: lang.New("カードの向きと裏表を確かめ、置き直してください。金属や他のカードを近くに置かないでください。",
			"Check which way round the card lies and place it anew. Keep metal and other cards away.",
			"カードの向《む》きと裏表《うらおもて》を確《たし》かめて、置《お》き直《なお》してください。ほかのカードは離《はな》してください。"),
	},
	card.BusyCard: {
		What:  lang.New("ほかのプログラムがカードを使っています", "Another program is using the card", "ほかのプログラムがカードを使《つか》っています"),
		Means: cardIsFine,
		Do: lang.New("e-Taxなど、カードを使うほかのソフトを終了してください。", "Close other programs that use the card, such as e-Tax.",
			"カードを使《つか》うほかのソフト（e-Taxなど）を終《お》わらせてください。"),
	},
	card.HeldCard: {
		What:  lang.New("ほかのページ（%s）がカードを使っています", "Another page (%s) is using the card", "ほかのページ（%s）がカードを使《つか》っています"),
		Means: lang.New("そのページの用件: %s", "What that page is doing: %s", "そのページがしていること: %s"),
		Do: lang.New("そのページの操作を終えるか、そのページを閉じてください。", "Finish there, or close that page.",
			"そのページを終《お》わらせるか、閉《と》じてください。"),
	},
	card.Reading: {
		What:  lang.New("カードを確認しています", "Looking at the card", "カードを確《たし》かめています"),
		Means: cardIsFine,
		Do:    lang.New("カードを動かさないでください。", "Please do not move the card.", "カードを動《うご》かさないでください。"),
	},
	card.SeveralCards: {
		What:  lang.New("使うカードを選んでください", "Choose the card to use", "使《つか》うカードを選《えら》んでください"),
		Means: cardIsFine,
		Do: lang.New("カードが2枚以上あります。選んだカードだけを使います。", "There is more than one card. Only the one you choose is used.",
			"カードが2枚《まい》以上《いじょう》あります。選《えら》んだカードだけを使《つか》います。"),
	},
	card.LayAgain: {
		What: lang.New("カードを一度はなして、置きなおしてください", "Take the card off and lay it again", "カードを一度《いちど》はなして、もう一度《いちど》置《お》いてください"),
		Means: lang.New("暗証番号を入力できるのは、あと1回です。思いがけないロックを防ぐため、カードを置きなおすまで受け付けません。",
			"One try of the PIN is left. So that no card is locked by accident, it is taken once the card was laid again.",
			"暗証番号《あんしょうばんごう》は、あと1回《かい》です。ロックされないように、カードを置《お》きなおすまで待《ま》ちます。"),
		Do: lang.New("置きなおすと、この画面は自動で先へ進みます。番号に自信がないときは、控えを確かめてください。",
			"This page goes on by itself when the card is back. If you are not sure of the PIN, look up your note of it.",
			"置《お》きなおすと、この画面《がめん》は自動《じどう》で進《すす》みます。わからないときは、メモを見《み》てください。"),
	},
	card.Ready: {
		What:  lang.New("マイナンバーカードを読めます", "Your My Number Card can be read", "マイナンバーカードを読《よ》めます"),
		Means: lang.New("カードはこのまま動かさないでください。", "Please leave the card where it is.", "カードを動《うご》かさないでください。"),
		Do:    lang.New("暗証番号を入力してください。", "Please type your PIN.", "暗証番号《あんしょうばんごう》を入《い》れてください。"),
	},
	card.Locked: {
		What: lang.New("利用者証明用の暗証番号がロックされています", "The PIN for user authentication is locked",
			"暗証番号《あんしょうばんごう》がロックされています"),
		Means: lang.New("暗証番号を3回続けて間違えたため、カードが止まっています。ほかの人に使われたわけではありません。",
			"The PIN was wrong three times in a row, so the card has stopped. It does not mean that somebody else used it.",
			"暗証番号《あんしょうばんごう》を3回《かい》間違《まちが》えたので、カードが止《と》まっています。"),
		Do: lang.New("お住まいの市区町村の窓口で、暗証番号の初期化（再設定）をしてください。カードと本人確認書類をお持ちください。",
			"Have the PIN reset at the counter of your municipality (市区町村の窓口). Bring the card and a proof of identity.",
			"住《す》んでいる市区町村《しくちょうそん》の窓口《まどぐち》で、暗証番号《あんしょうばんごう》を新《あたら》しくしてください。カードを持《も》って行《い》ってください。"),
	},
	card.Expired: {
		What: lang.New("このカードの電子証明書は、有効期限が切れています（%s まで）", "The certificate of this card has expired (%s)",
			"このカードの電子証明書《でんししょうめいしょ》は、もう使《つか》えません（%s まで）"),
		Means: lang.New("このカードでは先へ進めません。暗証番号を入力する必要はありません。残り回数は減っていません。",
			"You cannot go on with this card. There is no need to type the PIN; no try of it was used.",
			"このカードは使《つか》えません。暗証番号《あんしょうばんごう》は入《い》れなくていいです。回数《かいすう》は減《へ》っていません。"),
		Do: lang.New("お住まいの市区町村の窓口で、電子証明書を更新してください。手数料はかかりません。カードをお持ちください。この端末の日付が違っているときは、日付を直し、カードを置きなおしてください。",
			"Renew the certificate at the counter of your municipality (市区町村の窓口); it is free of charge. Bring the card. If the date of this device is wrong, set it right and lay the card again.",
			"住《す》んでいる市区町村《しくちょうそん》の窓口《まどぐち》で、電子証明書《でんししょうめいしょ》を新《あたら》しくしてください。お金《かね》はかかりません。カードを持《も》って行《い》ってください。この機械《きかい》の日《ひ》が違《ちが》うときは、日《ひ》を直《なお》して、カードを置《お》きなおしてください。"),
	},
	card.Rejected: {
		What: lang.New("このカードでは先へ進めません", "You cannot go on with this card", "このカードは使《つか》えません"),
		Means: lang.New("まどぐちが、このカードの確認を断りました。", "The portal did not accept what this card proved.",
			"まどぐちが、このカードを確《たし》かめることができませんでした。"),
		Do: layAnew,
	},
	card.NotMyNumber: {
		What: lang.New("マイナンバーカードではありません", "This is not a My Number Card", "マイナンバーカードではありません"),
		Means: lang.New("交通系ICカードや運転免許証などではログインできません。", "You cannot log in with transport cards, driving licences and the like.",
			"電車《でんしゃ》のカードや運転免許証《うんてんめんきょしょう》では、ログインできません。"),
		Do: lang.New("マイナンバーカードに置き換えてください。", "Please place your My Number Card instead.",
			"マイナンバーカードを置《お》いてください。"),
	},
	card.OldCard: {
		What: lang.New("住民基本台帳カード（住基カード）です", "This is a Basic Resident Register card (住基カード)", "住民基本台帳《じゅうみんきほんだいちょう》カードです"),
		Means: lang.New("住基カードの電子証明書は、いまは使えません。", "Certificates of these cards can no longer be used.",
			"住民基本台帳《じゅうみんきほんだいちょう》カードは、もう使《つか》えません。"),
		Do: lang.New("マイナンバーカードに置き換えてください。お持ちでないときは市区町村の窓口で申請できます。",
			"Please place your My Number Card. If you have none, apply at the counter of your municipality.",
			"マイナンバーカードを置《お》いてください。ないときは、市区町村《しくちょうそん》の窓口《まどぐち》で申《もう》し込《こ》めます。"),
	},
	card.NoCertificate: {
		What: lang.New("利用者証明用電子証明書が入っていません", "There is no user certificate on this card",
			"カードに電子証明書《でんししょうめいしょ》が入《はい》っていません"),
		Means: lang.New("カードの発行のときに希望しなかったか、15歳未満などの理由で入っていません。", "It was not asked for when the card was issued, or has been removed.",
			"カードを作《つく》ったときに、入《い》れなかったかもしれません。"),
		Do: lang.New("お住まいの市区町村の窓口で、利用者証明用電子証明書を発行してもらってください。",
			"Have a user certificate issued at the counter of your municipality.",
			"住《す》んでいる市区町村《しくちょうそん》の窓口《まどぐち》で、電子証明書《でんししょうめいしょ》を入《い》れてもらってください。"),
	},
	card.Unreadable: {
		What:  lang.New("カードを読み取れませんでした", "The card could not be read", "カードを読《よ》めませんでした"),
		Means: cardIsFine,
		Do: lang.New("カードを一度離して、置き直してください。続くときは市区町村の窓口にご相談ください。",
			"Take the card away and place it anew. If it goes on, ask at the counter of your municipality.",
			"カードを一度《いちど》離《はな》して、もう一度《いちど》置《お》いてください。また同《おな》じときは、市区町村《しくちょうそん》の窓口《まどぐち》で聞《き》いてください。"),
	},
}
