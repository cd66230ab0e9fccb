package form

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// definition is one with the fields and whatever more is said, and with all texts that it needs.
func definition(fields, more string) string {
	n, err := ParseJSON([]byte(`{"sections":[{"id":"s","fields":[` + fields + `]}]` + more + `}`))
	if err != nil {
		panic(fmt.Sprintf("%v in %s", err, fields))
	}
	texts := map[string]Text{}
	say := func(key string) { texts[key] = Text{"言葉", "word", "ことば"} }
	say("title")
	var walk func(n Node)
	walk = func(n Node) {
		id, options, rows := "", []string(nil), false
		for i, key := range n.Keys {
			switch item := n.Items[i]; key.Name {
			case "id":
				id = item.Text
			case "options":
				for _, o := range item.Items {
					options = append(options, o.Text)
				}
			case "sections", "fields":
				rows = key.Name == "fields"
				for _, inner := range item.Items {
					walk(inner)
				}
			case "checks":
				for _, c := range item.Items {
					for j, k := range c.Keys {
						if k.Name == "id" {
							say("check." + c.Items[j].Text)
						}
					}
				}
			}
		}
		switch {
		case id == "s":
			say("section.s")
		case id != "":
			say(id)
			if rows {
				say(id + ".row")
			}
			for _, o := range options {
				say(id + "." + o)
			}
		}
	}
	walk(n)
	var w writer
	w.texts(texts)
	return `{"schema":1,"id":"a-form","version":"1","procedure":"P1","valid_from":"2026-04-01","laws":["法"],` +
		`"sign":"card","applicant":["self"],"retention_years":1,"decision":{"outcomes":["accept"]},` +
		`"sections":[{"id":"s","fields":[` + fields + `]}]` + more + `,"texts":` + string(w.out) + `}`
}

