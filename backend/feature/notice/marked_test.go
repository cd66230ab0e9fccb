package notice

import (
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"madoguchi/backend/door/access/accesstest"
	"madoguchi/backend/door/office/officetest"
	"madoguchi/backend/door/rule/ruletest"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	officev1 "madoguchi/proto/gen/office/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/link"
	"madoguchi/proto/plaintext"
)

// drawn says a tree in one line a block: #1 for a heading, - and 1. for items, *…* and […](…) within.
func drawn(blocks []*portalv1.MarkedBlock, indent string) string {
	var out strings.Builder
	for _, b := range blocks {
		if b.GetKind() == portalv1.MarkedKind_MARKED_KIND_HEADING {
			out.WriteString(indent + "#" + string('0'+b.GetLevel()) + " ")
		} else if len(b.GetSpans()) > 0 {
			out.WriteString(indent + "P ")
		}
		for _, s := range b.GetSpans() {
			words := s.GetText()
			if s.GetStrong() {
				words = "*" + words + "*"
			}
			if s.GetHref() != "" {
				words = "[" + words + "](" + s.GetHref() + ")"
			}
			out.WriteString(strings.ReplaceAll(words, "\n", "⏎"))
		}
		if len(b.GetSpans()) > 0 {
			out.WriteByte('\n')
		}
		for i, item := range b.GetItems() {
			sign := "-"
			if b.GetKind() == portalv1.MarkedKind_MARKED_KIND_NUMBERED_LIST {
				sign = string(rune('0'+int(b.GetStart())+i)) + "."
			}
			out.WriteString(indent + sign + "\n" + drawn(item.GetBlocks(), indent+"  "))
		}
	}
	return out.String()
}

func TestMarkedTextsAreTrees(t *testing.T) {
	for source, want := range map[string]string{
		"一行目\n二行目\n\n次":                                   "P 一行目⏎二行目\nP 次\n",
		"# 大\n\n### 小\n文":                                 "#1 大\n#2 小\nP 文\n",
		"見出し\n===\n文":                                     "#1 見出し\nP 文\n",
		"- 一\n- 二\n  1. あ\n  2. い":                        "-\n  P 一\n-\n  P 二\n  1.\n    P あ\n  2.\n    P い\n",
		"3. 三\n4. 四":                                      "3.\n  P 三\n4.\n  P 四\n",
		"**期限** は *明日*":                                   "P *期限* は *明日*\n",
		"[案内 **全文**](https://www.example.jp/a?b=1&c=2#d)": "P [*案内 全文*](https://www.example.jp/a?b=1&c=2#d)\n",
		"<https://www.example.jp/>":                       "P [https://www.example.jp/](https://www.example.jp/)\n",
		"[窓口][a]\n\n[a]: https://www.example.jp/":         "P [窓口](https://www.example.jp/)\n",
		"[www.example.jp の案内](https://www.example.jp/x)":  "P [www.example.jp の案内](https://www.example.jp/x)\n",
		"[申請書.pdf](https://www.example.jp/x.pdf)":         "P [申請書.pdf](https://www.example.jp/x.pdf)\n",
		"1\\. 数字 \\*印\\* AT&T \\& \\<b\\>":                "P 1. 数字 *印* AT&T & <b>\n",
		"https://www.example.jp/ は文字のまま":                  "P https://www.example.jp/ は文字のまま\n",
		"・点\n　字下げ":                                        "P ・点⏎　字下げ\n",
	} {
		blocks, err := tree(source)
		if got := drawn(blocks, ""); err != nil || got != want {
			t.Errorf("%q: %v\n%s\nwant\n%s", source, err, got, want)
		}
	}
}

