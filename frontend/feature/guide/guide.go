// Package guide leads from an event of life (できごと) to what is to be done: the nine events, the questions and the plan of one, which goes
// on the to-do list. What applies is the portal's to say; answers stay on the device and are no part of any address.
package guide

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/catalog"
)

const (
	guidePath  = "/guide"
	todoPath   = "/todo"
	devicePath = "/device"
)

// Feature hangs the pages into the house.
var Feature = shell.Feature{
	Pages: []shell.Page{
		{Path: guidePath, Prerender: "guide", Title: textGuide, New: func() app.Composer { return &overview{} }},
		{Pattern: "^/guide/[a-z]+$", Document: "event", Title: textGuide, Parent: guidePath, New: func() app.Composer { return &page{} }},
	},
}

var (
	textGuide     = lang.New("できごとから手続をさがす", "Find procedures by event of life", "できごとから 手続《てつづき》を さがす")
	textGuideLead = lang.New("いくつかの質問に答えると、あなたに当てはまる手続を、する順に、期限の日つきでお見せします。ログインはいりません。", "Answer a few questions and see what applies to you: in the order in which to do it, and by when. No login is needed.", "質問《しつもん》に 答《こた》えると、する ことと、いつまでかが わかります。ログインは いりません。")
	textGuideElse = lang.New("できごとが見つからないとき", "If none of these fits", "ここに ない とき")
	textGuideFind = lang.New("手続の名前や言葉でさがす", "Search procedures by name or word", "手続《てつづき》を ことばで さがす")
	textDevice    = lang.New("この端末に残っているものを見る・消す", "See and remove what is kept on this device", "この 機械《きかい》に 残《のこ》っている ものを 見《み》る・消《け》す")
	textGuideTodo = lang.New("やることリストを見る", "See your to-do list", "する ことの リストを 見《み》る")
)

// happening is an event of life as the page knows it before it asks the portal.
type happening struct {
	id             string
	title, summary lang.Text
	// strokes are drawn as those of kit.Icon.
	strokes string
}

