package catalog

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"google.golang.org/protobuf/proto"

	"madoguchi/backend/japan/municipality"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/link"
	"madoguchi/proto/plaintext"
	"madoguchi/proto/rule"
	"madoguchi/proto/rule/field"
)

// Nation is the place code of what national offices offer everywhere.
const Nation = "000000"

// Fault is what is wrong with an entry: the field as in ProcedureContent, and how to mend it, in Japanese for the
// office that wrote it.
type Fault struct {
	Field, Message string
}

// rules are those that stand on the fields of an entry in the contract.
var rules = sync.OnceValue(func() *field.Rules {
	read, err := field.New(field.Places{}, (&portalv1.ProcedureContent{}).ProtoReflect().Descriptor())
	if err != nil {
		panic(err) // the contract is part of the program
	}
	return read
})

// Check names everything that is wrong with an entry. A nil answer means that it can be registered.
func Check(c *portalv1.ProcedureContent) []Fault {
	k := &checker{}
	k.fields(c)
	definition, known := ByNumber(c.GetDefinition())
	switch {
	case c.GetDefinition() != "" && !known:
		k.add("definition", fmt.Sprintf(
			"「%s」という標準手続はありません。P0001からP%04dまでの番号にするか、空にしてください。", c.GetDefinition(), len(Definitions()),
		))
	case c.GetDefinition() != "" && c.GetCategory() != "" && c.GetCategory() != definition.Category:
		k.add("category", fmt.Sprintf("標準手続 %s の分類は「%s」です。そう書くか、空にしてください。", definition.Number, definition.Category))
	case c.GetDefinition() == "" && !slices.Contains(Categories(), c.GetCategory()):
		k.add("category", fmt.Sprintf("分類は次のどれかにしてください: %s。", strings.Join(Categories(), "、")))
	}
	if c.GetTitle() == "" && !known {
		k.add("title", missingTitle)
	}
	if c.GetSignature() == portalv1.Signature_SIGNATURE_UNSPECIFIED && !known ||
		c.GetSignature() > portalv1.Signature_SIGNATURE_SIGN {
		k.add("signature", "本人確認は「不要」「ログイン」「電子署名」のどれかにしてください。")
	}
	k.phone("desk.phone", c.GetDesk().GetPhone())
	if c.GetOnlineUrl() != "" && !c.GetOnline() {
		k.add("online_url", "オンライン申請が「不可」のときは、URLを空にしてください。")
	}
	for i, d := range c.GetDocuments() {
		if d.GetNeed() == portalv1.ProcedureDocument_NEED_UNSPECIFIED ||
			d.GetNeed() > portalv1.ProcedureDocument_NEED_ORIGINAL {
			k.add(fmt.Sprintf("documents[%d].need", i), "必要の別は「必須」「該当時」「原本別送」のどれかにしてください。")
		}
		if (d.GetNeed() == portalv1.ProcedureDocument_NEED_IF) != (d.GetCondition() != "") {
			k.add(fmt.Sprintf("documents[%d].condition", i), "「該当時」の書類には、どんなときに必要かを書いてください。ほかの書類には書きません。")
		}
	}
	if r := c.GetDeadlineRule(); r != nil {
		d := DeadlineOf(c)
		if err := d.Check(); err != nil {
			k.add("deadline_rule", fmt.Sprintf("期限の計算の書き方が正しくありません（%v）。起点は %s、期間は 15d・2w・3m・2y、"+
				"毎年の期間は 06-01..06-30 のように書き、手続期限に言葉でも書いてください。", err, strings.Join(eventNames(), "・")))
		}
	}
	slices.SortFunc(k.faults, func(a, b Fault) int { return strings.Compare(a.Field, b.Field) })
	return k.faults
}

type checker struct{ faults []Fault }

func (k *checker) add(field, message string) { k.faults = append(k.faults, Fault{field, message}) }

// fields adds what breaks a rule of the contract, one fault a field.
func (k *checker) fields(c *portalv1.ProcedureContent) {
	faults, err := rules().Faults(c)
	if err != nil {
		k.add("", "この手続は確かめられませんでした（"+err.Error()+"）。")
	}
	before := ""
	for _, f := range faults {
		if f.Path != before {
			k.add(f.Path, mend(f))
		}
		before = f.Path
	}
}

