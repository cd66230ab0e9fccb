//go:build !js

package vault

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// full puts something of every kind on the device.
func full(t *testing.T) {
	t.Helper()
	Clear()
	t.Cleanup(Clear)
	HavePages(2)
	t.Cleanup(func() { HavePages(0) })
	for key, text := range map[string]string{
		PlaceKey: "{}", TasksKey: "[]", PlanKey + "move": "{}", PlanKey + "birth": "{}", DayKey + "birth": "x",
		TickKey + "131105.P0012": "[]", TickKey + "131105.P0001": "[]",
		"of-old": "1", "placebo": "2",
	} {
		if !Keep(key, text) {
			t.Fatal("the device refuses")
		}
	}
	Belong("card-a")
	Save(AnswersDraft+"move", map[string]string{"a": "b"})
	Save(AnswersDraft+"work", map[string]string{"a": "b"})
	Save("account", form{"花子"})
	err := KeepPlace(context.Background(), PlaceHead{Code: "131105", Name: "目黒区", At: time.Now()}, []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
}

// said is what is left, in a line.
func said(t *testing.T) string {
	t.Helper()
	var all []string
	left := Left()
	heads, err := KeptPlaces(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range heads {
		left[Procedures] = append(left[Procedures], h.Code)
	}
	if n, err := KeptPages(context.Background()); err != nil || n > 0 {
		left[Pages] = append(left[Pages], strconv.Itoa(n))
	}
	for _, kind := range Kinds {
		if names := left[kind]; len(names) > 0 {
			slices.Sort(names)
			all = append(all, string(kind)+"="+strings.Join(names, ","))
		}
	}
	return strings.Join(all, " ")
}

func TestLeftTellsOfEverything(t *testing.T) {
	full(t)
	want := "place=place tasks=todo answers=birth,move,work days=birth ticks=131105.P0001,131105.P0012 " +
		"drafts=account procedures=131105 pages=2 rest=of-old,placebo"
	if got := said(t); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestWipeTakesAKindAndNoMore(t *testing.T) {
	for _, kind := range Kinds {
		full(t)
		before := strings.Fields(said(t))
		wipes := Wipes(kind)
		if err := Wipe(context.Background(), kind); err != nil {
			t.Fatal(err)
		}
		want := slices.DeleteFunc(before, func(s string) bool { return strings.HasPrefix(s, string(kind)+"=") })
		if got := said(t); got != strings.Join(want, " ") {
			t.Errorf("without %s: %s", kind, got)
		}
		if Wipes(kind) != wipes+1 {
			t.Errorf("wiping %s counts %d", kind, Wipes(kind))
		}
	}
}

func TestWipeOfEverythingLeavesTheLoginAlone(t *testing.T) {
	full(t)
	if err := Wipe(context.Background(), Kinds...); err != nil || said(t) != "" {
		t.Errorf("%v, left: %s", err, said(t))
	}
	Save("account", form{"花子"})
	Belong("card-b")
	var f form
	if Load("account", &f) {
		t.Error("whose drafts these are is forgotten: somebody else finds them")
	}
}

func TestWhatAnotherTabWipesGoesHereToo(t *testing.T) {
	full(t)
	wipeHere(kindsOf("drafts nonsense <b>"))
	if got := said(t); strings.Contains(got, "drafts=") || !strings.Contains(got, "answers=birth,move,work") ||
		Wipes(Drafts) != 1 || Wipes(Place) != 0 {
		t.Error(got, Wipes(Drafts))
	}
	Belong("card-b") // the mark of the owner was there still
	if got := said(t); strings.Contains(got, "work") {
		t.Errorf("somebody else's answers: %s", got)
	}
}

func TestADeviceThatRefuses(t *testing.T) {
	if Refuses() {
		t.Error("refuses at first")
	}
	restore := Refuse()
	if !Refuses() || Keep("place", "x") {
		t.Error("does not refuse")
	}
	restore()
}
