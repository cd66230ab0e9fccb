// Package field judges messages by the rules that stand on their fields in the contract: those of protovalidate, and
// ours (rule/v1/rule.proto), which need what protovalidate's language cannot say. It is for the portal; the page has
// the limits that are generated from the same rules (portalv1limit) and the checks of package rule.
package field

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	rulev1 "madoguchi/proto/gen/rule/v1"
	"madoguchi/proto/plaintext"
)

// Fault is what breaks a rule.
type Fault struct {
	// Path names the field as people of the contract would: "display_name", "tasks[2].title".
	Path string
	// Rule is the rule that is broken, as it stands in the contract: "string.max_len", "required"; of ours "text" and
	// "characters".
	Rule string
	// Most is the limit of a rule that has one, and Has how much there is.
	Most, Has int
	// Err says what is wrong. It never holds the value; of a text it may be a *plaintext.Fault.
	Err error

	// of the contract: numbers of fields and places in lists from 1 on (0 for the field itself), alternately
	order []uint64
}

// TooLong says whether there is more than the rule allows: characters of a text, things in a list.
func (f Fault) TooLong() bool { return f.Most > 0 && f.Has > f.Most }

// Places tell which codes are those of a place; the contract does not know the country.
type Places struct {
	IsMunicipality, IsPlace func(code string) bool
}

// Rules are those of some messages, read once.
type Rules struct {
	standard protovalidate.Validator
	places   Places
	own      map[protoreflect.FullName][]own
}

// own is a field that has a rule of ours, or whose message has fields that have.
type own struct {
	field      protoreflect.FieldDescriptor
	text       rulev1.Text
	characters int
}

// New reads the rules of messages and of all that they consist of. What is no rule at all is an error: a portal does
// not start with it.
func New(places Places, messages ...protoreflect.MessageDescriptor) (*Rules, error) {
	r := &Rules{places: places, own: map[protoreflect.FullName][]own{}}
	for _, m := range messages {
		if _, err := r.read(m); err != nil {
			return nil, err
		}
	}
	var err error
	r.standard, err = protovalidate.New(protovalidate.WithMessageDescriptors(messages...),
		protovalidate.WithDisableLazy())
	if err != nil {
		return nil, fmt.Errorf("reading the rules on fields: %w", err)
	}
	return r, nil
}

// read says whether a message has rules of ours anywhere in it.
func (r *Rules) read(m protoreflect.MessageDescriptor) (bool, error) {
	if known, ok := r.own[m.FullName()]; ok {
		return len(known) > 0, nil
	}
	r.own[m.FullName()] = nil // of a message within itself
	for i := range m.Fields().Len() {
		f := m.Fields().Get(i)
		rule := own{field: f}
		rule.text, _ = proto.GetExtension(f.Options(), rulev1.E_Text).(rulev1.Text)
		characters, _ := proto.GetExtension(f.Options(), rulev1.E_Characters).(int32)
		rule.characters = int(characters)
		if rule.has() && !isText(f) {
			return false, fmt.Errorf("%s is no text and has a rule for texts", f.FullName())
		}
		if _, known := rulev1.Text_name[int32(rule.text)]; !known {
			return false, fmt.Errorf("%s must be a text of a kind that nobody knows", f.FullName())
		}
		below := false
		if f.Message() != nil && !rule.has() && !ignored(f) {
			var err error
			if below, err = r.read(f.Message()); err != nil {
				return false, err
			}
		}
		if rule.has() || below {
			r.own[m.FullName()] = append(r.own[m.FullName()], rule)
		}
	}
	return len(r.own[m.FullName()]) > 0, nil
}

func (o own) has() bool { return o.text != 0 || o.characters != 0 }

// ignored says whether what a list holds is not to be judged along with it.
func ignored(f protoreflect.FieldDescriptor) bool {
	rules, _ := proto.GetExtension(f.Options(), validate.E_Field).(*validate.FieldRules)
	return rules.GetRepeated().GetItems().GetIgnore() == validate.Ignore_IGNORE_ALWAYS
}

