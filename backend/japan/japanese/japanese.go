// Package japanese makes Japanese text comparable as people type it: width, kana, old characters, okurigana and the
// usual ways of writing one word are folded; words are cut out of a sentence; romaji becomes kana. What it returns is a
// key to compare and never to show or store.
package japanese

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// older maps characters that names and old texts use to those of the common-use table (常用漢字).
var older = func() map[rune]rune {
	pairs := "國国學学澤沢邊辺邉辺齋斎齊斉髙高﨑崎嵜崎廣広濱浜濵浜嶋島櫻桜瀧滝龍竜槇槙檜桧惠恵眞真圓円會会縣県區区醫医驛駅藝芸圖図體体壽寿萬万與与淺浅鹽塩" +
		"豐豊榮栄應応來来禮礼稅税號号證証當当對対續続關関變変總総舊旧轉転歸帰發発傳伝亞亜惡悪壓圧圍囲壹壱稻稲飮飲隱隠營営衞衛驗験嚴厳險険獻献權権顯顕效効" +
		"黃黄恆恒國国黑黒劍剣鑛鉱讚讃參参棧桟蠶蚕慘惨贊賛殘残絲糸齒歯兒児辭辞濕湿實実寫写釋釈收収從従澁渋獸獣縱縦肅粛處処敍叙奬奨將将燒焼稱称乘乗剩剰壤壌孃嬢條条淨浄疊畳" +
		"讓譲釀醸觸触囑嘱寢寝愼慎盡尽圖図粹粋醉酔穗穂隨随髓髄樞枢數数聲声靜静攝摂竊窃專専戰戦纖繊踐践錢銭潛潜雙双壯壮搜捜插挿爭争莊荘裝装騷騒藏蔵臟臓屬属墮堕體体" +
		"帶帯滯滞臺台擇択單単擔担膽胆團団彈弾斷断癡痴遲遅晝昼蟲虫鑄鋳廳庁聽聴鐵鉄點点黨党盜盗燈灯德徳獨独讀読屆届繩縄貳弐惱悩腦脳霸覇廢廃拜拝賣売麥麦蠻蛮祕秘濱浜甁瓶拂払佛仏竝並邊辺辨弁瓣弁辯弁" +
		"寶宝豐豊沒没飜翻每毎默黙藥薬譯訳豫予餘余譽誉搖揺樣様謠謡來来賴頼亂乱覽覧龍竜兩両獵猟綠緑淚涙勵励禮礼隸隷靈霊齡齢戀恋爐炉勞労樓楼灣湾冨富寳宝峯峰嶽岳籠篭渕淵埜野﨔欅曾曽彌弥祐佑葛葛" +
		"梼檮壺壷薮藪諫諌鰺鯵麴麹頚頸舘館桒桑穗穂薗園峯峰曾曽鷗鴎蘆芦舩船靏鶴靍鶴髙高栁柳舎舎冝宜枩松" +
		"爲為悅悦閱閲緣縁艷艶奧奥橫横歐欧毆殴溫温穩穏假仮價価畫画壞壊懷懐繪絵槪概擴拡殼殻覺覚樂楽渴渇鐮鎌勸勧卷巻寬寛歡歓罐缶觀観閒間陷陥巖巌顏顔氣気龜亀僞偽戲戯犧犠卻却糺糾據拠擧挙峽峡挾挟敎教狹狭鄕郷堯尭曉暁驅駆勳勲薰薫徑径揭掲攜携溪渓經経繼継莖茎螢蛍輕軽鷄鶏擊撃缺欠圈圏檢検歲歳濟済碎砕劑剤冱冴册冊雜雑產産姊姉舍舎緖緒尙尚牀床" +
		"穰穣晉晋瀨瀬靑青淸清禪禅巢巣聰聡徵徴敕勅鎭鎮脫脱遞逓鬪闘內内髮髪拔抜襃褒滿満餠餅歷歴聯連鍊錬瀆涜郞郎祿禄錄録亙亘說説銳鋭戶戸戾戻曆暦增増彥彦硏研絕絶卽即旣既吿告吳呉娛娯步歩涉渉壘塁畧略强強畠畑竒奇羣群嶌島凉涼凜凛姬姫瘦痩搔掻摑掴嚙噛蟬蝉塡填頰頬剝剥𠮟叱"
	m := map[rune]rune{}
	runes := []rune(pairs)
	for i := 0; i+1 < len(runes); i += 2 {
		m[runes[i]] = runes[i+1]
	}
	return m
}()

// Ways of writing one word, after kana are folded; longer ones first where one begins another.
var sameWords = strings.NewReplacer(
	"子供", "こども", "子ども", "こども", "小供", "こども", "こ供", "こども",
	"障碍", "障がい", "障害", "障がい", "しょう害", "障がい",
	"罹災", "り災", "羅災", "り災",
	"申請書類", "申請書", "届け出", "届", "届出書", "届", "届出", "届", "届け", "届", "届書", "届",
	"しょうがい者", "障がい者", "一人親", "ひとり親", "1人親", "ひとり親", "独り親", "ひとり親",
	"取り替え", "取替", "お年寄り", "高齢者", "年寄り", "高齢者",
)

