package vault

import (
	"context"
	"errors"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/reach/browser"
)

// pagesCache is where the service worker keeps visited pages (static/app-worker.js).
const pagesCache = "madoguchi-app-visited"

// KeptPages counts the public pages that were visited, and are kept to be read without a network.
func KeptPages(ctx context.Context) (n int, err error) {
	defer func() {
		if r := recover(); r != nil { // a browser told to keep nothing throws, or has no caches
			n, err = 0, errors.New("this browser keeps nothing")
		}
	}()
	caches := browser.Global("caches")
	there, err := browser.Await(ctx, caches.Call("has", pagesCache))
	if err != nil || !there.Bool() {
		return 0, err
	}
	cache, err := browser.Await(ctx, caches.Call("open", pagesCache))
	if err != nil {
		return 0, err
	}
	keys, err := browser.Await(ctx, cache.Call("keys"))
	if err != nil {
		return 0, err
	}
	return keys.Length(), nil
}

// forgetPages forgets them. The worker is told, so that it does not keep anew what other tabs load in consequence.
func forgetPages(ctx context.Context) {
	defer func() {
		if r := recover(); r != nil {
			app.Log("forgetting pages: ", r)
		}
	}()
	workers := browser.Global("navigator").Get("serviceWorker")
	if workers.Truthy() && workers.Get("controller").Truthy() {
		workers.Get("controller").Call("postMessage", map[string]any{"type": "forget"})
	}
	if _, err := browser.Await(ctx, browser.Global("caches").Call("delete", pagesCache)); err != nil {
		app.Log("forgetting pages: ", err)
	}
}
