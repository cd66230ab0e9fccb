package exchange

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"madoguchi/backend/door/access/accesstest"
	"madoguchi/backend/door/office/officetest"
	"madoguchi/backend/door/rule/ruletest"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	"madoguchi/backend/store/ledger"
	officev1 "madoguchi/proto/gen/office/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
	chains "madoguchi/proto/ledger"
)

func sqlite(t testing.TB) *db.DB { return dbtest.SQLite(t) }

func readLines(w *world, folder string, chain chains.Chain, number uint64) (int, error) {
	lines, err := ledger.Read(w.t.Context(), w.db.Read(), folder, chain, number)
	return len(lines), err
}

// years are reports of one exchange a year, the first of 2020.
func (w *world) years(folder string, n int) {
	w.t.Helper()
	for i := range n {
		r := w.asked(fmt.Sprintf("y%d", i), fmt.Sprintf("Y%d", i), folder)
		at := time.Date(2020+i, 6, 1, 12, 0, 0, 0, time.UTC).UnixMilli()
		r.GetEvent().AskedAt, r.GetEvent().ProvidedAt = at, at+1000
		if i%2 == 1 {
			e := r.GetEvent()
			e.Duty, e.Procedure, e.Info, e.Items = "national-pension", "exemption", "tax", nil
			e.Result, e.Other = officev1.ExchangeResult_EXCHANGE_RESULT_NONE, &officev1.ExchangeOffice{Name: "札幌市長"}
		}
		w.mustSend(meguro, r)
	}
}

func TestAListIsNarrowedAndGoesOn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.years("hanako", 7)
		for want, narrow := range map[string]func(*portalv1.ListExchangesRequest){
			"Y6 Y5 Y4 Y3 Y2 Y1 Y0": func(*portalv1.ListExchangesRequest) {},
			"Y4":                   func(r *portalv1.ListExchangesRequest) { r.From, r.To = "2024-01-01", "2024-12-31" },
			"Y6 Y5":                func(r *portalv1.ListExchangesRequest) { r.From = "2025-06-01" },
			"Y1 Y0":                func(r *portalv1.ListExchangesRequest) { r.To = "2021-06-01" },
			"Y5 Y3 Y1":             func(r *portalv1.ListExchangesRequest) { r.Office = "札幌市長" },
			"Y6 Y4 Y2 Y0":          func(r *portalv1.ListExchangesRequest) { r.Duty = "child-allowance" },
			"Y5":                   func(r *portalv1.ListExchangesRequest) { r.Result, r.From = 2, "2025-01-01" },
			"":                     func(r *portalv1.ListExchangesRequest) { r.Office = "nobody" },
		} {
			if got := numbers(w.list("hanako", narrow)); got != want {
				t.Errorf("%q, want %q", got, want)
			}
			// How many they are is known with the first of them.
			page := w.list("hanako", narrow, func(r *portalv1.ListExchangesRequest) { r.PageSize = 1 })
			if got := len(strings.Fields(want)); int(page.GetFound()) != got || page.GetCount() != 7 {
				t.Errorf("%q are %d of %d", want, page.GetFound(), page.GetCount())
			}
		}
		first := w.list("hanako", func(r *portalv1.ListExchangesRequest) { r.PageSize = 4 })
		if first.GetCount() != 7 || len(first.GetYears()) != 7 || first.GetYears()[0].GetKey() != "2026" ||
			len(first.GetOffices()) != 3 || len(first.GetDuties()) != 2 || len(first.GetWords().GetDuties()) != 2 {
			t.Errorf("by what it can be narrowed: %v", first)
		}
		rest := w.list("hanako", func(r *portalv1.ListExchangesRequest) {
			r.PageSize, r.PageToken = 4, first.GetNextPageToken()
		})
		if got := numbers(first) + " " + numbers(rest); got != "Y6 Y5 Y4 Y3 Y2 Y1 Y0" || rest.GetNextPageToken() != "" {
			t.Errorf("in pages: %s", got)
		}
	})
}

