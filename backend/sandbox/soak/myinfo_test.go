package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/selfinfo"
)

// everything are wishes for all that can be asked for, in as many lots as a call takes.
func everything() [][]*portalv1.InfoWish {
	var wishes []*portalv1.InfoWish
	for _, c := range selfinfo.Categories() {
		for _, d := range c.Details {
			wishes = append(wishes, &portalv1.InfoWish{Detail: d.Key})
		}
	}
	return slices.Collect(slices.Chunk(wishes, 40))
}

func notes() []*portalv1.InfoNotes {
	var all []*portalv1.InfoNotes
	for _, c := range selfinfo.Categories() {
		all = append(all, &portalv1.InfoNotes{Category: int32(c.Number), NotesVersion: int32(c.NotesVersion)})
	}
	return all
}

// wish asks for details, once every office that holds one knows the person.
func (d *drill) wish(p *person, wishes ...*portalv1.InfoWish) []*portalv1.InfoRequest {
	d.t.Helper()
	response, err := p.infos.AskInfo(d.t.Context(), &portalv1.AskInfoRequest{Wishes: wishes, Confirmed: notes()})
	if err != nil {
		d.t.Fatal(err)
	}
	return response.GetRequests()
}

// requests are what a person has asked for, by their ids.
func (d *drill) requests(p *person) map[string]*portalv1.InfoRequest {
	d.t.Helper()
	all, token := map[string]*portalv1.InfoRequest{}, ""
	for {
		list, err := p.infos.ListInfoRequests(d.t.Context(), &portalv1.ListInfoRequestsRequest{PageSize: 100,
			PageToken: token})
		if err != nil {
			d.t.Fatal(err)
		}
		for _, r := range list.GetRequests() {
			all[r.GetId()] = r
		}
		if token = list.GetNextPageToken(); token == "" {
			return all
		}
	}
}

func (d *drill) answered(p *person, ids ...string) func() bool {
	return func() bool {
		all := d.requests(p)
		return !slices.ContainsFunc(ids, func(id string) bool {
			return all[id].GetState() != portalv1.InfoState_INFO_STATE_ANSWERED
		})
	}
}

func (d *drill) answer(p *person, id string) *portalv1.InfoAnswer {
	d.t.Helper()
	response, err := p.infos.GetInfoAnswer(d.t.Context(), &portalv1.GetInfoAnswerRequest{Id: id})
	if err != nil {
		d.t.Fatal(err)
	}
	return response.GetAnswer()
}

func valueOf(a *portalv1.InfoAnswer, record, item string) *portalv1.InfoValue {
	for _, r := range a.GetRecords() {
		for _, v := range r.GetValues() {
			if v.GetItem() == item && (record == "" || r.GetReference() == record) {
				return v
			}
		}
	}
	return nil
}

// Offices of all 29 categories answer every test person, and each value can be read. Nobody waits for one that does not
// know them: the one where somebody lived before is introduced when it is asked.
func TestTheHoldersOfEverythingAnswer(t *testing.T) {
	d := newDrill(t)
	for n := range cards {
		p := d.member(n, "")
		var ids []string
		for _, wishes := range everything() {
			for _, r := range d.wish(p, wishes...) {
				ids = append(ids, r.GetId())
			}
		}
		d.until("every office answers "+p.holder.Name, d.answered(p, ids...))
		data := 0
		for _, id := range ids {
			a := d.answer(p, id)
			if a.GetUnreadable() != 0 || a.GetRequest().GetOffice() == "" || a.GetAsOf() == "" {
				t.Errorf("%s, %s: %v", p.holder.Name, a.GetRequest().GetWish().GetDetail(), a)
			}
			if a.GetOutcome() == portalv1.InfoOutcome_INFO_OUTCOME_DATA {
				data++
			}
		}
		t.Logf("%s: %d answers, %d with data", p.holder.Name, len(ids), data)
		if p.holder.ID == "kobayashi-ren" {
			old := d.wish(p, &portalv1.InfoWish{Detail: "4.shots", PlaceCode: "202029"})[0]
			d.until("the city where 蓮 grew up answers", d.answered(p, old.GetId()))
			if a := d.answer(p, old.GetId()); len(a.GetRecords()) != 2 {
				t.Errorf("of 蓮's childhood: %v", a)
			}
			home := d.wish(p, &portalv1.InfoWish{Detail: "1.card"})[0]
			d.until("the insurer answers once more", d.answered(p, home.GetId()))
			if v := valueOf(d.answer(p, home.GetId()), "", "1.address"); len(v.GetOthers()) != 1 {
				t.Errorf("the insurer knows the address before the move, and nobody says so: %v", v)
			}
		}
	}
}

