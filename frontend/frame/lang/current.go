package lang

import (
	"net/url"
	"strings"
	"sync/atomic"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

var current atomic.Value // Code

// Current is the language of the page.
func Current() Code {
	c, ok := current.Load().(Code)
	if !ok {
		return Japanese
	}
	return c
}

// Set changes the language of the page. In a browser it is remembered in the cookie that the portal reads to choose the
// prerendered file, and the html element says it. Redrawing is the shell's: use shell.SetLanguage for a person's choice.
func Set(c Code) {
	current.Store(c)
	if app.IsServer {
		return
	}
	document := app.Window().Get("document")
	document.Get("documentElement").Set("lang", c.HTML())
	document.Get("documentElement").Get("dataset").Set("lang", string(c))
	cookie := "lang=" + string(c) + "; path=/; max-age=31536000; samesite=lax"
	if app.Window().Get("location").Get("protocol").String() == "https:" {
		cookie += "; secure"
	}
	document.Set("cookie", cookie)
}

// Detect chooses the language at start: ?lang, then the cookie, then what the browser prefers.
func Detect() {
	if app.IsServer {
		return
	}
	if c, ok := Parse(query(app.Window().Get("location").Get("search").String())); ok {
		Set(c)
		return
	}
	if c, ok := Parse(cookieValue(app.Window().Get("document").Get("cookie").String())); ok {
		Set(c)
		return
	}
	c, _ := Parse(app.Window().Get("navigator").Get("language").String())
	current.Store(c)
	app.Window().Get("document").Get("documentElement").Set("lang", c.HTML())
	app.Window().Get("document").Get("documentElement").Get("dataset").Set("lang", string(c))
}

func query(search string) string {
	values, err := url.ParseQuery(strings.TrimPrefix(search, "?"))
	if err != nil {
		return ""
	}
	return values.Get("lang")
}

func cookieValue(cookies string) string {
	for c := range strings.SplitSeq(cookies, ";") {
		if value, ok := strings.CutPrefix(strings.TrimSpace(c), "lang="); ok {
			return value
		}
	}
	return ""
}