func read(t testing.TB, fields, more string) *Form {
	t.Helper()
	f, err := Read([]byte(definition(fields, more)))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

var today = Moment{Today: "2026-11-26", Office: "131105"}

const everyKind = `
{"id":"i","type":"int"},{"id":"j","type":"int"},{"id":"d","type":"day"},{"id":"m","type":"month"},
{"id":"t","type":"line"},
{"id":"y","type":"yes"},{"id":"a","type":"agree"},{"id":"c","type":"choice","options":["x","z"]},
{"id":"cs","type":"choices","options":["x","z"]},{"id":"f","type":"file","accept":["pdf"],"max":3},
{"id":"none","type":"int"},{"id":"hidden","type":"int","show_if":"false"},
{"id":"r","type":"rows","max":5,"fields":[{"id":"rn","type":"int"},{"id":"rd","type":"day"}]}`

func filled() Answers {
	return Answers{
		"i": IntOf(7), "j": IntOf(-2), "d": TextOf("2008-02-29"), "m": TextOf("2026-04"), "t": TextOf("山田"),
		"y": BoolOf(true), "a": BoolOf(false), "c": TextOf("x"), "cs": TextsOf("x"), "hidden": IntOf(1),
		"f": FilesOf(File{}, File{}),
		"r": RowsOf(
			Answers{"rn": IntOf(3)}, Answers{"rn": IntOf(1), "rd": TextOf("2026-01-01")}, Answers{"rn": IntOf(3)},
		),
	}
}

// Each expression with what it gives, "" where that is empty.
func TestExpressions(t *testing.T) {
	for _, c := range [][3]string{
		{"int", "i + j * 2", "3"}, {"int", "(i + j) * 2", "10"}, {"int", "i - -2", "9"}, {"int", "div(i, j)", "-4"},
		{"int", "div(i, 0)", ""}, {"int", "div(-7, -2)", "3"}, {"int", "none + 1", ""}, {"int", "hidden + 1", ""},
		{"int", "9007199254740991 + 1", ""}, {"int", "9007199254740991 * 9007199254740991", ""},
		{"int", "-9007199254740991 - 1", ""}, {"int", "min(i, j)", "-2"}, {"int", "max(i, j)", "7"},
		{"int", "if(i > 3, 1, 2)", "1"}, {"int", "if(none > 3, 1, 2)", "2"}, {"int", "age(d, today)", "18"},
		{"int", "age(today + 1, today)", ""}, {"int", "year(m)", "2026"}, {"int", "month(m)", "4"},
		{"int", "day_of_month(d)", "29"}, {"int", "length(t)", "2"}, {"int", "today - (today - 14)", "14"},
		{"int", "count(r)", "3"}, {"int", "count(r, rn == 3)", "2"}, {"int", "count(r, rn > i)", "0"},
		{"int", "sum(r, rn)", "7"}, {"int", "sum(r, rn * 2 + i)", "35"}, {"int", "sum(r, year(rd))", ""},
		{"int", "count(f)", "2"}, {"day", "reached(d, 18)", "2026-02-28"},
		{"day", "march_end(reached(d, 18))", "2026-03-31"},
		{"day", "today + 30", "2026-12-26"}, {"day", "today + 1000000", ""}, {"day", "reached(d, 301)", ""},
		{"day", "add_months(d, 12)", "2009-02-28"}, {"day", "add_months(d, 5000)", ""}, {"month", "m + 31", "2026-05"},
		{"day", "max(d, today)", "2026-11-26"}, {"line", "if(y, 'はい', 'いいえ')", "はい"}, {"line", "office", "131105"},
		{"line", "account_name('やまだ　しょう')", "ヤマダ シヨウ"},
		{"yes", "i > 3 && j < 0", "true"}, {"yes", "i < 3 || !y", "false"}, {"yes", "c == 'x'", "true"},
		{"yes", "c != 'x'", "false"}, {"yes", "c in ['x', 'z']", "true"}, {"yes", "'z' in cs", "false"},
		{"yes", "none == none", "false"}, {"yes", "none != 1", "false"}, {"yes", "!(none == 1)", "true"},
		{"yes", "answered(i)", "true"}, {"yes", "answered(none)", "false"}, {"yes", "answered(a)", "false"},
		{"yes", "answered(hidden)", "false"}, {"yes", "answered(r) && answered(f)", "true"}, {"yes", "a", "false"},
		{"yes", "any(r, rn == 1)", "true"}, {"yes", "all(r, rn >= 1)", "true"}, {"yes", "all(r, rn > 1)", "false"},
		{"yes", "d <= today && today >= d", "true"}, {"yes", "y == true", "true"}, {"yes", "true", "true"},
		{"yes", "((((((((((y))))))))))", "true"},
	} {
		f := read(t, everyKind+`,{"id":"it","type":"`+c[0]+`","calc":`+string(appendText(nil, c[1]))+`}`, "")
		got := f.Evaluate(filled(), today).Computed("it", -1)
		text := got.Text
		switch got.Kind {
		case IntAnswer:
			text = fmt.Sprint(got.Int)
		case BoolAnswer:
			text = fmt.Sprint(got.Bool)
		}
		if text != c[2] {
			t.Errorf("%s is %q, want %q", c[1], text, c[2])
		}
	}
}

// Each expression with a part of what is said of it.
func TestExpressionsThatMeanNothing(t *testing.T) {
	deep := strings.Repeat("(", 30) + "y" + strings.Repeat(")", 30)
	for _, c := range [][2]string{
		{"", "式を書いてください"}, {"y &&", "途中で終わって"}, {"y y", "ここから先が読めません"}, {"nobody", "「nobody」という項目はありません"},
		{"i", "はい・いいえが要りますが、数です"}, {"i == 'x'", "数が要りますが、文字です"}, {"c == 'q'", "選択肢にありません"},
		{"'q' == c", "選択肢にありません"}, {"c in ['x', 'q']", "選択肢にありません"}, {"'q' in cs", "選択肢にありません"}, {"d > 3", "日付が要りますが"},
		{"rn == 1", "繰返し「r」の中"}, {"count(i)", "繰返しの名前"}, {"count(r, rn)", "はい・いいえが要ります"}, {"count()", "数が合いません"},
		{"any(r, count(r) > 1)", "rank"}, {"rank(i) == 1", "rank には"}, {"f == f", "比べられません"}, {"t < t", "大小は比べられません"},
		{"t + t == t", "計算できません"}, {"d + d == d", "計算できません"}, {"eval('x')", "という関数はありません"}, {"age(d) == 1", "2個です"},
		{"y == 'x", "閉じていません"}, {"i in [1, 2]", "['a', 'b'] の形"}, {"1 == 99999999999999999", "数として読めません"},
		{deep, "かっこが深すぎます"},
		{strings.Repeat("!", 30) + "y", "かっこが深すぎます"}, {strings.Repeat("y || ", 199) + "y", "込み入りすぎ"},
		{"y; y", "ここから先が読めません"},
		{"i == 3x", "数として読めません"}, {"y\u202e", "ここから先"}, {"1 < i < 3", "ここから先"}, {"answered(1)", "項目の名前"},
		{"if(y, f, f) == f", "使えない種類"}, {strings.Repeat("y||", 400) + "y", "長すぎます"},
	} {
		fields := everyKind + `,{"id":"it","type":"line","show_if":` + string(appendText(nil, c[0])) + `}`
		_, err := Read([]byte(definition(fields, "")))
		if err == nil || !strings.Contains(err.Error(), c[1]) {
			t.Errorf("of %.60s it says %v, want %s", c[0], err, c[1])
		}
	}
}

func TestHostileDefinitions(t *testing.T) {
	many := func(count int, of string) string {
		var b strings.Builder
		for i := range count {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, of, i)
		}
		return b.String()
	}
	good := definition(`{"id":"a","type":"int"}`, "")
	for name, c := range map[string][2]string{
		"nothing":          {"", "JSONの形では"},
		"half":             {good[:len(good)/2], "JSONの形では"},
		"something behind": {good + "{}", "終わりの後ろ"},
		"no object":        {`[1]`, "オブジェクト"},
		"deep":             {strings.Repeat(`{"a":`, 100_000), "入れ子が深すぎ"},
		"deep lists":       {strings.Repeat(`[`, 100_000), "入れ子が深すぎ"},
		"not UTF-8":        {`{"id":"` + "\xff" + `"}`, "UTF-8"},
		"half a character": {`{"id":"\ud800"}`, "JSONの形では"},
		"too large":        {`{"id":"` + strings.Repeat("a", MaxBytes) + `"}`, "1 MB"},
		"a name twice":     {`{"id":"a","id":"b"}`, "二度書かれて"},
		"a fraction":       {`{"schema":1.0}`, "小数"},
		"another format":   {strings.Replace(good, `"schema":1`, `"schema":2`, 1), "schema: 1から1まで"},
		"an unknown key":   {strings.Replace(good, `"schema":1`, `"schema":1,"onload":"x"`, 1), "「onload」という項目はありません"},
		"an unknown type":  {definition(`{"id":"a","type":"html"}`, ""), "のどれかに"},
		"an id of its own": {definition(`{"id":"__proto__","type":"int"}`, ""), "名前に使えません"},
		"a reserved id":    {definition(`{"id":"today","type":"int"}`, ""), "名前に使えません"},
		"two of an id":     {definition(`{"id":"a","type":"int"},{"id":"a","type":"int"}`, ""), "もう一つあります"},
		"an id in rows too": {definition(`{"id":"a","type":"int"},`+
			`{"id":"r","type":"rows","max":2,"fields":[{"id":"a","type":"int"}]}`, ""), "もう一つあります"},
		"rows in rows": {definition(`{"id":"r","type":"rows","max":2,"fields":[{"id":"q","type":"rows","max":2,"fields":[{"id":"a","type":"int"}]}]}`, ""),
			"繰返しの中に繰返し"},
		"endless rows": {definition(`{"id":"r","type":"rows","max":1000000000,"fields":[{"id":"a","type":"int"}]}`,
			""), "100までの整数"},
		"rows without end": {definition(`{"id":"r","type":"rows","fields":[{"id":"a","type":"int"}]}`, ""),
			"「max」が要ります"},
		"more than at most": {definition(`{"id":"r","type":"rows","min":3,"max":2,"fields":[{"id":"a","type":"int"}]}`,
			""), "min が max より"},
		"a bank of five digits":   {definition(`{"id":"x_bank","type":"digits","length":5,"register":"bank"}`, ""), "length: 4"},
		"a branch of four digits": {definition(`{"id":"x_branch","type":"digits","length":4,"register":"branch"}`, ""), "length: 3"},
		"a branch without a bank": {definition(`{"id":"x_branch","type":"digits","length":3,"register":"branch"}`, ""),
			"金融機関の項目が要ります"},
		"a branch of no bank": {definition(`{"id":"x_bank","type":"digits","length":4},`+
			`{"id":"x_branch","type":"digits","length":3,"register":"branch"}`, ""), "金融機関の項目が要ります"},
		"a bank of letters": {definition(`{"id":"a","type":"line","register":"bank"}`, ""), "「register」は書けません"},
		"too many fields":   {definition(many(501, `{"id":"a%d","type":"int"}`), ""), "多すぎます"},
		"no fields":         {definition(``, ""), "一つ以上"},
		"a circle": {definition(`{"id":"a","type":"int","show_if":"b == 1"},`+
			`{"id":"b","type":"int","show_if":"c == 1"},`+
			`{"id":"c","type":"int","show_if":"a == 1"}`, ""), "a → b → c → a"},
		"a circle of sums": {definition(`{"id":"a","type":"int","calc":"b + 1"},{"id":"b","type":"int","calc":"a + 1"}`,
			""),
			"回っています"},
		"of itself": {definition(`{"id":"a","type":"int","show_if":"a == 1"}`, ""), "a → a"},
		"through rows": {definition(`{"id":"a","type":"int","calc":"sum(r, b)"},`+
			`{"id":"r","type":"rows","max":2,"show_if":"a == 1","fields":[{"id":"b","type":"int"}]}`, ""), "回っています"},
		"an option twice":  {definition(`{"id":"a","type":"choice","options":["x","x"]}`, ""), "二度書かれて"},
		"one option":       {definition(`{"id":"a","type":"choice","options":["x"]}`, ""), "「options」が要ります"},
		"a filled consent": {definition(`{"id":"a","type":"agree","prefill":["earlier"]}`, ""), "「prefill」は書けません"},
		"a linked account": {definition(`{"id":"a","type":"holder","link":true}`, ""), "「link」は書けません"},
		"linked mail":      {definition(`{"id":"a","type":"mail","link":true}`, ""), "「link」は書けません"},
		"linked free text": {definition(`{"id":"a","type":"lines","link":true}`, ""), "「link」は書けません"},
		"from anywhere": {definition(`{"id":"a","type":"line","prefill":["https://example.com"]}`, ""),
			"からは入力できません"},
		"a script to take": {definition(`{"id":"a","type":"file","accept":["html"],"max":1}`, ""), "のどれかに"},
		"too dear": {definition(
			many(12, `{"id":"r%[1]d","type":"rows","max":100,"fields":[{"id":"b%[1]d","type":"int"}]}`)+
				`,{"id":"q","type":"rows","max":100,"fields":[`+
				many(60, `{"id":"x%d","type":"int","calc":"count(r1, b1 > 1) + count(r2, b2 > 1) + count(r3, b3 > 1)"}`)+
				`]}`, ""), "調べきれません"},
		"a check of nothing": {definition(`{"id":"a","type":"int"}`, `,"checks":[{"id":"c","when":"true","at":[]}]`),
			"どの項目に示すか"},
		"a check of nobody": {definition(`{"id":"a","type":"int"}`, `,"checks":[{"id":"c","when":"true","at":["b"]}]`),
			"という項目はありません"},
		"a wrong cosigner": {definition(`{"id":"a","type":"int"}`, `,"cosign":{"name":"a","birth":"a"}`),
			"種類 name の項目では"},
		"a wrong deadline": {definition(`{"id":"a","type":"int"}`, `,"deadline":{"from":"a","days":1}`),
			"種類 day の項目では"},
		"ends before": {strings.Replace(good, `"valid_from"`, `"valid_until":"2020-01-01","valid_from"`, 1),
			"valid_from より前"},
		"a turned title": {strings.ReplaceAll(good, "言葉", `言\u202e葉`), "文字の向きを変える文字"},
		"a hidden title": {strings.ReplaceAll(good, "言葉", `言\u200b葉`), "見えない文字"},
		"a bell":         {strings.ReplaceAll(good, "言葉", `言\u0007葉`), "制御文字"},
		"a long text":    {strings.ReplaceAll(good, "言葉", strings.Repeat("言", 1001)), "1000文字まで"},
		"no text":        {strings.Replace(good, `"title":`, `"titel":`, 1), "この文言がありません"},
		"a text of nobody": {strings.Replace(good, `"texts":{`, `"texts":{"b":{"ja":"x","en":"x"},`, 1),
			"どの項目の文言でもありません"},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := Read([]byte(c[0]))
			if err == nil || f != nil || !strings.Contains(err.Error(), c[1]) {
				t.Errorf("it says %v, want %s", err, c[1])
			}
			if err != nil && !strings.Contains(err.Error(), "行目") {
				t.Errorf("it does not say where: %v", err)
			}
		})
	}
}

