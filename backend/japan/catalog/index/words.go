package index

import (
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"madoguchi/backend/japan/japanese"
)

// MaxQuery is how much of a query is read, in characters.
const MaxQuery = 200

// maxWords bounds the work a query can ask for.
const maxWords = 8

// word is a part of a query, folded, with its pairs and how much each says (their sum is 1).
type word struct {
	term
	pairs, barePairs     []japanese.Gram
	weights, bareWeights []float64
	// generic words (申請, 手続) help to order and are not asked for.
	generic bool
	latin   bool
	// share is how much having all the pairs of the word, though not the word, is worth.
	share float64
	// known words fit something; set while searching.
	known  bool
	weight float64
}

// noun says whether a word that nothing knows must yet be heeded: one of kanji or letters names something, one that
// ends in kana is more likely a verb (入れたい) or a slip.
func (w *word) noun() bool {
	last, _ := utf8.DecodeLastRuneInString(w.folded)
	return !japanese.IsHiragana(last)
}

// Words of nearly every procedure, and of asking.
var genericWords = fold(
	"手続", "手続き", "申請", "届", "届出", "届け", "届け出", "申込", "申込み", "申し込み", "登録", "書類", "窓口", "方法", "市役所", "区役所", "役所", "役場",
	"オンライン", "電子申請", "ネット", "ネットで",
	"スマホ", "必要", "もの", "必要なもの", "必要書類", "期限", "いつまで", "どこ", "どこで", "料金", "費用", "制度", "とき", "ため", "こと", "人", "やり方", "仕方",
	"自宅", "インターネット", "変更", "市", "区", "町", "村",
	"書き方", "かきかた", "もらい方", "取り方", "出し方", "記入例", "記入", "ダウンロード", "代理", "代理人", "本人以外", "いくら", "金額", "条件", "対象", "時間",
	"電話", "電話番号", "場所", "何", "なに", "市民", "区民", "住民", "提出", "用紙", "様式", "相談", "場合", "について", "サービス", "利用", "交付", "請求",
	"発行", "apply", "application", "for", "how", "to", "a", "the", "my", "of", "in", "procedure", "form",
)

// Endings of a sentence that say nothing of what is looked for.
var endings = func() []string {
	list := fold(
		"どうすればいいですか", "どうすればいい", "どうしたらいい", "どうすれば", "どうする", "どうやって", "したいのですが", "したいです", "したい", "するには", "するときは",
		"するとき", "する時", "したときは", "したとき", "した時",
		"したら", "しました", "します", "すると", "している", "してもらう", "をする", "する", "した", "して", "について", "の仕方", "のしかた", "の方法", "のやり方",
		"やり方", "方法", "がほしい", "が欲しい", "ほしい", "欲しい", "を教えて", "教えて",
		"を知りたい", "知りたい", "とは", "です", "ください", "下さい", "お願いします", "お願い", "ですか", "ますか", "はどこ", "どこ", "いつまで", "ができない",
		"できますか", "もらえる", "もらいたい", "をもらう", "もらう", "を受けたい", "を受け取る",
		"に必要なもの", "に必要な書類", "必要書類", "が必要", "必要", "たいです", "になった", "になりました", "になったら", "の手続き", "の手続", "の申請", "をやりたい",
		"を出したい", "を出す", "がしたい", "をしたい", "をとりたい", "を取りたい", "を取る", "の取り方",
	)
	slices.SortFunc(list, func(a, b string) int { return len(b) - len(a) })
	return list
}()

func fold(list ...string) []string {
	for i, s := range list {
		list[i] = japanese.Fold(s)
	}
	return list
}

// parts cuts a query into words: at blanks, at particles between words that are not kana, and before endings that say
// nothing.
func parts(query string) []string {
	var list []string
	for piece := range strings.FieldsSeq(cutParticles(norm.NFKC.String(query))) {
		for w := range strings.FieldsSeq(japanese.Fold(piece)) {
			w = trimEnding(trimTyping(w))
			if w != "" && !slices.Contains(list, w) {
				list = append(list, w)
			}
			if len(list) == maxWords {
				return list
			}
		}
	}
	return list
}

// cutParticles puts blanks for the particles that stand between words which are not hiragana, and for の before such a
// word.
func cutParticles(s string) string {
	runes := []rune(s)
	solid := func(i int) bool {
		return i >= 0 && i < len(runes) && !unicode.Is(unicode.Hiragana, runes[i]) &&
			(unicode.IsLetter(runes[i]) || unicode.IsDigit(runes[i]))
	}
	for i, r := range runes {
		switch {
		case strings.ContainsRune("のをがにではへとや", r) && solid(i-1) && solid(i+1):
			runes[i] = ' '
		case (r == 'の' || r == 'を') && solid(i+1) && i > 1:
			runes[i] = ' '
		case r == 'を' && i > 0:
			runes[i] = ' '
		}
	}
	return string(runes)
}

// trimTyping drops the Latin letters that an input method has not yet turned into kana: ほいくえn.
func trimTyping(w string) string {
	trimmed := strings.TrimRight(w, "abcdefghijklmnopqrstuvwxyz")
	if len(w)-len(trimmed) > 2 || trimmed == "" {
		return w
	}
	if last, _ := utf8.DecodeLastRuneInString(trimmed); !japanese.IsHiragana(last) && !japanese.IsKanji(last) {
		return w
	}
	return trimmed
}

func trimEnding(w string) string {
	for range 4 {
		before := w
		for _, ending := range endings {
			if rest, ok := strings.CutSuffix(w, ending); ok && utf8.RuneCountInString(rest) >= 2 {
				w = rest
				break
			}
		}
		if w == before {
			return w
		}
	}
	return w
}

// words makes the parts of a query ready to be held against matters.
func (x *Index) words(parts []string) []word {
	list := make([]word, 0, len(parts))
	generic := 0
	for _, p := range parts {
		w := word{term: newTerm(p), generic: slices.Contains(genericWords, p), latin: p[0] < utf8.RuneSelf}
		w.share = pairsShare
		if w.length < kanaShort && strings.IndexFunc(p, japanese.IsKanji) < 0 {
			w.share = pairsShareKana
		}
		w.pairs = japanese.Pairs(nil, w.folded)
		w.weights = x.weigh(w.pairs)
		if w.bare != w.folded && w.bareLength > 1 {
			w.barePairs = japanese.Pairs(nil, w.bare)
			w.bareWeights = x.weigh(w.barePairs)
		}
		if w.generic {
			generic++
		}
		list = append(list, w)
	}
	if generic == len(list) { // then they are what is looked for
		for i := range list {
			list[i].generic = false
		}
	}
	return list
}

// weigh says how much each pair tells: the rarer the more. A pair that occurs nowhere tells little, being a slip or a
// particle.
func (x *Index) weigh(pairs []japanese.Gram) []float64 {
	weights := make([]float64, len(pairs))
	all := float64(len(x.definitions) + len(x.texts) + 1)
	sum := 0.0
	for i, g := range pairs {
		found := float64(len(x.posts[g]) + x.known[g])
		weights[i] = pairUnknown
		if found > 0 {
			weights[i] = pairRarityBase + math.Log(all/found)/math.Log(all+1)
		}
		sum += weights[i]
	}
	for i := range weights {
		weights[i] /= sum
	}
	return weights
}
