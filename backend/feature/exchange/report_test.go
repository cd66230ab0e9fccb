package exchange

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"madoguchi/backend/door/office/officetest"
	"madoguchi/backend/door/rule/ruletest"
	"madoguchi/backend/store/db"
	officev1 "madoguchi/proto/gen/office/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
	chains "madoguchi/proto/ledger"
)

func TestBothSidesReportEachForItself(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		taken := w.mustSend(meguro, w.asked("m1", "N1", "hanako"))
		if !taken[0].GetTaken() || !strings.HasPrefix(taken[0].GetProof(), "c2sp.org/tlog-proof@v1") {
			t.Errorf("taken in: %v", taken)
		}
		e := w.list("hanako").GetExchanges()[0]
		if e.GetByAsker() != 1 || e.GetByProvider() != 0 || !e.GetOtherMayReport() || !e.GetFirst() {
			t.Errorf("one side: %v", e)
		}
		w.clock = w.clock.Add(time.Minute)
		w.mustSend(matsumoto, w.provided("x1", "N1", "hanako"))
		found := w.list("hanako")
		e = found.GetExchanges()[0]
		if numbers(found) != "N1" || e.GetByAsker() != 1 || e.GetByProvider() != 2 || e.GetDiffers() ||
			e.GetOtherMayReport() || e.GetLaw() != "番号法第19条第8号" {
			t.Errorf("both sides: %v", e)
		}
		asked := w.records(found.GetLines())[1]
		if asked.GetAsker().GetName() != "目黒区長" || asked.GetProvider().GetOffice() != matsumoto ||
			asked.GetResult() != portalv1.ExchangeResult_EXCHANGE_RESULT_GIVEN || len(asked.GetItems()) != 2 {
			t.Errorf("what stands in the line: %v", asked)
		}
		if n := len(found.GetWords().GetDuties()); n != 1 || len(found.GetWords().GetOffices()) != 2 {
			t.Errorf("words: %v", found.GetWords())
		}
		if numbers(w.list("taro")) != "" {
			t.Error("somebody else sees it")
		}
		if got := fmt.Sprint(w.mails()); got != "[hanako mail]" {
			t.Errorf("told of the first exchange: %s", got)
		}
	})
}

// Who has asked before is known by the name that an exchange has at last, also when it got it in the same call.
func TestANameThatComesInTheSameCallIsNotNew(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		before := w.provided("x1", "N1", "hanako")
		before.GetEvent().Other.Name = "目黒区"
		w.mustSend(matsumoto, before)
		w.mustSend(meguro, w.asked("m1", "N1", "hanako"), w.asked("m2", "N2", "hanako"), w.asked("m3", "N3", "taro"))
		first := map[string]bool{}
		for _, folder := range []string{"hanako", "taro"} {
			for _, e := range w.list(folder).GetExchanges() {
				first[e.GetNumber()] = e.GetFirst()
			}
		}
		if !first["N1"] || first["N2"] || !first["N3"] {
			t.Errorf("asked for the first time: %v", first)
		}
	})
}

func TestAReportSentAgainIsOne(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		first := w.mustSend(meguro, w.asked("m1", "N1", "hanako"))[0]
		again := w.mustSend(meguro, w.asked("m1", "N1", "hanako"), w.asked("m2", "N2", "hanako"))
		if !first.GetTaken() || again[0].GetTaken() || !again[1].GetTaken() || again[0].GetProof() == "" {
			t.Errorf("sent again: %v", again)
		}
		other := w.asked("m1", "N1", "hanako")
		other.GetEvent().Items = []string{"income"}
		_, err := w.send(meguro, w.asked("m3", "N3", "hanako"), other)
		if got := refused(err); got != "already_exists reports[1].report" {
			t.Error(got)
		}
		if got := numbers(w.list("hanako")); got != "N2 N1" {
			t.Errorf("half of a call was taken in: %s", got)
		}
		_, err = w.send(meguro, w.asked("m4", "N1", "hanako"))
		if got := refused(err); got != "already_exists reports[0].number" {
			t.Errorf("the same side twice: %s", got)
		}
	})
}

func TestWhatContradictsIsRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.mustSend(meguro, w.asked("m1", "N1", "hanako"))
		_, err := w.send(matsumoto, w.provided("x1", "N1", "taro"))
		if got := refused(err); got != "failed_precondition reports[0].person" {
			t.Errorf("about somebody else: %s", got)
		}
		byPension := w.provided("p1", "N1", "hanako")
		byPension.Person = officetest.Identifier(pension, "hanako")
		_, err = w.send(pension, byPension)
		if got := refused(err); got != "failed_precondition reports[0].event.side" {
			t.Errorf("another office was asked: %s", got)
		}
		foreign := w.asked("m9", "N9", "hanako")
		_, err = w.send(matsumoto, foreign)
		if got := refused(err); got != "not_found reports[0].person" {
			t.Errorf("another office's identifier: %s", got)
		}
		unknown := w.asked("m8", "N8", "hanako")
		unknown.GetEvent().GetOther().Office = "nobody"
		_, err = w.send(meguro, unknown)
		if got := refused(err); got != "not_found reports[0].event.other.office" {
			t.Errorf("an office that there is not: %s", got)
		}
		// What the two say of the matter may differ: it is shown that it does.
		other := w.provided("x2", "N1", "hanako")
		other.GetEvent().Items = []string{"income"}
		w.mustSend(matsumoto, other)
		if !w.list("hanako").GetExchanges()[0].GetDiffers() {
			t.Error("that the two sides differ is not seen")
		}
	})
}

func TestReportsThatAreNone(t *testing.T) {
	w := newWorld(t, sqlite(t))
	later := w.clock.Add(time.Hour).UnixMilli()
	for want, bend := range map[string]func(*officev1.ExchangeReport){
		"invalid_argument reports[0].report":          func(r *officev1.ExchangeReport) { r.Report = "a b" },
		"invalid_argument reports[0].number":          func(r *officev1.ExchangeReport) { r.Number = "madoguchi.1" },
		"invalid_argument reports[0].person":          func(r *officev1.ExchangeReport) { r.Person = "" },
		"invalid_argument reports[0].of":              func(r *officev1.ExchangeReport) { r.Of = nil },
		"invalid_argument reports[0].event.duty":      event(func(e *officev1.ExchangeEvent) { e.Duty = "police" }),
		"invalid_argument reports[0].event.procedure": event(func(e *officev1.ExchangeEvent) { e.Procedure = "?" }),
		"invalid_argument reports[0].event.info":      event(func(e *officev1.ExchangeEvent) { e.Info = "screening" }),
		"invalid_argument reports[0].event.items[1]":  event(func(e *officev1.ExchangeEvent) { e.Items[1] = "income" }),
		"invalid_argument reports[0].event.items":     event(func(e *officev1.ExchangeEvent) { e.Items = nil }),
		"invalid_argument reports[0].event.side":      event(func(e *officev1.ExchangeEvent) { e.Side = 9 }),
		"invalid_argument reports[0].event.result":    event(func(e *officev1.ExchangeEvent) { e.Result = 99 }),
		"invalid_argument reports[0].event.on_behalf": event(func(e *officev1.ExchangeEvent) { e.OnBehalf = 99 }),
		"invalid_argument reports[0].event.nondisclosure": event(func(e *officev1.ExchangeEvent) {
			e.Nondisclosure = 99
		}),
		"invalid_argument reports[0].event.existence_may_be_told": event(func(e *officev1.ExchangeEvent) {
			e.ExistenceMayBeTold = true
		}),
		"invalid_argument reports[0].event.asked_at": event(func(e *officev1.ExchangeEvent) {
			e.AskedAt, e.ProvidedAt = later, later
		}),
		"invalid_argument reports[0].event.provided_at": event(func(e *officev1.ExchangeEvent) {
			e.ProvidedAt = e.GetAskedAt() - 1
		}),
		"invalid_argument reports[0].event.other.name": event(func(e *officev1.ExchangeEvent) {
			e.GetOther().Name = "目黒区長"
		}),
		"invalid_argument reports[0].event.own_name": event(func(e *officev1.ExchangeEvent) {
			e.OwnName = "two\nlines"
		}),
		"invalid_argument reports[0].event.reason": event(func(e *officev1.ExchangeEvent) {
			e.Result, e.Items = officev1.ExchangeResult_EXCHANGE_RESULT_REFUSED, nil
		}),
	} {
		r := w.asked("m1", "N1", "hanako")
		bend(r)
		_, err := w.send(meguro, r)
		if got := refused(err); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if got := numbers(w.list("hanako")); got != "" {
		t.Errorf("something was taken in: %s", got)
	}
}

func event(bend func(*officev1.ExchangeEvent)) func(*officev1.ExchangeReport) {
	return func(r *officev1.ExchangeReport) { bend(r.GetEvent()) }
}

// What happened years ago may be reported today: it was recorded today.
func TestOldExchangesStandUnderTheLawOfTheirDay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		old := w.asked("m1", "N1", "hanako")
		old.GetEvent().AskedAt = time.Date(2021, 8, 3, 12, 0, 0, 0, time.UTC).UnixMilli()
		old.GetEvent().ProvidedAt = old.GetEvent().GetAskedAt() + 1000
		w.mustSend(meguro, old)
		e := w.list("hanako").GetExchanges()[0]
		if e.GetLaw() != "番号法第19条第8号・別表第二の74の項" || e.GetRecordedAt() != w.clock.UnixMilli() {
			t.Errorf("an old one: %v", e)
		}
		if got := w.mails(); len(got) != 0 {
			t.Errorf("it is told of as news: %v", got)
		}
	})
}

