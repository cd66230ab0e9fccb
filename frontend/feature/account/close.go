package account

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/proof"
	"madoguchi/frontend/part/session"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

// purposeClose is the card_purpose of CloseAccount.
const purposeClose = "account.close"

var (
	textErasedList = []lang.Text{
		textYourRegistrationNameMailAddress,
		textTheNoticesYouGotAnd,
		textTheLinksWithTheOffices,
		textTheLoginsOfAllDevices,
	}

	textStaysList = []lang.Text{
		textTheRecordsOfTheOffices,
		textHowManyConfirmationMailsWere,
		textTheFewRecordsThatThe,
	}
)

// closing asks for the card again and erases the folder.
type closing struct{ app.Compo }

// OnMount has the page follow the language.
func (c *closing) OnMount(ctx app.Context) { shell.Follow(ctx) }

// Render says what happens, then asks for the card.
func (c *closing) Render() app.UI {
	return app.Div().Class("page column page-close").Body(
		shell.Heading(textCloseTitle),
		textCloseLead.P("lead"),
		points(textErased, textErasedList),
		points(textStays, textStaysList),
		textCloseAgain.P(""),
		textCloseCard.P(""),
		&proof.Pad{Aim: closeAim, Told: textCloseTold, Action: textCloseDo, Danger: true, Use: c.use, Done: c.done},
		app.P().Body(kit.Link{Label: textCloseNot, Href: "/account"}.UI()),
	)
}

func points(heading lang.Text, list []lang.Text) app.UI {
	items := make([]app.UI, len(list))
	for i, t := range list {
		items[i] = t.Li("")
	}
	return app.Section().Class("part").Body(heading.H2("part-title"),
		app.Ul().Class("dots").Body(items...))
}

// closeAim is what the card is shown for.
var closeAim = proof.Aim{
	Purpose: purposeClose, Procedure: portalv1web.AccountServiceCloseAccount, Request: &portalv1.CloseAccountRequest{},
}

func (c *closing) use(ctx context.Context, proof *portalv1.CardProof) error {
	_, err := rpc.To(portalv1web.NewLoginService).ShowCard(ctx, &portalv1.ShowCardRequest{Proof: proof})
	if err != nil {
		return err
	}
	_, err = rpc.To(portalv1web.NewAccountService).CloseAccount(ctx, &portalv1.CloseAccountRequest{})
	return err
}

// done leaves the page for one that needs no login before it tells that the session is over.
func (c *closing) done(ctx app.Context) {
	vault.Receipt(receiptClosed, true)
	ctx.Navigate("/account/closed")
	ctx.Async(func() {
		if err := vault.Destroy(context.Background()); err != nil {
			app.Log("removing what was kept here: ", err)
		}
		session.Closed()
	})
}

// closed is the last page: what was done, for who has done it.
type closed struct {
	app.Compo
	known, done bool
}

// receiptClosed notes in this tab that a folder was closed.
const receiptClosed = "account-close"

// OnMount looks whether a folder was closed here, until the next login.
func (c *closed) OnMount(ctx app.Context) {
	shell.Follow(ctx)
	c.known = !app.IsServer
	vault.HasReceipt(receiptClosed, &c.done)
}

// Render says that it is done. It says so to nobody who only has the address.
func (c *closed) Render() app.UI {
	if c.known && !c.done {
		return app.Div().Class("page column page-closed").Body(
			shell.Heading(textClosedNot),
			textClosedNotBody.P("lead"),
			app.P().Body(kit.Link{Label: textConfirmTop, Href: "/", Kind: kit.Secondary}.UI()),
		)
	}
	if !c.known {
		return app.Div().Class("page column page-closed").Body(shell.Heading(textCloseTitle), kit.Skeleton(2, nil))
	}
	return app.Div().Class("page column page-closed").Body(
		shell.Heading(textClosedTitle),
		textClosedBody.P("lead"),
		app.P().Body(kit.Link{Label: textConfirmTop, Href: "/", Kind: kit.Secondary}.UI()),
	)
}
