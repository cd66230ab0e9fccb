package history

import (
	"testing"
	"time"

	"madoguchi/backend/sandbox/resident"
	officev1 "madoguchi/proto/gen/office/v1"
)

var now = time.Date(2026, 11, 26, 8, 0, 0, 0, time.UTC)

func TestEverybodyHasAHistory(t *testing.T) {
	if _, err := read(); err != nil {
		t.Fatal(err)
	}
	numbers := map[string]bool{}
	for _, r := range resident.All() {
		list := Of(r, now)
		if len(list) < 2 || len(list) > 60 {
			t.Errorf("%s has %d exchanges", r.ID, len(list))
		}
		for _, e := range list {
			if numbers[e.Number] {
				t.Errorf("%s: the number %s is there twice", r.ID, e.Number)
			}
			numbers[e.Number] = true
			asked := time.UnixMilli(e.event.GetAskedAt())
			if asked.Before(now.AddDate(-7, 0, 0)) || asked.After(now) {
				t.Errorf("%s: asked at %v", r.ID, asked)
			}
			if len(e.Reports(e.asker.id, "p", now))+len(e.Reports(e.provider.id, "p", now)) == 0 {
				t.Errorf("%s: nobody reports %s", r.ID, e.Number)
			}
		}
	}
}

func TestEachSideReportsItsOwn(t *testing.T) {
	taro, _ := resident.ByID("yamada-taro")
	kinds := map[string]int{}
	for _, e := range Of(taro, now) {
		for _, office := range []string{"131105", "011002", "nenkin", "nta"} {
			for _, r := range e.Reports(office, "p", now) {
				kinds[office]++
				asks := r.GetEvent().GetSide() == officev1.ExchangeSide_EXCHANGE_SIDE_ASKER
				if r.GetEvent() != nil && asks != (office == e.asker.id) {
					t.Errorf("%s reports the other's side: %v", office, r)
				}
				if r.GetCancelled() != nil {
					kinds["cancelled"]++
				}
			}
		}
	}
	if kinds["131105"] < 10 || kinds["nenkin"] < 1 || kinds["nta"] != 0 || kinds["cancelled"] != 1 {
		t.Errorf("%v", kinds)
	}
}

func TestWhatIsAgoIsAsItWas(t *testing.T) {
	umeko, _ := resident.ByID("suzuki-umeko")
	old, later := 0, 0
	for _, e := range Of(umeko, now) {
		if time.UnixMilli(e.event.GetAskedAt()).Before(time.Date(2024, 5, 27, 0, 0, 0, 0, time.UTC)) {
			old++
			continue
		}
		later++
	}
	if old < 15 || later < 8 {
		t.Errorf("%d of before the law changed, %d later", old, later)
	}
	if len(Mass("172014", now)) != 4 || len(Mass("nta", now)) != 0 {
		t.Error("transfers of many")
	}
}