func TestWhatWaitedIsAnswered(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		waits := w.asked("m1", "N1", "hanako")
		waits.GetEvent().Result = officev1.ExchangeResult_EXCHANGE_RESULT_WAITING
		waits.GetEvent().Items, waits.GetEvent().ProvidedAt = nil, 0
		w.mustSend(meguro, waits)
		w.mustSend(meguro, w.asked("m2", "N1", "hanako"))
		found := w.list("hanako")
		if e := found.GetExchanges()[0]; e.GetByAsker() != 2 || numbers(found) != "N1" {
			t.Errorf("answered: %v", e)
		}
	})
}

func TestACancellationSaysWhy(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		cancel := &officev1.ExchangeReport{
			Report: "m2", Number: "N1", Person: officetest.Identifier(meguro, "hanako"),
			Of: &officev1.ExchangeReport_Cancelled{Cancelled: &officev1.ExchangeCancelled{Reason: "別の人の申請でした"}},
		}
		_, err := w.send(meguro, cancel)
		if got := refused(err); got != "not_found reports[0].number" {
			t.Errorf("of nothing: %s", got)
		}
		w.mustSend(meguro, w.asked("m1", "N1", "hanako"))
		w.mustSend(meguro, cancel)
		if again := w.mustSend(meguro, cancel); again[0].GetTaken() {
			t.Error("cancelled twice")
		}
		found := w.list("hanako")
		e := found.GetExchanges()[0]
		record := w.records(found.GetLines())[e.GetCancelled()]
		if e.GetCancelled() != 2 || record.GetAct() != portalv1.ExchangeAct_EXCHANGE_ACT_CANCELLED ||
			record.GetReason() != "別の人の申請でした" || record.GetInfo() != "tax" {
			t.Errorf("%v: %v", e, record)
		}
		w.mustSend(matsumoto, w.provided("x1", "N1", "hanako")) // late, and true
		if e := w.list("hanako").GetExchanges()[0]; e.GetCancelled() != 2 || e.GetByProvider() != 3 {
			t.Errorf("the other side's report after it: %v", e)
		}
		if got := numbers(w.list("hanako", func(r *portalv1.ListExchangesRequest) { r.Result = 1 })); got != "" {
			t.Errorf("what was cancelled is listed as given: %s", got)
		}
		cancel = proto.CloneOf(cancel)
		cancel.Report, cancel.Person = "x2", officetest.Identifier(pension, "hanako")
		_, err = w.send(pension, cancel)
		if got := refused(err); got != "not_found reports[0].number" {
			t.Errorf("by an office that reported nothing: %s", got)
		}
	})
}

