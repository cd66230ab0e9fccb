// Package expand invents what the nation's offices might have registered in the catalogue, for development, tests and
// benchmarks: 30 entries for a village, 300 for a designated city, each with titles, fees, deadlines, documents and
// desks of its own. The same seed always gives the same. Nothing of it is any office's word: telephone numbers and
// addresses are such as nobody has.
package expand

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"madoguchi/backend/japan/catalog"
	"madoguchi/backend/japan/catalog/index"
	"madoguchi/backend/japan/municipality"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// Scale is how many entries there are in the nation, about.
type Scale int

// Scales: the nation as it is, and the stress case in which every municipality has as many as the largest, and no two
// call theirs the same.
const (
	Real   Scale = 104_000
	Stress Scale = 522_000
)

// Nation hands out every place with its entries: the nation's own, the prefectures', then each municipality's and
// ward's.
func Nation(seed uint64, scale Scale, place func(code string, entries []*portalv1.ProcedureContent)) {
	place(catalog.Nation, ofAuthority(seed, catalog.Nation, "国", "国"))
	before := ""
	for _, m := range municipality.All() {
		if prefecture := index.Prefecture(m.Code); prefecture != before {
			before = prefecture
			place(prefecture, ofAuthority(seed, prefecture, "都道府県", m.Prefecture))
		}
		place(m.Code, Municipality(seed, scale, m))
	}
}

// Municipality invents the entries of one municipality or ward.
func Municipality(seed uint64, scale Scale, m municipality.Municipality) []*portalv1.ProcedureContent {
	w := newWriter(seed, m.Code, m.Prefecture, m.Name)
	if m.City != "" { // wards have few of their own; what their city registers holds there too
		return w.own(2 + w.rand.IntN(4))
	}
	n := w.count(m)
	if scale == Stress {
		n, w.unlike = 300, true
	}
	var definitions, cards []catalog.Definition
	for _, d := range catalog.Definitions() {
		switch {
		case isOfCard(d):
			cards = append(cards, d)
		case isMunicipal(d):
			definitions = append(definitions, d)
		}
	}
	// The standard procedures come first in every place, the others as they fall.
	w.rand.Shuffle(len(definitions), func(i, j int) { definitions[i], definitions[j] = definitions[j], definitions[i] })
	slices.SortStableFunc(definitions, func(a, b catalog.Definition) int { return common(b) - common(a) })
	definitions = definitions[:min(len(definitions), n*7/10+w.rand.IntN(5))]
	slices.SortFunc(definitions, func(a, b catalog.Definition) int { return strings.Compare(a.Number, b.Number) })
	var list []*portalv1.ProcedureContent
	for _, d := range definitions {
		list = append(list, w.standard(d))
	}
	own := w.own(n - len(list) - len(cards))
	for _, d := range cards {
		list = append(list, w.atCounter(d))
	}
	return append(list, own...)
}

// isOfCard says which procedures are the My Number Card's. Every municipality has them, and only at its counter.
func isOfCard(d catalog.Definition) bool { return d.Number >= "P0111" && d.Number <= "P0114" }

func isMunicipal(d catalog.Definition) bool {
	return strings.HasPrefix(d.Authority, "市区町村") || strings.HasPrefix(d.Authority, "地方公共団体") ||
		strings.HasPrefix(d.Authority, "広域連合")
}

// common says which procedures nearly every municipality has: the 26 standard ones, moving, certificates.
func common(d catalog.Definition) int {
	n, _ := strconv.Atoi(d.Number[1:])
	switch {
	case n <= 27 || n == 32 || n == 33:
		return 2
	case n >= 34 && n <= 39 || n >= 58 && n <= 64 || n >= 79 && n <= 83:
		return 1
	}
	return 0
}

func ofAuthority(seed uint64, code, authority, name string) []*portalv1.ProcedureContent {
	w := newWriter(seed, code, "", name)
	var list []*portalv1.ProcedureContent
	for _, d := range catalog.Definitions() {
		if strings.HasPrefix(d.Authority, authority) {
			list = append(list, w.standard(d))
		}
	}
	return list
}

// writer writes like one office: its habits are the same in all its entries.
type writer struct {
	rand             *rand.Rand
	code, area, name string
	style            int
	hours            string
	building         string
	address          string
	exchange         string
	online           float64
	site             string
	unlike           bool // no title of its own is that of another place
}

var habits = []string{
	"8:30〜17:15（土日祝・年末年始を除く）", "8:30〜17:00（土日祝・年末年始を除く）", "9:00〜17:00（土日祝・年末年始を除く）",
	"8:30〜17:15（木曜は19:00まで。土日祝・年末年始を除く）",
	"8:30〜17:15（第2・第4日曜は午前も開庁。土日祝・年末年始を除く）", "9:00〜16:30（土日祝・年末年始を除く）",
}

