// Package showroom is the page /kit: every picture, icon and component there is, each in its states, for whoever makes
// a page or draws something new. It is in the page of `make dev` alone, and what it says is for those who build, in
// Japanese.
package showroom

import (
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
)

// Feature hangs the page into the house.
var Feature = shell.Feature{
	Pages: []shell.Page{
		{Path: "/kit", Prerender: "kit", Title: title, New: newPage},
	},
}

var title = lang.Plain("部品")

func newPage() app.Composer {
	return &page{tab: "first", at: 1, due: "2026-11-22", sort: "name", files: givenFiles()}
}

const lastPage = 20

// page remembers what was pressed and chosen, so that components are seen to answer.
type page struct {
	app.Compo

	dialog, drawer bool
	agreed         bool
	way, tab       string
	typed          string
	place          string
	presses        int
	at             int // of the list with pages
	born, due      string
	sort           string
	descending     bool
	files          []kit.UploadedFile
}

// OnMount has it follow the language.
func (p *page) OnMount(ctx app.Context) { shell.Follow(ctx) }

// OnNav reads the page of the list.
func (p *page) OnNav(ctx app.Context) {
	if n, err := strconv.Atoi(ctx.Page().URL().Query().Get("page")); err == nil {
		p.at = min(max(n, 1), lastPage)
	}
}

// Render draws the parts, what is looked at first.
func (p *page) Render() app.UI {
	return app.Div().Class("showroom").Body(
		shell.Heading(title),
		app.P().Class("lead").Text("すべての絵、アイコン、部品を、とりうる状態ごとに並べた開発用のページ。"),
		part("絵", scenes()...),
		part("サービスの絵", signs()),
		part("アイコン", icons()),
		part("ボタンとリンク", p.buttons()...),
		part("入力", p.fields()...),
		part("選択", p.choices()...),
		part("知らせ", banners()...),
		part("日にち", p.days()...),
		part("ファイル", p.uploads()...),
		part("表と図", p.tables()...),
		part("まとまり", groups()...),
		part("一つのものについてのページ", detail(), bare()),
		part("流れと移動", p.moves()...),
		part("待つ", waits()...),
		part("対話", p.dialogs()...),
	)
}

func part(name string, body ...app.UI) app.UI {
	return app.Section().Class("part").Body(
		append([]app.UI{app.H2().Class("part-title").Text(name)}, body...)...,
	)
}

// shown names a thing below it.
func shown(name string, thing app.UI) app.UI {
	return app.Div().Class("showroom-thing").Body(thing, app.Span().Class("showroom-name").Text(name))
}

func says(s string) lang.Text { return lang.Plain(s) }

func (p *page) press(app.Context) { p.presses++ }

func (p *page) buttons() []app.UI {
	kinds := []kit.Kind{kit.Primary, kit.Secondary, kit.TextOnly, kit.Danger}
	states := []struct {
		name string
		of   kit.Button
	}{
		{"ふつう", kit.Button{OnPress: p.press}},
		{"アイコンつき", kit.Button{Icon: kit.IconSend, OnPress: p.press}},
		{"処理中", kit.Button{Busy: true}},
		{"押せない", kit.Button{Disabled: true}},
	}
	var rows []app.UI
	for _, state := range states {
		var row []app.UI
		for _, kind := range kinds {
			b := state.of
			b.ID, b.Kind, b.Label = "button-"+string(kind)+"-"+state.name, kind, says(state.name)
			row = append(row, b.UI())
		}
		rows = append(rows, app.Div().Class("actions").Body(row...))
	}
	return append(rows,
		app.P().Attr("role", "status").Text("押した回数："+lang.Number(int64(p.presses))),
		app.Div().Class("actions").Body(
			kit.Link{Label: says("ボタンの形のリンク"), Href: "/kit", Kind: kit.Primary}.UI(),
			kit.Link{Label: says("二つめのリンク"), Href: "/kit", Kind: kit.Secondary, Icon: kit.IconSearch}.UI(),
			kit.PrintButton("print"),
		),
		app.P().Body(kit.Link{Label: says("文の中のリンク"), Href: "/kit"}.UI()),
		app.P().Body(kit.Link{Label: says("外のサイト"), Href: "https://example.jp/", External: true}.UI()),
		kit.Elsewhere{Label: says("機関が示したリンク"), Address: "https://www.city.example.jp/a"}.UI(),
		kit.Elsewhere{Label: says("リンクにならないもの"), Address: "javascript:alert(1)"}.UI(),
	)
}

