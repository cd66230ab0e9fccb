package catalog

import (
	"regexp"
	"strings"
)

var phoneForm = regexp.MustCompile(`^[0-9+(][0-9()+ -]{5,19}$`)

var phoneSigns = strings.NewReplacer("(", "", ")", "", " ", "", "-", "")

// phone checks a telephone number: one, in digits, because the page dials it.
func (k *checker) phone(field, number string) {
	digits := phoneSigns.Replace(number)
	switch {
	case number == "":
	case len(digits) == len(number) && (len(digits) == 9 || len(digits) == 10) && digits[0] >= '1' && digits[0] <= '9':
		k.add(field, "先頭の0が消えているようです。03-1234-5678 のように、市外局番から書いてください。")
	case !phoneForm.MatchString(number) || len(digits) > 15:
		k.add(field, "電話番号は 03-1234-5678 のように半角で、1つだけ書いてください（画面から電話をかけるため）。"+
			"内線は「担当部署」に「防犯課（内線 2345）」のように、2つ目の番号は「受付時間」に「平日8時30分から17時（夜間は 03-1234-5679）」のように書いてください。")
	}
}
