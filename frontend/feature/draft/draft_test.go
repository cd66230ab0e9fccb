package draft

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/pagetest"
	"madoguchi/frontend/part/flow"
	"madoguchi/frontend/reach/certificate"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/frontend/reach/vault"
	"madoguchi/proto/form"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

// definition is a form of two sections as it is published.
func definition(version string) string {
	return `{"applicant":["self"],"checks":[],"id":"f","sections":[` +
		`{"fields":[{"id":"why","link":true,"options":["birth","other"],"required":"true","type":"choice"},` +
		`{"id":"name","max":"40","prefill":["card.name"],"required":"true","type":"name"},` +
		`{"id":"born","prefill":["card.birth"],"required":"true","type":"day"}],"id":"who"},` +
		`{"fields":[{"id":"words","link":true,"max":"20","prefill":["earlier"],"type":"line"},` +
		`{"id":"photo","accept":["jpg"],"max":"3","type":"file"}],"id":"what"}],"sign":"card","texts":{` +
		`"title":{"en":"Form","ja":"申請書"},"section.who":{"en":"Who","ja":"だれ"},"section.what":{"en":"What","ja":"なに"},` +
		`"why":{"en":"Why","ja":"理由"},"why.birth":{"en":"Birth","ja":"出生"},"why.other":{"en":"Other","ja":"ほか"},` +
		`"name":{"en":"Name","ja":"氏名"},"born":{"en":"Birth","ja":"生年月日"},"words":{"en":"Words","ja":"内容"},` +
		`"photo":{"en":"Photo","ja":"写真"}},"version":"` + version + `"}`
}

// portal stands in for the portal.
type portal struct {
	portalv1web.DraftService
	portalv1web.ApplicationService

	mu          sync.Mutex
	list        []*portalv1.Draft
	draft       *portalv1.Draft
	prefills    []*portalv1.Prefill
	saves       []*portalv1.SaveDraftRequest
	answer      *portalv1.SaveDraftResponse
	sent        []*portalv1.SendApplicationRequest
	result      *portalv1.SendApplicationResponse
	application *portalv1.Application // that is corrected
	err         error
	owners      []string // in whose name it was saved
	meanwhile   func()   // happens while it is
	unheld      string   // the version that is taken no more
	forms       map[string]string
}

func (p *portal) GetForm(_ context.Context, r *portalv1.GetFormRequest) (*portalv1.GetFormResponse, error) {
	version := r.GetVersion()
	if version != "" && version == p.unheld {
		return nil, &rpc.Error{
			Code: rpc.CodeNotFound, Info: &portalv1.ErrorInfo{Reason: portalv1.Reason_REASON_NOT_FOUND},
		}
	}
	if version == "" {
		version = "2"
	}
	if other := p.forms[r.GetForm()]; other != "" {
		return &portalv1.GetFormResponse{
			Definition: []byte(other), Place: r.GetPlace(), Office: "131105", OfficeName: "保育課", Current: "2",
		}, nil
	}
	return &portalv1.GetFormResponse{
		Definition: []byte(definition(version)), Place: r.GetPlace(), PlaceName: "目黒区", Office: "131105",
		OfficeName: "子育て支援課", Current: "2", Until: "2026-12-31",
	}, nil
}

func (p *portal) ListDrafts(context.Context, *portalv1.ListDraftsRequest) (*portalv1.ListDraftsResponse, error) {
	return &portalv1.ListDraftsResponse{Drafts: p.list}, nil
}

func (p *portal) ListPrefills(context.Context, *portalv1.ListPrefillsRequest) (*portalv1.ListPrefillsResponse, error) {
	return &portalv1.ListPrefillsResponse{Prefills: p.prefills}, nil
}

func (p *portal) GetDraft(context.Context, *portalv1.GetDraftRequest) (*portalv1.GetDraftResponse, error) {
	if p.draft == nil {
		return nil, &rpc.Error{
			Code: rpc.CodeNotFound, Info: &portalv1.ErrorInfo{Reason: portalv1.Reason_REASON_NOT_FOUND},
		}
	}
	return &portalv1.GetDraftResponse{Draft: p.draft}, nil
}

func (p *portal) SaveDraft(ctx context.Context, r *portalv1.SaveDraftRequest) (*portalv1.SaveDraftResponse, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.saves, p.owners = append(p.saves, r), append(p.owners, rpc.Owner(ctx))
	if p.meanwhile != nil {
		p.meanwhile()
	}
	if p.answer == nil {
		return &portalv1.SaveDraftResponse{Revision: int64(len(p.saves)), ChangedAt: 1}, p.err
	}
	return p.answer, p.err
}

