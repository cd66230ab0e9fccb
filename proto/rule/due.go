package rule

import "cmp"

// FirstDue is the first of some days, written YYYY-MM-DD; empty ones are none.
func FirstDue(days ...string) string {
	first := ""
	for _, day := range days {
		if first == "" || day != "" && day < first {
			first = day
		}
	}
	return first
}

// CompareDue sorts by day: the first comes first, what has none comes last.
func CompareDue(a, b string) int {
	if a == "" || b == "" {
		return cmp.Compare(b, a)
	}
	return cmp.Compare(a, b)
}
