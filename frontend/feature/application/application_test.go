//go:build !js

package application

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/pagetest"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/reach/card"
	"madoguchi/frontend/reach/certificate"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

const (
	id = "0123456789abcdef0123456789abcdef"

	definition = `{"applicant":["self"],"checks":[],"id":"f","sections":[{"fields":[` +
		`{"id":"name","max":"40","required":"true","type":"name"},{"id":"words","max":"20","type":"line"}],"id":"who"}],` +
		`"sign":"card","texts":{"title":{"en":"Form","ja":"申請書"},"section.who":{"en":"Who","ja":"だれ"},` +
		`"name":{"en":"Name","ja":"氏名"},"words":{"en":"Words","ja":"内容"}},"version":"1"}`
)

// fake stands in for the portal.
type fake struct {
	portalv1web.ApplicationService
	portalv1web.DraftService

	it      *portalv1.Application
	drafts  []*portalv1.Draft
	called  []string
	written string
	token   string
	proven  bool
	refuses error
}

func (f *fake) BeginCosign(_ context.Context, r *portalv1.BeginCosignRequest) (*portalv1.BeginCosignResponse, error) {
	f.token = r.GetToken()
	if f.refuses != nil {
		return nil, f.refuses
	}
	if f.proven {
		return &portalv1.BeginCosignResponse{ProvenUntil: time.Now().Add(time.Hour).UnixMilli()}, nil
	}
	return &portalv1.BeginCosignResponse{
		Name: f.it.GetName(), PlaceName: f.it.GetPlaceName(), OfficeName: f.it.GetOfficeName(), DueAt: 1796860800000,
		Challenge: []byte("challenge"), ExpiresAt: time.Now().Add(time.Hour).UnixMilli(),
	}, nil
}

func (f *fake) ProveCosign(_ context.Context, r *portalv1.ProveCosignRequest) (*portalv1.ProveCosignResponse, error) {
	f.called = append(f.called, "prove "+string(r.GetSignature()))
	if f.refuses != nil {
		return nil, f.refuses
	}
	f.proven = true
	return &portalv1.ProveCosignResponse{ProvenUntil: time.Now().Add(time.Hour).UnixMilli()}, nil
}

func (f *fake) ListApplications(
	context.Context, *portalv1.ListApplicationsRequest,
) (*portalv1.ListApplicationsResponse, error) {
	return &portalv1.ListApplicationsResponse{Applications: []*portalv1.Application{f.it}}, nil
}

func (f *fake) GetApplication(
	context.Context, *portalv1.GetApplicationRequest,
) (*portalv1.GetApplicationResponse, error) {
	return &portalv1.GetApplicationResponse{Application: f.it}, nil
}

func (f *fake) GetApplicationSettings(
	context.Context, *portalv1.GetApplicationSettingsRequest,
) (*portalv1.GetApplicationSettingsResponse, error) {
	return &portalv1.GetApplicationSettingsResponse{Settings: &portalv1.ApplicationSettings{}}, nil
}

func (f *fake) ListDrafts(context.Context, *portalv1.ListDraftsRequest) (*portalv1.ListDraftsResponse, error) {
	return &portalv1.ListDraftsResponse{Drafts: f.drafts}, nil
}

func (f *fake) DropDraft(context.Context, *portalv1.DropDraftRequest) (*portalv1.DropDraftResponse, error) {
	f.called = append(f.called, "drop")
	return &portalv1.DropDraftResponse{}, nil
}

func (f *fake) RestoreDraft(context.Context, *portalv1.RestoreDraftRequest) (*portalv1.RestoreDraftResponse, error) {
	f.called = append(f.called, "restore")
	return &portalv1.RestoreDraftResponse{}, nil
}

func (f *fake) GetForm(context.Context, *portalv1.GetFormRequest) (*portalv1.GetFormResponse, error) {
	return &portalv1.GetFormResponse{Definition: []byte(definition)}, nil
}

