package rule

// Limits that both sides go by.
const (
	// TermsVersion is the day of the terms of use that the pages show. Only who agreed to these may open a folder.
	TermsVersion = "2026-11-22"

	MaxTasks = 300 // in a folder, and on a device

	MaxPlaceTyped = 100 // characters; no name of a place with its town is longer
)

// SameTask is equal for two tasks that mean the same thing: the same procedure of the same place, or the same title.
func SameTask(t interface {
	GetPlaceCode() string
	GetNumber() string
	GetTitle() string
}) string {
	if t.GetNumber() != "" {
		return t.GetPlaceCode() + "/" + t.GetNumber()
	}
	return "title/" + t.GetTitle()
}

// CheckDigit computes the sixth digit of a 全国地方公共団体コード from its first five (JIS X 0402).
func CheckDigit(five string) byte {
	sum := 0
	for i, weight := range []int{6, 5, 4, 3, 2} {
		sum += weight * int(five[i]-'0')
	}
	return '0' + byte((11-sum%11)%10)
}

// PlaceCode says whether a text is the code of a place: six digits, of which the last checks the others. Whether there
// is such a place, the portal knows.
func PlaceCode(s string) bool {
	if len(s) != 6 {
		return false
	}
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return s[5] == CheckDigit(s[:5])
}
