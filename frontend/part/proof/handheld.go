package proof

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/reach/card"
)

var (
	textHow     = lang.New("ログインするには", "How to log in", "ログインするには")
	textByPC    = lang.New("カードリーダーをつないだパソコンで", "On a computer with a card reader", "カードリーダーがあるパソコンで")
	textByPCTo  = lang.New("パソコンで、次のアドレスを開いてください。", "On the computer, open this address:", "パソコンで、このアドレスを開《ひら》いてください。")
	textByPCOn  = lang.New("パソコンで次のアドレスを開くと、見ようとしていたページへ進みます。", "On the computer, this address leads to the page you wanted:", "パソコンでこのアドレスを開《ひら》くと、見《み》たかったページに行《い》きます。")
	textPCNeeds = lang.New("必要なパソコンとカードリーダー", "What computer and reader are needed", "パソコンとカードリーダーについて")
	textByDesk  = lang.New("窓口などに置かれた端末で", "On a terminal at a counter", "窓口《まどぐち》にある機械《きかい》で")
	textAskDesk = lang.New(
		"市区町村の窓口などに、カードリーダーの付いた端末が置かれていることがあります。あるかどうかは窓口にお尋ねください。カードを持ち、4桁の暗証番号を確かめてからお出かけください。",
		"Some municipal offices have a terminal with a card reader. Ask at the counter whether yours has one. Bring your card and know your four-digit PIN.",
		"市区町村《しくちょうそん》の窓口《まどぐち》に、カードリーダーがある機械《きかい》があるかもしれません。あるかどうか、窓口《まどぐち》で聞《き》いてください。カードを持《も》って行《い》きます。暗証番号《あんしょうばんごう》もいります。")
	textNow = lang.New("この端末で、ログインせずにできること", "What you can do here without logging in", "ここで、ログインしないでできること")

	// offers are what there is on a device that reads no card.
	offers = []struct {
		icon       kit.IconName
		href       string
		name, what lang.Text
	}{
		{kit.IconSearch, "/procedures", lang.New("手続をさがす", "Find a procedure", "手続《てつづき》をさがす"),
			lang.New("必要なもの、期限、窓口がわかります。", "What to bring, by when, and where.", "何《なに》がいるか、いつまでか、どこへ行《い》くかがわかります。")},
		{kit.IconTask, "/guide", lang.New("できごとからさがす", "Search by event of life", "できごとからさがす"),
			lang.New("引越しや出産などですることを、日付つきで一覧にします。", "What a move, a birth and the like ask of you, with dates.", "引《ひ》っ越《こ》しや赤《あか》ちゃんのときに、することがわかります。")},
		{kit.IconCheck, "/todo", lang.New("やること", "To do", "すること"),
			lang.New("することを、この端末に書き留めておけます。", "Keep your list on this device.", "することを、ここに書《か》いておけます。")},
		{kit.IconHelp, "/help", lang.New("使い方を見る", "See how it works", "使《つか》い方《かた》を見《み》る"),
			lang.New("ログインのしかたと、困ったときのことを説明します。", "How to log in, and what to do when something goes wrong.", "ログインのしかたと、困《こま》ったときのことです。")},
	}
)

// ByDevice is computer where a card can come into play, and handheld on a phone or a tablet. What is drawn before a
// device is known holds both, and the style sheet shows one: see boot.js.
func ByDevice(handheld, computer func() app.UI) app.UI {
	if app.IsServer {
		return app.Div().Body(
			app.Div().Class("if-handheld").Body(handheld()), app.Div().Class("if-computer").Body(computer()))
	}
	if card.Shared().Status().Phase == card.Handheld {
		return app.Div().Body(handheld())
	}
	return app.Div().Body(computer())
}

// WithoutCard stands in the pad's place on a phone or a tablet: how one logs in, and what there is without. address is
// what to open on a computer, and onward says that it leads to what the person was about to see; empty is unknown.
func WithoutCard(address string, onward bool) app.UI {
	standing := Standing(card.Status{Lying: card.Lying{Phase: card.Handheld}})
	to := textByPCTo
	if onward {
		to = textByPCOn
	}
	open := []app.UI{app.P().Body(standing.Means.UI())}
	if address != "" {
		open = append(open, app.P().Body(to.UI()), app.P().ID("open-there").Class("address").Attr("translate", "no").Text(address))
	}
	open = append(open, app.P().Body(kit.Link{Label: textPCNeeds, Href: "/environment"}.UI()))
	var cards []app.UI
	for _, o := range offers {
		cards = append(cards, kit.Card{
			Heading: o.name, Level: 3, Icon: o.icon, Href: o.href, Body: []app.UI{app.P().Body(o.what.UI())},
		}.UI())
	}
	return app.Div().Class("without-card").Body(
		app.Div().Class("status status-info").Body(
			app.Div().Class("status-picture").Body(picture(card.NoCard)),
			app.P().Class("status-what").Body(standing.What.UI()),
		),
		app.Section().Class("part").Body(
			app.H2().Class("part-title").Body(textNow.UI()),
			app.Div().Class("cards").Body(cards...),
		),
		app.Section().Class("part").Body(
			app.H2().Class("part-title").Body(textHow.UI()),
			kit.Heading(3, "way-heading", kit.Icon(kit.IconReader), app.Span().Body(textByPC.UI())),
			app.Div().Class("way").Body(open...),
			kit.Heading(3, "way-heading", kit.Icon(kit.IconPlace), app.Span().Body(textByDesk.UI())),
			app.Div().Class("way").Body(app.P().Body(textAskDesk.UI())),
		),
	)
}
