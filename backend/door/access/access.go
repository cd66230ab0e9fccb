// Package access decides who may call what. Every RPC carries the option access.v1.access in its proto; the interceptor here is
// the one place that enforces it, and Check keeps a server with an unmarked RPC from starting.
//
// It does not find out who is calling: that is for the doors (backend/door/session for people, backend/door/office for offices), which put a
// Caller into the context. Nor does it know what a caller may see: that is each feature's.
package access

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"madoguchi/backend/store/card"
	accessv1 "madoguchi/proto/gen/access/v1"
)

// Kind is the kind of a caller.
type Kind int

const (
	// Nobody has no session; the zero Caller.
	Nobody Kind = iota
	// Newcomer has shown a card and has no folder yet.
	Newcomer
	// Citizen has an open folder.
	Citizen
	// Office came through the offices' gateway.
	Office
)

func (k Kind) String() string {
	return [...]string{"nobody", "newcomer", "citizen", "office"}[k]
}

// CardFresh is for how long a card shown again counts.
const CardFresh = 5 * time.Minute

// ClockSkew is how far in the future something may lie that has happened: another instance's clock, a small correction of this one's.
// What lies further ahead was noted by a clock that was wrong, and does not count.
const ClockSkew = time.Minute

// Caller is who is calling, as a door found out.
type Caller struct {
	Kind Kind

	// Of people.
	FolderID             string  // of a citizen
	Card                 card.ID // that began the session
	SessionHash          string  // names the session; not its secret
	CertificateExpiresAt time.Time
	CardPurpose          string // what the card was last shown again for
	CardShownAt          time.Time

	// Of offices.
	OfficeID     string
	OfficeDuties []string
}

// defaultKiB is the largest request, unless its RPC says otherwise: five thousand Japanese characters, so that a text pasted into the
// wrong field is still answered with the field's name.
const defaultKiB = 16

type callerKey struct{}

// WithCaller is for doors: it says who is calling.
func WithCaller(ctx context.Context, caller Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, caller)
}

// FromContext tells who is calling; the zero Caller is nobody.
func FromContext(ctx context.Context) Caller {
	caller, _ := ctx.Value(callerKey{}).(Caller)
	return caller
}

// Verdict is what the rule of an RPC says to a caller.
type Verdict int

const (
	Allowed Verdict = iota
	// NotLoggedIn: some session would do, and there is none.
	NotLoggedIn
	// NotAllowed: this is not for such a caller.
	NotAllowed
	// CardAgain: the caller fits, the card must be shown again first.
	CardAgain
)

// Judge applies a rule to a caller.
func Judge(rule *accessv1.Access, caller Caller, now time.Time) Verdict {
	fits := rule.GetAnyone() ||
		rule.GetNewcomer() && caller.Kind == Newcomer ||
		rule.GetCitizen() && caller.Kind == Citizen ||
		rule.GetOfficeDuty() != "" && caller.Kind == Office && slices.Contains(caller.OfficeDuties, rule.GetOfficeDuty())
	if !fits {
		if caller.Kind == Nobody {
			return NotLoggedIn
		}
		return NotAllowed
	}
	if purpose := rule.GetCardPurpose(); purpose != "" {
		since := now.Sub(caller.CardShownAt)
		if caller.CardPurpose != purpose || since > CardFresh || since < -ClockSkew {
			return CardAgain
		}
	}
	return Allowed
}

// Rules maps procedures ("/portal.v1.NoticeService/ListNotices") to who may call them.
type Rules map[string]*accessv1.Access

// Check collects the rules of the named services ("portal.v1.NoticeService"). An RPC that names no caller is an error: a server
// must not start with it.
func Check(services ...string) (Rules, error) {
	rules := Rules{}
	for _, name := range services {
		found, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(name))
		if err != nil {
			return nil, fmt.Errorf("looking for the service %s: %w", name, err)
		}
		service, ok := found.(protoreflect.ServiceDescriptor)
		if !ok {
			return nil, fmt.Errorf("%s is no service", name)
		}
		for i := range service.Methods().Len() {
			method := service.Methods().Get(i)
			rule, err := ruleOf(method)
			if err != nil {
				return nil, err
			}
			rules["/"+name+"/"+string(method.Name())] = rule
		}
	}
	return rules, nil
}

func ruleOf(method protoreflect.MethodDescriptor) (*accessv1.Access, error) {
	rule, ok := proto.GetExtension(method.Options(), accessv1.E_Access).(*accessv1.Access)
	namesCallers := rule.GetAnyone() || rule.GetNewcomer() || rule.GetCitizen() || rule.GetOfficeDuty() != ""
	if !ok || !namesCallers {
		return nil, fmt.Errorf("%s does not say who may call it: give it the option (access.v1.access)", method.FullName())
	}
	if (rule.CardPurpose != "" || rule.CardPurposeForSome != "") && rule.Anyone {
		return nil, fmt.Errorf("%s is for anyone and asks for the card again: nobody has shown one", method.FullName())
	}
	return rule, nil
}

// MaxBytes is how large a request of a procedure may be.
func (r Rules) MaxBytes(procedure string) int {
	return int(cmp.Or(r[procedure].GetMaxKib(), defaultKiB)) << 10
}

// CardPurposes lists what a card can be asked for again, sorted.
func (r Rules) CardPurposes() []string {
	var purposes []string
	for _, rule := range r {
		for _, p := range []string{rule.GetCardPurpose(), rule.GetCardPurposeForSome()} {
			if p != "" {
				purposes = append(purposes, p)
			}
		}
	}
	slices.Sort(purposes)
	return slices.Compact(purposes)
}

// Procedures lists the procedures, sorted.
func (r Rules) Procedures() []string {
	var procedures []string
	for p := range r {
		procedures = append(procedures, p)
	}
	slices.SortFunc(procedures, strings.Compare)
	return procedures
}
