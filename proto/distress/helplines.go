package distress

import (
	"slices"
	"strings"
)

// Text is one text in the languages of the portal; readings in Easy stand behind their kanji, 漢字《かんじ》.
type Text struct{ Ja, En, Easy string }

// Helpline is somebody who answers.
type Helpline struct {
	Name   Text
	Number string // as it is said; "" when there is a page only
	Dial   string // as it is dialled (tel:)
	When   Text
	Link   string // https
	Kinds  []Kind
	// Source is where the number was looked up, Checked the day (YYYY-MM-DD).
	Source, Checked string
}

// Digits is what stands behind tel: in a link.
func (h Helpline) Digits() string { return strings.ReplaceAll(h.Dial, "#", "%23") }

// Calm is the one sentence above the helplines.
var Calm = Text{
	Ja:   "ひとりで抱えなくてだいじょうぶです。いま話を聞いてくれるところがあります。",
	En:   "You do not have to carry this alone. These people will listen to you now.",
	Easy: "ひとりで がまんしなくて だいじょうぶです。今《いま》、話《はなし》を 聞《き》いてくれる ところが あります。",
}

// Danger stands above the numbers when somebody may be in danger now.
var Danger = Text{
	Ja:   "命や体に危険がせまっているときは、すぐに110番か119番へ。",
	En:   "If anybody is in danger right now, call 110 (police) or 119 (fire, ambulance).",
	Easy: "あぶないときは すぐに 110番《ばん》か 119番《ばん》に 電話《でんわ》してください。",
}

var (
	always = Text{
		"24時間・無料",
		"24 hours, free",
		"いつでも・お金《かね》は いりません",
	}
	charged = Text{
		"通話料がかかります",
		"call charges apply",
		"電話代《でんわだい》が かかります",
	}
)