func TestListsThatAreNone(t *testing.T) {
	w := newWorld(t, sqlite(t))
	w.years("hanako", 2)
	first := w.list("hanako", func(r *portalv1.ListExchangesRequest) { r.PageSize = 1 })
	for want, request := range map[string]*portalv1.ListExchangesRequest{
		"invalid_argument page_size":  {PageSize: 101},
		"invalid_argument page_token": {PageToken: first.GetNextPageToken(), Office: "目黒区長"},
		"invalid_argument from":       {From: "2026-02-30"},
		"invalid_argument to":         {From: "2026-02-02", To: "2026-02-01"},
	} {
		_, err := ruletest.Call(w.as("hanako"), w.people.ListExchanges, request)
		if got := refused(err); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	_, err := ruletest.Call(w.as("taro"), w.people.ListExchanges,
		&portalv1.ListExchangesRequest{PageSize: 1, PageToken: first.GetNextPageToken()})
	if got := refused(err); got != "invalid_argument page_token" {
		t.Errorf("another person's token: %s", got)
	}
	_, err = w.people.GetExchange(w.as("taro"), &portalv1.GetExchangeRequest{Number: "Y0"})
	if got := refused(err); got != "not_found number" {
		t.Errorf("another person's exchange: %s", got)
	}
}

func TestOneIsShownWithWhatMayExplainIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.years("hanako", 2)
		w.hints = []*portalv1.ExchangeHint{{Notice: "n1", Title: "児童手当の手続について"}}
		got, err := w.people.GetExchange(w.as("hanako"), &portalv1.GetExchangeRequest{Number: "Y0"})
		if err != nil || got.GetExchange().GetNumber() != "Y0" || len(got.GetHints()) != 1 ||
			fmt.Sprint(got.GetClaimable()) != "[EXCHANGE_SIDE_ASKER EXCHANGE_SIDE_PROVIDER]" {
			t.Errorf("%v, %v", got, err)
		}
		got, err = w.people.GetExchange(w.as("hanako"), &portalv1.GetExchangeRequest{Number: "Y1"})
		if err != nil || fmt.Sprint(got.GetClaimable()) != "[EXCHANGE_SIDE_ASKER]" ||
			got.GetExchange().GetOtherMayReport() {
			t.Errorf("of an office that is not connected: %v, %v", got, err)
		}
	})
}

func (w *world) tasks(office string) *officev1.ListExchangeTasksResponse {
	w.t.Helper()
	tasks, err := w.offices.ListExchangeTasks(w.from(office), &officev1.ListExchangeTasksRequest{})
	if err != nil {
		w.t.Fatal(err)
	}
	return tasks
}

func (w *world) inquiry(folder string) *portalv1.ExchangeInquiry {
	w.t.Helper()
	all, err := w.people.ListExchangeInquiries(w.as(folder), &portalv1.ListExchangeInquiriesRequest{})
	if err != nil || len(all.GetInquiries()) == 0 {
		w.t.Fatal(all, err)
	}
	return all.GetInquiries()[0]
}

