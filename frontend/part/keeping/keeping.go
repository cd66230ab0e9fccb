// Package keeping says in words what the device keeps of what was looked at: each kind that is declared (vault.Declare,
// the option keep of RPCs), for how long, and whether under lock. The page of the device and the privacy page tell it.
package keeping

import (
	"time"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/reach/ledger"
	_ "madoguchi/frontend/reach/outbox" // declares what waits
	_ "madoguchi/frontend/reach/rpc"    // declares what the contract says, before anybody asks here
	"madoguchi/frontend/reach/vault"
)

const day = 24 * time.Hour

// names are the words of the kinds. A kind that is declared has some: a test.
var names = map[vault.Kind]lang.Text{
	"notice":         textKindNotice,
	"todo":           textKindTodo,
	"account":        textKindAccount,
	"myinfo":         textKindMyInfo,
	"usage":          textKindUsage,
	"inquiry":        textKindInquiry,
	"form":           textKindForm,
	"draft":          textKindDraft,
	"filling":        textKindFilling,
	"attaching":      textKindAttaching,
	"application":    textKindApplication,
	"exchange":       textKindExchange,
	ledger.Evidence:  textKindEvidence,
	vault.Answers:    textKindAnswers,
	vault.Procedures: textKindProcedures,
	vault.Outbox:     textKindOutbox,
}

// Name is what people call a kind.
func Name(kind vault.Kind) lang.Text {
	if name, known := names[kind]; known {
		return name
	}
	return textKindOther
}

// Line says what is kept, for how long, and how.
func Line(s vault.Sort) lang.Text {
	days := int(s.For / day)
	switch {
	case s.Sealed && days > 0:
		return textSealedFor.F(Name(s.Kind), days)
	case s.Sealed:
		return textSealedUntil.F(Name(s.Kind))
	case days > 0:
		return textOpenFor.F(Name(s.Kind), days)
	}
	return textOpenUntil.F(Name(s.Kind))
}

// Lines are those of all that is declared.
func Lines() []lang.Text {
	var lines []lang.Text
	for _, s := range vault.Declared() {
		lines = append(lines, Line(s))
	}
	return lines
}
