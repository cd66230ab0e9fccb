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

var (
	textCardHint  = lang.New("この変更には、カードと暗証番号での確認が必要です。「保存する」を押すと、確認の画面に進みます。", "This change needs your card and PIN. Press “Save” to go on to them.", "これを変《か》えるには、カードと暗証番号《あんしょうばんごう》が必要《ひつよう》です。「保存《ほぞん》する」を押《お》してください。")
	textCardFirst = lang.New("カードで確かめるのは、確認済みのメールアドレスかログインのメールを変えるときです。先に、変える内容を入力してください。", "Your card is asked for when you change a confirmed mail address, or stop the mail at login. First enter what to change.", "先《さき》に、変《か》えるものを書《か》いてください。そのあと、カードで確《たし》かめます。")
	textCardTitle = lang.New("カードで確かめます", "Your card, please", "カードで確《たし》かめます")
	textCardWhy   = lang.New("メールは、知らないログインに気づくための大切な連絡先です。変えるのがご本人であることを、カードで確かめます。まだ何も変わっていません。", "Mail tells you of logins that are not yours. Your card proves that it is you who changes it. Nothing has been changed yet.", "メールは、知《し》らない人《ひと》のログインを知《し》らせます。大切《たいせつ》なので、あなたが本人《ほんにん》か、カードで確《たし》かめます。まだ何《なに》も変《か》わっていません。")
	textCardWhat  = lang.New("変えること", "What will change", "変《か》わること")
	textCardMail  = lang.New("メールアドレス: %s から %s へ", "Mail address: from %s to %s", "メールアドレス: %s から %s へ")
	textCardGone  = lang.New("メールアドレス %s を消す", "The mail address %s is removed", "メールアドレス %s を消《け》す")
	textCardOff   = lang.New("ログインのたびに届くメールを止める", "No more mail at each login", "ログインしたときのメールを止《と》める")
	textCardTold  = lang.New("%s に、変更を知らせるメールを送ります。変更から72時間は、そのメールのリンクから元に戻せます。", "A mail to %s will tell of the change. For 72 hours its link can undo it.", "%s に、変《か》えたことをメールで知《し》らせます。72時間《じかん》は、そのメールから元《もと》に戻《もど》せます。")
	textCardBack  = lang.New("入力にもどる", "Back to the form", "もどる")
	textCardPages = lang.New("まどぐちの登録内容の変更", "Changing a registration in Madoguchi", "登録内容《とうろくないよう》を変《か》える")

	textNoMailYet = lang.New("確認メールは、まだ送れません", "The confirmation mail cannot be sent yet", "確認《かくにん》メールは、まだ送《おく》れません")
	textNoMailWhy = lang.New("だれかの受信箱をあふれさせないよう、続けて送れるメールの数を決めています。", "So that nobody's mailbox is flooded, only so many mails are sent in a row.", "メールを送《おく》りすぎないように、数《かず》を決《き》めています。")
	textBoth      = lang.New("%s%s", "%s %s", "%s%s")
	textNotSaved  = lang.New("変更は保存していません。入力した内容は残っています。", "No change was saved; what you typed is still here.", "まだ保存《ほぞん》していません。書《か》いたものは残《のこ》っています。")
)

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
		sent = append(sent, textSentConfirm.F(after))
	}
	if byCard {
		sent = append(sent, textCardTold.F(before))
	}
	return sent
}

func lines(texts []lang.Text) []app.UI {
	list := make([]app.UI, len(texts))
	for i, t := range texts {
		list[i] = app.P().Body(t.UI())
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
		list = append(list, app.Li().Body(change.UI()))
	}
	return []app.UI{
		app.Section().ID("account-card").Class("part").TabIndex(-1).Aria("labelledby", "account-card-title").Body(
			app.H2().ID("account-card-title").Class("part-title").Body(textCardTitle.UI()),
			app.P().Body(textCardWhy.UI()),
			app.H3().Body(textCardWhat.UI()),
			app.Ul().Class("dots").Body(list...),
			app.P().Body(textCardTold.F(s.account.GetMailAddress()).UI()),
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

// useCard shows the card and makes the change. What the portal says to the change itself belongs to the form, not to the pad.
func (s *settings) useCard(ctx context.Context, proof *portalv1.CardProof) error {
	if _, err := rpc.Login().ShowCard(ctx, &portalv1.ShowCardRequest{Proof: proof}); err != nil {
		return err
	}
	s.answer.account, s.answer.err = send(ctx, s.sending)
	return nil
}

func (s *settings) cardUsed(app.Context) { s.saved(s.sending, s.answer, true) }
