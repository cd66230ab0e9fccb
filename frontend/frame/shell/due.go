package shell

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
	"madoguchi/proto/order"
	"madoguchi/proto/rule"
)

// Due is something that is to be done, as a row of the timeline of the home page.
type Due struct {
	// ID tells rows apart, whatever feature they come from.
	ID string
	// Title is what is to be done.
	Title lang.Text
	// By is the day, 2026-11-22; empty where none is settled, and then Words may say how it comes about.
	By    string
	Words lang.Text
	// From is who asks for it, or where it is done; empty where nobody does.
	From string
	// Begun tells what the person began here and has not ended.
	Begun bool
	// Do is a verb, and Href where it is done.
	Do   lang.Text
	Href string
	// Tap is what can be done at once, without leaving the page; nil where there is nothing.
	Tap *Tap
	// DoneAt is when it was done, in milliseconds; 0 while it is to be.
	DoneAt int64
}

// Tap is something that one press does. Do tells the person what became of it.
type Tap struct {
	Label lang.Text
	Do    func(ctx app.Context)
}

// Timeline is how a feature puts rows on the home page. Whatever has a day belongs there: what a notice asks for, an
// application sent back, a bill, a card that ends.
type Timeline struct {
	// Rows are those that are known; known is false while they must be asked for. More is how many there are beside
	// them.
	Rows func() (rows []Due, more int, known bool)
	// Follow has the page drawn again when they change, and asks for them; heard is told what became of it. It is nil
	// where all is known without asking.
	Follow func(ctx app.Context, heard func(ctx app.Context, err error)) (stop func())
	// Again asks for them once more; nil where that cannot help.
	Again func(ctx app.Context, heard func(ctx app.Context, err error))
}

// Timelines are those of all features.
func Timelines() []Timeline { return house.timelines }

// Dues are the rows of all features in one order: what is open by its day, what has none after it; then what is done,
// the last first. known is false where a feature has not been heard.
func Dues() (open, done []Due, more int, known bool) {
	known = true
	for _, t := range house.timelines {
		rows, others, heard := t.Rows()
		known, more = known && heard, more+others
		for _, d := range rows {
			if d.DoneAt > 0 {
				done = append(done, d)
				continue
			}
			open = append(open, d)
		}
	}
	order.By(open, func(a, b Due) int { return rule.CompareDue(a.By, b.By) })
	order.By(done, func(a, b Due) int { return int(b.DoneAt/1000 - a.DoneAt/1000) })
	return open, done, more, known
}

// Service is something that can be used every day, for the person to put on the home page.
type Service struct {
	// ID is what the choice is kept by.
	ID, Path    string
	Title, Text lang.Text
	// Sign is its picture.
	Sign func() app.UI
	// Order sorts them; the first four are chosen where nothing is.
	Order int
}

// Services are those of all features, in order.
func Services() []Service {
	all := append([]Service(nil), house.services...)
	order.By(all, func(a, b Service) int { return a.Order - b.Order })
	return all
}
