package draft

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"madoguchi/frontend/frame/pagetest"
	"madoguchi/frontend/part/flow"
	"madoguchi/frontend/reach/certificate"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/frontend/reach/vault"
	"madoguchi/proto/form"
	bridgev2 "madoguchi/proto/gen/bridge/v2"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// other is a form that asks some of what f asks, and for an address.
const other = `{"applicant":["self"],"checks":[],"id":"g","sections":[` +
	`{"fields":[{"id":"parent_name","max":"40","prefill":["card.name"],"required":"true","type":"name"},` +
	`{"id":"parent_born","prefill":["card.birth"],"required":"true","type":"day"},` +
	`{"id":"parent_sex","options":["male","female"],"prefill":["card.sex"],"type":"choice"},` +
	`{"id":"parent_town","max":"80","prefill":["card.address"],"type":"line"},` +
	`{"id":"words","max":"20","type":"line"},{"id":"why","max":"20","type":"line"}],"id":"parents"}],"sign":"card",` +
	`"texts":{"title":{"en":"Other","ja":"別の申請書"},"section.parents":{"en":"Parents","ja":"保護者"},` +
	`"parent_name":{"en":"Name","ja":"氏名"},"parent_born":{"en":"Birth","ja":"生年月日"},` +
	`"parent_sex":{"en":"Sex","ja":"性別"},"parent_sex.male":{"en":"Male","ja":"男"},` +
	`"parent_sex.female":{"en":"Female","ja":"女"},"parent_town":{"en":"Town","ja":"町名"},` +
	`"words":{"en":"Words","ja":"内容"},"why":{"en":"Why else","ja":"ほかの理由"}},"version":"2"}`

func face() *bridgev2.Attributes {
	return &bridgev2.Attributes{Name: "山田　花子", BirthDate: "19900415", Sex: "2", Address: "東京都目黒区上目黒九丁目999番1号"}
}

func TestTheCardAnswersWhatItMayAndOverwritesNothing(t *testing.T) {
	a, ctx, _ := open(t, &portal{}, here)
	a.start(ctx, false)
	pagetest.Has(t, html(t, a), "カードから写す")
	answer(a, ctx, "name", form.TextOf("山田ハナコ"))
	a.copied(ctx, face())
	if a.sheet.Answers["born"].Text != "1990-04-15" || a.sheet.Answers["name"].Text != "山田ハナコ" {
		t.Errorf("%v", a.sheet.Answers)
	}
	if a.sheet.Choices() != 1 || !a.kept.Dirty["born"] || a.kept.From["born"].Source != "card" {
		t.Errorf("%d to be chosen, %+v", a.sheet.Choices(), a.kept)
	}
	pagetest.Has(t, html(t, a), "1つの質問に入れました。違う内容が1つあります")
	// From where it came is said after a reload, too, and no more once it is typed over.
	a.keep()
	a.OnDismount()
	a, _, _ = open(t, &portal{}, here)
	if !a.sheet.Sourced("born") || a.sheet.Sourced("name") {
		t.Error("from where an answer came is forgotten")
	}
}

// An agent's card does not answer what is asked of the person they apply for.
func TestACardAnswersOnlyForItsHolder(t *testing.T) {
	agent := strings.Replace(other, `["self"]`, `["self","agent"]`, 1)
	agent = strings.Replace(agent, `{"id":"why","max":"20","type":"line"}`,
		`{"id":"filer_who","options":["self","legal"],"type":"choice"}`, 1)
	agent = strings.Replace(agent, `"why":{"en":"Why else","ja":"ほかの理由"}`, `"filer_who":{"en":"Who","ja":"だれ"},`+
		`"filer_who.self":{"en":"I","ja":"本人"},"filer_who.legal":{"en":"Legal","ja":"法定代理人"}`, 1)
	a, ctx, _ := open(t, &portal{forms: map[string]string{"g": agent}}, "/apply/131105/g")
	a.start(ctx, false)
	pagetest.Has(t, html(t, a), "カードから写す")
	answer(a, ctx, "filer_who", form.TextOf("legal"))
	pagetest.HasNot(t, html(t, a), "カードから写す")
}

