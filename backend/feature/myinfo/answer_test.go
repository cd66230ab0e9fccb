package myinfo

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	"madoguchi/backend/door/access/accesstest"
	"madoguchi/backend/door/mount"
	"madoguchi/backend/door/office/officetest"
	"madoguchi/backend/store/db"
	"madoguchi/proto/clock"
	officev1 "madoguchi/proto/gen/office/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/selfinfo"
)

// What looks alike where there is nothing is told apart, of an answer and of a value.
func TestFiveKindsOfNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		elsewhere := none(officev1.NoneGround_NONE_GROUND_ELSEWHERE)
		elsewhere.Reason = "共済組合"
		outcomes := map[portalv1.InfoOutcome]*officev1.AnswerInformationRequest{
			portalv1.InfoOutcome_INFO_OUTCOME_NONE:    elsewhere,
			portalv1.InfoOutcome_INFO_OUTCOME_NOT_YET: notYet("2026-12-03"),
			portalv1.InfoOutcome_INFO_OUTCOME_REFUSED: refusedFor("個人情報保護法78条"),
			portalv1.InfoOutcome_INFO_OUTCOME_UNREGISTERED: {
				Answer: &officev1.AnswerInformationRequest_Unregistered{
					Unregistered: &officev1.InformationUnregistered{},
				},
			},
			portalv1.InfoOutcome_INFO_OUTCOME_UNSUPPORTED: {
				Answer: &officev1.AnswerInformationRequest_Unsupported{Unsupported: &officev1.InformationUnsupported{}},
			},
			portalv1.InfoOutcome_INFO_OUTCOME_TOO_MUCH: {
				Answer: &officev1.AnswerInformationRequest_TooMuch{TooMuch: &officev1.InformationTooMuch{}},
			},
		}
		for want, answer := range outcomes {
			id := w.ask("hanako", "16.record")[0].GetId()
			reason := answer.GetReason()
			w.mustAnswer(pension, id, answer)
			got := w.get("hanako", id)
			if got.GetOutcome() != want || got.GetReason() != reason || w.one("hanako", id).GetOutcome() != want ||
				len(got.GetRecords()) != 0 {
				t.Errorf("%v: %v", want, got)
			}
			if want == portalv1.InfoOutcome_INFO_OUTCOME_NOT_YET && got.GetExpected() != "2026-12-03" ||
				want == portalv1.InfoOutcome_INFO_OUTCOME_NONE &&
					got.GetNone() != portalv1.InfoNone_INFO_NONE_ELSEWHERE {
				t.Errorf("%v: %v", want, got)
			}
		}
		r := record("a", "13.salary", "0", "13.tax_total", "149500")
		for item, absence := range map[string]officev1.Absence{
			"13.housing": officev1.Absence_ABSENCE_NONE, "13.exemption": officev1.Absence_ABSENCE_UNREGISTERED,
			"13.forest_tax": officev1.Absence_ABSENCE_UNSUPPORTED, "13.donation": officev1.Absence_ABSENCE_NOT_YET,
		} {
			r.Values = append(r.Values, &officev1.InformationValue{Item: item, Absence: absence, Reason: "準備中"})
		}
		id := w.ask("hanako", "13.income")[0].GetId()
		w.mustAnswer(meguro, id, &officev1.AnswerInformationRequest{Answer: data(r)})
		answer := w.get("hanako", id)
		for item, want := range map[string]portalv1.InfoValueState{
			"13.salary":     portalv1.InfoValueState_INFO_VALUE_STATE_ZERO,
			"13.tax_total":  portalv1.InfoValueState_INFO_VALUE_STATE_PRESENT,
			"13.housing":    portalv1.InfoValueState_INFO_VALUE_STATE_NONE,
			"13.exemption":  portalv1.InfoValueState_INFO_VALUE_STATE_UNREGISTERED,
			"13.forest_tax": portalv1.InfoValueState_INFO_VALUE_STATE_UNSUPPORTED,
			"13.donation":   portalv1.InfoValueState_INFO_VALUE_STATE_NOT_YET,
		} {
			if got := w.value(answer, item); got.GetState() != want {
				t.Errorf("%s is %v, not %v", item, got, want)
			}
		}
	})
}

