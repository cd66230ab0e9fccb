package form

import (
	"fmt"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/pagetest"
	engine "madoguchi/proto/form"
)

const texts = `"title":{"ja":"申請","en":"Form"},"section.s":{"ja":"区切り","en":"Section"},` +
	`"why":{"ja":"理由","en":"Why","easy":"わけ"},"why.birth":{"ja":"出生","en":"Birth"},` +
	`"why.other":{"ja":"その他","en":"Other"},"words":{"ja":"内容","en":"Words"},"on":{"ja":"その日","en":"The day"},` +
	`"pay":{"ja":"金額","en":"Amount"},"twice":{"ja":"二倍","en":"Twice"},"fine":{"ja":"同意","en":"Agree"},` +
	`"some":{"ja":"いくつか","en":"Some"},"some.a":{"ja":"甲","en":"A"},"some.b":{"ja":"乙","en":"B"},` +
	`"child":{"ja":"子ども","en":"Children"},"child.row":{"ja":"お子さん","en":"Child"},` +
	`"kana":{"ja":"フリガナ","en":"Kana"},"born":{"ja":"生年月日","en":"Birth"},"paper":{"ja":"書類","en":"Paper"},` +
	`"check.soon":{"ja":"早すぎます","en":"Too soon"},"yes":{"ja":"はいか","en":"Is it"}`

const fields = `{"fields":[{"id":"why","type":"choice","options":["birth","other"],"required":"true"},` +
	`{"id":"words","type":"line","max":"5","show_if":"why == 'other'","required":"true"},` +
	`{"id":"on","type":"day","required":"true","max":"today"},{"id":"pay","type":"yen","prefill":["earlier"]},` +
	`{"id":"twice","type":"int","calc":"pay * 2"},{"id":"fine","type":"agree","required":"true"},` +
	`{"id":"yes","type":"yes"},{"id":"some","type":"choices","options":["a","b"]},` +
	`{"id":"child","type":"rows","min":"1","max":"3","fields":[{"id":"kana","type":"kana","required":"true"},` +
	`{"id":"born","type":"day"}]},{"id":"paper","type":"file","max":"2","accept":["pdf"]}],"id":"s"}`

func sheet(t testing.TB) *Sheet {
	t.Helper()
	f, err := engine.ReadChecked([]byte(`{"checks":[{"at":["on"],"id":"soon","level":"warn","when":"on < today - 100"}],` +
		`"id":"f","sections":[` + fields + `],"sign":"card","texts":{` + texts + `},"version":"1"}`))
	if err != nil {
		t.Fatal(err)
	}
	return New(f, engine.Moment{Today: "2026-11-26", Office: "131105"}, nil)
}

// page draws a section.
type page struct {
	app.Compo
	of   *Sheet
	body func() []app.UI
}

func (p *page) Render() app.UI { return app.Div().Body(p.body()...) }

func drawn(t *testing.T, s *Sheet) string {
	t.Helper()
	return pagetest.Drawn(t, &page{of: s, body: func() []app.UI { return s.Draw("s") }})
}

func at(s *Sheet, id string) *field { return &field{Sheet: s, ID: id} }

func TestQuestionsAreShownByTheAnswers(t *testing.T) {
	ctx, _ := pagetest.Context(t)
	s := sheet(t)
	var changed []string
	s.Changed = func(_ app.Context, id string) { changed = append(changed, id) }
	html := drawn(t, s)
	pagetest.Has(t, html, "理由", "その日", "金額", "二倍", "お子さん 1", "フリガナ")
	pagetest.HasNot(t, html, "内容", "答えてください")
	at(s, "why").set(ctx, engine.TextOf("other"))
	at(s, "pay").input(ctx, "１，２００円")
	html = drawn(t, s)
	pagetest.Has(t, html, "内容", "2,400")
	if got := strings.Join(changed, " "); got != "why pay" {
		t.Errorf("told of %q", got)
	}
	if v := s.Answers["pay"]; v.Int != 1200 {
		t.Errorf("%+v was made of what was typed", v)
	}
	at(s, "pay").input(ctx, " ")
	if _, is := s.Answers["pay"]; is {
		t.Error("what was taken back is still answered")
	}
}

