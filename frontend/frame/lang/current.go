package lang

import (
	"errors"
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

// Set changes the language of the page to one whose texts are there. In a browser it is remembered in the cookie that
// the portal reads to choose the prerendered file, and the html element says it. A person's choice is
// shell.SetLanguage: it loads the texts and draws anew.
func Set(c Code) {
	current.Store(c)
	if app.IsServer {
		return
	}
	show(c)
	cookie := "lang=" + string(c) + "; path=/; max-age=31536000; samesite=lax"
	if app.Window().Get("location").Get("protocol").String() == "https:" {
		cookie += "; secure"
	}
	app.Window().Get("document").Set("cookie", cookie)
}

// show has the html element say the language.
func show(c Code) {
	root := app.Window().Get("document").Get("documentElement")
	data := root.Get("dataset")
	if data.Get("lang").String() == string(c) { // to say it again would have all of the page looked at anew
		return
	}
	root.Set("lang", describe(c).HTML)
	data.Set("lang", string(c))
}

// Start takes what boot.js loaded beside the program: the language that ?lang, the cookie or the browser asks for, or
// another where that one could not be had; it says whether so.
func Start() (instead bool) {
	if app.IsServer {
		return false
	}
	first := app.Window().Get("madoguchiLanguage")
	c := load(first.Get("text").String())
	if first.Get("asked").Bool() {
		Set(c)
		return false
	}
	current.Store(c)
	show(c)
	return first.Get("instead").Bool()
}

// ErrNotThere says that the texts of a language could not be loaded.
var ErrNotThere = errors.New("the texts of the language could not be loaded")

// Load fetches the texts of a language, where they are not there yet, and calls done.
func Load(c Code, done func(error)) {
	if Has(c) || app.IsServer {
		done(nil)
		return
	}
	app.Window().Call("madoguchiLoadLanguage", string(c)).Then(func(text app.Value) {
		if !text.Truthy() {
			done(ErrNotThere)
			return
		}
		load(text.String())
		done(nil)
	})
}
