package help

import "madoguchi/frontend/frame/lang"

var terms = content{
	title:   textTermsTitle,
	version: true,
	lead: lang.New("まどぐちを使うときの約束です。利用者フォルダを開設する前に、必ずお読みください。",
		"The rules for using Madoguchi. Please read them before you open your folder.",
		"まどぐちを 使《つか》う ときの 約束《やくそく》です。フォルダを 作《つく》る 前《まえ》に 読《よ》んで ください。"),
	chapters: []chapter{
		{"what", lang.New("第1条 まどぐちとは", "1. What Madoguchi is", "1 まどぐちとは"), []block{
			text("まどぐちは、マイナンバーカードで本人を確かめ、行政機関からのお知らせなどを本人に届けるための、独立した公開のソフトウェアです。国や地方公共団体が運営するものではありません。設置した運営者が、この規約に基づいて提供します。", "Madoguchi is independent, open software that confirms who you are by your My Number Card and brings you notices from offices. It is not run by the state or a municipality. Whoever has set up this site provides it under these terms.", "まどぐちは、マイナンバーカードで ログインして、お｜知らせ《しらせ》を 見《み》る サイトです。国《くに》の サイトでは ありません。"),
		}},
		{"who", lang.New("第2条 使える人", "2. Who may use it", "2 使《つか》える 人《ひと》"), []block{
			text("有効な利用者証明用電子証明書の入ったマイナンバーカードを持つ本人が使えます。利用者フォルダは1人につき1つです。カードを更新しても、同じフォルダを使い続けられます。", "The holder of a My Number Card with a valid user-authentication certificate. Each person has one folder; it stays the same when the card is renewed.", "マイナンバーカードを 持《も》って いる 人《ひと》が 使《つか》えます。フォルダは 一人《ひとり》に 一《ひと》つです。"),
		}},
		{"you", lang.New("第3条 お願いすること", "3. What we ask of you", "3 お｜願い《ねがい》"), []block{{dots: []lang.Text{
			lang.New("カードと暗証番号を、ほかの人に貸したり教えたりしないでください。", "Do not lend your card or tell your PIN to anyone.", "カードを 貸《か》さないで ください。暗証番号《あんしょうばんごう》を 教《おし》えないで ください。"),
			lang.New("登録する内容は、正しく保ってください。", "Keep your registration correct.", "正《ただ》しい ことを 書《か》いて ください。"),
			lang.New("カードをなくしたときは、すぐにマイナンバー総合フリーダイヤル（0120-95-0178）に連絡し、利用を止めてください。", "If you lose your card, have it suspended at once by calling 0120-95-0178.", "カードを なくしたら、すぐに 0120-95-0178に 電話《でんわ》して ください。"),
			lang.New("仕組みを壊したり、ほかの人になりすましたりしないでください。", "Do not damage the service or pose as someone else.", "ほかの 人《ひと》の ふりを しないで ください。"),
		}}}},
		{"we", lang.New("第4条 お約束すること", "4. What we promise", "4 わたしたちの 約束《やくそく》"), []block{{dots: []lang.Text{
			lang.New("暗証番号とマイナンバーを、受け取りも保存もしません。", "We neither receive nor store your PIN or your My Number.", "暗証番号《あんしょうばんごう》と マイナンバーは もらいません。"),
			lang.New("あなたの情報を、この規約と「個人情報保護」のページに書いた目的以外に使いません。", "We use your data only for what these terms and the privacy page say.", "あなたの ことを、ほかの ことに 使《つか》いません。"),
			lang.New("止めるときは、できるだけ前もってお知らせします。", "Planned interruptions are announced ahead where possible.", "休《やす》む ときは、先《さき》に 教《おし》えます。"),
		}}}},
		{"notices", lang.New("第5条 お知らせの内容", "5. The content of notices", "5 お｜知らせ《しらせ》の 中身《なかみ》"), []block{
			text("お知らせの内容は、送った機関が責任を持ちます。まどぐちは、内容を変えずに届けます。期限や手続は、送った機関にご確認ください。", "The office that sent a notice answers for what it says; Madoguchi delivers it unchanged. Please ask that office about deadlines and procedures.", "お｜知らせ《しらせ》は、役所《やくしょ》が 書《か》きます。わからない ことは、その 役所《やくしょ》に 聞《き》いて ください。"),
		}},
		{"end", lang.New("第6条 やめるとき", "6. Leaving", "6 やめる とき"), []block{
			text("利用者フォルダは、いつでも閉鎖できます。閉鎖すると、登録内容とお知らせは消去され、元に戻せません。法令で保存が求められる記録だけが、その期間残ります。", "You can close your folder at any time. Its registration and notices are then erased for good; only records that the law requires are kept for their term.", "いつでも やめられます。やめると、全部《ぜんぶ》 消《き》えます。元《もと》に 戻《もど》せません。"),
		}},
		{"liability", lang.New("第7条 責任", "7. Liability", "7 責任《せきにん》"), []block{
			text("運営者は、故意または重い過失によるものを除き、通信や機器の障害などで生じた損害について責任を負いません。法令で認められた利用者の権利を、制限するものではありません。", "Except for intent or gross negligence, the operator is not liable for damage from failures of networks or devices. Rights that the law gives you are not limited.", "機械《きかい》や インターネットが 止《と》まった ときの 損《そん》は、払《はら》えない ことが あります。"),
		}},
		{"change", lang.New("第8条 規約の変更", "8. Changes", "8 変《か》わる とき"), []block{
			text("規約を変えるときは、変更の内容と始まる日を前もってお知らせします。大切な変更では、次のログインのときに改めて同意をお願いします。日本の法律に従います。", "Changes and their day are announced ahead. For important ones you are asked to agree anew at your next login. Japanese law applies.", "約束《やくそく》を 変《か》える ときは、先《さき》に 教《おし》えます。"),
		}},
	},
}