func TestAddressesThatAreTheSame(t *testing.T) {
	for _, same := range [][2]string{
		{"上目黒九丁目999番1号", "上目黒９－９９９－１"}, {"上目黒十二丁目3番地の4", "上目黒12-3-4"}, {"一番町二十三番地", "一番町23"},
		{"泉町 1-2", "泉町一丁目2番"}, {"字大野100", "字大野一〇〇"},
	} {
		if a, b := folded(same[0]), folded(same[1]); a != b {
			t.Errorf("%s is %q, %s is %q", same[0], a, same[1], b)
		}
	}
	if folded("上目黒1-2-3") == folded("上目黒1-23") {
		t.Error("two houses are one")
	}
	if town, building := cutBuilding("上目黒九丁目999番1号　メゾン目黒 101"); town != "上目黒九丁目999番1号" || building != "メゾン目黒 101" {
		t.Errorf("%q, %q", town, building)
	}
}

// What the certificate has otherwise is said before anything is sent.
func TestTheCertificateIsComparedBeforeItIsSent(t *testing.T) {
	p := &portal{forms: map[string]string{"g": other}}
	a, ctx, engine := open(t, p, "/apply/131105/g")
	a.start(ctx, false)
	answer(a, ctx, "parent_name", form.TextOf("山田花子"))
	answer(a, ctx, "parent_born", form.TextOf("1990-04-15"))
	answer(a, ctx, "parent_sex", form.TextOf("female"))
	answer(a, ctx, "parent_town", form.TextOf("上目黒9-999-1"))
	by := certificate.Holder{Name: "山田花子", Address: face().GetAddress(), Sex: "2"}
	sign := func() {
		flow.Put(ctx, stepSign)
		if _, ready := a.documents(ctx); !ready {
			t.Fatal(a.sheet.Result.Faults)
		}
		if err := a.use(context.Background(), [][]byte{[]byte("cms")}, by); err != nil {
			t.Fatal(err)
		}
		a.sent(ctx)
	}
	by.Address = "東京都目黒区中目黒一丁目1番1号"
	sign()
	if len(p.sent) != 0 {
		t.Fatal("is sent although the certificate says something else")
	}
	pagetest.Has(t, html(t, a), "違うところがあります", "上目黒9-999-1", "中目黒一丁目1番1号", "このまま送る")
	a.sendAsIs(ctx)
	engine.ConsumeAll()
	if len(p.sent) != 1 || string(p.sent[0].GetSignature()) != "cms" {
		t.Fatalf("sent %v", p.sent)
	}
}

func TestWhatIsTheSameIsNotAsked(t *testing.T) {
	p := &portal{forms: map[string]string{"g": other}}
	a, ctx, _ := open(t, p, "/apply/131105/g")
	a.start(ctx, false)
	answer(a, ctx, "parent_name", form.TextOf("山田花子"))
	answer(a, ctx, "parent_born", form.TextOf("1990-04-15"))
	answer(a, ctx, "parent_town", form.TextOf("上目黒9-999-1"))
	if _, ready := a.documents(ctx); !ready {
		t.Fatal(a.sheet.Result.Faults)
	}
	by := certificate.Holder{Name: "山田花子", Address: face().GetAddress(), Sex: "2"}
	if err := a.use(context.Background(), [][]byte{nil}, by); err != nil || len(p.sent) != 1 {
		t.Errorf("%v, sent %v, %+v", err, p.sent, a.differing)
	}
}