// An answer that cannot be read is refused with its place; the request stays, and the office is named. A value that
// cannot be read is one, under the office's name, without its text.
func TestAnswersThatAreNone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.ask("hanako", "13.income")[0].GetId()
		many := make([]*officev1.InformationRecord, mostRecords+1)
		for n := range many {
			many[n] = record(fmt.Sprint("r", n), "13.salary", "1")
		}
		for field, answer := range map[string]*officev1.AnswerInformationRequest{
			"answer":                         {},
			"data.records":                   {Answer: data()},
			"data.records[0].values[0].item": {Answer: data(record("a", "2.drug", "アムロジピン"))},
			"data.records[0].values[1].item": {Answer: data(record("a", "13.salary", "1", "13.salary", "2"))},
			"data.records[0].values":         {Answer: data(record("a"))},
			"data.records[0].reference":      {Answer: data(record("あ", "13.salary", "1"))},
			"data.records[1].reference": {Answer: data(record("a", "13.salary", "1"), record("a", "13.salary",
				"1"))},
			"data.records[0].as_of": {Answer: data(&officev1.InformationRecord{Reference: "a",
				AsOf: "2999-01-01", Values: record("a", "13.salary", "1").Values})},
			"as_of":             {AsOf: "2026-11-27", Answer: income("1")},
			"reason":            refusedFor(""),
			"not_yet.expected":  notYet("soon"),
			"none.ground":       none(9),
			"unavailable.until": unavailable(1),
		} {
			_, err := w.answer(meguro, id, answer)
			accesstest.WantReason(t, err, portalv1.Reason_REASON_INVALID_FIELD, field)
			if got := w.one("hanako", id); got.GetTrouble() != portalv1.InfoTrouble_INFO_TROUBLE_UNREADABLE ||
				got.GetOffice() == "" {
				t.Errorf("%s: %v", field, got)
			}
		}
		_, err := w.answer(meguro, id, &officev1.AnswerInformationRequest{Answer: data(many...)})
		accesstest.WantReason(t, err, portalv1.Reason_REASON_INVALID_FIELD, "data.records")

		got := w.mustAnswer(meguro, id, &officev1.AnswerInformationRequest{Answer: data(record("a",
			"13.salary", "1,000", "13.year", "2027", "13.exemption", "=HYPERLINK(1)", "13.taxable", "多い", "13.pension",
			"\u202e1",
			"13.tax_total", "149500"))})
		if !got.GetTaken() || got.GetUnreadableCount() != 5 || got.GetUnreadable()[0] != "data.records[0].values[0]" {
			t.Errorf("the office is told %v", got)
		}
		answer := w.get("hanako", id)
		if answer.GetUnreadable() != 5 || w.value(answer, "13.tax_total").GetText() != "149500" {
			t.Errorf("the person: %v", answer)
		}
		for _, item := range []string{"13.salary", "13.year", "13.exemption", "13.taxable", "13.pension"} {
			if v := w.value(answer, item); v.GetState() != portalv1.InfoValueState_INFO_VALUE_STATE_UNREADABLE ||
				v.GetText() != "" {
				t.Errorf("%s: %v", item, v)
			}
		}
	})
}

func TestTwoOfficesThatDisagree(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		asked := w.ask("hanako", "1.card", "23.household")
		w.mustAnswer(insurer, asked[0].GetId(), &officev1.AnswerInformationRequest{AsOf: "2026-10-01",
			Answer: data(record("card",
				"1.address", "東京都目黒区上目黒九丁目999番1号", "1.name", "山田 花子"))})
		w.mustAnswer(meguro, asked[1].GetId(), &officev1.AnswerInformationRequest{Answer: data(
			record("1", "23.member", "山田 花子", "23.address", "東京都目黒区駒場一丁目1番1号"),
			record("2", "23.member", "山田 湊", "23.address", "東京都目黒区駒場一丁目1番1号"),
		)})
		card := w.get("hanako", asked[0].GetId())
		others := w.value(card, "1.address").GetOthers()
		if len(others) != 1 || others[0].GetOffice() != "名"+meguro || others[0].GetText() != "東京都目黒区駒場一丁目1番1号" ||
			others[0].GetRequestId() != asked[1].GetId() || others[0].GetAsOf() != "2026-11-26" {
			t.Errorf("of the address another office says %v", others)
		}
		if len(w.value(card, "1.name").GetOthers()) != 0 {
			t.Error("of the name nobody says anything else")
		}
		w.clock = w.clock.Add(time.Second)
		again := w.ask("hanako", "23.household")[0].GetId()
		w.mustAnswer(meguro, again, &officev1.AnswerInformationRequest{Answer: data(
			record("1", "23.member", "山田 花子", "23.address", "東京都 目黒区上目黒九丁目999番1号"),
		)})
		if others := w.value(w.get("hanako", asked[0].GetId()), "1.address").GetOthers(); len(others) != 0 {
			t.Errorf("after the city says the same: %v", others)
		}
	})
}