var privacy = content{
	title: textPrivacyTitle,
	lead: lang.New("何を集め、何のために使い、いつ消すかを説明します。",
		"What we collect, what for, and when it is erased.",
		"あなたの どんな ことを 使《つか》うか、いつ 消《け》すかを 書《か》きました。"),
	chapters: []chapter{
		{"collect", lang.New("集める情報と目的", "What is collected, and what for", "集《あつ》める こと"), []block{{dots: []lang.Text{
			lang.New("利用者証明用電子証明書とその番号: 本人であることを確かめ、あなたのフォルダを見つけるため。この証明書に氏名や住所は入っていません。", "Your user-authentication certificate and its number: to confirm that it is you and find your folder. It holds neither name nor address.", "電子《でんし》証明書《しょうめいしょ》: あなただと わかる ため。名前《なまえ》や 住所《じゅうしょ》は 入《はい》って いません。"),
			lang.New("表示する名前、メールアドレス、お住まいの市区町村: あなたが登録したもの。画面の表示、メールでの連絡、お知らせを届けるため。", "The name to be shown, your mail address and municipality, as you registered them: for display, mail, and delivering notices.", "名前《なまえ》、メール、住《す》んでいる 市《し》: お｜知らせ《しらせ》を 届《とど》ける ため。"),
			lang.New("お知らせと、読んだかどうか、終わりにしたかどうか: あなたに見せるため。", "Notices, and whether they were read and ticked off: to show them to you.", "お｜知らせ《しらせ》: あなたに 見《み》せる ため。"),
			lang.New("やることリストに入れたものと、期限の計算に使う日、自分で決めた日: どの端末でも同じリストを見せるため。", "What you put on your to-do list, the days that its deadlines count from, and days of your own: to show the same list on every device.", "する ことの リストと、その 日《ひ》: どの 機械《きかい》でも 見《み》せる ため。"),
			lang.New("確認メールを送った回数: メールを送りすぎないため。アドレスとカードの番号は元に戻せない形に変えて数え、30日で消します。フォルダを閉鎖しても、30日までは残ります。", "How many confirmation mails were sent: so that nobody is flooded with mail. Address and card are counted in a form that cannot be turned back and forgotten after 30 days, also when the folder is closed before.", "メールを 送《おく》った 回数《かいすう》: 送《おく》りすぎない ため。だれの メールかは、わかりません。30日《にち》で 消《き》えます。"),
			lang.New("変更する前のメールアドレス: 心当たりのない変更を元に戻せるようにするため。変更から72時間で消します。", "The mail address before a change: so that you can undo what was not you. It is erased 72 hours after the change.", "前《まえ》の メールアドレス: 元《もと》に 戻《もど》せる ように する ため。72時間《じかん》で 消《き》えます。"),
			lang.New("ログインの日時: 不正な利用に気づけるようにするため。", "The times of logins: so that misuse can be noticed.", "ログインした 時間《じかん》: 悪《わる》い 人《ひと》が 使《つか》った とき、わかる ため。"),
		}}}},
		{"not", lang.New("集めない情報", "What is not collected", "集《あつ》めない こと"), []block{
			text("マイナンバー（12桁の番号）、暗証番号、顔写真は集めません。広告や、ほかのサイトをまたいだ追跡のための仕組みは使いません。", "Your My Number, your PIN and your photo are not collected. There are no advertisements and no tracking across sites.", "マイナンバー、暗証番号《あんしょうばんごう》、顔《かお》の 写真《しゃしん》は 集《あつ》めません。広告《こうこく》も ありません。"),
		}},
		{"share", lang.New("渡す相手", "Who gets it", "だれに 渡《わた》すか"), []block{
			text("行政機関は、その機関だけの番号（機関別符号）であなたを見分けます。機関どうしが同じ番号を持つことはありません。法令に基づく場合を除き、本人の同意なしに第三者へ渡しません。", "Offices know you by an identifier of their own; no two share one. Except where the law requires it, nothing is given to others without your consent.", "役所《やくしょ》は、べつべつの 番号《ばんごう》で あなたを 知《し》ります。あなたに 聞《き》かないで、ほかの 人《ひと》に 渡《わた》しません。"),
		}},
		{"device", lang.New("端末に残すもの", "What stays on your device", "パソコンに 残《のこ》る もの"), []block{
			text("ログイン中であることを示すCookieと、選んだ言語を示すCookieだけを使います。オフラインで開くため、だれにとっても同じ画面の部品を端末に保存します。書きかけの内容は、この端末にだけ保存し、ログアウトすると消します。", "Two cookies are used: one that you are logged in, one for your language. The parts of pages that are the same for everyone are kept so that they open offline. What you are writing is kept on this device only and dropped when you log out.", "Cookieを 2つ 使《つか》います。ログインと、ことばの ためです。書《か》いて いる ものは、ログアウトすると 消《き》えます。"),
			text("ログインしないで使えるように、次のものを端末にだけ残します。まどぐちには送りません（計算に要る日付と答えは、そのつど送り、保存しません）。ほかの人も使う端末では、終わったら消してください。", "So that you can do without a login, the following stays on your device only. It is not stored by Madoguchi (dates and answers are sent for a computation and not kept). On a device that others use too, remove it when you are done.", "ログインしない ときは、次《つぎ》の ものが この 端末《たんまつ》に だけ 残《のこ》ります。ほかの 人《ひと》も 使《つか》う 端末《たんまつ》では、消《け》して ください。"),
			{dots: []lang.Text{
				lang.New("選んだ市区町村と、その手続の一覧（オフラインで見るため）", "The municipality you chose and its procedures, for when there is no network", "選《えら》んだ 市《し》や 町《まち》と、その 手続《てつづき》"),
				lang.New("やることリスト（ログインすると利用者フォルダに移せます）", "Your to-do list (which moves into your folder when you log in)", "やることリスト"),
				lang.New("できごとの質問への答えと結果、手続に入れた日付、用意した書類の印", "Your answers in the guide and what came of them, dates entered for procedures, ticks of documents", "質問《しつもん》の 答《こた》え、日《ひ》にち、書類《しょるい》の 印《しるし》"),
			}},
			link("/device", "この端末に残っているものを見る・消す", "See and remove what is on this device", "残《のこ》って いる ものを 見《み》る・消《け》す"),
		}},
		{"erase", lang.New("消すとき、確かめるとき", "Erasing and checking", "消《け》す とき"), []block{
			text("登録内容は「登録内容」のページで確かめ、直せます。利用者フォルダを閉鎖すると、登録内容とお知らせを消去します。", "See and correct your registration on its page. Closing your folder erases it and your notices.", "「登録《とうろく》内容《ないよう》」の ページで 見《み》られます。フォルダを 閉《と》じると、消《き》えます。"),
		}},
		{"contact", lang.New("問い合わせ", "Contact", "質問《しつもん》する とき"), []block{
			text("個人情報の取り扱いは、このサイトを設置した運営者が責任を持ちます。お問い合わせ先は、運営者の案内をご確認ください。", "The operator who set up this site answers for the handling of personal data; see their notice for how to reach them.", "この サイトを 作《つく》った 人《ひと》に 聞《き》いて ください。"),
		}},
	},
}