// Helplines of the whole country. Day and source are kept so that whoever runs the portal can look again: numbers
// change seldom, hours do.
var Helplines = []Helpline{
	{
		Name: Text{
			"警察（事件・事故）",
			"Police",
			"警察《けいさつ》",
		},
		Number:  "110",
		Dial:    "110",
		When:    always,
		Link:    "https://www.npa.go.jp/",
		Kinds:   []Kind{Emergency, Violence},
		Source:  "https://www.npa.go.jp/",
		Checked: checked,
	},
	{
		Name: Text{
			"消防・救急車",
			"Fire and ambulance",
			"火事《かじ》・救急車《きゅうきゅうしゃ》",
		},
		Number:  "119",
		Dial:    "119",
		When:    always,
		Link:    "https://www.fdma.go.jp/",
		Kinds:   []Kind{Emergency},
		Source:  "https://www.fdma.go.jp/",
		Checked: checked,
	},
	{
		Name: Text{
			"救急安心センター（救急車を呼ぶか迷うとき）",
			"Medical advice: do I need an ambulance?",
			"救急車《きゅうきゅうしゃ》を 呼《よ》ぶか わからないとき",
		},
		Number: "#7119",
		Dial:   "#7119",
		When: Text{
			"時間と地域は都道府県で違います",
			"hours and regions differ",
			"時間《じかん》は 場所《ばしょ》で ちがいます",
		},
		Link:    "https://www.fdma.go.jp/mission/enrichment/appropriate/appropriate007.html",
		Kinds:   []Kind{Emergency},
		Source:  "https://www.fdma.go.jp/",
		Checked: checked,
	},
	{
		Name: Text{
			"こども医療電話相談",
			"Sick children: advice by telephone",
			"子《こ》どもが 病気《びょうき》のとき",
		},
		Number: "#8000",
		Dial:   "#8000",
		When: Text{
			"夜間・休日。時間は都道府県で違います",
			"nights and holidays; hours differ",
			"夜《よる》と 休《やす》みの 日《ひ》",
		},
		Link:    "https://www.mhlw.go.jp/topics/2006/10/tp1010-3.html",
		Kinds:   []Kind{Emergency},
		Source:  "https://www.mhlw.go.jp/",
		Checked: checked,
	},
	{
		Name: Text{
			"よりそいホットライン",
			"Yorisoi Hotline (press 2 for other languages)",
			"よりそいホットライン（外国語《がいこくご》も あります）",
		},
		Number:  "0120-279-338",
		Dial:    "0120279338",
		When:    always,
		Link:    "https://www.since2011.net/yorisoi/",
		Kinds:   []Kind{Suicide, Violence, Hardship},
		Source:  "https://www.since2011.net/yorisoi/",
		Checked: checked,
	},
	{
		Name: Text{
			"#いのちSOS",
			"Inochi SOS",
			"いのちSOS",
		},
		Number:  "0120-061-338",
		Dial:    "0120061338",
		When:    always,
		Link:    "https://www.lifelink.or.jp/inochisos/",
		Kinds:   []Kind{Suicide},
		Source:  "https://www.lifelink.or.jp/",
		Checked: checked,
	},
	{
		Name: Text{
			"いのちの電話",
			"Inochi no Denwa",
			"いのちの電話《でんわ》",
		},
		Number: "0120-783-556",
		Dial:   "0120783556",
		When: Text{"毎日16〜21時、毎月10日は8時から翌朝8時まで・無料", "daily 16:00–21:00; on the 10th from 8:00 to 8:00; free",
			"毎日《まいにち》 午後《ごご》4時《じ》から 午後《ごご》9時《じ》・お金《かね》は いりません"},
		Link:    "https://www.inochinodenwa.org/",
		Kinds:   []Kind{Suicide},
		Source:  "https://www.inochinodenwa.org/",
		Checked: checked,
	},
	{
		Name: Text{
			"こころの健康相談統一ダイヤル",
			"Mental health line of your prefecture",
			"こころの 相談《そうだん》",
		},
		Number:  "0570-064-556",
		Dial:    "0570064556",
		When:    charged,
		Link:    "https://www.mhlw.go.jp/mamorouyokokoro/",
		Kinds:   []Kind{Suicide},
		Source:  "https://www.mhlw.go.jp/mamorouyokokoro/",
		Checked: checked,
	},
	{
		Name: Text{
			"DV相談ナビ",
			"Domestic violence: nearest centre",
			"家族《かぞく》や 恋人《こいびと》の 暴力《ぼうりょく》の 相談《そうだん》",
		},
		Number:  "#8008",
		Dial:    "#8008",
		When:    charged,
		Link:    "https://www.gender.go.jp/policy/no_violence/dv_navi/index.html",
		Kinds:   []Kind{Violence},
		Source:  "https://www.gender.go.jp/",
		Checked: checked,
	},
	{
		Name: Text{
			"DV相談プラス（チャット・メールも）",
			"DV Hotline Plus (chat and mail, 11 languages)",
			"DV相談《そうだん》プラス（メールも できます）",
		},
		Number:  "0120-279-889",
		Dial:    "0120279889",
		When:    always,
		Link:    "https://soudanplus.jp/",
		Kinds:   []Kind{Violence},
		Source:  "https://soudanplus.jp/",
		Checked: checked,
	},
	{
		Name: Text{
			"性犯罪・性暴力の相談（ワンストップ支援センター）",
			"Sexual assault: one-stop support centre",
			"性《せい》の 被害《ひがい》の 相談《そうだん》",
		},
		Number: "#8891",
		Dial:   "#8891",
		When: Text{
			"無料",
			"free",
			"お金《かね》は いりません",
		},
		Link:    "https://www.gender.go.jp/policy/no_violence/seibouryoku/consult.html",
		Kinds:   []Kind{Violence},
		Source:  "https://www.gender.go.jp/",
		Checked: checked,
	},
	{
		Name: Text{
			"児童相談所虐待対応ダイヤル",
			"Child abuse: child guidance centre",
			"子《こ》どもの 虐待《ぎゃくたい》の 相談《そうだん》",
		},
		Number:  "189",
		Dial:    "189",
		When:    always,
		Link:    "https://www.cfa.go.jp/policies/jidougyakutai/gyakutai-taiou-dial",
		Kinds:   []Kind{Abuse},
		Source:  "https://www.cfa.go.jp/",
		Checked: checked,
	},
	{
		Name: Text{
			"24時間子供SOSダイヤル",
			"Line for children in trouble",
			"子《こ》どもの 相談《そうだん》（いじめなど）",
		},
		Number:  "0120-0-78310",
		Dial:    "0120078310",
		When:    always,
		Link:    "https://www.mext.go.jp/a_menu/shotou/seitoshidou/1306988.htm",
		Kinds:   []Kind{Abuse},
		Source:  "https://www.mext.go.jp/a_menu/shotou/seitoshidou/1306988.htm",
		Checked: checked,
	},
	{
		Name: Text{
			"チャイルドライン（18歳まで）",
			"Childline (up to 18)",
			"チャイルドライン（18歳《さい》まで）",
		},
		Number: "0120-99-7777",
		Dial:   "0120997777",
		When: Text{
			"毎日16〜21時・無料",
			"daily 16:00–21:00, free",
			"毎日《まいにち》 午後《ごご》4時《じ》から 午後《ごご》9時《じ》・お金《かね》は いりません",
		},
		Link:    "https://childline.or.jp/",
		Kinds:   []Kind{Abuse},
		Source:  "https://childline.or.jp/",
		Checked: checked,
	},
	{
		Name: Text{
			"警察相談専用電話",
			"Police advice, no emergency",
			"警察《けいさつ》への 相談《そうだん》",
		},
		Number:  "#9110",
		Dial:    "#9110",
		When:    charged,
		Link:    "https://www.gov-online.go.jp/useful/article/201309/3.html",
		Kinds:   []Kind{Violence},
		Source:  "https://www.npa.go.jp/",
		Checked: checked,
	},
	{
		Name: Text{
			"自立相談支援機関（くらし・仕事・住まい）",
			"Support with money, work and housing",
			"お金《かね》・仕事《しごと》・家《いえ》の 相談《そうだん》",
		},
		When: Text{
			"市区町村の窓口。生活保護の相談もできます",
			"at your municipality; also about public assistance",
			"市役所《しやくしょ》などに あります。生活保護《せいかつほご》の 相談《そうだん》も できます",
		},
		Link:    "https://www.mhlw.go.jp/stf/seisakunitsuite/bunya/0000073432.html",
		Kinds:   []Kind{Hardship},
		Source:  "https://www.mhlw.go.jp/",
		Checked: checked,
	},
}

// checked is when the numbers above were last compared with what their holders publish.
const checked = "2026-11-25"

// For lists the helplines for kinds, in the order of the list, each once.
func For(kinds []Kind) []Helpline {
	var list []Helpline
	for _, h := range Helplines {
		if slices.ContainsFunc(h.Kinds, func(k Kind) bool { return slices.Contains(kinds, k) }) {
			list = append(list, h)
		}
	}
	return list
}