// isText says whether a field is a text, several, or a message of nothing but texts.
func isText(f protoreflect.FieldDescriptor) bool {
	if f.Message() == nil || f.IsMap() {
		return f.Kind() == protoreflect.StringKind
	}
	fields := f.Message().Fields()
	for i := range fields.Len() {
		if fields.Get(i).Kind() != protoreflect.StringKind || fields.Get(i).IsList() {
			return false
		}
	}
	return true
}

// Faults lists what breaks a rule, in the order of the contract.
func (r *Rules) Faults(message proto.Message) ([]Fault, error) {
	var faults []Fault
	err := r.standard.Validate(message)
	if broken, ok := errors.AsType[*protovalidate.ValidationError](err); ok {
		for _, v := range broken.Violations {
			faults = append(faults, standard(v))
		}
	} else if err != nil {
		return nil, fmt.Errorf("judging the fields of %s: %w", message.ProtoReflect().Descriptor().FullName(), err)
	}
	faults = r.ours(faults, message.ProtoReflect(), "", nil)
	slices.SortStableFunc(faults, func(a, b Fault) int { return slices.Compare(a.order, b.order) })
	return faults, nil
}

// last comes after every field: what is no one field's.
const last = 1 << 32

// standard is a violation of protovalidate's as a fault.
func standard(v *protovalidate.Violation) Fault {
	f := Fault{Path: protovalidate.FieldPathString(v.Proto.GetField()), Rule: v.Proto.GetRuleId()}
	for _, element := range v.Proto.GetField().GetElements() {
		number := uint64(last)
		if n := element.GetFieldNumber(); n > 0 {
			number = uint64(n)
		}
		at := uint64(0)
		if element.HasIndex() {
			at = element.GetIndex() + 1
		}
		f.order = append(f.order, number, at)
	}
	f.Err = fmt.Errorf("%s: %s", f.Rule, v.Proto.GetMessage())
	if f.Rule == "required" && v.FieldDescriptor != nil && v.FieldDescriptor.Kind() == protoreflect.StringKind {
		f.Err = &plaintext.Fault{Kind: plaintext.Empty, Line: 1, Character: 1}
	}
	switch most := v.RuleValue; {
	case !most.IsValid():
	case f.Rule == "string.max_len":
		f.Most, f.Has = clamp(most.Uint()), len([]rune(v.FieldValue.String()))
	case f.Rule == "repeated.max_items":
		f.Most, f.Has = clamp(most.Uint()), v.FieldValue.List().Len()
	}
	return f
}

func clamp(n uint64) int { return int(min(n, 1<<31-1)) }

// ours adds what breaks our own rules, of a message that stands at a path.
func (r *Rules) ours(faults []Fault, m protoreflect.Message, path string, order []uint64) []Fault {
	for _, rule := range r.own[m.Descriptor().FullName()] {
		if !m.Has(rule.field) {
			continue
		}
		name := path + string(rule.field.Name())
		value := m.Get(rule.field)
		if !rule.field.IsList() {
			faults = r.one(faults, rule, value, name, place(order, rule.field, 0))
			continue
		}
		for i := range value.List().Len() {
			faults = r.one(faults, rule, value.List().Get(i), name+"["+strconv.Itoa(i)+"]",
				place(order, rule.field, i+1))
		}
	}
	return faults
}

func place(order []uint64, f protoreflect.FieldDescriptor, i int) []uint64 {
	return append(slices.Clip(order), uint64(f.Number()), uint64(i))
}

func (r *Rules) one(faults []Fault, rule own, value protoreflect.Value, name string, order []uint64) []Fault {
	switch {
	case rule.field.Message() == nil:
		if f, ok := r.text(rule, value.String()); ok {
			f.Path, f.order = name, order
			return append(faults, f)
		}
	case !rule.has():
		return r.ours(faults, value.Message(), name+".", order)
	default:
		texts := value.Message().Descriptor().Fields()
		for i := range texts.Len() {
			if f, ok := r.text(rule, value.Message().Get(texts.Get(i)).String()); ok {
				f.Path, f.order = name, order
				return append(faults, f)
			}
		}
	}
	return faults
}
