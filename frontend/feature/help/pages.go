package help

import "madoguchi/frontend/frame/lang"

var (
	textHelpTitle          = lang.New("使い方", "How to use", "使《つか》い方《かた》")
	textTermsTitle         = lang.New("利用規約", "Terms of use", "使《つか》うときの 約束《やくそく》")
	textPrivacyTitle       = lang.New("個人情報保護", "Privacy", "個人《こじん》情報《じょうほう》")
	textEnvironmentTitle   = lang.New("動作環境", "System requirements", "使《つか》える パソコン・スマホ")
	textAccessibilityTitle = lang.New("アクセシビリティ", "Accessibility", "だれでも 使《つか》える ために")
	textRelatedTitle       = lang.New("関連サイト", "Related sites", "関係《かんけい》の ある サイト")
)

var howTo = content{
	title: textHelpTitle,
	lead: lang.New("ログイン、お知らせ、手続のさがし方を説明します。困ったときの対処もあります。",
		"Logging in, reading your notices, finding procedures, and what to do when something goes wrong.",
		"ログイン、お｜知らせ《しらせ》、手続《てつづき》の さがし方《かた》です。困《こま》った ときの ことも あります。"),
	chapters: []chapter{
		{"start", lang.New("はじめて使うとき", "The first time", "はじめて 使《つか》う とき"), []block{
			{numbers: []lang.Text{
				lang.New("「準備」のページを開き、ブラウザ、カードブリッジ、カードリーダー、カードがそろっているか確かめます。足りないものと直し方が表示されます。", "Open the page “Get ready”. It checks browser, card bridge, reader and card, and says what is missing and how to mend it.", "「準備《じゅんび》」の ページを 開《ひら》きます。足《た》りない ものを 教《おし》えます。"),
				lang.New("カードリーダーにマイナンバーカードを置き、「ログイン」を押して、数字4桁の暗証番号を入れます。", "Lay your My Number Card on the reader, choose “Log in” and type the four-digit PIN.", "カードを カードリーダーに 置《お》きます。「ログイン」を 押《お》して、数字《すうじ》を 4つ 入《い》れます。"),
				lang.New("はじめてのときは、利用規約を確かめ、表示する名前とお住まいの市区町村を登録して、利用者フォルダを開設します。", "The first time you read the terms, register the name to be shown and your municipality, and so open your folder.", "はじめての ときは、名前《なまえ》と 住《す》んでいる 市《し》を 登録《とうろく》します。"),
				lang.New("ホームに、やることと新しいお知らせが表示されます。", "Your home page then shows what is to be done and what is new.", "ホームに、する ことと 新《あたら》しい お｜知らせ《しらせ》が 出《で》ます。"),
			}},
			link("/prepare", "準備のページを開く", "Open the page “Get ready”", "準備《じゅんび》の ページを 開《ひら》く"),
		}},
		{"phone", lang.New("スマートフォンで使うとき", "On a phone", "スマホで 使《つか》う とき"), []block{
			text("手続をさがす、できごとからさがす、やることを書き留めることは、スマートフォンでもログインせずにできます。お知らせと登録内容はログインが要るため、スマートフォンではまだ見られません。", "Finding procedures, searching by event of life and keeping a to-do list work on a phone without a login. Notices and your registration need a login, so a phone does not show them yet.", "手続《てつづき》を さがす、できごとから さがす、することを 書《か》く ことは、スマホでも できます。お｜知らせ《しらせ》は、まだ スマホで 見《み》られません。"),
			text("ログインには、カードリーダーをつないだパソコンを使います。市区町村の窓口などに、カードリーダーの付いた端末が置かれていることもあります。あるかどうかは窓口にお尋ねください。", "To log in, use a computer with a card reader. Some municipal offices have a terminal with one; ask at the counter.", "ログインには、カードリーダーの ある パソコンを 使《つか》います。窓口《まどぐち》に 使《つか》える 機械《きかい》が あるかも しれません。窓口《まどぐち》で 聞《き》いて ください。"),
			text("ブラウザのメニュー（iPhoneではSafariの共有ボタン）から「ホーム画面に追加」を選ぶと、アプリのように開けます。", "Choose “Add to home screen” in the browser's menu (on an iPhone: Safari's share button) to open it like an app.", "ブラウザの メニューの「ホーム画面《がめん》に 追加《ついか》」を 選《えら》ぶと、アプリに なります。"),
		}},
		{"notices", lang.New("お知らせを読む", "Reading notices", "お｜知らせ《しらせ》を 読《よ》む"), []block{
			text("お知らせは新しい順に並びます。することがあるお知らせは、期限とともに「やること」にも並びます。終わったら、そこで印を付けてください。開いたお知らせは既読になり、未読に戻すこともできます。", "Notices stand in order, newest first. Those that ask you to do something also stand on your to-do list, with the day; tick them off there when they are done. Opening one marks it read; you can mark it unread again.", "新《あたら》しい お｜知らせ《しらせ》が 上《うえ》に あります。する ことが ある ときは、印《しるし》と 日《ひ》が 書《か》いて あります。"),
			text("画面を開いている間に届いたお知らせは、読み込み直さなくても表示されます。", "A notice that arrives while the page is open appears without loading it again.", "新《あたら》しい お｜知らせ《しらせ》が 来《く》ると、すぐに 見《み》えます。"),
		}},
		{"find", lang.New("手続をさがす", "Finding a procedure", "手続《てつづき》を さがす"), []block{
			text("手続は、ログインしなくてもさがせます。お住まいの市区町村を、郵便番号、名前、読み、地図のどれかで選び、ふだんの言葉を入れてください。漢字でもかなでも、少し打ち間違えても見つかります。住所を選ばずに、全国でさがすこともできます。", "You can look for procedures without a login. Choose your municipality by postal code, name, reading or map, and type in your own words. A municipality need not be chosen.", "ログインしなくても さがせます。住《す》んでいる 市《し》を 選《えら》んで、ことばを 入《い》れて ください。"),
			text("手続のページには、対象、期限、費用、必要な書類、窓口と、今日どうすればよいかがあります。日付を入れると期限を計算し、ほかの市区町村と4つまでくらべられます。", "The page of a procedure says for whom it is, by when, what it costs, what to bring, where the desk is and what to do today. With a date it computes the last day; up to four municipalities can be compared.", "だれの ための 手続《てつづき》か、いつまでか、何《なに》を 持《も》って 行《い》くかが わかります。"),
			text("引っ越し、出産、退職、家族が亡くなったときなどは、いくつかの質問に答えると、すること一覧ができます。やることリストに入れて、終わったものに印を付けてください。期限の日がまだわからないものは、リストの中で日にちを入れると計算します。", "For a move, a birth, a new job or a death in the family, a few questions give you the list of what is to be done. Put it on your to-do list and tick off what is done. Where a deadline waits for a day, give the day in the list.", "引《ひ》っ越《こ》しや 赤《あか》ちゃんの ときは、質問《しつもん》に 答《こた》えると、する ことが わかります。"),
			link("/procedures", "手続をさがす", "Find a procedure", "手続《てつづき》を さがす"),
			link("/guide", "できごとからさがす", "Find by event of life", "できごとから さがす"),
		}},
		{"session", lang.New("ログアウトと時間", "Logging out, and time", "ログアウトと 時間《じかん》"), []block{
			text("15分間操作がないと、安全のためにログアウトします。2分前にお知らせするので、「続ける」を押せばそのまま使えます。ログインから12時間たつと、必ずログアウトします。", "After 15 minutes without activity you are logged out for your safety. Two minutes before, you are asked; “Continue” keeps you in. After 12 hours a login always ends.", "15分《ふん》 何《なに》も しないと、ログアウトします。2分《ふん》 前《まえ》に 教《おし》えます。「続《つづ》ける」を 押《お》すと、続《つづ》けられます。"),
			text("ほかの人も使うパソコンでは、終わったら必ず「ログアウト」を押し、カードを取ってください。", "On a computer that others use too, always choose “Log out” and take your card with you.", "ほかの 人《ひと》も 使《つか》う パソコンでは、「ログアウト」を 押《お》して、カードを 持《も》って 帰《かえ》って ください。"),
		}},
		{"trouble", lang.New("困ったとき", "When something goes wrong", "困《こま》った とき"), []block{
			ask(lang.New("カードリーダーが見つからないと表示されます", "It says that no card reader is found", "カードリーダーが ないと 出《で》ます"),
				lang.New("リーダーのケーブルを差し直してください。差すと、画面は自動で変わります。変わらないときは「準備」のページで、カードブリッジが動いているか確かめてください。", "Unplug the reader and plug it in again; the page changes by itself. If it does not, see on the page “Get ready” whether the card bridge runs.", "カードリーダーを もう 一度《いちど》 つないで ください。「準備《じゅんび》」の ページも 見《み》て ください。")),
			ask(lang.New("暗証番号を間違えました", "I typed a wrong PIN", "暗証番号《あんしょうばんごう》を まちがえました"),
				lang.New("残りの回数が表示されます。3回続けて間違えるとロックされます。最後の1回の前には、必ず確認します。思い出せないときは、試さずにお住まいの市区町村の窓口で再設定してください。", "The tries left are shown. Three wrong tries in a row lock the PIN; before the last one you are asked. If you cannot remember it, do not try: have it reset at your municipal office.", "あと 何回《なんかい》かが 出《で》ます。3回《かい》 まちがえると 使《つか》えません。わからない ときは、市役所《しやくしょ》に 行《い》って ください。")),
			ask(lang.New("カードがロックされました", "My card is locked", "カードが 使《つか》えなく なりました"),
				lang.New("4桁の暗証番号のロックは、お住まいの市区町村の窓口で解除します。カードと本人確認書類をお持ちください。まどぐちで解除することはできません。", "A locked four-digit PIN is reset at your municipal office. Bring the card and another proof of identity. It cannot be done here.", "市役所《しやくしょ》で 直《なお》します。カードを 持《も》って 行《い》って ください。ここでは 直《なお》せません。")),
			ask(lang.New("電子証明書の有効期限が切れている、失効していると表示されます", "It says that the certificate has expired or is revoked", "電子《でんし》証明書《しょうめいしょ》が 使《つか》えないと 出《で》ます"),
				lang.New("電子証明書は発行から5回目の誕生日まで有効です。期限切れ、引っ越しや氏名変更などで使えなくなったときは、市区町村の窓口で更新してください。更新しても、利用者フォルダはそのまま使えます。", "A certificate is valid until your fifth birthday after its issue. When it has ended, have it renewed at your municipal office. Your folder stays as it is.", "市役所《しやくしょ》で 新《あたら》しく して ください。あなたの フォルダは そのままです。")),
			ask(lang.New("問い合わせるときは", "When asking for help", "質問《しつもん》する とき"),
				lang.New("エラーと一緒に表示されるコードをお知らせください。暗証番号は、だれにも教えないでください。まどぐちが尋ねることはありません。", "Quote the code that is shown with the error. Never tell anyone your PIN; we will not ask for it.", "エラーの 番号《ばんごう》を 教《おし》えて ください。暗証番号《あんしょうばんごう》は、だれにも 言《い》わないで ください。")),
		}},
		{"offline", lang.New("ネットワークがないとき", "Without a network", "インターネットが ない とき"), []block{
			text("まどぐちは、一度開いた端末ではネットワークがなくても開きます。一度見た市区町村の手続と、やることリストも使えます。画面の上に今できることが表示されます。つながると、自動で元に戻ります。", "On a device where it was opened once, Madoguchi opens without a network, and so do the procedures of municipalities you looked at and your to-do list. A bar says what works; it goes away by itself once you are connected.", "一度《いちど》 開《ひら》いた パソコンでは、インターネットが なくても 開《ひら》きます。見《み》た ことの ある 市《し》の 手続《てつづき》と、やることリストも 使《つか》えます。"),
		}},
	},
}