func TestWhatIsWrongIsSaidAtItsQuestion(t *testing.T) {
	ctx, _ := pagetest.Context(t)
	s := sheet(t)
	at(s, "why").set(ctx, engine.TextOf("other"))
	at(s, "words").input(ctx, "あいうえおかき")
	at(s, "on").set(ctx, engine.TextOf("2027-01-01"))
	pagetest.HasNot(t, drawn(t, s), "長すぎます", "以前にしてください")
	faults := s.Check("s")
	html := drawn(t, s)
	pagetest.Has(t, html, "長すぎます。5文字までにしてください。", "2026年11月26日(木)以前にしてください", "同意が必要です")
	if len(faults) != 4 {
		t.Errorf("%d faults: %v", len(faults), faults)
	}
	for _, f := range faults {
		pagetest.Has(t, html, `id="`+f.Field+`"`, `id="`+f.Field+`-error"`)
	}
	if said := faults[0].Message.String(); !strings.HasPrefix(said, "「内容」") {
		t.Errorf("%q does not name the question", said)
	}
	at(s, "on").set(ctx, engine.TextOf("2026-01-01"))
	pagetest.Has(t, drawn(t, s), "早すぎます")
	if s.SectionOf("born") != "s" || s.SectionOf("nothing") != "" {
		t.Error("a question is looked for in another section")
	}
}

func TestRowsComeGoAndComeBack(t *testing.T) {
	ctx, _ := pagetest.Context(t)
	s := sheet(t)
	r := &rows{Sheet: s, ID: "child", ctx: ctx}
	kana := func(i int, typed string) {
		(&field{Sheet: s, ID: "kana", Row: s.rowsOf("child")[i]}).input(ctx, typed)
	}
	kana(0, "あや")
	r.add(ctx)
	kana(1, "いと")
	r.add(ctx)
	kana(2, "うみ")
	read := func() (list []string) {
		for _, row := range s.Answers["child"].Rows {
			list = append(list, row["kana"].Text)
		}
		return list
	}
	r.remove(ctx, s.rowsOf("child")[1])
	if got := read(); strings.Join(got, " ") != "アヤ ウミ" {
		t.Errorf("after one went: %v", got)
	}
	if v := s.rowsOf("child")[1]; v.row != 1 || v.key != 2 {
		t.Errorf("the last is row %d, key %d", v.row, v.key)
	}
	pagetest.Has(t, drawn(t, s), "お子さん 2")
	r.restore(ctx)
	if got := read(); strings.Join(got, " ") != "アヤ イト ウミ" {
		t.Errorf("after it came back: %v", got)
	}
	// Another device's rows take the place of all.
	s.Put(engine.Answers{"child": engine.RowsOf(engine.Answers{"kana": engine.TextOf("エマ")})})
	if got := read(); strings.Join(got, " ") != "エマ" {
		t.Errorf("after the other device's: %v", got)
	}
}

func TestNothingIsOverwrittenUnasked(t *testing.T) {
	ctx, _ := pagetest.Context(t)
	s := sheet(t)
	source := textFromPostal
	at(s, "pay").input(ctx, "5")
	if s.Fill(Spot{Field: "pay", Row: -1}, engine.IntOf(7), source) || s.Answers["pay"].Int != 5 {
		t.Error("what was typed is overwritten")
	}
	fills := func(id string, row int, v engine.Value) bool { return s.Fill(Spot{Field: id, Row: row}, v, source) }
	if fills("twice", -1, engine.IntOf(7)) || fills("none", -1, engine.IntOf(7)) ||
		fills("kana", -1, engine.TextOf("ア")) || fills("kana", 7, engine.TextOf("ア")) {
		t.Error("fills in what cannot be")
	}
	if !fills("on", -1, engine.TextOf("2026-11-20")) || !fills("kana", 0, engine.TextOf("アヤ")) ||
		!fills("kana", 1, engine.TextOf("イト")) {
		t.Error("does not fill in what is empty")
	}
	fields := s.Filled()
	if len(fields) != 2 {
		t.Errorf("filled %v", fields)
	}
	html := drawn(t, s)
	if strings.Count(html, source.String()) != 3 {
		t.Errorf("does not say from where: %s", html)
	}
	at(s, "on").set(ctx, engine.TextOf("2026-11-21"))
	if strings.Count(drawn(t, s), source.String()) != 2 {
		t.Error("says of a typed answer that it came from elsewhere")
	}
}

