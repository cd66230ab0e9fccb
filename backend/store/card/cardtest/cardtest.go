// Package cardtest names cards for tests.
package cardtest

import (
	"strings"
	"testing"
	"time"

	"madoguchi/backend/store/card"
	"madoguchi/bridge/softcard"
	"madoguchi/bridge/softcard/softcardtest"
)

// issuer is no authority's.
var issuer = strings.Repeat("a1", 32)

// ID is a card that is nobody's yet, of an authority that there is not.
func ID(serial string) card.ID { return card.ID{Issuer: issuer, Serial: serial} }

// Of is the card of a test person of bridge/softcard.
func Of(t testing.TB, person string) card.ID {
	t.Helper()
	now := time.Now()
	authority, _ := softcard.AuthCA(now)
	return card.Of(softcardtest.Person(t, person).AuthCertificate(now), authority)
}
