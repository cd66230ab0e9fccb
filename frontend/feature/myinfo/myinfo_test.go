package myinfo

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/pagetest"
	"madoguchi/frontend/frame/shell"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const (
	present      = portalv1.InfoValueState_INFO_VALUE_STATE_PRESENT
	zero         = portalv1.InfoValueState_INFO_VALUE_STATE_ZERO
	none         = portalv1.InfoValueState_INFO_VALUE_STATE_NONE
	unregistered = portalv1.InfoValueState_INFO_VALUE_STATE_UNREGISTERED
	unsupported  = portalv1.InfoValueState_INFO_VALUE_STATE_UNSUPPORTED
	notYet       = portalv1.InfoValueState_INFO_VALUE_STATE_NOT_YET
	unreadable   = portalv1.InfoValueState_INFO_VALUE_STATE_UNREADABLE
)

// page is an answer to a detail as the page has it.
func page(t *testing.T, detail string, records ...*portalv1.InfoRecord) *answer {
	t.Helper()
	return &answer{id: "r1", view: view{entry: offered().must(t, detail), answer: &portalv1.InfoAnswer{
		Request: &portalv1.InfoRequest{
			Id: "r1", Office: "目黒区", State: portalv1.InfoState_INFO_STATE_ANSWERED, AnsweredAt: 1795658400000,
			Wish:    &portalv1.InfoWish{Detail: detail, From: "2026-04-01", To: "2027-03-31"},
			Outcome: portalv1.InfoOutcome_INFO_OUTCOME_DATA, Seen: true,
		},
		Outcome: portalv1.InfoOutcome_INFO_OUTCOME_DATA, AsOf: "2026-11-26", Records: records,
	}}}
}

func html(t *testing.T, draw func() []app.UI) string {
	t.Helper()
	return pagetest.Drawn(t, &drawn{draw: draw})
}

func value(item, text string) *portalv1.InfoValue {
	return &portalv1.InfoValue{Item: item, State: present, Text: text}
}

func TestWhatPeopleCallItFindsIt(t *testing.T) {
	for typed, want := range map[string]string{
		"薬なに飲んでたっけ": "2.medicine", "お薬手帳": "2.medicine", "ふるさと納税": "13.tax", "地方税関係情報": "13.tax",
		"寄附金税額控除": "13.tax", "年金": "16.record", "血圧": "5.checkup",
	} {
		found := offered().find(typed)
		if len(found) == 0 || found[0].detail.GetKey() != want {
			t.Errorf("%s finds %v, not %s", typed, found, want)
		}
	}
	if found := offered().find("量子力学"); len(found) > 0 {
		t.Errorf("what nobody offers finds %s", found[0].detail.GetKey())
	}
}

func TestTheOneFieldFindsIt(t *testing.T) {
	(&office{}).serve(t)
	hits, err := find(context.Background(), shell.Asked{Words: "お薬手帳"})
	if err != nil || len(hits) != 1 || hits[0].Href != "/myinfo/ask?want=2.medicine" {
		t.Errorf("%+v, %v", hits, err)
	}
}

func TestTheAnswersThatAreNoValueLookDifferent(t *testing.T) {
	p := page(t, "13.tax", &portalv1.InfoRecord{Reference: "a", Values: []*portalv1.InfoValue{
		value("13.total", "149500"), {Item: "13.income", State: none}, {Item: "13.donation", State: zero, Text: "0"},
		{Item: "13.declared", State: unregistered}, {Item: "13.grade", State: unsupported, Reason: "準備中"},
		{Item: "13.next", State: notYet}, {Item: "13.odd", State: unreadable},
	}})
	drawn := html(t, p.body)
	pagetest.Has(t, drawn, "149,500円", "該当なし", "0円", "未登録", "未対応", "反映待ち", "読めない値", "準備中")
	for _, class := range []string{
		"info-none", "info-zero", "info-unregistered", "info-unsupported", "info-not-yet", "info-unreadable",
	} {
		if !strings.Contains(drawn, "info-absent "+class+`"`) {
			t.Errorf("nothing looks like %s", class)
		}
	}
	seen := map[string]absence{}
	for _, a := range absences() {
		for _, sign := range []string{string(a.icon), a.word.String(), a.means.String(), a.class} {
			if other, twice := seen[sign]; twice {
				t.Errorf("%s and %s share %q", a.class, other.class, sign)
			}
			seen[sign] = a
		}
	}
}

