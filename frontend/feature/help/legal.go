package help

import (
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/part/keeping"
)

func terms() *content {
	return &content{
		title:   textTermsTitle,
		version: true,
		lead:    textTheRulesForUsingMadoguchi,
		chapters: []chapter{
			{"what", text1WhatMadoguchiIs, []block{
				text(textMadoguchiIsIndependentOpenSoftware),
			}},
			{"who", text2WhoMayUseIt, []block{
				text(textTheHolderOfAMy),
			}},
			{"you", text3WhatWeAskOf, []block{{dots: []lang.Text{
				textDoNotLendYourCard,
				textKeepYourRegistrationCorrect,
				textIfYouLoseYourCard,
				textDoNotDamageTheService,
			}}}},
			{"we", text4WhatWePromise, []block{{dots: []lang.Text{
				textWeNeitherReceiveNorStore,
				textWeUseYourDataOnly,
				textPlannedInterruptionsAreAnnouncedAhead,
			}}}},
			{"notices", text5TheContentOfNotices, []block{
				text(textTheOfficeThatSentA),
			}},
			{"end", text6Leaving, []block{
				text(textYouCanCloseYourFolder),
			}},
			{"liability", text7Liability, []block{
				text(textExceptForIntentOrGross),
			}},
			{"change", text8Changes, []block{
				text(textChangesAndTheirDayAre),
			}},
		},
	}
}

func privacy() *content {
	return &content{
		title: textPrivacyTitle,
		lead:  textWhatWeCollectWhatFor,
		chapters: []chapter{
			{"collect", textWhatIsCollectedAndWhat, []block{{dots: []lang.Text{
				textYourUserAuthenticationCertificateAnd,
				textTheNameToBeShown,
				textNoticesAndWhetherTheyWere,
				textWhatYouPutOnYour,
				textCollectServices,
				textHowManyConfirmationMailsWere,
				textTheMailAddressBeforeA,
				textWhatYouDidWhen,
				textTheTimesOfLoginsSo,
				textCollectHeads,
			}}}},
			{"not", textWhatIsNotCollected, []block{
				text(textYourMyNumberYourPIN),
			}},
			{"share", textWhoGetsIt, []block{
				text(textOfficesKnowYouByAn),
			}},
			{"device", textWhatStaysOnYourDevice, []block{
				text(textTwoCookiesAreUsedOne),
				text(textSoThatYouCanDo),
				{dots: []lang.Text{
					textTheMunicipalityYouChoseAnd,
					textYourToDoListWhich,
					textYourAnswersInTheGuide,
				}},
				text(textWhatIsKeptUnderLock), {dots: keeping.Lines()},
				link("/device", textSeeAndRemoveWhatIs),
			}},
			{"erase", textErasingAndChecking, []block{
				text(textSeeAndCorrectYourRegistration),
			}},
			{"contact", textContact, []block{
				text(textTheOperatorWhoSetUp),
			}},
		},
	}
}