const missingTitle = "手続名を書いてください。"

// mend says of a broken rule what is wrong and what to do.
func mend(f field.Fault) string {
	var fault *plaintext.Fault
	isText := errors.As(f.Err, &fault)
	empty := f.Rule == "required" || f.Rule == "string.min_len" || isText && fault.Kind == plaintext.Empty
	last := f.Path[strings.LastIndex(f.Path, ".")+1:]
	switch {
	case f.Path == "number":
		return "手続番号は、半角の英大文字・数字・ハイフンで20文字までにしてください。"
	case last == "url" || last == "online_url":
		return linkInWords(f)
	case f.Rule == "repeated.max_items":
		return fmt.Sprintf("%d個あります。%d個までにしてください。", f.Has, f.Most)
	case f.TooLong():
		return fmt.Sprintf("%d文字あります。%d文字までにしてください。", f.Has, f.Most)
	case empty && last == "name":
		return "名前を書いてください。"
	case empty && strings.HasSuffix(last, "]"):
		return "空の項目があります。消してください。"
	case empty:
		return "空白だけです。書くか、空にしてください。"
	}
	return inWords(fault)
}

// inWords says what is wrong with a text, where, and what to do.
func inWords(f *plaintext.Fault) string {
	where := fmt.Sprintf("%d文字目", f.Character)
	if f.Line > 1 {
		where = fmt.Sprintf("%d行目の%s", f.Line, where)
	}
	switch f.Kind {
	case plaintext.Control:
		if f.Rune == '\n' || f.Rune == '\r' || f.Rune == '\t' {
			return where + "に改行かタブがあります。ここには入れられません。"
		}
		return fmt.Sprintf("%sに制御文字（%s）があります。消してください。", where, f.Name())
	case plaintext.Direction:
		return fmt.Sprintf("%sに文字の向きを変える見えない文字（%s）があります。消してください。", where, f.Name())
	case plaintext.Invisible:
		return fmt.Sprintf("%sに見えない文字（%s）があります。消してください。", where, f.Name())
	case plaintext.Private:
		return fmt.Sprintf("%sに外字（%s）があります。ほかの端末では読めないので、ふつうの文字にしてください。", where, f.Name())
	case plaintext.Broken:
		return where + "に読めない文字があります。文字コードがUTF-8かシフトJISかを確かめてください。"
	case plaintext.Alone, plaintext.Heaped:
		return fmt.Sprintf("%sに重ねられない記号（%s）があります。消してください。", where, f.Name())
	}
	return fmt.Sprintf("%sに使えない文字（%s）があります。消してください。", where, f.Name())
}

func linkInWords(f field.Fault) string {
	var fault *plaintext.Fault
	switch err := f.Err; {
	case f.TooLong():
		return fmt.Sprintf("URLが長すぎます。%d文字までにしてください。", f.Most)
	case errors.As(err, &fault):
		return "URLの" + inWords(fault)
	case errors.Is(err, link.ErrNotHTTPS):
		return "URLは https:// で始まるものにしてください。"
	case errors.Is(err, link.ErrUser), errors.Is(err, link.ErrPort):
		return "URLに利用者名やポート番号は書けません。"
	case errors.Is(err, link.ErrNotPublic):
		return "URLのホスト名は、www.city.example.jp のような、だれでも開けるサイトのものにしてください。"
	case errors.Is(err, link.ErrLookalike):
		return "URLのホスト名に、ほかのサイトと見間違える文字があります。半角の英数字か、かな・漢字だけで書いてください。"
	case errors.Is(err, link.ErrSigns):
		return "URLに使えない記号か空白があります。"
	}
	return "URLとして読めません。https://www.city.example.jp/ のように書いてください。"
}

