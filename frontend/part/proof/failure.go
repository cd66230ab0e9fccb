package proof

import (
	"context"
	"errors"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/card"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// Failure says in words why a proof failed. The most telling error in the chain decides.
func Failure(err error) trouble.Message {
	if _, ok := errors.AsType[*rpc.Error](err); ok {
		return trouble.Words(err)
	}
	message := explain(err)
	message.Detail = err.Error()
	return message
}

func explain(err error) trouble.Message {
	var refusal *card.Refusal
	if errors.Is(err, card.ErrWrongPIN) && errors.As(err, &refusal) && refusal.Tries != nil {
		return wrongPIN(refusal.Tries.Left)
	}
	for _, f := range failures() {
		if errors.Is(err, f.is) {
			return f.message()
		}
	}
	return unknown()
}

// faultOf is what is to be told at the field, of what was typed there: what happened, and what to do. It is empty for
// what lies elsewhere.
func faultOf(err error) lang.Text {
	message := explain(err)
	switch {
	case errors.Is(err, card.ErrNotTyped):
		return lang.Text{}
	case errors.Is(err, card.ErrWrongPIN):
		message.Do = typeItAgain
	case errors.Is(err, card.ErrPINForm), errors.Is(err, card.ErrPause):
	default:
		return lang.Text{}
	}
	return textMeansAndDo.F(message.What, message.Do)
}

type failing struct {
	is      error
	message func() trouble.Message
}

func failures() []failing {
	return []failing{
		{ErrChallenge, foreignChallenge},
		{card.ErrNotAChallenge, foreignChallenge},
		{card.ErrForeignOrigin, foreignChallenge},
		{card.ErrLocked, standing(card.Locked)},
		{card.ErrNotTyped, notTyped},
		{card.ErrPINForm, pinForm},
		{card.ErrPause, pause},
		{card.ErrLayAgain, standing(card.LayAgain)},
		{card.ErrNotMyNumberCard, standing(card.NotMyNumber)},
		{card.ErrOldCard, standing(card.OldCard)},
		{card.ErrNoCertificate, standing(card.NoCertificate)},
		{card.ErrOtherPerson, otherPerson},
		{card.ErrCardChanged, swapped},
		{card.ErrCardRemoved, removed},
		{card.ErrDeclined, declined},
		{card.ErrNotSupported, notSupported},
		{card.ErrChangeUnknown, changeUnknown},
		{card.ErrHeld, held},
		{card.ErrBusy, standing(card.BusyCard)},
		{card.ErrMute, standing(card.MuteCard)},
		{card.ErrMalformed, standing(card.Unreadable)},
		{card.ErrNoReader, readerGone},
		{card.ErrServiceDown, standing(card.ServiceDown)},
		{card.ErrBridgeGone, bridgeGone},
		{card.ErrTimeout, tooSlow},
		{context.DeadlineExceeded, tooSlow},
		{context.Canceled, cancelled},
	}
}

// refusals are the reasons for which the portal did not take what a card proved, with what is to be added to their own
// words. Of what lies at the certificate it stays with the card, on every page; the rest ends with the page, too.
var refusals = map[portalv1.Reason]struct {
	certificate bool
	more        lang.Text
}{
	portalv1.Reason_REASON_CERTIFICATE_INVALID:       {certificate: true, more: layAnother},
	portalv1.Reason_REASON_CERTIFICATE_EXPIRED:       {certificate: true, more: layAnother},
	portalv1.Reason_REASON_CERTIFICATE_NOT_YET_VALID: {certificate: true, more: layAnother},
	portalv1.Reason_REASON_CERTIFICATE_REVOKED:       {certificate: true, more: layAnother},
	portalv1.Reason_REASON_CHALLENGE_EXPIRED:         {more: layAnew},
	portalv1.Reason_REASON_CHALLENGE_INVALID:         {},
	portalv1.Reason_REASON_SIGNATURE_INVALID:         {},
	portalv1.Reason_REASON_REVOCATION_UNKNOWN:        {more: layAnew},
	portalv1.Reason_REASON_OTHER_CARD:                {},
}

// refused tells whether the portal refused what the card proved. Else it is not at the card, and the next try is open.
func refused(err error) bool {
	_, is := refusals[rpc.Reason(err)]
	return is
}

// rejected puts into words why the portal refused; without a reason it is what was said before.
func rejected(why error, without trouble.Message) trouble.Message {
	if !refused(why) {
		return without
	}
	message := trouble.Words(why)
	if more := refusals[rpc.Reason(why)].more; !more.Empty() {
		message.Do = textDoAndMore.F(message.Do, more)
	}
	if message.Code == "" {
		message.Code = without.Code
	}
	return message
}

func standing(phase card.Phase) func() trouble.Message {
	return func() trouble.Message { return Standing(card.Status{Lying: card.Lying{Phase: phase}}) }
}

func wrongPIN(left int) trouble.Message {
	means := textAfterMoreWrongTriesThe.F(left)
	if left == 1 {
		means = textOneTryIsLeftIf
	}
	return trouble.Message{
		What:  textThePINIsWrongLeft.F(left),
		Means: means,
		Do:    textCheckYourPINForUser,
		Code:  "PN-01",
	}
}

func pinForm() trouble.Message {
	return trouble.Message{
		What:  textThePINHasFourDigits,
		Means: cardIsFine,
		Do:    textPleaseTypeFourDigits,
		Code:  "PN-02",
	}
}

func pause() trouble.Message {
	return trouble.Message{
		What:  textTheNextTryIsNot,
		Means: textThereIsAShortWait,
		Do:    textTypeYourPINAgainWhen,
		Code:  "PN-04",
	}
}

func declined() trouble.Message {
	return trouble.Message{
		What:  textStoppedBecauseTheQuestionWas,
		Means: cardIsFine,
		Do:    textToGoOnBeginAgain,
		Code:  "CD-14",
	}
}

func notTyped() trouble.Message {
	return trouble.Message{
		What:  textNotTyped,
		Means: textNotTypedMeans,
		Do:    textNotTypedDo,
		Code:  "CD-18",
	}
}

func notSupported() trouble.Message {
	return trouble.Message{
		What:  textThisReaderOrComputerCannot,
		Means: cardIsFine,
		Do:    textTypeThePINOnThis,
		Code:  "RD-04",
	}
}

func otherPerson() trouble.Message {
	return trouble.Message{
		What:  textThisIsAnotherPersonS,
		Means: textNameOrBirthDateOn,
		Do:    textPleasePlaceTheCardOf,
		Code:  "CD-15",
	}
}

func changeUnknown() trouble.Message {
	return trouble.Message{
		What:  textItIsNotKnownWhether,
		Means: textTheCardWasLostIn,
		Do:    textPlaceTheCardAnewLook,
		Code:  "PN-06",
	}
}

func removed() trouble.Message {
	return trouble.Message{
		What:  textTheCardWasTakenAway,
		Means: noTryLost,
		Do:    typeAgain,
		Code:  "CD-10",
	}
}

func swapped() trouble.Message {
	return trouble.Message{
		What:  textAnotherCardWasPutIn,
		Means: noTryLost,
		Do:    typeAgain,
		Code:  "CD-11",
	}
}

func held() trouble.Message {
	return trouble.Message{
		What:  textCardBusy,
		Means: cardIsFine,
		Do:    textFinishThereOrCloseThat,
		Code:  "CD-03",
	}
}

func readerGone() trouble.Message {
	return trouble.Message{
		What:  textTheCardReaderWasUnplugged,
		Means: noTryLost,
		Do:    textPlugTheCardReaderIn,
		Code:  "RD-03",
	}
}

func bridgeGone() trouble.Message {
	return trouble.Message{
		What:  textTheConnectionToTheCard,
		Means: noTryLost,
		Do:    textCheckThatTheCardBridge,
		Code:  "BR-05",
	}
}

func tooSlow() trouble.Message {
	return trouble.Message{
		What:  textTheCardTookTooLong,
		Means: noTryLost,
		Do:    typeAgain,
		Code:  "CD-12",
	}
}

func cancelled() trouble.Message {
	return trouble.Message{
		What:  textStopped,
		Means: noTryLost,
		Do:    textToGoOnTypeYour,
		Code:  "CD-13",
	}
}

func foreignChallenge() trouble.Message {
	return trouble.Message{
		What:  textNothingWasSignedTheRequest,
		Means: textTheCardWasNotUsed,
		Do:    textCheckTheAddressAndOpen,
		Code:  "CH-01",
	}
}

func unknown() trouble.Message {
	return trouble.Message{
		What:  textTalkingWithTheCardFailed,
		Means: noTryLost,
		Do:    typeAgain,
		Code:  "CD-99",
	}
}