func TestAnAnswerIsSaidWithItsLine(t *testing.T) {
	_, err := Read([]byte(definition("\n\n"+`{"id":"a","type":"int","show_if":"b == 1"}`, "")))
	if err == nil || !strings.HasPrefix(err.Error(), "3行目 sections.s.a.show_if: 式の1文字目: ") {
		t.Errorf("%v", err)
	}
}

func TestAnswersThatCannotBeRead(t *testing.T) {
	f := read(t, everyKind, "")
	for _, bad := range []string{
		"", "[]", "null", `{"i":1.5}`, `{"i":99999999999999999}`, `{"r":[1]}`, `{"r":[{"rn":{}}]}`, `{"f":["x"]}`,
		`{"f":[{"name":"a"}]}`, `{"f":[{"name":"a","type":"pdf","size":-1,"sha256":""}]}`, `{"t":{}}`, `{"cs":[1]}`,
		`{"i":1,"i":2}`, strings.Repeat("[", 1000),
		`{"f":[{"name":"a","type":"pdf","size":1,"sha256":"","path":"/etc"}]}`,
	} {
		if answers, err := f.ReadAnswers([]byte(bad)); err == nil {
			t.Errorf("%s is read as %s", bad, answers.Canonical())
		}
	}
}

func TestTooManyRowsAreSaid(t *testing.T) {
	f := read(t, everyKind, "")
	rows := make([]Answers, 10_000)
	for i := range rows {
		rows[i] = Answers{"rn": IntOf(1)}
	}
	result := f.Evaluate(Answers{"r": RowsOf(rows...)}, today)
	if len(result.Faults) != 1 || result.Faults[0].Code != CodeMany || result.Faults[0].Limit != "5" {
		t.Errorf("%+v", result.Faults)
	}
}

