package help

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
)

var (
	textTopTitle     = lang.New("役所の窓口を、手もとに", "Your public counter, at hand", "役所《やくしょ》の 窓口《まどぐち》を、家《いえ》で")
	textTopLead      = lang.New("マイナンバーカードと4桁の暗証番号でログインすると、行政機関からのお知らせと、いつまでに何をすればよいかが、ひとつの場所でわかります。", "Log in with your My Number Card and its four-digit PIN, and see in one place what offices tell you and what to do by when.", "マイナンバーカードで ログインすると、役所《やくしょ》からの お｜知らせ《しらせ》が 見《み》られます。いつまでに 何《なに》を するかが わかります。")
	textTopLogIn     = lang.New("ログイン", "Log in", "ログイン")
	textTopPrepare   = lang.New("はじめての方は準備から", "New here? Get ready first", "はじめての 人《ひと》は ここから")
	textTopPhone     = lang.New("スマートフォンやタブレットだけでは、まだログインできません。手続は、ログインしなくてもさがせます。", "You cannot log in with a phone or tablet alone yet. Procedures can be found without a login.", "スマホだけでは、まだ ログインできません。手続《てつづき》は、ログインしなくても さがせます。")
	textTopPhoneMore = lang.New("この端末でできること", "What you can do here", "ここで できる こと")
	textIndependent  = lang.New("行政機関が運営するサイトではありません。独立した公開の実装です。", "This is not a government website. It is an independent, open implementation.", "役所《やくしょ》の サイトでは ありません。だれでも 中《なか》を 見《み》られる サイトです。")

	textCanDo   = lang.New("できること", "What you can do", "できる こと")
	textNeeds   = lang.New("必要なもの", "What you need", "いる もの")
	textPromise = lang.New("お約束", "What we promise", "約束《やくそく》")

	abilities = []struct {
		icon        kit.IconName
		href        string
		title, text lang.Text
	}{
		{kit.IconSearch, "/procedures", lang.New("手続をさがす", "Find a procedure", "手続《てつづ》きを さがす"),
			lang.New("全国の市区町村の手続を、ふだんの言葉でさがせます。ログインはいりません。", "Procedures of every municipality in Japan, in your own words. No login needed.", "日本中《にほんじゅう》の 手続《てつづ》きを さがせます。ログインは いりません。")},
		{kit.IconTask, "/guide", lang.New("できごとからさがす", "Search by event of life", "できごとから さがす"),
			lang.New("引越し、出産、退職などのときにすることを、順番に、期限の日付つきで案内します。", "What to do when you move, have a child or leave a job, in order and with dates.", "引《ひ》っ越《こ》しや 赤《あか》ちゃんの ときに する ことが わかります。")},
		{kit.IconBell, "", lang.New("お知らせを受け取る", "Receive notices", "お｜知らせ《しらせ》を もらう"),
			lang.New("市区町村や国の機関からのお知らせが届きます。期限のあるものは、やることとして最初に表示します。", "Notices from your municipality and national offices arrive here. What has a deadline comes first, as a thing to do.", "市《し》や 国《くに》からの お｜知らせ《しらせ》が 来《き》ます。する ことが ある ときは、はじめに 見《み》えます。")},
		{kit.IconPerson, "", lang.New("自分の登録を管理する", "Manage your registration", "自分《じぶん》の ことを 登録《とうろく》する"),
			lang.New("表示する名前、メールアドレス、お住まいの市区町村を登録し、いつでも変更できます。やめるときは、すべて消去できます。", "Register the name to be shown, a mail address and your municipality; change them at any time. When you leave, everything can be erased.", "名前《なまえ》、メール、住《す》んでいる 市《し》を 登録《とうろく》します。いつでも 変《か》えられます。全部《ぜんぶ》 消《け》す ことも できます。")},
		{kit.IconPlug, "/prepare", lang.New("準備を確かめる", "Check that you are ready", "準備《じゅんび》を 見《み》る"),
			lang.New("ブラウザ、カードリーダー、カードの状態を、その場で確かめます。足りないものと直し方を1つずつお知らせします。", "Browser, card reader and card are checked on the spot. What is missing, and how to mend it, is said one by one.", "ブラウザ、カードリーダー、カードを 見《み》ます。直《なお》し方《かた》を 教《おし》えます。")},
		{kit.IconHelp, "/help", lang.New("使い方を見る", "See how it works", "使《つか》い方《かた》を 見《み》る"),
			lang.New("ログインのしかた、困ったときの対処を説明します。ログインしなくても読めます。", "How to log in and what to do when something goes wrong. No login needed.", "ログインの やり方《かた》と、困《こま》った ときの ことが 書《か》いて あります。")},
	}

	needs = []lang.Text{
		lang.New("マイナンバーカード（利用者証明用電子証明書が入っているもの）", "Your My Number Card, with the user-authentication certificate on it", "マイナンバーカード"),
		lang.New("数字4桁の暗証番号（3回続けて間違えるとロックされます）", "Its four-digit PIN (three wrong tries in a row lock it)", "数字《すうじ》4つの 暗証番号《あんしょうばんごう》(3回《かい》 まちがえると 使《つか》えなく なります)"),
		lang.New("パソコンと、マイナンバーカードに対応したICカードリーダー", "A computer and a card reader that reads My Number Cards", "パソコンと カードリーダー"),
	}

	promises = []lang.Text{
		lang.New("暗証番号は、あなたのカードとパソコンの外に出ません。まどぐちのサーバーにも送りません。", "Your PIN never leaves your card and computer; it is not sent to our server.", "暗証番号《あんしょうばんごう》は、あなたの パソコンから 外《そと》に 出《で》ません。"),
		lang.New("12桁のマイナンバーは、読みも保存もしません。", "The twelve-digit My Number is neither read nor stored.", "12けたの マイナンバーは 読《よ》みません。"),
		lang.New("最後の1回になる前に必ずお知らせします。知らないうちにカードをロックすることはありません。", "You are always told before the last try; you will not lock your card by accident.", "暗証番号《あんしょうばんごう》が あと 1回《かい》に なったら、先《さき》に 教《おし》えます。"),
		lang.New("仕組みはすべて公開しています。だれでも調べられます。", "Everything about how it works is open for anyone to inspect.", "仕組《しく》みは だれでも 見《み》られます。"),
	}
)