func TestAnAnswerBesideAnEarlierOne(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		first := w.ask("hanako", "13.income")[0].GetId()
		w.mustAnswer(meguro, first, &officev1.AnswerInformationRequest{Answer: data(record("a", "13.salary", "1",
			"13.year", "2026"), record("gone", "13.salary", "5"))})
		w.clock = w.clock.Add(24 * time.Hour)
		second := w.ask("hanako", "13.income")[0].GetId()
		w.mustAnswer(meguro, second, &officev1.AnswerInformationRequest{Answer: data(record("a", "13.salary", "0",
			"13.year", "2026"), record("new", "13.salary", "6"))})
		response, err := w.people.GetInfoAnswer(w.as("hanako"), &portalv1.GetInfoAnswerRequest{Id: second,
			Beside: first})
		if err != nil {
			t.Fatal(err)
		}
		answer := response.GetAnswer()
		salary, year := answer.GetRecords()[0].GetValues()[1], answer.GetRecords()[0].GetValues()[0]
		if !salary.GetChanged() || salary.GetTextBefore() != "1" || year.GetChanged() ||
			!answer.GetRecords()[1].GetAdded() ||
			len(answer.GetGone()) != 1 || answer.GetGone()[0].GetReference() != "gone" {
			t.Errorf("beside: %v", answer)
		}
		if len(answer.GetEarlier()) != 1 || answer.GetEarlier()[0].GetId() != first {
			t.Errorf("earlier: %v", answer.GetEarlier())
		}
	})
}