func TestOfficesAreAskedForWhatIsMissing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		period := &portalv1.AskExchangesRequest{From: "2025-11-26", To: "2026-11-26"}
		asked, err := ruletest.Call(w.as("hanako"), w.people.AskExchanges, period)
		if err != nil || len(asked.GetInquiry().GetOffices()) != 3 ||
			asked.GetInquiry().GetState() != portalv1.ExchangeInquiryState_EXCHANGE_INQUIRY_STATE_ACCEPTED {
			t.Fatal(asked, err)
		}
		again, err := ruletest.Call(w.as("hanako"), w.people.AskExchanges, period)
		if err != nil || again.GetInquiry().GetId() != asked.GetInquiry().GetId() {
			t.Errorf("asked twice: %v, %v", again, err)
		}
		if tasks := w.tasks(quiet); len(tasks.GetInquiries()) != 0 {
			t.Error("an office is asked that does not report")
		}
		tasks := w.tasks(meguro)
		if len(tasks.GetInquiries()) != 1 ||
			tasks.GetInquiries()[0].GetPerson() != officetest.Identifier(meguro, "hanako") {
			t.Fatal(tasks)
		}
		w.clock = w.clock.Add(time.Second)
		w.mustSend(meguro, w.asked("m1", "N1", "hanako"))
		answer := &officev1.AnswerExchangeInquiryRequest{InquiryId: asked.GetInquiry().GetId()}
		for n, office := range []string{meguro, matsumoto, pension} {
			for _, taken := range []bool{true, false} {
				got, err := w.offices.AnswerExchangeInquiry(w.from(office), answer)
				if err != nil || got.GetTaken() != taken {
					t.Errorf("%s: %v, %v", office, got, err)
				}
			}
			want := portalv1.ExchangeInquiryState_EXCHANGE_INQUIRY_STATE_PARTLY
			if n == 2 {
				want = portalv1.ExchangeInquiryState_EXCHANGE_INQUIRY_STATE_DONE
			}
			if got := w.inquiry("hanako"); got.GetState() != want || got.GetCome() != 1 {
				t.Errorf("after %s: %v", office, got)
			}
		}
		_, err = w.offices.AnswerExchangeInquiry(w.from(quiet), answer)
		if got := refused(err); got != "not_found inquiry_id" {
			t.Errorf("by an office that was not asked: %s", got)
		}
		if len(w.tasks(meguro).GetInquiries()) != 0 {
			t.Error("what was answered is asked again")
		}
	})
}