var happenings = []happening{
	{"birth", lang.New("妊娠・出産", "Pregnancy and birth", "赤《あか》ちゃんが できた・生《う》まれた"),
		lang.New("妊娠がわかってから、赤ちゃんが生まれて落ち着くまでの手続をまとめます。", "What to do from a confirmed pregnancy until the first months with the baby.", "赤《あか》ちゃんが できた ときから、生《う》まれた 後《あと》までに する ことです。"),
		`<path d="M3 8h18"/><path d="M4 8a8 7 0 0 0 16 0"/><path d="M12 8V3a8 5 0 0 1 8 5"/><circle cx="8" cy="19" r="2"/><circle cx="16" cy="19" r="2"/>`},
	{"child", lang.New("子育て", "Raising children", "子育《こそだ》て"),
		lang.New("保育園や学童、医療費、予防接種、学校の費用、ひとり親や障がいのある子への支えを、お子さんの年齢に合わせてまとめます。", "Childcare, medical costs, vaccinations, school costs, and support for single parents and for children with disabilities, by age.", "保育園《ほいくえん》・病院《びょういん》・学校《がっこう》の こと、お金《かね》の ことです。"),
		`<circle cx="8" cy="6" r="3"/><path d="M3 21v-5a5 5 0 0 1 9-3"/><circle cx="16.500" cy="13" r="2.500"/><path d="M12.500 21a4 4 0 0 1 8 0"/>`},
	{"move", lang.New("引越し", "Moving", "引《ひ》っ越《こ》し"),
		lang.New("引越しの前と後にすることを、順にまとめます。住所の届出のほか、保険、手当、学校、水道、車などがあります。", "What to do before and after a move, in order: registering your address, insurance, allowances, school, water, cars.", "引《ひ》っ越《こ》しの 前《まえ》と 後《あと》に する ことです。"),
		`<path d="M4 11l8-7 8 7"/><path d="M6 10v10h12V10"/><path d="M9 15h6M12.500 12.500L15 15l-2.500 2.500"/>`},
	{"work", lang.New("就職・退職", "Starting or leaving a job", "仕事《しごと》を 始《はじ》める・やめる"),
		lang.New("仕事をやめたとき、始めたときの、健康保険、年金、失業給付、税金、保育の手続をまとめます。", "Health insurance, pension, unemployment benefits, tax and childcare when you leave or start a job.", "仕事《しごと》を やめた とき・始《はじ》めた ときの 保険《ほけん》・年金《ねんきん》・税金《ぜいきん》の ことです。"),
		`<rect x="3" y="8" width="18" height="12" rx="2"/><path d="M9 8V5h6v3"/><path d="M3 13h18M12 12v2"/>`},
	{"marriage", lang.New("結婚・離婚", "Marriage and divorce", "結婚《けっこん》・離婚《りこん》"),
		lang.New("届出のほか、氏名や住所の変更、健康保険と年金、子どもの手当や戸籍の手続をまとめます。", "Registration, changes of name and address, health insurance, pension, and what concerns children.", "届《とど》け・名前《なまえ》・住所《じゅうしょ》・保険《ほけん》・子《こ》どもの ことです。"),
		`<circle cx="9" cy="13" r="6"/><circle cx="15" cy="13" r="6"/>`},
	{"care", lang.New("介護", "Long-term care", "介護《かいご》"),
		lang.New("自分や家族に介護が必要になったときの手続を、はじめの相談からまとめます。", "What to do when you or a family member needs care, from the first talk on.", "自分《じぶん》や 家族《かぞく》の 世話《せわ》が 必要《ひつよう》に なった ときに する ことです。"),
		`<path d="M12 11c-2.500-2-4-3.400-4-5.200A2.200 2.200 0 0 1 12 4.600a2.200 2.200 0 0 1 4 1.200C16 7.600 14.500 9 12 11z"/><path d="M3 15l4-2 5 2h3a1.500 1.500 0 0 1 0 3h-4"/><path d="M15 17l5-2.500M3 20l4-1 5 1.500 9-4"/>`},
	{"disability", lang.New("病気・障がい", "Illness and disability", "病気《びょうき》・障《しょう》がい"),
		lang.New("病気やけがで費用や仕事に困ったとき、障がいのある人が使える手帳・手当・サービスをまとめます。", "Help with the costs of illness, and the certificates, allowances and services for people with disabilities.", "病気《びょうき》や けがを した とき、障《しょう》がいが ある ときに 使《つか》える ものです。"),
		`<path d="M9 3h6v6h6v6h-6v6H9v-6H3V9h6z"/>`},
	{"disaster", lang.New("災害", "Disaster", "災害《さいがい》"),
		lang.New("地震・台風・大雨・火事などで被害を受けたときに、まずすることと、受けられる支援をまとめます。", "First steps and support after an earthquake, typhoon, flood or fire.", "地震《じしん》、台風《たいふう》、火事《かじ》などで 困《こま》った ときに する ことです。"),
		`<path d="M4 11l8-7 8 7"/><path d="M6 10v10h4l2-4-2-2 3-4"/><path d="M13 20h5V10"/>`},
	{"death", lang.New("死亡・相続", "Death and inheritance", "家族《かぞく》が 亡《な》くなった"),
		lang.New("ご家族が亡くなられたあとの手続を、急ぐものから順にまとめます。すべてを一度にする必要はありません。", "What follows after a death in the family, the urgent things first. Not everything has to be done at once.", "家族《かぞく》が 亡《な》くなった 後《あと》に する ことです。急《いそ》ぐ ものから 書《か》いて います。"),
		`<path d="M12 21v-9"/><path d="M12 12c-3 0-4.500-2-4.500-4.500C9 7.500 10.500 6 12 3c1.500 3 3 4.500 4.500 4.500C16.500 10 15 12 12 12z"/><path d="M12 19c-3 0-5-1.500-5.500-4 3 0 5 1 5.500 4zM12 19c3 0 5-1.500 5.500-4-3 0-5 1-5.500 4z"/>`},
}

// happeningOf finds the event of an address: /guide/birth.
func happeningOf(path string) (happening, bool) {
	for _, h := range happenings {
		if path == guidePath+"/"+h.id {
			return h, true
		}
	}
	return happening{}, false
}

func (h happening) icon() app.UI {
	return kit.Drawing("icon guide-icon", "0 0 24 24", h.strokes)
}

// overview lists the events.
type overview struct{ app.Compo }

// OnMount has it follow the language.
func (o *overview) OnMount(ctx app.Context) { shell.Follow(ctx) }

// Render draws the nine events and the ways on for what is none of them.
func (o *overview) Render() app.UI {
	cards := make([]app.UI, len(happenings))
	for i, h := range happenings {
		cards[i] = app.Section().Class("card card-linked guide-card").Body(
			app.H2().Class("card-heading").Body(
				h.icon(), app.A().Class("card-link").Href(guidePath+"/"+h.id).Body(h.title.UI()), kit.Icon(kit.IconChevron),
			),
			app.Div().Class("card-body").Body(app.P().Body(h.summary.UI())),
		)
	}
	return app.Div().Class("page page-guide").Body(
		shell.Heading(textGuide),
		app.P().Class("lead").Body(textGuideLead.UI()),
		app.Div().Class("cards guide-cards").Body(cards...),
		app.Section().Class("part no-print").Body(
			app.H2().Class("part-title").Body(textGuideElse.UI()),
			app.P().Class("guide-ways").Body(
				kit.Link{ID: "guide-search", Label: textGuideFind, Href: catalog.SearchPath, Icon: kit.IconSearch, Kind: kit.Secondary}.UI(),
				kit.Link{ID: "guide-todo", Label: textGuideTodo, Href: todoPath, Icon: kit.IconTask, Kind: kit.Secondary}.UI(),
			),
		),
	)
}
