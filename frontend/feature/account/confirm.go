package account

import (
	"net/url"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

// confirmation is where the link of the mail leads; it works on any device, logged in or not.
type confirmation struct {
	app.Compo
	visit ask.Visit
	ctx   app.Context
	link  mailLink
	sent  ask.Question
}

// mailLink is where the link of a mail has led so far. This tab keeps it as long as the person is at the page, so that
// loading it again loses nothing and says the same.
type mailLink struct {
	Token   string // until it is used
	Done    bool
	Already bool // it was done before
}

const (
	linkConfirm = "account-confirm"
	linkUndo    = "account-undo"
)

// take takes up the link of the address, or the one that was followed before the page was loaded again; it says whether
// it is a new one.
func (l *mailLink) take(ctx app.Context, page string) bool {
	token := takeToken(ctx)
	if token == "" {
		vault.HasReceipt(page, l)
		return false
	}
	*l = mailLink{Token: token}
	vault.Receipt(page, l)
	return true
}

// use notes that the link did what it is for.
func (l *mailLink) use(page string, already bool) {
	*l = mailLink{Done: true, Already: already}
	vault.Receipt(page, l)
}

// takeToken takes the token of a mail's link out of the address before anything else: it belongs in no history,
// bookmark or screenshot. "" when there is none.
func takeToken(ctx app.Context) string {
	address := ctx.Page().URL()
	token := address.Query().Get("token") // as mails of before have it
	if values, err := url.ParseQuery(address.EscapedFragment()); err == nil && values.Has("token") {
		token = values.Get("token")
	}
	if token != "" {
		app.Window().Get("history").Call("replaceState", nil, "", address.Path)
	}
	return token
}

// OnMount takes the token and sends it, or hears that there is none.
func (c *confirmation) OnMount(ctx app.Context) {
	c.visit.Begin(ctx)
	c.visit.Until(func() { vault.DropReceipt(linkConfirm) }) // forgets the link
	c.ctx = ctx
	if c.link.take(ctx, linkConfirm); !c.link.Done {
		c.send(ctx)
	}
}

// OnNav takes the token of another mail, opened in the same tab.
func (c *confirmation) OnNav(app.Context) {
	if c.ctx.Context != nil && c.link.take(c.ctx, linkConfirm) {
		c.send(c.ctx)
	}
}

// OnDismount forgets the link.
func (c *confirmation) OnDismount() { c.visit.End() }

func (c *confirmation) send(app.Context) {
	c.sent.Drop() // of another mail
	request := &portalv1.ConfirmMailAddressRequest{Token: c.link.Token}
	ask.Do(&c.visit, &c.sent, rpc.To(portalv1web.NewAccountService).ConfirmMailAddress, request,
		func(_ app.Context, _ *portalv1.ConfirmMailAddressResponse, err error) {
			if err == nil {
				c.link.use(linkConfirm, false)
			}
		})
}

// Render draws the outcome.
func (c *confirmation) Render() app.UI {
	banner := kit.NotificationBanner{ID: "confirmed", Tone: kit.Success}
	var rest []app.UI
	switch {
	case c.link.Done:
		banner.Title, banner.Body = textConfirmOK, []app.UI{textConfirmNext.P("")}
		rest = []app.UI{kit.Link{Label: textConfirmTop, Href: "/", Kind: kit.Secondary}.UI()}
	case c.sent.Failure.Is():
		rest = []app.UI{
			c.sent.Retry("confirm"),
			kit.Link{Label: textTitle, Href: "/account", Kind: kit.Secondary}.UI(),
		}
	default:
		rest = []app.UI{kit.Skeleton(2, nil)}
	}
	return app.Div().Class("page column page-confirm").Body(
		shell.Heading(textConfirmTitle),
		c.sent.Failure.Banner("confirm-failure"),
		banner.UI(),
		app.Div().Class("actions").Body(rest...),
	)
}