func (p *page) fields() []app.UI {
	note := func(_ app.Context, value string) { p.typed = value }
	return []app.UI{
		kit.Field{
			ID: "field", Label: says("氏名"), Hint: says("戸籍のとおりに"), Required: true, Value: p.typed, Max: 10,
			OnInput: note,
		}.UI(),
		kit.Field{ID: "field-short", Label: says("郵便番号"), Short: true, InputMode: "numeric", Value: "1530061"}.UI(),
		kit.Field{
			ID: "field-wrong", Label: says("メールアドレス"), Type: "email", Value: "hanako@",
			Error: says("「@」の後ろを入力してください。例：hanako@example.jp"),
		}.UI(),
		kit.Field{ID: "field-over", Label: says("件名"), Value: "長すぎる件名", Max: 4, Error: says("4文字までにしてください。")}.UI(),
		kit.TextArea{
			ID: "area", Label: says("伝えたいこと"), Hint: says("増やした行のぶん、欄も伸びます"), Max: 40, Value: p.typed, OnInput: note,
		}.UI(),
		kit.TextArea{
			ID: "area-wrong", Label: says("理由"), Required: true, Rows: 2, Max: 8, Value: "長すぎる理由です。\n二行目。",
			Error: says("8文字までにしてください。"),
		}.UI(),
		kit.Field{ID: "field-disabled", Label: says("変えられない欄"), Value: "目黒区", Disabled: true}.UI(),
	}
}

func (p *page) choices() []app.UI {
	options := []kit.Option{
		{Value: "desk", Label: says("窓口で"), Hint: says("平日 8時30分から17時まで")},
		{Value: "post", Label: says("郵送で")}, {Value: "online", Label: says("オンラインで")},
	}
	choose := func(_ app.Context, value string) { p.way = value }
	return []app.UI{
		kit.RadioGroup{
			ID: "radio", Legend: says("どのように受け取りますか"), Options: options, Value: p.way, Required: true, OnChange: choose,
		}.UI(),
		kit.RadioGroup{
			ID: "radio-wrong", Legend: says("選ばれていないとき"), Options: options, Error: says("一つ選んでください。"),
		}.UI(),
		kit.Checkbox{
			ID: "check", Label: says("規約に同意する"), Hint: says("あとから取り消せます"), Checked: p.agreed,
			OnChange: func(_ app.Context, checked bool) { p.agreed = checked },
		}.UI(),
		kit.Checkbox{ID: "check-wrong", Label: says("内容を確かめた"), Error: says("確かめてから印をつけてください。")}.UI(),
		kit.Select{ID: "select", Label: says("受け取り方"), Options: options, Value: p.way, OnChange: choose}.UI(),
		kit.Select{ID: "select-wrong", Label: says("受け取り方"), Options: options, Error: says("選び直してください。")}.UI(),
		&kit.Combobox{
			ID: "combobox", Label: says("市区町村"), Hint: says("ひらがなでも探せます"), Value: p.place,
			Items: []kit.Item{
				{Value: "131105", Label: "目黒区", Note: "東京都", Keys: "メグロク"},
				{Value: "132063", Label: "府中市", Note: "東京都", Keys: "フチュウシ"},
				{Value: "342084", Label: "府中市", Note: "広島県", Keys: "フチュウシ"},
			},
			OnSelect: func(_ app.Context, item kit.Item) { p.place = item.Value },
		},
		&kit.Combobox{ID: "combobox-wrong", Label: says("市区町村"), Error: says("一覧から選んでください。")},
	}
}

func banners() []app.UI {
	var list, chips []app.UI
	for _, tone := range []kit.Tone{kit.Info, kit.Success, kit.Warning, kit.Failure} {
		list = append(list, kit.NotificationBanner{
			ID: "banner-" + string(tone), Tone: tone, Title: says("これは" + string(tone) + "の知らせです"),
			Body: []app.UI{app.P().Text("何が起きたか、どういうことか、何をすればよいか。")},
		}.UI())
	}
	for _, tone := range []kit.Tone{kit.Info, kit.Success, kit.Warning, kit.Failure, kit.Neutral} {
		chips = append(chips, kit.ChipLabel(tone, says(string(tone))))
	}
	return append(list,
		kit.EmergencyBanner{
			ID: "emergency", Title: says("高台へ避難してください"),
			Body:  []app.UI{app.P().Text("津波警報が出ています。川や海から離れてください。")},
			WayOn: kit.Link{Label: says("避難する場所を見る"), Href: "/kit", Kind: kit.Danger}.UI(),
		}.UI(),
		kit.ErrorSummary{ID: "errors", Errors: []kit.FieldError{
			{Field: "field-wrong", Message: says("メールアドレスを確かめてください。")},
			{Field: "radio-wrong", Message: says("受け取り方を選んでください。")},
		}}.UI(),
		app.Div().Class("actions").Body(chips...),
	)
}

