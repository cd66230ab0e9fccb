package proof

import (
	"sync"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/card"
	"madoguchi/frontend/reach/certificate"
	bridgev2 "madoguchi/proto/gen/bridge/v2"
)

// Standing says in words how it stands between page and card: what is the case, what it means, what to do.
func Standing(s card.Status) trouble.Message {
	message, known := standings()[s.Phase]
	if !known {
		message = standings()[card.Searching]
	}
	message.Code = codes[s.Phase]
	switch s.Phase {
	case card.Blocked:
		if s.Browser == "safari" {
			message.Do = safariDo
		}
	case card.Rejected:
		return rejected(s.Err, message)
	case card.Expired:
		ends, _ := certificate.Ends(s.Contents.Certificate)
		message.What = message.What.Fill(lang.Date(ends))
	case card.SeveralCards:
		if len(s.Cards) == 1 {
			message.What, message.Do = leftOver, leftOverDo
		}
	case card.HeldCard:
		message.What = message.What.Fill(s.HolderOrigin)
		message.Means = message.Means.Fill(s.HolderPurpose)
	case card.Ready:
		if s.Contents.Kind == bridgev2.CardKind_CARD_KIND_PHONE {
			message.What = phoneReady
		}
	}
	if s.Err != nil {
		message.Detail = s.Err.Error()
	}
	return message
}

// codes to quote at a help desk; only what is wrong has one.
var codes = map[card.Phase]string{
	card.PermissionDenied: "BR-01", card.Blocked: "BR-02", card.NotRunning: "BR-03", card.Refused: "BR-04",
	card.OldBridge: "BR-06", card.OldPage: "BR-07",
	card.ServiceDown: "RD-01", card.NoReader: "RD-02",
	card.MuteCard: "CD-01", card.BusyCard: "CD-02", card.HeldCard: "CD-03", card.Locked: "CD-04",
	card.NotMyNumber: "CD-05",
	card.OldCard:     "CD-06", card.NoCertificate: "CD-07", card.Unreadable: "CD-08", card.LayAgain: "PN-05",
	card.Expired: "CD-16", card.Rejected: "CD-17",
}

var standings = sync.OnceValue(func() map[card.Phase]trouble.Message {
	return map[card.Phase]trouble.Message{
		card.Searching: {
			What:  textLookingForYourCardReader,
			Means: comesByItself,
			Do:    textPleaseWaitAMoment,
		},
		card.AwaitingPermission: {
			What:  textPleaseAnswerTheQuestionOf,
			Means: textYourBrowserAsksWhetherThis,
			Do:    textChooseAllow,
		},
		card.PermissionDenied: {
			What:  textYourBrowserDoesNotAllow,
			Means: textLocalNetworkAccessIsBlocked,
			Do:    textPressTheSignLeftOf,
		},
		card.Blocked: {
			What:  textThisBrowserCannotUseThe,
			Means: textThisBrowserStopsConnectionsTo,
			Do:    textTurnShieldsOffWithThe,
		},
		card.Handheld: {
			What:  textNoLoginByPhoneAlone,
			Means: textReadingYourCardTakesA,
			Do:    textOpenThisPageOnA,
		},
		card.NotRunning: {
			What:  textTheCardBridgeWasNot,
			Means: textTheCardBridgeIsA,
			Do:    textPleaseStartTheCardBridge,
		},
		card.Refused: {
			What:  textTheCardBridgeDoesNot,
			Means: textBridgeRefusesOrigin,
			Do:    textCheckThatTheAddressIs,
		},
		card.OldBridge: {
			What:  textPleaseUpdateTheCardBridge,
			Means: textTheCardBridgeThatIs,
			Do:    textUpgradeTheDebianPackageOr,
		},
		card.OldPage: {
			What:  textPleaseLoadTheNewVersion,
			Means: textTheCardBridgeIsNewer,
			Do:    textPressTheButtonBelowIf,
		},
		card.ServiceDown: {
			What:  textTheSmartCardServiceIs,
			Means: textBridgeWithoutCardService,
			Do:    textOnLinuxStartPcscdOn,
		},
		card.NoReader: {
			What:  textNoCardReaderWasFound,
			Means: comesByItself,
			Do:    textConnectTheCardReaderTo,
		},
		card.NoCard: {
			What:  textPleasePlaceYourCard,
			Means: comesByItself,
			Do:    textLayYourMyNumberCard,
		},
		card.MuteCard: {
			What:  textTheCardDoesNotAnswer,
			Means: cardIsFine,
			Do:    textCheckWhichWayRoundThe,
		},
		card.BusyCard: {
			What:  textAnotherProgramIsUsingThe,
			Means: cardIsFine,
			Do:    textCloseOtherProgramsThatUse,
		},
		card.HeldCard: {
			What:  textCardBusyWith.Open,
			Means: textWhatThatPageIsDoing.Open,
			Do:    textFinishThereOrCloseThat,
		},
		card.Reading: {
			What:  textLookingAtTheCard,
			Means: cardIsFine,
			Do:    textPleaseDoNotMoveThe,
		},
		card.SeveralCards: {
			What:  textChooseTheCardToUse,
			Means: cardIsFine,
			Do:    textThereIsMoreThanOne,
		},
		card.LayAgain: {
			What:  textTakeTheCardOffAnd,
			Means: textOneTryOfThePIN,
			Do:    textThisPageGoesOnBy,
		},
		card.Ready: {
			What:  textYourMyNumberCardCan,
			Means: textPleaseLeaveTheCardWhere,
			Do:    textPleaseTypeYourPIN,
		},
		card.Locked: {
			What:  textThePINForUserAuthentication,
			Means: textThePINWasWrongThree,
			Do:    textHaveThePINResetAt,
		},
		card.Expired: {
			What:  textTheCertificateOfThisCard.Open,
			Means: textWrongCardNoTryUsed,
			Do:    textRenewTheCertificateAtThe,
		},
		card.Rejected: {
			What:  textWrongCard,
			Means: textThePortalDidNotAccept,
			Do:    layAnew,
		},
		card.NotMyNumber: {
			What:  textThisIsNotAMy,
			Means: textOtherCardsDoNotLogIn,
			Do:    textPlaceMyNumberCardInstead,
		},
		card.OldCard: {
			What:  textThisIsABasicResident,
			Means: textCertificatesOfTheseCardsCan,
			Do:    textPlaceMyNumberCardOrApply,
		},
		card.NoCertificate: {
			What:  textThereIsNoUserCertificate,
			Means: textItWasNotAskedFor,
			Do:    textHaveAUserCertificateIssued,
		},
		card.Unreadable: {
			What:  textTheCardCouldNotBe,
			Means: cardIsFine,
			Do:    textTakeTheCardAwayAnd,
		},
	}
})