// An office that answers nonsense, or is dead, is shown as what it is; the others answer, and it does when it is well.
func TestAnOfficeThatCannotAnswer(t *testing.T) {
	d := newDrill(t)
	hanako := d.member(0, "")
	income, pension := &portalv1.InfoWish{Detail: "13.income"}, &portalv1.InfoWish{Detail: "16.record"}
	d.set("myinfo", "wrong", "way=garbage")
	nonsense := d.wish(hanako, income)[0].GetId()
	d.until("the city's nonsense is told", func() bool {
		return d.requests(hanako)[nonsense].GetTrouble() == portalv1.InfoTrouble_INFO_TROUBLE_UNREADABLE
	})
	if got := d.requests(hanako)[nonsense]; got.GetOffice() != "目黒区" ||
		got.GetNextTryAt() < time.Now().UnixMilli()-1000 {
		t.Errorf("nonsense: %v", got)
	}
	d.set("myinfo", "well")
	d.set("131105", "dead")
	others := d.wish(hanako, pension)[0].GetId()
	d.until("another office answers", d.answered(hanako, others))
	if got := d.requests(hanako)[nonsense]; got.GetState() == portalv1.InfoState_INFO_STATE_ANSWERED {
		t.Error("a dead office answered")
	}
	d.set("131105", "well")
	d.until("it answers when it is well", d.answered(hanako, nonsense))
	for _, setting := range append(wrong("half", "stranger"), []string{"slow", "wait=1s"}) {
		d.set("myinfo", setting[0], setting[1:]...)
		id := d.wish(hanako, income)[0].GetId()
		pause(t.Context(), time.Second) // it may be given to the office meanwhile, or not
		d.set("myinfo", "well")
		d.until("it is answered after "+strings.Join(setting, " "), d.answered(hanako, id))
	}
}

// What is wrong is told to the office, which puts it right; what protects somebody hides what it must.
func TestCorrectionAndProtection(t *testing.T) {
	d := newDrill(t)
	taro := d.member(1, "taro@example.jp")
	id := d.wish(taro, &portalv1.InfoWish{Detail: "13.income"})[0].GetId()
	d.until("the city answers", d.answered(taro, id))
	sent, err := taro.infos.CorrectInfo(t.Context(), &portalv1.CorrectInfoRequest{
		RequestId: id, Record: "2026", Item: "13.dependants", Fault: portalv1.InfoFault_INFO_FAULT_WRONG, ShouldBe: "2",
	})
	if err != nil {
		t.Fatal(err)
	}
	d.until("the city says something to it", func() bool {
		list, err := taro.infos.ListInfoCorrections(t.Context(), &portalv1.ListInfoCorrectionsRequest{})
		if err != nil {
			t.Fatal(err)
		}
		c := list.GetCorrections()[0]
		return c.GetId() == sent.GetCorrection().GetId() &&
			c.GetState() == portalv1.InfoCorrectionState_INFO_CORRECTION_STATE_CORRECTED
	})
	again, err := taro.infos.AskInfoAgain(t.Context(), &portalv1.AskInfoAgainRequest{Id: id})
	if err != nil {
		t.Fatal(err)
	}
	d.until("the city answers again", d.answered(taro, again.GetRequest().GetId()))
	if v := valueOf(d.answer(taro, again.GetRequest().GetId()), "2026", "13.dependants"); v.GetText() != "2" {
		t.Errorf("after the correction it is %v", v)
	}

	card := d.wish(taro, &portalv1.InfoWish{Detail: "1.card"})[0].GetId()
	d.until("the insurer answers", d.answered(taro, card))
	protect := func(on string) {
		t.Helper()
		status, body := d.ask("POST", "/protections", url.Values{
			"flag": {"PROTECTION_NOT_PROVIDED"}, "person": {"yamada-taro"}, "on": {on},
		})
		if status != http.StatusOK || !strings.Contains(body, "✓") {
			t.Fatalf("%d %s", status, body)
		}
	}
	protect("on")
	if _, there := d.requests(taro)[card]; there {
		t.Error("what was answered before is there")
	}
	hidden := d.wish(taro, &portalv1.InfoWish{Detail: "1.card"})[0].GetId()
	d.until("the insurer answers again", d.answered(taro, hidden))
	if a := d.answer(taro, hidden); a.GetOutcome() != portalv1.InfoOutcome_INFO_OUTCOME_NONE ||
		len(a.GetRecords()) != 0 || a.GetReason() != "" {
		t.Errorf("what is hidden: %v", a)
	}
	protect("off")
	shown := d.wish(taro, &portalv1.InfoWish{Detail: "1.card"})[0].GetId()
	d.until("the insurer answers at last", d.answered(taro, shown))
	if a := d.answer(taro, shown); a.GetOutcome() != portalv1.InfoOutcome_INFO_OUTCOME_DATA {
		t.Errorf("after it was lifted: %v", a)
	}
}

