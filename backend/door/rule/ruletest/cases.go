package ruletest

import (
	"fmt"
	"slices"
	"strings"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	rulev1 "madoguchi/proto/gen/rule/v1"
)

// Case is a request to one RPC that keeps every rule, or breaks one rule of one field.
type Case struct {
	Procedure string // "/portal.v1.NoticeService/ListNotices"
	Field     string // "tasks[0].title"
	What      string // is done to it
	Request   proto.Message
	Broken    bool
	Long      bool // it is broken by holding too much
}

// sample is what a kind of text takes and what it does not. A text of a given length is begin and so many of fill.
type sample struct {
	good, bad   []string
	begin, fill string
}

// One table: what is good and bad of each kind of text …
var kinds = map[rulev1.Text]sample{
	rulev1.Text_TEXT_LINE: {
		good: []string{"児童手当のお知らせ", "a"},
		bad:  []string{"二\n行", " 　", "un\u200bseen", "turn\u202eed", "own\ue000"}, fill: "あ",
	},
	rulev1.Text_TEXT_LINES: {good: []string{"一行\n\n二行\tと"}, bad: []string{"\n \n", "ring\a"}, fill: "あ"},
	rulev1.Text_TEXT_NAME: {
		good: []string{"花子", " Hana\u200bko\n", "👨\u200d👩\u200d👧"}, bad: []string{" 　\t", "\u200b", "own\ue000"},
		fill: "か\u3099",
	},
	rulev1.Text_TEXT_DAY: {
		good: []string{"2028-02-29", "2027-04-01"}, bad: []string{
			"2027-02-29", "2027/04/01", "1899-12-31", "2200-01-01", "2027-4-1", "今日",
		},
	},
	rulev1.Text_TEXT_MUNICIPALITY: {
		good: []string{"131105", "141178"}, bad: []string{"131106", "130001", "000000", "目黒区", "\x00"},
	},
	rulev1.Text_TEXT_PLACE: {
		good: []string{"131105", "130001", "000000"}, bad: []string{"131106", "480002", "目黒区"},
	},
	rulev1.Text_TEXT_PROCEDURE_NUMBER: {
		good: []string{"P0001", "A", strings.Repeat("9", 20)}, bad: []string{
			"p0001", "-1", strings.Repeat("9", 21), "一",
		},
	},
	rulev1.Text_TEXT_MAIL_ADDRESS: {
		good: []string{"hanako@example.jp", " taro..yamada@docomo.ne.jp\u200b"},
		bad: []string{
			"hanako", "花子@例え.jp", "a@example.jp\nBcc: b@example.jp", strings.Repeat("a", 65) + "@example.jp",
		},
	},
	rulev1.Text_TEXT_LINK: {
		good:  []string{"https://www.city.example.jp/a?b=c"},
		bad:   []string{"http://www.city.example.jp/", "https://localhost/", "javascript:alert(1)"},
		begin: "https://www.city.example.jp/", fill: "a",
	},
}

// … and of each pattern.
var patterns = map[string]sample{
	"^[a-z-]{1,32}$": {
		good: []string{"usage", "my-info", strings.Repeat("a", 32)},
		bad:  []string{"", "Usage", "a/b", strings.Repeat("a", 33)},
	},
	"^[a-z]{0,20}$": {
		good: []string{"birth", strings.Repeat("a", 20)}, bad: []string{"Birth", strings.Repeat("a", 21), "出産"},
	},
	"^[nb][a-z2-7]{26}$": {
		good: []string{"n" + strings.Repeat("a2", 13)}, bad: []string{"x" + strings.Repeat("a2", 13), "n", "\x00"},
	},
	"^[0-9a-f]{32}$": {
		good: []string{strings.Repeat("a2", 16)},
		bad:  []string{strings.Repeat("A2", 16), strings.Repeat("a", 31), strings.Repeat("a", 33), "", "\x00"},
	},
	"^[0-9a-f]{64}$": {
		good: []string{strings.Repeat("a2", 32)}, bad: []string{strings.Repeat("A2", 32), strings.Repeat("a", 63), ""},
	},
	"^[0-9]{6}$": {
		good: []string{"131105"}, bad: []string{"13110", "1311050", "目黒区", "", "１３１１０５"},
	},
	"^([0-9]{4})?$": {
		good: []string{"", "0001"}, bad: []string{"001", "00010", "みずほ", "０００１"},
	},
	"^[0-9]{4}-[0-9]{2}-[0-9]{2}$": {
		good: []string{"2026-11-26"}, bad: []string{"2026-11-6", "26-11-26", "2026/11/26", ""},
	},
	"^([A-Z2-7]{26})?$": {
		good: []string{"", strings.Repeat("A2", 13)},
		bad: []string{
			strings.Repeat("a2", 13), strings.Repeat("A2", 12), strings.Repeat("A2", 14), "1" + strings.Repeat("A", 25),
		},
	},
}

