package myinfo

import (
	"fmt"
	"testing"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access/accesstest"
	"madoguchi/backend/door/rule/ruletest"
	officev1 "madoguchi/proto/gen/office/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

func TestTheWholeWay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		asked := w.ask("hanako", "13.income", "16.record")
		if len(asked) != 2 || asked[0].GetState() != portalv1.InfoState_INFO_STATE_WAITING ||
			asked[0].GetOffice() != "名131105" || asked[0].GetWish().GetFrom() != "2026-04-01" ||
			asked[0].GetWish().GetPlaceCode() != meguro {
			t.Fatalf("asked: %v", asked)
		}
		w.clock = w.clock.Add(20 * time.Second)
		given := w.due(meguro)
		if len(given.GetRequests()) != 1 || given.GetRequests()[0].GetId() != asked[0].GetId() ||
			given.GetRequests()[0].GetPerson() != "131105-hanako" || given.GetRequests()[0].GetDetail() != "13.income" {
			t.Fatalf("the city is given %v", given)
		}
		if again := w.due(meguro); len(again.GetRequests()) != 0 {
			t.Errorf("what is leased is given again: %v", again)
		}
		if got := w.one("hanako", asked[0].GetId()); got.GetState() != portalv1.InfoState_INFO_STATE_TAKEN ||
			got.GetTries() != 1 {
			t.Errorf("in the list: %v", got)
		}
		w.clock = w.clock.Add(40 * time.Second)
		if got := w.mustAnswer(meguro, asked[0].GetId(),
			&officev1.AnswerInformationRequest{Answer: income("149500")}); !got.GetTaken() {
			t.Error("the answer was not taken")
		}
		if got := w.mustAnswer(meguro, asked[0].GetId(),
			&officev1.AnswerInformationRequest{Answer: income("149500")}); got.GetTaken() {
			t.Error("the same answer was taken twice")
		}
		_, err := w.answer(meguro, asked[0].GetId(), &officev1.AnswerInformationRequest{Answer: income("0")})
		accesstest.WantReason(t, err, portalv1.Reason_REASON_ALREADY_DONE, "request_id")

		list := w.list("hanako")
		if list.GetWaitingCount() != 1 || list.GetUnseenCount() != 1 || len(w.list("taro").GetRequests()) != 0 {
			t.Errorf("counts: %v", list)
		}
		answer := w.get("hanako", asked[0].GetId())
		if v := w.value(answer, "13.tax_total"); v.GetText() != "149500" || answer.GetAsOf() != "2026-11-26" ||
			answer.GetRequest().GetAnsweredAt() != w.clock.UnixMilli() {
			t.Errorf("the answer: %v", answer)
		}
		if w.mails() != 1 || len(w.notices) != 1 {
			t.Errorf("%d mails, %d notices tell of it", w.mails(), len(w.notices))
		}
		w.mustAnswer(pension, asked[1].GetId(), none(officev1.NoneGround_NONE_GROUND_PERIOD))
		if w.mails() != 1 {
			t.Error("who was told and has not looked is told again")
		}
		seen, err := w.people.MarkInfoSeen(w.as("hanako"), &portalv1.MarkInfoSeenRequest{
			Ids: []string{asked[0].GetId(), asked[1].GetId(), "none"},
		})
		if err != nil || seen.GetUnseenCount() != 0 {
			t.Error(seen, err)
		}
	})
}

