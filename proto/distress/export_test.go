package distress

import (
	"fmt"
	"strings"
)

// Why names the phrases by which a text is known.
func Why(text string) []string {
	folded, latin := fold(text)
	table := rules()
	folded = table.withoutOrdinary(spelt().Replace(folded))
	latin = without(latin, table.ordinaryLatin)
	var why []string
	for i, r := range table.kinds {
		if r.alone[core(folded)] || r.alone[polite(folded)] {
			why = append(why, fmt.Sprint(r.kind, " alone ", core(folded)))
		}
		for j, phrase := range r.near {
			if stands(folded, phrase.stems, len(folded), false) {
				var which []string
				for _, ways := range phrase.stems {
					for _, w := range ways {
						if strings.Contains(folded, w) {
							which = append(which, w)
						}
					}
					which = append(which, "/")
				}
				why = append(why, fmt.Sprintf("%d near %.40s… %q", r.kind, vocabularyOf().kinds[i].near[j], which))
			}
		}
		for j, phrase := range r.latin {
			for k := range latin {
				if _, ok := says(latin[k:], phrase, 0, betweenWords, false); ok {
					why = append(why, fmt.Sprintf("%d latin %.40s", r.kind, vocabularyOf().kinds[i].latin[j]))
					break
				}
			}
		}
	}
	return why
}

// EmptyStems are ways to say a thing that fold to nothing.
func EmptyStems() (empty []string) {
	for i, r := range rules().kinds {
		for j, phrase := range r.near {
			for _, ways := range phrase.stems {
				for _, w := range ways {
					if w == "" {
						empty = append(empty, vocabularyOf().kinds[i].near[j])
					}
				}
			}
		}
	}
	return empty
}