func TestWhatWasTypedIsPutRight(t *testing.T) {
	f := read(t, `{"id":"k","type":"kana"},{"id":"d","type":"day"},{"id":"m","type":"month"},{"id":"i","type":"int"},
{"id":"p","type":"postal"},{"id":"t","type":"tel"},{"id":"n","type":"digits","length":7,"pad":true},
{"id":"y","type":"yen"},{"id":"h","type":"holder"},
{"id":"e","type":"mail"},{"id":"l","type":"lines"},{"id":"o","type":"line"},{"id":"b","type":"yes"}`, "")
	for _, c := range [][3]string{
		{"k", "ﾔﾏﾀﾞ ﾊﾅｺ", `"ヤマダ　ハナコ"`}, {"k", "やまだ  はなこ", `"ヤマダ　ハナコ"`}, {"d", "令和8年11月26日", `"2026-11-26"`},
		{"d", "Ｓ６４．１．７", `"1989-01-07"`}, {"d", "2026/2/30", `"2026/2/30"`}, {"m", "令和8年4月", `"2026-04"`},
		{"m", "2026年4月分", `"2026-04"`},
		{"n", "１２３４５", `"0012345"`}, {"p", "〒153−0051", `"1530051"`}, {"t", "０９０−１２３４−５６７８", `"090-1234-5678"`},
		{"t", "(03)1234-5678", `"03-1234-5678"`}, {"i", "１２", "12"}, {"i", "twelve", `"twelve"`}, {"y", "12,000円",
			"12000"},
		{"h", "やまだ　しょうた", `"ヤマダ シヨウタ"`}, {"e", "ｔａｒｏ＠example.jp", `"taro@example.jp"`}, {"l", " a\r\nb ", `"a\nb"`},
		{"o", "a\u200b\tb", `"a b"`}, {"b", "true", "true"}, {"nobody", "x", "null"},
	} {
		if got := string(f.Clean(c[0], c[1]).append(nil)); got != c[2] {
			t.Errorf("%s: %q became %s, want %s", c[0], c[1], got, c[2])
		}
	}
}

