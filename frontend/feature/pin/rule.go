package pin

import (
	"bytes"

	"madoguchi/frontend/frame/lang"
	bridgev2 "madoguchi/proto/gen/bridge/v2"
)

// pin is one of the card's three.
type pin struct {
	kind                              bridgev2.PINKind
	path                              string
	name, change                      lang.Text
	form, uses, setAt, usually, reset lang.Text
	locksAfter                        int
	least, most                       int // characters
	letters                           bool
}

// The three, as the seed's table has them (暗証番号のロック条件): form, tries, uses.
var (
	auth = pin{
		kind: bridgev2.PINKind_PIN_KIND_AUTH, path: "/pin/auth", name: textAuth, change: textChangeAuth,
		form: textFourDigits, uses: textAuthUses, setAt: textSetAtDesk, usually: textUsuallyFour, reset: textResetAuth,
		locksAfter: 3,
		least:      4, most: 4,
	}
	sign = pin{
		kind: bridgev2.PINKind_PIN_KIND_SIGN, path: "/pin/sign", name: textSign, change: textChangeSign,
		form: textLetters, uses: textSignUses, setAt: textSignSetAt, usually: textUsuallySign, reset: textResetStore,
		locksAfter: 5,
		least:      6, most: 16, letters: true,
	}
	text = pin{
		kind: bridgev2.PINKind_PIN_KIND_TEXT, path: "/pin/text", name: textText, change: textChangeText,
		form: textFourDigits, uses: textTextUses, setAt: textSetAtDesk, usually: textUsuallyFour, reset: textResetDesk,
		locksAfter: 3,
		least:      4, most: 4,
	}
	all = []pin{auth, sign, text}
)

// narrow keeps of what was typed what can stand in this PIN, in the place of the text itself: full-width digits and
// letters as plain ones, small letters as capital ones. The rest is cleared.
func (p pin) narrow(typed []byte) []byte {
	kept := 0
	for _, r := range bytes.Runes(typed) {
		switch {
		case r >= '！' && r <= '～':
			r -= '！' - '!'
		}
		if r >= 'a' && r <= 'z' {
			r -= 'a' - 'A'
		}
		digit, letter := r >= '0' && r <= '9', r >= 'A' && r <= 'Z'
		if kept < p.most && (digit || letter && p.letters) {
			typed[kept] = byte(r)
			kept++
		}
	}
	clear(typed[kept:])
	return typed[:kept]
}

// complete tells whether it has the length of such a PIN.
func (p pin) complete(typed []byte) bool { return len(typed) >= p.least && len(typed) <= p.most }

// mixed tells whether a PIN of letters and digits holds both, which the desks ask for.
func mixed(typed []byte) bool {
	return bytes.ContainsAny(typed, "0123456789") && bytes.ContainsAny(typed, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
}

// easy tells whether it is among what everybody tries first: steps of one, up or down, or the same again and again.
// 0 follows 9.
func easy(typed []byte) bool {
	if len(typed) < 2 {
		return false
	}
	for _, step := range []int{0, 1, 9} {
		follows := true
		for i := 1; i < len(typed); i++ {
			from, to := int(typed[i-1])-'0', int(typed[i])-'0'
			if from > 9 || to > 9 || (from+step)%10 != to {
				follows = false
				break
			}
		}
		if follows {
			return true
		}
	}
	return len(typed) == 4 && typed[0] == typed[2] && typed[1] == typed[3]
}

// likeDay tells whether four digits may be somebody's birthday or year of birth.
func likeDay(typed []byte) bool {
	if len(typed) != 4 {
		return false
	}
	two := func(i int) int { return int(typed[i]-'0')*10 + int(typed[i+1]-'0') }
	first, second := two(0), two(2)
	day := first >= 1 && first <= 12 && second >= 1 && second <= 31
	return day || first == 19 || first == 20
}
