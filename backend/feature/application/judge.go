package application

import (
	"context"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"time"

	"madoguchi/backend/door/access"
	"madoguchi/proto/form"
	officev1 "madoguchi/proto/gen/office/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/plaintext"
)

const (
	// usualReturn is for how long a return waits where the office does not say.
	usualReturn = 14 * 24 * time.Hour
	mostReturn  = 366 * 24 * time.Hour
)

var codes = regexp.MustCompile(`^R(0[1-9]|1[0-2])$`)

// Fault is what an office wrote that it may not, and in which field of its request.
type Fault struct {
	Field string
	Err   error
	long  bool
}

func (f *Fault) Error() string { return fmt.Sprintf("%s: %v", f.Field, f.Err) }

// answer is the fault as the caller meets it.
func (f *Fault) answer(ctx context.Context) error {
	if f.long {
		return access.TooLong(ctx, f.Field, f.Err)
	}
	return access.Invalid(ctx, f.Field, f.Err)
}

func fault(field, what string) *Fault { return &Fault{Field: field, Err: errors.New(what)} }

// follows are the states from which an office may go on to one.
var follows = map[portalv1.ApplicationState][]portalv1.ApplicationState{
	checking: {arrived, resent},
	accepted: {arrived, checking, resent},
	review:   {arrived, checking, accepted, resent},
	returned: {arrived, checking, accepted, review, resent},
	approved: {arrived, checking, accepted, review, resent},
	partly:   {arrived, checking, accepted, review, resent},
	rejected: {arrived, checking, accepted, review, resent},
	done:     {approved, partly, rejected},
}

// MayGo says whether an office may have an application go on from a state to another.
func MayGo(from, to portalv1.ApplicationState) bool { return slices.Contains(follows[to], from) }

// StepOfState is what an office says with a state.
func StepOfState(request *officev1.SetApplicationStateRequest, now time.Time) (*portalv1.ApplicationStep, *Fault) {
	if !slices.Contains([]portalv1.ApplicationState{checking, accepted, review, done}, request.GetState()) {
		return nil, fault("state", "an office does not set this state so")
	}
	return &portalv1.ApplicationStep{
		State: request.GetState(), At: now.UnixMilli(), Note: plaintext.Clean(request.GetNote()),
	}, nil
}

// StepOfReturn is what it says with a return.
func StepOfReturn(request *officev1.ReturnApplicationRequest, now time.Time) (*portalv1.ApplicationStep, *Fault) {
	due := time.UnixMilli(request.GetDueAt())
	if request.GetDueAt() == 0 {
		due = now.Add(usualReturn)
	} else if due.Before(now.Add(12*time.Hour)) || due.After(now.Add(mostReturn)) {
		return nil, fault("due_at", "from tomorrow to a year")
	}
	step := &portalv1.ApplicationStep{
		State: returned, At: now.UnixMilli(), Note: plaintext.Clean(request.GetNote()), DueAt: due.UnixMilli(),
	}
	for n, reason := range request.GetReasons() {
		at := fmt.Sprintf("reasons[%d].", n)
		text := plaintext.Clean(reason.GetText())
		if !codes.MatchString(reason.GetCode()) {
			return nil, fault(at+"code", "R01 to R12")
		}
		if plaintext.Count(text) > 1000 {
			return nil, &Fault{Field: at + "text", Err: errors.New("a thousand characters at most"), long: true}
		}
		if unreadable := plaintext.Body(text); text != "" && unreadable != nil {
			return nil, &Fault{Field: at + "text", Err: unreadable}
		}
		step.Reasons = append(step.Reasons, &portalv1.ReturnReason{
			Code: reason.GetCode(), Fields: reason.GetFields(), Text: text,
		})
	}
	return step, nil
}

// AtFields looks whether a return is at fields that the form has at its top level.
func AtFields(f *form.Form, step *portalv1.ApplicationStep) *Fault {
	for n, reason := range step.GetReasons() {
		for _, field := range reason.GetFields() {
			if !isField(f, field) {
				return fault(fmt.Sprintf("reasons[%d].fields", n), "the form has no such field at its top level")
			}
		}
	}
	return nil
}

func isField(f *form.Form, id string) bool {
	for _, section := range f.Sections {
		if slices.ContainsFunc(section.Fields, func(field form.Field) bool { return field.ID == id }) {
			return true
		}
	}
	return false
}

// StepOfDecision is what it says with a decision.
func StepOfDecision(request *officev1.DecideApplicationRequest, now time.Time) (*portalv1.ApplicationStep, *Fault) {
	step := &portalv1.ApplicationStep{
		State: request.GetOutcome(), At: now.UnixMilli(), Note: plaintext.Clean(request.GetGround()),
		Objection: plaintext.Clean(request.GetObjection()),
	}
	switch request.GetOutcome() {
	case approved:
	case partly, rejected:
		if step.GetNote() == "" {
			return nil, fault("ground", "who is refused something is told why")
		}
		if step.GetObjection() == "" {
			return nil, fault("objection", "who is refused something is told how to object")
		}
	default:
		return nil, fault("outcome", "approved, partly or rejected")
	}
	return step, nil
}

// daysOf is how long something took, each day begun.
func daysOf(took time.Duration) int64 { return int64(math.Ceil(took.Hours() / 24)) }
