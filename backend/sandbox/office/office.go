// Package office plays the offices outside: municipalities, the pension service, the tax agency, the digital agency.
// Each comes to the portal's gateway over gRPC under its own client certificate, learns who was introduced to it, and
// does what its duties are: each is an office's side of one feature of the portal, in a file of its own ([Duty]).
//
// It knows nothing of the portal but proto/office, and nothing of people but what J-LIS sealed for the office.
package office

import (
	"slices"
	"strings"

	"madoguchi/backend/sandbox/resident"
)

// Office is one office as the portal registers it.
type Office struct {
	ID   string
	Name string
	// MunicipalityCode has six digits; empty for a national office.
	MunicipalityCode string
}

const (
	pension = "nenkin"
	tax     = "nta"
	digital = "digital"
	health  = "mhlw"
)

// All gives every office: the national ones, then the municipalities in which someone lives, by code.
func All() []Office {
	offices := []Office{
		{ID: digital, Name: "デジタル庁"},
		{ID: pension, Name: "日本年金機構"},
		{ID: tax, Name: "国税庁"},
		{ID: health, Name: "厚生労働省"},
	}
	names := map[string]string{}
	for _, r := range resident.All() {
		names[r.MunicipalityCode] = r.Municipality
	}
	var municipalities []Office
	for code, name := range names {
		municipalities = append(municipalities, Office{ID: code, Name: name, MunicipalityCode: code})
	}
	slices.SortFunc(municipalities, func(a, b Office) int { return strings.Compare(a.ID, b.ID) })
	return append(offices, municipalities...)
}

// Serves tells whether the office has business with a resident, and so a record of that resident.
func (o Office) Serves(r resident.Resident) bool {
	return o.MunicipalityCode == "" || o.MunicipalityCode == r.MunicipalityCode
}
