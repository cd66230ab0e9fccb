package distress_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
	"pgregory.net/rapid"

	"madoguchi/proto/distress"
)

const (
	emergency = distress.Emergency
	suicide   = distress.Suicide
	violence  = distress.Violence
	abuse     = distress.Abuse
	hardship  = distress.Hardship
)

func TestNobodyIsMissed(t *testing.T) {
	for kind, texts := range map[distress.Kind][]string{
		suicide: {
			"死にたい", "もう死にたい", "しにたい", "シニタイ", "ｼﾆﾀｲ", "しに たい", "死 に た い", "死にたいです。", "死にたくなる",
			"氏にたい", "しにtai", "消えたい", "きえたい", "キエタイ",
			"自殺", "じさつ", "自殺したい", "自殺の方法", "首つり", "首吊り", "飛び降りたい", "リストカット", "リスカ", "リスカしてしまう",
			"練炭", "いなくなりたい", "生きていたくない", "生きるのがつらい",
			"生きるのに疲れた", "もう生きていけない", "楽になりたい", "殺してください", "命を絶ちたい", "人生終わった", "薬をたくさん飲んだ",
			"オーバードーズ", "もう限界です", "生きる意味がわからない", "死ぬ方法", "死んだほうがいい",
			"死んでしまいたい", "死のうと思っている", "つらい", "suicide", "I want to die", "i wanna die",
			"kill myself", "suicde", "suiciade", "want to end my life", "I don't want to live",
			"I don’t want to live any more",
			"self-harm", "shinitai", "SHINITAI", "ｓｕｉｃｉｄｅ", "自杀", "자살", "しんじゃいたい", "夫が自殺した",
			"死にたい\u200b", "死\u200bにたい", "し\u0000にたい",
		},
		violence: {
			"DV", "ＤＶ", "dv", "DV相談", "夫のDV", "夫に殴られる", "旦那に殴られた", "なぐられています", "彼氏に叩かれる", "暴力",
			"暴力を受けている", "夫の暴力から逃げたい", "夫が怖い", "ストーカー", "ストーカー被害", "つきまとい",
			"レイプ", "レイプされた", "性暴力", "性被害", "痴漢", "痴漢にあった", "モラハラ", "監禁されている", "殺されるかもしれない",
			"首を絞められた", "domestic violence", "domestic violance", "my husband hits me",
			"my boyfriend hit me",
			"stalker", "I was raped", "abusive", "ドメスティックバイオレンス", "ディーブイ", "おっとがこわい", "家から逃げたい", "生活費をくれない", "脅されている",
		},
		abuse: {
			"虐待", "ぎゃくたい", "ギャクタイ", "児童虐待", "虐待されている", "子どもを叩いてしまう", "子供をたたいてしまう", "親に殴られる",
			"お父さんになぐられる", "おかあさんがたたく", "ごはんをもらえない", "家に帰りたくない", "いじめ", "いじめられている",
			"ネグレクト", "189", "隣の子が泣いている", "child abuse", "bullying", "I am bullied", "親が怖い",
			"介護に疲れて叩いてしまった", "がっこうにいきたくない", "家出", "高齢者虐待", "手をあげてしまう",
		},
		emergency: {
			"119", "110", "１１９", "119番", "救急車", "きゅうきゅうしゃ", "救急車を呼びたい", "助けて", "たすけて", "タスケテ",
			"火事です", "火事", "家が燃えている", "意識がない", "息をしていない", "血が止まらない", "父が倒れた", "お母さんが倒れた",
			"おばあちゃんが倒れました", "強盗", "誘拐", "help", "HELP ME", "ambulance", "ambulanse",
			"call an ambulance", "my house is on fire", "he is not breathing", "emergency", "溺れた",
			"洗剤を飲んだ", "急に倒れて動かない", "いしきがありません",
		},
		hardship: {
			"お金がない", "おかねがない", "おかねが ありません", "お金がなくて生活できない", "食べるものがない", "たべるものが ありません", "生活できない",
			"生活が苦しい", "生活に困っている", "ホームレス", "住むところがない", "すむところが ない",
			"家賃が払えない", "電気を止められた", "追い出された", "無一文", "no money", "no food", "homeless", "homeles",
			"I can't pay my rent", "evicted", "家を追い出されそう", "ご飯が食べられない",
		},
	} {
		for _, text := range texts {
			if found := distress.Find(text); !slices.Contains(found, kind) {
				t.Errorf("%q: found %v, want %v", text, found, kind)
			}
		}
	}
}

