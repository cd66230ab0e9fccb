package kit

import (
	"net/url"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
)

// Elsewhere is a link that an office gave: it says in words which site one goes to, before one goes. It is none where
// the address is not a plain https one (Host), so ask first.
type Elsewhere struct {
	ID      string
	Label   lang.Text
	Address string
	Kind    Kind
	Wide    bool
}

// UI renders the link with its host.
func (e Elsewhere) UI() app.UI {
	host := Host(e.Address)
	if host == "" {
		return e.Label.Span("")
	}
	return app.Div().Class("elsewhere").Body(
		Link{ID: e.ID, Label: e.Label, Href: e.Address, Kind: e.Kind, Wide: e.Wide, External: true}.UI(),
		textOpens.F(host).P("hint"),
	)
}

// HostLink is a link among the words of somebody who is not the portal: it always looks like one, and says to which
// host (Host) it leads.
func HostLink(words, address, host string) app.UI {
	return app.Span().Class("host-link").Body(
		app.A().Class("link").Href(address).Target("_blank").Rel("noopener noreferrer nofollow").Body(
			app.Text(words), Icon(IconExternal), Hidden(textNewTab)),
		app.Span().Class("host-link-host").Text("（"+host+"）"),
	)
}

// Host is the host of a plain https address, and empty for any other: what offices send is checked here too.
func Host(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.User != nil || u.Port() != "" && u.Port() != "443" {
		return ""
	}
	return u.Hostname()
}