// Two forms go after another: what was answered once is not asked again, the card signs both at once, and each has a
// receipt of its own.
func TestSeveralAreFiledInOneGo(t *testing.T) {
	p := &portal{forms: map[string]string{"g": other}}
	a, ctx, engine := open(t, p, "/apply/131105/f,g")
	pagetest.Has(t, html(t, a), "2つの申請を続けて出します", "別の申請書")
	a.start(ctx, false)
	answer(a, ctx, "why", form.TextOf("birth"))
	answer(a, ctx, "name", form.TextOf("山田花子"))
	answer(a, ctx, "born", form.TextOf("1990-04-15"))
	answer(a, ctx, "words", form.TextOf("同じ内容"))
	flow.Put(ctx, stepReview)
	pagetest.Has(t, html(t, a), "次の申請へ（別の申請書）")
	pagetest.HasNot(t, html(t, a), "署名に進む")
	a.toPart(ctx, "g", "")
	engine.ConsumeAll()
	if a.name != "g" || a.sheet == nil {
		t.Fatalf("at %s, begun %v", a.name, a.sheet != nil)
	}
	got := a.sheet.Answers
	if got["parent_name"].Text != "山田花子" || got["parent_born"].Text != "1990-04-15" || got["words"].Text != "同じ内容" {
		t.Errorf("of what was answered before: %v", got)
	}
	if _, is := got["why"]; is {
		t.Error("another question of the same name is answered")
	}
	flow.Put(ctx, stepReview)
	pagetest.Has(t, html(t, a), "署名に進む")
	documents, ready := a.documents(ctx)
	if !ready || len(documents) != 2 || documents[0].Title != "申請書" || documents[1].Title != "別の申請書" ||
		documents[0].Name != documents[1].Name || bytes.Equal(documents[0].Content, documents[1].Content) {
		t.Fatalf("%v, %+v", ready, documents)
	}
	if err := a.use(context.Background(), [][]byte{[]byte("1"), []byte("2")}, certificate.Holder{}); err != nil {
		t.Fatal(err)
	}
	a.sent(ctx)
	if len(p.sent) != 2 || string(p.sent[0].GetSignature()) != "1" || p.sent[0].GetForm() != "f" ||
		p.sent[0].GetId() == p.sent[1].GetId() {
		t.Fatalf("sent %v", p.sent)
	}
	pagetest.Has(t, html(t, a), "2つの申請を送りました", "2026-f", "2026-g")
	if vault.HasDraft() {
		t.Error("a draft is there still")
	}
}

func TestOfSeveralTheOneThatIsNotReadyIsShown(t *testing.T) {
	a, ctx, engine := open(t, &portal{forms: map[string]string{"g": other}}, "/apply/131105/f,g?form=g")
	a.start(ctx, false)
	answer(a, ctx, "parent_name", form.TextOf("山田花子"))
	answer(a, ctx, "parent_born", form.TextOf("1990-04-15"))
	if _, ready := a.documents(ctx); ready {
		t.Fatal("signs with a form that was not begun")
	}
	engine.ConsumeAll()
	if a.name != "f" {
		t.Errorf("at %s", a.name)
	}
}

// What one of several is refused for is mended; what was sent is done with.
func TestOfSeveralWhatIsRefusedStays(t *testing.T) {
	a, ctx, engine := open(t, &portal{forms: map[string]string{"g": other}}, "/apply/131105/f,g?form=g")
	a.start(ctx, false)
	a.came = []sentBy{
		{name: "f", application: &portalv1.Application{Id: id}},
		{name: "g", faults: []*portalv1.FormFault{{Field: "words", Row: -1, Code: "private"}}},
	}
	a.again(ctx, a.came[1:], false)
	engine.ConsumeAll()
	pagetest.Has(t, html(t, a), "「内容」: 外字")
}

func openVault(t *testing.T) {
	t.Helper()
	if err := vault.OpenBySession(t.Context(), "hanako", bytes.Repeat([]byte("s"), 32), false); err != nil {
		t.Fatal(err)
	}
}

func unreachable() error {
	return &rpc.Error{Code: rpc.CodeUnavailable, Info: &portalv1.ErrorInfo{Reason: portalv1.Reason_REASON_UNREACHABLE}}
}