func TestOnlyWhatIsOpenIsChanged(t *testing.T) {
	ctx, _ := pagetest.Context(t)
	s := sheet(t)
	at(s, "why").set(ctx, engine.TextOf("birth"))
	s.Open = func(id string) bool { return id == "child" }
	html := drawn(t, s)
	pagetest.Has(t, html, "出生", `id="f-kana-0"`)
	pagetest.HasNot(t, html, `value="birth"`, `name="f-pay"`)
	if s.Fill(Spot{Field: "pay", Row: -1}, engine.IntOf(1), textFromPostal) {
		t.Error("fills in what is locked")
	}
}

func TestWhatWasChangedIsMarked(t *testing.T) {
	ctx, _ := pagetest.Context(t)
	s := sheet(t)
	at(s, "why").set(ctx, engine.TextOf("birth"))
	at(s, "pay").input(ctx, "1200")
	before := engine.Answers{"why": engine.TextOf("birth"), "pay": engine.IntOf(900)}
	html := pagetest.Drawn(t, &page{body: func() []app.UI { return Review(s.Result, s.Form, before, nil) }})
	pagetest.Has(t, html, "出生", "1,200円", "900円", "変わったところ", "お子さん 1")
	pagetest.HasNot(t, html, ">内容<")
	if strings.Count(html, "変わったところ") != 1+1 { // the calculation with it
		t.Errorf("marks other things: %s", html)
	}
}

func TestEveryFaultHasWords(t *testing.T) {
	f := sheet(t).Form
	other := Words(f, engine.Fault{Code: engine.CodeOption}).String()
	for _, code := range []lang.Code{lang.Japanese, lang.English, lang.Easy} {
		pagetest.In(t, code)
		for _, c := range []engine.Code{
			engine.CodeRequired, engine.CodeAgree, engine.CodeKind, engine.CodeLong, engine.CodeSigns,
			engine.CodePrivate,
			engine.CodeKana, engine.CodeDigits, engine.CodeDay, engine.CodeEarly, engine.CodeLate, engine.CodeSmall,
			engine.CodeLarge, engine.CodeTel, engine.CodeMail, engine.CodePostal, engine.CodePlace, engine.CodeHolder,
			engine.CodeInsurer, engine.CodeFew, engine.CodeMany, engine.CodeFileType, engine.CodeFileSize,
			engine.CodeFileBroke, engine.CodeOption,
		} {
			said := Words(f, engine.Fault{Code: c, Limit: "3"}).String()
			if said == "" || strings.Contains(said, "{") || c != engine.CodeOption && said == other {
				t.Errorf("%s, %s: %q", code, c, said)
			}
		}
	}
	pagetest.In(t, lang.Japanese)
	for limit, want := range map[string]string{"2026-11": "2026年11月（令和8年）", "2026-11-26": "2026年11月26日(木)"} {
		said := Words(f, engine.Fault{Code: engine.CodeEarly, Limit: limit}).String()
		if !strings.Contains(said, want) {
			t.Errorf("%s is read as %s", limit, said)
		}
	}
}

// large is a form of 200 questions and 100 rows of five.
func large(t testing.TB) *Sheet {
	t.Helper()
	var list, words []string
	for i := range 200 {
		list = append(list, fmt.Sprintf(`{"id":"q%d","type":"line","max":"40","required":"answered(q0)"}`, i))
		words = append(words, fmt.Sprintf(`"q%d":{"ja":"問い","en":"Question"}`, i))
	}
	var inner []string
	for i := range 5 {
		inner = append(inner, fmt.Sprintf(`{"id":"r%d","type":"int","show_if":"answered(q1)"}`, i))
	}
	list = append(list, `{"id":"rows","type":"rows","max":"100","fields":[`+strings.Join(inner, ",")+`]}`)
	f, err := engine.ReadChecked([]byte(`{"id":"f","sections":[{"fields":[` + strings.Join(list, ",") +
		`],"id":"s"}],"sign":"card","texts":{` + strings.Join(words, ",") + `},"version":"1"}`))
	if err != nil {
		t.Fatal(err)
	}
	answers := engine.Answers{"q1": engine.TextOf("x")}
	var of []engine.Answers
	for range 100 {
		of = append(of, engine.Answers{"r0": engine.IntOf(1), "r1": engine.IntOf(2)})
	}
	answers["rows"] = engine.RowsOf(of...)
	return New(f, engine.Moment{Today: "2026-11-26"}, answers)
}