func TestEachValueSaysWhoseItIsAndHowToSayThatItIsWrong(t *testing.T) {
	p := page(t, "13.tax", &portalv1.InfoRecord{
		Reference: "a", AsOf: "2026-06-01", Values: []*portalv1.InfoValue{value("13.total", "149500")},
	})
	pagetest.Has(t, html(t, p.body), "年税額の意味", "目黒区が持つ、2026年6月1日(月)時点の情報です",
		"「年税額」の間違いを知らせる", "/myinfo/answers/r1/correct?item=13.total&record=1")
}

func TestOfficesThatDisagreeStandSideBySide(t *testing.T) {
	v := value("13.total", "149500")
	v.Others = []*portalv1.InfoOther{{
		RequestId: "r2", Text: "152000", Office: "松本市", AsOf: "2026-01-01", Item: "13.total",
	}}
	p := page(t, "13.tax", &portalv1.InfoRecord{Reference: "a", Values: []*portalv1.InfoValue{v}})
	pagetest.Has(t, html(t, p.body), "機関により違います", "149,500円", "152,000円", "松本市", "/myinfo/answers/r2",
		"2026年1月1日(木)時点")
}

func TestWhatIsNotForOthersEyesIsCovered(t *testing.T) {
	p := page(t, "16.record", &portalv1.InfoRecord{
		Reference: "a", Values: []*portalv1.InfoValue{value("16.number", "1234567890")},
	})
	drawn := html(t, p.body)
	pagetest.HasNot(t, drawn, "1234567890")
	pagetest.Has(t, drawn, "「基礎年金番号」を表示する")
	p.uncovered = map[string]bool{"0-16-number": true}
	pagetest.Has(t, html(t, p.body), "1234567890")
}

func medicines(n int) []*portalv1.InfoRecord {
	var records []*portalv1.InfoRecord
	for i := range n {
		name := "アムロジピンOD錠5mg"
		if i == 1 {
			name = "フェロミア錠50mg"
		}
		day := "2026-10-0" + string(rune('1'+i%9))
		if i > 5 {
			day = "2025" + day[4:]
		}
		records = append(records, &portalv1.InfoRecord{
			Reference: "m" + string(rune('a'+i)), Values: []*portalv1.InfoValue{
				value("2.day", day), value("2.name", name), {Item: "2.dose", State: none},
			},
		})
	}
	return records
}

func TestMedicinesAreATimeLineThatIsSearched(t *testing.T) {
	p := page(t, "2.medicine", medicines(8)...)
	pagetest.Has(t, html(t, p.body), ">2026<", ">2025<", "フェロミア錠50mg", "記録の中を探す", "record=2")
	p.typed = "フェロミア"
	drawn := html(t, p.overview)
	pagetest.Has(t, drawn, "フェロミア錠50mg", "1件見つかりました")
	pagetest.HasNot(t, drawn, "アムロジピン")
	p.record = 2
	pagetest.Has(t, html(t, p.body), "フェロミア錠50mg", "「医薬品名」の間違いを知らせる")
}

func TestCheckUpsStandBesideWhatIsUsual(t *testing.T) {
	p := page(t, "5.checkup",
		&portalv1.InfoRecord{Reference: "a", Values: []*portalv1.InfoValue{
			value("5.day", "2025-06-10"), value("5.systolic", "146"),
		}},
		&portalv1.InfoRecord{Reference: "b", Values: []*portalv1.InfoValue{
			value("5.day", "2024-06-10"), value("5.systolic", "120"),
		}},
	)
	drawn := html(t, p.body)
	pagetest.Has(t, drawn, "146mmHg", "120mmHg", "129mmHg以下", "医師の判定ではありません")
	if n := strings.Count(drawn, "基準より高い"); n != 1 {
		t.Errorf("%d values are said to be high", n)
	}
}

