// Command frontend is the page itself when built for js/wasm, and, built for the machine at hand, the generator of
// everything that the portal serves for it:
//
//	GOOS=js GOARCH=wasm go build -trimpath -ldflags "-s -w" -o build/app.linked ./frontend
//	go run ./frontend/pack/strip build/app.linked build/app.wasm
//	go run ./frontend --wasm build/app.wasm --out build/web
//
// # What is in build/web, and how to serve it
//
// routes.json says which page a path gets:
//
//	{"version": "<hash of everything>", "path": "/",
//	 "routes": [{"path": "/", "page": "top"}, {"pattern": "^/notice/[^/]+$", "page": "shell"},
//	            {…, "page": "shell", "document": "procedure"}, …],
//	 "languages": ["ja", "en", "easy"],
//	 "not_found": "notfound"}
//
// Routes are tried in order: an exact `path` or a matching `pattern` (RE2, Go's regexp). Page X is the file
// pages/X.<language>.html; the language is ?lang, else the cookie `lang`, else the first of Accept-Language that is in
// `languages`, else ja. A GET that no route and no file matches gets page `not_found` with status 404. Pages go out
// with `Cache-Control: no-cache`, an ETag, `Vary: Cookie, Accept-Language` and `Content-Language` (ja for easy). They
// are the same for everybody: nothing in them depends on who asks. The service worker shows those without a document
// as they were kept within a day, and asks for them anew beside.
//
// A route that is not for anyone says for whom: "for": "newcomer" wants a card that was shown, "citizen" an open
// folder. The portal need not look at it, since nothing personal is in a page.
//
// A route with a document may get pages/doc-<document>.<language>.html instead, with {{title}}, {{description}} and
// {{body}} filled by the portal with what it knows; where it knows nothing, the page goes out as any other. The service
// worker keeps documents that were visited, where the route says so ("keep": true) and the address no more than a
// place.
//
// A route that is "alone" has a script of its own and not the program: {{pinned}} in its page is filled with the keys
// that it goes by, as JSON, and its policy lets it reach nothing. The service worker keeps it beforehand.
//
// "path" is where the program lies: files and pages of another one have their addresses below its own (/staff/assets/…,
// /staff/app-worker.js), and its routes stand in its folder. What lies below the deepest path is that program's.
//
// Files are served by their path under build/web:
//
//	assets/…                     names carry a hash of the content:
//	                             `Cache-Control: public, max-age=31536000, immutable`
//	assets/app.<hash>.wasm       beside it .br and .gz; send the best one that Accept-Encoding allows,
//	                             as application/wasm with Content-Encoding and Vary: Accept-Encoding.
//	                             The same for every other file that has .br or .gz beside it
//	app-worker.js                `Cache-Control: no-cache`, at the program's path, so that all below it is its scope
//	manifest.webmanifest         and manifest.<language>.webmanifest: application/manifest+json, no-cache
//	favicon.svg, icon-*.png, robots.txt   no-cache or a day, as you like
//	routes.json and pages/ are not served under their own names.
//
// The Content-Security-Policy must be at least as wide as: default-src 'self'; script-src 'self' 'wasm-unsafe-eval';
// style-src 'self'; img-src 'self' data:; connect-src 'self' and the bridge's http:// and ws:// loopback addresses;
// manifest-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'. No page has
// inline script or style. It may be as narrow as require-trusted-types-for 'script'; trusted-types madoguchi: the page
// makes no HTML of strings, and one policy, in boot.js.
//
// The bridge's addresses, which are configuration of the portal, reach the page as <meta name="bridge"
// content="{{bridge}}"> in every page: the portal replaces {{bridge}} with the comma-separated list (127.0.0.1:41729),
// escaped for an attribute.
package main

import (
	"madoguchi/frontend/feature/account"
	"madoguchi/frontend/feature/application"
	"madoguchi/frontend/feature/check"
	"madoguchi/frontend/feature/compare"
	"madoguchi/frontend/feature/device"
	"madoguchi/frontend/feature/draft"
	"madoguchi/frontend/feature/exchange"
	"madoguchi/frontend/feature/guide"
	"madoguchi/frontend/feature/help"
	"madoguchi/frontend/feature/home"
	"madoguchi/frontend/feature/inquiry"
	"madoguchi/frontend/feature/login"
	"madoguchi/frontend/feature/myinfo"
	"madoguchi/frontend/feature/news"
	"madoguchi/frontend/feature/notice"
	"madoguchi/frontend/feature/pin"
	"madoguchi/frontend/feature/prepare"
	"madoguchi/frontend/feature/procedure"
	"madoguchi/frontend/feature/search"
	"madoguchi/frontend/feature/takeaway"
	"madoguchi/frontend/feature/top"
	"madoguchi/frontend/feature/usage"
	"madoguchi/frontend/feature/who"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/live"
	"madoguchi/frontend/part/place"
	"madoguchi/frontend/part/session"
	"madoguchi/frontend/part/todo"
	"madoguchi/frontend/part/waiting"
)

func main() {
	shell.Use(features()...)
	shell.Use(inDevelopment...)
	shell.Run()
	generate()
}

// features are those of the page; the first that has a page for a path shows it.
func features() []shell.Feature {
	return []shell.Feature{
		session.Feature, live.Feature, top.Feature, home.Feature, search.Feature, compare.Feature, procedure.Feature,
		guide.Feature, todo.Feature, waiting.Feature,
		place.Feature, notice.Feature, myinfo.Feature, account.Feature, login.Feature, prepare.Feature, pin.Feature,
		device.Feature, help.Feature,
		news.Feature, takeaway.Feature, check.Feature, who.Feature, exchange.Feature, usage.Feature, inquiry.Feature,
		draft.Feature, application.Feature,
	}
}
