package draft

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/part/flow"
	"madoguchi/frontend/part/form"
	"madoguchi/frontend/part/sign"
	"madoguchi/frontend/part/trouble"
	"madoguchi/frontend/reach/certificate"
	"madoguchi/frontend/reach/rpc"
	engine "madoguchi/proto/form"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// Several forms of one place are filed in one go (/apply/131105/a,b): each is filled in and read again after another,
// what was answered once is filled into the next, and at the end the card signs them all with the password typed once.
// Each is an application of its own, with a signature and a receipt of its own.

// most is how many: no more documents are signed with one password.
const most = 20

// part is another form of the same go.
type part struct {
	asked ask.Question
	got   *portalv1.GetFormResponse
	form  *engine.Form
}

// namesIn are the forms that an address names, and the one that is open.
func namesIn(of string, address *url.URL) (names []string, now string) {
	for name := range strings.SplitSeq(of, ",") {
		if name != "" && !slices.Contains(names, name) && len(names) < most {
			names = append(names, name)
		}
	}
	if now = address.Query().Get("form"); !slices.Contains(names, now) {
		now = names[0]
	}
	return names, now
}

func (a *apply) several() bool { return len(a.names) > 1 }

// index is the place of the form that is open among all.
func (a *apply) index() int { return slices.Index(a.names, a.name) }

func (a *apply) last() bool { return a.index() == len(a.names)-1 }

// learnParts asks for the other forms, in the versions of the drafts that this tab has.
func (a *apply) learnParts() {
	for _, name := range a.names {
		if name != a.name && a.parts[name] == nil {
			a.parts[name] = &part{}
			a.learnPart(name, "")
		}
	}
	a.parts[a.name] = &part{got: a.got, form: a.form}
}

func (a *apply) learnPart(name, version string) {
	p := a.parts[name]
	ask.For(&a.visit, &p.asked, drafts().GetForm,
		&portalv1.GetFormRequest{Place: a.place, Form: name, Version: version},
		func(ctx app.Context, got *portalv1.GetFormResponse, err error) {
			if err != nil {
				return
			}
			read, err := engine.ReadChecked(got.GetDefinition())
			if err != nil {
				return
			}
			if k := a.keptOf(read); version == "" && k.Draft != "" && k.Version != read.Version {
				a.learnPart(name, k.Version)
				return
			}
			p.got, p.form = got, read
			a.share()
		})
}

// keptOf is what this tab keeps of a form.
func (a *apply) keptOf(f *engine.Form) (k kept) {
	draft := flow.Draft{Name: draftName(a.place, f.ID), Of: &k}
	draft.Load()
	return k
}

func draftName(place, form string) string { return "apply-" + place + "-" + form }

// written is a form as it is filled in.
type written struct {
	name    string // in the address
	got     *portalv1.GetFormResponse
	form    *engine.Form
	kept    kept
	answers engine.Answers
	at      engine.Moment
	result  *engine.Result
}

// written is the form of a name, as it is now: the one that is open, or as this tab keeps it. False where it was not
// begun.
func (a *apply) written(name string) (w written, begun bool) {
	at := engine.Moment{Today: today(), Office: a.place}
	if name == a.name {
		if a.sheet == nil {
			return w, false
		}
		w = written{name: name, got: a.got, form: a.form, kept: a.kept, answers: a.sheet.Answers, at: at}
	} else {
		p := a.parts[name]
		if p == nil || p.form == nil {
			return w, false
		}
		w = written{name: name, got: p.got, form: p.form, kept: a.keptOf(p.form), at: at}
		answers, err := p.form.ReadAnswers(w.kept.Answers)
		if w.kept.Draft == "" || err != nil {
			return w, false
		}
		w.answers = answers
	}
	w.result = w.form.Evaluate(w.answers, at)
	return w, true
}

// all are the forms that are to be signed, and the first that is not ready.
func (a *apply) all() (list []written, open string) {
	for _, name := range a.names {
		w, begun := a.written(name)
		if !begun || !w.result.Fine() {
			return nil, name
		}
		list = append(list, w)
	}
	return list, ""
}