func (f *fake) WithdrawApplication(
	_ context.Context, r *portalv1.WithdrawApplicationRequest,
) (*portalv1.WithdrawApplicationResponse, error) {
	f.called = append(f.called, "withdraw "+r.GetReason())
	f.it.State, f.it.MayWithdraw = portalv1.ApplicationState_APPLICATION_STATE_WITHDRAWN, false
	return &portalv1.WithdrawApplicationResponse{Application: f.it}, nil
}

func (f *fake) WriteApplication(
	_ context.Context, r *portalv1.WriteApplicationRequest,
) (*portalv1.WriteApplicationResponse, error) {
	f.written = r.GetText()
	f.it.Messages = append(f.it.Messages, &portalv1.ApplicationMessage{Text: r.GetText(), At: 2})
	return &portalv1.WriteApplicationResponse{Application: f.it}, nil
}

func (f *fake) GetCosign(_ context.Context, r *portalv1.GetCosignRequest) (*portalv1.GetCosignResponse, error) {
	f.called = append(f.called, "read "+r.GetToken())
	if !f.proven {
		return nil, refusal(portalv1.Reason_REASON_CARD_AGAIN)
	}
	return &portalv1.GetCosignResponse{
		Application: f.it, Definition: []byte(definition), Signed: []byte("signed"),
		Envelope: &portalv1.ApplicationEnvelope{Day: "2026-11-26"},
	}, nil
}

func (f *fake) SignCosign(_ context.Context, r *portalv1.SignCosignRequest) (*portalv1.SignCosignResponse, error) {
	f.called = append(f.called, "cosign "+string(r.GetSignature()))
	return &portalv1.SignCosignResponse{}, nil
}

func application() *portalv1.Application {
	return &portalv1.Application{
		Id: id, Number: "2026-1", Place: "131105", PlaceName: "目黒区", OfficeName: "子育て支援課", Form: "f", Version: "1",
		Title: "児童手当の認定請求", Name: &portalv1.LocalText{
			Ja: "児童手当《じどうてあて》の認定請求", En: "First claim", Easy: "子《こ》どもの 手当《てあて》",
		},
		State: portalv1.ApplicationState_APPLICATION_STATE_REVIEW, ArrivedAt: 1764000000000, MovedAt: 1764000000000,
		MayWithdraw: true, Answers: []byte(`{"name":"山田花子","words":"後"}`),
		Steps: []*portalv1.ApplicationStep{
			{State: portalv1.ApplicationState_APPLICATION_STATE_ARRIVED, At: 1764000000000},
			{State: portalv1.ApplicationState_APPLICATION_STATE_REVIEW, At: 1764000100000, Note: "審査を始めました"},
		},
	}
}

func enter(t *testing.T, f *fake, address string) (app.Context, app.TestEngine) {
	t.Helper()
	one, other := portal, drafts
	portal = func() portalv1web.ApplicationService { return f }
	drafts = func() portalv1web.DraftService { return f }
	t.Cleanup(func() { portal, drafts = one, other })
	ctx, engine := pagetest.Context(t)
	to, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	ctx.Page().ReplaceURL(to)
	return ctx, engine
}

func html(ui app.UI) string { return strings.Join(strings.Fields(app.HTMLString(ui)), " ") }

func openDetail(t *testing.T, f *fake, query string) (*detail, app.TestEngine) {
	t.Helper()
	ctx, engine := enter(t, f, "/applications/"+id+query)
	d := &detail{}
	d.OnMount(ctx)
	t.Cleanup(d.OnDismount)
	engine.ConsumeAll()
	return d, engine
}

