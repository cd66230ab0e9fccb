// Package prepare is the page 準備: it looks live at everything between this page and the card, says what is missing and how to
// mend it. It needs no login and no PIN.
package prepare

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/proof"
	"madoguchi/frontend/reach/card"
)

// Feature hangs the page into the house.
var Feature = shell.Feature{
	Pages: []shell.Page{{
		Path: "/prepare", Prerender: "prepare", Title: textTitle, New: func() app.Composer { return &page{} },
	}},
	Entries: []shell.Entry{{Path: "/prepare", Label: textTitle, Icon: kit.IconPlug, Order: 80}},
}

var (
	textTitle = lang.New("準備", "Get ready", "準備《じゅんび》")
	textLead  = lang.New("カードを使うために必要なものを、順に確かめます。直すと、この画面は自動で変わります。", "This page checks what is needed to use your card, one after the other. It changes by itself when something is fixed.", "カードを使《つか》うために必要《ひつよう》なものを確《たし》かめます。直《なお》すと、この画面《がめん》は自動《じどう》で変《か》わります。")
	textTold  = lang.New("まどぐちの準備の確認", "Checking Madoguchi's preparations", "まどぐちの準備《じゅんび》")
	textAll   = lang.New("準備ができました", "Everything is ready", "準備《じゅんび》ができました")
	textLogIn = lang.New("ログインへ進む", "Go on to log in", "ログインする")
	textList  = lang.New("確認する項目", "What is checked", "確《たし》かめること")

	stateWords = map[state]lang.Text{
		fine:    lang.New("よし", "Fine", "よい"),
		waiting: lang.New("待っています", "Waiting", "待《ま》っています"),
		wrong:   lang.New("直してください", "To be fixed", "直《なお》してください"),
		later:   lang.New("まだ", "Not yet", "まだ"),
	}

	textBridge      = lang.New("カードブリッジの入れ方と起動のしかた", "How to install and start the card bridge", "カードブリッジの入《い》れ方《かた》")
	textBridgeWhat  = lang.New("カードブリッジは、このパソコンの中だけで動く小さなプログラムです。ブラウザはカードリーダーを直接使えないため、間をつなぎます。暗証番号を記録したり、外へ送ったりしません。", "The card bridge is a small program that works on this computer only. Browsers cannot use card readers themselves, so it stands in between. It neither records your PIN nor sends it anywhere.", "カードブリッジは、このパソコンの中《なか》だけで動《うご》くプログラムです。暗証番号《あんしょうばんごう》を記録《きろく》したり、外《そと》に送《おく》ったりしません。")
	textBridgeSteps = []lang.Text{
		lang.New(
			"カードブリッジをパソコンに入れます。いま使えるのはLinuxのパソコンです（WindowsとmacOSは準備中です）。入れ方は、まどぐちのソースに付いている説明（README）にあります。",
			"Install the card bridge. It works on Linux for now (Windows and macOS are in preparation). How to is in the README that comes with Madoguchi's source.",
			"カードブリッジをパソコンに入《い》れます。今《いま》はLinuxのパソコンだけです。入《い》れ方《かた》は、まどぐちのソースのREADMEに書《か》いてあります。"),
		lang.New("カードリーダーをつなぎ、カードブリッジを起動します。", "Connect the card reader and start the card bridge.", "カードリーダーをつないで、カードブリッジを動《うご》かします。"),
		lang.New("ブラウザが「ローカルネットワークへのアクセス」を尋ねたら「許可」を選びます。", "When your browser asks about “local network access”, choose “Allow”.", "ブラウザが聞《き》いたら「許可《きょか》」を選《えら》びます。"),
	}
	textTerminal     = lang.New("ターミナルで起動するときの1行", "The line to start it in a terminal", "ターミナルで動《うご》かすとき")
	textTerminalHelp = lang.New(
		"このサイトのアドレスを受け付けるように起動します。先に pcscd（カードリーダーのサービス）を入れておいてください。",
		"It makes the bridge accept this site. Install pcscd, the service for card readers, first.",
		"このサイトを使《つか》えるようにして動《うご》かします。先《さき》に pcscd を入《い》れてください。")
	textRenew      = lang.New("カードブリッジを新しくするとき", "When the card bridge is to be updated", "カードブリッジを新《あたら》しくするとき")
	textRenewSteps = []lang.Text{
		lang.New(
			"Debianのパッケージで入れたときは、パッケージを更新します。build/bridge を使っているときは、新しいソースで make build を実行します。",
			"If you installed the Debian package, upgrade it. If you use build/bridge, run make build with the new source.",
			"Debianのパッケージのときは、パッケージを新《あたら》しくします。build/bridge のときは、新《あたら》しいソースで make build を動《うご》かします。"),
		lang.New(
			"動いているカードブリッジを終了し、起動し直します。",
			"End the card bridge that is running and start it again.",
			"動《うご》いているカードブリッジを終《お》わらせて、もう一度《いちど》起動《きどう》します。"),
	}

	textInstall     = lang.New("まどぐちをアプリとして入れる", "Install Madoguchi as an app", "まどぐちをアプリにする")
	textInstallWhy  = lang.New("ホーム画面やデスクトップから1回で開けるようになります。ネットワークがなくても開きます。", "It then opens from your home screen or desktop at once, also without a network.", "アイコンを押《お》すと、すぐに開《ひら》きます。")
	textInstallDo   = lang.New("アプリを入れる", "Install the app", "アプリを入《い》れる")
	textInstallHand = lang.New("ブラウザのメニューの「インストール」または「ホーム画面に追加」を選んでください。", "Choose “Install” or “Add to home screen” in the menu of your browser.", "ブラウザのメニューの「インストール」か「ホーム画面《がめん》に追加《ついか》」を選《えら》んでください。")
	textInstallHome = lang.New("Safariの共有ボタン（四角から上を向いた矢印）を押し、「ホーム画面に追加」を選んでください。", "In Safari, press the share button (an arrow out of a square) and choose “Add to Home Screen”.", "Safariの共有《きょうゆう》ボタン（上《うえ》を向《む》いた矢印《やじるし》）を押《お》して、「ホーム画面《がめん》に追加《ついか》」を選《えら》んでください。")
	textInstalled   = lang.New("アプリとして開いています。", "You are using the app.", "アプリで開《ひら》いています。")
)

