package shell

import "madoguchi/frontend/frame/lang"

var (
	textProduct     = lang.New("まどぐち", "Madoguchi", "まどぐち")
	textSkip        = lang.New("本文へ進む", "Skip to main content", "ページの 内容《ないよう》へ 行《い》く")
	textMenu        = lang.New("メニュー", "Menu", "メニュー")
	textMainMenu    = lang.New("主なメニュー", "Main menu", "おもな メニュー")
	textClose       = lang.New("閉じる", "Close", "閉《と》じる")
	textLanguage    = lang.New("言語", "Language", "ことば")
	textLogIn       = lang.New("ログイン", "Log in", "ログイン")
	textLogOut      = lang.New("ログアウト", "Log out", "ログアウト")
	textHome        = lang.New("ホーム", "Home", "ホーム")
	textTop         = lang.New("トップ", "Top", "トップ")
	textAccountMenu = lang.New("%sさん", "%s", "%sさん")
	textNoName      = lang.New("登録の途中", "Registration in progress", "登録《とうろく》の 途中《とちゅう》")
	textBell        = lang.New("お知らせ 未読%d件", "Notices, %d unread", "お｜知らせ《しらせ》 まだ 読《よ》んで いないもの %d件《けん》")
	textBellNone    = lang.New("お知らせ 未読なし", "Notices, none unread", "お｜知らせ《しらせ》 全部《ぜんぶ》 読《よ》みました")

	textOffline = lang.New(
		"オフラインです。使い方などの案内は読めます。ログインとお知らせは、つながると使えます。",
		"You are offline. Information pages can still be read. Logging in and notices work again once you are connected.",
		"オフラインです(インターネットに つながって いません)。使《つか》い方《かた》は 読《よ》めます。ログインは つながってから できます。")
	textUnreachable = lang.New(
		"まどぐちにつながりません。自動でつなぎ直しています。",
		"Madoguchi cannot be reached. Reconnecting automatically.",
		"まどぐちに つながりません。もう 一度《いちど》 つないで います。")

	textStayed = lang.New(
		"ログアウトできませんでした。まだログインしたままです。通信が戻ったら、もう一度ログアウトしてください。共用のパソコンでは、ブラウザを閉じてください。",
		"You could not be logged out and are still logged in. Log out again when the connection is back. On a shared computer, close the browser.",
		"ログアウト できませんでした。まだ ログインした ままです。インターネットに つながったら、もう一度《いちど》 ログアウトして ください。",
	)
	textUpdate     = lang.New("新しい版があります。", "A new version is ready.", "新《あたら》しい まどぐちが あります。")
	textTooOld     = lang.New("このページは古くなったため、使えません。更新してください。", "This page has become too old to go on. Please update it.", "この ページは 古《ふる》く なりました。新《あたら》しく して ください。")
	textTooOldKept = lang.New("入力した内容は、更新のあとも残ります。", "What you have typed stays.", "書《か》いた ものは 残《のこ》ります。")
	textUpdateNow  = lang.New("更新する", "Update now", "新《あたら》しく する")
	textUpdateHeld = lang.New("入力が終わってから更新できます。", "You can update when you have finished what you are filling in.", "書《か》き終《お》わってから 新《あたら》しく できます。")

	textIdleTitle = lang.New("まもなくログアウトします", "You are about to be logged out", "もうすぐ ログアウトします")
	textIdleBody  = lang.New(
		"しばらく操作がないため、%sにログアウトします。「続ける」を押すと、このまま続けられます。",
		"Because nothing has been done for a while, you will be logged out at %s. Press “Continue” to go on.",
		"しばらく 何《なに》も して いないので、%sに ログアウトします。「続《つづ》ける」を 押《お》すと 続《つづ》けられます。")
	textLongestBody = lang.New(
		"安全のため、ログインから12時間で必ずログアウトします。%sに終わります。途中の内容はそれまでに保存してください。",
		"For your safety a login ends after 12 hours. Yours ends at %s. Please save your work before then.",
		"安全《あんぜん》の ため、ログインから 12時間《じかん》で ログアウトします。%sに 終《お》わります。その 前《まえ》に 保存《ほぞん》してください。")
	textContinue   = lang.New("続ける", "Continue", "続《つづ》ける")
	textUnderstood = lang.New("わかりました", "I understand", "わかりました")

	textLoggedOut      = lang.New("ログアウトしました", "You are logged out", "ログアウトしました")
	textLoggedOutBody  = lang.New("ご利用ありがとうございました。カードを取り忘れないようお気をつけください。", "Thank you. Please do not forget your card.", "ありがとうございました。カードを 忘《わす》れないで ください。")
	textTimedOut       = lang.New("時間がたったためログアウトしました", "You were logged out after a while", "時間《じかん》が たったので ログアウトしました")
	textTimedOutBody   = lang.New("しばらく操作がなかったため、安全のためにログアウトしました。もう一度ログインすると、このページに戻ります。", "Nothing was done for a while, so you were logged out for your safety. Log in again to come back to this page.", "しばらく 何《なに》も しなかったので、安全《あんぜん》の ために ログアウトしました。もう 一度《いちど》 ログインすると、この ページに 戻《もど》ります。")
	textNeedsLogin     = lang.New("ログインが必要です", "Please log in", "ログインして ください")
	textNeedsLoginBody = lang.New("このページはあなた専用です。マイナンバーカードでログインすると表示します。", "This page is yours alone. Log in with your My Number Card to see it.", "この ページは あなただけの ページです。マイナンバーカードで ログインすると 見《み》られます。")
	textNeedsFolder    = lang.New("利用者フォルダがまだありません", "Your folder is not open yet", "あなたの フォルダが まだ ありません")
	textNeedsFolderWay = lang.New("利用者フォルダを開設する", "Open your folder", "フォルダを 作《つく》る")
	textKept           = lang.New("入力した内容はこの画面に残っています。", "What you have typed is still on this page.", "書《か》いた ものは この 画面《がめん》に 残《のこ》って います。")
	textWhenBack       = lang.New("つながると表示します", "Shown once connected", "つながったら 出《で》ます")
	textOtherTab       = lang.New("別のタブでログインする", "Log in in another tab", "別《べつ》の タブで ログインする")

	textNotFound     = lang.New("ページが見つかりません", "Page not found", "ページが ありません")
	textNotFoundBody = lang.New("アドレスが変わったか、入力に誤りがあるかもしれません。", "The address may have changed or may be mistyped.", "アドレスが 変《か》わったか、まちがって いるかも しれません。")
	textToTop        = lang.New("トップへ", "Go to the top page", "トップへ")
	textToHelp       = lang.New("使い方を見る", "See how to use this site", "使《つか》い方《かた》を 見《み》る")

	textAgain = lang.New("もう一度読み込む", "Load again", "もう 一度《いちど》 読《よ》む")

	textIndependent = lang.New(
		"まどぐちは、行政機関のサイトではありません。マイナポータルのような窓口をだれでも調べ、直し、使えるように作られた、独立した公開の実装です。",
		"Madoguchi is not a government website. It is an independent, open implementation of a portal like Mynaportal, for anyone to inspect, improve and use.",
		"まどぐちは 役所《やくしょ》の サイトでは ありません。だれでも 中《なか》を 見《み》て、直《なお》して、使《つか》える ように 作《つく》りました。")
	textFooterNav = lang.New("このサイトについて", "About this site", "この サイトに ついて")

	textBootBusy  = lang.New("準備しています。もう少しお待ちください。", "Getting ready. One moment, please.", "準備《じゅんび》して います。少《すこ》し 待《ま》って ください。")
	textBootError = lang.New("このページを動かせませんでした", "This page could not be started", "この ページを 動《うご》かせませんでした")
	textBootWay   = lang.New("ブラウザが古いか、通信が切れたのかもしれません。読み込み直すか、動作環境をご確認ください。", "The browser may be too old, or the connection was lost. Load the page again or see the system requirements.", "ブラウザが 古《ふる》いか、インターネットが 切《き》れたかも しれません。もう 一度《いちど》 読《よ》むか、使《つか》える パソコンを 確《たし》かめて ください。")
	textBootNeeds = lang.New("このページを使うには、ブラウザのJavaScriptが必要です。", "This page needs JavaScript in your browser.", "この ページを 使《つか》うには、JavaScriptが 必要《ひつよう》です。")
)

// footer are the pages about the site, on every page.
var footer = []struct {
	path  string
	label lang.Text
}{
	{"/help", lang.New("使い方", "How to use", "使《つか》い方《かた》")},
	{"/terms", lang.New("利用規約", "Terms of use", "使《つか》うときの 約束《やくそく》")},
	{"/privacy", lang.New("個人情報保護", "Privacy", "個人《こじん》情報《じょうほう》")},
	{"/environment", lang.New("動作環境", "System requirements", "使《つか》える パソコン・スマホ")},
	{"/accessibility", lang.New("アクセシビリティ", "Accessibility", "だれでも 使《つか》える ために")},
	{"/related", lang.New("関連サイト", "Related sites", "関係《かんけい》の ある サイト")},
}

var languageNames = map[lang.Code]struct{ name, html string }{
	lang.Japanese: {"日本語", "ja"},
	lang.English:  {"English", "en"},
	lang.Easy:     {"やさしいにほんご", "ja"},
}
