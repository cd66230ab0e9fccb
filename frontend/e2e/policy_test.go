//go:build !js

package e2e_test

// refusesStrings tries the sinks of the page that is open, which has nothing to do any more. No page makes HTML or a
// script of a string, and none can: whatever finds its way into a page's code finds every such door shut. That no page
// is refused anything in its daily work is what every test's browser looks after.
func (b *browser) refusesStrings(page string) {
	b.t.Helper()
	for _, attempt := range []string{
		"document.body.innerHTML = '<img src=x onerror=window.hurt=1>'",
		"document.querySelector('main').outerHTML = '<p>'",
		"document.body.insertAdjacentHTML('beforeend', '<p>')",
		"document.write('<p>')",
		"document.createRange().createContextualFragment('<p>')",
		"new DOMParser().parseFromString('<p>', 'text/html')",
		"document.createElement('iframe').srcdoc = '<p>'",
		"document.createElement('script').src = '/boot.js'",
		"document.createElement('script').src = document.querySelector('script[data-decoder]').dataset.decoder",
		"document.createElement('script').text = 'window.hurt=1'",
		"document.body.setAttribute('onclick', 'window.hurt=1')",
		"navigator.serviceWorker.register('/other.js')",
		"trustedTypes.createPolicy('madoguchi', { createHTML: s => s })",
		"trustedTypes.createPolicy('default', { createHTML: s => s })",
		"trustedTypes.createPolicy('other', { createHTML: s => s })",
	} {
		refused := eval[string](b,
			"(async () => { window.refusalsExpected = true; try { await ("+attempt+
				"); return 'allowed' } catch (e) { return e.name } })()")
		if refused != "TypeError" {
			b.t.Errorf("%s: %s: %s", page, attempt, refused)
		}
	}
	if b.holds("window.hurt") {
		b.t.Errorf("%s: a string ran", page)
	}
}
