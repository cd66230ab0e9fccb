package say_test

import (
	"testing"
	"testing/fstest"

	"madoguchi/static/text/say"
	"madoguchi/static/text/say/saytest"
)

const (
	head   = "msgid \"\"\nmsgstr \"\"\n"
	one    = head + "\"Plural-Forms: nplurals=1; plural=0;\\n\"\n"
	two    = head + "\"Plural-Forms: nplurals=2; plural=(n != 1);\\n\"\n"
	days   = "\nmsgctxt \"textDays\"\nmsgid \"{count}日\\n{who}《》へ\"\nmsgid_plural \"{count}日\\n{who}《》へ\"\n"
	noted  = "\n#. {who} text: a name\n#. {count} number: days"
	reader = "\nmsgctxt \"textReader\"\nmsgid \"人\"\n"
)

func use(t *testing.T) {
	t.Helper()
	files := fstest.MapFS{}
	for path, content := range map[string]string{
		"lang/ja.pot":  one + "\"X-Name: 日本語\\n\"\n\"X-Order: 1\\n\"\n",
		"lang/en.po":   two + "\"X-Name: English\\n\"\n\"X-Order: 2\\n\"\n",
		"lang/easy.po": one + "\"X-Name: やさしい\\n\"\n\"X-Order: 3\\n\"\n\"X-Readings: yes\\n\"\n",
		"lang/pt.po":   two + "\"X-Name: Português\\n\"\n\"X-Order: 4\\n\"\n\"X-Data: en\\n\"\n",
		"portal-bell/ja.pot": one + "\"X-Room: backend/bell\\n\"\n" + noted + days + "msgstr[0] \"\"\n" + reader +
			"msgstr \"\"\n",
		"portal-bell/en.po": two + days + "msgstr[0] \"a day, {who}\"\nmsgstr[1] \"{count} days, {who}\"\n" + reader +
			"msgstr \"reader\"\n",
		"portal-bell/easy.po": one + days + "msgstr[0] \"{count}日《にち》\\n{who}へ\"\n" + reader + "msgstr \"人《ひと》\"\n",
		"portal-bell/pt.po": two + days + "msgstr[0] \"um dia, {who}\"\nmsgstr[1] \"{count} dias, {who}\"\n" +
			reader + "msgstr \"\"\n",
	} {
		files[path] = &fstest.MapFile{Data: []byte(content)}
	}
	putBack, err := say.Use(files)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(putBack)
}

// Readings are markup only in a language that has them, and never in a value; what a value says is not filled again.
func TestATextIsSaid(t *testing.T) {
	use(t)
	days := say.Text2[string, int]{Open: say.Text{Feature: "portal-bell", Key: "textDays"}}
	toReader := say.Text2[say.Text, int]{Open: say.Text{Feature: "portal-bell", Key: "textDays"}}
	reader := say.Text{Feature: "portal-bell", Key: "textReader"}
	data := say.New("字《じ》", "letter", "字《じ》")
	for _, c := range []struct {
		text                      say.Text
		language, plain, brackets string
	}{
		{days.F("山《やま》{count}", 1), "ja", "1日\n山《やま》{count}《》へ", "1日\n山《やま》{count}《》へ"},
		{days.F("山《やま》{count}", 1), "easy", "1日\n山《やま》{count}へ", "1日(にち)\n山《やま》{count}へ"},
		{days.F("Yama", 1), "en", "a day, Yama", "a day, Yama"},
		{days.F("Yama", 2), "pt", "2 dias, Yama", "2 dias, Yama"},
		{toReader.F(reader, 2), "easy", "2日\n人へ", "2日(にち)\n人(ひと)へ"},
		{toReader.F(data, 2), "ja", "2日\n字《じ》《》へ", "2日\n字《じ》《》へ"},
		{say.Lines(reader, data), "easy", "人\n字", "人(ひと)\n字(じ)"},
		{reader, "pt", "人", "人"}, // not translated yet
		{reader, "??", "人", "人"},
		{data, "pt", "letter", "letter"},
		{say.New("字", "", ""), "en", "字", "字"},
		{say.Text{}, "en", "", ""}, {say.Lines(), "en", "", ""},
		{say.Text{Feature: "portal-bell", Key: "textNobody"}, "en", "", ""},
	} {
		plain, brackets := c.text.In(c.language), c.text.InBrackets(c.language)
		if plain != c.plain || brackets != c.brackets {
			t.Errorf("%s: %q, %q; want %q, %q", c.language, plain, brackets, c.plain, c.brackets)
		}
	}
	if ja, en, easy := reader.Local(); ja != "人" || en != "reader" || easy != "人《ひと》" {
		t.Error(ja, en, easy)
	}
}

func TestALanguageMore(t *testing.T) {
	text := say.Text{Feature: "portal-mail", Key: "textMarch"}
	if got := text.In("en-XA"); got != "3月" {
		t.Errorf("who reads a language that there is not reads Japanese: %s", got)
	}
	t.Run("there", func(t *testing.T) {
		saytest.Pseudo(t)
		if got := text.In("en-XA"); got != "[Márçh~]" {
			t.Error(got)
		}
	})
	if got := text.In("en-XA"); got != "3月" {
		t.Errorf("it is gone again: %s", got)
	}
}

func FuzzSaid(f *testing.F) {
	f.Add("漢字《かんじ》", "《》{who}")
	f.Fuzz(func(t *testing.T, easy, value string) {
		say.New("", "", easy).InBrackets("easy")
		text := say.New(value, "", "")
		if got := text.In("ja"); got != value {
			t.Errorf("%q became %q", value, got)
		}
	})
}
