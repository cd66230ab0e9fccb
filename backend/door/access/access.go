// Package access decides who may call what. Every RPC carries the option access.v1.access in its proto; the interceptor
// here is the one place that enforces it, and Check keeps a server with an RPC from starting that does not say what it
// is.
//
// It does not find out who is calling: that is for the doors (backend/door/session for people, backend/door/office for
// offices), which put a Caller into the context. Nor does it know what a caller may see: that is each feature's.
package access

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	"madoguchi/backend/store/act"
	"madoguchi/backend/store/card"
	accessv1 "madoguchi/proto/gen/access/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
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

// Means is by what a person's session was begun. What asks for the card asks for it by whichever.
type Means string

const (
	ByCard    Means = "card"
	ByPasskey Means = "passkey"
	ByPhone   Means = "phone" // by a code that the person's phone opened: it lets in nobody else, and keeps nothing
)

var means = map[Means]portalv1.Means{
	ByCard: portalv1.Means_MEANS_CARD, ByPasskey: portalv1.Means_MEANS_PASSKEY, ByPhone: portalv1.Means_MEANS_PHONE,
}

// Message is the same in the contract.
func (m Means) Message() portalv1.Means { return means[m] }

// CardFresh is for how long a card shown again counts.
const CardFresh = 5 * time.Minute

// ClockSkew is how far in the future something may lie that has happened: another instance's clock, a small correction
// of this one's. What lies further ahead was noted by a clock that was wrong, and does not count.
const ClockSkew = time.Minute

// Caller is who is calling, as a door found out. A person acts for oneself, or for another who has given a mandate:
// what a call is about is the Subject's, never the actor's.
type Caller struct {
	Kind Kind

	// Of people. What is said of the session and the card is the actor's.
	FolderID             string   // of the citizen who acts
	For                  string   // the folder of whom the actor acts for; "" for oneself
	Mandate              []string // what the actor may do for another: the names of services, as the contract has them
	Card                 card.ID  // that began the session
	SessionHash          string   // names the session; not its secret
	CertificateExpiresAt time.Time
	CardPurpose          string // what the card was last shown again for
	CardShownAt          time.Time
	CardContent          string // the request that it was shown for (Content); "" when a page from before did not say
	SharedDevice         bool   // others use the device, too: nothing of the person is kept on it
	Means                Means  // by which the session was begun
	MeansID              string // which of several it was: of a passkey
	Device               string // on which the session goes on (backend/feature/device); "" on one that keeps nothing
	Browser              string // what that said it was, when the session began
	Place                string // act.Home, act.Abroad, or "" when nobody knows: from where it began

	// Of offices.
	OfficeID     string
	OfficeDuties []string
}

// Subject is the folder that a call is about: the one that every query goes by. "" when the caller has none.
func (c Caller) Subject() string { return cmp.Or(c.For, c.FolderID) }

// Subject is that of the caller in the context.
func Subject(ctx context.Context) string { return FromContext(ctx).Subject() }

// Actor is the folder of who acts: for what is about their session or card.
func Actor(ctx context.Context) string { return FromContext(ctx).FolderID }

// By is who acts, as the history of use has it.
func (c Caller) By() act.By {
	return act.By{
		Folder: c.FolderID, SessionHash: c.SessionHash, Means: c.Means.Message(), MeansID: c.MeansID,
		Device: c.Device, Browser: c.Browser, Place: c.Place,
	}
}

// defaultKiB is the largest request, unless its RPC says otherwise: five thousand Japanese characters, so that a text
// pasted into the wrong field is still answered with the field's name.
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
	forOneself := caller.For == ""
	fits := rule.GetAnyone() ||
		rule.GetNewcomer() && caller.Kind == Newcomer ||
		rule.GetCitizen() && caller.Kind == Citizen && forOneself ||
		rule.GetAgent() != "" && caller.Kind == Citizen && !forOneself &&
			slices.Contains(caller.Mandate, rule.GetAgent()) ||
		rule.GetOfficeDuty() != "" && caller.Kind == Office &&
			slices.Contains(caller.OfficeDuties, rule.GetOfficeDuty())
	// staff and scope: no door brings such callers yet.
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

// Check collects the rules of the named services ("portal.v1.NoticeService"). An RPC that does not say what it is is an
// error: a server must not start with it.
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
			rules[procedureOf(method)] = rule
		}
	}
	return rules, nil
}

func ruleOf(method protoreflect.MethodDescriptor) (*accessv1.Access, error) {
	rule, ok := optionOf(method)
	namesCallers := rule.GetAnyone() || rule.GetNewcomer() || rule.GetCitizen() || rule.GetOfficeDuty() != "" ||
		rule.GetAgent() != "" || rule.GetStaff() != "" || rule.GetScope() != ""
	if !ok || !namesCallers {
		return nil, fmt.Errorf("%s does not say who may call it: give it the option (access.v1.access)",
			method.FullName())
	}
	if wrong := contradiction(method, rule); wrong != "" {
		return nil, fmt.Errorf("%s %s", method.FullName(), wrong)
	}
	return rule, nil
}

func optionOf(method protoreflect.MethodDescriptor) (*accessv1.Access, bool) {
	rule, ok := proto.GetExtension(method.Options(), accessv1.E_Access).(*accessv1.Access)
	return rule, ok && rule != nil
}

var recordForm = regexp.MustCompile(`^[a-z]+(\.[a-z_]+)+$`)

// contradiction tells what of a rule cannot be so; "" when all can.
func contradiction(method protoreflect.MethodDescriptor, rule *accessv1.Access) string {
	record, byCitizen := rule.GetRecord(), rule.GetAnyone() || rule.GetCitizen() || rule.GetAgent() != ""
	switch {
	case rule.GetAnyone() && (rule.GetCardPurpose() != "" || rule.GetCardPurposeForSome() != ""):
		return "is for anyone and asks for the card again: nobody has shown one"
	case byCitizen && record == "" && !rule.GetUnrecorded():
		return "does not say whether it stands in a person's history: give it a record, or say unrecorded"
	case record != "" && rule.GetUnrecorded():
		return "has a record and is unrecorded"
	case record != "" && !recordForm.MatchString(record):
		return fmt.Sprintf("has the record %q, which is not of the form feature.act", record)
	case record == "" && rule.GetAgent() != "":
		return "is for agents and has no record: what somebody does for another stands in both histories"
	case record != "" && method.IsStreamingServer():
		return "is a stream and has a record: what stays open is no act"
	case record != "" && rule.GetUnattended():
		return "is called by pages alone (unattended) and has a record: it is no act of the person's"
	}
	switch writes := IsWrite(method); {
	case !writes && rule.GetSecretAnswer():
		return "gives out a secret and may be repeated freely (idempotency_level)"
	case writes && rule.GetAnyone() && !rule.GetSecretAnswer():
		return "changes something and is for anyone: there is nobody to keep its key for; make it IDEMPOTENT"
	case rule.GetMayWait() && (!writes || rule.GetSecretAnswer() || !rule.GetCitizen() || rule.GetCardPurpose() != ""):
		return "may wait on a device and is no write of a citizen's with a key and without a card"
	}
	return ""
}

// IsWrite tells whether a call changes something that a second one would change again: whether it takes a key.
func IsWrite(method protoreflect.MethodDescriptor) bool {
	options, _ := method.Options().(*descriptorpb.MethodOptions)
	return options.GetIdempotencyLevel() == descriptorpb.MethodOptions_IDEMPOTENCY_UNKNOWN
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