func hidden(r *officev1.ExchangeReport, maySay bool) *officev1.ExchangeReport {
	r.GetEvent().Nondisclosure = officev1.ExchangeNondisclosure_EXCHANGE_NONDISCLOSURE_WORK
	r.GetEvent().ExistenceMayBeTold = maySay
	return r
}

// undisclosed is how many lines the chain has that is not shown.
func (w *world) undisclosed(folder string) int {
	w.t.Helper()
	n := 0
	for ; ; n++ {
		lines, err := readLines(w, folder, chains.Undisclosed, uint64(n+1))
		if err != nil {
			w.t.Fatal(err)
		}
		if lines == 0 {
			return n
		}
	}
}

func TestWhatIsNotToldLeavesNoHint(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.mustSend(meguro, w.asked("m1", "N1", "hanako"))
		w.mustSend(meguro, hidden(w.asked("m2", "N2", "hanako"), false))
		w.mustSend(matsumoto, w.provided("x2", "N2", "hanako")) // the other side knows of no ground
		w.mustSend(meguro, w.asked("m3", "N3", "hanako"))
		if again := w.mustSend(meguro, hidden(w.asked("m2", "N2", "hanako"), false)); again[0].GetTaken() {
			t.Error("sent again it is another")
		}
		found := w.list("hanako")
		if numbers(found) != "N3 N1" || found.GetWithheld() || found.GetExchanges()[0].GetByAsker() != 2 ||
			found.GetCount() != 2 {
			t.Errorf("there is a hole: %v", found)
		}
		if w.undisclosed("hanako") != 2 {
			t.Errorf("%d lines are not shown", w.undisclosed("hanako"))
		}
		told, err := w.people.tellExchanges(t.Context(), w.db.Read(), "hanako")
		reports, err2 := w.db.Read().ExchangeReportsAll(t.Context(), "hanako")
		if err != nil || err2 != nil || strings.Contains(fmt.Sprintf("%+v %+v", told, reports), "N2") ||
			strings.Contains(fmt.Sprintf("%+v %+v", told, reports), "m2") {
			t.Errorf("what is taken along tells of it: %v %v %v", told, err, err2)
		}
	})
}

func TestWhatIsReleasedIsRecordedNow(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.mustSend(meguro, hidden(w.asked("m1", "N1", "hanako"), true))
		w.mustSend(matsumoto, w.provided("x1", "N1", "hanako"))
		if !w.list("hanako").GetWithheld() {
			t.Error("it may be said that there is something, and is not")
		}
		since := w.clock.UnixMilli()
		w.clock = w.clock.Add(40 * 24 * time.Hour)
		release := &officev1.ExchangeReport{
			Report: "m2", Number: "N1", Person: officetest.Identifier(meguro, "hanako"),
			Of: &officev1.ExchangeReport_Released{Released: &officev1.ExchangeReleased{}},
		}
		w.mustSend(meguro, release)
		if again := w.mustSend(meguro, release); again[0].GetTaken() {
			t.Error("released twice")
		}
		found := w.list("hanako")
		e := found.GetExchanges()[0]
		record := w.records(found.GetLines())[e.GetByAsker()]
		if found.GetWithheld() || e.GetByAsker() != 1 || e.GetByProvider() != 2 || record.GetHeldSince() != since ||
			e.GetRecordedAt() != w.clock.UnixMilli() {
			t.Errorf("released: %v, %v", e, record)
		}
		release = proto.CloneOf(release)
		release.Report, release.Number = "m3", "N9"
		_, err := w.send(meguro, release)
		if got := refused(err); got != "not_found reports[0].number" {
			t.Errorf("of nothing: %s", got)
		}
	})
}

