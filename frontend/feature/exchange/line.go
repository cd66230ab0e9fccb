package exchange

import (
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/wire"
)

// told are exchanges with what stands in their lines, and the words for it.
type told struct {
	all     []*portalv1.Exchange
	lines   map[uint64]*portalv1.LedgerLine
	records map[uint64]*portalv1.ExchangeRecord
	words   words
}

// add takes more of them in.
func (t *told) add(all []*portalv1.Exchange, lines []*portalv1.LedgerLine, w *portalv1.ExchangeWords) {
	if t.lines == nil {
		t.lines, t.records = map[uint64]*portalv1.LedgerLine{}, map[uint64]*portalv1.ExchangeRecord{}
	}
	for _, line := range lines {
		record := &portalv1.ExchangeRecord{}
		if err := wire.Unmarshal(line.GetContent(), record); err != nil {
			app.Log("reading a line: ", err)
			continue
		}
		t.lines[line.GetNumber()], t.records[line.GetNumber()] = line, record
	}
	t.all = append(t.all, all...)
	t.words.add(w)
}

// record is what is said of an exchange first: by who asked, else by the portal, else by who answered.
func (t *told) record(e *portalv1.Exchange) *portalv1.ExchangeRecord {
	for _, line := range []uint64{e.GetByAsker(), e.GetByPortal(), e.GetByProvider()} {
		if r := t.records[line]; r != nil {
			return r
		}
	}
	return &portalv1.ExchangeRecord{}
}

// outcome is what came of it: as who answered says, where the one that asked has not heard.
func (t *told) outcome(e *portalv1.Exchange) *portalv1.ExchangeRecord {
	r := t.record(e)
	if by := t.records[e.GetByProvider()]; by != nil && r.GetResult() == waiting {
		return by
	}
	return r
}

const (
	given   = portalv1.ExchangeResult_EXCHANGE_RESULT_GIVEN
	none    = portalv1.ExchangeResult_EXCHANGE_RESULT_NONE
	unset   = portalv1.ExchangeResult_EXCHANGE_RESULT_UNSET
	refused = portalv1.ExchangeResult_EXCHANGE_RESULT_REFUSED
	failed  = portalv1.ExchangeResult_EXCHANGE_RESULT_FAILED
	waiting = portalv1.ExchangeResult_EXCHANGE_RESULT_WAITING
)

// words are those of the answers, by their keys.
type words struct {
	duties  map[string]*portalv1.ExchangeDuty
	infos   map[string]*portalv1.ExchangeInfo
	offices map[string]*portalv1.ExchangeOffice
	laws    map[string]*portalv1.ExchangeLaw
}

func (w *words) add(more *portalv1.ExchangeWords) {
	if w.duties == nil {
		w.duties, w.infos = map[string]*portalv1.ExchangeDuty{}, map[string]*portalv1.ExchangeInfo{}
		w.offices, w.laws = map[string]*portalv1.ExchangeOffice{}, map[string]*portalv1.ExchangeLaw{}
	}
	for _, d := range more.GetDuties() {
		w.duties[d.GetKey()] = d
	}
	for _, i := range more.GetInfos() {
		w.infos[i.GetKey()] = i
	}
	for _, o := range more.GetOffices() {
		w.offices[o.GetName()] = o
	}
	for _, l := range more.GetLaws() {
		w.laws[l.GetKey()] = l
	}
}

// why says for what work, in which step of it.
func (w *words) why(duty, procedure string) lang.Text {
	d := w.duties[duty]
	for _, p := range d.GetProcedures() {
		if p.GetKey() == procedure {
			return textWhy.F(lang.Local(d.GetName()), lang.Local(p.GetName()))
		}
	}
	return lang.Local(d.GetName())
}

// dutyOfLaw names a work with the law that it is done by. What passes through the portal itself is nobody's work.
func (w *words) dutyOfLaw(key string) lang.Text {
	d := w.duties[key]
	if d.GetLawName() == "" || key == own || key == staff {
		return lang.Local(d.GetName())
	}
	return lang.Plain(lang.Local(d.GetName()).String() + "・" + d.GetLawName())
}

func (w *words) info(key string) lang.Text { return lang.Local(w.infos[key].GetName()) }

func at(ms int64) lang.Text { return lang.DateTime(time.UnixMilli(ms)) }

// isLook tells whether it is that the portal's staff looked at something.
func isLook(r *portalv1.ExchangeRecord) bool { return r.GetDuty() == staff }

// own is what a person asks for through the portal, and staff the work of the portal's staff, as exchangelist calls
// them; that is not for the page.
const own, staff = "own-request", "portal-staff"

// sentence says in a sentence what happened.
func (t *told) sentence(e *portalv1.Exchange) lang.Text {
	r := t.record(e)
	if isLook(r) {
		return textLookSentence.F(r.GetAsker().GetName(), r.GetCondition())
	}
	if e.GetByPortal() > 0 {
		return textOwnSentence.F(r.GetProvider().GetName(), r.GetCondition())
	}
	return textSentence.F(r.GetAsker().GetName(), t.words.why(r.GetDuty(), r.GetProcedure()),
		r.GetProvider().GetName(), t.words.info(r.GetInfo()))
}

