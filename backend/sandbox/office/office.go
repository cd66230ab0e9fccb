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
	// MunicipalityCode has six digits; empty for a national office. A prefecture's has zeros: 130001.
	MunicipalityCode string
	// Quiet offices hold something about people, and write to nobody.
	Quiet bool
}

const (
	pension  = "nenkin"
	tax      = "nta"
	digital  = "digital"
	health   = "mhlw"
	insurers = "oqs"
	claims   = "shiharai"
)

// quiet are the offices that only answer: who settles medical matters, prefectures, and where somebody lived before.
var quiet = []Office{
	{ID: insurers, Name: "オンライン資格確認等システム（医療保険者）"},
	{ID: claims, Name: "社会保険診療報酬支払基金"},
	{ID: "130001", Name: "東京都", MunicipalityCode: "130001"},
	{ID: "170003", Name: "石川県", MunicipalityCode: "170003"},
	{ID: "202029", Name: "松本市", MunicipalityCode: "202029"},
	{ID: "290009", Name: "奈良県", MunicipalityCode: "290009"},
}

// formerly is where a resident lived before, by their id.
var formerly = map[string]string{"kobayashi-ren": "202029"}

// Prefecture tells whether the office is a prefecture's.
func (o Office) Prefecture() bool {
	return len(o.MunicipalityCode) == 6 && o.MunicipalityCode[2:5] == "000"
}

// All gives every office: the national ones, then the municipalities in which someone lives, by code; then those that
// only answer.
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
	for _, o := range quiet {
		o.Quiet = true
		municipalities = append(municipalities, o)
	}
	return append(offices, municipalities...)
}

// Serves tells whether the office has business with a resident, and so a record of that resident.
func (o Office) Serves(r resident.Resident) bool {
	return o.home(r) || o.MunicipalityCode == formerly[r.ID]
}

// home tells whether the resident lives where the office is.
func (o Office) home(r resident.Resident) bool {
	return o.MunicipalityCode == "" || o.MunicipalityCode == r.MunicipalityCode ||
		o.Prefecture() && o.MunicipalityCode[:2] == r.MunicipalityCode[:2]
}