func TestInquiriesThatAreNone(t *testing.T) {
	w := newWorld(t, sqlite(t))
	for want, request := range map[string]*portalv1.AskExchangesRequest{
		"invalid_argument to":   {From: "2026-11-26", To: "2026-11-25"},
		"invalid_argument from": {From: "2019-11-25", To: "2026-11-25"},
	} {
		_, err := ruletest.Call(w.as("hanako"), w.people.AskExchanges, request)
		if got := refused(err); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	for n := range mostInquiries + 1 {
		_, err := ruletest.Call(w.as("hanako"), w.people.AskExchanges, &portalv1.AskExchangesRequest{
			From: fmt.Sprintf("2026-10-%02d", n+1), To: "2026-11-01",
		})
		if n < mostInquiries && err != nil || n == mostInquiries && refused(err) != "failed_precondition " {
			t.Errorf("%d: %v", n, err)
		}
	}
	w.clock = w.clock.AddDate(0, 0, 31)
	if got := w.inquiry("hanako").GetState(); got != portalv1.ExchangeInquiryState_EXCHANGE_INQUIRY_STATE_ENDED {
		t.Errorf("after a month: %v", got)
	}
	if tasks := w.tasks(meguro); len(tasks.GetInquiries()) != 0 {
		t.Error("an office is asked for ever")
	}
}

func TestAMistakeIsToldAndAnswered(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.mustSend(meguro, w.asked("m1", "N1", "hanako"))
		claim := &portalv1.ClaimExchangeRequest{
			Number: "N1", To: portalv1.ExchangeSide_EXCHANGE_SIDE_ASKER,
			Fault: portalv1.ExchangeFault_EXCHANGE_FAULT_UNKNOWN, Explanation: "申請していません",
		}
		sent, err := ruletest.Call(w.as("hanako"), w.people.ClaimExchange, claim)
		if err != nil || sent.GetClaim().GetDue() != "2026-12-26" || sent.GetClaim().GetOffice() != "目黒区" {
			t.Fatal(sent, err)
		}
		_, err = ruletest.Call(w.as("hanako"), w.people.ClaimExchange, claim)
		if got := refused(err); got != "already_exists number" {
			t.Errorf("told twice: %s", got)
		}
		_, err = ruletest.Call(w.as("taro"), w.people.ClaimExchange, claim)
		if got := refused(err); got != "not_found number" {
			t.Errorf("by somebody else: %s", got)
		}
		if len(w.tasks(matsumoto).GetClaims()) != 0 {
			t.Error("another office gets it")
		}
		got := w.tasks(meguro).GetClaims()
		if len(got) != 1 || got[0].GetExplanation() != "申請していません" || got[0].GetNumber() != "N1" {
			t.Fatal(got)
		}
		state := func() *portalv1.ExchangeClaim { return w.list("hanako").GetExchanges()[0].GetClaim() }
		if state().GetState() != portalv1.ExchangeClaimState_EXCHANGE_CLAIM_STATE_TAKEN {
			t.Errorf("the office has it: %v", state())
		}
		w.clock = w.clock.AddDate(0, 0, 31)
		if !state().GetOverdue() {
			t.Error("it is not said that the office is late")
		}
		answer := &officev1.AnswerExchangeClaimRequest{
			ClaimId: got[0].GetId(), Outcome: officev1.ExchangeClaimOutcome_EXCHANGE_CLAIM_OUTCOME_EXTENDED,
			Answer: "調べています", Due: "2027-03-01",
		}
		_, err = ruletest.Call(w.from(meguro), w.offices.AnswerExchangeClaim, answer)
		if got := refused(err); got != "invalid_argument due" {
			t.Errorf("for too long: %s", got)
		}
		answer.Due = "2027-01-20"
		for _, taken := range []bool{true, false} {
			if got, err := ruletest.Call(w.from(meguro), w.offices.AnswerExchangeClaim, answer); err != nil ||
				got.GetTaken() != taken {
				t.Errorf("extended: %v, %v", got, err)
			}
		}
		answer = &officev1.AnswerExchangeClaimRequest{
			ClaimId: got[0].GetId(), Outcome: officev1.ExchangeClaimOutcome_EXCHANGE_CLAIM_OUTCOME_EXPLAINED,
			Answer: "ご家族の児童手当の申請のためです",
		}
		_, err = ruletest.Call(w.from(matsumoto), w.offices.AnswerExchangeClaim, answer)
		if refused(err) != "not_found claim_id" {
			t.Errorf("by another office: %v", err)
		}
		if _, err := ruletest.Call(w.from(meguro), w.offices.AnswerExchangeClaim, answer); err != nil {
			t.Fatal(err)
		}
		if c := state(); c.GetAnswer() != "ご家族の児童手当の申請のためです" || c.GetOverdue() {
			t.Errorf("answered: %v", c)
		}
		answer.Outcome = officev1.ExchangeClaimOutcome_EXCHANGE_CLAIM_OUTCOME_CORRECTED
		_, err = ruletest.Call(w.from(meguro), w.offices.AnswerExchangeClaim, answer)
		if refused(err) != "already_exists claim_id" {
			t.Errorf("answered otherwise: %v", err)
		}
		if got := len(w.mails()); got != 3 { // the first exchange, and both answers
			t.Errorf("%d mails", got)
		}
	})
}

