// Package accesstest makes the authorisation tests out of the contract: every RPC × every kind of caller, and what must come of it.
package accesstest

import (
	"time"

	"madoguchi/backend/access"
)

// Case is one RPC called by one kind of caller.
type Case struct {
	Procedure string
	As        string // the caller's name among the callers given
	Want      access.Verdict
}

// Cases crosses every procedure with every caller.
func Cases(rules access.Rules, callers map[string]access.Caller, now time.Time) []Case {
	var cases []Case
	for _, procedure := range rules.Procedures() {
		for name, caller := range callers {
			cases = append(cases, Case{Procedure: procedure, As: name, Want: access.Judge(rules[procedure], caller, now)})
		}
	}
	return cases
}