// typedOffline types into a draft while the portal is out of reach, and has the browser end.
func typedOffline(t *testing.T) (draft string) {
	t.Helper()
	p := &portal{}
	a, ctx, engine := open(t, p, here)
	openVault(t)
	engine.ConsumeAll()
	a.start(ctx, false)
	answer(a, ctx, "name", form.TextOf("山田花子"))
	p.err = unreachable()
	a.save()
	engine.ConsumeAll()
	pagetest.Has(t, html(t, a), "鍵をかけて残っています")
	draft = a.kept.Draft
	a.OnDismount()
	vault.DropAll() // what the tab had goes with it
	return draft
}

func TestWhatIsTypedOfflineSurvivesTheBrowser(t *testing.T) {
	typedOffline(t)
	p := &portal{}
	a, ctx, engine := open(t, p, here)
	pagetest.Has(t, html(t, a), "この端末だけに残っている下書きがあります")
	a.resume(ctx, a.lying[0].Kept)
	engine.ConsumeAll()
	if a.sheet.Answers["name"].Text != "山田花子" {
		t.Fatalf("%v", a.sheet.Answers)
	}
	a.save()
	engine.ConsumeAll()
	if len(p.saves) != 1 || p.saves[0].GetFields()[0].GetField() != "name" {
		t.Errorf("saved %v", p.saves)
	}
	a.over(a.name)
	engine.ConsumeAll()
	if left, err := vault.List(t.Context(), device); err != nil || len(left) != 0 {
		t.Errorf("%v, %d left on the device", err, len(left))
	}
}

// The folder's draft and the device's meet field by field.
func TestTheDeviceMeetsTheFolder(t *testing.T) {
	draft := typedOffline(t)
	p := &portal{draft: &portalv1.Draft{
		Id: draft, Place: "131105", Form: "f", Version: "2", Fields: []*portalv1.DraftField{
			{Field: "name", Value: []byte(`"山田太郎"`), Seen: 4}, {Field: "words", Value: []byte(`"theirs"`), Seen: 4},
		},
	}}
	a, ctx, engine := open(t, p, here+"?draft="+draft)
	if a.sheet.Answers["words"].Text != "theirs" || a.sheet.Answers["name"].Text != "山田花子" {
		t.Errorf("%v", a.sheet.Answers)
	}
	pagetest.Has(t, html(t, a), "違う内容が1つあります", "山田花子", "山田太郎")
	a.decide(ctx, "name", true)
	engine.ConsumeAll()
	if len(a.conflicts) != 0 || len(p.saves) != 1 || p.saves[0].GetFields()[0].GetSeen() != 4 {
		t.Errorf("%v, saved %v", a.conflicts, p.saves)
	}
}

// What nobody opens again goes to the folder by itself.
func TestTheDeviceBringsWhatTheFolderHasNot(t *testing.T) {
	draft := typedOffline(t)
	p := &portal{}
	open(t, p, "/apply/131130/f") // another form
	bring(t.Context())
	if len(p.saves) != 1 || p.saves[0].GetId() != draft || string(p.saves[0].GetFields()[0].GetValue()) != `"山田花子"` {
		t.Fatalf("saved %v", p.saves)
	}
	bring(t.Context())
	if len(p.saves) != 1 {
		t.Error("saved twice")
	}
}

// What another device has sent meanwhile is no draft any more.
func TestTheDeviceForgetsWhatWasSentElsewhere(t *testing.T) {
	typedOffline(t)
	p := &portal{err: &rpc.Error{
		Code: rpc.CodeUnavailable, Info: &portalv1.ErrorInfo{Reason: portalv1.Reason_REASON_ALREADY_DONE},
	}}
	open(t, p, "/apply/131130/f") // another form
	bring(t.Context())
	if left, err := vault.List(t.Context(), device); err != nil || len(left) != 0 {
		t.Errorf("%v, %d left on the device", err, len(left))
	}
}

// Where no vault is open, as on a device that others use, too, nothing but the tab keeps a draft.
func TestNothingIsKeptWhereNoVaultIsOpen(t *testing.T) {
	p := &portal{err: unreachable()}
	a, ctx, engine := open(t, p, here)
	a.start(ctx, false)
	answer(a, ctx, "name", form.TextOf("山田花子"))
	a.save()
	engine.ConsumeAll()
	pagetest.Has(t, html(t, a), "このタブを閉じないでください")
	if a.sealed {
		t.Error("is said to be kept")
	}
}