func TestTitlesAreInTheLanguageOfThePage(t *testing.T) {
	f := &fake{it: application(), drafts: []*portalv1.Draft{{
		Id: "d", Title: "前の言葉", State: portalv1.DraftState_DRAFT_STATE_OPEN, Place: "131105", Form: "f",
	}}}
	pagetest.In(t, lang.English)
	ctx, engine := enter(t, f, path)
	l := &list{}
	l.OnMount(ctx)
	t.Cleanup(l.OnDismount)
	engine.ConsumeAll()
	said := html(l.Render())
	pagetest.Has(t, said, "First claim", "前の言葉", "2026-1", `href="/apply/131105/f?draft=d"`)
	pagetest.HasNot(t, said, "児童手当")
	d, _ := openDetail(t, f, "")
	pagetest.Has(t, html(d.Render()), "First claim")
}

func TestADraftIsDroppedAndHadBack(t *testing.T) {
	f := &fake{it: application(), drafts: []*portalv1.Draft{
		{Id: "d", State: portalv1.DraftState_DRAFT_STATE_OPEN},
		{Id: "e", State: portalv1.DraftState_DRAFT_STATE_DROPPED},
	}}
	ctx, engine := enter(t, f, path)
	l := &list{}
	l.OnMount(ctx)
	t.Cleanup(l.OnDismount)
	engine.ConsumeAll()
	pagetest.Has(t, html(l.Render()), `id="drop-d"`, `id="restore-e"`)
	l.drop("d")
	engine.ConsumeAll()
	l.restore("e")
	engine.ConsumeAll()
	if got := strings.Join(f.called, " "); got != "drop restore" {
		t.Errorf("called %s", got)
	}
}

func TestEveryStateHasWordsOfItsOwn(t *testing.T) {
	seen := map[string]bool{}
	last := portalv1.ApplicationState_APPLICATION_STATE_DONE
	for n := portalv1.ApplicationState_APPLICATION_STATE_COSIGN; n <= last; n++ {
		s := stateOf(n)
		if name := s.name.String(); seen[name] || name == "" || s.now.Empty() {
			t.Errorf("state %d is called %q", n, name)
		} else {
			seen[name] = true
		}
	}
}

func TestTheWayIsShownStepByStep(t *testing.T) {
	d, _ := openDetail(t, &fake{it: application()}, "?sent=1")
	said := html(d.Render())
	pagetest.Has(t, said, `class="course"`, "審査を始めました", "2026-1", "二度送る必要はありません", "山田花子")
	if strings.Count(said, `class="course-step"`) != 2 {
		t.Error("not every step is shown")
	}
	pagetest.HasNot(t, said, "訂正したところ")
}

// After a correction the person sees each answer as it was and as it is.
func TestWhatWasCorrectedIsShown(t *testing.T) {
	f := &fake{it: application()}
	f.it.Before = []byte(`{"name":"山田花子","words":"前"}`)
	d, _ := openDetail(t, f, "")
	said := html(d.corrected())
	pagetest.Has(t, said, "訂正したところ", "内容", "前の内容:", ">前<", "今の内容:", ">後<")
	pagetest.HasNot(t, said, "氏名")
}

func TestAReturnNamesItsQuestions(t *testing.T) {
	f := &fake{it: application()}
	f.it.State, f.it.DueAt = portalv1.ApplicationState_APPLICATION_STATE_RETURNED, 1796860800000
	f.it.Steps = append(f.it.Steps, &portalv1.ApplicationStep{
		State: f.it.State, At: 3, Note: "直してください",
		Reasons: []*portalv1.ReturnReason{{Code: "R02", Fields: []string{"words"}}, {Code: "R99", Text: "ほか"}},
	})
	d, _ := openDetail(t, f, "")
	pagetest.Has(t, html(d.returned()), "2026年12月10日", "内容", textR02.String(), "ほか")
	pagetest.Has(t, html(d.rail().UI()), "2026年12月10日", textNowYou.String(), "application-correct")
}