func eventNames() []string {
	var names []string
	for name := range events {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// DeadlineOf gives the deadline of an entry as merged.
func DeadlineOf(c *portalv1.ProcedureContent) Deadline {
	return ReadDeadline(c.GetDeadline(), c.GetDeadlineRule())
}

// IsPlace says whether entries can be registered for a code: a municipality, a ward, a prefecture or the nation.
func IsPlace(code string) bool {
	if _, ok := municipality.ByCode(code); ok || code == Nation {
		return true
	}
	if len(code) != 6 || code[2:5] != "000" || strings.Trim(code, "0123456789") != "" {
		return false
	}
	return code[:2] >= "01" && code[:2] <= "47" && code[5] == rule.CheckDigit(code[:5])
}

// Content is what a definition says by itself: what holds wherever nothing else is registered.
func (d Definition) Content() *portalv1.ProcedureContent {
	c := &portalv1.ProcedureContent{
		Number: d.Number, Definition: d.Number, Title: d.Name.Ja, Category: d.Category,
		Signature: signatures[d.Signature], System: d.System, Target: d.Target,
		Applicant: d.Applicant, Summary: d.Summary.Ja, Deadline: d.Deadline.Text, Fee: d.Fee, Bring: d.Bring,
		Method: d.Method, Laws: d.Laws,
		Desk: &portalv1.ProcedureDesk{Department: d.Department},
	}
	if d.Form != "" {
		c.Forms = []*portalv1.ProcedureLink{{Name: d.Form}}
	}
	for _, doc := range d.Documents {
		c.Documents = append(c.Documents, &portalv1.ProcedureDocument{
			Name: doc.Name, Need: needs[doc.Need], Condition: doc.Condition,
		})
	}
	c.DeadlineRule = d.Deadline.Rule()
	return c
}

var signatures = map[Signature]portalv1.Signature{
	SignatureNone: portalv1.Signature_SIGNATURE_NONE, SignatureLogin: portalv1.Signature_SIGNATURE_LOGIN,
	SignatureSign: portalv1.Signature_SIGNATURE_SIGN,
}

// SignatureOf is the other way round.
func SignatureOf(s portalv1.Signature) Signature {
	for ours, theirs := range signatures {
		if theirs == s {
			return ours
		}
	}
	return SignatureNone
}

var needs = map[Need]portalv1.ProcedureDocument_Need{
	NeedAlways: portalv1.ProcedureDocument_NEED_ALWAYS, NeedIf: portalv1.ProcedureDocument_NEED_IF,
	NeedOriginal: portalv1.ProcedureDocument_NEED_ORIGINAL,
}

// Merge fills what an entry leaves empty with what its definition says. A deadline in words of the office's own is not
// joined with the nation's rule, nor a desk's address with anything.
func Merge(entry *portalv1.ProcedureContent) *portalv1.ProcedureContent {
	d, ok := ByNumber(entry.GetDefinition())
	merged := proto.CloneOf(entry)
	if !ok {
		return merged
	}
	nation := d.Content()
	for _, field := range []struct {
		into *string
		from string
	}{
		{&merged.Title, nation.Title}, {&merged.Category, nation.Category}, {&merged.System, nation.System},
		{&merged.Target, nation.Target}, {&merged.Applicant, nation.Applicant},
		{&merged.Summary, nation.Summary}, {&merged.Fee, nation.Fee},
	} {
		if *field.into == "" {
			*field.into = field.from
		}
	}
	if merged.GetSignature() == portalv1.Signature_SIGNATURE_UNSPECIFIED {
		merged.Signature = nation.GetSignature()
	}
	if merged.GetDeadline() == "" && proto.Size(merged.GetDeadlineRule()) == 0 {
		merged.Deadline, merged.DeadlineRule = nation.GetDeadline(), nation.GetDeadlineRule()
	}
	if len(merged.GetForms()) == 0 {
		merged.Forms = nation.GetForms()
	}
	if len(merged.GetDocuments()) == 0 {
		merged.Documents = nation.GetDocuments()
	}
	if len(merged.GetBring()) == 0 {
		merged.Bring = nation.GetBring()
	}
	if len(merged.GetMethod()) == 0 {
		merged.Method = nation.GetMethod()
	}
	if len(merged.GetLaws()) == 0 {
		merged.Laws = nation.GetLaws()
	}
	if proto.Size(merged.GetDesk()) == 0 {
		merged.Desk = nation.GetDesk()
	}
	return merged
}