// What stands in the way is said before anything is asked.
func TestPlans(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		plan := func(wish *portalv1.InfoWish) *portalv1.InfoPlan {
			t.Helper()
			response, err := ruletest.Call(w.as("hanako"), w.people.PlanInfo,
				&portalv1.PlanInfoRequest{Wishes: []*portalv1.InfoWish{wish}})
			if err != nil {
				t.Fatal(err)
			}
			return response.GetPlans()[0]
		}
		got := plan(&portalv1.InfoWish{Detail: "13.income"})
		if got.GetState() != portalv1.InfoPlanState_INFO_PLAN_STATE_NOTES || got.GetLivedOn() != "2026-01-01" ||
			got.GetPlaceCode() != meguro || got.GetOffice() != "名131105" || got.GetIntroducedFirst() {
			t.Errorf("tax: %v", got)
		}
		got = plan(&portalv1.InfoWish{Detail: "13.income", From: "2025-04-01", To: "2026-03-31", PlaceCode: old})
		if got.GetOffice() != "名"+old || !got.GetIntroducedFirst() || got.GetLivedOn() != "2025-01-01" {
			t.Errorf("where one lived before: %v", got)
		}
		got = plan(&portalv1.InfoWish{Detail: "13.income", PlaceCode: "011002"})
		if got.GetState() != portalv1.InfoPlanState_INFO_PLAN_STATE_UNSUPPORTED || got.GetOffice() != "" ||
			got.GetPlaceCode() != "011002" {
			t.Errorf("a place without an office: %v", got)
		}
		got = plan(&portalv1.InfoWish{Detail: "27.care"})
		if got.GetState() != portalv1.InfoPlanState_INFO_PLAN_STATE_UNSUPPORTED {
			t.Errorf("what no office holds: %v", got)
		}
		asked := w.ask("hanako", "13.income")
		got = plan(&portalv1.InfoWish{Detail: "13.income"})
		if got.GetState() != portalv1.InfoPlanState_INFO_PLAN_STATE_WAITING ||
			got.GetRequestId() != asked[0].GetId() {
			t.Errorf("what is waited for: %v", got)
		}
		got = plan(&portalv1.InfoWish{Detail: "16.record"})
		if got.GetState() != portalv1.InfoPlanState_INFO_PLAN_STATE_READY ||
			got.GetPlaceCode() != "" {
			t.Errorf("of the nation: %v", got)
		}
		for field, wish := range map[string]*portalv1.InfoWish{
			"wishes[0].detail": {Detail: "99.none"}, "wishes[0].from": {Detail: "13.income", From: "1999-04-01"},
		} {
			_, err := w.people.PlanInfo(w.as("hanako"), &portalv1.PlanInfoRequest{Wishes: []*portalv1.InfoWish{wish}})
			accesstest.WantReason(t, err, portalv1.Reason_REASON_INVALID_FIELD, field)
		}
	})
}

func TestAskingTwiceIsOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, err := w.people.AskInfo(w.as("hanako"),
			&portalv1.AskInfoRequest{Wishes: []*portalv1.InfoWish{{Detail: "1.card"}, {Detail: "13.income"}}})
		accesstest.WantReason(t, err, portalv1.Reason_REASON_TERMS_NOT_AGREED, "confirmed")
		_, err = w.people.AskInfo(w.as("hanako"), &portalv1.AskInfoRequest{
			Wishes: []*portalv1.InfoWish{{Detail: "1.card"}, {Detail: "27.care"}}, Confirmed: everyNote(),
		})
		accesstest.WantReason(t, err, portalv1.Reason_REASON_NOT_FOUND, "wishes")
		if n := len(w.list("hanako").GetRequests()); n != 0 {
			t.Fatalf("%d of what was refused as a whole were asked", n)
		}
		first := w.ask("hanako", "1.card", "1.card", "11.number")
		again, err := w.people.AskInfo(w.as("hanako"),
			&portalv1.AskInfoRequest{Wishes: []*portalv1.InfoWish{{Detail: "1.card"}}})
		if err != nil || first[0].GetId() != first[1].GetId() || again.GetRequests()[0].GetId() != first[0].GetId() {
			t.Error(first, again, err) // the notes stay confirmed, too
		}
		w.mustAnswer(insurer, first[0].GetId(), &officev1.AnswerInformationRequest{Answer: data(record("a",
			"1.insurer_number", "01130012"))})
		w.clock = w.clock.Add(time.Hour)
		more, err := w.people.AskInfoAgain(w.as("hanako"), &portalv1.AskInfoAgainRequest{Id: first[0].GetId()})
		if err != nil || more.GetRequest().GetId() == first[0].GetId() {
			t.Error(more, err)
		}
		_, err = w.people.AskInfoAgain(w.as("taro"), &portalv1.AskInfoAgainRequest{Id: first[0].GetId()})
		wantCode(t, err, connect.CodeNotFound)
	})
}