var environment = content{
	title: textEnvironmentTitle,
	lead: lang.New("次の環境で使えます。使っている端末がそろっているかは、「準備」のページで確かめられます。",
		"Madoguchi works on the following. The page “Get ready” checks your own device.",
		"使《つか》える パソコンと スマホです。「準備《じゅんび》」の ページで 確《たし》かめられます。"),
	chapters: []chapter{
		{"browser", lang.New("ブラウザ", "Browsers", "ブラウザ"), []block{
			{dots: []lang.Text{
				lang.New("Google Chrome、Microsoft Edge（最近2年以内の版）", "Google Chrome, Microsoft Edge (versions of the last two years)", "Google Chrome、Microsoft Edge(新《あたら》しい もの)"),
				lang.New("Firefox、Safari（最近2年以内の版）", "Firefox, Safari (versions of the last two years)", "Firefox、Safari(新《あたら》しい もの)"),
			}},
			text("WebAssemblyとJavaScriptを有効にしてください。このページのような案内は、無効でも読めます。", "WebAssembly and JavaScript must be enabled. Pages of information, like this one, can be read without.", "JavaScriptを 使《つか》える ように して ください。"),
		}},
		{"card", lang.New("カードでログインするとき", "To log in with your card", "カードで ログインする とき"), []block{
			{dots: []lang.Text{
				lang.New("パソコン（Linux。ほかのOSは準備中です）", "A computer with Linux (other systems are in preparation)", "パソコン(Linux)"),
				lang.New("マイナンバーカードに対応したICカードリーダー（PC/SC対応のもの）", "A smart card reader that supports PC/SC and My Number Cards", "マイナンバーカードが 読《よ》める カードリーダー"),
				lang.New("カードブリッジ（ブラウザとカードリーダーをつなぐ小さなプログラム。入れ方は「準備」のページにあります）", "The card bridge, a small program between browser and reader; see the page “Get ready”", "カードブリッジ(ブラウザと カードリーダーを つなぐ プログラム)"),
			}},
			text("スマートフォンやタブレットだけでのログインには、まだ対応していません。手続をさがすことや、やることを書き留めることは、スマートフォンでもできます。", "Logging in with a phone or tablet alone is not supported yet. Finding procedures and keeping a to-do list work there, too.", "スマホだけの ログインは まだ できません。手続《てつづき》を さがす ことは、スマホでも できます。"),
			link("/help#phone", "スマートフォンで使うとき", "On a phone", "スマホで 使《つか》う とき"),
		}},
		{"screen", lang.New("画面", "Screens", "画面《がめん》"), []block{
			text("幅320ピクセルから、200%の拡大表示でも横にスクロールせずに使えるように作っています。暗い配色、ハイコントラスト、動きを減らす設定にも従います。", "Built for widths from 320 pixels and for 200 % zoom without scrolling sideways. It follows your settings for dark colours, high contrast and reduced motion.", "小《ちい》さい 画面《がめん》でも、大《おお》きい 文字《もじ》でも 使《つか》えます。"),
		}},
	},
}