func TestACorrection(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.ask("hanako", "13.income")[0].GetId()
		w.mustAnswer(meguro, id, &officev1.AnswerInformationRequest{Answer: income("149500")})
		correct := func(r *portalv1.CorrectInfoRequest) (*portalv1.CorrectInfoResponse, error) {
			r.RequestId, r.Record = id, "r8"
			return w.people.CorrectInfo(w.as("hanako"), r)
		}
		for field, r := range map[string]*portalv1.CorrectInfoRequest{
			"should_be": {Item: "13.salary", Fault: portalv1.InfoFault_INFO_FAULT_WRONG}, "fault": {Item: "13.salary"},
		} {
			_, err := correct(r)
			accesstest.WantReason(t, err, portalv1.Reason_REASON_INVALID_FIELD, field)
		}
		_, err := correct(&portalv1.CorrectInfoRequest{Item: "13.business_income",
			Fault: portalv1.InfoFault_INFO_FAULT_NOT_MINE})
		accesstest.WantReason(t, err, portalv1.Reason_REASON_NOT_FOUND, "item")
		wrong := &portalv1.CorrectInfoRequest{Item: "13.salary", Fault: portalv1.InfoFault_INFO_FAULT_WRONG,
			ShouldBe: "3500000", Explanation: "源泉徴収票"}
		sent, err := correct(proto.Clone(wrong).(*portalv1.CorrectInfoRequest))
		if err != nil || sent.GetCorrection().GetDue() != "2026-12-26" || sent.GetCorrection().GetWas() != "3600000" {
			t.Fatal(sent, err)
		}
		_, err = correct(wrong)
		accesstest.WantReason(t, err, portalv1.Reason_REASON_ALREADY_DONE, "item")

		given := w.due(meguro).GetCorrections()
		if len(given) != 1 || given[0].GetShouldBe() != "3500000" || given[0].GetPerson() != "131105-hanako" ||
			given[0].GetRecord() != "r8" {
			t.Fatalf("the office is given %v", given)
		}
		answer := func(outcome officev1.CorrectionOutcome, text, due string) error {
			_, err := w.offices.AnswerCorrection(w.from(meguro), &officev1.AnswerCorrectionRequest{
				CorrectionId: sent.GetCorrection().GetId(), Outcome: outcome, Answer: text, Due: due,
			})
			return err
		}
		accesstest.WantReason(t, answer(officev1.CorrectionOutcome_CORRECTION_OUTCOME_DECLINED, "", ""),
			portalv1.Reason_REASON_INVALID_FIELD, "answer")
		accesstest.WantReason(t, answer(9, "x", ""), portalv1.Reason_REASON_INVALID_FIELD, "outcome")
		accesstest.WantReason(t, answer(officev1.CorrectionOutcome_CORRECTION_OUTCOME_EXTENDED, "調べています",
			"2027-12-26"), portalv1.Reason_REASON_INVALID_FIELD, "due")
		if err := answer(officev1.CorrectionOutcome_CORRECTION_OUTCOME_EXTENDED, "調べています", "2027-01-26"); err != nil {
			t.Fatal(err)
		}
		one := func() *portalv1.InfoCorrection {
			t.Helper()
			list, err := w.people.ListInfoCorrections(w.as("hanako"), &portalv1.ListInfoCorrectionsRequest{})
			if err != nil || len(list.GetCorrections()) != 1 {
				t.Fatal(list, err)
			}
			return list.GetCorrections()[0]
		}
		if got := one(); got.GetState() != portalv1.InfoCorrectionState_INFO_CORRECTION_STATE_EXTENDED ||
			got.GetDue() != "2027-01-26" || got.GetAnswer() != "調べています" {
			t.Errorf("extended: %v", got)
		}
		w.clock = time.Date(2027, 1, 27, 3, 0, 0, 0, time.UTC)
		if got := one(); !got.GetOverdue() {
			t.Errorf("past its day: %v", got)
		}
		if got := w.due(meguro).GetCorrections(); len(got) != 1 {
			t.Errorf("past its day it is not given again: %v", got)
		}
		for range 2 { // the same twice is once
			if err := answer(officev1.CorrectionOutcome_CORRECTION_OUTCOME_CORRECTED, "直しました", ""); err != nil {
				t.Fatal(err)
			}
		}
		wantCode(t, answer(officev1.CorrectionOutcome_CORRECTION_OUTCOME_DECLINED, "いいえ", ""),
			connect.CodeAlreadyExists)
		if got := one(); got.GetState() != portalv1.InfoCorrectionState_INFO_CORRECTION_STATE_CORRECTED ||
			got.GetAnswer() != "直しました" || got.GetOverdue() {
			t.Errorf("corrected: %v", got)
		}
		if w.value(w.get("hanako", id), "13.salary").GetCorrectionId() != sent.GetCorrection().GetId() {
			t.Error("the value does not name its correction")
		}
		if w.mails() != 3 { // the answer, the extension, the correction
			t.Errorf("%d mails", w.mails())
		}
		erased, err := w.people.EraseInfo(w.as("hanako"), &portalv1.EraseInfoRequest{Ids: []string{id}})
		if err != nil || erased.GetErased() != 1 {
			t.Fatal(erased, err)
		}
		if list, err := w.people.ListInfoCorrections(w.as("hanako"),
			&portalv1.ListInfoCorrectionsRequest{}); err != nil || len(list.GetCorrections()) != 0 {
			t.Error("what was erased leaves its corrections", list, err)
		}
	})
}