// kill ends the portal in the middle of whatever it does, and begins it anew.
func (d *drill) kill() {
	d.t.Helper()
	if err := d.portal.command.Process.Kill(); err != nil {
		d.t.Fatal(err)
	}
	<-d.portal.ended
	var err error
	if d.portal, err = d.begin(d.t.Context(), "portal", d.origin+"/healthz"); err != nil {
		d.t.Fatal(err)
	}
}

// However often the portal is killed, and at whichever step: what was acknowledged is there, what is asked for is
// answered, and nothing is there twice.
func TestNothingIsLostWhenThePortalIsKilled(t *testing.T) {
	d := newDrill(t)
	umeko := d.member(4, "")
	var ids []string
	for n, wait := range []time.Duration{0, 20 * time.Millisecond, 60 * time.Millisecond, 200 * time.Millisecond,
		time.Second} {
		asked := d.wish(umeko, &portalv1.InfoWish{Detail: "23.household", From: fmt.Sprintf("2026-0%d-01", n+1)},
			&portalv1.InfoWish{Detail: "3.cost", From: fmt.Sprintf("2025-0%d-01", n+1), To: "2026-10-31"})
		for _, r := range asked {
			ids = append(ids, r.GetId())
		}
		pause(t.Context(), wait) // before it is given out, while it is, while it is answered, after
		d.kill()
		all := d.requests(umeko)
		for _, id := range ids {
			if all[id] == nil {
				t.Fatalf("after kill %d %s is lost", n+1, id)
			}
		}
		if len(all) != len(ids) {
			t.Fatalf("after kill %d there are %d requests of %d", n+1, len(all), len(ids))
		}
	}
	d.until("all is answered in the end", d.answered(umeko, ids...))
	for _, id := range ids {
		if a := d.answer(umeko, id); a.GetOutcome() != portalv1.InfoOutcome_INFO_OUTCOME_DATA ||
			a.GetUnreadable() != 0 {
			t.Errorf("%v", a)
		}
	}
	before := d.answer(umeko, ids[0])
	sent, err := umeko.infos.CorrectInfo(t.Context(), &portalv1.CorrectInfoRequest{
		RequestId: ids[0], Record: before.GetRecords()[0].GetReference(), Item: "23.relation",
		Fault: portalv1.InfoFault_INFO_FAULT_NOT_MINE,
	})
	if err != nil {
		t.Fatal(err)
	}
	d.kill()
	d.until("the correction is answered, too", func() bool {
		list, err := umeko.infos.ListInfoCorrections(t.Context(), &portalv1.ListInfoCorrectionsRequest{})
		if err != nil || len(list.GetCorrections()) != 1 ||
			list.GetCorrections()[0].GetId() != sent.GetCorrection().GetId() {
			t.Fatal(list, err)
		}
		return list.GetCorrections()[0].GetState() == portalv1.InfoCorrectionState_INFO_CORRECTION_STATE_EXTENDED
	})
	told := count(d.titles(umeko), "「わたしの情報」の回答が届きました")
	if told < 2 || told > 1+len(ids) { // of the answers until they were looked at, of the correction
		t.Errorf("%d notices tell of it", told)
	}
}
