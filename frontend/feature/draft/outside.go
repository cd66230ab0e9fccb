package draft

import (
	"net/url"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/part/form"
	"madoguchi/frontend/reach/vault"
)

// A form may be opened by a link from outside, /apply/{place}/{form}#field=answer&…: what it gives stands in the
// fragment, which no server ever sees. Who is not logged in logs in first; until then this tab remembers it, and
// nothing else does.

const linkDraft = "apply-link"

// longestLink is how long what a link gives may be: some answers, and no more than the address of a page may have
// everywhere.
const longestLink = 8 << 10

// fragmentOf is what a link gives; one that is too long gives nothing.
func fragmentOf(address *url.URL) string {
	if fragment := address.EscapedFragment(); len(fragment) <= longestLink {
		return fragment
	}
	return ""
}

// outside is how a form was opened.
type outside struct {
	Path, Fragment string
	// Host is the site that led here, where the browser tells it.
	Host string
}

// remember notes, at the start of the page, what a link from outside gave.
func remember(ctx app.Context) {
	if app.IsServer {
		return
	}
	here := ctx.Page().URL()
	if !strings.HasPrefix(here.Path, prefix) {
		return
	}
	o := outside{Path: here.Path, Fragment: fragmentOf(here)}
	referrer, err := url.Parse(app.Window().Get("document").Get("referrer").String())
	if err == nil && referrer.Host != here.Host {
		o.Host = referrer.Host
	}
	if o.Fragment != "" || o.Host != "" {
		vault.Save(linkDraft, o)
	}
}

// cameFrom is how this form was opened: by the address as it is now, or as it was before the login.
func (a *apply) cameFrom(ctx app.Context) {
	here := ctx.Page().URL()
	var kept outside
	if vault.Load(linkDraft, &kept) && kept.Path == here.Path {
		a.outside = kept
	}
	if fragment := fragmentOf(here); fragment != "" {
		a.outside.Path, a.outside.Fragment = here.Path, fragment
	}
}

func (o outside) is() bool { return o.Fragment != "" || o.Host != "" }

// link fills in what the link gave, where the form allows it; where something else is answered already, both are shown.
// Then it is forgotten.
func (a *apply) link() {
	vault.Drop(linkDraft)
	values, err := url.ParseQuery(a.outside.Fragment)
	a.outside = outside{}
	if err != nil {
		return
	}
	for i := range a.form.Sections {
		for _, f := range a.form.Sections[i].Fields {
			if f.Link && values.Has(f.ID) {
				filled, asks := a.sheet.Offer(f.ID, a.form.Clean(f.ID, values.Get(f.ID)), textFromLink)
				if filled {
					a.note(form.Spot{Field: f.ID, Row: -1}, from{Source: "link"})
				}
				a.kept.Linked = a.kept.Linked || filled || asks
			}
		}
	}
}