// For as long as the person chose, and no longer.
func TestHowLongAnswersAreKept(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fill := func() {
			t.Helper()
			for range 2 {
				id := w.ask("hanako", "16.record")[0].GetId()
				w.mustAnswer(pension, id, &officev1.AnswerInformationRequest{Answer: data(record("k", "16.scheme",
					"第1号"))})
				w.clock = w.clock.Add(time.Hour)
			}
		}
		count := func(after time.Duration) int {
			t.Helper()
			w.clock = w.clock.Add(after)
			if err := w.offices.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
			return len(w.list("hanako").GetRequests())
		}
		choose := func(keep portalv1.InfoKeep) {
			t.Helper()
			got, err := w.people.UpdateInfoSettings(w.as("hanako"), &portalv1.UpdateInfoSettingsRequest{Keep: &keep})
			if err != nil || got.GetSettings().GetKeep() != keep {
				t.Fatal(got, err)
			}
		}
		const day = 24 * time.Hour
		fill()
		if n := count(29 * day); n != 2 {
			t.Errorf("after 29 days there are %d", n)
		}
		before := w.list("hanako").GetEdition()
		if n := count(2 * day); n != 0 {
			t.Errorf("after 31 days there are %d", n)
		}
		if after := w.list("hanako").GetEdition(); after <= before {
			t.Error("what devices keep is not told to go")
		}
		choose(portalv1.InfoKeep_INFO_KEEP_YEAR)
		fill()
		if n := count(364 * day); n != 2 {
			t.Errorf("after 364 days there are %d", n)
		}
		choose(portalv1.InfoKeep_INFO_KEEP_ERASED)
		if n := count(3000 * day); n != 2 {
			t.Errorf("until they are erased: %d", n)
		}
		choose(portalv1.InfoKeep_INFO_KEEP_30_DAYS) // which holds for them, too, and they are older
		if n := len(w.list("hanako").GetRequests()); n != 0 {
			t.Errorf("when the time is made shorter there are %d", n)
		}
		choose(portalv1.InfoKeep_INFO_KEEP_LOGOUT)
		fill() // comes while nobody is there
		if n := count(day); n != 2 {
			t.Errorf("before anybody looked there are %d", n)
		}
		w.tx(func(q *db.Queries) error {
			return q.FolderNoteLogin(t.Context(), db.FolderNoteLoginParams{ID: "hanako",
				LastLoginAt: w.clock.UnixMilli()})
		})
		w.here["hanako"] = true
		if n := count(time.Minute); n != 2 {
			t.Errorf("in the session there are %d", n)
		}
		fill()
		w.here["hanako"] = false
		if n := count(time.Minute); n != 0 {
			t.Errorf("after the logout there are %d", n)
		}
		unknown := portalv1.InfoKeep(9)
		_, err := w.people.UpdateInfoSettings(w.as("hanako"), &portalv1.UpdateInfoSettingsRequest{Keep: &unknown})
		accesstest.WantReason(t, err, portalv1.Reason_REASON_INVALID_FIELD, "keep")
	})
}

func TestSettings(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		off := false
		got, err := w.people.UpdateInfoSettings(w.as("hanako"), &portalv1.UpdateInfoSettingsRequest{Mail: &off,
			Notice: &off})
		if err != nil || got.GetSettings().GetMail() || got.GetSettings().GetNotice() ||
			!got.GetSettings().GetMailPossible() ||
			got.GetSettings().GetKeep() != portalv1.InfoKeep_INFO_KEEP_30_DAYS {
			t.Error(got, err)
		}
		id := w.ask("hanako", "16.record")[0].GetId()
		w.mustAnswer(pension, id, &officev1.AnswerInformationRequest{Answer: data(record("k", "16.scheme", "第1号"))})
		if w.mails() != 0 || len(w.notices) != 0 {
			t.Errorf("%d mails, %d notices of somebody who wants none", w.mails(), len(w.notices))
		}
		settings, err := w.people.GetInfoSettings(w.as("hanako"), &portalv1.GetInfoSettingsRequest{})
		if err != nil || len(settings.GetSettings().GetConfirmed()) != 29 {
			t.Error(settings, err)
		}
		for _, bad := range []*portalv1.EraseInfoRequest{{}, {All: true, Ids: []string{id}}} {
			_, err = w.people.EraseInfo(w.as("hanako"), bad)
			wantCode(t, err, connect.CodeInvalidArgument)
		}
		all, err := w.people.EraseInfo(w.as("hanako"), &portalv1.EraseInfoRequest{All: true})
		if err != nil || all.GetErased() != 1 || len(w.list("hanako").GetRequests()) != 0 {
			t.Error(all, err)
		}
	})
}

