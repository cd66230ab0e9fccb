package draft

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/part/form"
	"madoguchi/frontend/part/place"
	"madoguchi/frontend/part/proof"
	"madoguchi/frontend/part/sign"
	"madoguchi/frontend/reach/certificate"
	engine "madoguchi/proto/form"
	bridgev2 "madoguchi/proto/gen/bridge/v2"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// owned are the questions of a form that the card of who applies answers: of each kind the first that is shown, since a
// form may ask for several people. Of an address there are three.
type owned struct{ name, birth, sex, place, town, building string }

func ownedIn(f *engine.Form, r *engine.Result) (o owned) {
	address := ""
	for _, s := range f.Sections {
		for _, one := range s.Fields {
			if !r.Shown(one.ID, -1) {
				continue
			}
			for _, source := range one.Prefill {
				switch source {
				case "card.name":
					first(&o.name, one.ID)
				case "card.birth":
					first(&o.birth, one.ID)
				case "card.sex":
					first(&o.sex, one.ID)
				case "card.address":
					block := one.ID[:strings.LastIndex("_"+one.ID, "_")]
					if address == "" {
						address = "of " + block
					}
					if address != "of "+block {
						continue
					}
					switch {
					case one.Type == engine.Place:
						first(&o.place, one.ID)
					case o.town == "":
						o.town = one.ID
					default:
						first(&o.building, one.ID)
					}
				}
			}
		}
	}
	return o
}

func first(to *string, id string) {
	if *to == "" {
		*to = id
	}
}

// in says whether some of them stand in a section, open to be answered.
func (o owned) in(s engine.Section, open func(string) bool) bool {
	for _, f := range s.Fields {
		switch f.ID {
		case o.name, o.birth, o.sex, o.place, o.town, o.building:
			if open == nil || open(f.ID) {
				return true
			}
		}
	}
	return false
}

// byAgent says who applies for somebody else: the question by which they said so, without _who.
func byAgent(f *engine.Form, r *engine.Result, answers engine.Answers) string {
	agent := ""
	for _, s := range f.Sections {
		for _, one := range s.Fields {
			who, is := strings.CutSuffix(one.ID, "_who")
			text := answers[one.ID].Text
			if is && one.Type == engine.Choice && r.Shown(one.ID, -1) && text != "" && text != "self" {
				agent = who
			}
		}
	}
	if len(f.Applicant) < 2 {
		return ""
	}
	return agent
}

// helps are the ways to have a section filled in: from the card, and from what is known.
func (a *apply) helps(s engine.Section) app.UI {
	at := app.Div().Class("apply-helps no-print")
	if a.returned != nil {
		return at
	}
	var ways, pad []app.UI
	if ownedIn(a.form, a.sheet.Result).in(s, a.sheet.Open) && byAgent(a.form, a.sheet.Result, a.sheet.Answers) == "" {
		ways = append(ways, proof.ByDevice(func() app.UI { return app.Span() }, func() app.UI {
			return kit.Button{
				ID: "apply-card-" + s.ID, Label: textCopyCard, Icon: kit.IconCard, OnPress: func(ctx app.Context) {
					if a.copying = s.ID; !app.IsServer {
						kit.Focus(ctx, "face-status")
					}
				},
			}.UI()
		}))
	}
	if a.copying == s.ID {
		pad = []app.UI{
			textCopyCardLead.P("hint"), &sign.Pad{Action: textCopyCardDo, Read: a.copied},
			kit.Button{
				ID: "apply-card-stop", Label: textCopyCardStop, Kind: kit.TextOnly, OnPress: func(ctx app.Context) {
					a.copying = ""
					kit.Focus(ctx, "apply-card-"+s.ID)
				},
			}.UI(),
		}
	}
	if a.fillsFirst(s) {
		ways = append(ways, kit.Button{
			ID: "apply-known-" + s.ID, Label: textFillKnown, Kind: kit.TextOnly, Busy: a.told.Busy, OnPress: a.askKnown,
		}.UI())
	}
	if len(ways) == 0 {
		return at
	}
	return at.Body(app.Div().Class("actions").Body(ways...), app.Div().Body(pad...))
}

// fillsFirst says whether a section is the first in which something may be filled in that is known.
func (a *apply) fillsFirst(s engine.Section) bool {
	for _, one := range a.form.Sections {
		if a.sheet.Result.SectionShown(one.ID) && fillable(one) {
			return one.ID == s.ID
		}
	}
	return false
}