func (p *portal) SendApplication(
	_ context.Context, r *portalv1.SendApplicationRequest,
) (*portalv1.SendApplicationResponse, error) {
	p.sent = append(p.sent, r)
	if p.result == nil && p.err == nil {
		return &portalv1.SendApplicationResponse{
			Application: &portalv1.Application{Id: id, Number: "2026-" + r.GetForm()},
		}, nil
	}
	return p.result, p.err
}

func (p *portal) CorrectApplication(
	context.Context, *portalv1.CorrectApplicationRequest,
) (*portalv1.CorrectApplicationResponse, error) {
	return &portalv1.CorrectApplicationResponse{Draft: p.draft, Fields: []string{"why"}}, nil
}

func (p *portal) GetApplication(
	context.Context, *portalv1.GetApplicationRequest,
) (*portalv1.GetApplicationResponse, error) {
	return &portalv1.GetApplicationResponse{Application: p.application}, nil
}

// open opens the page at an address.
func open(t *testing.T, p *portal, address string) (*apply, app.Context, app.TestEngine) {
	t.Helper()
	return openOn(t, p, address)
}

// answering is what the page asks.
type answering interface {
	portalv1web.DraftService
	portalv1web.ApplicationService
}

func openOn(t *testing.T, p answering, address string) (*apply, app.Context, app.TestEngine) {
	t.Helper()
	declareKinds()
	before, after := drafts, sending
	drafts = func() portalv1web.DraftService { return p }
	sending = func() portalv1web.ApplicationService { return p }
	t.Cleanup(func() { drafts, sending = before, after })
	t.Cleanup(vault.Clear)
	ctx, engine := pagetest.Context(t)
	to, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	ctx.Page().ReplaceURL(to)
	a := &apply{}
	a.OnMount(ctx)
	t.Cleanup(a.OnDismount)
	engine.ConsumeAll()
	return a, ctx, engine
}

func html(t *testing.T, a *apply) string {
	t.Helper()
	return strings.Join(strings.Fields(app.HTMLString(a.Render())), " ")
}

func answer(a *apply, ctx app.Context, id string, v form.Value) {
	a.sheet.Put(form.Answers{id: v})
	a.changed(ctx, id)
}

const (
	here = "/apply/131105/f"
	id   = "0123456789abcdef0123456789abcdef"
)

func TestWhatThereIsIsOfferedFirst(t *testing.T) {
	p := &portal{
		list: []*portalv1.Draft{
			{
				Id: id, Place: "131105", Form: "f", Version: "2",
				State: portalv1.DraftState_DRAFT_STATE_OPEN, ChangedAt: 1,
			},
			{Id: "x", Place: "131130", Form: "f", State: portalv1.DraftState_DRAFT_STATE_OPEN},
			{Id: "y", Place: "131105", Form: "f", State: portalv1.DraftState_DRAFT_STATE_DROPPED},
		},
		prefills: []*portalv1.Prefill{
			{Field: "words", Row: -1, Value: []byte(`"前の内容"`), Source: "earlier"},
			{Field: "name", Row: -1, Value: []byte(`"山田花子"`), Source: "household.name", At: 1764000000000},
			{Field: "none", Row: -1, Value: []byte(`"x"`), Source: "profile.mail"},
		},
	}
	a, ctx, _ := open(t, p, here)
	said := html(t, a)
	pagetest.Has(t, said, "下書きがあります", "マイナンバーは聞きません", "署名用パスワード", "書類（当てはまる人）: 写真", "apply-start-known")
	if strings.Count(said, "下書きの続きから始める") != 1 {
		t.Errorf("offers drafts of other forms: %s", said)
	}
	a.start(ctx, true)
	said = html(t, a)
	pagetest.Has(t, said, "だれ")
	if a.sheet.Answers["name"].Text != "山田花子" || a.sheet.Answers["words"].Text != "前の内容" || len(a.sheet.Answers) != 2 {
		t.Errorf("filled in %v", a.sheet.Answers)
	}
	if !a.kept.Dirty["name"] || !a.kept.Dirty["words"] {
		t.Errorf("what was filled in is not saved: %v", a.kept.Dirty)
	}
}

