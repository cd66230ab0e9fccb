package chart

import (
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
)

func series(kind Kind) *Chart {
	p := func(label string, value float64, missing bool) Point {
		return Point{Label: lang.Plain(label), Value: value, Shown: lang.Plain(label + "の値"), Missing: missing}
	}
	return &Chart{
		ID: "c", Kind: kind, Title: lang.Plain("医療費"), LabelColumn: lang.Plain("年"), ValueColumn: lang.Plain("円"),
		Points: []Point{p("2023年", 100, false), p("2024年", 0, true), p("2025年", 0, false), p("2026年", -50, false)},
	}
}

func life() *Chart {
	c := series(Life)
	for i := range c.Points {
		c.Points[i].From, c.Points[i].Until = 1000*i, 1000*i+900
		c.Points[i].ShownFrom, c.Points[i].ShownUntil = lang.Plain("始"), lang.Plain("終")
	}
	return c
}

func html(c *Chart) string { return app.HTMLString(c) }

// The table has every point, closed or not: a screen reader and a printer find it.
func TestTheTableHasAllThatIsDrawn(t *testing.T) {
	for _, c := range []*Chart{series(Line), series(Bar), life()} {
		out := html(c)
		for _, p := range c.Points {
			if strings.Count(out, p.Label.String()) < 1 {
				t.Errorf("%d: %s is missing", c.Kind, p.Label)
			}
		}
		if !strings.Contains(out, "<table") {
			t.Errorf("%d: no table", c.Kind)
		}
	}
}

// What is missing is not zero: a line has a gap there, a bar a frame, and words say so.
func TestWhatIsMissingIsNotZero(t *testing.T) {
	out := html(series(Line))
	if strings.Count(out, "chart-point") != 3 || !strings.Contains(out, textMissing.String()) {
		t.Errorf("line: %s", out)
	}
	d := &drawing{}
	series(Line).line(d)
	_, path, _ := strings.Cut(d.String(), `chart-line" d="`)
	if strings.Count(strings.SplitN(path, `"`, 2)[0], "M") != 2 {
		t.Errorf("the line goes on over the gap: %s", d)
	}
	d = &drawing{}
	series(Bar).bars(d)
	if strings.Count(d.String(), "chart-missing") != 1 || strings.Count(d.String(), "chart-bar") != 3 {
		t.Errorf("bars: %s", d)
	}
}

// Points below zero hang from the axis, and nothing leaves the drawing.
func TestPointsStandWhereTheyBelong(t *testing.T) {
	c := series(Bar)
	if c.height(100) >= c.height(0) || c.height(0) >= c.height(-50) || c.height(100) < 0 || c.height(-50) > high {
		t.Errorf("heights: %v %v %v", c.height(100), c.height(0), c.height(-50))
	}
	for _, c := range []*Chart{series(Line), series(Bar), life()} {
		for i := range c.Points {
			from, until := c.place(i)
			if from < 0 || until > wide || until < from {
				t.Errorf("%d: point %d lies at %v to %v", c.Kind, i, from, until)
			}
			if got := c.nearest((from + until) / 2); got != i+1 {
				t.Errorf("%d: a tap on point %d reads %d", c.Kind, i+1, got)
			}
		}
	}
	for _, few := range []*Chart{
		{Kind: Line, Points: c.Points[:1]}, {Kind: Bar, Points: c.Points[1:2]}, {Kind: Life, Points: c.Points[:1]},
	} {
		if out := html(few); strings.Contains(out, "NaN") || strings.Contains(out, "Inf") {
			t.Errorf("%d with one point: %s", few.Kind, out)
		}
	}
}

// Each point can be read in words.
func TestPointsAreSaid(t *testing.T) {
	c := series(Line)
	if !c.said().Empty() {
		t.Error("something is said before anything is read")
	}
	for i, want := range []string{"2023年：2023年の値", "2024年：" + textMissing.String()} {
		c.at = i + 1
		if got := c.said().String(); got != want {
			t.Errorf("point %d: %q, want %q", i+1, got, want)
		}
	}
	if html(&Chart{Title: lang.Plain("題")}) == "" {
		t.Error("without points nothing is said")
	}
}

func TestNumbersAreShort(t *testing.T) {
	for n, want := range map[float64]string{0: "0", 1.25: "1.3", -1.25: "-1.3", 640: "640", 0.04: "0"} {
		if got := number(n); got != want {
			t.Errorf("%v: %s, want %s", n, got, want)
		}
	}
}
