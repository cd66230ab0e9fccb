package draft

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"madoguchi/backend/door/access"
	"madoguchi/backend/store/db"
	"madoguchi/proto/form"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/reading"
	"madoguchi/proto/selfinfo"
)

// ListPrefills tells what is known for the fields of a form that may be filled in from it.
func (s *Service) ListPrefills(
	ctx context.Context, request *portalv1.ListPrefillsRequest,
) (*portalv1.ListPrefillsResponse, error) {
	q := s.db.Read()
	taken, err := s.taken(ctx, q, request.GetPlace(), request.GetForm(), request.GetVersion())
	if err != nil {
		return nil, told(ctx, err)
	}
	k := &knowledge{service: s, q: q, folder: access.Subject(ctx), form: taken.Form, answers: map[string]answer{}}
	response := &portalv1.ListPrefillsResponse{}
	for field := range fieldsOf(taken.Form) {
		if field.Type == form.Rows {
			filled, err := k.rows(ctx, field)
			if err != nil {
				return nil, err
			}
			response.Prefills = append(response.Prefills, filled...)
			continue
		}
		p, err := k.single(ctx, field)
		if err != nil {
			return nil, err
		}
		if p != nil {
			response.Prefills = append(response.Prefills, p)
		}
	}
	return response, nil
}

// never are kinds of fields that nothing is filled into, whatever their definition says: what a person consents to, a
// file, an account, and what they are to say in their own words.
var never = []form.FieldType{form.Agree, form.Files, form.Holder, form.Lines, form.Note, form.Rows}

func mayFill(f form.Field) bool { return f.Calc == "" && !slices.Contains(never, f.Type) }

// knowledge is what is known of a person, asked for once.
type knowledge struct {
	service *Service
	q       *db.Queries
	folder  string
	form    *form.Form
	answers map[string]answer // by the detail of わたしの情報
	filed   []filed           // that could be read
	asked   bool
}

type answer struct {
	records []*portalv1.InfoRecord
	at      int64
}

type filed struct {
	answers form.Answers
	at      int64
}

// single looks for a field outside of rows, the best source first. What the card knows the page asks the card.
func (k *knowledge) single(ctx context.Context, f form.Field) (*portalv1.Prefill, error) {
	if !mayFill(f) {
		return nil, nil
	}
	for _, source := range f.Prefill {
		value, at, err := k.from(ctx, f, source)
		if err != nil {
			return nil, err
		}
		if value != nil {
			return &portalv1.Prefill{Field: f.ID, Row: -1, Value: value, Source: source, At: at}, nil
		}
	}
	return nil, nil
}

func (k *knowledge) from(ctx context.Context, f form.Field, source string) (value []byte, at int64, err error) {
	room, item, _ := strings.Cut(source, ".")
	switch room {
	case "profile":
		folder, err := k.q.FolderGet(ctx, k.folder)
		if err != nil {
			return nil, 0, fmt.Errorf("reading a folder: %w", err)
		}
		if item == "mail" && folder.MailConfirmedAt > 0 {
			return valueOf(f, folder.MailAddress), folder.MailConfirmedAt, nil
		}
	case "self":
		return k.held(ctx, f, item)
	case "household":
		// Who of the household fills it in is not known: of one alone there is the head.
		if item == "head" {
			return k.held(ctx, f, "23.head")
		}
	case "earlier":
		list, err := k.earlier(ctx)
		if err != nil {
			return nil, 0, err
		}
		for _, before := range list {
			if v, ok := before.answers[f.ID]; ok {
				return one(f.ID, v), before.at, nil
			}
		}
	}
	return nil, 0, nil
}

// held is an item of わたしの情報, 27.number, where the kept answer says it once.
func (k *knowledge) held(ctx context.Context, f form.Field, item string) (value []byte, at int64, err error) {
	detail, ok := detailOf(item)
	if !ok {
		return nil, 0, nil
	}
	known, err := k.answer(ctx, detail)
	if err != nil {
		return nil, 0, err
	}
	said := ""
	for _, r := range known.records {
		text := textOf(r, item)
		if text == "" || text == said {
			continue
		}
		if said != "" {
			return nil, 0, nil // which of them it is, the person knows
		}
		said = text
	}
	return k.valueIn(f, said), known.at, nil
}

// detailOf is the detail that has an item.
func detailOf(item string) (string, bool) {
	for _, c := range selfinfo.Categories() {
		for _, d := range c.Details {
			if _, ok := d.Item(item); ok {
				return d.Key, true
			}
		}
	}
	return "", false
}

