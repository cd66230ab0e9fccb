// Package home is the first page of a person who is logged in: what is to be done, what is new, and the services there are. Showing a
// notice, or the whole to-do list, is the business of their features.
package home

import (
	"net/url"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/todo"
	"madoguchi/frontend/reach/rpc"
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
	textTodoList  = lang.New("やることリストを見る", "See your to-do list", "する ことの リストを 見《み》る")
	textNew       = lang.New("新しいお知らせ", "New notices", "新《あたら》しい お｜知らせ《しらせ》")
	textNewCount  = lang.New("新しいお知らせ（未読%d件）", "New notices (%d unread)", "新《あたら》しい お｜知らせ《しらせ》(まだ 読《よ》んで いない もの %d)")
	textNewNone   = lang.New("お知らせはまだありません。届くと、ここに表示します。", "No notices yet. They appear here when they arrive.", "お｜知らせ《しらせ》は まだ ありません。来《く》ると、ここに 出《で》ます。")
	textAll       = lang.New("すべてのお知らせを見る", "See all notices", "お｜知らせ《しらせ》を 全部《ぜんぶ》 見《み》る")
	textUnread    = lang.New("未読", "Unread", "まだ 読《よ》んで いない")
	textServices  = lang.New("使えるサービス", "Services", "使《つか》える サービス")

	textFailed     = lang.New("お知らせを読み込めませんでした", "Your notices could not be loaded", "お｜知らせ《しらせ》を 読《よ》めませんでした")
	textTodoFailed = lang.New("やることを読み込めませんでした", "Your to-do list could not be loaded", "する ことを 読《よ》めませんでした")
	textOffline    = lang.New("ネットワークにつながると表示します。", "They appear once you are connected.", "インターネットに つながると 見《み》えます。")
	textAgain      = lang.New("もう一度読み込む", "Load again", "もう 一度《いちど》 読《よ》む")
)

// services are what can be used today, by what one wants to do.
var services = []struct {
	path        string
	icon        kit.IconName
	title, text lang.Text
}{
	{"/notice", kit.IconBell, lang.New("お知らせを読む", "Read notices", "お｜知らせ《しらせ》を 読《よ》む"), lang.New("行政機関から届いたもの", "From offices", "役所《やくしょ》から 来《き》た もの")},
	{"/procedures", kit.IconSearch, lang.New("手続をさがす", "Find a procedure", "手続《てつづ》きを さがす"), lang.New("全国の市区町村から", "In every municipality", "日本中《にほんじゅう》から")},
	{"/guide", kit.IconTask, lang.New("できごとからさがす", "Search by event of life", "できごとから さがす"), lang.New("引越し、出産、退職など", "Moving, birth, leaving a job", "引《ひ》っ越《こ》しなど")},
	{"/account", kit.IconPerson, lang.New("登録内容を確かめる", "Check your registration", "登録《とうろく》を 見《み》る"), lang.New("名前、メール、市区町村", "Name, mail, municipality", "名前《なまえ》、メール、住《す》んでいる 市《し》")},
	{"/prepare", kit.IconPlug, lang.New("カードとリーダーを確かめる", "Check card and reader", "カードと リーダーを 見《み》る"), lang.New("動かないときの直し方", "How to mend what does not work", "直《なお》し方《かた》")},
	{"/help", kit.IconHelp, lang.New("使い方を見る", "See how to use it", "使《つか》い方《かた》を 見《み》る"), lang.New("困ったときもここから", "Also when something goes wrong", "困《こま》った ときも ここ")},
}

type page struct {
	app.Compo
	visit   ask.Visit
	asked   ask.Question
	loaded  bool
	unread  int // as of the last load
	latest  []*portalv1.Notice
	missing bool // the to-do list was asked for and did not come
}

// OnMount loads, and again whenever a notice came or was read.
func (p *page) OnMount(ctx app.Context) {
	p.visit.Begin(ctx)
	shell.Watch(ctx, func(app.Context) { p.follow() })
	p.follow()
	p.visit.Until(todo.Follow(ctx, p.heard))
}

// heard notes whether the to-do list came; its own page tells why it did not.
func (p *page) heard(_ app.Context, err error) {
	_, known := todo.Open()
	p.missing = err != nil && !known
}

// OnDismount stops listening.
func (p *page) OnDismount() { p.visit.End() }

// follow loads what may be out of date.
func (p *page) follow() {
	switch {
	case p.asked.Busy || p.asked.Failure.Is() || shell.CurrentSession().State != shell.CitizenState:
	case !p.loaded || p.unread != shell.Unread():
		p.load()
	}
}

func (p *page) load() {
	unread, request := shell.Unread(), &portalv1.ListNoticesRequest{PageSize: shown}
	ask.For(&p.visit, &p.asked, rpc.Notices().ListNotices, request, func(_ app.Context, latest *portalv1.ListNoticesResponse, err error) {
		if err != nil {
			return
		}
		p.loaded, p.unread, p.latest = true, unread, latest.GetNotices()
		p.follow() // one came meanwhile
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
	open, known := todo.Open()
	title := textTodo
	if open > 0 && known {
		title = textTodoCount.F(open)
	}
	heading := app.H2().Class("home-part-title").Body(kit.Icon(kit.IconTask), app.Span().Body(title.UI()))
	if !known {
		return []app.UI{heading, waiting("home-todo-again", p.missing, textTodoFailed, func(app.Context) {
			p.missing = false
			todo.List(p.visit.Page, func(ctx app.Context, _ []*portalv1.Task, err error) { p.heard(ctx, err) })
		})}
	}
	return []app.UI{
		heading,
		todo.Brief{Most: shown, Empty: textTodoNone}.UI(),
		app.P().Class("home-part-more").Body(kit.Link{ID: "home-todo", Label: textTodoList, Href: "/todo"}.UI()),
	}
}

func (p *page) latestPart() []app.UI {
	title := textNew
	if n := shell.Unread(); n > 0 {
		title = textNewCount.F(n)
	}
	heading := app.H2().Class("home-part-title").Body(kit.Icon(kit.IconBell), app.Span().Body(title.UI()))
	if !p.loaded {
		return []app.UI{heading, waiting("home-notices-again", p.asked.Failure.Is(), textFailed, p.asked.Again)}
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
func waiting(id string, failed bool, why lang.Text, again func(ctx app.Context)) app.UI {
	switch {
	case !shell.Online():
		return app.P().Class("empty").Body(textOffline.UI())
	case failed:
		return app.Div().Class("empty").Body(
			app.P().Body(why.UI()),
			kit.Button{ID: id, Label: textAgain, Icon: kit.IconRefresh, OnPress: again}.UI(),
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