var accessibility = content{
	title: textAccessibilityTitle,
	lead: lang.New("だれもが同じように使えることを目標に、JIS X 8341-3:2016の適合レベルAAに沿って作り、測っています。",
		"Our aim is that everybody can use this site alike. It is built to, and measured against, JIS X 8341-3:2016 level AA.",
		"だれでも 使《つか》える ように 作《つく》って います。"),
	chapters: []chapter{
		{"do", lang.New("取り組んでいること", "What we do", "して いる こと"), []block{{dots: []lang.Text{
			lang.New("すべての操作がキーボードだけでできます。今どこにいるかを、枠で示します。", "Everything works by keyboard alone, and a frame shows where you are.", "キーボードだけで 使《つか》えます。"),
			lang.New("画面読み上げソフトに、見出し、入力欄の名前、エラー、状態の変化を伝えます。", "Headings, names of fields, errors and changes are told to screen readers.", "音声《おんせい》で 読《よ》む ソフトで 使《つか》えます。"),
			lang.New("色だけで意味を伝えません。文字と背景の明るさの差は4.5対1以上です。", "Colour is never the only sign; the contrast of text is 4.5 to 1 or more.", "色《いろ》だけで 教《おし》えません。"),
			lang.New("日本語、英語、やさしい日本語（ふりがな付き）で、同じ内容を提供します。", "The same content in Japanese, English and easy Japanese with readings.", "日本語《にほんご》、英語《えいご》、やさしい 日本語《にほんご》が あります。"),
			lang.New("時間切れの前にお知らせし、続けるかどうかを選べます。入力した内容は失われません。", "You are told before time runs out and can go on; what you typed is not lost.", "時間《じかん》が 終《お》わる 前《まえ》に 教《おし》えます。"),
		}}}},
		{"measure", lang.New("確かめ方", "How it is measured", "調《しら》べ方《かた》"), []block{
			text("すべてのページを、変更のたびに自動の検査（axe-core）で確かめ、幅320ピクセル、暗い配色、3つの言語で表示を調べています。自動の検査でわかるのは一部です。支援技術を使う方による確認は、これから行います。", "Every page is checked with axe-core at each change, at 320 pixels, in dark colours and in three languages. Automatic checks find only a part; tests by people who use assistive technology are still to come.", "機械《きかい》で いつも 調《しら》べて います。これから、人《ひと》にも 調《しら》べて もらいます。"),
		}},
		{"known", lang.New("わかっている課題", "Known gaps", "まだ できて いない こと"), []block{{dots: []lang.Text{
			lang.New("行政機関から届いたお知らせの本文は、届いたままの日本語です。翻訳やふりがなはありません。", "The text of notices is shown in Japanese as the office wrote it, without translation or readings.", "お｜知らせ《しらせ》の 文《ぶん》は、役所《やくしょ》が 書《か》いた ままです。"),
			lang.New("試験結果の表（JIS X 8341-3の様式）は、まだ公開していません。", "The test report in the form of JIS X 8341-3 is not published yet.", "調《しら》べた 結果《けっか》は まだ ありません。"),
		}}}},
	},
}

