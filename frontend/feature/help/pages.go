package help

import "madoguchi/frontend/frame/lang"

func howTo() *content {
	return &content{
		title: textHelpTitle,
		lead:  textLoggingInReadingYourNotices,
		lost:  true,
		chapters: []chapter{
			{"start", textTheFirstTime, []block{
				{numbers: []lang.Text{
					textHelpCheckReadiness,
					textLayYourMyNumberCard,
					textTheFirstTimeYouRead,
					textYourHomePageThenShows,
				}},
				link("/prepare", textOpenPrepare),
			}},
			{"needs", textNeeds, []block{{dots: []lang.Text{
				textYourMyNumberCardWith, textItsFourDigitPINThree, textAComputerAndACard,
			}}}},
			{"phone", textOnAPhone, []block{
				text(textFindingProceduresSearchingByEvent),
				text(textToLogInUseA),
				ask(textAskAddPhone, textAddPhone),
				ask(textAskPasskey, textPasskey),
				ask(textAskPhoneReader, textPhoneReader, textPhoneReaderActs),
				ask(textAskLostPhone, textLostPhone),
				text(textChooseAddToHomeScreen),
			}},
			{"notices", textReadingNotices, []block{
				text(textNoticesStandInOrderNewest),
				text(textANoticeThatArrivesWhile),
			}},
			{"find", textFindingAProcedure, []block{
				text(textYouCanLookForProcedures),
				text(textThePageOfAProcedure),
				text(textForAMoveABirth),
				link("/procedures", textHelpFindAProcedure),
				link("/guide", textFindByEventOfLife),
			}},
			{"apply", textChapterApply, []block{
				ask(textAskApplyWhich, textApplyWhich),
				ask(textAskApplyNeeds, textApplyNeeds),
				ask(textAskApplyPause, textApplyPause),
				ask(textAskApplyAfter, textApplyAfter),
				link("/applications", textOpenApplications),
			}},
			{"myinfo", textChapterMyInfo, []block{
				ask(textAskMyInfo, textMyInfo),
				ask(textAskMyInfoWhen, textMyInfoWhen),
				ask(textAskMyInfoWrong, textMyInfoWrong),
				link("/myinfo", textOpenMyInfo),
			}},
			{"histories", textChapterHistories, []block{
				ask(textAskExchange, textExchange),
				ask(textAskExchangeOdd, textExchangeOdd),
				ask(textAskUsage, textUsage),
				ask(textAskNotMe, textNotMe),
				link("/exchange", textOpenExchange),
				link("/usage", textOpenUsage),
			}},
			{"session", textLoggingOutAndTime, []block{
				text(textAfter15MinutesWithoutActivity),
				text(textOnAComputerThatOthers),
			}},
			{"trouble", textWhenSomethingGoesWrong, []block{
				ask(textItSaysThatNoCard,
					textUnplugTheReaderAndPlug),
				ask(textITypedAWrongPIN,
					textTheTriesLeftAreShown),
				ask(textMyCardIsLocked,
					textALockedFourDigitPIN),
				link("/pin", textPINs),
				ask(textItSaysThatTheCertificate,
					textACertificateIsValidUntil),
				ask(textIsMyCardSafeWhenLost,
					textLostStopFirst, textLostPINNeeded, textLostChipHolds, textLostThen),
				ask(textWhenAskingForHelp,
					textQuoteTheCodeThatIs),
			}},
			{"offline", textWithoutANetwork, []block{
				text(textOnADeviceWhereIt),
			}},
			{"promise", textPromise, []block{{dots: []lang.Text{
				textYourPINNeverLeavesYour, textTheTwelveDigitMyNumber, textYouAreAlwaysToldBefore,
				textEverythingAboutHowItWorks,
			}}, link("/who", textHelpWho)}},
		},
	}
}

func environment() *content {
	return &content{
		title: textEnvironmentTitle,
		lead:  textMadoguchiWorksOnTheFollowing,
		chapters: []chapter{
			{"browser", textBrowsers, []block{
				{dots: []lang.Text{
					textGoogleChromeMicrosoftEdgeVersions,
					textFirefoxSafariVersionsOfThe,
				}},
				text(textWebAssemblyAndJavaScriptMustBe),
			}},
			{"card", textToLogInWithYour, []block{
				{dots: []lang.Text{
					textAComputerWithLinuxOther,
					textASmartCardReaderThat,
					textTheCardBridgeASmall,
				}},
				text(textLoggingInWithAPhone),
				link("/help#phone", textOnAPhone),
			}},
			{"screen", textScreens, []block{
				text(textBuiltForWidthsFrom320),
			}},
			{"credits", textCredits, []block{
				{dots: []lang.Text{textCreditTokens, textCreditIcons, textCreditData, textCreditProgram}},
			}},
		},
	}
}

func accessibility() *content {
	return &content{
		title: textAccessibilityTitle,
		lead:  textOurAimIsThatEverybody,
		chapters: []chapter{
			{"do", textWhatWeDo, []block{{dots: []lang.Text{
				textEverythingWorksByKeyboardAlone,
				textHeadingsNamesOfFieldsErrors,
				textColourIsNeverTheOnly,
				textTheSameContentInJapanese,
				textYouAreToldBeforeTime,
			}}}},
			{"measure", textHowItIsMeasured, []block{
				text(textEveryPageIsCheckedWith),
			}},
			{"known", textKnownGaps, []block{{dots: []lang.Text{
				textTheTextOfNoticesIs,
				textTheTestReportInThe,
			}}}},
		},
	}
}

// linksChecked is the day (2026-11-26) on which all addresses below answered; "" until then. `make links` writes it.
const linksChecked = ""

func related() *content {
	return &content{
		title:   textRelatedTitle,
		lead:    textOfficialSitesMadoguchiIsNot,
		checked: linksChecked,
		chapters: []chapter{
			{"card", textRelatedSystem, []block{
				link("https://www.digital.go.jp/policies/mynumber", textRelatedMyNumberSystem),
				link("https://myna.go.jp/", textMynaportalDigitalAgency),
				link("https://www.kojinbango-card.go.jp/", textMyNumberCardSiteJ),
				link("https://www.jpki.go.jp/", textPublicCertificationServiceForIndividuals),
				link("https://www.jpki.go.jp/prepare/reader_writer.html", textRelatedReaders),
			}},
			{"money", textRelatedMoney, []block{
				link("https://www.nenkin.go.jp/n_net/", textRelatedNenkin),
				link("https://www.nta.go.jp/taxes/shiraberu/shinkoku/tokushu/", textRelatedTaxReturn),
				link("https://kokuzei.noufu.jp/", textRelatedTaxByCard),
				link("https://id.mykey.soumu.go.jp/", textRelatedMyKey),
			}},
			{"offices", textRelatedOffices, []block{
				link("https://www.digital.go.jp/", textDigitalAgency),
				link("https://www.ppc.go.jp/", textPersonalInformationProtectionCommission),
			}},
		},
	}
}
