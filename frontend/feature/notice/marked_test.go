package notice

import (
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	portalv1 "madoguchi/proto/gen/portal/v1"
)

func paragraph(spans ...*portalv1.MarkedSpan) *portalv1.MarkedBlock {
	return &portalv1.MarkedBlock{Kind: portalv1.MarkedKind_MARKED_KIND_PARAGRAPH, Spans: spans}
}

func listOf(blocks ...*portalv1.MarkedBlock) *portalv1.MarkedBlock {
	return &portalv1.MarkedBlock{
		Kind: portalv1.MarkedKind_MARKED_KIND_LIST, Items: []*portalv1.MarkedItem{{Blocks: blocks}},
	}
}

func drawn(n *portalv1.Notice) string {
	return strings.Join(strings.Fields(app.HTMLString(written(n))), " ")
}

func TestAMarkedTextIsDrawn(t *testing.T) {
	html := drawn(&portalv1.Notice{Office: "目黒区", Body: "ふつうの文", Blocks: []*portalv1.MarkedBlock{
		{
			Kind: portalv1.MarkedKind_MARKED_KIND_HEADING, Level: 1,
			Spans: []*portalv1.MarkedSpan{{Text: "持ち物"}},
		},
		paragraph(&portalv1.MarkedSpan{Text: "期限", Strong: true}, &portalv1.MarkedSpan{Text: "まで"}),
		listOf(paragraph(&portalv1.MarkedSpan{Text: "案内", Href: "https://www.example.jp/a"})),
		{
			Kind: portalv1.MarkedKind_MARKED_KIND_NUMBERED_LIST, Start: 3,
			Items: []*portalv1.MarkedItem{
				{Blocks: []*portalv1.MarkedBlock{paragraph(&portalv1.MarkedSpan{Text: "三"})}},
			},
		},
	}})
	for _, want := range []string{
		"目黒区が書いた文章", "<h2 class=\"written-heading prose-line\">", "<strong>", `href="https://www.example.jp/a"`,
		`rel="noopener noreferrer nofollow"`, "（www.example.jp）", `<ol start="3">`,
	} {
		if !strings.Contains(html, want) {
			t.Errorf("%s is not in %s", want, html)
		}
	}
	if strings.Contains(html, "ふつうの文") {
		t.Error("the text stands twice")
	}
}

// The page draws words and nothing else, whatever comes: no markup, no address but an https one, no list without end,
// nothing that looks like the portal's buttons.
func TestAMarkedTextIsNeverMoreThanWords(t *testing.T) {
	deep := paragraph(&portalv1.MarkedSpan{Text: "底"})
	for range 5 {
		deep = listOf(deep)
	}
	html := drawn(&portalv1.Notice{Office: "<i>", Blocks: []*portalv1.MarkedBlock{
		paragraph(&portalv1.MarkedSpan{Text: "<b onclick=x>"},
			&portalv1.MarkedSpan{Text: "押す", Href: "javascript:alert(1)"},
			&portalv1.MarkedSpan{Text: "こちら", Href: "/account/close"}),
		{Kind: 99, Spans: []*portalv1.MarkedSpan{{Text: "知らない"}}},
		{Kind: portalv1.MarkedKind_MARKED_KIND_HEADING, Level: 99, Spans: []*portalv1.MarkedSpan{{Text: "見出し"}}},
		deep,
	}})
	for _, never := range []string{"<b", "<i>", "javascript", "/account/close", "知らない", "底", "button", "<img", "<h1"} {
		if strings.Contains(html, never) {
			t.Errorf("%s is in %s", never, html)
		}
	}
	for _, want := range []string{"&lt;b onclick=x&gt;", "押す", "こちら", "見出し"} {
		if !strings.Contains(html, want) {
			t.Errorf("%s is not in %s", want, html)
		}
	}
}