func TestOrdinarySearchesRaiseNoAlarm(t *testing.T) {
	for _, text := range []string{
		"", "   ", "死亡届", "死亡届の出し方", "死亡診断書", "犬が死んだ", "犬の死亡届", "ペットが死んだ", "猫が死んでいる",
		"道路で動物が死んでいる", "夫が亡くなりました", "他界", "逝去", "救急医療証", "救急医療", "休日救急診療所",
		"救急救命講習", "普通救命講習", "こども110番の家", "暴力団排除", "暴力団員でないことの誓約", "自殺対策計画", "火災保険", "住宅用火災警報器",
		"り災証明 火事", "火事で家が燃えた り災証明書", "消火器の処分", "引っ越し", "引っ越しに対する補助", "ひっこしにたいするほじょ",
		"引っ越しにたくさん", "電気ガス水道", "水道を止めたい", "ガスとか水道とか", "デイサービスとか", "プレイパーク", "プレイプログラム",
		"耐震シェルター 補助", "性的少数者", "パートナーシップ宣誓", "給付を受けられていない", "届けられて", "年金がない", "頭金がない",
		"ポイント換金", "ぽいんとかんきん", "1号棟", "いちごうとう", "パソコンをおそわる", "生活困窮者自立支援", "生活保護", "児童手当", "高齢者肉用牛",
		"動物虐待", "電子申請 倒木", "木が倒れそう", "塀が倒れた", "事故証明", "交通事故証明書", "警察署の場所", "運転免許",
		"消防団", "消防署", "DVD", "DVDの貸出", "dvd", "starting a business", "moving", "child allowance",
		"fire insurance", "police certificate", "help me find a nursery school", "helpful",
		"violin lessons", "diet", "die", "living",
		"stroller", "stalk", "grouped", "amused", "保育園", "いきいきサロン", "しごとを なくしました",
		"すむ ところが かわりました", "子どもが うまれました", "死産届", "自殺対策推進室", "110番アプリ", "いじめ防止条例", "終活", "人生を終える準備",
		"消えた年金", "街灯が消えた",
		"川があふれて家が水につかった", "おばあちゃんが一人で歩けなくなってきた", "空き巣", "ゴミの日", "蜂の巣", "し尿", "死後離婚", "相続", "金沢市",
		"殺虫剤", "殺菌", "逃げた鳥", "暴風警報", "体験", "市内", "医師になりたい", "しない", "しにせ", "老舗",
	} {
		if found := distress.Find(text); len(found) > 0 {
			t.Errorf("%q raises %v", text, found)
		}
	}
}

// phrases reads a list of testdata: the phrases under each kind, all under "" where there are none.
func phrases(t *testing.T, name string) map[string][]string {
	t.Helper()
	file, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	found, kind := map[string][]string{}, ""
	for line := range strings.Lines(string(file)) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "# "):
		case strings.HasPrefix(line, "["):
			kind = strings.Trim(line, "[]")
		default:
			found[kind] = append(found[kind], line)
		}
	}
	return found
}

// The lists grew in rounds. Of phrases that were written when the words stood, and measured before the words were
// mended, 17 % of 129, 27 % of 97 and 20 % of 60 were missed (with the plain list of words before: 64 % of the first);
// of ordinary ones 2.5 % of 159 and 2.6 % of 76 raised an alarm. Of those of another hand 17 % of 757, 51 % of 508
// (written to be far-fetched), 19 % of 235, 14 % of 198 and 16 % of 100 were missed; of its ordinary ones 2.8 % of 389,
// 1.0 % of 210, 1.2 % of 85, 1.2 % of 85 and 5.8 % of 103 raised an alarm. Other people will find other words.
func TestLists(t *testing.T) {
	kinds := map[string]distress.Kind{
		"emergency": emergency, "suicide": suicide, "violence": violence, "abuse": abuse, "hardship": hardship,
	}
	missed := phrases(t, "distress.txt")
	if len(missed) != len(kinds) {
		t.Errorf("%d kinds", len(missed))
	}
	for kind, list := range missed {
		if len(list) < 200 || kinds[kind] == 0 {
			t.Errorf("%d of the kind %q", len(list), kind)
		}
		other := 0
		for _, text := range list {
			found := distress.Find(text)
			if len(found) == 0 {
				t.Errorf("%s: %q is missed", kind, text)
			} else if !slices.Contains(found, kinds[kind]) {
				other++ // somebody answers, though not the nearest
			}
		}
		if other > len(list)/20 {
			t.Errorf("%s: %d of %d are taken for another kind", kind, other, len(list))
		}
	}
	ordinary := phrases(t, "ordinary.txt")[""]
	if len(ordinary) < 900 {
		t.Errorf("%d ordinary phrases", len(ordinary))
	}
	for _, text := range ordinary {
		if found := distress.Find(text); len(found) > 0 {
			t.Errorf("%q raises %v: %v", text, found, distress.Why(text))
		}
	}
}

// Words in the other order are found also where their characters stand apart.
func TestWordsSpacedOutAreTurned(t *testing.T) {
	for _, text := range []string{"夜中 電話相談 つらい", "夜 中   電 話 相 談   つ ら い", "夜　中　　電　話　相　談　　つ　ら　い"} {
		if len(distress.Find(text)) == 0 {
			t.Errorf("%q is missed", text)
		}
	}
}