// Who presses before it is known what there is does not press in vain; a draft that there is is offered first.
func TestAPressBeforeItIsKnownWhatThereIsCounts(t *testing.T) {
	for _, there := range []bool{true, false} { // what was begun is there again after a reload
		a, ctx, engine := open(t, &portal{}, here)
		a.listed.Busy = true
		a.startBlank(ctx)
		if a.sheet != nil || !a.wanted {
			t.Fatal("begun before it was known what there is")
		}
		pagetest.Has(t, html(t, a), "button-busy")
		a.listed.Busy = false
		if there {
			a.others = []*portalv1.Draft{{Id: id}}
		}
		a.startWanted(ctx)
		engine.ConsumeAll()
		if begun := a.sheet != nil; begun == there || a.wanted {
			t.Errorf("a draft is there: %v, begun: %v", there, begun)
		}
	}
}

// Who sees a draft offered and begins another one all the same, begins it, whatever else is still looked for.
func TestAPressBesideADraftThatIsOfferedBegins(t *testing.T) {
	a, ctx, _ := open(t, &portal{}, here)
	a.others, a.recalling = []*portalv1.Draft{{Id: id}}, true
	a.startBlank(ctx)
	if a.sheet == nil || a.wanted {
		t.Error("the press is lost")
	}
}

// A link from outside fills in what the form allows, and says so.
func TestALinkFillsInOnlyWhatItMay(t *testing.T) {
	a, ctx, _ := open(t, &portal{}, here+"#why=birth&name=%E5%81%BD&words=hello&why2=x")
	a.start(ctx, false)
	if a.sheet.Answers["why"].Text != "birth" || a.sheet.Answers["words"].Text != "hello" || len(a.sheet.Answers) != 2 {
		t.Errorf("a link filled in %v", a.sheet.Answers)
	}
	pagetest.Has(t, html(t, a), "外からのリンクで入力された内容があります")
	if strings.Contains(ctx.Page().URL().String(), "#") {
		t.Error("what the link gave stays in the address")
	}
}

func TestWhatIsTypedSurvivesAReload(t *testing.T) {
	p := &portal{}
	a, ctx, engine := open(t, p, here)
	a.start(ctx, false)
	answer(a, ctx, "name", form.TextOf("山田花子"))
	a.save()
	engine.ConsumeAll()
	if len(p.saves) != 1 || len(p.saves[0].GetFields()) != 1 ||
		string(p.saves[0].GetFields()[0].GetValue()) != `"山田花子"` {
		t.Fatalf("saved %v", p.saves)
	}
	if len(a.kept.Dirty) != 0 || a.kept.Seen["name"] != 1 {
		t.Errorf("after it was saved: %+v", a.kept)
	}
	p.err = &rpc.Error{Code: rpc.CodeUnavailable, Info: &portalv1.ErrorInfo{Reason: portalv1.Reason_REASON_UNREACHABLE}}
	answer(a, ctx, "why", form.TextOf("other"))
	a.save()
	engine.ConsumeAll()
	pagetest.Has(t, html(t, a), "この端末だけに残っています")
	a.OnDismount()
	p.err = nil
	again, ctx, engine := open(t, p, here)
	if again.sheet == nil || again.sheet.Answers["name"].Text != "山田花子" || again.sheet.Answers["why"].Text != "other" {
		t.Fatalf("after a reload: %+v", again.kept)
	}
	again.save() // what could not be saved is
	engine.ConsumeAll()
	if last := p.saves[len(p.saves)-1].GetFields(); len(last) != 1 || last[0].GetField() != "why" {
		t.Errorf("saved %v", last)
	}
	_ = ctx
}