func TestAReleaseOfOneSideIsNoneOfTheOther(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.mustSend(meguro, hidden(w.asked("m1", "N1", "hanako"), false))
		w.mustSend(matsumoto, hidden(w.provided("x1", "N1", "hanako"), false))
		release := func(office, report string) {
			w.mustSend(office, &officev1.ExchangeReport{
				Report: report, Number: "N1", Person: officetest.Identifier(office, "hanako"),
				Of: &officev1.ExchangeReport_Released{Released: &officev1.ExchangeReleased{}},
			})
		}
		release(meguro, "m2")
		if got := numbers(w.list("hanako")); got != "" {
			t.Errorf("told though one side has a ground: %s", got)
		}
		release(matsumoto, "x2")
		if e := w.list("hanako").GetExchanges(); len(e) != 1 || e[0].GetByAsker() == 0 || e[0].GetByProvider() == 0 {
			t.Errorf("released by both: %v", e)
		}
	})
}

func TestFlagsThatProtectAreHonoured(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.protection["hanako"] = Protection{Insurance: true}
		insured := w.asked("m1", "N1", "hanako")
		insured.GetEvent().Duty, insured.GetEvent().Procedure = "national-health-insurance", "membership"
		insured.GetEvent().Info, insured.GetEvent().Items = "insurance", []string{"insurer"}
		w.mustSend(meguro, insured, w.asked("m2", "N2", "hanako"))
		if got := numbers(w.list("hanako")); got != "N2" {
			t.Errorf("with the insurer's flag: %s", got)
		}
		w.protection["taro"] = Protection{Offices: []string{matsumoto}}
		w.mustSend(meguro, w.asked("m3", "N3", "taro"))
		if found := w.list("taro"); numbers(found) != "" || found.GetWithheld() {
			t.Errorf("with support measures: %v", found)
		}
	})
}

func TestAFloodOfOneOfficeHarmsNobody(t *testing.T) {
	w := newWorld(t, sqlite(t))
	flood := make([]*officev1.ExchangeReport, 100)
	sent := 0
	var err error
	for sent < 2*personADay && err == nil {
		for n := range flood {
			flood[n] = w.asked(fmt.Sprintf("f%d", sent+n), fmt.Sprintf("F%d", sent+n), "taro")
		}
		if _, err = w.send(meguro, flood...); err == nil {
			sent += len(flood)
		}
	}
	if got := refused(err); got != "resource_exhausted reports[0].person" || sent != personADay {
		t.Errorf("after %d: %s", sent, got)
	}
	w.mustSend(meguro, w.asked("m1", "N1", "hanako"))
	w.mustSend(matsumoto, w.provided("x1", "N1", "hanako"))
	w.clock = w.clock.Add(24 * time.Hour)
	w.mustSend(meguro, w.asked("m2", "N2", "taro"))

	w.offices.floods.Take(meguro, reportsAtOnce-1, w.clock)
	_, err = w.send(meguro, w.asked("m3", "N3", "hanako"))
	if got := refused(err); !strings.HasPrefix(got, "resource_exhausted") {
		t.Errorf("too much at once: %s", got)
	}
	w.mustSend(matsumoto, w.provided("x3", "N3", "hanako"))
}

func TestWhatPassedThroughThePortalStandsThere(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.tx(func(q *db.Queries) error {
			return Answered(t.Context(), q, "hanako", Own{
				Request: "r1", Office: meguro, Name: "目黒区", What: "税・所得", AskedAt: w.clock.UnixMilli() - 1000,
				Outcome: portalv1.InfoOutcome_INFO_OUTCOME_NONE,
			}, w.clock)
		})
		found := w.list("hanako")
		e := found.GetExchanges()[0]
		record := w.records(found.GetLines())[e.GetByPortal()]
		if e.GetNumber() != "madoguchi.r1" || record.GetResult() != portalv1.ExchangeResult_EXCHANGE_RESULT_NONE ||
			record.GetProvider().GetName() != "目黒区" || e.GetOtherMayReport() == false {
			t.Errorf("%v: %v", e, record)
		}
	})
}