type page struct {
	app.Compo
	status      card.Status
	installable bool
	installed   bool
	apple       bool // an iPhone or iPad, where Safari offers no button
	origin      string
	stop        func()
}

// OnMount begins to look.
func (p *page) OnMount(ctx app.Context) {
	shell.Follow(ctx)
	if app.IsServer {
		return
	}
	p.origin = app.Window().Get("location").Get("origin").String()
	p.apple = app.Window().Get("document").Get("documentElement").Get("dataset").Get("handheld").String() == "apple"
	p.installable = ctx.IsAppInstallable()
	p.installed = app.Window().Call("matchMedia", "(display-mode: standalone)").Get("matches").Bool()
	p.stop = card.Shared().Watch(textTold.String(), func(s card.Status) {
		ctx.Dispatch(func(ctx app.Context) {
			if s.Phase == card.Ready && p.status.Phase != card.Ready {
				kit.Announce(ctx, textAll)
			}
			p.status = s
		})
	})
}

// OnAppInstallChange follows what the browser offers.
func (p *page) OnAppInstallChange(ctx app.Context) { p.installable = ctx.IsAppInstallable() }

// OnDismount stops looking.
func (p *page) OnDismount() {
	if p.stop != nil {
		p.stop()
	}
}

// Render draws the picture, the list, and what helps.
func (p *page) Render() app.UI {
	return app.Div().Class("page page-prepare").Body(
		shell.Heading(textTitle),
		proof.ByDevice(p.withoutCard, p.withCard),
		kit.Card{ID: "prepare-install", Heading: textInstall, Body: p.install()}.UI(),
	)
}

func (p *page) withoutCard() app.UI { return proof.WithoutCard(p.origin, false) }