func TestClaimsThatAreNone(t *testing.T) {
	w := newWorld(t, sqlite(t))
	w.years("hanako", 2)
	for want, request := range map[string]*portalv1.ClaimExchangeRequest{
		"invalid_argument fault":       {Number: "Y0", To: 1},
		"invalid_argument explanation": {Number: "Y0", To: 1, Fault: 3},
		"not_found to":                 {Number: "Y1", To: 2, Fault: 1},
		"not_found number":             {Number: "Y9", To: 1, Fault: 1},
	} {
		_, err := ruletest.Call(w.as("hanako"), w.people.ClaimExchange, request)
		if got := refused(err); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestWhetherToBeToldIsTheirs(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		got, err := w.people.GetExchangeSettings(w.as("hanako"), &portalv1.GetExchangeSettingsRequest{})
		if err != nil || !got.GetSettings().GetMail() || !got.GetSettings().GetMailPossible() {
			t.Fatal(got, err)
		}
		if _, err := w.people.UpdateExchangeSettings(w.as("hanako"),
			&portalv1.UpdateExchangeSettingsRequest{}); err != nil {
			t.Fatal(err)
		}
		w.mustSend(meguro, w.asked("m1", "N1", "hanako"))
		if got := w.mails(); len(got) != 0 {
			t.Errorf("told though it is switched off: %v", got)
		}
	})
}

// The home page tells who is to answer, and who asked for the first time of late; not what is answered, nor what is
// old, nor anybody else's.
func TestWhatIsNewIsTold(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		news := func(of string) string {
			t.Helper()
			got, err := w.people.ListExchangeNews(w.as(of), &portalv1.ListExchangeNewsRequest{})
			if err != nil {
				t.Fatal(err)
			}
			list := ""
			for _, c := range got.GetClaims() {
				list += c.GetNumber() + " by " + c.GetDue() + " " + c.GetOffice() + "; "
			}
			for _, f := range got.GetFirsts() {
				list += f.GetNumber() + " first " + f.GetOffice() + "; "
			}
			return list
		}
		if got := news("hanako"); got != "" {
			t.Error(got)
		}
		old := w.asked("m0", "N0", "hanako")
		old.GetEvent().OwnName = "札幌市長"
		old.GetEvent().AskedAt = w.clock.Add(-firstFor - time.Hour).UnixMilli()
		old.GetEvent().ProvidedAt = old.GetEvent().GetAskedAt()
		w.mustSend(meguro, old, w.asked("m1", "N1", "hanako"), w.asked("m2", "N2", "hanako"))
		if got := news("hanako"); got != "N1 first 目黒区長; " {
			t.Error(got)
		}
		_, err := w.people.ClaimExchange(w.as("hanako"), &portalv1.ClaimExchangeRequest{
			Number: "N2", To: portalv1.ExchangeSide_EXCHANGE_SIDE_ASKER,
			Fault: portalv1.ExchangeFault_EXCHANGE_FAULT_UNKNOWN,
		})
		if err != nil {
			t.Fatal(err)
		}
		w.clock = w.clock.Add(firstFor)
		if got := news("hanako"); got != "N2 by 2026-12-26 目黒区; " {
			t.Error(got)
		}
		if got := news("taro"); got != "" {
			t.Error(got)
		}
		tasks, err := w.offices.ListExchangeTasks(w.from(meguro), &officev1.ListExchangeTasksRequest{})
		if err != nil || len(tasks.GetClaims()) != 1 {
			t.Fatal(tasks, err)
		}
		_, err = w.offices.AnswerExchangeClaim(w.from(meguro), &officev1.AnswerExchangeClaimRequest{
			ClaimId: tasks.GetClaims()[0].GetId(), Answer: "説明します",
			Outcome: officev1.ExchangeClaimOutcome_EXCHANGE_CLAIM_OUTCOME_EXPLAINED,
		})
		if got := news("hanako"); err != nil || got != "" {
			t.Error(got, err)
		}
	})
}

func TestWhoMayCall(t *testing.T) {
	w := newWorld(t, sqlite(t))
	w.mustSend(meguro, w.asked("m1", "N1", "hanako"))
	if got := numbers(w.list("taro")); got != "" {
		t.Errorf("taro sees %s", got)
	}
	taro := accesstest.AsCitizen(t.Context(), "taro")
	_, err := w.people.GetExchange(taro, &portalv1.GetExchangeRequest{Number: "N1"})
	if got := refused(err); got != "not_found number" {
		t.Error(got)
	}
}