func TestMessagesGoBothWays(t *testing.T) {
	f := &fake{it: application()}
	f.it.Messages = []*portalv1.ApplicationMessage{{ByOffice: true, Text: "お尋ねします", At: 1}}
	d, engine := openDetail(t, f, "")
	d.write(d.visit.Page)
	if d.wrong.Empty() || f.written != "" {
		t.Error("nothing is sent as a message")
	}
	d.more = "はい。"
	d.write(d.visit.Page)
	engine.ConsumeAll()
	if f.written != "はい。" || d.more != "" {
		t.Errorf("wrote %q, %q stays", f.written, d.more)
	}
	pagetest.Has(t, html(d.messages()), "お尋ねします", "はい。", "子育て支援課")
}

func TestItIsWithdrawnWhileItMayBe(t *testing.T) {
	f := &fake{it: application()}
	d, engine := openDetail(t, f, "")
	pagetest.Has(t, html(d.Render()), `id="application-withdraw"`)
	d.reason = "まちがえました"
	d.withdraw(d.visit.Page)
	engine.ConsumeAll()
	if strings.Join(f.called, " ") != "withdraw まちがえました" {
		t.Errorf("called %v", f.called)
	}
	pagetest.HasNot(t, html(d.Render()), `id="application-withdraw"`)
}

func refusal(reason portalv1.Reason) error {
	return &rpc.Error{Code: rpc.CodePermissionDenied, Info: &portalv1.ErrorInfo{Reason: reason}}
}

// openCosign is the page of who is asked to sign, by a link.
func openCosign(t *testing.T, f *fake) (*cosign, app.Context, app.TestEngine) {
	t.Helper()
	ctx, engine := enter(t, f, "/cosign")
	c := &cosign{}
	c.OnMount(ctx)
	pagetest.Has(t, html(c.Render()), textCosignNoLink.String())
	ctx.Page().ReplaceURL(&url.URL{Path: "/cosign", Fragment: "secret"})
	c.OnNav(ctx)
	t.Cleanup(c.OnDismount)
	engine.ConsumeAll()
	if f.token != "secret" {
		t.Errorf("asked with %q", f.token)
	}
	return c, ctx, engine
}

func twoSign() *fake {
	f := &fake{it: application()}
	f.it.Signing = &portalv1.Signing{Signer: "山田太郎"}
	f.it.Cosign = &portalv1.Cosign{Name: "山田花子", Birth: "1990-04-15", Token: "secret"}
	return f
}

// Who holds the link reads what it is about, and no name, before they have proven who they are.
func TestTheSecondPersonProvesReadsAndSignsTheVerySame(t *testing.T) {
	f := twoSign()
	c, ctx, engine := openCosign(t, f)
	said := html(c.Render())
	pagetest.Has(t, said, "児童手当", "目黒区 子育て支援課", "2回入れます", `id="cosign-prove"`)
	pagetest.HasNot(t, said, "山田", "1990", `id="cosign-done"`)
	if len(f.called) != 0 {
		t.Errorf("called %v", f.called)
	}
	documents, ready := c.challenge(ctx)
	if !ready || len(documents) != 1 || string(documents[0].Content) != "challenge" || documents[0].Name != "" {
		t.Errorf("%v, %+v", ready, documents)
	}
	if err := c.prove(t.Context(), [][]byte{[]byte("proof")}, certificate.Holder{Name: "山田 花子"}); err != nil {
		t.Fatal(err)
	}
	engine.ConsumeAll()
	c.proven()
	engine.ConsumeAll()
	pagetest.Has(t, html(c.Render()), "山田太郎", "山田花子", "署名用パスワード", "後")
	documents, ready = c.documents(ctx)
	if !ready || len(documents) != 1 || string(documents[0].Content) != "signed" ||
		documents[0].Birth != "1990-04-15" || documents[0].Name != "山田 花子" {
		t.Errorf("%v, %+v", ready, documents)
	}
	err := c.use(t.Context(), [][]byte{[]byte("cms")}, certificate.Holder{})
	if want := "prove proof, read secret, cosign cms"; err != nil || strings.Join(f.called, ", ") != want {
		t.Errorf("%v, called %v", err, f.called)
	}
	c.over()
	pagetest.Has(t, html(c.Render()), `id="cosign-done"`)
}