func (p *page) withCard() app.UI {
	banner := kit.NotificationBanner{ID: "prepare-ready", Tone: kit.Success}
	if p.status.Phase == card.Ready {
		banner.Title = textAll
		banner.Body = []app.UI{kit.Link{Label: textLogIn, Href: "/login", Kind: kit.Primary}.UI()}
	}
	// What is to be done first stands first; who has it done may look it up at the end.
	first := app.Div()
	var folded []app.UI
	for _, h := range []struct {
		id    string
		title lang.Text
		body  []app.UI
		when  card.Phase
	}{
		{"prepare-bridge", textBridge, p.howTo(), card.NotRunning},
		{"prepare-renew", textRenew, []app.UI{numbered(textRenewSteps)}, card.OldBridge},
	} {
		if p.status.Phase == h.when {
			first = first.Class("how-first").Body(app.H2().ID(h.id).Class("part-title").Body(h.title.UI()), app.Div().Body(h.body...))
			continue
		}
		folded = append(folded, kit.Disclosure{ID: h.id, Summary: h.title, Body: h.body}.UI())
	}
	return app.Div().Body(
		app.P().Class("lead").Body(textLead.UI()),
		banner.UI(),
		app.Div().Class("prepare-glance").Body(proof.Glance(p.status)),
		proof.Chooser(p.status),
		first,
		p.list(),
		app.Div().Class("how-last").Body(folded...),
	)
}

func (p *page) list() app.UI {
	var items []app.UI
	for _, c := range checks(p.status) {
		var more []app.UI
		if c.state == wrong {
			more = c.message.Lines()
			if p.status.Phase == card.OldPage {
				more = append(more, proof.Reload())
			}
		}
		if c.state == waiting {
			more = []app.UI{app.P().Body(c.message.Do.UI())}
		}
		items = append(items, app.Li().Class("check-item "+stateClass(c.state)).Body(
			app.Div().Class("check-item-head").Body(
				kit.Icon(stateIcon(c.state)), kit.Hidden(stateWords[c.state]),
				app.Span().Class("check-item-name").Body(c.name.UI()),
			),
			app.P().Class("check-item-what").Body(c.message.What.UI()),
			app.Div().Class("check-item-more").Body(more...),
		))
	}
	return app.Ol().Class("check-list").Aria("label", textList.String()).Body(items...)
}

func stateIcon(s state) kit.IconName {
	switch s {
	case fine:
		return kit.IconCheck
	case wrong:
		return kit.IconWarning
	}
	return kit.IconClock
}

func stateClass(s state) string {
	switch s {
	case fine:
		return "check-item-fine"
	case wrong:
		return "check-item-wrong"
	case waiting:
		return "check-item-waiting"
	}
	return "check-item-later"
}

func (p *page) howTo() []app.UI {
	origin := p.origin
	if origin == "" {
		origin = "http://localhost:8080"
	}
	return []app.UI{
		app.P().Body(textBridgeWhat.UI()),
		numbered(textBridgeSteps),
		kit.Disclosure{ID: "prepare-terminal", Summary: textTerminal, Body: []app.UI{
			app.P().Body(textTerminalHelp.UI()),
			app.Pre().Class("command").TabIndex(0).Body(app.Code().Text("bridge --origins " + origin)),
		}}.UI(),
	}
}

func numbered(texts []lang.Text) app.UI {
	items := make([]app.UI, len(texts))
	for i, t := range texts {
		items[i] = app.Li().Body(t.UI())
	}
	return app.Ol().Body(items...)
}

func (p *page) install() []app.UI {
	body := []app.UI{app.P().Body(textInstallWhy.UI())}
	switch {
	case p.installed:
		return append(body, app.P().Body(textInstalled.UI()))
	case p.installable:
		return append(body, kit.Button{ID: "install", Label: textInstallDo, OnPress: func(ctx app.Context) { ctx.ShowAppInstallPrompt() }}.UI())
	}
	if p.apple {
		return append(body, app.P().Body(textInstallHome.UI()))
	}
	return append(body, app.P().Body(textInstallHand.UI()))
}