func TestAnAnswerIsLaidBesideAnEarlierOne(t *testing.T) {
	v := value("13.total", "149500")
	v.Changed, v.StateBefore, v.TextBefore = true, present, "120000"
	p := page(t, "13.tax", &portalv1.InfoRecord{Reference: "a", Values: []*portalv1.InfoValue{v}})
	p.answer.Earlier = []*portalv1.InfoRequest{{Id: "r0", AnsweredAt: 1764122400000}}
	p.answer.Gone = []*portalv1.InfoRecord{{Reference: "z", Values: []*portalv1.InfoValue{value("13.grade", "2級地")}}}
	pagetest.Has(t, html(t, p.body), "/myinfo/answers/r1?beside=r0")
	p.beside = "r0"
	pagetest.Has(t, html(t, p.body), "違いは2か所です", "変わりました", "120,000円", "なくなった記録", "2級地")
}

func TestAnAnswerWithoutRecordsIsExplained(t *testing.T) {
	for outcome, want := range map[portalv1.InfoOutcome]string{
		portalv1.InfoOutcome_INFO_OUTCOME_NONE:         "権利がないという意味ではありません",
		portalv1.InfoOutcome_INFO_OUTCOME_UNREGISTERED: "登録や申告ができますが",
		portalv1.InfoOutcome_INFO_OUTCOME_UNSUPPORTED:  "機械でまだ出していません",
		portalv1.InfoOutcome_INFO_OUTCOME_NOT_YET:      "2026年12月10日(木)ごろまでに届く予定です",
		portalv1.InfoOutcome_INFO_OUTCOME_REFUSED:      "開示しないと決めました",
		portalv1.InfoOutcome_INFO_OUTCOME_TOO_MUCH:     "期間を短くして",
	} {
		p := page(t, "13.tax")
		p.answer.Outcome, p.answer.Expected, p.answer.Reason = outcome, "2026-12-10", "番号法第26条"
		pagetest.Has(t, html(t, p.body), want, "番号法第26条", "/myinfo/ask?want=13.tax")
	}
}

func TestUnreadableValuesNameTheirOffice(t *testing.T) {
	p := page(t, "13.tax", &portalv1.InfoRecord{
		Reference: "a", Values: []*portalv1.InfoValue{{Item: "13.odd", State: unreadable}},
	})
	p.answer.Unreadable = 1
	pagetest.Has(t, html(t, p.body), "目黒区の回答に、読めない値が1件あります")
}

func TestAWaitingRequestSaysWhatToExpect(t *testing.T) {
	e := offered().must(t, "13.tax")
	r := &portalv1.InfoRequest{
		Id: "r1", Office: "目黒区", Wish: &portalv1.InfoWish{Detail: "13.tax", From: "2026-04-01", To: "2027-03-31"},
		State: portalv1.InfoState_INFO_STATE_WAITING, Since: 1795658400000, UsualMs: 180000, UsualOf: 12,
	}
	row := func() []app.UI { return []app.UI{e.row(r)} }
	pagetest.Has(t, html(t, row), "回答待ち", "2026年11月26日(木)", "ふつうは3分ほどで届きます（これまでの12件から）",
		"2026年度（令和8年度）の課税（2025年中の所得）")
	r.Trouble, r.NextTryAt = portalv1.InfoTrouble_INFO_TROUBLE_NO_CONTACT, 1795662000000
	pagetest.Has(t, html(t, row), "遅れています", "いまつながりません", "次に試すとき：2026年11月26日(木)")
}

func TestWhatIsFoldedAwayHasNoMark(t *testing.T) {
	a := &answers{requests: requests{catalog: offered(), loaded: true, all: []*portalv1.InfoRequest{{
		Id: "r9", Wish: &portalv1.InfoWish{Detail: "25.support"}, State: portalv1.InfoState_INFO_STATE_ANSWERED,
		Outcome: portalv1.InfoOutcome_INFO_OUTCOME_DATA,
	}}}}
	drawn := html(t, a.body)
	pagetest.Has(t, drawn, "ふだんは隠している情報", "/myinfo/answers/r9")
	pagetest.HasNot(t, drawn, "entry-dot", "まだ何も請求していません")
	a.all[0].Wish.Detail = "13.tax"
	pagetest.Has(t, html(t, a.body), "entry-dot")
}