// share fills what was answered in the forms before into one that is begun now.
func (a *apply) share() {
	if a.sheet == nil || !a.kept.Shares {
		return
	}
	filled := 0
	for _, name := range a.names[:a.index()] {
		w, begun := a.written(name)
		if !begun {
			continue
		}
		for field, v := range shared(w.form, a.form, w.answers) {
			is, _ := a.fill(field, -1, v, from{Source: "form"})
			filled += count(is)
		}
	}
	if filled > 0 {
		a.filledIn(filled, 0)
	}
}

// shared are answers to one form that answer another, too: of who applies, and what is asked in the very same words
// under the same name. Rows of which there is one answer what the other form asks once. Nobody consents twice at once,
// and no file is sent twice.
func shared(from, to *engine.Form, answers engine.Answers) engine.Answers {
	own, named := applicant(from)
	its, asks := applicant(to)
	flat := engine.Answers{}
	fields := map[string]*engine.Field{}
	for _, s := range from.Sections {
		for i := range s.Fields {
			one := &s.Fields[i]
			fields[one.ID], flat[one.ID] = one, answers[one.ID]
			if rows := answers[one.ID].Rows; len(rows) == 1 {
				for j := range one.Fields {
					fields[one.Fields[j].ID], flat[one.Fields[j].ID] = &one.Fields[j], rows[0][one.Fields[j].ID]
				}
			}
		}
	}
	out := engine.Answers{}
	for _, s := range to.Sections {
		for i := range s.Fields {
			one := &s.Fields[i]
			name, asked := one.ID, false
			if rest, is := strings.CutPrefix(one.ID, its); is && its != "" && named && asks {
				name, asked = own+rest, true
			}
			was := fields[name]
			if was == nil || !alike(was, one) || flat[name].Kind == 0 {
				continue
			}
			if asked = asked || inTheSameWords(from, to, name); asked {
				out[one.ID] = flat[name]
			}
		}
	}
	return out
}

// applicant is how the names of the questions on who applies begin: claimant_. False where a form has none.
func applicant(f *engine.Form) (prefix string, there bool) {
	for _, s := range f.Sections {
		for _, one := range s.Fields {
			if slices.Contains(one.Prefill, "card.name") {
				return strings.TrimSuffix(one.ID, "name"), true
			}
		}
	}
	return "", false
}

func alike(a, b *engine.Field) bool {
	switch a.Type {
	case engine.Agree, engine.Files, engine.Note:
		return false
	}
	if a.Type != b.Type || a.Calc != "" || b.Calc != "" || !slices.Equal(a.Options, b.Options) {
		return false
	}
	return slices.EqualFunc(a.Fields, b.Fields, func(x, y engine.Field) bool { return x.ID == y.ID && alike(&x, &y) })
}

// inTheSameWords says whether a question of two forms is one. Of somebody (お子さんの氏名) is of the same one.
func inTheSameWords(from, to *engine.Form, id string) bool {
	asks, asked := from.Texts[id].Ja, to.Texts[id].Ja
	return asks == asked || strings.HasSuffix(asked, "の"+asks) || strings.HasSuffix(asks, "の"+asked)
}

// toPart leads to another form of the go.
func (a *apply) toPart(ctx app.Context, name, step string) {
	a.save()
	query := url.Values{"form": {name}}
	if step != "" {
		query.Set("step", step)
	}
	to := prefix + a.place + "/" + strings.Join(a.names, ",") + "?" + query.Encode()
	if app.IsServer {
		here, err := url.Parse(to)
		if err == nil {
			ctx.Page().ReplaceURL(here)
			a.OnNav(ctx)
		}
		return
	}
	ctx.Navigate(to)
}