var related = content{
	title: textRelatedTitle,
	lead: lang.New("公的なサイトへの案内です。まどぐちは、これらのサイトとは関係がなく、運営もしていません。",
		"Official sites. Madoguchi is not connected with them and does not run them.",
		"役所《やくしょ》の サイトです。まどぐちの サイトでは ありません。"),
	chapters: []chapter{{"official", lang.New("公的なサイト", "Official sites", "役所《やくしょ》の サイト"), []block{
		link("https://myna.go.jp/", "マイナポータル（デジタル庁）", "Mynaportal (Digital Agency)", "マイナポータル(国《くに》の サイト)"),
		link("https://www.kojinbango-card.go.jp/", "マイナンバーカード総合サイト（地方公共団体情報システム機構）", "My Number Card site (J-LIS)", "マイナンバーカードの サイト"),
		link("https://www.jpki.go.jp/", "公的個人認証サービス ポータルサイト", "Public certification service for individuals (JPKI)", "電子《でんし》証明書《しょうめいしょ》の サイト"),
		link("https://www.digital.go.jp/", "デジタル庁", "Digital Agency", "デジタル庁《ちょう》"),
		link("https://www.ppc.go.jp/", "個人情報保護委員会", "Personal Information Protection Commission", "個人《こじん》情報《じょうほう》保護《ほご》委員会《いいんかい》"),
	}}},
}