func newWriter(seed uint64, code, prefecture, name string) *writer {
	number, _ := strconv.ParseUint(code, 10, 64)
	r := rand.New(rand.NewPCG(seed, number)) // invented data, the same each time
	short := name
	if _, after, ok := strings.Cut(name, "郡"); ok && utf8.RuneCountInString(after) > 1 {
		short = after
	}
	hall := short + "役所"
	switch last, _ := utf8.DecodeLastRuneInString(short); last {
	case '町', '村':
		hall = short + "役場"
	case '国':
		hall = "担当窓口"
	case '都', '道', '府', '県':
		hall = short + "庁"
	}
	w := &writer{
		rand: r, code: code, area: prefecture, name: short, style: r.IntN(6), hours: habits[r.IntN(len(habits))],
		online:   0.45 + 0.5*r.Float64(),
		building: fmt.Sprintf("%s %s%d階", hall, []string{"本庁舎", "第二庁舎", "総合庁舎"}[r.IntN(3)], 1+r.IntN(4)),
		exchange: fmt.Sprintf("0%d-0000", 10+r.IntN(90)),
		address: prefecture + name + []string{
			"本町", "中央", "大字中", "緑町", "元町",
		}[r.IntN(5)] + "999-" + strconv.Itoa(1+r.IntN(30)), site: "https://shinsei.example.jp/" + code,
	}
	if code == catalog.Nation {
		w.address, w.style = "", 0
	}
	return w
}

// count is how many procedures a municipality has registered: few in a village, 300 in a designated city.
func (w *writer) count(m municipality.Municipality) int {
	last, _ := utf8.DecodeLastRuneInString(m.Name)
	switch {
	case last == '村':
		return 30 + w.rand.IntN(8)
	case last == '町':
		return 30 + w.rand.IntN(26)
	case last == '区':
		return 110 + w.rand.IntN(90)
	case slices.Contains(designated, m.Name):
		return 240 + w.rand.IntN(61)
	}
	n := 48 + w.rand.IntN(40)
	if w.rand.IntN(10) == 0 { // a core city
		n += 60 + w.rand.IntN(60)
	}
	return n
}

var designated = []string{
	"札幌市", "仙台市", "さいたま市", "千葉市", "横浜市", "川崎市", "相模原市", "新潟市", "静岡市", "浜松市", "名古屋市", "京都市", "大阪市", "堺市", "神戸市", "岡山市",
	"広島市", "北九州市", "福岡市", "熊本市",
}

// chance is true that often.
func (w *writer) chance(p float64) bool { return w.rand.Float64() < p }

func (w *writer) one(of ...string) string { return of[w.rand.IntN(len(of))] }

// standard registers one of the nation's procedures in the office's own way.
func (w *writer) standard(d catalog.Definition) *portalv1.ProcedureContent {
	c := &portalv1.ProcedureContent{
		Number: d.Number, Definition: d.Number, Title: w.title(d), Desk: w.desk(d.Department),
	}
	c.Online = w.chance(w.online)
	if c.GetOnline() && w.chance(0.4) {
		c.OnlineUrl = w.site + "/" + strings.ToLower(d.Number)
	}
	if w.chance(0.25) {
		c.Summary = d.Summary.Ja +
			w.one("詳しくは"+w.name+"の窓口にお問い合わせください。", w.name+"にお住まいの人が対象です。", "混み合う時期は、時間に余裕をもってお越しください。")
	}
	if w.chance(0.3) && d.Fee != "無料" && d.Fee != "" {
		c.Fee = w.one("1通300円", "1通250円", "1通400円", "窓口300円・オンライン200円", "無料")
	}
	if w.chance(0.2) && d.Deadline.From != "" {
		c.Deadline = d.Deadline.Text + w.one("（郵送は必着）", "（最終日が閉庁日のときは次の開庁日まで）", "（お早めにお手続きください）")
		r := d.Deadline
		c.DeadlineRule = &portalv1.DeadlineRule{From: r.From, Within: r.Within, FirstDay: r.FirstDay, Opens: r.Opens}
	}
	if w.chance(0.5) {
		for _, doc := range d.Content().GetDocuments() {
			if doc.GetNeed() == portalv1.ProcedureDocument_NEED_IF && w.chance(0.2) {
				continue
			}
			c.Documents = append(c.Documents, doc)
		}
		proxy := func(doc *portalv1.ProcedureDocument) bool { return strings.Contains(doc.GetName(), "委任状") }
		if w.chance(0.4) && !slices.ContainsFunc(c.GetDocuments(), proxy) {
			c.Documents = append(c.Documents, &portalv1.ProcedureDocument{
				Name: "委任状", Need: portalv1.ProcedureDocument_NEED_IF, Condition: w.one("代理人が手続きする場合", "同じ世帯でない人が来る場合"),
			})
		}
	}
	if w.chance(0.3) {
		c.Bring = append(slices.Clone(d.Bring), w.one("印鑑（自署する場合は不要）", "届いた通知（お持ちの人）", "ボールペン"))
	}
	if w.chance(0.3) && c.GetOnline() {
		c.Method = append([]string{w.name + "の電子申請のページを開き、マイナンバーカードで本人確認をします。"}, d.Method...)
	}
	if w.chance(0.5) {
		c.Links = w.links(d)
	}
	return c
}

