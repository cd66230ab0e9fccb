package kit

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// Monogram is the first letter of a sender's name in a circle, for the eye: the name stands beside it. A crest of
// theirs would be more than a name says.
func Monogram(name string) app.UI {
	letter := ""
	for _, r := range name {
		letter = string(r)
		break
	}
	return app.Span().Class("monogram").Aria("hidden", "true").Lang("ja").Text(letter)
}