// Fold makes alike what people take for the same: full and half width, hiragana and katakana, capital and small
// letters, old and new characters, 子供 and 子ども, 届出 and 届け. Punctuation becomes one blank, as blanks do; control
// characters vanish.
func Fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	blank := true // nothing to separate yet
	for _, r := range norm.NFKC.String(s) {
		r = foldRune(r)
		switch {
		case r == ' ':
			if !blank {
				b.WriteByte(' ')
			}
			blank = true
		case r > 0:
			b.WriteRune(r)
			blank = false
		}
	}
	return sameWords.Replace(strings.TrimSuffix(b.String(), " "))
}

// foldRune returns ' ' for what separates and 0 for what vanishes.
func foldRune(r rune) rune {
	switch {
	case r == 'ー':
		return r
	case r == 'ヶ' || r == 'ゖ':
		return 'け'
	case r == 'ヵ' || r == 'ゕ':
		return 'か'
	case r >= 'ァ' && r <= 'ヴ':
		return r - 'ァ' + 'ぁ'
	case r == '々' || r == '〆' || r == '〇':
		return r
	case unicode.IsSpace(r):
		return ' '
	case unicode.IsControl(r) || r == unicode.ReplacementChar || r == 'ﾞ' || r == '\u3099' || r == '\u309a':
		return 0
	case r == '・' || unicode.Is(unicode.Mn, r):
		return 0
	case !unicode.IsLetter(r) && !unicode.IsDigit(r):
		return ' '
	}
	if newer, ok := older[r]; ok {
		return newer
	}
	return unicode.ToLower(r)
}

// IsDash says whether a character is one of the dashes that keyboards and other software put between digits. ー, a
// letter, is one only there: that is for the caller to see.
func IsDash(r rune) bool {
	return unicode.Is(unicode.Pd, r) || strings.ContainsRune("−─━╌╍┄┅┈┉╴╶╸╺⁃˗¯‾⎯⏤ｰ~～∼", r)
}

// IsHiragana says whether a folded character is kana; ー counts.
func IsHiragana(r rune) bool { return r >= 'ぁ' && r <= 'ん' || r == 'ー' || r == 'ゔ' }

// IsKanji says whether a character is an ideograph.
func IsKanji(r rune) bool { return unicode.Is(unicode.Han, r) || r == '々' }

// Bare drops the okurigana of folded text: of a run of at most two kana behind a kanji nothing stays. 引っ越し, 引越し and 引越
// become 引越.
func Bare(folded string) string {
	runes := []rune(folded)
	out := make([]rune, 0, len(runes))
	for i := 0; i < len(runes); {
		if !IsHiragana(runes[i]) || len(out) == 0 || !IsKanji(out[len(out)-1]) {
			out = append(out, runes[i])
			i++
			continue
		}
		end := i
		for end < len(runes) && IsHiragana(runes[end]) {
			end++
		}
		if end-i > 2 {
			out = append(out, runes[i:end]...)
		}
		i = end
	}
	return string(out)
}

// Gram is a pair of neighbouring characters, or a single one.
type Gram uint32

func gram(a, b rune) Gram {
	// rare planes may collide, which costs a false candidate
	return Gram(uint32(a)<<16 | uint32(b)&0xffff)
}

// Grams appends the overlapping pairs of the words of folded text to `into`, and each kanji by itself. It may append
// one twice.
func Grams(into []Gram, folded string) []Gram {
	var before rune
	for _, r := range folded {
		if r == ' ' {
			before = 0
			continue
		}
		if before != 0 {
			into = append(into, gram(before, r))
		}
		if IsKanji(r) {
			into = append(into, gram(0, r))
		}
		before = r
	}
	return into
}

// Pairs is Grams without the single characters, which would count a match twice; of a word of one character, that
// character.
func Pairs(into []Gram, word string) []Gram {
	var before rune
	n := 0
	for _, r := range word {
		if before != 0 {
			into = append(into, gram(before, r))
		}
		before = r
		n++
	}
	if n == 1 {
		into = append(into, gram(0, before))
	}
	return into
}

// OneSlip says whether two words are the same or differ by one insertion, deletion, replacement or exchange of
// neighbours.
func OneSlip(a, b []rune) bool {
	start := 0
	for start < len(a) && start < len(b) && a[start] == b[start] {
		start++
	}
	a, b = a[start:], b[start:]
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	switch {
	case len(a) <= 1 && len(b) <= 1:
		return true
	case len(a) == 2 && len(b) == 2:
		return a[0] == b[1] && a[1] == b[0]
	}
	return false
}