func TestTwoDevicesLoseNothing(t *testing.T) {
	p := &portal{}
	a, ctx, engine := open(t, p, here)
	a.start(ctx, false)
	answer(a, ctx, "name", form.TextOf("山田花子"))
	answer(a, ctx, "words", form.TextOf("mine"))
	p.answer = &portalv1.SaveDraftResponse{
		Revision: 7, Conflicts: []*portalv1.DraftField{{Field: "words", Value: []byte(`"theirs"`), Seen: 5}},
		News: []*portalv1.DraftField{{Field: "why", Value: []byte(`"birth"`), Seen: 6}},
	}
	a.save()
	engine.ConsumeAll()
	if a.sheet.Answers["why"].Text != "birth" || a.sheet.Answers["words"].Text != "mine" {
		t.Errorf("answers: %v", a.sheet.Answers)
	}
	pagetest.Has(t, html(t, a), "違う内容が1つあります", "mine", "theirs")
	if a.ready() {
		t.Error("is signed although it is not settled")
	}
	p.answer = nil
	a.decide(ctx, "words", true)
	engine.ConsumeAll()
	last := p.saves[len(p.saves)-1].GetFields()
	if len(last) != 1 || last[0].GetSeen() != 5 || string(last[0].GetValue()) != `"mine"` {
		t.Errorf("saved %v", last)
	}
	answer(a, ctx, "words", form.TextOf("mine 2"))
	p.answer = &portalv1.SaveDraftResponse{
		Revision: 9, Conflicts: []*portalv1.DraftField{{Field: "words", Value: []byte(`"theirs 2"`), Seen: 90}},
	}
	a.save()
	engine.ConsumeAll()
	p.answer = nil
	a.decide(ctx, "words", false)
	if a.sheet.Answers["words"].Text != "theirs 2" || a.kept.Dirty["words"] || len(a.conflicts) != 0 {
		t.Errorf("%v, %+v", a.sheet.Answers, a.kept)
	}
}

func TestADraftGoesOnUnderItsVersion(t *testing.T) {
	p := &portal{draft: &portalv1.Draft{
		Id: id, Place: "131105", Form: "f", Version: "1",
		Fields:      []*portalv1.DraftField{{Field: "name", Value: []byte(`"山田花子"`), Seen: 3}},
		Attachments: []*portalv1.Attachment{{Id: "a", Field: "photo", Name: "家.jpg", Size: 9, Come: 4}},
	}}
	a, _, _ := open(t, p, here+"?draft="+id)
	if a.form.Version != "1" || a.sheet.Answers["name"].Text != "山田花子" || a.kept.Seen["name"] != 3 {
		t.Errorf("version %s, %v, %+v", a.form.Version, a.sheet.Answers, a.kept)
	}
	pagetest.Has(t, html(t, a), "新しい版があります", "2026年12月31日")
	if len(a.files["f-photo"]) != 1 || a.files["f-photo"][0].fault.Empty() {
		t.Errorf("the upload that was broken off: %+v", a.files)
	}
}

// whole is a draft that can be signed.
func whole(t *testing.T, p *portal) (*apply, app.Context, app.TestEngine) {
	t.Helper()
	a, ctx, engine := open(t, p, here)
	a.start(ctx, false)
	answer(a, ctx, "why", form.TextOf("birth"))
	answer(a, ctx, "name", form.TextOf("山田花子"))
	answer(a, ctx, "born", form.TextOf("1990-04-15"))
	return a, ctx, engine
}

func TestEverythingIsCheckedBeforeTheCardIsAsked(t *testing.T) {
	a, ctx, _ := open(t, &portal{}, here)
	a.start(ctx, false)
	a.next(ctx)
	if len(a.faults) != 3 || a.at() != "who" {
		t.Errorf("%s with %v", a.at(), a.faults)
	}
	a.sheet.At.Today = "2020-01-01" // the page has been open for days
	flow.Put(ctx, stepReview)
	a.toSign(ctx)
	if len(a.faults) != 3 || a.sheet.At.Today != today() {
		t.Errorf("signs by %s with %v", a.sheet.At.Today, a.faults)
	}
	for _, f := range a.faults { // each leads somewhere
		pagetest.Has(t, html(t, a), `id="`+f.Field+`"`)
	}
	flow.Put(ctx, stepSign)
	a.arrive(ctx)
	if a.at() != stepReview {
		t.Errorf("at %s by the address alone", a.at())
	}
}

