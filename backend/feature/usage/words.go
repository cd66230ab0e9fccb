package usage

import (
	"maps"
	"slices"

	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/static/text/say"
)

// acts are what the names are called that the contract gives to acts (access.v1.Access.record). They stay when an act
// goes: its lines are there for ten years.
var acts = map[string]say.Text{
	"account.ask_confirmation":  textAccountAskConfirmation,
	"account.change":            textAccountChange,
	"account.confirm_mail":      textAccountConfirmMail,
	"account.open":              textAccountOpen,
	"account.undo_mail":         textAccountUndoMail,
	"application.correct":       textApplicationCorrect,
	"application.cosign":        textApplicationCosign,
	"application.cosign_file":   textApplicationCosignFile,
	"application.cosign_link":   textApplicationCosignLink,
	"application.cosign_opened": textApplicationCosignOpened,
	"application.cosign_prove":  textApplicationCosignProve,
	"application.cosign_read":   textApplicationCosignRead,
	"application.file":          textApplicationFile,
	"application.keep":          textApplicationKeep,
	"application.opened":        textApplicationOpened,
	"application.read":          textApplicationRead,
	"application.send":          textApplicationSend,
	"application.settings":      textApplicationSettings,
	"application.withdraw":      textApplicationWithdraw,
	"application.write":         textApplicationWrite,
	"device.name":               textDeviceName,
	"device.remove":             textDeviceRemove,
	"draft.attach":              textDraftAttach,
	"draft.drop":                textDraftDrop,
	"draft.open":                textDraftOpen,
	"draft.prefill":             textDraftPrefill,
	"draft.restore":             textDraftRestore,
	"exchange.ask":              textExchangeAsk,
	"exchange.claim":            textExchangeClaim,
	"exchange.list":             textExchangeList,
	"exchange.read":             textExchangeRead,
	"exchange.settings":         textExchangeSettings,
	"inquiry.close":             textInquiryClose,
	"inquiry.open":              textInquiryOpen,
	"inquiry.read":              textInquiryRead,
	"inquiry.write":             textInquiryWrite,
	"login.allow_computer":      textLoginAllowComputer,
	"login.begin":               textLoginBegin,
	"login.begin_by_phone":      textLoginBeginByPhone,
	"login.end":                 textLoginEnd,
	"login.end_computer":        textLoginEndComputer,
	"login.end_everywhere":      textLoginEndEverywhere,
	"login.passkey":             textLoginPasskey,
	"login.passkey_add":         textLoginPasskeyAdd,
	"login.passkey_end":         textLoginPasskeyEnd,
	"login.passkey_name":        textLoginPasskeyName,
	"login.refuse_computer":     textLoginRefuseComputer,
	"login.show_card":           textLoginShowCard,
	"myinfo.ask":                textMyinfoAsk,
	"myinfo.correct":            textMyinfoCorrect,
	"myinfo.corrections":        textMyinfoCorrections,
	"myinfo.erase":              textMyinfoErase,
	"myinfo.read":               textMyinfoRead,
	"myinfo.settings":           textMyinfoSettings,
	"notice.action":             textNoticeAction,
	"notice.mark":               textNoticeMark,
	"notice.read":               textNoticeRead,
	"session.ended":             textSessionEnded,
	"takeaway.all":              textTakeawayAll,
	"todo.add":                  textTodoAdd,
	"todo.change":               textTodoChange,
	"todo.remove":               textTodoRemove,
	"usage.confirm_disowned":    textUsageConfirmDisowned,
	"usage.disown":              textUsageDisown,
	"usage.end_others":          textUsageEndOthers,
	"usage.end_session":         textUsageEndSession,
	"usage.take_along":          textUsageTakeAlong,
}

// whys are why something was refused, or happened by itself.
var whys = map[string]say.Text{
	"not_allowed":   textWhyNotAllowed,
	"ahead":         textWhyAhead,
	"too_often":     textWhyTooOften,
	"unverified":    textWhyUnverified,
	"wrong_passkey": textWhyWrongPasskey,
	"ended_passkey": textWhyEndedPasskey,
	"idle":          textWhyIdle,
	"longest":       textWhyLongest,
	"certificate":   textWhyCertificate,
	"revoked":       textWhyRevoked,
	"renewed":       textWhyRenewed,
	"unknown":       textWhyUnknown,
	"expired":       textWhyExpired,
	"mistyped":      textWhyMistyped,
	"copied":        textWhyCopied,
	"other_card":    textWhyOtherCard,
}

// fields are what an act can be about.
var fields = map[string]say.Text{
	"display_name":      textFieldDisplayName,
	"language":          textFieldLanguage,
	"mail_address":      textFieldMailAddress,
	"mail_on_login":     textFieldMailOnLogin,
	"mail_on_notice":    textFieldMailOnNotice,
	"municipality_code": textFieldMunicipality,
}

var results = map[portalv1.UsageResult]say.Text{
	portalv1.UsageResult_USAGE_RESULT_DONE:      textResultDone,
	portalv1.UsageResult_USAGE_RESULT_REFUSED:   textResultRefused,
	portalv1.UsageResult_USAGE_RESULT_BY_ITSELF: textResultByItself,
}

var means = map[portalv1.Means]say.Text{
	portalv1.Means_MEANS_CARD:    textMeansCard,
	portalv1.Means_MEANS_PASSKEY: textMeansPasskey,
	portalv1.Means_MEANS_PHONE:   textMeansPhone,
}

var places = map[portalv1.UsagePlace]say.Text{
	portalv1.UsagePlace_USAGE_PLACE_JAPAN:  textPlaceJapan,
	portalv1.UsagePlace_USAGE_PLACE_ABROAD: textPlaceAbroad,
}

func said(words map[string]say.Text) (list []*portalv1.UsageWord) {
	for _, name := range slices.Sorted(maps.Keys(words)) {
		ja, en, easy := words[name].Local()
		list = append(list, &portalv1.UsageWord{
			Name: name, Text: &portalv1.LocalText{Ja: ja, En: en, Easy: easy},
		})
	}
	return list
}