// What is not among what a notice may have is refused with its line, never shown as something else.
func TestMarkedTextsAtFault(t *testing.T) {
	for source, want := range map[string]string{
		"文\n\n<b>太字</b>":                           "line 3: HTML cannot",
		"<div>\n文\n</div>":                         "line 1: HTML cannot",
		"<!-- かくす -->":                             "HTML cannot",
		"一\n二\n![絵](https://www.example.jp/a.png)": "a picture cannot",
		"文\n\n> 引用":                                "line 3: a quote",
		"文\n\n---\n\n文":                            "a rule",
		"`code`":                                   "code",
		"```\ncode\n```":                           "code",
		"文\n\n    code":                            "code",
		"#### 小":                                   "headings go down to ###",
		"- # 見出し":                                  "a heading cannot stand in a list",
		"- - - - 深い":                               "3 deep",
		"#":                                        "nothing to be seen",
		"-":                                        "no words",
		"&#x200B;":                                 "entity",
		"a&lt;b":                                   "entity",
		"[a](https://www.example.jp/?a&amp;b)":     "entity",
		"[押す](javascript:alert(1))":                "not an address that begins with https",
		"[押す](http://www.example.jp/)":             "https",
		"[押す](/account/close)":                     "https",
		"[押す](https://127.0.0.1/)":                 "public name",
		"[押す](https://a@www.example.jp/)":          "user",
		"[](https://www.example.jp/)":              "words of a link",
		"[押す](https://www.example.jp/ \"題\")":                           "title",
		"[www.mynumber.example.jp](https://www.example.jp/)":            "another site",
		"[https://mynumber.go.jp/x を開く](https://www.example.jp/)":       "another site",
		"[総務省.jp](https://www.example.jp/)":                             "another site",
		"[![絵](https://www.example.jp/a.png)](https://www.example.jp/)": "picture",
		"<mailto:a@example.jp>":                                         "https",
		"[a]: https://www.example.jp/":                                  "nothing to be seen",
		strings.Repeat("- あ\n", 401):                                    "at most 400",
		strings.Repeat("[あ](https://www.example.jp/)\n", 51):            "at most 50",
	} {
		blocks, err := tree(source)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want %q\n%s", source, err, want, drawn(blocks, ""))
		}
	}
}

// An office sends a marked text, and its readers get the tree, and the same as plain text for pages that know no trees.
// Sent again as plain it is another notice; an unknown form is refused, and so is a text at fault, with its line.
func TestAMarkedNoticeComesAsATree(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		const body = "# 持ち物\n\n- カード\n- [申請書](https://www.example.jp/a.pdf)"
		marked := func(r *officev1.SendNoticeRequest) *officev1.SendNoticeRequest {
			r.Body, r.BodyForm = body, officev1.TextForm_TEXT_FORM_MARKED
			return r
		}
		for _, r := range []*officev1.SendNoticeRequest{
			marked(request("all")), marked(toPerson("one", "nenkin-hanako")),
		} {
			id := w.send("nenkin", r).GetNoticeId()
			response, err := w.pages.GetNotice(as("hanako"), &portalv1.GetNoticeRequest{Id: id})
			if err != nil {
				t.Fatal(err)
			}
			n := response.GetNotice()
			if got := drawn(n.GetBlocks(), ""); got !=
				"#1 持ち物\n-\n  P カード\n-\n  P [申請書](https://www.example.jp/a.pdf)\n" {
				t.Errorf("%s: %s", r.GetReference(), got)
			}
			if n.GetBody() != "持ち物\n\n・カード\n・申請書（https://www.example.jp/a.pdf）" {
				t.Errorf("%s: %q", r.GetReference(), n.GetBody())
			}
			if again := w.send("nenkin", r); again.GetCreated() || again.GetNoticeId() != id {
				t.Errorf("%s: sent again it is %v", r.GetReference(), again)
			}
			r.BodyForm = officev1.TextForm_TEXT_FORM_PLAIN
			_, err = w.intake.SendNotice(officetest.Calling(t, d, "nenkin"), r)
			accesstest.WantReason(t, err, portalv1.Reason_REASON_INVALID_FIELD, "reference")
		}
		for _, n := range w.list("hanako", &portalv1.ListNoticesRequest{}).GetNotices() {
			if n.GetBody() != "" || n.GetBlocks() != nil {
				t.Errorf("the list holds a body: %v", n)
			}
		}
		plain := request("plain")
		plain.Body = "# そのまま\n\n<b>"
		response, err := w.pages.GetNotice(as("hanako"), &portalv1.GetNoticeRequest{
			Id: w.send("nenkin", plain).GetNoticeId(),
		})
		if n := response.GetNotice(); err != nil || n.GetBody() != plain.GetBody() || n.GetBlocks() != nil {
			t.Errorf("%v, %v", n, err)
		}
		later := request("later")
		later.BodyForm = 3
		_, err = ruletest.Call(officetest.Calling(t, d, "nenkin"), w.intake.SendNotice, later)
		accesstest.WantReason(t, err, portalv1.Reason_REASON_INVALID_FIELD, "body_form")
		fault := marked(request("fault"))
		fault.Body = "文\n\n<b>太字</b>"
		_, err = ruletest.Call(officetest.Calling(t, d, "nenkin"), w.intake.SendNotice, fault)
		accesstest.WantReason(t, err, portalv1.Reason_REASON_INVALID_FIELD, "body")
		if !strings.Contains(err.Error(), "line 3: HTML") {
			t.Error(err)
		}
	})
}