func TestWhatIsSignedIsWhatIsSent(t *testing.T) {
	p := &portal{result: &portalv1.SendApplicationResponse{Application: &portalv1.Application{Id: id}}}
	a, ctx, _ := whole(t, p)
	a.next(ctx)
	a.next(ctx)
	if a.at() != stepReview {
		t.Fatalf("at %s with %v", a.at(), a.faults)
	}
	pagetest.Has(t, html(t, a), "まだ送られていません", "出生", "1990年4月15日", "署名する人: 山田花子")
	documents, ready := a.documents(ctx)
	if !ready || len(documents) != 1 || documents[0].Name != "山田花子" ||
		documents[0].Birth != "1990-04-15" {
		t.Fatalf("%v, %+v", ready, documents)
	}
	if err := a.use(context.Background(), [][]byte{[]byte("cms")}, certificate.Holder{}); err != nil {
		t.Fatal(err)
	}
	r := p.sent[0]
	f, err := form.ReadChecked([]byte(definition("2")))
	if err != nil {
		t.Fatal(err)
	}
	answers, err := f.ReadAnswers(r.GetAnswers())
	if err != nil {
		t.Fatal(err)
	}
	made := f.Evaluate(answers, form.Moment{Today: r.GetEnvelope().GetDay(), Office: r.GetPlace()}).
		Document(form.Envelope{
			Language: r.GetEnvelope().GetLanguage(), Office: "131105", Nonce: r.GetEnvelope().GetNonce(),
		})
	if string(made) != string(documents[0].Content) || string(r.GetSignature()) != "cms" ||
		r.GetDraft() != a.kept.Draft {
		t.Errorf("the portal would make %s of it, not %s", made, documents[0].Content)
	}
	a.sent(ctx)
	if a.kept.Draft != "" || vault.HasDraft() {
		t.Error("the draft is there still")
	}
}

func TestWhatThePortalFindsIsSaid(t *testing.T) {
	p := &portal{result: &portalv1.SendApplicationResponse{
		Faults: []*portalv1.FormFault{{Field: "words", Row: -1, Code: "private"}},
	}}
	a, ctx, _ := whole(t, p)
	flow.Put(ctx, stepSign)
	if _, ready := a.documents(ctx); !ready {
		t.Fatal("not ready")
	}
	if err := a.use(context.Background(), [][]byte{nil}, certificate.Holder{}); err != nil {
		t.Fatal(err)
	}
	a.sent(ctx)
	pagetest.Has(t, html(t, a), "「内容」: 外字")
	if a.at() != stepReview || a.kept.Draft == "" {
		t.Errorf("at %s, %+v", a.at(), a.kept)
	}
}

func TestWhatWaitsIsNotSaidToBeSent(t *testing.T) {
	a, ctx, _ := whole(t, &portal{err: rpc.ErrKept()})
	if _, ready := a.documents(ctx); !ready {
		t.Fatal("not ready")
	}
	if err := a.use(context.Background(), [][]byte{nil}, certificate.Holder{}); err != nil {
		t.Fatal(err)
	}
	a.sent(ctx)
	pagetest.Has(t, html(t, a), "まだ送られていません", "到達日は、届いた日")
}

// A returned application opens at what is to be corrected; the rest stays as it was sent.
func TestAReturnIsCorrectedWhereItWasReturned(t *testing.T) {
	p := &portal{draft: &portalv1.Draft{
		Id: id, Place: "131105", Form: "f", Version: "2", Application: id,
		Fields: []*portalv1.DraftField{
			{Field: "name", Value: []byte(`"山田花子"`), Seen: 1}, {Field: "why", Value: []byte(`"birth"`), Seen: 1},
			{Field: "born", Value: []byte(`"1990-04-15"`), Seen: 1},
		},
	}, application: &portalv1.Application{
		Id: id, Number: "2026-1", Signing: &portalv1.Signing{Digest: "abc"},
		Answers: []byte(`{"born":"1990-04-15","name":"山田花子","why":"birth"}`),
		Steps: []*portalv1.ApplicationStep{{
			State: portalv1.ApplicationState_APPLICATION_STATE_RETURNED, DueAt: 1796860800000,
			Reasons: []*portalv1.ReturnReason{{Code: "R02", Fields: []string{"why"}, Text: "住民票と違います"}},
		}},
	}}
	a, ctx, _ := open(t, p, here+"?draft="+id)
	if a.returned == nil || !slices.Equal(a.returned.fields, []string{"why"}) {
		t.Fatalf("%+v", a.returned)
	}
	pagetest.Has(t, html(t, a), "2026年12月10日(木)までに直して", "住民票と違います")
	answer(a, ctx, "why", form.TextOf("other"))
	flow.Put(ctx, stepReview)
	pagetest.Has(t, html(t, a), "変わったところ", "前の内容:")
	documents, ready := a.documents(ctx)
	if !ready {
		t.Fatal(a.sheet.Result.Faults)
	}
	pagetest.Has(t, string(documents[0].Content), `"number":"2026-1"`, `"previous":"abc"`)
	if a.outgoing[0].GetApplication() != id {
		t.Error("is sent as a new one")
	}
}