// What would be signed is what the portal makes of it again, whatever was filled in.
func TestWhatIsSignedStaysAsItIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := chance(rapid.Uint64().Draw(t, "seed"))
		f, answers := randomCase(r)
		once := f.Evaluate(answers, today)
		for id := range once.Answers() {
			if !once.Shown(id, -1) {
				t.Fatalf("%s is hidden, and would be signed", id)
			}
		}
		again, err := f.ReadAnswers(once.Answers().Canonical())
		if err != nil {
			t.Fatalf("what would be signed cannot be read: %v", err)
		}
		twice := f.Evaluate(again, today)
		if a, b := once.Answers().Canonical(), twice.Answers().Canonical(); string(a) != string(b) {
			t.Fatalf("evaluated once\n%s\nand again\n%s", a, b)
		}
		if once.Fine() && !slices.Equal(once.Faults, twice.Faults) {
			t.Fatalf("it says\n%v\nand then\n%v", once.Faults, twice.Faults)
		}
		envelope := Envelope{Language: "ja", Origin: "https://portal.example.jp", Office: today.Office, Nonce: "n"}
		if once.Fine() && string(once.Document(envelope)) != string(twice.Document(envelope)) {
			t.Fatal("the portal would sign something else than the page")
		}
	})
}

// A definition is the same after it was published and read again.
func TestDefinitionsArePublishedWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, _ := randomCase(chance(rapid.Uint64().Draw(t, "seed")))
		again, err := Read(f.Canonical())
		if err != nil {
			t.Fatal(err)
		}
		if again.Hash() != f.Hash() || len(Changes(f, again, nil)) != 0 {
			t.Fatalf("%s\nbecame\n%s", f.Canonical(), again.Canonical())
		}
	})
}

