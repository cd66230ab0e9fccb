package myinfo

import (
	"slices"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/part/chart"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/order"
	"madoguchi/proto/rule"
)

// inTime are the records in the order of time, the first first.
func (a *answer) inTime() []*portalv1.InfoRecord {
	records := slices.Clone(a.answer.GetRecords())
	order.By(records, func(one, other *portalv1.InfoRecord) int {
		return strings.Compare(a.timeOf(one), a.timeOf(other))
	})
	return records
}

// drawable are the items that records have more than one amount of.
func (a *answer) drawable(records []*portalv1.InfoRecord) (items []*portalv1.InfoItem) {
	for _, i := range a.detail.GetItems() {
		n := 0
		for _, r := range records {
			if _, ok := amount(valueOf(r, i.GetKey())); ok {
				n++
			}
		}
		if counts(i) && !a.hides(i) && n > 1 {
			items = append(items, i)
		}
	}
	return items
}

// charted are the amounts of one item in the course of time as a chart, with the choice of the item where there are
// several; nothing where there is nothing to draw.
func (a *answer) charted() app.UI {
	records := a.inTime()
	items := a.drawable(records)
	if len(items) == 0 {
		return app.Div()
	}
	item := items[len(items)-1] // of costs the last is what one pays oneself
	options := make([]kit.Option, len(items))
	for n, i := range items {
		options[n] = kit.Option{Value: i.GetKey(), Label: lang.Local(i.GetName())}
		if i.GetKey() == a.charts {
			item = i
		}
	}
	kind := chart.Line
	if item.GetType() == portalv1.InfoType_INFO_TYPE_YEN {
		kind = chart.Bar
	}
	points := make([]chart.Point, len(records))
	for n, r := range records {
		v := valueOf(r, item.GetKey())
		number, ok := amount(v)
		points[n] = chart.Point{Label: a.whenOf(r), Value: number, Shown: plainly(item, v), Missing: !ok}
	}
	choice := app.Div()
	if len(items) > 1 {
		choice = choice.Body(kit.Select{
			ID: "info-charted", Label: textCharted, Options: options, Value: item.GetKey(), Required: true,
			OnChange: func(_ app.Context, key string) { a.charts = key },
		}.UI())
	}
	return app.Div().Body(choice, &chart.Chart{
		ID: "info-chart", Title: lang.Local(item.GetName()), Kind: kind, Points: points, Note: a.source(),
		LabelColumn: textWhen, ValueColumn: lang.Local(item.GetName()),
	})
}

// source says from whom figures are, and of when.
func (a *answer) source() lang.Text {
	return textSource.F(a.answer.GetRequest().GetOffice(), lang.Day(a.answer.GetAsOf()))
}

// whenOf is the time of a record in words.
func (a *answer) whenOf(r *portalv1.InfoRecord) lang.Text {
	time := a.timeOf(r)
	for _, v := range r.GetValues() {
		if i := a.item(v.GetItem()); ofTime(i) && strings.HasPrefix(v.GetText(), time) {
			return written(i, v.GetText())
		}
	}
	return a.titleOf(r)
}

// career are the spans of the records as a life line, as of a career in pensions; nothing where there are none. A span
// that is open goes on until the day of the answer.
func (a *answer) career() app.UI {
	var points []chart.Point
	for _, r := range a.inTime() {
		for _, v := range r.GetValues() {
			i := a.item(v.GetItem())
			from, to, _ := strings.Cut(v.GetText(), "/")
			begins, ok := rule.Day(from)
			if i.GetType() != portalv1.InfoType_INFO_TYPE_SPAN || !ok {
				continue
			}
			shownTo := lang.Day(to)
			if to == "" {
				to, shownTo = a.answer.GetAsOf(), textOngoing
			}
			ends, ok := rule.Day(to)
			if !ok {
				continue
			}
			points = append(points, chart.Point{
				Label: a.nameOf(r), From: days(begins), Until: days(ends), ShownFrom: lang.Day(from),
				ShownUntil: shownTo,
			})
			break
		}
	}
	if len(points) < 2 {
		return app.Div()
	}
	return app.Div().Body(&chart.Chart{
		ID: "info-career", Title: a.name(), Kind: chart.Life, Points: points, Note: a.source(),
		LabelColumn: textRecord, ValueColumn: textWhen,
	})
}

func days(t time.Time) int { return int(t.Unix() / (24 * 60 * 60)) }
