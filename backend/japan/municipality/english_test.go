package municipality_test

import (
	"regexp"
	"testing"

	"madoguchi/backend/japan/municipality"
)

func TestPlacesInEnglish(t *testing.T) {
	for code, want := range map[string]string{
		"100005": "Gunma", "102016": "Maebashi-shi, Gunma",
		"130001": "Tokyo", "260002": "Kyoto", "131105": "Meguro-ku, Tokyo", "011002": "Sapporo-shi, Hokkaido",
		"141178": "Aoba-ku, Yokohama-shi, Kanagawa", "013951": "Niseko-cho, Abuta-gun, Hokkaido",
		"221392": "Hamana-ku, Hamamatsu-shi, Shizuoka", "193461": "Ichikawamisato-cho, Nishiyatsushiro-gun, Yamanashi",
		"133647": "Kozushima-mura, Tokyo", "": "", "999999": "", "131106": "",
	} {
		if got := municipality.English(code); got != want {
			t.Errorf("%q is %q instead of %q", code, got, want)
		}
	}
}

func TestEveryPlaceHasItsNameInEnglish(t *testing.T) {
	whole := regexp.MustCompile(`^[A-Z][a-z]+(-(shi|ku|cho|machi|mura|son|gun))?(, [A-Z][a-z]+(-(shi|gun))?)*$`)
	var codes []string
	for _, p := range municipality.Prefectures() {
		codes = append(codes, p.Code)
	}
	for _, m := range municipality.All() {
		codes = append(codes, m.Code)
	}
	for _, code := range codes {
		if got := municipality.English(code); !whole.MatchString(got) {
			t.Errorf("%s is %q", code, got)
		}
	}
}