// A folder waits for so much and no more; what is full is said.
func TestTheFolderIsFull(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.clock = time.Date(2026, 11, 26, 3, 0, 0, 0, time.UTC)
		var wishes []*portalv1.InfoWish
		for n := range mostOpen + 1 {
			day := w.clock.AddDate(0, 0, -n%365).Format(time.DateOnly)
			wishes = append(wishes, &portalv1.InfoWish{Detail: "23.household", From: day})
		}
		for len(wishes) > 1 {
			n := min(40, len(wishes)-1)
			_, err := w.people.AskInfo(w.as("hanako"), &portalv1.AskInfoRequest{Wishes: wishes[:n],
				Confirmed: everyNote()})
			if err != nil {
				t.Fatal(err)
			}
			wishes = wishes[n:]
		}
		_, err := w.people.AskInfo(w.as("hanako"), &portalv1.AskInfoRequest{Wishes: wishes})
		accesstest.WantReason(t, err, portalv1.Reason_REASON_TOO_MANY, "")
		if got := w.list("hanako"); got.GetWaitingCount() != mostOpen || len(got.GetRequests()) != 20 {
			t.Errorf("waits for %d", got.GetWaitingCount())
		}
	})
}

// An office that does not come, takes and says nothing, or says nonsense: the person reads which, and when it is tried
// again. The request stays, and is answered in the end.
func TestAnOfficeThatDoesNotAnswer(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.ask("hanako", "13.income")[0].GetId()
		trouble := func(want portalv1.InfoTrouble, next time.Time) {
			t.Helper()
			got := w.one("hanako", id)
			if got.GetTrouble() != want || want != portalv1.InfoTrouble_INFO_TROUBLE_NONE &&
				got.GetNextTryAt() != next.UnixMilli() {
				t.Errorf("at %v: %v, next %v", w.clock, got.GetTrouble(), time.UnixMilli(got.GetNextTryAt()).UTC())
			}
		}
		trouble(portalv1.InfoTrouble_INFO_TROUBLE_NONE, time.Time{})
		w.clock = w.clock.Add(3*time.Minute + time.Second)
		trouble(portalv1.InfoTrouble_INFO_TROUBLE_NO_CONTACT, w.clock.Truncate(time.Minute).Add(time.Minute))

		if got := w.due(meguro); len(got.GetRequests()) != 1 {
			t.Fatal(got)
		}
		trouble(portalv1.InfoTrouble_INFO_TROUBLE_NONE, time.Time{})
		w.clock = w.clock.Add(firstLease - time.Second)
		if got := w.due(meguro); len(got.GetRequests()) != 0 {
			t.Error("what the office has in hand is given to it again")
		}
		w.clock = w.clock.Add(time.Second)
		trouble(portalv1.InfoTrouble_INFO_TROUBLE_NO_ANSWER, w.clock)
		if got := w.due(meguro); len(got.GetRequests()) != 1 || got.GetRequests()[0].GetTries() != 2 {
			t.Fatalf("it is not given again: %v", got)
		}
		trouble(portalv1.InfoTrouble_INFO_TROUBLE_NO_ANSWER, w.clock.Add(2*firstLease))

		_, err := w.answer(meguro, id, &officev1.AnswerInformationRequest{Answer: data(record("a", "2.drug", "x"))})
		accesstest.WantReason(t, err, portalv1.Reason_REASON_INVALID_FIELD, "data.records[0].values[0].item")
		trouble(portalv1.InfoTrouble_INFO_TROUBLE_UNREADABLE, w.clock.Add(2*firstLease))

		w.clock = w.clock.Add(2 * firstLease)
		w.due(meguro)
		until := w.clock.Add(48 * time.Hour)
		w.mustAnswer(meguro, id,
			unavailable(until.UnixMilli()))
		trouble(portalv1.InfoTrouble_INFO_TROUBLE_UNAVAILABLE, until)
		w.clock = until
		if got := w.due(meguro); len(got.GetRequests()) != 1 {
			t.Fatal("after its time it is not given again")
		}
		w.mustAnswer(meguro, id, &officev1.AnswerInformationRequest{Answer: income("1")})
		if got := w.one("hanako", id); got.GetState() != portalv1.InfoState_INFO_STATE_ANSWERED ||
			got.GetNextTryAt() != 0 {
			t.Errorf("in the end: %v", got)
		}
	})
}

