// Command romaji writes romaji.tsv from the masters of prefectures and of municipalities in the Digital Agency's
// address base registry (mt_pref_all.csv, mt_city_all.csv; CC BY 4.0), which are no npm package: it is run by hand when
// they change.
package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"madoguchi/backend/japan/municipality"
)

const out = "backend/japan/municipality/romaji.tsv"

// corrections are for what the registry has cut off.
var corrections = map[string]string{"193461": "Nishiyatsushiro-gun Ichikawamisato-cho"} // 市川三郷町

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: romaji mt_pref_all.csv mt_city_all.csv")
		os.Exit(2)
	}
	if err := write(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "romaji:", err)
		os.Exit(1)
	}
}

func write(files []string) error {
	romaji := map[string]string{}
	for _, file := range files {
		if err := read(file, romaji); err != nil {
			return fmt.Errorf("reading %s: %w", file, err)
		}
	}
	maps.Copy(romaji, corrections)
	var b strings.Builder
	line := func(code string) error {
		if romaji[code] == "" {
			return fmt.Errorf("%s has no romaji", code)
		}
		fmt.Fprintf(&b, "%s\t%s\n", code, romaji[code])
		return nil
	}
	for _, p := range municipality.Prefectures() {
		if err := line(p.Code); err != nil {
			return err
		}
	}
	for _, m := range municipality.All() {
		if err := line(m.Code); err != nil {
			return err
		}
	}
	return os.WriteFile(out, []byte(b.String()), 0o644)
}

// read takes what stands in Latin letters: that of the smallest place of a row, with its city or its 郡 before it.
func read(file string, romaji map[string]string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	rows, err := csv.NewReader(f).ReadAll()
	if err = errors.Join(err, f.Close()); err != nil || len(rows) == 0 {
		return err
	}
	head := rows[0]
	head[0] = strings.TrimPrefix(head[0], "\ufeff")
	for _, row := range rows[1:] {
		of := func(name string) string {
			if i := slices.Index(head, name); i >= 0 {
				return row[i]
			}
			return ""
		}
		if of("ablt_date") != "" { // it is no more
			continue
		}
		whole := strings.TrimSpace(of("county_roma") + " " + of("city_roma") + " " + of("ward_roma"))
		if whole == "" {
			whole = of("pref_roma")
		}
		romaji[of("lg_code")] = whole
	}
	return nil
}
