package rule

import "madoguchi/proto/plaintext"

// NameFault is what is wrong with the name by which a person is shown.
type NameFault int

// Faults of names, in the order in which they are looked for.
const (
	NameGood    NameFault = iota
	NameMissing           // nothing to be seen
	NameLong              // more than MaxName characters
	NamePrivate           // 外字: another character on each machine
	NameBroken            // a character that was lost
	NameSigns             // marks heaped or alone, what is no character
)

// MaxName is how many characters a person sees in the longest name: marks, variants and what is joined to an emoji
// belong to the character before.
const MaxName = 20

// maxNameBytes is more than any name of MaxName characters needs, with variants, accents and joined emoji.
const maxNameBytes = 20 * MaxName

// DisplayName says what is wrong with a name that was cleaned (plaintext.Clean): what is still refused can be seen, and
// mended.
func DisplayName(name string) NameFault {
	if len(name) > maxNameBytes || plaintext.Count(name) > MaxName {
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
