package account

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/session"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

var (
	textUndoList = []lang.Text{
		textYourMailAddressAndThe,
		textEveryDeviceIsLoggedOut,
		textAMailTellsThatIt,
	}
)

// undoing is where the link of the mail about a change leads; it works on any device, logged in or not. It does nothing
// before a button is pressed: programs that look at links before people do must not log anybody out.
type undoing struct {
	app.Compo
	visit ask.Visit
	link  mailLink
	sent  ask.Question
}

// OnMount takes the token.
func (u *undoing) OnMount(ctx app.Context) {
	u.visit.Begin(ctx)
	u.visit.Until(func() { vault.DropReceipt(linkUndo) }) // forgets the link
	u.OnNav(ctx)
}

// OnNav takes the token, also of another mail that is opened in the same tab.
func (u *undoing) OnNav(ctx app.Context) {
	if u.link.take(ctx, linkUndo) {
		u.sent.Drop()
	}
}

// OnDismount forgets the link.
func (u *undoing) OnDismount() { u.visit.End() }

func (u *undoing) send(app.Context) {
	request := &portalv1.UndoMailChangeRequest{Token: u.link.Token}
	ask.Do(&u.visit, &u.sent, undo, request,
		func(ctx app.Context, response *portalv1.UndoMailChangeResponse, err error) {
			if err != nil {
				if rpc.Reason(err) == portalv1.Reason_REASON_MAIL_TOKEN_INVALID {
					u.sent.Failure.Means, u.sent.Failure.Do = textUndoDeadWhy, textUndoDeadDo
				}
				kit.Focus(ctx, "undo-failure")
				return
			}
			u.link.use(linkUndo, response.GetAlready())
			kit.Focus(ctx, "undone")
		})
}

func undo(ctx context.Context, request *portalv1.UndoMailChangeRequest) (*portalv1.UndoMailChangeResponse, error) {
	response, err := rpc.To(portalv1web.NewAccountService).UndoMailChange(ctx, request)
	if err == nil {
		leave(ctx)
	}
	return response, err
}

// leave notes that the login of this browser is over, if it was one of those that ended.
func leave(ctx context.Context) {
	if shell.CurrentSession().State == shell.LoggedOut {
		return
	}
	now, err := rpc.To(portalv1web.NewLoginService).GetSession(ctx, &portalv1.GetSessionRequest{})
	if err == nil && now.GetSession() == nil {
		session.Closed()
	}
}

// Render says what the button does, or what it did.
func (u *undoing) Render() app.UI {
	banner := kit.NotificationBanner{ID: "undone", Tone: kit.Success}
	switch {
	case u.link.Done && u.link.Already:
		banner.Title, banner.Body = textUndoneOnce, lines([]lang.Text{textUndoneAgain, textUndoCard})
	case u.link.Done:
		banner.Title, banner.Body = textUndone, lines([]lang.Text{textUndoneBody, textUndoCard})
	}
	return app.Div().Class("page column page-undo").Body(
		shell.Heading(textUndoTitle),
		u.sent.Failure.Banner("undo-failure"),
		banner.UI(),
		app.Div().Body(u.before()...),
		app.Div().Class("actions").Body(u.ways()...),
	)
}

func (u *undoing) before() []app.UI {
	if u.link.Done {
		return nil
	}
	return []app.UI{
		textUndoLead.P("lead"), points(textUndoWhat, textUndoList),
		textUndoMine.P(""),
	}
}

func (u *undoing) ways() []app.UI {
	if u.link.Done {
		return []app.UI{kit.Link{Label: textConfirmTop, Href: "/", Kind: kit.Secondary}.UI()}
	}
	return []app.UI{
		kit.Button{ID: "undo-do", Label: textUndoDo, Kind: kit.Primary, Busy: u.sent.Busy, OnPress: u.send}.UI(),
		kit.Link{Label: textTitle, Href: "/account", Kind: kit.Secondary}.UI(),
	}
}
