package news_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"madoguchi/backend/feature/news"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const two = `
- id: passkeys
  kind: new
  day: 2026-11-20
  title: {ja: 検索が速くなりました}
  body: {ja: "一つ目の段落。\n\n<b>二つ目</b>の段落。"}
- id: stop-december
  kind: stop
  day: 2026-11-26
  from: 2026-12-05 01:00
  until: 2026-12-05 05:00
  title: {ja: 点検のため止めます, en: Maintenance, easy: 点検《てんけん》の ため 止《と》まります}
  body: {ja: ログインできません。, en: Nobody can log in., easy: ログイン できません。}
`

func written(t *testing.T, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "news.yaml")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func list(t *testing.T, s *news.Service) string {
	t.Helper()
	answer, err := s.ListNews(t.Context(), &portalv1.ListNewsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, n := range answer.GetNews() {
		ids = append(ids, n.GetId())
	}
	return strings.Join(ids, " ")
}

// The file is read again when it has changed. One that is wrong then leaves the news as they were, until it is mended.
func TestTheFileIsReadAgain(t *testing.T) {
	file, now := written(t, two), time.Now()
	s, err := news.New(file, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	change := func(content string) {
		t.Helper()
		now = now.Add(time.Minute)
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, now, now); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct{ content, want string }{
		{two, "stop-december passkeys"},
		{"- id: no title", "stop-december passkeys"},
		{
			two + strings.ReplaceAll(two, "id: ", "id: other-"),
			"stop-december other-stop-december passkeys other-passkeys",
		},
		{"", ""},
	} {
		change(step.content)
		if got := list(t, s); got != step.want {
			t.Errorf("%q, want %q", got, step.want)
		}
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Minute)
	if got := list(t, s); got != "" {
		t.Errorf("without its file there is %q", got)
	}
}

func TestWhatIsWrongIsSaid(t *testing.T) {
	one := strings.Join(strings.Split(two, "\n")[:6], "\n")
	for change, want := range map[[2]string]string{
		{"id: passkeys", "id: Pass Keys"}:                                 "id is to be small letters",
		{"kind: new", "kind: ad"}:                                         "kind is new, stop or trouble",
		{"kind: new", "kind: stop"}:                                       "a stop says from and until",
		{"day: 2026-11-20", "day: 20. 11. 2026"}:                          "day is to be written 2026-11-26",
		{"day: 2026-11-20", "day: 2026-11-20\n  until: 2026-11-21 00:00"}: "until stands beside a from",
		{
			"day: 2026-11-20", "day: 2026-11-20\n  from: 2026-11-21 00:00\n  until: 2026-11-20 00:00",
		}: "until is not after from",
		{
			"day: 2026-11-20", "day: 2026-11-20\n  from: tomorrow",
		}: "from is to be written 2026-12-05 01:00",
		{"検索が速くなりました", `""`}:                     "title.ja",
		{"検索が速くなりました", "\"a\\u202eb\""}:          "title.ja",
		{"検索が速くなりました", strings.Repeat("長", 121)}: "121 characters",
		{
			"title: {ja", "titel: {ja",
		}: "line 5: field titel not found",
		{
			"- id: passkeys", strings.Repeat("- {id: a}\n", 200) + "- id: passkeys",
		}: "201 pieces of news",
	} {
		content := strings.Replace(one, change[0], change[1], 1)
		if content == one {
			t.Fatalf("%q is not there", change[0])
		}
		if _, err := news.New(written(t, content), time.Now); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", change[1], err, want)
		}
	}
	if _, err := news.New(written(t, one+one), time.Now); err == nil ||
		!strings.Contains(err.Error(), "another one's too") {
		t.Errorf("the same id twice: %v", err)
	}
	if _, err := news.New(filepath.Join(t.TempDir(), "none"), time.Now); err == nil {
		t.Error("a file that is not there")
	}
	if _, err := news.New(written(t, "- "+strings.Repeat("x", 1<<20)), time.Now); err == nil {
		t.Error("a file that is too large")
	}
	s, err := news.New("", time.Now)
	if err != nil || list(t, s) != "" {
		t.Error("no file is no news", err)
	}
}

// The page in HTML says the same in each language, in Japanese where nothing else was written, and takes along what the
// program would ask for.
func TestDocument(t *testing.T) {
	s, err := news.New(written(t, two), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	for language, want := range map[string][]string{
		"ja":   {"運営からのお知らせ", "点検のため止めます", "2026-12-05 01:00 – 2026-12-05 05:00", "停止の予定", "&lt;b&gt;二つ目&lt;/b&gt;"},
		"en":   {"News from the operator", "Maintenance", "Nobody can log in.", "検索が速くなりました", "Planned stop"},
		"easy": {"<ruby>点検<rp>(</rp><rt>てんけん</rt>", "検索が速くなりました"},
	} {
		page, ok := s.Document(httptest.NewRequest(http.MethodGet, "/news", nil), language)
		if !ok || page.Status != http.StatusOK {
			t.Fatal(language, ok, page.Status)
		}
		for _, part := range want {
			if !strings.Contains(string(page.Body), part) {
				t.Errorf("%s: %q is missing in %s", language, part, page.Body)
			}
		}
		answer, _ := s.ListNews(t.Context(), &portalv1.ListNewsRequest{})
		if !proto.Equal(page.Answer, answer) {
			t.Errorf("%s: the answer along with the page is another", language)
		}
	}
	none, err := news.New("", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	page, _ := none.Document(httptest.NewRequest(http.MethodGet, "/news", nil), "ja")
	if !strings.Contains(string(page.Body), "今、お知らせすることはありません。") {
		t.Errorf("no news: %s", page.Body)
	}
}

func FuzzNews(f *testing.F) {
	f.Add(two)
	f.Fuzz(func(t *testing.T, content string) {
		s, err := news.New(written(t, content), time.Now)
		if err != nil {
			return
		}
		s.Document(httptest.NewRequest(http.MethodGet, "/news", nil), "easy")
	})
}

// The example that `make dev` shows can be read.
func TestTheExample(t *testing.T) {
	s, err := news.New("../../sandbox/dev/news.yaml", time.Now)
	if err != nil || list(t, s) != "stop-example find-example" {
		t.Error(err)
	}
}
