package catalog

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	"madoguchi/backend/japan/municipality"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/link"
	"madoguchi/proto/plaintext"
	"madoguchi/proto/rule"
)

// Nation is the place code of what national offices offer everywhere.
const Nation = "000000"

// Fault is what is wrong with an entry: the field as in ProcedureContent, and how to mend it, in Japanese for the office that wrote it.
type Fault struct {
	Field, Message string
}

// Lengths, in characters.
const (
	maxTitle  = 120
	maxLine   = 300
	maxText   = 2000
	maxItems  = 40
	maxWord   = 40
	maxLinkTo = 1000
)

// Check names everything that is wrong with an entry. A nil answer means that it can be registered.
func Check(c *portalv1.ProcedureContent) []Fault {
	k := &checker{}
	if !rule.ProcedureNumber(c.GetNumber()) {
		k.add("number", "手続番号は、半角の英大文字・数字・ハイフンで20文字までにしてください。")
	}
	definition, known := ByNumber(c.GetDefinition())
	switch {
	case c.GetDefinition() != "" && !known:
		k.add("definition", fmt.Sprintf("「%s」という標準手続はありません。P0001からP%04dまでの番号にするか、空にしてください。", c.GetDefinition(), len(Definitions())))
	case c.GetDefinition() != "" && c.GetCategory() != "" && c.GetCategory() != definition.Category:
		k.add("category", fmt.Sprintf("標準手続 %s の分類は「%s」です。そう書くか、空にしてください。", definition.Number, definition.Category))
	case c.GetDefinition() == "" && !slices.Contains(Categories(), c.GetCategory()):
		k.add("category", fmt.Sprintf("分類は次のどれかにしてください: %s。", strings.Join(Categories(), "、")))
	}
	if strings.TrimSpace(c.GetTitle()) == "" && !known {
		k.add("title", "手続名を書いてください。")
	} else {
		k.line("title", c.GetTitle(), maxTitle)
	}
	if c.GetSignature() == portalv1.Signature_SIGNATURE_UNSPECIFIED && !known || c.GetSignature() > portalv1.Signature_SIGNATURE_SIGN {
		k.add("signature", "本人確認は「不要」「ログイン」「電子署名」のどれかにしてください。")
	}
	for field, text := range map[string]string{
		"system": c.GetSystem(), "target": c.GetTarget(), "applicant": c.GetApplicant(), "deadline": c.GetDeadline(), "fee": c.GetFee(), "desk.department": c.GetDesk().GetDepartment(),
		"desk.building": c.GetDesk().GetBuilding(), "desk.address": c.GetDesk().GetAddress(), "desk.hours": c.GetDesk().GetHours(),
	} {
		k.line(field, text, maxLine)
	}
	k.text("summary", c.GetSummary(), maxText)
	k.phone("desk.phone", c.GetDesk().GetPhone())
	k.link("online_url", c.GetOnlineUrl())
	if c.GetOnlineUrl() != "" && !c.GetOnline() {
		k.add("online_url", "オンライン申請が「不可」のときは、URLを空にしてください。")
	}
	for i, l := range c.GetForms() {
		k.named(fmt.Sprintf("forms[%d]", i), l.GetName(), l.GetUrl())
	}
	for i, l := range c.GetLinks() {
		k.named(fmt.Sprintf("links[%d]", i), l.GetName(), l.GetUrl())
	}
	for i, d := range c.GetDocuments() {
		field := fmt.Sprintf("documents[%d]", i)
		k.filled(field+".name", d.GetName())
		k.line(field+".condition", d.GetCondition(), maxLine)
		if d.GetNeed() == portalv1.ProcedureDocument_NEED_UNSPECIFIED || d.GetNeed() > portalv1.ProcedureDocument_NEED_ORIGINAL {
			k.add(field+".need", "必要の別は「必須」「該当時」「原本別送」のどれかにしてください。")
		}
		if (d.GetNeed() == portalv1.ProcedureDocument_NEED_IF) != (d.GetCondition() != "") {
			k.add(field+".condition", "「該当時」の書類には、どんなときに必要かを書いてください。ほかの書類には書きません。")
		}
	}
	k.lines("bring", c.GetBring(), maxLine)
	k.lines("method", c.GetMethod(), maxLine)
	k.lines("laws", c.GetLaws(), maxLine)
	k.lines("keywords", c.GetKeywords(), maxWord)
	for field, n := range map[string]int{"forms": len(c.GetForms()), "links": len(c.GetLinks()), "documents": len(c.GetDocuments())} {
		k.count(field, n)
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

func (k *checker) line(field, text string, most int) { k.check(field, text, most, plaintext.Line) }

func (k *checker) text(field, text string, most int) { k.check(field, text, most, plaintext.Lines) }

func (k *checker) check(field, text string, most int, check func(string) error) {
	var fault *plaintext.Fault
	if n := utf8.RuneCountInString(text); n > most {
		k.add(field, fmt.Sprintf("%d文字あります。%d文字までにしてください。", n, most))
	} else if errors.As(check(text), &fault) {
		k.add(field, inWords(fault))
	} else if text != "" && strings.TrimSpace(text) == "" {
		k.add(field, "空白だけです。書くか、空にしてください。")
	}
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

func (k *checker) lines(field string, texts []string, most int) {
	k.count(field, len(texts))
	for i, t := range texts {
		name := fmt.Sprintf("%s[%d]", field, i)
		if strings.TrimSpace(t) == "" {
			k.add(name, "空の項目があります。消してください。")
			continue
		}
		k.line(name, t, most)
	}
}

func (k *checker) count(field string, n int) {
	if n > maxItems {
		k.add(field, fmt.Sprintf("%d個あります。%d個までにしてください。", n, maxItems))
	}
}

func (k *checker) filled(field, text string) {
	if strings.TrimSpace(text) == "" {
		k.add(field, "名前を書いてください。")
		return
	}
	k.line(field, text, maxLine)
}

func (k *checker) named(field, name, address string) {
	k.filled(field+".name", name)
	k.link(field+".url", address)
}

func (k *checker) link(field, address string) {
	if address == "" {
		return
	}
	if err := link.Check(address); err != nil || len(address) > maxLinkTo {
		k.add(field, linkInWords(err))
	}
}

func linkInWords(err error) string {
	var fault *plaintext.Fault
	switch {
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
	return fmt.Sprintf("URLが長すぎます。%d文字までにしてください。", maxLinkTo)
}

func eventNames() []string {
	var names []string
	for name := range Events {
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
		Number: d.Number, Definition: d.Number, Title: d.Name.Ja, Category: d.Category, Signature: signatures[d.Signature], System: d.System, Target: d.Target,
		Applicant: d.Applicant, Summary: d.Summary.Ja, Deadline: d.Deadline.Text, Fee: d.Fee, Bring: d.Bring, Method: d.Method, Laws: d.Laws,
		Desk: &portalv1.ProcedureDesk{Department: d.Department},
	}
	if d.Form != "" {
		c.Forms = []*portalv1.ProcedureLink{{Name: d.Form}}
	}
	for _, doc := range d.Documents {
		c.Documents = append(c.Documents, &portalv1.ProcedureDocument{Name: doc.Name, Need: needs[doc.Need], Condition: doc.Condition})
	}
	c.DeadlineRule = d.Deadline.Rule()
	return c
}

var signatures = map[Signature]portalv1.Signature{
	SignatureNone: portalv1.Signature_SIGNATURE_NONE, SignatureLogin: portalv1.Signature_SIGNATURE_LOGIN, SignatureSign: portalv1.Signature_SIGNATURE_SIGN,
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
	NeedAlways: portalv1.ProcedureDocument_NEED_ALWAYS, NeedIf: portalv1.ProcedureDocument_NEED_IF, NeedOriginal: portalv1.ProcedureDocument_NEED_ORIGINAL,
}

// Merge fills what an entry leaves empty with what its definition says. A deadline in words of the office's own is not joined with the
// nation's rule, nor a desk's address with anything.
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
		{&merged.Title, nation.Title}, {&merged.Category, nation.Category}, {&merged.System, nation.System}, {&merged.Target, nation.Target}, {&merged.Applicant, nation.Applicant},
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