// What nobody has checked ends the page's reading, not the page.
func TestWhatWasNotCheckedIsRefused(t *testing.T) {
	for name, fields := range map[string]string{
		"a circle":    `{"id":"a","type":"yes","show_if":"b"},{"id":"b","type":"yes","show_if":"a"}`,
		"no field":    `{"id":"a","type":"yes","show_if":"b"}`,
		"no function": `{"id":"a","type":"yes","show_if":"f(1)"}`,
		"too few":     `{"id":"a","type":"int","calc":"div(1)"}`,
		"nothing":     `{"id":"a","type":"int","calc":"count()"}`,
	} {
		definition := `{"sections":[{"id":"s","fields":[` + fields + `]}]}`
		if _, err := ReadChecked([]byte(definition)); err == nil {
			t.Errorf("%s: is read", name)
		}
	}
	if _, err := ReadChecked([]byte(`{"sections":`)); err == nil {
		t.Error("half a definition is read")
	}
}

func FuzzDefinition(f *testing.F) {
	f.Add([]byte(definition(everyKind, "")))
	f.Add([]byte(definition(`{"id":"a","type":"int"}`, `,"checks":[{"id":"c","when":"a > 1","at":["a"]}]`)))
	f.Fuzz(func(t *testing.T, data []byte) {
		form, err := Read(data)
		if err != nil {
			return
		}
		again, err := Read(form.Canonical())
		if err != nil || again.Hash() != form.Hash() {
			t.Fatalf("published, it is another: %v", err)
		}
		form.Evaluate(Answers{}, today)
	})
}

func FuzzExpression(f *testing.F) {
	for _, s := range []string{"i + 1 > j", "count(r, rn > 1) == 2", "c in ['x']", "age(d, today) >= 18", "!(y || a)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := parseExpression(text)
		if err != nil {
			return
		}
		form := read(t, everyKind, "")
		if err := (scope{byID: form.byID}).check(e); err != nil {
			return
		}
		result := form.Evaluate(filled(), today)
		v := result.state.value(e)
		if v.n > maxLiteral || v.n < -maxLiteral {
			t.Fatalf("%s is %d", text, v.n)
		}
	})
}

func FuzzAnswers(f *testing.F) {
	f.Add(filled().Canonical())
	f.Add([]byte(`{"r":[{"rn":1}],"f":[{"name":"a","type":"pdf","size":1,"sha256":"x"}],"x":1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		form := read(t, everyKind, "")
		answers, err := form.ReadAnswers(data)
		if err != nil {
			return
		}
		result := form.Evaluate(answers, today)
		again, err := form.ReadAnswers(result.Answers().Canonical())
		if err != nil {
			t.Fatal(err)
		}
		a, b := result.Answers().Canonical(), form.Evaluate(again, today).Answers().Canonical()
		if string(a) != string(b) {
			t.Fatalf("evaluated once\n%s\nand again\n%s", a, b)
		}
		if n, err := ParseJSON(answers.Canonical()); err != nil || n.Kind != ObjectNode {
			t.Fatal(err)
		}
	})
}
