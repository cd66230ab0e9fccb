package office

import (
	"fmt"
	"strings"
	"time"

	"madoguchi/backend/sandbox/resident"
	"madoguchi/proto/clock"
	officev1 "madoguchi/proto/gen/office/v1"
)

// home stands for the municipality in which a resident lives, whichever it is.
const home = "home"

// letter is a notice that an office sends by itself. In its texts these are replaced: {name}, {municipality}, {due} the
// last day, {day:N} the day N days from today, {fiscal} the fiscal year in 和暦.
type letter struct {
	// key names the letter within its office, at most 40 characters; it never changes, so that nobody gets a letter
	// twice.
	key    string
	office string
	who    func(r resident.Resident, today time.Time) bool
	title  string
	body   string
	marked bool // whether the body is to be read with its marks
	action string
	// due is in days from today, 0 for none; url is https or empty. Neither stands without an action.
	due int
	url string
}

// letters gives what an office sends to one resident who has just been introduced, addressed to nobody yet.
func letters(o Office, r resident.Resident, today time.Time) []written {
	var out []written
	for _, l := range personal {
		if l.from(o) && l.who(r, today) {
			out = append(out, written{l.write(r, o.Name, today)})
		}
	}
	return out
}

// broadcasts gives what an office sends to everyone whom it may address.
func broadcasts(o Office, today time.Time) []*officev1.SendNoticeRequest {
	var out []*officev1.SendNoticeRequest
	for _, l := range general {
		if !l.from(o) {
			continue
		}
		request := l.write(resident.Resident{}, o.Name, today)
		o.addressAll(request)
		out = append(out, request)
	}
	return out
}

// written is a letter in its final words, without an addressee.
type written struct{ request *officev1.SendNoticeRequest }

func (w written) to(identifier string) *officev1.SendNoticeRequest {
	w.request.Audience = &officev1.SendNoticeRequest_Person{Person: identifier}
	w.request.Reference = personReference(w.request.GetReference(), identifier)
	return w.request
}

func (l letter) from(o Office) bool {
	return l.office == o.ID || l.office == home && o.MunicipalityCode != ""
}

func (l letter) write(r resident.Resident, municipality string, today time.Time) *officev1.SendNoticeRequest {
	request := &officev1.SendNoticeRequest{Reference: l.key, ActionUrl: l.url}
	words := []string{"{name}", r.Name, "{municipality}", municipality, "{fiscal}", fiscalYear(today)}
	if l.due > 0 {
		due := clock.Midnight(today).AddDate(0, 0, l.due)
		request.ActionDue = due.Format(time.DateOnly)
		words = append(words, "{due}", longDay(due))
	}
	for n := 1; n <= 120; n++ {
		words = append(words, fmt.Sprintf("{day:%d}", n), longDay(clock.Midnight(today).AddDate(0, 0, n)))
	}
	replace := strings.NewReplacer(words...).Replace
	request.Title, request.Action = replace(l.title), replace(l.action)
	request.Body = strings.TrimSpace(replace(l.body))
	if l.marked {
		request.BodyForm = officev1.TextForm_TEXT_FORM_MARKED
	}
	return request
}

func longDay(t time.Time) string {
	weekdays := []string{"日", "月", "火", "水", "木", "金", "土"}
	return fmt.Sprintf("%d年%d月%d日（%s）", t.Year(), int(t.Month()), t.Day(), weekdays[t.Weekday()])
}

// fiscalYear counts from April; 令和1年 is 2019.
func fiscalYear(t time.Time) string {
	t = t.In(clock.Japan)
	year := t.Year()
	if t.Month() < time.April {
		year--
	}
	return fmt.Sprintf("令和%d年度", year-2018)
}