// result is a word for what came of it, and what that means.
func (t *told) result(e *portalv1.Exchange) (chip app.UI, means lang.Text) {
	r := t.outcome(e)
	if e.GetCancelled() > 0 {
		return kit.ChipLabel(kit.Warning, textCancelled), textCancelledMeans
	}
	if isLook(r) {
		return kit.ChipLabel(kit.Neutral, textLooked), textLookedMeans.F(r.GetReason())
	}
	tone := kit.Neutral
	switch r.GetResult() {
	case given:
		tone = kit.Success
	case refused, failed:
		tone = kit.Warning
	case waiting:
		tone = kit.Info
	}
	return kit.ChipLabel(tone, resultName(r.GetResult())), resultMeans(r)
}

func resultName(r portalv1.ExchangeResult) lang.Text {
	switch r {
	case given:
		return textGiven
	case none:
		return textNone
	case unset:
		return textUnset
	case refused:
		return textRefused
	case failed:
		return textFailed
	case waiting:
		return textWaiting
	}
	return textCancelled
}

func resultMeans(r *portalv1.ExchangeRecord) lang.Text {
	provider := r.GetProvider().GetName()
	switch r.GetResult() {
	case given:
		return textGivenMeans.F(at(r.GetProvidedAt()))
	case none:
		return textNoneMeans.F(provider)
	case unset:
		return textUnsetMeans.F(provider)
	case refused:
		return textRefusedMeans.F(provider)
	case failed:
		return textFailedMeans
	}
	return textWaitingMeans
}

// oneSided says which side alone reported; empty when both did, or the portal.
func oneSided(e *portalv1.Exchange) lang.Text {
	switch {
	case e.GetByPortal() > 0 || e.GetByAsker() > 0 && e.GetByProvider() > 0:
		return lang.Text{}
	case e.GetByAsker() > 0:
		return textOneSideAsker
	}
	return textOneSideProvider
}

// claimWord says how a claim stands, in a word; empty where there is none.
func claimWord(c *portalv1.ExchangeClaim) lang.Text {
	switch {
	case c == nil:
		return lang.Text{}
	case c.GetAnswer() != "":
		return textClaimAnswered
	}
	return textClaimed
}

// row is an exchange in the list.
func (t *told) row(e *portalv1.Exchange) app.UI {
	r := t.record(e)
	chip, means := t.result(e)
	signs := []app.UI{chip}
	if e.GetFirst() && e.GetByPortal() == 0 {
		signs = append(signs, kit.ChipLabel(kit.Info, textFirst))
	}
	if word := claimWord(e.GetClaim()); !word.Empty() {
		signs = append(signs, kit.ChipLabel(kit.Info, word))
	}
	if e.GetDiffers() {
		signs = append(signs, kit.ChipLabel(kit.Failure, textDiffers))
	}
	hints := []app.UI{means.P("")}
	self := r.GetOnBehalf() == portalv1.ExchangeFor_EXCHANGE_FOR_SELF
	if forWhom := onBehalf(r.GetOnBehalf()); !forWhom.Empty() && !self {
		hints = append(hints, forWhom.P(""))
	}
	if side := oneSided(e); !side.Empty() {
		hints = append(hints, side.P(""))
	}
	return app.Div().Class("exchange-row").Body(
		app.P().Class("exchange-when").Body(at(r.GetAskedAt()).UI()),
		app.P().Class("exchange-says").Body(
			app.A().Class("link").Href(pathOf(e.GetNumber())).Body(t.sentence(e).UI())),
		app.P().Class("exchange-signs").Body(signs...),
		app.Div().Class("hint").Body(hints...),
	)
}

func onBehalf(f portalv1.ExchangeFor) lang.Text {
	switch f {
	case portalv1.ExchangeFor_EXCHANGE_FOR_SELF:
		return textForSelf
	case portalv1.ExchangeFor_EXCHANGE_FOR_SPOUSE:
		return textForSpouse
	case portalv1.ExchangeFor_EXCHANGE_FOR_CHILD:
		return textForChild
	case portalv1.ExchangeFor_EXCHANGE_FOR_PARENT:
		return textForParent
	case portalv1.ExchangeFor_EXCHANGE_FOR_HOUSEHOLD:
		return textForHousehold
	}
	return lang.Text{}
}

// groups puts together what was for one application of one office, as far as it lies together.
func (t *told) groups() (list [][]*portalv1.Exchange) {
	key := func(e *portalv1.Exchange) string {
		r := t.record(e)
		if r.GetApplication() == "" {
			return e.GetNumber()
		}
		return r.GetAsker().GetName() + "\x00" + r.GetApplication()
	}
	for _, e := range t.all {
		if n := len(list); n > 0 && key(list[n-1][0]) == key(e) {
			list[n-1] = append(list[n-1], e)
			continue
		}
		list = append(list, []*portalv1.Exchange{e})
	}
	return list
}