// atCounter registers one of the nation's procedures of which an office has nothing to say but where its counter is.
func (w *writer) atCounter(d catalog.Definition) *portalv1.ProcedureContent {
	c := &portalv1.ProcedureContent{Number: d.Number, Definition: d.Number, Desk: w.desk(d.Department)}
	if w.chance(0.5) {
		c.Links = w.links(d)
	}
	return c
}

func (w *writer) links(d catalog.Definition) []*portalv1.ProcedureLink {
	return []*portalv1.ProcedureLink{
		{Name: w.name + "の案内ページ", Url: "https://www.example.jp/" + w.code + "/" + strings.ToLower(d.Number)},
	}
}

// title names a procedure the way this office names all of them.
func (w *writer) title(d catalog.Definition) string {
	name := d.Name.Ja
	switch {
	case w.style == 0 || w.chance(0.5):
		return ""
	case w.style == 1:
		return "【" + d.Category + "】" + name
	case w.style == 2:
		return name + "（電子申請）"
	case w.style == 3:
		return w.name + " " + name
	case w.style == 4:
		return cut(d.Official + w.one("", "（オンライン）", "（新規・変更）"))
	}
	return cut(d.Official)
}

func cut(s string) string {
	if r := []rune(s); len(r) > 110 {
		return string(r[:110])
	}
	return s
}

func (w *writer) desk(department string) *portalv1.ProcedureDesk {
	if w.chance(0.3) {
		department += w.one(" 管理係", " 給付係", " 窓口係", " 第一係", " 総務担当")
	}
	return &portalv1.ProcedureDesk{
		Department: department, Building: w.building, Address: w.address,
		Phone: fmt.Sprintf("%s-%04d", w.exchange, w.rand.IntN(10000)), Hours: w.hours,
	}
}

// own invents n procedures that only this place has.
func (w *writer) own(n int) []*portalv1.ProcedureContent {
	var list []*portalv1.ProcedureContent
	seen := map[string]bool{}
	order := w.rand.Perm(len(ideas))
	for i := 0; len(list) < n; i++ {
		idea := ideas[order[i%len(order)]]
		title := idea.title
		if i >= len(order) {
			title += w.one("（第2期）", "（追加募集）", "（団体用）", "（再申請）", "（変更）", "（取消）", "（法人用）", "（地域活動）")
		}
		if w.chance(0.15) {
			title = w.name + title
		}
		if w.unlike {
			title = fmt.Sprintf("%s（%s第%d地区）", title, w.name, 1+i)
		}
		if seen[title] {
			title += fmt.Sprintf("（その%d）", i)
		}
		seen[title] = true
		c := &portalv1.ProcedureContent{
			Number: fmt.Sprintf("L%04d", len(list)+1), Title: title, Category: idea.category, Summary: idea.summary,
			Target: w.name + idea.target, Applicant: "本人、または" + w.one("代理人", "同じ世帯の人", "団体の代表者"),
			Online: w.chance(w.online), Signature: idea.signature, Fee: idea.fee, Deadline: idea.deadline,
			Desk: w.desk(idea.department), System: idea.system,
			Bring:  []string{"本人確認書類（マイナンバーカードなど）"},
			Method: []string{"申込書に記入し、" + idea.department + "の窓口に出すか、郵送します。", "結果は文書でお知らせします。"},
			Laws:   []string{w.name + idea.law},
		}
		if w.chance(0.4) {
			c.Documents = []*portalv1.ProcedureDocument{
				{
					Name: w.one("見積書の写し", "領収書の写し", "住民票の写し", "事業計画書", "写真", "位置図"),
					Need: portalv1.ProcedureDocument_NEED_ALWAYS,
				},
			}
		}
		list = append(list, c)
	}
	return list
}

// fill puts a word into the gap of a sentence.
func fill(sentence, word string) string { return strings.Replace(sentence, "%s", word, 1) }
