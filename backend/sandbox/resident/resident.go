// Package resident is J-LIS's register of the invented people: one resident a record, whatever cards that person has
// held. Offices know a resident by the record number; nothing of it ever reaches the portal in clear.
package resident

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
	"sync"
	"time"

	"madoguchi/bridge/softcard"
	"madoguchi/proto/clock"
)

// Resident is one invented person.
type Resident struct {
	// ID is that of the person's first card in bridge/softcard.
	ID string
	// Record is the number of the person's record: 11 digits, invented.
	Record string
	Name   string
	// Birth is midnight UTC of the day of birth.
	Birth time.Time
	// MunicipalityCode has six digits; Municipality is its name. A ward of a designated city has no office of its own:
	// it is the city.
	MunicipalityCode, Municipality string
	// Serials are those of the person's authentication certificates in lower-case hex, the oldest first.
	Serials []string
}

// government is the municipality whose office a resident deals with, by the code of the address: for a ward of a
// designated city it is the city's.
var government = map[string]struct{ code, name string }{
	"011011": {"011002", "札幌市"},
	"131105": {"131105", "目黒区"},
	"131121": {"131121", "世田谷区"},
	"141038": {"141003", "横浜市"},
	"172014": {"172014", "金沢市"},
	"261033": {"261009", "京都市"},
	"271276": {"271004", "大阪市"},
	"292117": {"292117", "葛城市"},
	"472018": {"472018", "那覇市"},
}

// Age is in full years on the day that it is in Japan.
func (r Resident) Age(now time.Time) int {
	now = now.In(clock.Japan)
	age := now.Year() - r.Birth.Year()
	if now.Month() < r.Birth.Month() || now.Month() == r.Birth.Month() && now.Day() < r.Birth.Day() {
		age--
	}
	return age
}

// All gives every resident who holds an authentication certificate, in the order of bridge/softcard.
func All() []Resident { return register() }

// ByID finds a resident by the identifier of any of the person's cards.
func ByID(id string) (Resident, bool) {
	p, ok := softcard.PersonByID(id)
	if !ok {
		return Resident{}, false
	}
	return BySerial(softcard.SerialHex(p.AuthSerial()))
}

// BySerial finds the holder of a certificate, also of one that was replaced.
func BySerial(serial string) (Resident, bool) {
	for _, r := range register() {
		for _, s := range r.Serials {
			if s == strings.ToLower(serial) {
				return r, true
			}
		}
	}
	return Resident{}, false
}

// ByRecord finds a resident by the record number.
func ByRecord(record string) (Resident, bool) {
	for _, r := range register() {
		if r.Record == record {
			return r, true
		}
	}
	return Resident{}, false
}

var register = sync.OnceValue(func() []Resident {
	var residents []Resident
	first := map[string]int{} // serial to place
	for _, p := range softcard.People() {
		if p.AuthCertificate(time.Now()) == nil {
			continue
		}
		serial := softcard.SerialHex(p.AuthSerial())
		if place, ok := placeOf(serial, first); ok {
			residents[place].Serials = append(residents[place].Serials, serial)
			first[serial] = place
			continue
		}
		birth, err := time.Parse("20060102", p.BirthDate)
		if err != nil {
			panic(fmt.Sprintf("softcard: birth date of %s: %v", p.ID, err))
		}
		first[serial] = len(residents)
		residents = append(residents, Resident{
			ID: p.ID, Record: recordOf(p.ID), Name: p.Name, Birth: birth,
			MunicipalityCode: government[p.MunicipalityCode].code, Municipality: government[p.MunicipalityCode].name,
			Serials: []string{serial},
		})
	}
	return residents
})

// placeOf finds the resident who held one of the certificate's predecessors.
func placeOf(serial string, places map[string]int) (int, bool) {
	for _, old := range softcard.Predecessors(serial) {
		if place, ok := places[old]; ok {
			return place, true
		}
	}
	return 0, false
}

// recordOf makes a number that is the same in each run.
func recordOf(id string) string {
	sum := sha256.Sum256([]byte("resident record of " + id))
	return fmt.Sprintf("%011d", binary.BigEndian.Uint64(sum[:8])%1e11)
}