func (k *knowledge) answer(ctx context.Context, detail string) (answer, error) {
	if known, ok := k.answers[detail]; ok || k.service.needs.Kept == nil {
		return known, nil
	}
	records, at, err := k.service.needs.Kept(ctx, k.q, k.folder, detail)
	if err != nil {
		return answer{}, fmt.Errorf("reading what is kept of わたしの情報: %w", err)
	}
	k.answers[detail] = answer{records, at}
	return k.answers[detail], nil
}

func textOf(r *portalv1.InfoRecord, item string) string {
	for _, v := range r.GetValues() {
		if v.GetItem() == item && v.GetState() == portalv1.InfoValueState_INFO_VALUE_STATE_PRESENT {
			return v.GetText()
		}
	}
	return ""
}

// earlier are the applications from before, as this form reads them; what does not fit it is left out.
func (k *knowledge) earlier(ctx context.Context) ([]filed, error) {
	if k.asked || k.service.needs.Filed == nil {
		return k.filed, nil
	}
	k.asked = true
	list, err := k.service.needs.Filed(ctx, k.q, k.folder)
	if err != nil {
		return nil, fmt.Errorf("reading what was sent before: %w", err)
	}
	for _, before := range list {
		read, err := k.form.ReadAnswers(before.Answers)
		if err != nil {
			continue // of a form that is quite another
		}
		carried, _ := form.Carry(k.form, read)
		k.filed = append(k.filed, filed{carried, before.At})
	}
	return k.filed, nil
}

// memberItems are where わたしの情報 says of each member of the household what a form asks.
var memberItems = map[string]string{
	"household.name": "23.member", "household.birth": "23.birth", "household.sex": "23.sex",
	"household.relation": "23.relation",
}

// rows looks for rows: the members of the household, or the rows that were sent before.
func (k *knowledge) rows(ctx context.Context, rows form.Field) (list []*portalv1.Prefill, err error) {
	for _, f := range rows.Fields {
		if !mayFill(f) {
			continue
		}
		for _, source := range f.Prefill {
			values, at, err := k.column(ctx, rows, f, source)
			if err != nil {
				return nil, err
			}
			for i, value := range values {
				if value != nil {
					list = append(list, &portalv1.Prefill{
						Field: f.ID, Row: int32(i), Value: value, Source: source, At: at,
					})
				}
			}
			if values != nil {
				break
			}
		}
	}
	return list, nil
}

// column are the values of a field of rows, row by row; nil where one is not known.
func (k *knowledge) column(
	ctx context.Context, rows, f form.Field, source string,
) (values [][]byte, at int64, err error) {
	if source == "earlier" {
		list, err := k.earlier(ctx)
		if err != nil {
			return nil, 0, err
		}
		for _, before := range list {
			if v, ok := before.answers[rows.ID]; ok {
				for _, row := range v.Rows {
					values = append(values, one(f.ID, row[f.ID]))
				}
				return values, before.at, nil
			}
		}
		return nil, 0, nil
	}
	item, ok := memberItems[source]
	if !ok {
		return nil, 0, nil
	}
	detail, _ := detailOf(item)
	household, err := k.answer(ctx, detail)
	if err != nil {
		return nil, 0, err
	}
	most, err := strconv.Atoi(rows.Max)
	if err != nil {
		most = len(household.records)
	}
	for _, r := range household.records[:min(most, len(household.records))] {
		values = append(values, k.valueIn(f, textOf(r, item)))
	}
	return values, household.at, nil
}

// valueIn is valueOf; a text that names an option stands for it.
func (k *knowledge) valueIn(f form.Field, text string) []byte {
	if f.Type != form.Choice {
		return valueOf(f, text)
	}
	for _, o := range f.Options {
		if plain := reading.Plain(k.form.Texts[f.ID+"."+o].Ja); text == o || text == plain {
			return valueOf(f, o)
		}
	}
	return nil
}

// valueOf is a text as an answer to a field, as JSON; nil where it cannot be one.
func valueOf(f form.Field, text string) []byte {
	if text == "" || f.Type == form.Choice && !slices.Contains(f.Options, text) {
		return nil
	}
	switch f.Type {
	case form.Int, form.Yen:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil
		}
		return one(f.ID, form.IntOf(n))
	case form.Day:
		if _, err := time.Parse(time.DateOnly, text); err != nil {
			return nil
		}
	case form.Digits, form.Postal, form.Insurer:
		if strings.Trim(text, "0123456789") != "" {
			return nil
		}
	case form.Choices, form.Yes:
		return nil
	}
	return one(f.ID, form.TextOf(text))
}

// one is an answer alone, as JSON.
func one(id string, v form.Value) []byte {
	var alone map[string]json.RawMessage
	if v.Kind == 0 || json.Unmarshal(form.Answers{id: v}.Canonical(), &alone) != nil {
		return nil
	}
	return alone[id]
}