// One office that is dead keeps no other from its requests, and is waited for 30 days.
func TestADeadOfficeHarmsNobodyElse(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		asked := w.ask("hanako", "13.income", "16.record")
		w.due(pension)
		w.mustAnswer(pension, asked[1].GetId(), &officev1.AnswerInformationRequest{Answer: data(record("k",
			"16.scheme", "第1号"))})
		w.clock = w.clock.Add(patience + time.Minute)
		if err := w.offices.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := w.one("hanako", asked[0].GetId()); got.GetState() != portalv1.InfoState_INFO_STATE_ENDED {
			t.Errorf("after 30 days: %v", got)
		}
		if got := w.due(meguro); len(got.GetRequests()) != 0 {
			t.Error("what was ended is given to the office")
		}
		_, err := w.answer(meguro, asked[0].GetId(), &officev1.AnswerInformationRequest{Answer: income("1")})
		wantCode(t, err, connect.CodeNotFound)
		if _, err := w.people.AskInfoAgain(w.as("hanako"),
			&portalv1.AskInfoAgainRequest{Id: asked[0].GetId()}); err != nil {
			t.Error(err)
		}
	})
}

func TestHowLongItUsuallyTakes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for n := range 4 {
			id := w.ask("taro", "16.record")[0].GetId()
			w.clock = w.clock.Add(time.Duration(n+1) * time.Minute)
			w.mustAnswer(pension, id, notYet(""))
		}
		plans, err := w.people.PlanInfo(w.as("hanako"),
			&portalv1.PlanInfoRequest{Wishes: []*portalv1.InfoWish{{Detail: "16.record"}, {Detail: "13.income"}}})
		if err != nil {
			t.Fatal(err)
		}
		// The slots are drawn by lot: two answers may share one.
		if got := plans.GetPlans()[0]; got.GetUsualOf() != 0 && (got.GetUsualOf() < paceLeast ||
			got.GetUsualMs() < 60_000 || got.GetUsualMs() > 240_000) {
			t.Errorf("usually: %v", got)
		}
		if got := plans.GetPlans()[1]; got.GetUsualOf() != 0 || got.GetUsualMs() != 0 {
			t.Errorf("what nobody asked takes: %v", got)
		}
	})
}

