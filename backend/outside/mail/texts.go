package mail

import (
	"fmt"
	"net/url"
	"strconv"
	"time"

	"madoguchi/proto/clock"
	"madoguchi/static/text/say"
)

// The order is time's own.
var months = []say.Text{
	textJanuary, textFebruary, textMarch, textApril, textMay, textJune,
	textJuly, textAugust, textSeptember, textOctober, textNovember, textDecember,
}

var changeTexts = map[Change]say.Text{
	AddressReplaced: textAddressReplaced,
	AddressRemoved:  textAddressRemoved,
	LoginMailOff:    textLoginMailOff,

	NameChanged: textNameChanged, AddressChanged: textAddressChanged, PlaceChanged: textPlaceChanged,
	LoginMails: textLoginMails, NoticeMails: textNoticeMails,
	NewDevice: textNewDevice, FromAbroad: textFromAbroad, ByCode: textByCode,
}

// Write gives subject and text of a letter in its language, with links under origin. A mail is plain text: readings
// stand in brackets.
func Write(l Letter, origin string) (subject, body string, err error) {
	about, says, err := words(l, origin)
	if err != nil {
		return "", "", err
	}
	text := says.InBrackets(l.Language) + "\n"
	if l.Line != "" {
		text += "\n" + textNotMine.F(origin+"/usage/"+url.PathEscape(l.Line)).InBrackets(l.Language) + "\n"
	}
	return textSubject.F(about).InBrackets(l.Language), text, nil
}

func words(l Letter, origin string) (subject, body say.Text, err error) {
	switch l.Kind {
	case ConfirmAddress:
		return textConfirmSubject, textConfirmBody.F(link(origin, "confirm", l.Token)), nil
	case LoggedIn:
		return textLoggedInSubject, textLoggedInBody.F(moment(l.At), origin), nil
	case LoggedInByPasskey:
		return textLoggedInSubject, textPasskeyLoginBody.F(moment(l.At), origin), nil
	case PasskeyAdded:
		return textPasskeySubject, textPasskeyBody.F(moment(l.At), origin), nil
	case PasskeyCopied:
		return textCopiedSubject, textCopiedBody.F(moment(l.At), origin), nil
	case NoticeArrived:
		return textNoticeSubject, textNoticeBody.F(origin), nil
	case AnswerArrived:
		return textAnswerSubject, textAnswerBody.F(origin), nil
	case InquiryAnswered:
		return textInquirySubject, textInquiryBody.F(origin), nil
	case AccountChanged, Registered, UnusualLogin:
		return changed(l, origin)
	case ExchangeFirst:
		return textExchangeFirstSubject, textExchangeFirstBody.F(origin), nil
	case ExchangeAnswered:
		return textExchangeAnsweredSubject, textExchangeAnsweredBody.F(origin), nil
	case ApplicationMoved:
		return textApplicationSubject, textApplicationBody.F(origin), nil
	case ApplicationEnding:
		return textApplicationEndingSubject, textApplicationEndingBody.F(moment(l.At), origin), nil
	case DraftEnding:
		return textDraftEndingSubject, textDraftEndingBody.F(moment(l.At), origin), nil
	case ChangeUndone:
		return textUndoneSubject, textUndoneBody.F(moment(l.At), origin), nil
	}
	return say.Text{}, say.Text{}, fmt.Errorf("no text for mails of kind %q", l.Kind)
}

// changed are the letters that list something.
func changed(l Letter, origin string) (subject, body say.Text, err error) {
	changes, err := describe(l.Changes)
	if err != nil {
		return say.Text{}, say.Text{}, err
	}
	switch l.Kind {
	case Registered:
		return textRegisteredSubject, textRegisteredBody.F(moment(l.At), changes, origin), nil
	case UnusualLogin:
		return textUnusualSubject, textUnusualBody.F(moment(l.At), changes), nil
	}
	return textChangedSubject,
		textChangedBody.F(moment(l.At), changes, moment(l.Until), link(origin, "undo", l.Token)), nil
}

// link is an address with a secret. No browser sends what follows a # to a server, and the page takes it out of the
// address at once.
func link(origin, page, token string) string {
	return origin + "/account/" + page + "#token=" + url.QueryEscape(token)
}

// moment is 2026年11月22日 15時30分, 22 November 2026, 15:30.
func moment(ms int64) say.Text {
	t := time.UnixMilli(ms).In(clock.Japan)
	year, month, day := t.Date()
	return textMoment.F(strconv.Itoa(year), months[month-1], strconv.Itoa(day),
		textClock.F(t.Format("15"), t.Format("04")))
}

// describe says what was changed, a line each.
func describe(changes []Change) (say.Text, error) {
	var lines []say.Text
	for _, change := range changes {
		line, ok := changeTexts[change]
		if !ok {
			return say.Text{}, fmt.Errorf("no text for the change %q", change)
		}
		lines = append(lines, line)
	}
	return say.Lines(lines...), nil
}
