package top

import (
	"context"
	"errors"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/pagetest"
	"madoguchi/frontend/frame/shell"
)

var asked []shell.Asked

func init() {
	shell.Use(shell.Feature{Finders: []shell.Finder{
		{
			Title: lang.Plain("second"), Order: 2,
			Find: func(_ context.Context, a shell.Asked) ([]shell.Hit, error) {
				asked = append(asked, a)
				return []shell.Hit{{Title: app.Text("x"), Href: "/x"}}, nil
			},
			All: func(a shell.Asked) string { return "/all?q=" + a.Words },
		},
		{Title: lang.Plain("silent"), Order: 1, Find: func(context.Context, shell.Asked) ([]shell.Hit, error) {
			return nil, nil
		}},
		{Title: lang.Plain("out of reach"), Order: 3, Find: func(context.Context, shell.Asked) ([]shell.Hit, error) {
			return nil, errors.New("no network")
		}},
		{Title: lang.Plain("one's own"), Order: 0, For: shell.Citizen,
			Find: func(context.Context, shell.Asked) ([]shell.Hit, error) {
				return []shell.Hit{{Title: app.Text("secret"), Href: "/mine"}}, nil
			}},
	}})
}

// What one feature lacks, the others may have; who is not logged in gets nobody's own.
func TestTheFieldAnswersFromAllFeatures(t *testing.T) {
	got, err := find(t.Context(), shell.Asked{Words: "保育園", Place: "131105"})
	if err != nil || !got.lacking || len(got.groups) != 1 || got.groups[0].hits[0].Href != "/x" ||
		got.groups[0].all != "/all?q=保育園" || got.to != "保育園" {
		t.Errorf("%+v, %v", got, err)
	}
	if last := asked[len(asked)-1]; last.Place != "131105" {
		t.Errorf("asked %+v", last)
	}
}

// Words of distress are answered above all, and asked of nobody.
func TestDistressIsSentToNobody(t *testing.T) {
	ctx, _ := pagetest.Context(t)
	p := &page{}
	p.visit.Begin(ctx)
	before := len(asked)
	p.words = "もう死にたい"
	p.run()
	if len(p.distress) == 0 || p.found != nil || p.asked.Busy || len(asked) != before {
		t.Errorf("kinds %v, found %v, asked %d times", p.distress, p.found, len(asked)-before)
	}
}
