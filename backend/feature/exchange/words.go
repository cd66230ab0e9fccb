package exchange

import (
	"maps"
	"slices"
	"time"

	"madoguchi/proto/exchangelist"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// words gathers the words for what stands in records, each once.
type words struct {
	duties  map[string]bool
	infos   map[string]bool
	offices map[string]*portalv1.ExchangeOffice
	byID    map[string][]string // names in the records, by registered id
	laws    map[string]*portalv1.ExchangeLaw
}

func local(t exchangelist.Text) *portalv1.LocalText {
	return &portalv1.LocalText{Ja: t.Ja, En: t.En, Easy: t.Easy}
}

func noted(set map[string]bool, key string) map[string]bool {
	if set == nil {
		set = map[string]bool{}
	}
	set[key] = true
	return set
}

func (w *words) duty(key string) { w.duties = noted(w.duties, key) }

func (w *words) info(key string) { w.infos = noted(w.infos, key) }

// record notes what a record has.
func (w *words) record(r *portalv1.ExchangeRecord) {
	w.duty(r.GetDuty())
	w.info(r.GetInfo())
	w.office(r.GetAsker())
	w.office(r.GetProvider())
}

func (w *words) office(p *portalv1.ExchangeParty) {
	if w.offices == nil {
		w.offices, w.byID = map[string]*portalv1.ExchangeOffice{}, map[string][]string{}
	}
	if w.offices[p.GetName()] != nil {
		return
	}
	m := &portalv1.ExchangeOffice{Name: p.GetName()}
	if what, known := exchangelist.What(p.GetName()); known {
		m.What = local(what)
	}
	w.offices[p.GetName()] = m
	if p.GetOffice() != "" {
		w.byID[p.GetOffice()] = append(w.byID[p.GetOffice()], p.GetName())
	}
}

// registered says how an office is registered.
func (w *words) registered(id, name string) {
	for _, of := range w.byID[id] {
		w.offices[of].Registered = name
	}
}

// law notes by which rule something was asked for at a time, and gives its key.
func (w *words) law(dutyKey string, askedAt int64) string {
	d, known := exchangelist.DutyOf(dutyKey)
	if !known {
		return ""
	}
	text := d.Law(time.UnixMilli(askedAt))
	if w.laws == nil {
		w.laws = map[string]*portalv1.ExchangeLaw{}
	}
	url := exchangelist.LawURL
	if d.Channel == exchangelist.Portal {
		url = "" // no law has it looked at
	}
	w.laws[text.Ja] = &portalv1.ExchangeLaw{Key: text.Ja, Name: local(text), Url: url}
	return text.Ja
}

// message gives them, in an order that does not change.
func (w *words) message() *portalv1.ExchangeWords {
	m := &portalv1.ExchangeWords{}
	for _, d := range exchangelist.Duties() {
		if w.duties[d.Key] {
			m.Duties = append(m.Duties, dutyMessage(d))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(w.infos)) {
		info, known := exchangelist.InfoOf(key)
		if !known {
			continue
		}
		one := &portalv1.ExchangeInfo{Key: key, Name: local(info.Name), Official: info.Official}
		for _, item := range info.Items {
			one.Items = append(one.Items, &portalv1.ExchangeItem{Key: item.Key, Name: local(item.Name)})
		}
		m.Infos = append(m.Infos, one)
	}
	for _, name := range slices.Sorted(maps.Keys(w.offices)) {
		m.Offices = append(m.Offices, w.offices[name])
	}
	for _, key := range slices.Sorted(maps.Keys(w.laws)) {
		m.Laws = append(m.Laws, w.laws[key])
	}
	return m
}

func dutyMessage(d exchangelist.Duty) *portalv1.ExchangeDuty {
	m := &portalv1.ExchangeDuty{
		Key: d.Key, Name: local(d.Name), Official: d.Official, Why: local(d.Why), LawName: d.LawName, LawUrl: d.LawURL,
	}
	for _, p := range d.Procedures {
		m.Procedures = append(m.Procedures, &portalv1.ExchangeProcedure{Key: p.Key, Name: local(p.Name)})
	}
	return m
}
