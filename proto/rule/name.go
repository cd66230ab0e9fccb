package rule

import (
	"madoguchi/proto/gen/portal/v1/portalv1limit"
	"madoguchi/proto/plaintext"
)

// NameFault is what is wrong with the name by which a person is shown.
type NameFault int

// Faults of names, in the order in which they are looked for.
const (
	NameGood    NameFault = iota
	NameMissing           // nothing to be seen
	NameLong              // more characters than the portal takes
	NamePrivate           // 外字: another character on each machine
	NameBroken            // a character that was lost
	NameSigns             // marks heaped or alone, what is no character
)

// TooLong says whether a text has more characters than so many, as people count them: marks, variants and what is
// joined to an emoji belong to the character before. No more of those than any text needs, though.
func TooLong(s string, characters int) bool {
	return len(s) > 20*characters || plaintext.Count(s) > characters
}

// DisplayName says what is wrong with a name that was cleaned (plaintext.Clean): what is still refused can be seen, and
// mended.
func DisplayName(name string) NameFault {
	if TooLong(name, portalv1limit.OpenAccountRequestDisplayName) {
		return NameLong
	}
	switch plaintext.FaultOfName(name) {
	case 0:
		return NameGood
	case plaintext.Empty:
		return NameMissing
	case plaintext.Private:
		return NamePrivate
	case plaintext.Broken:
		return NameBroken
	default:
		return NameSigns
	}
}
