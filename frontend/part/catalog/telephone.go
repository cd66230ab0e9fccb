package catalog

import (
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// Telephone is a telephone number to tap, where it is one.
func Telephone(phone string) app.UI {
	digits := digits(phone)
	if digits == "" {
		return AsWritten(phone)
	}
	return app.A().Class("link procedure-phone").Href("tel:" + digits).Text(phone)
}

// digits takes the first number out of 03-5722-9645（内線12）; empty when there is none that can be called.
func digits(phone string) string {
	var b strings.Builder
	for _, r := range phone {
		switch {
		case r >= '０' && r <= '９':
			r = r - '０' + '0'
			fallthrough
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() >= 9 && !strings.ContainsRune("-－ー‐ ", r):
			return callable(b.String())
		}
	}
	return callable(b.String())
}

func callable(digits string) string {
	if len(digits) < 9 || len(digits) > 12 || digits[0] != '0' {
		return ""
	}
	return digits
}