// A link from outside is remembered over the login, in this tab alone, and said.
func TestALinkOutlivesTheLogin(t *testing.T) {
	t.Cleanup(vault.Clear)
	vault.Save(linkDraft, outside{Path: here, Fragment: "why=birth&words=%E3%81%82%26b", Host: "city.example"})
	a, ctx, _ := open(t, &portal{}, here)
	pagetest.Has(t, html(t, a), "外のサイト（city.example）のリンクで開かれました")
	a.start(ctx, false)
	if a.sheet.Answers["why"].Text != "birth" || a.sheet.Answers["words"].Text != "あ&b" {
		t.Errorf("%v", a.sheet.Answers)
	}
	var left outside
	if vault.Load(linkDraft, &left) {
		t.Error("the link is remembered still")
	}
	vault.Save(linkDraft, outside{Path: "/apply/131130/f", Fragment: "why=birth"})
	if a, _, _ = open(t, &portal{}, here+"?x"); a.outside.is() {
		t.Error("a link to another form opens this one")
	}
}

// newer asks one question more and one less than the first version.
func newer(version string) string {
	d := strings.Replace(definition(version), `{"id":"words","link":true,"max":"20","prefill":["earlier"],"type":"line"}`,
		`{"id":"more","max":"20","type":"line"}`, 1)
	return strings.Replace(d, `"words":{"en":"Words","ja":"内容"}`, `"more":{"en":"More","ja":"新しい質問"}`, 1)
}

type twoVersions struct{ portal }

func (p *twoVersions) GetForm(ctx context.Context, r *portalv1.GetFormRequest) (*portalv1.GetFormResponse, error) {
	got, err := p.portal.GetForm(ctx, r)
	if err == nil && r.GetVersion() != "1" {
		got.Definition = []byte(newer("2"))
	}
	return got, err
}

func oldDraft() *portalv1.Draft {
	return &portalv1.Draft{
		Id: id, Place: "131105", Form: "f", Version: "1", Fields: []*portalv1.DraftField{
			{Field: "name", Value: []byte(`"山田花子"`), Seen: 3}, {Field: "words", Value: []byte(`"前の内容"`), Seen: 3},
		},
	}
}

func TestANewerVersionSaysWhatItChanges(t *testing.T) {
	p := &twoVersions{portal{draft: oldDraft()}}
	a, ctx, engine := openOn(t, p, here+"?draft="+id)
	pagetest.Has(t, html(t, a), "新しい版があります", "なくなる質問: 内容（入力した内容は移りません）", "増える質問: 新しい質問")
	if a.form.Version != "1" {
		t.Fatalf("goes on under %s", a.form.Version)
	}
	a.renew(ctx)
	engine.ConsumeAll()
	if a.form.Version != "2" || a.sheet.Answers["name"].Text != "山田花子" || len(a.sheet.Answers) != 1 {
		t.Errorf("%s, %v", a.form.Version, a.sheet.Answers)
	}
	pagetest.Has(t, html(t, a), "移せなかった内容", "前の内容")
	a.save()
	engine.ConsumeAll()
	if len(p.saves) != 1 || p.saves[0].GetVersion() != "2" {
		t.Errorf("the folder hears %v", p.saves)
	}
}

func TestAVersionThatIsTakenNoMoreIsLeft(t *testing.T) {
	p := &twoVersions{portal{draft: oldDraft(), unheld: "1"}}
	a, _, _ := openOn(t, p, here+"?draft="+id)
	if a.form == nil || a.form.Version != "2" || a.sheet.Answers["name"].Text != "山田花子" {
		t.Fatalf("%+v", a.kept)
	}
	pagetest.Has(t, html(t, a), "受け付けが終わったため", "前の内容")
	if _, is := a.sheet.Answers["words"]; is {
		t.Error("an answer to nothing stays among the answers")
	}
}