// What the portal's staff looks at is a line that says who, what and why; without both it is not looked at.
func TestWhatTheStaffLooksAtStandsThere(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		look := Look{Who: "職員7", What: "お問い合わせ 1234", Why: "返事を書くため"}
		w.tx(func(q *db.Queries) error { return Looked(t.Context(), q, "hanako", look, w.clock) })
		found := w.list("hanako")
		e := found.GetExchanges()[0]
		record := w.records(found.GetLines())[e.GetByPortal()]
		if record.GetAsker().GetName() != "まどぐちの職員（職員7）" || record.GetReason() != look.Why ||
			record.GetCondition() != look.What || len(found.GetLines()) != 1 || numbers(w.list("taro")) != "" {
			t.Errorf("%v: %v", e, record)
		}
		for _, o := range found.GetWords().GetOffices() {
			if o.GetWhat() == nil {
				t.Errorf("it is not said what %s is", o.GetName())
			}
		}
		if laws := found.GetWords().GetLaws(); len(laws) != 1 || laws[0].GetUrl() != "" {
			t.Errorf("by a law: %v", laws)
		}
		err := w.db.Tx(t.Context(), func(q *db.Queries) error {
			return Looked(t.Context(), q, "hanako", Look{Who: "職員7", What: "x", Why: " "}, w.clock)
		})
		if err == nil {
			t.Error("without a reason")
		}
		forged := w.asked("s1", "S1", "hanako")
		forged.GetEvent().Duty, forged.GetEvent().Procedure, forged.GetEvent().Info = "portal-staff", "look", "kept"
		if _, err := w.send(meguro, forged); refused(err) != "invalid_argument reports[0].event.duty" {
			t.Errorf("an office in the staff's name: %v", err)
		}
	})
}

func TestTransfersOfManyAreRules(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		request := &officev1.ReportMassTransferRequest{
			Rule: "elderly", Day: "2026-07-01", People: 12000, Side: officev1.ExchangeSide_EXCHANGE_SIDE_ASKER,
			OwnName: "石川県後期高齢者医療広域連合", OtherName: "金沢市長", Duty: "late-elderly", Procedure: "premium", Info: "tax",
			Whom: "毎年7月、75歳以上の全員について",
		}
		for _, day := range []string{"2024-05-01", "2025-07-01", "2026-07-01", "2026-07-01"} {
			request.Day = day
			if _, err := ruletest.Call(w.from(pension), w.offices.ReportMassTransfer, request); err != nil {
				t.Fatal(err)
			}
		}
		got, err := w.people.ListExchangeRules(t.Context(), &portalv1.ListExchangeRulesRequest{})
		if err != nil || len(got.GetRules()) != 1 || len(got.GetRules()[0].GetRuns()) != 3 ||
			got.GetRules()[0].GetRuns()[0].GetDay() != "2026-07-01" || got.GetRules()[0].GetProvider() != "金沢市長" {
			t.Errorf("%v, %v", got, err)
		}
		for want, bend := range map[string]func(*officev1.ReportMassTransferRequest){
			"invalid_argument day":    func(r *officev1.ReportMassTransferRequest) { r.Day = "2027-01-01" },
			"invalid_argument people": func(r *officev1.ReportMassTransferRequest) { r.People = 0 },
			"invalid_argument duty":   func(r *officev1.ReportMassTransferRequest) { r.Duty = "?" },
			"invalid_argument info":   func(r *officev1.ReportMassTransferRequest) { r.Info = "care" },
			"invalid_argument side":   func(r *officev1.ReportMassTransferRequest) { r.Side = 0 },
			"invalid_argument rule":   func(r *officev1.ReportMassTransferRequest) { r.Rule = "?" },
		} {
			bent := proto.CloneOf(request)
			bend(bent)
			_, err := ruletest.Call(w.from(pension), w.offices.ReportMassTransfer, bent)
			if got := refused(err); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		}
	})
}