// Whatever an office or a person calls, it is theirs alone.
func TestNobodyReachesWhatIsAnothers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.ask("hanako", "13.income")[0].GetId()
		w.due(meguro)
		for _, office := range []string{pension, insurer, old} {
			_, err := w.answer(office, id, &officev1.AnswerInformationRequest{Answer: income("1")})
			wantCode(t, err, connect.CodeNotFound)
			if got := w.due(office); len(got.GetRequests()) != 0 {
				t.Errorf("%s is given %v", office, got)
			}
		}
		w.mustAnswer(meguro, id, &officev1.AnswerInformationRequest{Answer: income("1")})
		_, err := w.people.GetInfoAnswer(w.as("taro"), &portalv1.GetInfoAnswerRequest{Id: id})
		wantCode(t, err, connect.CodeNotFound)
		mine := w.ask("taro", "13.income")[0].GetId()
		w.mustAnswer(meguro, mine, &officev1.AnswerInformationRequest{Answer: income("2")})
		_, err = w.people.GetInfoAnswer(w.as("taro"), &portalv1.GetInfoAnswerRequest{Id: mine, Beside: id})
		accesstest.WantReason(t, err, portalv1.Reason_REASON_NOT_FOUND, "beside")
		erased, err := w.people.EraseInfo(w.as("taro"), &portalv1.EraseInfoRequest{Ids: []string{id}})
		if err != nil || erased.GetErased() != 0 {
			t.Error(erased, err)
		}
		if _, err := w.people.MarkInfoSeen(w.as("taro"), &portalv1.MarkInfoSeenRequest{Ids: []string{id}}); err != nil {
			t.Error(err)
		}
		if w.one("hanako", id).GetSeen() {
			t.Error("another person marked it")
		}
		correction := &portalv1.CorrectInfoRequest{
			RequestId: id, Record: "r8", Item: "13.salary", Fault: portalv1.InfoFault_INFO_FAULT_WRONG, ShouldBe: "1",
		}
		_, err = w.people.CorrectInfo(w.as("taro"), correction)
		accesstest.WantReason(t, err, portalv1.Reason_REASON_NOT_FOUND, "request_id")
		sent, err := w.people.CorrectInfo(w.as("hanako"), correction)
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.offices.AnswerCorrection(w.from(pension), &officev1.AnswerCorrectionRequest{
			CorrectionId: sent.GetCorrection().GetId(),
			Outcome:      officev1.CorrectionOutcome_CORRECTION_OUTCOME_CORRECTED,
		})
		wantCode(t, err, connect.CodeNotFound)
		list, err := w.people.ListInfoCorrections(w.as("taro"), &portalv1.ListInfoCorrectionsRequest{})
		if err != nil || len(list.GetCorrections()) != 0 {
			t.Error(list, err)
		}
		for _, as := range []struct {
			office, person string
			flag           officev1.Protection
			code           connect.Code
		}{
			{pension, "nenkin-hanako", officev1.Protection_PROTECTION_SUPPORT, connect.CodePermissionDenied},
			{meguro, "131105-hanako", officev1.Protection_PROTECTION_NOT_PROVIDED, connect.CodePermissionDenied},
			{meguro, "oqs-hanako", officev1.Protection_PROTECTION_SUPPORT, connect.CodeNotFound},
			{insurer, "131105-hanako", officev1.Protection_PROTECTION_NOT_PROVIDED, connect.CodeNotFound},
			{meguro, "131105-hanako", 9, connect.CodeInvalidArgument},
		} {
			_, err := w.offices.SetProtection(w.from(as.office), &officev1.SetProtectionRequest{Person: as.person,
				Protection: as.flag, On: true})
			wantCode(t, err, as.code)
		}
	})
}

func TestPagesOfTheList(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for n := range 5 {
			w.clock = w.clock.Add(time.Second)
			id := w.ask("hanako", "16.record")[0].GetId()
			if n < 4 {
				w.mustAnswer(pension, id, &officev1.AnswerInformationRequest{Answer: data(record("k", "16.scheme",
					fmt.Sprint("第", n)))})
			}
		}
		w.ask("hanako", "1.card")
		var got []int64
		token := ""
		for range 10 {
			page, err := w.people.ListInfoRequests(w.as("hanako"), &portalv1.ListInfoRequestsRequest{PageSize: 2,
				PageToken: token, Detail: "16.record"})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range page.GetRequests() {
				got = append(got, r.GetAskedAt())
			}
			if token = page.GetNextPageToken(); token == "" {
				break
			}
		}
		if len(got) != 5 || got[0] <= got[4] {
			t.Errorf("pages: %v", got)
		}
		waiting, err := w.people.ListInfoRequests(w.as("hanako"), &portalv1.ListInfoRequestsRequest{WaitingOnly: true})
		if err != nil || len(waiting.GetRequests()) != 2 {
			t.Error(waiting, err)
		}
		_, err = w.people.ListInfoRequests(w.as("taro"), &portalv1.ListInfoRequestsRequest{PageToken: "x"})
		accesstest.WantReason(t, err, portalv1.Reason_REASON_INVALID_FIELD, "page_token")
	})
}
