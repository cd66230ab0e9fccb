package resident_test

import (
	"testing"
	"time"

	"madoguchi/backend/sandbox/resident"
	"madoguchi/bridge/softcard"
)

func TestEveryCertificateHasItsResident(t *testing.T) {
	records := map[string]string{}
	for _, r := range resident.All() {
		if r.Municipality == "" {
			t.Errorf("the municipality %s of %s has no name", r.MunicipalityCode, r.ID)
		}
		if other, ok := records[r.Record]; ok || len(r.Record) != 11 {
			t.Errorf("record %s of %s, also of %q", r.Record, r.ID, other)
		}
		records[r.Record] = r.ID
		if found, ok := resident.ByRecord(r.Record); !ok || found.ID != r.ID {
			t.Errorf("record %s leads to %q", r.Record, found.ID)
		}
	}
	for _, p := range softcard.People() {
		r, ok := resident.BySerial(softcard.SerialHex(p.AuthSerial()))
		if has := p.AuthCertificate(time.Now()) != nil; ok != has {
			t.Errorf("%s: certificate %v, resident %v", p.ID, has, ok)
		}
		if ok && r.Name != p.Name {
			t.Errorf("%s is %s", p.ID, r.Name)
		}
	}
}

func TestARenewedCardIsTheSameResident(t *testing.T) {
	old, ok := resident.ByID("yamada-hanako")
	renewed, ok2 := resident.ByID("yamada-hanako-2")
	if !ok || !ok2 || old.Record != renewed.Record || len(old.Serials) != 2 {
		t.Errorf("%+v and %+v", old, renewed)
	}
	if _, ok := resident.ByID("transit"); ok {
		t.Error("a transport card has a resident")
	}
}

func TestAge(t *testing.T) {
	r, _ := resident.ByID("yamada-hanako") // 15 April 1990
	for day, want := range map[string]int{
		"2026-04-14T14:59:59Z": 35, // 23:59 in Japan
		"2026-04-14T15:00:00Z": 36,
		"2026-12-31T00:00:00Z": 36,
	} {
		now, err := time.Parse(time.RFC3339, day)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Age(now); got != want {
			t.Errorf("at %s: %d, want %d", day, got, want)
		}
	}
}
