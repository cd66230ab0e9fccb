package municipality

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// formers.tsv names municipalities that are no more, and the wards of Hamamatsu before 2024: prefecture, name, reading
// where it is known, codes of what they are part of today, and since when. Most is made from the tables of
// github.com/YuukiToriyama/merged-town-names (MIT; see LICENSE-data), which go back to Japan Post's list of changes
// since 2003; older ones, wards and renamed cities are added by hand.
//
//go:embed formers.tsv
var formersFile string

// inKanji are names that people write in kanji though they are kana.
var inKanji = map[string]string{"埼玉市": "111007", "筑波市": "082201", "津軽市": "022098"}

// Was is a municipality, ward or 郡 that is no more.
type Was struct {
	Name, Kana string // with 郡 or the city in front; the reading where it is known
	Since      string // YYYY-MM-DD, when it became what it is today; "" for 郡 and names that never were official
}

type former struct {
	Was

	prefecture area
	today      []string // codes
}

// formers are found by their folded names and readings, with and without 郡; cities also without 市.
var formers = sync.OnceValue(func() map[string][]former {
	found := map[string][]former{}
	for name, code := range inKanji {
		found[fold(name)] = []former{{today: []string{code}}}
	}
	districts := map[[2]string]*former{} // 郡, by prefecture and name
	for line := range strings.Lines(formersFile) {
		field := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(field) != 5 {
			continue
		}
		f := former{Was{field[1], field[2], field[4]}, prefectureArea(field[0]), strings.Split(field[3], "+")}
		forms := []string{field[1], field[2]}
		if district, short, ok := strings.Cut(field[1], "郡"); ok && utf8.RuneCountInString(short) > 1 {
			forms = append(forms, short)
			key := [2]string{field[0], district + "郡"}
			if districts[key] == nil {
				districts[key] = &former{Was: Was{Name: key[1]}, prefecture: f.prefecture}
			}
			districts[key].today = append(districts[key].today, f.today...)
		}
		if _, ward, ok := strings.Cut(field[1], "市"); ok && ward != "" {
			forms = append(forms, ward)
		}
		if bare, ok := strings.CutSuffix(field[1], "市"); ok && utf8.RuneCountInString(bare) > 1 {
			forms = append(forms, bare)
		}
		slices.Sort(forms)
		for _, form := range slices.Compact(forms) {
			if form = fold(form); form != "" {
				found[form] = append(found[form], f)
			}
		}
	}
	for key, f := range districts {
		if !slices.ContainsFunc(InPrefecture(key[0]), func(m Municipality) bool {
			return strings.HasPrefix(m.Name, key[1])
		}) {
			slices.Sort(f.today)
			f.today = slices.Compact(f.today)
			found[fold(key[1])] = append(found[fold(key[1])], *f)
		}
	}
	return found
})

func prefectureArea(digits string) area {
	from, _ := slices.BinarySearchFunc(All(), digits, func(m Municipality, digits string) int {
		return strings.Compare(m.Code[:2], digits)
	})
	return area{from, from + len(InPrefecture(digits))}
}

// lay says whether it was in an area of today: in its prefecture even when what it became is in another, as 山口村 is.
func (w former) lay(in area, code string) bool { return in.holds(asIs(code)) || in == w.prefecture }

// asIs is the area of what a code stands for.
func asIs(code string) area {
	i := load().byCode[code]
	return area{i, i + 1 + len(Wards(code))}
}

// former finds today's places of those that were called so.
func (f *finder) former(text string, in area) {
	for _, was := range formers()[text] {
		for _, code := range was.today {
			if m, ok := ByCode(code); ok && was.lay(in, code) {
				f.list = append(f.list, Found{Code: code, Kind: m.Kind(), Why: Former, Was: was.Was})
			}
		}
	}
}

// holds says whether an area is this or a smaller one of it.
func (a area) holds(b area) bool { return a == b || a.contains(b) }

// wasCalled adds to what was found since what it was called by.
func (f *finder) wasCalled(was Was, since int) {
	for i := since; i < len(f.list); i++ {
		if f.list[i].Was == (Was{}) {
			f.list[i].Was = was
		}
	}
}

// behindFormer calls a function with what follows the longest name of one that is no more, and the area of it today.
func behindFormer(text string, in area, follow func(rest string, in area, was Was)) {
	for end := len(text) - 1; end > 0; end-- {
		was := formers()[text[:end]]
		if !utf8.RuneStart(text[end]) || len(was) == 0 || !saysItsKind(text[:end]) {
			continue
		}
		for _, w := range was {
			for _, code := range w.today {
				if w.lay(in, code) {
					follow(text[end:], asIs(code), w.Was)
				}
			}
		}
		return
	}
}

// saysItsKind says whether a name ends with what kind of place it is: 目黒区, not 目黒 or めぐろく.
func saysItsKind(form string) bool {
	last, _ := utf8.DecodeLastRuneInString(form)
	return strings.ContainsRune("都道府県市区町村", last)
}