// When the proof has ended, it is asked for again; what was read is gone from the page.
func TestAProofThatHasEndedIsAskedForAgain(t *testing.T) {
	f := twoSign()
	f.proven = true
	c, _, engine := openCosign(t, f)
	pagetest.Has(t, html(c.Render()), "山田太郎")
	f.proven = false
	c.again(refusal(portalv1.Reason_REASON_CARD_AGAIN))
	engine.ConsumeAll()
	said := html(c.Render())
	pagetest.Has(t, said, `id="cosign-prove"`)
	pagetest.HasNot(t, said, "山田")
}

// What was read is covered when the proof ends, though nobody touches the page; and it says why.
func TestWhatWasReadIsCoveredWhenTheProofEnds(t *testing.T) {
	f := twoSign()
	f.proven = true
	c, _, engine := openCosign(t, f)
	pagetest.Has(t, html(c.Render()), "山田太郎")
	pagetest.HasNot(t, html(c.Render()), textCosignCovered.String())
	f.proven = false
	c.until = time.Now().UnixMilli()
	c.coverLater()
	for until := time.Now().Add(10 * time.Second); c.invited.GetExpiresAt() == 0; engine.ConsumeAll() {
		if time.Now().After(until) {
			t.Fatal("it is still shown:", html(c.Render()))
		}
	}
	said := html(c.Render())
	pagetest.Has(t, said, `id="cosign-prove"`, textCosignCovered.String())
	pagetest.HasNot(t, said, "山田")
	f.proven = true
	c.proven()
	engine.ConsumeAll()
	pagetest.HasNot(t, html(c.Render()), textCosignCovered.String())
}

func TestALinkThatOpensNothingSaysSo(t *testing.T) {
	for reason, words := range map[portalv1.Reason]lang.Text{
		portalv1.Reason_REASON_NOT_FOUND: textCosignGone, portalv1.Reason_REASON_NOT_ALLOWED: textCosignOwn,
	} {
		f := twoSign()
		f.refuses = refusal(reason)
		c, _, _ := openCosign(t, f)
		pagetest.Has(t, html(c.Render()), words.String())
	}
	f := twoSign()
	c, _, _ := openCosign(t, f)
	f.refuses = refusal(portalv1.Reason_REASON_OTHER_PERSON)
	err := c.prove(t.Context(), [][]byte{nil}, certificate.Holder{})
	if !errors.Is(err, card.ErrOtherPerson) {
		t.Error(err)
	}
}

func TestTheHomePageHearsOfReturnsAndDrafts(t *testing.T) {
	f := &fake{it: application(), drafts: []*portalv1.Draft{
		{Id: "d", Title: "下書き", State: portalv1.DraftState_DRAFT_STATE_OPEN},
		{Id: "e", Application: id, State: portalv1.DraftState_DRAFT_STATE_OPEN},
	}}
	f.it.State, f.it.DueAt = portalv1.ApplicationState_APPLICATION_STATE_RETURNED, 1796860800000
	ctx, engine := enter(t, f, "/home")
	shell.SetSession(shell.Session{State: shell.CitizenState, Owner: "o"})
	t.Cleanup(func() { shell.SetSession(shell.Session{}) })
	heard := 0
	stop := follow(ctx, func(app.Context, error) { heard++ })
	defer stop()
	engine.ConsumeAll()
	rows, _, _ := dues()
	if len(rows) != 2 || rows[0].By != "2026-12-10" || rows[1].ID != "draft-d" || heard == 0 {
		t.Errorf("heard %d times of %+v", heard, rows)
	}
	shell.SetSession(shell.Session{State: shell.CitizenState, Owner: "p"})
	if rows, _, _ := dues(); len(rows) != 0 {
		t.Errorf("another person sees %+v", rows)
	}
}