// free is a text without a rule of its own.
var free = sample{good: []string{"あ"}, fill: "あ"}

func (s sample) long(characters int) string {
	return s.begin + strings.Repeat(s.fill, characters-len([]rune(s.begin)))
}

// Cases tries every rule that stands on a field of what the named services are sent: just kept, and just broken. What
// must come of it is read off the options, rule by rule, not asked of the portal's engine. A rule that nobody wrote
// samples for is an error.
func Cases(services ...string) ([]Case, error) {
	var cases []Case
	for _, name := range services {
		found, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(name))
		if err != nil {
			return nil, err
		}
		methods := found.(protoreflect.ServiceDescriptor).Methods()
		for i := range methods.Len() {
			w := walk{procedure: "/" + name + "/" + string(methods.Get(i).Name()), input: methods.Get(i).Input()}
			err := w.message(w.input, "", func(m protoreflect.Message) protoreflect.Message { return m })
			if err != nil {
				return nil, err
			}
			cases = append(cases, w.cases...)
		}
	}
	return cases, nil
}

type walk struct {
	procedure string
	input     protoreflect.MessageDescriptor
	cases     []Case
	within    []protoreflect.FullName
}

// message tries the fields of a message that stands at a path; at finds it in a whole request.
func (w *walk) message(
	m protoreflect.MessageDescriptor, path string, at func(protoreflect.Message) protoreflect.Message,
) error {
	if slices.Contains(w.within, m.FullName()) {
		return nil
	}
	w.within = append(w.within, m.FullName())
	defer func() { w.within = w.within[:len(w.within)-1] }()
	for i := range m.Oneofs().Len() {
		one := m.Oneofs().Get(i)
		if rules, _ := proto.GetExtension(one.Options(), validate.E_Oneof).(*validate.OneofRules); rules.GetRequired() {
			w.add(path+string(one.Name()), "is not there", true, false, func(request protoreflect.Message) {
				in := at(request)
				in.Clear(in.WhichOneof(one))
			})
		}
	}
	for i := range m.Fields().Len() {
		f := m.Fields().Get(i)
		if err := w.field(f, path+string(f.Name()), at); err != nil {
			return err
		}
		ignored := rulesOf(f).GetRepeated().GetItems().GetIgnore() == validate.Ignore_IGNORE_ALWAYS
		if f.Message() == nil || f.IsMap() || textOf(f) != 0 || ignored {
			continue
		}
		name := path + string(f.Name())
		if f.IsList() {
			name += "[0]"
		}
		below := func(request protoreflect.Message) protoreflect.Message {
			in := at(request)
			if !f.IsList() {
				return in.Mutable(f).Message()
			}
			if list := in.Mutable(f).List(); list.Len() == 0 {
				list.Append(protoreflect.ValueOfMessage(good(f.Message())))
			}
			return in.Mutable(f).List().Get(0).Message()
		}
		if err := w.message(f.Message(), name+".", below); err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) add(field, what string, broken, long bool, change func(request protoreflect.Message)) {
	request := good(w.input)
	change(request)
	w.cases = append(w.cases, Case{w.procedure, field, what, request.Interface(), broken, long})
}

// field tries every rule of one field.
func (w *walk) field(
	f protoreflect.FieldDescriptor, path string, at func(protoreflect.Message) protoreflect.Message,
) error {
	rules := rulesOf(f)
	known := 0
	set := func(what string, v protoreflect.Value, broken, long bool) {
		w.add(path, what, broken, long, func(request protoreflect.Message) { at(request).Set(f, v) })
	}
	if rules.GetRequired() {
		known++
		w.add(path, "is not there", true, false, func(request protoreflect.Message) { at(request).Clear(f) })
	}
	if list := rules.GetRepeated(); list != nil {
		known++
		many := func(n uint64) func(protoreflect.Message) {
			return func(request protoreflect.Message) {
				in := at(request)
				in.Clear(f)
				for range n {
					in.Mutable(f).List().Append(element(f))
				}
			}
		}
		if least := list.GetMinItems(); least > 0 {
			w.add(path, fmt.Sprintf("has %d things", least), false, false, many(least))
			w.add(path, fmt.Sprintf("has %d things", least-1), true, false, many(least-1))
		}
		if list.HasMaxItems() {
			w.add(path, fmt.Sprintf("has %d things", list.GetMaxItems()), false, false, many(list.GetMaxItems()))
			w.add(path, fmt.Sprintf("has %d things", list.GetMaxItems()+1), true, true, many(list.GetMaxItems()+1))
		}
		if pattern := list.GetItems().GetString().GetPattern(); pattern != "" {
			s, ok := patterns[pattern]
			if !ok {
				return fmt.Errorf("%s: nobody wrote samples of %q", f.FullName(), pattern)
			}
			for _, bad := range s.bad {
				w.add(path+"[0]", "is "+bad, true, false, func(request protoreflect.Message) {
					in := at(request)
					in.Clear(f)
					in.Mutable(f).List().Append(protoreflect.ValueOfString(bad))
				})
			}
		}
	}
	for _, n := range []struct {
		rules    interface{ HasGte() bool }
		gte, lte int64
		bounded  bool
		value    func(int64) protoreflect.Value
	}{
		{
			rules.GetInt32(), int64(rules.GetInt32().GetGte()), int64(rules.GetInt32().GetLte()),
			rules.GetInt32().HasLte(),
			func(n int64) protoreflect.Value { return protoreflect.ValueOfInt32(int32(n)) },
		},
		{
			rules.GetInt64(), rules.GetInt64().GetGte(), rules.GetInt64().GetLte(), rules.GetInt64().HasLte(),
			protoreflect.ValueOfInt64,
		},
	} {
		if !n.rules.HasGte() {
			continue
		}
		known++
		set(fmt.Sprint("is ", n.gte), n.value(n.gte), false, false)
		set(fmt.Sprint("is ", n.gte-1), n.value(n.gte-1), true, false)
		if n.bounded {
			set(fmt.Sprint("is ", n.lte), n.value(n.lte), false, false)
			set(fmt.Sprint("is ", n.lte+1), n.value(n.lte+1), true, false)
		}
	}
	if rules.GetEnum().GetDefinedOnly() {
		known++
		values := f.Enum().Values()
		for i := range values.Len() {
			n := values.Get(i).Number()
			broken := slices.Contains(rules.GetEnum().GetNotIn(), int32(n))
			set(fmt.Sprint("is ", n), protoreflect.ValueOfEnum(n), broken, false)
		}
		set("is no value", protoreflect.ValueOfEnum(9999), true, false)
	}
	if least := rules.GetBytes().GetMinLen(); least > 0 {
		known++
		set(fmt.Sprintf("has %d bytes", least-1), protoreflect.ValueOfBytes(make([]byte, least-1)), true, false)
	}
	if most := rules.GetBytes().GetMaxLen(); most > 0 {
		known++
		set(fmt.Sprintf("has %d bytes", most), protoreflect.ValueOfBytes(make([]byte, most)), false, false)
		set(fmt.Sprintf("has %d bytes", most+1), protoreflect.ValueOfBytes(make([]byte, most+1)), true, false)
	}
	if err := w.text(f, path, at, &known); err != nil {
		return err
	}
	if rules != nil && known == 0 {
		return fmt.Errorf("%s has a rule of a kind that is not tried here: %v", f.FullName(), rules)
	}
	return nil
}

// text tries what a text may be.
func (w *walk) text(
	f protoreflect.FieldDescriptor, path string, at func(protoreflect.Message) protoreflect.Message, known *int,
) error {
	rules, s, err := rulesOf(f).GetString(), free, error(nil)
	if kind := textOf(f); kind != 0 {
		var ok bool
		if s, ok = kinds[kind]; !ok {
			return fmt.Errorf("%s: nobody wrote samples of %v", f.FullName(), kind)
		}
	} else if characters(f) == 0 && rules == nil {
		return nil
	}
	*known++
	set := func(what, v string, broken, long bool) {
		w.add(path, what, broken, long, func(request protoreflect.Message) { put(at(request), f, v) })
	}
	if pattern := rules.GetPattern(); pattern != "" {
		var ok bool
		if s, ok = patterns[pattern]; !ok {
			err = fmt.Errorf("%s: nobody wrote samples of %q", f.FullName(), pattern)
		}
	}
	if in := rules.GetIn(); len(in) > 0 {
		s = sample{good: in, bad: []string{"fr", strings.Repeat("j", 5000)}}
	}
	for _, good := range s.good {
		set(fmt.Sprintf("is %q", good), good, false, false)
	}
	for _, bad := range s.bad {
		set(fmt.Sprintf("is %.30q", bad), bad, true, false)
	}
	if rules.GetMinLen() > 0 {
		set("is empty", "", true, false)
	}
	for _, most := range []int{int(rules.GetMaxLen()), characters(f)} {
		if most > 0 {
			set(fmt.Sprintf("has %d characters", most), s.long(most), false, false)
			set(fmt.Sprintf("has %d characters", most+1), s.long(most+1), true, true)
		}
	}
	if most := int(rules.GetMaxBytes()); most > 0 {
		set(fmt.Sprintf("has %d bytes", most), strings.Repeat("x", most), false, false)
		set(fmt.Sprintf("has %d bytes", most+1), strings.Repeat("x", most+1), true, false)
	}
	return err
}

// put sets a text, or each of a message's texts.
func put(in protoreflect.Message, f protoreflect.FieldDescriptor, v string) {
	if f.Message() == nil {
		in.Set(f, protoreflect.ValueOfString(v))
		return
	}
	texts := f.Message().Fields()
	for i := range texts.Len() {
		in.Mutable(f).Message().Set(texts.Get(i), protoreflect.ValueOfString(v))
	}
}

// good is a message that keeps its rules, with nothing in it that need not be.
func good(m protoreflect.MessageDescriptor) protoreflect.Message {
	kind, err := protoregistry.GlobalTypes.FindMessageByName(m.FullName())
	if err != nil {
		panic(err) // every message of the contract is linked into the portal
	}
	message := kind.New()
	for i := range m.Fields().Len() {
		f := m.Fields().Get(i)
		rules := rulesOf(f)
		switch {
		case rules.GetRepeated().GetMinItems() > 0:
			message.Mutable(f).List().Append(element(f))
		case rules.GetRequired() && f.Message() != nil:
			message.Set(f, protoreflect.ValueOfMessage(good(f.Message())))
		case rules.GetRequired(), rules.GetString().GetMinLen() > 0:
			message.Set(f, protoreflect.ValueOfString(goodText(f)))
		case rules.GetString().GetPattern() != "":
			if s := patterns[rules.GetString().GetPattern()]; slices.Contains(s.bad, "") {
				message.Set(f, protoreflect.ValueOfString(s.good[0]))
			}
		case len(rules.GetString().GetIn()) > 0 && !slices.Contains(rules.GetString().GetIn(), ""):
			message.Set(f, protoreflect.ValueOfString(rules.GetString().GetIn()[0]))
		case rules.GetBytes().GetMinLen() > 0:
			message.Set(f, protoreflect.ValueOfBytes(make([]byte, rules.GetBytes().GetMinLen())))
		case rules.GetInt64().GetGte() > 0:
			message.Set(f, protoreflect.ValueOfInt64(rules.GetInt64().GetGte()))
		case slices.Contains(rules.GetEnum().GetNotIn(), 0):
			message.Set(f, protoreflect.ValueOfEnum(f.Enum().Values().Get(1).Number()))
		}
	}
	for i := range m.Oneofs().Len() {
		one := m.Oneofs().Get(i)
		rules, _ := proto.GetExtension(one.Options(), validate.E_Oneof).(*validate.OneofRules)
		first := one.Fields().Get(0)
		if rules.GetRequired() && message.WhichOneof(one) == nil && first.Message() != nil {
			message.Set(first, protoreflect.ValueOfMessage(good(first.Message())))
		}
	}
	return message
}

func element(f protoreflect.FieldDescriptor) protoreflect.Value {
	if f.Message() != nil {
		return protoreflect.ValueOfMessage(good(f.Message()))
	}
	if s, ok := patterns[rulesOf(f).GetRepeated().GetItems().GetString().GetPattern()]; ok {
		return protoreflect.ValueOfString(s.good[0])
	}
	return protoreflect.ValueOfString(free.good[0])
}

func goodText(f protoreflect.FieldDescriptor) string {
	if s, ok := kinds[textOf(f)]; ok {
		return s.good[0]
	}
	return free.good[0]
}

func rulesOf(f protoreflect.FieldDescriptor) *validate.FieldRules {
	rules, _ := proto.GetExtension(f.Options(), validate.E_Field).(*validate.FieldRules)
	return rules
}

func textOf(f protoreflect.FieldDescriptor) rulev1.Text {
	kind, _ := proto.GetExtension(f.Options(), rulev1.E_Text).(rulev1.Text)
	return kind
}

func characters(f protoreflect.FieldDescriptor) int {
	n, _ := proto.GetExtension(f.Options(), rulev1.E_Characters).(int32)
	return int(n)
}