// However a phrase is typed, it is the same one.
func TestWaysOfTypingAreOne(t *testing.T) {
	all := phrases(t, "distress.txt")
	var list []string
	for _, kind := range all {
		list = append(list, kind...)
	}
	slices.Sort(list)
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SampledFrom(list).Draw(t, "text")
		latin := strings.IndexFunc(text, func(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }) >= 0
		way := rapid.SampledFrom([]func(string) string{
			norm.NFD.String, norm.NFC.String, width.Widen.String, strings.ToUpper,
			func(s string) string { return "　" + s + "！？\n" },
			func(s string) string { return s + "😢🙏" },
			func(s string) string { return "「" + s + "」…" },
			func(s string) string {
				if latin {
					return s
				}
				return strings.Join(strings.Split(s, ""),
					rapid.SampledFrom([]string{" ", "　", "・", "\u200b", "-", "。"}).Draw(t, "between"))
			},
			func(s string) string {
				return strings.Map(func(r rune) rune {
					if r >= 'ぁ' && r <= 'ゔ' {
						return r - 'ぁ' + 'ァ'
					}
					return r
				}, s)
			},
		}).Draw(t, "way")
		if typed := way(text); len(distress.Find(typed)) == 0 {
			t.Fatalf("%q is missed", typed)
		}
	})
}

// While they are typed, words of distress are waited for, and few ordinary ones are.
func TestBegun(t *testing.T) {
	for _, text := range []string{
		"いきるのが つ", "i want to d", "i wanna kill my", "死に", "しに", "夫に な", "夫に毎日なぐ", "じさ", "suici", "食べるものがな", "たす",
		"my husband hi", "家賃がはら", "もう死",
	} {
		if !distress.Begun(text) && len(distress.Find(text)) == 0 {
			t.Errorf("%q is sent", text)
		}
	}
	for _, text := range []string{
		"", "保", "保育園", "ほいくえん", "ひっこし", "児童手当", "目黒区 粗大ごみ", "パスポート", "年金", "住民票", "moving",
		"child allowance", "passport",
	} {
		if distress.Begun(text) {
			t.Errorf("%q is waited for", text)
		}
	}
	held, list := 0, phrases(t, "ordinary.txt")[""]
	for _, text := range list {
		if distress.Begun(text) {
			held++
		}
	}
	if held > len(list)/10 {
		t.Errorf("%d of %d ordinary phrases are waited for", held, len(list))
	}
}

func TestEveryStemIsOne(t *testing.T) {
	for _, phrase := range distress.EmptyStems() {
		t.Errorf("in %q a stem folds to nothing and fits everything", phrase)
	}
}

// Whoever needs two things is told of both, the more urgent first.
func TestMoreThanOneKind(t *testing.T) {
	if found := distress.Find("お金がない もう死にたい 助けて"); !slices.Equal(found, []distress.Kind{emergency, suicide, hardship}) {
		t.Errorf("%v", found)
	}
	list := distress.For([]distress.Kind{suicide, violence})
	if len(list) < 8 || list[0].Number != "110" {
		t.Errorf("%d helplines, first %v", len(list), list[0])
	}
	if distress.For(nil) != nil {
		t.Error("helplines for nothing")
	}
}

// Every kind has somebody who answers day and night, every number its source and day, every text its three languages.
func TestHelplinesAreWhole(t *testing.T) {
	for kind := emergency; kind <= hardship; kind++ {
		if len(distress.For([]distress.Kind{kind})) == 0 {
			t.Errorf("nobody for %v", kind)
		}
	}
	whole := func(what string, text distress.Text) {
		for _, said := range []string{text.Ja, text.En, text.Easy} {
			if said == "" || !utf8.ValidString(said) {
				t.Errorf("%s: %+v", what, text)
			}
		}
	}
	whole("calm", distress.Calm)
	whole("danger", distress.Danger)
	for _, h := range distress.Helplines {
		whole(h.Number, h.Name)
		whole(h.Number, h.When)
		if _, err := time.Parse(time.DateOnly, h.Checked); err != nil || !strings.HasPrefix(h.Source, "https://") ||
			!strings.HasPrefix(h.Link, "https://") || len(h.Kinds) == 0 {
			t.Errorf("%+v", h)
		}
		if strings.ReplaceAll(h.Number, "-", "") != h.Dial {
			t.Errorf("%s is dialled %s", h.Number, h.Dial)
		}
	}
}

func FuzzFind(f *testing.F) {
	f.Add("死にたい")
	f.Add("ｼﾆﾀｲ゛゜\u3099\xff")
	f.Fuzz(func(t *testing.T, text string) {
		found := distress.Find(text)
		distress.Begun(text)
		if !slices.IsSorted(found) || len(slices.Compact(slices.Clone(found))) != len(found) {
			t.Errorf("%q: %v", text, found)
		}
		// What stands around words of distress does not hide them, but for what makes an ordinary phrase of them.
		if len([]rune(text)) < 500 && !slices.Contains(distress.Find(text+"。もう自殺したい"), suicide) {
			t.Errorf("hidden behind %q", text)
		}
	})
}

func BenchmarkFind(b *testing.B) {
	for _, text := range []string{"保育園の申し込み", "もう死にたい", strings.Repeat("引っ越しの手続きを教えてください。", 12)} {
		b.Run(text[:12], func(b *testing.B) {
			for b.Loop() {
				distress.Find(text)
			}
		})
	}
}