// What protects a person hides what it must, and looks like an answer that has nothing: in what is answered then, and
// of what is there nothing is left.
func TestProtection(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		medicine := func() *officev1.AnswerInformationRequest {
			return &officev1.AnswerInformationRequest{Answer: data(record("m", "2.drug", "葉酸", "2.pharmacy", "上目黒薬局"))}
		}
		answer := func(office, detail string, r *officev1.AnswerInformationRequest) *portalv1.InfoAnswer {
			t.Helper()
			id := w.ask("hanako", detail)[0].GetId()
			w.mustAnswer(office, id, r)
			return w.get("hanako", id)
		}
		set := func(office string, flag officev1.Protection, on, want bool) {
			t.Helper()
			got, err := w.offices.SetProtection(w.from(office), &officev1.SetProtectionRequest{
				Person: officetest.Identifier(office, "hanako"), Protection: flag, On: on,
			})
			if err != nil || got.GetChanged() != want {
				t.Fatal(got, err)
			}
		}
		if got := answer(insurer, "2.medicine", medicine()); len(got.GetRecords()[0].GetValues()) != 2 {
			t.Fatal(got)
		}
		before := w.list("hanako").GetEdition()
		set(insurer, officev1.Protection_PROTECTION_NOT_DISCLOSED, true, true)
		set(insurer, officev1.Protection_PROTECTION_NOT_DISCLOSED, true, false)
		if list := w.list("hanako"); len(list.GetRequests()) != 0 || list.GetEdition() <= before {
			t.Errorf("what was there is left: %v", list)
		}
		got := answer(insurer, "2.medicine", medicine())
		if values := got.GetRecords()[0].GetValues(); len(values) != 1 || values[0].GetItem() != "2.drug" {
			t.Errorf("what tells a place: %v", got)
		}
		set(insurer, officev1.Protection_PROTECTION_NOT_PROVIDED, true, true)
		got = answer(insurer, "2.medicine", medicine())
		nothing := answer(insurer, "2.care", none(0))
		for _, a := range []*portalv1.InfoAnswer{got, nothing} { // what is not of the answer itself
			a.Request, a.Earlier = nil, nil
		}
		if !proto.Equal(got, nothing) {
			t.Errorf("what is hidden is not like what is not there:\n%v\n%v", got, nothing)
		}
		if got := answer(pension, "16.record", &officev1.AnswerInformationRequest{Answer: data(record("k", "16.scheme",
			"第1号"))}); len(got.GetRecords()) != 1 {
			t.Errorf("the flags of insurers hide the pension: %v", got)
		}
		set(meguro, officev1.Protection_PROTECTION_SUPPORT, true, true)
		home := answer(meguro, "23.household", &officev1.AnswerInformationRequest{Answer: data(record("1", "23.member",
			"山田 花子", "23.address", "東京都目黒区"))})
		if home.GetOutcome() != portalv1.InfoOutcome_INFO_OUTCOME_NONE || len(home.GetRecords()) != 0 {
			t.Errorf("the household: %v", home)
		}
		listed, err := w.offices.ListProtections(w.from(insurer), &officev1.ListProtectionsRequest{PageSize: 1})
		if err != nil || len(listed.GetProtections()) != 1 || listed.GetNextPageToken() == "" {
			t.Fatal(listed, err)
		}
		listed, err = w.offices.ListProtections(w.from(insurer), &officev1.ListProtectionsRequest{PageSize: 1,
			PageToken: listed.GetNextPageToken()})
		if err != nil || len(listed.GetProtections()) != 1 ||
			listed.GetProtections()[0].GetProtection() != officev1.Protection_PROTECTION_NOT_PROVIDED {
			t.Error(listed, err)
		}
		set(insurer, officev1.Protection_PROTECTION_NOT_PROVIDED, false, true)
		set(insurer, officev1.Protection_PROTECTION_NOT_DISCLOSED, false, true)
		set(meguro, officev1.Protection_PROTECTION_SUPPORT, false, true)
		if got := answer(insurer, "2.medicine", medicine()); len(got.GetRecords()[0].GetValues()) != 2 {
			t.Errorf("after all is lifted: %v", got)
		}
	})
}

