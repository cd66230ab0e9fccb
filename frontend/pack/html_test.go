//go:build !js

package pack

import (
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

func TestTidy(t *testing.T) {
	for _, c := range []struct {
		name string
		ui   app.UI
		want string
	}{
		{
			"text beside elements", app.P().Body(app.Text("漢"), app.Ruby().Body(app.Text("字"), app.Rt().Text("じ")),
				app.Text(" です ")), `<p>漢<ruby>字<rt>じ</rt></ruby> です </p>`,
		},
		{
			"attributes", app.A().Href(`/?a="b"&c`).Class("x").Aria("current", "true").ID("i"),
			`<a aria-current="true" class="x" href="/?a=&#34;b&#34;&amp;c" id="i"></a>`,
		},
		{"switches", app.Input().Type("text").Required(false).Disabled(true).Value(""), `<input disabled type="text">`},
		{
			"a text of spaces", app.P().Body(app.Span().Text("a"), app.Text(" "), app.Span().Text("b")),
			`<p><span>a</span> <span>b</span></p>`,
		},
		{"escapes", app.P().Text("<b> & >"), `<p>&lt;b&gt; &amp; &gt;</p>`},
		{
			"raw", app.Div().Body(app.Raw(`<svg viewBox="0 0 1 1"><path d="M0 0"/></svg>`), app.Text("x")),
			`<div><svg viewBox="0 0 1 1"><path d="M0 0"></path></svg>x</div>`,
		},
		{"empty", app.Div().Body(app.Span(), app.Text("")), `<div><span></span></div>`},
	} {
		got, err := tidy(app.HTMLString(c.ui))
		if err != nil || got != c.want {
			t.Errorf("%s: %s, %v; want %s", c.name, got, err, c.want)
		}
	}
}

func FuzzTidy(f *testing.F) {
	f.Add(`<p a="x">`)
	f.Fuzz(func(_ *testing.T, s string) { _, _ = tidy(s) })
}