// What was taken in once and no parser reads any more is shown as it was written.
func TestAMarkedNoticeThatIsNoMoreReadIsPlain(t *testing.T) {
	n := whole(db.NoticeLine{ID: "n"}, db.NoticeBodyRow{Body: "<b>", Marked: true})
	if n.GetBody() != "<b>" || n.GetBlocks() != nil {
		t.Error(n)
	}
}

// However a text is made, its tree holds what the contract promises, and no more than what was written.
func FuzzTree(f *testing.F) {
	for _, seed := range []string{
		"# a\n\n### b\n\n- c\n  1. d\n\n**e** [f](https://www.example.jp/) <https://www.example.jp/>",
		strings.Repeat("- ", 2000) + "a", strings.Repeat("[", 3000), strings.Repeat("*a **b ", 800),
		strings.Repeat("[a](", 1500), strings.Repeat("\n> ", 1000), strings.Repeat("`", 3000) + "a",
		"[a]: https://www.example.jp/\n\n" + strings.Repeat("[a][a]", 60), "a\\\nb  \nc", "\\u200b&#8203;",
		"| a | b |\n|---|---|", "1) a\n2) b", "999999999. a", "-\ta\n\n\tb", "![a](b)", "<a\nb>",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		if plaintext.Body(source) != nil || utf8.RuneCountInString(source) > 10_000 {
			t.Skip() // the door refuses it
		}
		blocks, err := tree(source)
		if err != nil {
			return
		}
		level, count := 0, 0
		var letters strings.Builder
		var visit func(blocks []*portalv1.MarkedBlock, lists int)
		visit = func(blocks []*portalv1.MarkedBlock, lists int) {
			for _, b := range blocks {
				count++
				switch b.GetKind() {
				case portalv1.MarkedKind_MARKED_KIND_HEADING:
					if int(b.GetLevel()) < 1 || b.GetLevel() > 3 || int(b.GetLevel()) > level+1 || lists > 0 {
						t.Errorf("a heading of level %d after %d in %d lists", b.GetLevel(), level, lists)
					}
					level = int(b.GetLevel())
				case portalv1.MarkedKind_MARKED_KIND_LIST, portalv1.MarkedKind_MARKED_KIND_NUMBERED_LIST:
					if lists >= 3 || len(b.GetItems()) == 0 || len(b.GetSpans()) > 0 {
						t.Errorf("a list in %d: %v", lists, b)
					}
				case portalv1.MarkedKind_MARKED_KIND_PARAGRAPH:
				default:
					t.Errorf("a block of kind %v", b.GetKind())
				}
				words := ""
				for _, s := range b.GetSpans() {
					words += s.GetText()
					if s.GetHref() != "" && link.Check(s.GetHref()) != nil {
						t.Errorf("a link to %q", s.GetHref())
					}
				}
				letters.WriteString(words)
				if len(b.GetItems()) == 0 && plaintext.Body(words) != nil {
					t.Errorf("words %q", words)
				}
				for _, item := range b.GetItems() {
					visit(item.GetBlocks(), lists+1)
				}
			}
		}
		visit(blocks, 0)
		if count > mostBlocks {
			t.Errorf("%d blocks", count)
		}
		if plaintext.Body(flat(blocks)) != nil {
			t.Errorf("as plain text: %q", flat(blocks))
		}
		left := map[rune]int{}
		for _, c := range source {
			left[c]++
		}
		for _, c := range letters.String() {
			if left[c]--; left[c] < 0 && !unicode.IsSpace(c) && !strings.Contains(source, "]:") {
				t.Fatalf("%q has more %q than was written: %q", letters.String(), c, source)
			}
		}
	})
}

// A text made to be slow is read or refused at once: ten thousand characters are nothing.
func TestNoMarkedTextIsSlow(t *testing.T) {
	for _, unit := range []string{
		"[", "![", "](", "[a](", "*a **b ", "_a", "- ", "> ", "1. ", "`", "<a ", "&", "\\[", "[a]: b\n", "<!--", "#",
		"*", "**a*",
		"[a][", "a\n", "- a\n ", "<https://a",
	} {
		source := strings.Repeat(unit, 10_000/len(unit))
		done := make(chan bool)
		go func() {
			defer close(done)
			_, _ = tree(source)
		}()
		select {
		case <-done:
		case <-time.After(30 * time.Second): // on the slowest machine; it takes milliseconds
			t.Fatalf("%q was not read", unit)
		}
	}
}