func groups() []app.UI {
	words := func() []app.UI { return []app.UI{app.P().Text("一つのまとまりの説明。")} }
	return []app.UI{
		app.Div().Class("cards").Body(
			kit.Card{Heading: says("カード"), Level: 3, Body: words()}.UI(),
			kit.Card{Heading: says("アイコンつき"), Level: 3, Icon: kit.IconMail, Body: words()}.UI(),
			kit.Card{Heading: says("全体がリンク"), Level: 3, Icon: kit.IconSearch, Href: "/kit", Body: words()}.UI(),
		),
		kit.List{Label: says("一覧"), Items: []app.UI{
			app.P().Class("entry").Text("一つめ"), app.P().Class("entry").Text("二つめ"),
		}}.UI(),
		kit.List{Label: says("何もない一覧"), Empty: nothing()}.UI(),
		kit.Facts(
			kit.Row{Name: says("氏名"), Value: app.Span().Text("山田 花子")},
			kit.Row{Name: says("住所"), Value: app.Span().Text("東京都目黒区上目黒二丁目19番15号")},
		),
		kit.Disclosure{ID: "closed", Summary: says("折りたたまれたもの"), Body: words()}.UI(),
		kit.Disclosure{ID: "opened", Summary: says("開いたもの"), Open: true, Body: words()}.UI(),
		kit.Paragraphs("機関が書いた文章。\n改行はそのまま。\n\n空の行は段落を分ける。"),
	}
}

func detail() app.UI {
	words := func(s string) app.UI { return app.Span().Text(s) }
	return kit.Detail{
		Head: []app.UI{app.H3().Class("part-title").Text("見出しは先頭に")},
		Rail: kit.Rail{
			ID: "rail", Until: words("2026年12月6日(日)"), Cost: words("無料"), Where: words("目黒区役所 戸籍住民課"),
			Contact: kit.Link{Label: says("03-3715-1111"), Href: "tel:0337151111"}.UI(), Next: words("転入届"),
			Action: kit.Button{ID: "rail-do", Label: says("このページですること"), Kind: kit.Primary}.UI(),
		},
		Body: []app.UI{app.Div().Class("prose").Body(
			app.P().Text("本文は三分の二の幅に。要点は横にとどまり、狭い画面では本文の前に並びます。"),
			app.P().Text("一つの操作は、広い画面では要点の下に、狭い画面では画面の下の端に。"),
		)},
	}.UI()
}

func bare() app.UI {
	return kit.Detail{
		Head: []app.UI{app.H3().Class("part-title").Text("要点のないとき")}, Body: []app.UI{app.P().Text("本文だけ。")},
	}.UI()
}

func pageAddress(n int) string { return "/kit?page=" + strconv.Itoa(n) }

// moves leaves the breadcrumbs to the frame, which shows them above every page: a page has them once.
func (p *page) moves() []app.UI {
	steps := []lang.Text{says("入力"), says("確認"), says("カード"), says("完了")}
	return []app.UI{
		kit.Stepper{Steps: steps}.UI(),
		kit.Stepper{Steps: steps, Current: 2}.UI(),
		kit.Stepper{Steps: steps, Current: len(steps)}.UI(),
		kit.Tabs{
			ID: "tabs", Label: says("見方"), Current: p.tab,
			Tabs:     []kit.Tab{{ID: "first", Label: says("未完了")}, {ID: "second", Label: says("完了")}},
			OnSelect: func(_ app.Context, id string) { p.tab = id },
			Body:     []app.UI{app.P().Text("選ばれている見方：" + p.tab)},
		}.UI(),
		kit.Pager{ID: "more", Shown: 20, More: true, OnMore: p.press}.UI(),
		kit.Pager{ID: "more-busy", Shown: 20, More: true, Busy: true}.UI(),
		kit.Pager{ID: "more-none", Shown: 42}.UI(),
		kit.PageNavigation{Current: p.at, Last: lastPage, Address: pageAddress}.UI(),
	}
}

func waits() []app.UI {
	return []app.UI{
		kit.Progress{ID: "progress", Label: says("送っています"), Value: 3, Max: 5}.UI(),
		kit.Progress{ID: "progress-open", Label: says("調べています")}.UI(),
		kit.Progress{ID: "progress-stop", Label: says("とめられるもの"), Value: 1, Max: 5, OnStop: func(app.Context) {}}.UI(),
	}
}

func (p *page) dialogs() []app.UI {
	closes := func(app.Context) { p.dialog, p.drawer = false, false }
	words := func() []app.UI {
		return []app.UI{app.P().Text("ほかのことはできないあいだの、一つの問い。")}
	}
	acts := func() []app.UI {
		return []app.UI{
			kit.Button{ID: "dialog-yes", Label: says("消す"), Kind: kit.Danger, OnPress: closes}.UI(),
			kit.Button{ID: "dialog-no", Label: says("やめる"), OnPress: closes}.UI(),
		}
	}
	return []app.UI{
		app.Div().Class("actions").Body(
			kit.Button{ID: "dialog-open", Label: says("問いを開く"), OnPress: func(app.Context) { p.dialog = true }}.UI(),
			kit.Button{ID: "drawer-open", Label: says("横から開く"), OnPress: func(app.Context) { p.drawer = true }}.UI(),
		),
		&kit.Dialog{
			ID: "dialog", Open: p.dialog, Alert: true, Title: says("消してよいですか"), Body: words, Actions: acts,
			OnClose: closes,
		},
		&kit.Dialog{
			ID: "drawer", Open: p.drawer, Drawer: true, Title: says("横から来るもの"), Body: words, Actions: acts,
			OnClose: closes,
		},
	}
}
