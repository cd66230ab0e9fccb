package compare

import (
	"net/url"
	"slices"
	"strings"

	"madoguchi/frontend/part/catalog"
	"madoguchi/proto/gen/portal/v1/portalv1limit"
	"madoguchi/proto/rule"
)

// query is what an address asks to page.
type query struct {
	places     []string
	definition string
	event      string
	differing  bool
}

// parse reads ?definition=P0012&place=131105&place=131041&diff=1. What cannot be meant is left out, and so is a place
// named twice.
func parse(values url.Values) query {
	var q query
	for _, code := range values["place"] {
		if rule.PlaceCode(code) && !slices.Contains(q.places, code) &&
			len(q.places) < portalv1limit.CompareProceduresRequestPlaceCodes {
			q.places = append(q.places, code)
		}
	}
	if definition := values.Get("definition"); rule.ProcedureNumber(definition) {
		q.definition = definition
	}
	event := values.Get("event")
	if q.definition == "" && event != "" && len(event) <= 20 &&
		strings.Trim(event, "abcdefghijklmnopqrstuvwxyz") == "" {
		q.event = event
	}
	q.differing = values.Get("diff") == "1"
	return q
}

// address is the other way round.
func (q query) address() string {
	values := url.Values{}
	if q.definition != "" {
		values.Set("definition", q.definition)
	}
	if q.event != "" {
		values.Set("event", q.event)
	}
	for _, code := range q.places {
		values.Add("place", code)
	}
	if q.differing {
		values.Set("diff", "1")
	}
	if len(values) == 0 {
		return catalog.ComparePath
	}
	return catalog.ComparePath + "?" + values.Encode()
}

func (q query) with(code string) query {
	q.places = append(slices.Clone(q.places), code)
	return q
}

func (q query) without(code string) query {
	q.places = slices.DeleteFunc(slices.Clone(q.places), func(other string) bool { return other == code })
	return q
}

// of is the same places for something else; nothing is to be chosen when it is empty.
func (q query) of(definition, event string) query {
	q.definition, q.event = definition, event
	return q
}

// chosen says that there is something to page.
func (q query) chosen() bool { return q.definition != "" || q.event != "" }

func (q query) equal(other query) bool {
	return q.definition == other.definition && q.event == other.event && slices.Equal(q.places, other.places)
}