func TestTheHomeTellsThatSomethingCameAndNotWhat(t *testing.T) {
	o := &office{list: &portalv1.ListInfoRequestsResponse{UnseenCount: 2, WaitingCount: 1}}
	o.serve(t)
	if err := look(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	rows, _, isKnown := dues()
	if !isKnown || len(rows) != 1 || rows[0].Href != answersPath || !strings.Contains(rows[0].Title.String(), "2件") {
		t.Errorf("%+v, %v", rows, isKnown)
	}
	o.list = &portalv1.ListInfoRequestsResponse{}
	if err := look(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	if rows, _, _ := dues(); len(rows) > 0 {
		t.Errorf("what was seen is told still: %+v", rows)
	}
	o.fails = unreachable
	if err := look(context.Background(), nil); err == nil {
		t.Error("a portal out of reach is no failure")
	}
	if _, _, isKnown := dues(); !isKnown {
		t.Error("the home page waits for what cannot be had")
	}
}

func TestPeriodsSayWhatIsAskedFor(t *testing.T) {
	for _, c := range []struct {
		period   portalv1.InfoPeriod
		from, to string
		want     string
	}{
		{portalv1.InfoPeriod_INFO_PERIOD_NOW, "", "", "いまの内容"},
		{portalv1.InfoPeriod_INFO_PERIOD_DAY, "2026-11-26", "", "2026年11月26日(木)時点"},
		{portalv1.InfoPeriod_INFO_PERIOD_DAYS, "2026-11-25", "2026-11-26", "2026年11月25日(水)〜2026年11月26日(木)"},
		{portalv1.InfoPeriod_INFO_PERIOD_MONTHS, "2025-12-01", "2026-11-30", "2025年12月〜2026年11月"},
		{portalv1.InfoPeriod_INFO_PERIOD_MONTHS, "2026-11-01", "2026-11-30", "2026年11月"},
		{portalv1.InfoPeriod_INFO_PERIOD_YEARS, "2025-01-01", "2026-12-31", "2025年（令和7年）〜2026年（令和8年）"},
		{portalv1.InfoPeriod_INFO_PERIOD_FISCAL_YEARS, "2026-04-01", "2027-03-31", "2026年度（令和8年度）"},
		{portalv1.InfoPeriod_INFO_PERIOD_TAX_YEAR, "2026-04-01", "2027-03-31", "2026年度（令和8年度）の課税（2025年中の所得）"},
	} {
		if got := periodOf(&portalv1.InfoDetail{Period: c.period}, c.from, c.to).In(lang.Japanese); got != c.want {
			t.Errorf("%v: %s, want %s", c.period, got, c.want)
		}
	}
}

func TestDaysThatCannotBeAskedForAreSaid(t *testing.T) {
	d := &portalv1.InfoDetail{
		Period: portalv1.InfoPeriod_INFO_PERIOD_DAYS, First: "2021-11-26", Last: "2026-11-26",
	}
	for _, c := range []struct {
		w    wish
		want string
	}{
		{wish{From: "2026-01-01", To: "2026-02-01"}, ""},
		{wish{From: "", To: "2026-02-01"}, "日付を正しく"},
		{wish{From: "2026-03-01", To: "2026-02-01"}, "より後に"},
		{wish{From: "2020-01-01", To: "2026-02-01"}, "2021年11月26日"},
		{wish{From: "2026-01-01", To: "2027-02-01"}, "2026年11月26日"},
	} {
		if got := c.w.fault(d).In(lang.Japanese); !strings.Contains(got, c.want) || (got == "") != (c.want == "") {
			t.Errorf("%+v: %q, want %q", c.w, got, c.want)
		}
	}
}

// asks is the flow of asking at work, without a browser.
func asks(t *testing.T, o *office, address string) (*asking, app.TestEngine) {
	t.Helper()
	o.serve(t)
	a, _ := newAsking().(*asking)
	ctx, engine := pagetest.Context(t)
	to, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	ctx.Page().ReplaceURL(to)
	a.visit.Begin(ctx)
	a.visit.Until(a.flow.Close)
	t.Cleanup(a.visit.End)
	a.ctx, a.catalog = ctx, offered()
	a.begin()
	engine.ConsumeAll()
	return a, engine
}

func TestAskingGoesFromTheWishToTheAnswerThatIsWaitedFor(t *testing.T) {
	o := &office{plans: []*portalv1.InfoPlan{{
		Wish:  &portalv1.InfoWish{Detail: "13.tax", From: "2026-04-01", To: "2027-03-31"},
		State: portalv1.InfoPlanState_INFO_PLAN_STATE_NOTES, Office: "目黒区", LivedOn: "2026-01-01",
		IntroducedFirst: true,
	}, {
		Wish:  &portalv1.InfoWish{Detail: "25.support"},
		State: portalv1.InfoPlanState_INFO_PLAN_STATE_UNSUPPORTED,
	}}}
	a, engine := asks(t, o, "/myinfo/ask?want=13.tax")
	if len(a.given.Wishes) != 1 || a.given.Wishes[0].From != "2026-04-01" {
		t.Fatalf("the address asks for %+v", a.given.Wishes)
	}
	a.add(a.catalog.must(t, "25.support").detail, true)
	pagetest.Has(t, html(t, a.choose), "選んだ情報 2件", "info-13-tax", "その他")
	a.flow.GoTo(stepWhen)
	pagetest.Has(t, html(t, a.when), "2026年度（令和8年度）の課税", "検索条件を表示",
		"2026年1月1日(木)は、どこに住んでいましたか")
	a.change(0, func(w *wish) { w.Elsewhere = true })
	if faults := a.checkWhen(); len(faults) != 1 || faults[0].Field != "info-place-13-tax" {
		t.Errorf("a place that is missing: %+v", faults)
	}
	a.change(0, func(w *wish) { w.Elsewhere = false })
	a.flow.GoTo(stepCheck)
	a.prepare()
	wait(t, engine, func() bool { return a.plan != nil })
	pagetest.Has(t, html(t, a.check), "目黒区に請求します", "2026年1月1日(木)に住んでいた市区町村", "はじめてなので",
		"まだつながっていません", "税・所得の注意事項", "1月1日の住所の市区町村が持っています")
	if faults := a.checkPlan(); len(faults) != 1 || faults[0].Field != "info-notes-13" {
		t.Errorf("notes that were not confirmed: %+v", faults)
	}
	a.confirm(a.toConfirm()[0], true)
	if faults := a.checkPlan(); len(faults) > 0 {
		t.Errorf("confirmed: %+v", faults)
	}
	a.send(a.ctx)
	wait(t, engine, func() bool { return a.flow.Ended() })
	if len(o.asked) != 1 || len(o.asked[0].GetWishes()) != 1 || o.asked[0].GetConfirmed()[0].GetNotesVersion() != 3 {
		t.Errorf("asked for %+v", o.asked)
	}
	pagetest.Has(t, html(t, a.waiting), "請求しました。回答待ちです。", "税・所得", "目黒区")
	if len(a.done.IDs) != 1 || len(a.given.Wishes) > 0 {
		t.Errorf("%+v, and %+v is left", a.done, a.given)
	}
}

func TestARefusedAskLosesNothing(t *testing.T) {
	o := &office{plans: []*portalv1.InfoPlan{{
		Wish: &portalv1.InfoWish{Detail: "16.record"}, State: portalv1.InfoPlanState_INFO_PLAN_STATE_READY,
		Office: "日本年金機構",
	}}}
	a, engine := asks(t, o, "/myinfo/ask?want=16.record")
	a.flow.GoTo(stepCheck)
	a.prepare()
	wait(t, engine, func() bool { return a.plan != nil })
	o.fails = unreachable
	a.send(a.ctx)
	wait(t, engine, func() bool { return !a.flow.Busy })
	if a.flow.Ended() || len(a.given.Wishes) != 1 {
		t.Errorf("%+v is left", a.given)
	}
}

// wait has what was dispatched be done until something holds.
func wait(t *testing.T, engine app.TestEngine, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); engine.ConsumeAll() {
		if time.Now().After(deadline) {
			t.Fatal("it did not come about")
		}
	}
}

func TestEveryLanguageHasEveryPage(t *testing.T) {
	for _, c := range []lang.Code{lang.Japanese, lang.English, lang.Easy} {
		pagetest.In(t, c)
		p := page(t, "13.tax", &portalv1.InfoRecord{
			Reference: "a", Values: []*portalv1.InfoValue{
				value("13.total", "149500"), {Item: "13.odd", State: unreadable},
			},
		})
		if drawn := html(t, p.body); strings.Contains(drawn, "{") {
			t.Errorf("%s: a value is missing in %s", c, drawn)
		}
	}
}
