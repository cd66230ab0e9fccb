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
}

// Write gives subject and text of a letter in its language, with links under origin. A mail is plain text: readings
// stand in brackets.
func Write(l Letter, origin string) (subject, body string, err error) {
	about, says, err := words(l, origin)
	if err != nil {
		return "", "", err
	}
	return textSubject.F(about).InBrackets(l.Language), says.InBrackets(l.Language) + "\n", nil
}

func words(l Letter, origin string) (subject, body say.Text, err error) {
	switch l.Kind {
	case ConfirmAddress:
		return textConfirmSubject, textConfirmBody.F(link(origin, "confirm", l.Token)), nil
	case LoggedIn:
		return textLoggedInSubject, textLoggedInBody.F(moment(l.At), origin), nil
	case NoticeArrived:
		return textNoticeSubject, textNoticeBody.F(origin), nil
	case AccountChanged:
		changes, err := describe(l.Changes)
		if err != nil {
			return say.Text{}, say.Text{}, err
		}
		return textChangedSubject,
			textChangedBody.F(moment(l.At), changes, moment(l.Until), link(origin, "undo", l.Token)), nil
	case ChangeUndone:
		return textUndoneSubject, textUndoneBody.F(moment(l.At), origin), nil
	}
	return say.Text{}, say.Text{}, fmt.Errorf("no text for mails of kind %q", l.Kind)
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