// togetherUI says which forms are filed in one go, and which of them is open.
func (a *apply) togetherUI() app.UI {
	at := app.Div()
	if !a.several() {
		return at
	}
	items := make([]app.UI, len(a.names))
	for i, name := range a.names {
		title := lang.Plain(name)
		if p := a.parts[name]; p != nil && p.form != nil {
			title = form.Of(p.form, "title")
		}
		item := app.Li()
		if name == a.name {
			items[i] = item.Aria("current", "step").Body(app.Strong().Body(title.UI()))
			continue
		}
		state := textPartOpen
		if w, begun := a.written(name); begun && w.result.Fine() {
			state = textPartReady
		}
		items[i] = item.Body(title.UI(), app.Text(" "), state.Span("hint"))
	}
	return at.Class("apply-together").Body(
		textTogether.F(len(a.names)).P("label"), app.Ol().Body(items...), textTogetherLead.P("hint"),
	)
}

// documents are what is signed, and who is to sign: made anew when the button is pressed.
func (a *apply) documents(ctx app.Context) ([]sign.Document, bool) {
	a.outgoing, a.signed, a.going = nil, nil, nil
	if !a.ready() {
		return nil, false
	}
	if a.faults = a.checkAll(); len(a.faults) > 0 {
		flow.Put(ctx, stepReview)
		kit.Focus(ctx, "apply-faults")
		return nil, false
	}
	all, open := a.all()
	if open != "" {
		a.toPart(ctx, open, "")
		return nil, false
	}
	var documents []sign.Document
	a.going = all
	for _, w := range all {
		a.outgoing = append(a.outgoing, a.request(w))
		if w.form.Sign != engine.SignCard {
			continue
		}
		name, birth := w.signer()
		if len(documents) > 0 && (name != documents[0].Name || birth != documents[0].Birth) {
			a.failure = trouble.Message{What: textOtherSigner, Do: textOtherSignerDo.F(form.Of(w.form, "title"))}
			kit.Focus(ctx, "apply-failure")
			a.outgoing = nil
			return nil, false
		}
		a.signed = append(a.signed, len(a.outgoing)-1)
		documents = append(documents, sign.Document{
			Title: form.Of(w.form, "title").In(lang.Japanese), Content: a.document(w), Name: name, Birth: birth,
		})
	}
	return documents, len(documents) > 0
}

// use sends what was signed, unless the certificate says something else than what was filled in: then the person is
// asked first.
func (a *apply) use(ctx context.Context, signatures [][]byte, by certificate.Holder) error {
	a.differing, a.came = nil, nil
	for i, at := range a.signed {
		a.outgoing[at].Signature = signatures[i]
		a.differing = append(a.differing, a.going[at].compare(by)...)
	}
	if len(a.differing) > 0 {
		return nil
	}
	return a.sendAll(ctx)
}

// sentBy is what came of sending one.
type sentBy struct {
	title       lang.Text
	name        string
	application *portalv1.Application
	faults      []*portalv1.FormFault
	waits       bool
}

// sendAll sends them after another. What was sent before something failed is sent once all the same: it has its id.
func (a *apply) sendAll(ctx context.Context) error {
	var came []sentBy
	for i, request := range a.outgoing {
		one := sentBy{name: a.going[i].name, title: form.Of(a.going[i].form, "title")}
		got, err := sending().SendApplication(ctx, request)
		switch {
		case rpc.Kept(err):
			one.waits = true
		case err != nil:
			return err
		}
		one.application, one.faults = got.GetApplication(), got.GetFaults()
		came = append(came, one)
	}
	a.came = came
	return nil
}

// receipts are what was sent in one go, each with its number.
func (a *apply) receipts() app.UI {
	items := make([]app.UI, len(a.done))
	for i, one := range a.done {
		switch {
		case one.waits:
			items[i] = app.Div().Body(one.title.P("entry-title"), textPartWaits.P("hint"))
		default:
			items[i] = app.A().Class("entry").Href("/applications/"+one.application.GetId()).Body(
				one.title.Span("entry-title"),
				textPartNumber.F(one.application.GetNumber()).Span("entry-line apply-number"),
			)
		}
	}
	return app.Section().ID("apply-done").TabIndex(-1).Class("part").Body(
		textAllSent.F(len(a.done)).H2("part-title"), textAllSentLead.P(""),
		kit.List{Label: textAllSent.F(len(a.done)), Items: items}.UI(),
		app.P().Body(kit.Link{Label: textToList, Href: "/applications", Kind: kit.Secondary}.UI()),
	)
}