// BenchmarkKey is what a key costs beside the drawing of its own field: one evaluation, a look at all that is shown.
func BenchmarkKey(b *testing.B) {
	s := large(b)
	for id := range s.fields {
		if s.within[id] == "" && id != "rows" {
			f := at(s, id)
			f.drawn = f.look()
			s.mounted[f.seat()] = f
		}
	}
	for _, row := range s.rowsOf("rows") {
		for i := range 5 {
			f := &field{Sheet: s, ID: fmt.Sprintf("r%d", i), Row: row}
			f.drawn = f.look()
			s.mounted[f.seat()] = f
		}
	}
	var ctx app.Context
	keyed := at(s, "q7")
	for b.Loop() {
		keyed.typed = "あいう"
		s.set(ctx, "q7", nil, engine.TextOf("あいう"))
	}
}

// Where a source says otherwise than what is answered, both are shown until the person chooses.
func TestBothAnswersAreShownUntilOneIsChosen(t *testing.T) {
	ctx, _ := pagetest.Context(t)
	s := sheet(t)
	var told []string
	s.Changed = func(_ app.Context, id string) { told = append(told, id) }
	if filled, asks := s.Offer("pay", engine.IntOf(7), textFromPostal); !filled || asks {
		t.Error("an empty question is not filled in")
	}
	if filled, asks := s.Offer("pay", engine.IntOf(7), textFromPostal); filled || asks {
		t.Error("the same again is a question")
	}
	if filled, asks := s.Offer("pay", engine.IntOf(9), textFromPostal); filled || !asks || s.Choices() != 1 {
		t.Error("another answer is not asked about")
	}
	html := drawn(t, s)
	pagetest.Has(t, html, "question-offer", ">9円<", "別の内容が見つかりました", "この内容にする", "今の内容のままにする")
	s.choose(ctx, Spot{Field: "pay", Row: -1}, false)
	if s.Answers["pay"].Int != 7 || s.Choices() != 0 {
		t.Error("what was there did not stay")
	}
	s.Offer("pay", engine.IntOf(9), textFromPostal)
	s.choose(ctx, Spot{Field: "pay", Row: -1}, true)
	if s.Answers["pay"].Int != 9 || strings.Join(told, " ") != "pay" {
		t.Errorf("%d, told %v", s.Answers["pay"].Int, told)
	}
	s.Offer("pay", engine.IntOf(11), textFromPostal)
	at(s, "pay").input(ctx, "12")
	if s.Choices() != 0 {
		t.Error("an offer outlives what was typed after it")
	}
	if _, asks := s.Offer("twice", engine.IntOf(1), textFromPostal); asks {
		t.Error("a calculation is asked about")
	}
}

func TestDifferencesAreBeforeAndAfter(t *testing.T) {
	s := sheet(t)
	before := engine.Answers{
		"pay": engine.IntOf(5), "why": engine.TextOf("birth"),
		"child": engine.RowsOf(
			engine.Answers{"kana": engine.TextOf("アヤ")}, engine.Answers{"kana": engine.TextOf("イト")},
		),
	}
	now := engine.Answers{
		"pay": engine.IntOf(6), "why": engine.TextOf("birth"),
		"child": engine.RowsOf(engine.Answers{"kana": engine.TextOf("アヤ")}),
	}
	rows := Differences(s.Form, before, now)
	html := drawnRows(t, rows)
	if len(rows) != 2 {
		t.Errorf("%d differences: %s", len(rows), html)
	}
	pagetest.Has(t, html, "金額", "前の内容:", ">5円<", "今の内容:", ">6円<", "お子さん 2のフリガナ", "イト", "—")
	if same := Differences(s.Form, now, now); len(same) != 0 {
		t.Errorf("%d differences of the same", len(same))
	}
}

func drawnRows(t *testing.T, rows []kit.Row) string {
	t.Helper()
	return pagetest.Drawn(t, &page{body: func() []app.UI { return []app.UI{kit.Facts(rows...)} }})
}