// top is the first page for a visitor.
type top struct{ app.Compo }

// OnMount has it follow the language and the session.
func (t *top) OnMount(ctx app.Context) { shell.Follow(ctx) }

// Render draws the page.
func (t *top) Render() app.UI {
	var cards []app.UI
	for _, a := range abilities {
		cards = append(cards, kit.Card{Heading: a.title, Level: 3, Icon: a.icon, Href: a.href, Body: []app.UI{app.P().Body(a.text.UI())}}.UI())
	}
	enter := kit.Link{ID: "top-login", Label: textTopLogIn, Href: "/login", Kind: kit.Primary, Icon: kit.IconLogIn}
	if shell.CurrentSession().State == shell.CitizenState {
		enter = kit.Link{ID: "top-login", Label: textToHome, Href: "/home", Kind: kit.Primary, Icon: kit.IconHome}
	}
	return app.Div().Class("top").Body(
		app.Section().Class("welcome").Body(
			app.Div().Body(
				app.H1().ID("page-title").Class("welcome-title").TabIndex(-1).Body(textTopTitle.UI()),
				app.P().Class("welcome-lead").Body(textTopLead.UI()),
				app.Div().Class("actions").Body(enter.UI(), kit.Link{Label: textTopPrepare, Href: "/prepare", Kind: kit.Secondary, Icon: kit.IconPlug}.UI()),
				app.P().Class("welcome-phone if-handheld").Body(textTopPhone.UI(), app.Text(" "), kit.Link{Label: textTopPhoneMore, Href: "/login"}.UI()),
				app.P().Class("welcome-note").Body(kit.Icon(kit.IconInfo), textIndependent.UI()),
			),
			picture(),
		),
		app.Section().Class("part").Body(app.H2().Class("part-title").Body(textCanDo.UI()), app.Div().Class("cards").Body(cards...)),
		app.Section().Class("part").Body(app.H2().Class("part-title").Body(textNeeds.UI()), app.Ul().Class("dots").Body(items(needs)...)),
		app.Section().Class("part").Body(app.H2().Class("part-title").Body(textPromise.UI()), app.Ul().Class("dots").Body(items(promises)...)),
	)
}

var textToHome = lang.New("ホームへ進む", "Go to your home page", "ホームへ 行《い》く")

// picture is a quiet drawing of a counter: a window, a card on its ledge.
func picture() app.UI {
	return kit.Drawing("welcome-picture", "0 0 320 260", `<path class="picture-wall" d="M60 200V110a100 92 0 0 1 200 0v90z"/><path class="picture-light" d="M86 200v-86a74 68 0 0 1 148 0v86z"/><path class="picture-line" d="M60 200V110a100 92 0 0 1 200 0v90M160 46v154M86 128h148"/><path class="picture-counter" d="M24 200h272v16H24z"/><g class="picture-card"><rect x="128" y="172" width="84" height="52" rx="7"/><path d="M140 190h14v11h-14zM164 190h36M164 198h36M140 212h60"/></g>`)
}