// What is taken along says no more than the pages do of where somebody is whom support measures protect.
func TestWhatIsTakenAlongBetraysNoPlace(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		support := func(on bool) {
			t.Helper()
			_, err := w.offices.SetProtection(w.from(meguro), &officev1.SetProtectionRequest{
				Person:     officetest.Identifier(meguro, "hanako"),
				Protection: officev1.Protection_PROTECTION_SUPPORT, On: on,
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		taken := func() string {
			t.Helper()
			var all []byte
			for _, tell := range []mount.Tell{w.people.tellRequests, w.people.tellCorrections} {
				told, err := tell(t.Context(), w.db.Read(), "hanako")
				if err != nil {
					t.Fatal(err)
				}
				part, err := json.Marshal(told)
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, part...)
			}
			return string(all)
		}
		support(true)
		tax := w.ask("hanako", "13.income")[0].GetId()
		total := data(record("1", "13.tax_total", "86700"))
		w.mustAnswer(meguro, tax, &officev1.AnswerInformationRequest{Answer: total})
		_, err := w.people.CorrectInfo(w.as("hanako"), &portalv1.CorrectInfoRequest{
			RequestId: tax, Record: "1", Item: "13.tax_total", Fault: portalv1.InfoFault_INFO_FAULT_NOT_MINE,
		})
		if err != nil {
			t.Fatal(err)
		}
		hidden := taken()
		for _, place := range []string{meguro, "目黒区"} {
			if strings.Contains(hidden, place) {
				t.Errorf("what is taken along says %s: %s", place, hidden)
			}
		}
		if strings.Count(hidden, somePlace) < 2 || !strings.Contains(hidden, "86700") {
			t.Errorf("the rest is lacking: %s", hidden)
		}
		support(false)
		if open := taken(); strings.Contains(open, somePlace) || !strings.Contains(open, meguro) {
			t.Errorf("after it is lifted: %s", open)
		}
	})
}

// Whatever bytes an office sends, the intake does not break, and what it lets through is what its items may hold.
func FuzzIntake(f *testing.F) {
	seed := func(r *officev1.AnswerInformationRequest) {
		encoded, err := proto.Marshal(r)
		if err != nil {
			f.Fatal(err)
		}
		f.Add("13.income", encoded)
	}
	seed(&officev1.AnswerInformationRequest{Answer: income("149500")})
	seed(&officev1.AnswerInformationRequest{Answer: data(record("a", "13.salary", "=1+1", "13.year", "9999",
		"13.exemption", "\u202e"))})
	seed(&officev1.AnswerInformationRequest{AsOf: "2999-01-01", Answer: data(record("a", "2.drug", strings.Repeat("長",
		400)))})
	seed(&officev1.AnswerInformationRequest{Reason: "\x00",
		Answer: &officev1.AnswerInformationRequest_Refused{Refused: &officev1.InformationRefused{}}})
	seed(&officev1.AnswerInformationRequest{})
	f.Add("13.income", []byte("\xff\xfe\x22\x05\x0a\x03\x0a\x01\xff"))
	f.Add("99.none", []byte{})
	today := clock.Today(time.Date(2026, 11, 26, 3, 0, 0, 0, time.UTC))
	f.Fuzz(func(t *testing.T, detail string, encoded []byte) {
		request := &officev1.AnswerInformationRequest{}
		if proto.Unmarshal(encoded, request) != nil {
			return // refused at the door
		}
		answer, where, err := convert(detail, request, today)
		if err != nil {
			return
		}
		d, _, _ := selfinfo.DetailOf(detail)
		bad := 0
		for _, r := range answer.GetRecords() {
			for _, v := range r.GetValues() {
				item, known := d.Item(v.GetItem())
				switch {
				case !known:
					t.Errorf("%s holds %s", detail, v.GetItem())
				case v.GetState() == portalv1.InfoValueState_INFO_VALUE_STATE_UNREADABLE:
					bad++
				case v.GetText() != "" && item.Check(v.GetText(), today) != nil:
					t.Errorf("%s holds %q", v.GetItem(), v.GetText())
				}
			}
		}
		if bad != len(where) || int(answer.GetUnreadable()) != bad {
			t.Errorf("%d values cannot be read, %v are named", bad, where)
		}
	})
}

