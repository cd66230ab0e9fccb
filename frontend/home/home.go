// Package home is the first page of a person who is logged in: what is to be done, what is new, and the services there are. It reads
// notices; showing one is the notice feature's.
package home

import (
	"context"
	"net/url"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/kit"
	"madoguchi/frontend/lang"
	"madoguchi/frontend/rpc"
	"madoguchi/frontend/shell"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// Feature hangs the page into the house.
var Feature = shell.Feature{
	Pages:   []shell.Page{{Path: "/home", Title: textTitle, For: shell.Citizen, New: func() app.Composer { return &page{} }}},
	Entries: []shell.Entry{{Path: "/home", Label: textTitle, Icon: kit.IconHome, For: shell.Citizen, Order: 10}},
}

// shown is how many things to do, and how many notices, the page lists.
const shown = 5

var (
	textTitle     = lang.New("ホーム", "Home", "ホーム")
	textHello     = lang.New("こんにちは、%sさん", "Hello, %s", "こんにちは、%sさん")
	textHelloYou  = lang.New("ホーム", "Your home page", "ホーム")
	textLastLogin = lang.New("前回のログイン %s", "Last login %s", "前《まえ》の ログイン %s")
	textFirst     = lang.New("はじめてのログインです", "This is your first login", "はじめての ログインです")

	textTodo      = lang.New("やること", "To do", "する こと")
	textTodoCount = lang.New("やること（%d件）", "To do (%d)", "する こと(%d)")
	textTodoNone  = lang.New("今すぐすることはありません。", "There is nothing to do right now.", "今《いま》 する ことは ありません。")
	textNew       = lang.New("新しいお知らせ", "New notices", "新《あたら》しい お｜知らせ《しらせ》")
	textNewCount  = lang.New("新しいお知らせ（未読%d件）", "New notices (%d unread)", "新《あたら》しい お｜知らせ《しらせ》(まだ 読《よ》んで いない もの %d)")
	textNewNone   = lang.New("お知らせはまだありません。届くと、ここに表示します。", "No notices yet. They appear here when they arrive.", "お｜知らせ《しらせ》は まだ ありません。来《く》ると、ここに 出《で》ます。")
	textAll       = lang.New("すべてのお知らせを見る", "See all notices", "お｜知らせ《しらせ》を 全部《ぜんぶ》 見《み》る")
	textUnread    = lang.New("未読", "Unread", "まだ 読《よ》んで いない")
	textDue       = lang.New("期限 %s", "Due %s", "%sまで")
	textDueToday  = lang.New("今日まで（%s）", "Due today (%s)", "今日《きょう》まで(%s)")
	textServices  = lang.New("使えるサービス", "Services", "使《つか》える サービス")

	textFailed  = lang.New("お知らせを読み込めませんでした", "Your notices could not be loaded", "お｜知らせ《しらせ》を 読《よ》めませんでした")
	textOffline = lang.New("ネットワークにつながると表示します。", "They appear once you are connected.", "インターネットに つながると 見《み》えます。")
	textAgain   = lang.New("もう一度読み込む", "Load again", "もう 一度《いちど》 読《よ》む")
)

// services are what can be used today, by what one wants to do.
var services = []struct {
	path        string
	icon        kit.IconName
	title, text lang.Text
}{
	{"/notice", kit.IconBell, lang.New("お知らせを読む", "Read notices", "お｜知らせ《しらせ》を 読《よ》む"), lang.New("行政機関から届いたもの", "From offices", "役所《やくしょ》から 来《き》た もの")},
	{"/account", kit.IconPerson, lang.New("登録内容を確かめる", "Check your registration", "登録《とうろく》を 見《み》る"), lang.New("名前、メール、市区町村", "Name, mail, municipality", "名前《なまえ》、メール、住《す》んでいる 市《し》")},
	{"/prepare", kit.IconPlug, lang.New("カードとリーダーを確かめる", "Check card and reader", "カードと リーダーを 見《み》る"), lang.New("動かないときの直し方", "How to mend what does not work", "直《なお》し方《かた》")},
	{"/help", kit.IconHelp, lang.New("使い方を見る", "See how to use it", "使《つか》い方《かた》を 見《み》る"), lang.New("困ったときもここから", "Also when something goes wrong", "困《こま》った ときも ここ")},
}

type page struct {
	app.Compo
	loaded  bool
	failed  bool
	loading bool
	unread  int // as of the last load
	todo    []*portalv1.Notice
	latest  []*portalv1.Notice
}

// OnMount loads, and again whenever a notice came or was read.
func (p *page) OnMount(ctx app.Context) {
	shell.Watch(ctx, func(ctx app.Context) {
		if p.due() {
			p.load(ctx)
		}
	})
	if p.due() {
		p.load(ctx)
	}
}

// due says whether what is shown may be out of date.
func (p *page) due() bool {
	switch {
	case p.loading || shell.CurrentSession().State != shell.CitizenState:
		return false
	case p.failed:
		return false
	}
	return !p.loaded || p.unread != shell.Unread()
}

func (p *page) load(ctx app.Context) {
	p.loading, p.failed = true, false
	unread := shell.Unread()
	ctx.Async(func() {
		todo, err := rpc.Notices().ListNotices(context.Background(), &portalv1.ListNoticesRequest{ActionOnly: true, PageSize: shown})
		var latest *portalv1.ListNoticesResponse
		if err == nil {
			latest, err = rpc.Notices().ListNotices(context.Background(), &portalv1.ListNoticesRequest{PageSize: shown})
		}
		ctx.Dispatch(func(ctx app.Context) {
			p.loading = false
			if err != nil {
				p.failed = true
				return
			}
			p.loaded, p.unread = true, unread
			p.todo, p.latest = todo.GetNotices(), latest.GetNotices()
			if p.due() { // one came meanwhile
				p.load(ctx)
			}
		})
	})
}

// Render draws the page.
func (p *page) Render() app.UI {
	session := shell.CurrentSession()
	hello := textHelloYou
	if session.Name != "" {
		hello = textHello.F(session.Name)
	}
	return app.Div().Class("home").Body(
		app.Div().Class("greeting").Body(shell.Heading(hello), lastLogin(session)),
		app.Div().Class("home-columns").Body(
			app.Section().Class("home-part home-part-todo").Body(p.todoPart()...),
			app.Section().Class("home-part").Body(p.latestPart()...),
		),
		app.Section().Class("part").Body(
			app.H2().Class("part-title").Body(textServices.UI()),
			app.Div().Class("cards").Body(serviceCards()...),
		),
	)
}

func lastLogin(session shell.Session) app.UI {
	switch {
	case session.State != shell.CitizenState:
		return app.Span()
	case session.LastLogin.IsZero():
		return app.P().Class("last-login").Body(textFirst.UI())
	}
	return app.P().Class("last-login").Body(textLastLogin.F(lang.DateTime(session.LastLogin)).UI())
}

func (p *page) todoPart() []app.UI {
	title := textTodo
	if len(p.todo) > 0 {
		title = textTodoCount.F(len(p.todo))
	}
	heading := app.H2().Class("home-part-title").Body(kit.Icon(kit.IconTask), app.Span().Body(title.UI()))
	if !p.loaded {
		return []app.UI{heading, p.waiting("home-todo-again")}
	}
	var items []app.UI
	for _, n := range p.todo {
		items = append(items, app.A().Class("entry").Href("/notice/"+url.PathEscape(n.GetId())).Body(
			app.Span().Class("entry-title").Text(action(n)),
			dueOf(n, time.Now()),
			app.Span().Class("entry-top").Text(n.GetOffice()+" "+n.GetTitle()),
		))
	}
	return []app.UI{heading, kit.List{Label: textTodo, Items: items, Empty: textTodoNone}.UI()}
}

func action(n *portalv1.Notice) string {
	if n.GetAction() != "" {
		return n.GetAction()
	}
	return n.GetTitle()
}

func dueOf(n *portalv1.Notice, now time.Time) app.UI {
	if n.GetActionDue() == "" {
		return app.Span()
	}
	text := textDue
	if n.GetActionDue() == now.In(lang.Tokyo).Format(time.DateOnly) {
		text = textDueToday
	}
	return app.Span().Class("entry-due").Body(kit.Icon(kit.IconClock), app.Text(" "), text.F(lang.Day(n.GetActionDue())).UI())
}

func (p *page) latestPart() []app.UI {
	title := textNew
	if n := shell.Unread(); n > 0 {
		title = textNewCount.F(n)
	}
	heading := app.H2().Class("home-part-title").Body(kit.Icon(kit.IconBell), app.Span().Body(title.UI()))
	if !p.loaded {
		return []app.UI{heading, p.waiting("home-notices-again")}
	}
	var items []app.UI
	for _, n := range p.latest {
		chip := app.UI(app.Span())
		if !n.GetRead() {
			chip = kit.ChipLabel(kit.Info, textUnread)
		}
		items = append(items, app.A().Class("entry").Href("/notice/"+url.PathEscape(n.GetId())).Body(
			app.Span().Class("entry-top").Body(app.Span().Text(n.GetOffice()), kit.DateText(time.UnixMilli(n.GetSentAt())), chip),
			app.Span().Class("entry-title").Text(n.GetTitle()),
		))
	}
	return []app.UI{
		heading,
		kit.List{Label: textNew, Items: items, Empty: textNewNone}.UI(),
		app.P().Class("home-part-more").Body(kit.Link{Label: textAll, Href: "/notice"}.UI()),
	}
}

// waiting is what a part shows before it is loaded.
func (p *page) waiting(id string) app.UI {
	switch {
	case !shell.Online() && !p.loading:
		return app.P().Class("empty").Body(textOffline.UI())
	case p.failed:
		return app.Div().Class("empty").Body(
			app.P().Body(textFailed.UI()),
			kit.Button{ID: id, Label: textAgain, Icon: kit.IconRefresh, OnPress: p.load}.UI(),
		)
	}
	return kit.Skeleton(3, nil)
}

func serviceCards() []app.UI {
	var cards []app.UI
	for _, s := range services {
		cards = append(cards, kit.Card{Heading: s.title, Level: 3, Icon: s.icon, Href: s.path, Body: []app.UI{app.P().Body(s.text.UI())}}.UI())
	}
	return cards
}
