package account

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/part/proof"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

// purposeMail is what UpdateAccount asks for the card for.
const purposeMail = "account.mail"

// tooManyMails says when a confirmation mail can be sent again.
func tooManyMails(err error) trouble.Message {
	message := trouble.Words(err)
	message.What, message.Means = textNoMailYet, textNoMailWhy
	return message
}

// mailed says which mails a change from one address to another sent.
func mailed(before, after string, byCard bool) []lang.Text {
	var sent []lang.Text
	if after != "" && after != before {
		sent = append(sent, textSentConfirm.F(lang.Plain(after)))
	}
	if byCard {
		sent = append(sent, textCardTold.F(before))
	}
	return sent
}

func lines(texts []lang.Text) []app.UI {
	list := make([]app.UI, len(texts))
	for i, t := range texts {
		list[i] = t.P("")
	}
	return list
}

// graveChanges says what of a change the card is asked for. The portal decides; this is for the words.
func graveChanges(registered *portalv1.Account, mail string, onLogin bool) []lang.Text {
	if !registered.GetMailConfirmed() {
		return nil
	}
	var list []lang.Text
	switch before := registered.GetMailAddress(); {
	case mail == "":
		list = append(list, textCardGone.F(before))
	case mail != before:
		list = append(list, textCardMail.F(before, mail))
	}
	if registered.GetMailOnLogin() && !onLogin {
		list = append(list, textCardOff)
	}
	return list
}

// grave is graveChanges of what is typed.
func (s *settings) grave() []lang.Text {
	return graveChanges(s.account, s.form.mail(), s.form.MailOnLogin)
}

// cardHint tells beforehand that the card will be asked for.
func (s *settings) cardHint() app.UI {
	hint := app.P().Class("hint")
	if len(s.grave()) > 0 {
		return hint.Body(textCardHint.UI())
	}
	return hint
}

// card says why the card is asked for and what will happen, then asks.
func (s *settings) card() []app.UI {
	if s.at != stepCard {
		return nil
	}
	var list []app.UI
	for _, change := range s.grave() {
		list = append(list, change.Li(""))
	}
	return []app.UI{
		app.Section().ID("account-card").Class("part").TabIndex(-1).Aria("labelledby", "account-card-title").Body(
			app.H2().ID("account-card-title").Class("part-title").Body(textCardTitle.UI()),
			textCardWhy.P(""),
			textCardWhat.H3(""),
			app.Ul().Class("dots").Body(list...),
			textCardTold.F(s.account.GetMailAddress()).P(""),
			&proof.Pad{For: s.aim, Told: textCardPages, Action: textSave, Use: s.useCard, Done: s.cardUsed},
			actions(kit.Button{ID: "account-card-back", Label: textCardBack, OnPress: func(app.Context) {
				s.back(stepEdit)
				kit.Focus(s.ctx, idMail)
			}}),
		),
	}
}

// aim is what the card is shown for: the change as it is typed now, which is what will be sent.
func (s *settings) aim() proof.Aim {
	s.sending = s.request()
	return proof.Aim{Purpose: purposeMail, Procedure: portalv1web.AccountServiceUpdateAccount, Request: s.sending}
}

// useCard shows the card and makes the change. What the portal says to the change itself belongs to the form, not to
// the pad.
func (s *settings) useCard(ctx context.Context, proof *portalv1.CardProof) error {
	_, err := rpc.To(portalv1web.NewLoginService).ShowCard(ctx, &portalv1.ShowCardRequest{Proof: proof})
	if err != nil {
		return err
	}
	s.answer.account, s.answer.err = send(ctx, s.sending)
	return nil
}

func (s *settings) cardUsed(app.Context) { s.saved(s.sending, s.answer, true) }
