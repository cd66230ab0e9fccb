// Package trouble says what went wrong as a person should hear it: what happened, what it means, what to do now, and a
// code to quote. It makes words of a call's error (reach/rpc) and draws them; it repeats no call.
package trouble

import (
	"fmt"
	"sync"
	"time"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// Message is an error as a person should hear it.
type Message struct {
	// What happened, what it means for the person, what to do now.
	What, Means, Do lang.Text
	// Code is short and to be quoted at a help desk; empty when there is nothing to quote.
	Code string
	// Detail is technical, English, and belongs folded away.
	Detail string
	// Field is the request field at fault as its proto name; empty when no one field is.
	Field string
}

// Words turns the error of a call into words.
func Words(err error) Message {
	reason := rpc.Reason(err)
	told := reason
	if _, known := messages()[told]; !known {
		told = portalv1.Reason_REASON_INTERNAL
	}
	message := messages()[told]
	info := rpc.Info(err)
	message.Code = info.GetReference()
	message.Field = info.GetField()
	if screenStays[told] && hasTyped() {
		message.Means = textBoth.F(message.Means, nothingLost)
	}
	message.Detail = fmt.Sprintf("%s, %s", reason, rpc.CodeOf(err))
	if after := time.Duration(info.GetRetryAfterMs()) * time.Millisecond; after > 0 {
		message.Do = WaitFor(after)
	}
	return message
}

// screenStays are the reasons that leave a form as it was: whoever has typed something wants to know that.
var screenStays = map[portalv1.Reason]bool{
	portalv1.Reason_REASON_INTERNAL: true, portalv1.Reason_REASON_NOT_LOGGED_IN: true,
	portalv1.Reason_REASON_UNREACHABLE: true, portalv1.Reason_REASON_STORE_UNAVAILABLE: true,
	portalv1.Reason_REASON_PAGE_TOO_OLD: true,
}

var typed struct {
	sync.Mutex
	asked func() bool
}

// AskTyped sets what says whether the person has typed something that is still on the screen. Without it nobody has.
func AskTyped(asked func() bool) {
	typed.Lock()
	defer typed.Unlock()
	typed.asked = asked
}

func hasTyped() bool {
	typed.Lock()
	asked := typed.asked
	typed.Unlock()
	return asked != nil && asked()
}

// WaitFor tells to wait, in whole seconds, minutes, hours or days, rounded up.
func WaitFor(d time.Duration) lang.Text {
	if d <= 90*time.Second {
		n := int((d + time.Second - 1) / time.Second)
		return textPleaseWaitAboutSecondsAnd.F(n)
	}
	if d > 48*time.Hour {
		n := int((d + 24*time.Hour - 1) / (24 * time.Hour))
		return textPleaseWaitAboutDaysAnd.F(n)
	}
	if d > 90*time.Minute {
		n := int((d + time.Hour - 1) / time.Hour)
		return textPleaseWaitAboutHoursAnd.F(n)
	}
	n := int((d + time.Minute - 1) / time.Minute)
	return textPleaseWaitAboutMinutesAnd.F(n)
}

// messages has words for every reason of error.proto; a test holds it to that.
var messages = sync.OnceValue(func() map[portalv1.Reason]Message {
	return map[portalv1.Reason]Message{
		portalv1.Reason_REASON_INTERNAL: {
			What:  textInternalWhat,
			Means: textInternalMeans,
			Do:    textInternalDo,
		},
		portalv1.Reason_REASON_NOT_LOGGED_IN: {
			What:  textNotLoggedInWhat,
			Means: textNotLoggedInMeans,
			Do:    logInAgain,
		},
		portalv1.Reason_REASON_NOT_ALLOWED: {
			What:  textNotAllowedWhat,
			Means: textNotAllowedMeans,
			Do:    textNotAllowedDo,
		},
		portalv1.Reason_REASON_CARD_AGAIN: {
			What:  textCardAgainWhat,
			Means: textCardAgainMeans,
			Do:    textCardAgainDo,
		},
		portalv1.Reason_REASON_NOT_FOUND: {
			What:  textNotFoundWhat,
			Means: textNotFoundMeans,
			Do:    textNotFoundDo,
		},
		portalv1.Reason_REASON_INVALID_FIELD: {
			What:  textInvalidFieldWhat,
			Means: textItHasNotBeenSaved,
			Do:    textInvalidFieldDo,
		},
		portalv1.Reason_REASON_FIELD_TOO_LONG: {
			What:  textFieldTooLongWhat,
			Means: textItHasNotBeenSaved,
			Do:    textFieldTooLongDo,
		},
		portalv1.Reason_REASON_TOO_MANY: {
			What:  textTooManyWhat,
			Means: textTooManyMeans,
			Do:    textTooManyDo,
		},
		portalv1.Reason_REASON_TOO_MANY_REQUESTS: {
			What:  textTooManyRequestsWhat,
			Means: textTooManyRequestsMeans,
			Do:    textTooManyRequestsDo,
		},
		portalv1.Reason_REASON_KEY_REUSED: {
			What:  textKeyReusedWhat,
			Means: textKeyReusedMeans,
			Do:    textKeyReusedDo,
		},
		portalv1.Reason_REASON_LOCKED: {
			What:  textLockedWhat,
			Means: textLockedMeans,
			Do:    textLockedDo,
		},
		portalv1.Reason_REASON_TOO_LATE: {
			What:  textTooLateWhat,
			Means: textTooLateMeans,
			Do:    textTooLateDo,
		},
		portalv1.Reason_REASON_ALREADY_DONE: {
			What:  textAlreadyDoneWhat,
			Means: textAlreadyDoneMeans,
			Do:    textAlreadyDoneDo,
		},
		portalv1.Reason_REASON_CHANGED: {
			What:  textChangedWhat,
			Means: textChangedMeans,
			Do:    textChangedDo,
		},
		portalv1.Reason_REASON_OTHER_PERSON: {
			What:  textOtherPersonWhat,
			Means: textOtherPersonMeans,
			Do:    textOtherPersonDo,
		},
		portalv1.Reason_REASON_STARTING: {
			What:  textStartingWhat,
			Means: textStartingMeans,
			Do:    textStartingDo,
		},
		portalv1.Reason_REASON_UNREACHABLE: {
			What:  textUnreachableWhat,
			Means: textUnreachableMeans,
			Do:    textUnreachableDo,
		},
		portalv1.Reason_REASON_STORE_UNAVAILABLE: {
			What:  textStoreUnavailableWhat,
			Means: textStoreUnavailableMeans,
			Do:    textStoreUnavailableDo,
		},
		portalv1.Reason_REASON_PAGE_TOO_OLD: {
			What:  textPageTooOldWhat,
			Means: textPageTooOldMeans,
			Do:    textPageTooOldDo,
		},
		portalv1.Reason_REASON_CHALLENGE_EXPIRED: {
			What:  textChallengeExpiredWhat,
			Means: notDone,
			Do:    textChallengeExpiredDo,
		},
		portalv1.Reason_REASON_CHALLENGE_INVALID: {
			What:  textChallengeInvalidWhat,
			Means: textChallengeInvalidMeans,
			Do:    textChallengeInvalidDo,
		},
		portalv1.Reason_REASON_SIGNATURE_INVALID: {
			What:  textSignatureInvalidWhat,
			Means: textSignatureInvalidMeans,
			Do:    textSignatureInvalidDo,
		},
		portalv1.Reason_REASON_CERTIFICATE_INVALID: {
			What:  textCertificateInvalidWhat,
			Means: cardUnusable,
			Do:    newCertificate,
		},
		portalv1.Reason_REASON_CERTIFICATE_EXPIRED: {
			What:  textCertificateExpiredWhat,
			Means: textCertificateExpiredMeans,
			Do:    textCertificateExpiredDo,
		},
		portalv1.Reason_REASON_CERTIFICATE_NOT_YET_VALID: {
			What:  textCertificateNotYetValidWhat,
			Means: cardUnusable,
			Do:    textCertificateNotYetValidDo,
		},
		portalv1.Reason_REASON_CERTIFICATE_REVOKED: {
			What:  textCertificateRevokedWhat,
			Means: textCertificateRevokedMeans,
			Do:    newCertificate,
		},
		portalv1.Reason_REASON_REVOCATION_UNKNOWN: {
			What:  textRevocationUnknownWhat,
			Means: textRevocationUnknownMeans,
			Do:    textRevocationUnknownDo,
		},
		portalv1.Reason_REASON_OTHER_CARD: {
			What:  textOtherCardWhat,
			Means: textOtherCardMeans,
			Do:    textOtherCardDo,
		},
		portalv1.Reason_REASON_TERMS_NOT_AGREED: {
			What:  textTermsNotAgreedWhat,
			Means: textTermsNotAgreedMeans,
			Do:    textTermsNotAgreedDo,
		},
		portalv1.Reason_REASON_ALREADY_OPEN: {
			What:  textAlreadyOpenWhat,
			Means: textAlreadyOpenMeans,
			Do:    textAlreadyOpenDo,
		},
		portalv1.Reason_REASON_MAIL_TOKEN_INVALID: {
			What:  textMailTokenInvalidWhat,
			Means: textMailTokenInvalidMeans,
			Do:    textMailTokenInvalidDo,
		},
		portalv1.Reason_REASON_QR_EXPIRED: {
			What:  textQrExpiredWhat,
			Means: textQrExpiredMeans,
			Do:    textQrExpiredDo,
		},
		portalv1.Reason_REASON_QR_USED: {
			What:  textQrUsedWhat,
			Means: textQrUsedMeans,
			Do:    textQrUsedDo,
		},
		portalv1.Reason_REASON_QR_MISTYPED: {
			What:  textQrMistypedWhat,
			Means: textQrMistypedMeans,
			Do:    textQrMistypedDo,
		},
		portalv1.Reason_REASON_QR_LOCKED: {
			What:  textQrLockedWhat,
			Means: textQrLockedMeans,
			Do:    textQrLockedDo,
		},
		portalv1.Reason_REASON_QR_BY_PHONE: {
			What:  textQrByPhoneWhat,
			Means: textQrByPhoneMeans,
			Do:    textQrByPhoneDo,
		},
		portalv1.Reason_REASON_QR_CROWDED: {
			What:  textQrCrowdedWhat,
			Means: textQrCrowdedMeans,
			Do:    textQrCrowdedDo,
		},
		portalv1.Reason_REASON_PASSKEY_UNKNOWN: {
			What:  textPasskeyUnknownWhat,
			Means: textPasskeyUnknownMeans,
			Do:    textPasskeyUnknownDo,
		},
		portalv1.Reason_REASON_PASSKEY_MALFORMED: {
			What:  textPasskeyMalformedWhat,
			Means: textPasskeyNothingDone,
			Do:    textPasskeyAgain,
		},
		portalv1.Reason_REASON_PASSKEY_ORIGIN: {
			What:  textPasskeyOriginWhat,
			Means: textPasskeyNothingDone,
			Do:    textPasskeyOriginDo,
		},
		portalv1.Reason_REASON_PASSKEY_SITE: {
			What:  textPasskeySiteWhat,
			Means: textPasskeyNothingDone,
			Do:    textPasskeySiteDo,
		},
		portalv1.Reason_REASON_PASSKEY_UNVERIFIED: {
			What:  textPasskeyUnverifiedWhat,
			Means: textPasskeyNothingDone,
			Do:    textPasskeyUnverifiedDo,
		},
		portalv1.Reason_REASON_PASSKEY_SIGNATURE: {
			What:  textPasskeySignatureWhat,
			Means: textPasskeyNothingDone,
			Do:    textPasskeyAgain,
		},
		portalv1.Reason_REASON_PASSKEY_COPIED: {
			What:  textPasskeyCopiedWhat,
			Means: textPasskeyCopiedMeans,
			Do:    textPasskeyUnknownDo,
		},
		portalv1.Reason_REASON_PASSKEY_OFFER_GONE: {
			What:  textPasskeyOfferGoneWhat,
			Means: textPasskeyOfferGoneMeans,
			Do:    textPasskeyOfferGoneDo,
		},
		portalv1.Reason_REASON_PASSKEY_OFFER_TAKEN: {
			What:  textPasskeyTakenWhat,
			Means: textPasskeyTakenMeans,
			Do:    textPasskeyTakenDo,
		},
		portalv1.Reason_REASON_PASSKEY_CODE_WRONG: {
			What:  textPasskeyCodeWhat,
			Means: textPasskeyCodeMeans,
			Do:    textPasskeyCodeDo,
		},
		portalv1.Reason_REASON_PASSKEY_NOT_HERE: {
			What:  textPasskeyNotHereWhat,
			Means: textPasskeyNothingDone,
			Do:    textPasskeyNotHereDo,
		},
	}
})