// fillable says whether something may be filled in that is not the card's alone.
func fillable(s engine.Section) bool {
	may := func(all []engine.Field) bool {
		for _, f := range all {
			for _, source := range f.Prefill {
				if !strings.HasPrefix(source, "card.") {
					return true
				}
			}
		}
		return false
	}
	for _, f := range s.Fields {
		if may(f.Fields) {
			return true
		}
	}
	return may(s.Fields)
}

// copied fills in what the card's face says.
func (a *apply) copied(_ app.Context, face *bridgev2.Attributes) {
	a.copying = ""
	o := ownedIn(a.form, a.sheet.Result)
	filled, asks := 0, 0
	put := func(field, text string) {
		if field == "" || text == "" {
			return
		}
		is, chooses := a.fill(field, -1, a.form.Clean(field, text), from{Source: "card"})
		filled, asks = filled+count(is), asks+count(chooses)
	}
	put(o.name, face.GetName())
	put(o.birth, withDashes(face.GetBirthDate()))
	if sex := map[string]string{"1": "male", "2": "female"}[face.GetSex()]; o.sex != "" && sex != "" {
		put(o.sex, sex)
	}
	if o.place == "" && o.town == "" {
		a.filledIn(filled, asks)
		return
	}
	place.OfAddress(&a.visit, &a.placed, face.GetAddress(),
		func(_ app.Context, p *portalv1.Place, rest string, err error) {
			if err != nil || p == nil {
				rest = face.GetAddress() // what the person sees at once
			}
			town, building := cutBuilding(rest)
			put(o.place, p.GetCode())
			put(o.town, town)
			put(o.building, building)
			a.filledIn(filled, asks)
		})
}

func withDashes(day string) string {
	if len(day) != len("19900415") {
		return ""
	}
	return day[:4] + "-" + day[4:6] + "-" + day[6:]
}

// cutBuilding parts town and number from the building, which a card writes after a space.
func cutBuilding(rest string) (town, building string) {
	rest = strings.TrimSpace(strings.ReplaceAll(rest, "　", " "))
	town, building, _ = strings.Cut(rest, " ")
	return town, strings.TrimSpace(building)
}

// differing is an answer that the certificate has otherwise.
type differing struct {
	field     string
	of        *engine.Form
	mine, its string
}

// compare says what a form says of its signer otherwise than the certificate that signed. Name and birth the bridge has
// compared before it signed.
func (w written) compare(by certificate.Holder) (list []differing) {
	if by.Name == "" || byAgent(w.form, w.result, w.answers) != "" {
		return nil
	}
	o := ownedIn(w.form, w.result)
	if sex := w.answers[o.sex].Text; o.sex != "" && by.Sex != "" {
		its := map[string]string{"1": "male", "2": "female"}[by.Sex]
		if (sex == "male" || sex == "female") && its != "" && sex != its {
			list = append(list, differing{o.sex, w.form, optionOf(w.form, o.sex, sex), optionOf(w.form, o.sex, its)})
		}
	}
	town := w.answers[o.town].Text
	if town != "" && by.Address != "" && !strings.Contains(folded(by.Address), folded(town)) {
		list = append(list, differing{o.town, w.form, town, by.Address})
	}
	return list
}

func optionOf(f *engine.Form, field, option string) string {
	return form.Of(f, field+"."+option).String()
}

const kanjiDigits = "〇一二三四五六七八九"

// folded is an address without what may be written one way or another: 一丁目2番3号 is 1-2-3.
func folded(address string) string {
	var out []byte
	number, digits, tens := 0, false, false // of 十二
	flush := func() {
		if digits {
			out = strconv.AppendInt(out, int64(number), 10)
		}
		number, digits, tens = 0, false, false
	}
	for _, r := range strings.NewReplacer("丁目", "-", "番地", "-", "番", "-", "号", "-", "の", "-").Replace(address) {
		if r >= '！' && r <= '～' {
			r -= '！' - '!'
		}
		digit := strings.IndexRune(kanjiDigits, r) / len("〇")
		switch {
		case strings.ContainsRune(kanjiDigits, r) && tens:
			number, tens = number+digit, false
		case strings.ContainsRune(kanjiDigits, r):
			number, digits = number*10+digit, true
		case r == '十':
			number, digits, tens = max(number, 1)*10, true, true
		default:
			flush()
			switch r {
			case ' ', '　':
			case '-', 'ー', '−', '‐', '―', '–':
				if n := len(out); n > 0 && out[n-1] != '-' {
					out = append(out, '-')
				}
			default:
				out = utf8.AppendRune(out, r)
			}
		}
	}
	flush()
	return strings.TrimRight(string(out), "-")
}