// Who is protected (支援措置) is not told by which municipality: not in the list, a plan, an answer, a correction, nor by
// a notice, which has the name of its office. Offices of the nation, and other people, are told of as ever.
func TestAMunicipalityIsNotNamedToWhoIsProtected(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		set := func(on bool) {
			t.Helper()
			_, err := w.offices.SetProtection(w.from(meguro), &officev1.SetProtectionRequest{
				Person:     officetest.Identifier(meguro, "hanako"),
				Protection: officev1.Protection_PROTECTION_SUPPORT, On: on,
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		plan := func(person, detail, place string) *portalv1.InfoPlan {
			t.Helper()
			got, err := w.people.PlanInfo(w.as(person), &portalv1.PlanInfoRequest{Wishes: []*portalv1.InfoWish{{
				Detail: detail, PlaceCode: place,
			}}})
			if err != nil {
				t.Fatal(err)
			}
			return got.GetPlans()[0]
		}
		called := plan("hanako", "13.income", "").GetOffice()
		nation := plan("hanako", "16.record", "").GetOffice()
		set(true)
		for person, want := range map[string]string{"hanako": "○○市区町村", "taro": called} {
			got := plan(person, "13.income", "")
			hidden := got.GetPlaceCode() == "" && got.GetWish().GetPlaceCode() == ""
			if got.GetOffice() != want || hidden != (want != called) {
				t.Errorf("%s plans %v, want %s", person, got, want)
			}
			asked := w.ask(person, "13.income")[0]
			if asked.GetOffice() != want || (asked.GetWish().GetPlaceCode() == "") != (want != called) {
				t.Errorf("%s asked %v", person, asked)
			}
			w.notices = nil
			w.mustAnswer(meguro, asked.GetId(), &officev1.AnswerInformationRequest{Answer: income("149500")})
			if told := len(w.notices) > 0; told != (want == called) {
				t.Errorf("%s has notices of %v", person, w.notices)
			}
			answer := w.get(person, asked.GetId())
			if answer.GetRequest().GetOffice() != want || len(answer.GetRecords()) != 1 {
				t.Errorf("%s reads %v", person, answer)
			}
			_, err := w.people.CorrectInfo(w.as(person), &portalv1.CorrectInfoRequest{
				RequestId: asked.GetId(), Record: answer.GetRecords()[0].GetReference(),
				Item:  answer.GetRecords()[0].GetValues()[0].GetItem(),
				Fault: portalv1.InfoFault_INFO_FAULT_WRONG, ShouldBe: "150000",
			})
			if err != nil {
				t.Fatal(err)
			}
			corrections, err := w.people.ListInfoCorrections(w.as(person), &portalv1.ListInfoCorrectionsRequest{})
			if err != nil || corrections.GetCorrections()[0].GetOffice() != want {
				t.Errorf("%s corrects %v, %v", person, corrections, err)
			}
		}
		if got := plan("hanako", "16.record", "").GetOffice(); got != nation {
			t.Errorf("the pension is held by %q", got)
		}
		if got := plan("hanako", "13.income", old); got.GetWish().GetPlaceCode() != old || got.GetOffice() != "○○市区町村" {
			t.Errorf("of where she said that she lived: %v", got) // what she typed is not lost
		}
		if got := w.ask("hanako", "13.income")[0]; len(w.due(meguro).GetRequests()) == 0 {
			t.Errorf("the municipality is not asked for %v", got)
		}
		set(false)
		if got := w.list("hanako").GetRequests()[0].GetOffice(); got != called {
			t.Errorf("after it is lifted: %s", got)
		}
	})
}

// What is kept is given to who fills in a form, by the person's folder alone.
func TestAKeptAnswerIsGivenToOthers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		kept := func(folder, detail string) ([]*portalv1.InfoRecord, int64) {
			t.Helper()
			records, at, err := Kept(t.Context(), w.db.Read(), folder, detail)
			if err != nil {
				t.Fatal(err)
			}
			return records, at
		}
		if records, at := kept("hanako", "16.record"); len(records) != 0 || at != 0 {
			t.Errorf("before there is an answer: %v, %d", records, at)
		}
		id := w.ask("hanako", "16.record")[0].GetId()
		detail := mustDetail("16.record")
		item := detail.Items[slices.IndexFunc(detail.Items, func(i selfinfo.Item) bool {
			return i.Type == selfinfo.Plain
		})]
		w.mustAnswer(pension, id, &officev1.AnswerInformationRequest{Answer: data(record("a", item.Key, "x"))})
		if records, at := kept("hanako", "16.record"); len(records) != 1 || at == 0 ||
			records[0].GetValues()[0].GetText() != "x" {
			t.Errorf("%v, %d", records, at)
		}
		for _, none := range [][2]string{{"taro", "16.record"}, {"hanako", "13.income"}} {
			if records, _ := kept(none[0], none[1]); len(records) != 0 {
				t.Errorf("%v: %v", none, records)
			}
		}
	})
}
