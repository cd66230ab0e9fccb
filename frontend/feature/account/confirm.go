package account

import (
	"context"
	"net/url"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

var (
	textConfirmTitle = lang.New("メールアドレスの確認", "Confirm your mail address", "メールアドレスの確認《かくにん》")
	textConfirmOK    = lang.New("メールアドレスを確認しました", "Your mail address is confirmed", "メールアドレスを確認《かくにん》しました")
	textConfirmNext  = lang.New("このページは閉じてかまいません。", "You may close this page.", "このページは閉《と》じてもいいです。")
	textConfirmTop   = lang.New("まどぐちのトップへ", "Go to the first page", "トップへ")
)

// confirmation is where the link of the mail leads; it works on any device, logged in or not.
type confirmation struct {
	app.Compo
	ctx     app.Context
	token   string
	done    bool
	failure trouble.Message
}

// takeToken takes the token of a mail's link out of the address before anything else: it belongs in no history, bookmark or screenshot. ""
// when there is none.
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
	shell.Follow(ctx)
	if app.IsServer {
		return
	}
	c.ctx = ctx
	c.take()
	if c.token == "" {
		c.send(ctx)
	}
}

// OnNav takes the token of another mail, opened in the same tab.
func (c *confirmation) OnNav(ctx app.Context) {
	if !app.IsServer && c.ctx.Context != nil {
		c.take()
	}
}

func (c *confirmation) take() {
	if token := takeToken(c.ctx); token != "" {
		c.token, c.done = token, false
		c.send(c.ctx)
	}
}

func (c *confirmation) send(app.Context) {
	ctx := c.ctx // not the button's: it goes
	c.failure = trouble.Message{}
	token := c.token
	ctx.Async(func() {
		_, err := rpc.Account().ConfirmMailAddress(context.Background(), &portalv1.ConfirmMailAddressRequest{Token: token})
		ctx.Dispatch(func(app.Context) {
			if err != nil {
				c.failure = trouble.Words(err)
				return
			}
			c.done, c.token = true, ""
		})
	})
}

// Render draws the outcome.
func (c *confirmation) Render() app.UI {
	banner := kit.NotificationBanner{ID: "confirmed", Tone: kit.Success}
	var rest []app.UI
	switch {
	case c.done:
		banner.Title, banner.Body = textConfirmOK, []app.UI{app.P().Body(textConfirmNext.UI())}
		rest = []app.UI{kit.Link{Label: textConfirmTop, Href: "/", Kind: kit.Secondary}.UI()}
	case c.failure.Is():
		rest = []app.UI{
			kit.Button{ID: "confirm-again", Label: textAgain, OnPress: c.send}.UI(),
			kit.Link{Label: textTitle, Href: "/account", Kind: kit.Secondary}.UI(),
		}
	default:
		rest = []app.UI{kit.Skeleton(2, nil)}
	}
	return app.Div().Class("page page-confirm").Body(
		shell.Heading(textConfirmTitle),
		c.failure.Banner("confirm-failure"),
		banner.UI(),
		app.Div().Class("actions").Body(rest...),
	)
}
