package prepare

import (
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/part/proof"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/card"
	bridgev2 "madoguchi/proto/gen/bridge/v2"
)

// state is how it stands with one thing on the way to the card.
type state int

const (
	// later: what comes before it must be mended first.
	later state = iota
	// waiting: it is being looked at, or the person is to do something ordinary.
	waiting
	wrong
	fine
)

// check is one thing on the way to the card.
type check struct {
	name    lang.Text
	state   state
	message trouble.Message // what is the case; for fine only its What
}

var (
	nameBrowser    = lang.New("ブラウザ", "Browser", "ブラウザ")
	namePermission = lang.New("ブラウザの許可", "Browser permission", "ブラウザの許可《きょか》")
	nameBridge     = lang.New("カードブリッジ", "Card bridge", "カードブリッジ")
	nameReader     = lang.New("カードリーダー", "Card reader", "カードリーダー")
	nameCard       = lang.New("カード", "Card", "カード")
	nameKind       = lang.New("カードの種類と電子証明書", "Kind of card and certificate", "カードの種類《しゅるい》と電子証明書《でんししょうめいしょ》")

	browserFine     = lang.New("このブラウザで使えます", "This browser will do", "このブラウザで使《つか》えます")
	permissionGiven = lang.New("カードリーダーへの接続を、このサイトに許可しています", "This site has your permission to connect to the card reader", "このサイトは、カードリーダーとつないでもいいです")
	permissionFree  = lang.New("許可を求められずに、つながっています", "It is connected; no permission was asked for", "許可《きょか》は聞《き》かれていません。つながっています")
	permissionOpen  = lang.New("まだ尋ねられていません。カードブリッジが動いたあと、ブラウザが尋ねたら「許可」を選んでください", "Not asked yet. If your browser asks once the card bridge runs, choose “Allow”", "まだ聞《き》かれていません。カードブリッジが動《うご》いてから聞《き》かれたら、「許可《きょか》」を選《えら》びます")
	bridgeFine      = lang.New("カードブリッジが動いています（%s）", "The card bridge is running (%s)", "カードブリッジが動《うご》いています（%s）")
	readerFine      = lang.New("カードリーダーがつながっています（%s）", "A card reader is connected (%s)", "カードリーダーがつながっています（%s）")
	cardFine        = lang.New("カードが置かれています", "A card lies on the reader", "カードがあります")
	kindFine        = lang.New("マイナンバーカードです。利用者証明用電子証明書が入っています（暗証番号あと%d回）", "A My Number Card with a user certificate (%d PIN tries left)", "マイナンバーカードです。電子証明書《でんししょうめいしょ》が入《はい》っています（暗証番号《あんしょうばんごう》あと%d回《かい》）")
	howToIsAbove    = lang.New("上の「カードブリッジの入れ方と起動のしかた」のとおりに起動してください。この画面はそのままで変わります。", "Start it as told above under “How to install and start the card bridge”. This page follows by itself.", "上《うえ》の「カードブリッジの入《い》れ方《かた》」を見《み》て、動《うご》かしてください。")
	renewIsAbove    = lang.New(
		"上の「カードブリッジを新しくするとき」のとおりに新しくしてください。この画面はそのままで変わります。",
		"Update it as told above under “When the card bridge is to be updated”. This page follows by itself.",
		"上《うえ》の「カードブリッジを新《あたら》しくするとき」を見《み》て、新《あたら》しくしてください。")
	afterwards = lang.New("上の項目のあとで確認します", "Checked after the one above", "上《うえ》のあとで確《たし》かめます")
)

// rung is how far down the list a phase has its obstacle.
func rung(phase card.Phase) int {
	switch phase {
	case card.Blocked, card.Handheld:
		return 0
	case card.AwaitingPermission, card.PermissionDenied:
		return 1
	case card.Searching, card.NotRunning, card.Refused, card.OldBridge, card.OldPage, card.ServiceDown:
		return 2
	case card.NoReader:
		return 3
	case card.NoCard, card.MuteCard, card.BusyCard, card.HeldCard, card.SeveralCards:
		return 4
	case card.Ready:
		return 6
	}
	return 5
}

// checks says how it stands with each thing, from the browser to the kind of card.
func checks(s card.Status) []check {
	good := []check{
		{name: nameBrowser, message: trouble.Message{What: browserFine}},
		{name: namePermission, message: trouble.Message{What: permission(s)}},
		{name: nameBridge, message: trouble.Message{What: bridgeFine.F(s.Version)}},
		{name: nameReader, message: trouble.Message{What: readerFine.F(s.Reader)}},
		{name: nameCard, message: trouble.Message{What: cardFine}},
		{name: nameKind, message: trouble.Message{What: kindFine.F(s.Contents.Tries(bridgev2.PINKind_PIN_KIND_AUTH).Left)}},
	}
	at := rung(s.Phase)
	for i := range good {
		switch {
		case i < at:
			good[i].state = fine
			if i == 1 && !permitted(s) {
				good[i].state = later
			}
		case i > at:
			good[i].state, good[i].message = later, trouble.Message{What: afterwards}
		default:
			good[i].state, good[i].message = wrong, proof.Standing(s)
			switch s.Phase {
			case card.NotRunning:
				good[i].message.Do = howToIsAbove
			case card.OldBridge:
				good[i].message.Do = renewIsAbove
			}
			if good[i].message.Code == "" {
				good[i].state = waiting
			}
		}
	}
	return good
}

// permitted tells whether the way to the bridge is known to be open: the person said so, or it was gone.
func permitted(s card.Status) bool {
	return s.Permission == card.PermissionGranted || reached(s.Phase)
}

// reached tells whether something answered where the bridge is.
func reached(phase card.Phase) bool {
	return phase == card.Refused || phase == card.OldBridge || phase == card.OldPage || phase >= card.ServiceDown
}

// permission says what is known of it, and no more.
func permission(s card.Status) lang.Text {
	switch {
	case s.Permission == card.PermissionGranted:
		return permissionGiven
	case reached(s.Phase):
		return permissionFree
	}
	return permissionOpen
}
