package exchange

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/pagetest"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

var asked = time.Date(2026, 7, 3, 12, 14, 7, 0, time.UTC).UnixMilli()

const (
	byAsker    = portalv1.ExchangeSide_EXCHANGE_SIDE_ASKER
	byProvider = portalv1.ExchangeSide_EXCHANGE_SIDE_PROVIDER
)

// record is of an exchange that went well.
func record(change ...func(*portalv1.ExchangeRecord)) *portalv1.ExchangeRecord {
	r := &portalv1.ExchangeRecord{
		Act: portalv1.ExchangeAct_EXCHANGE_ACT_TOOK_PLACE, Side: byAsker, Number: "N1",
		Asker: &portalv1.ExchangeParty{Name: "目黒区長"}, Provider: &portalv1.ExchangeParty{Name: "松本市長"},
		Duty: "child-allowance", Procedure: "claim", Info: "tax", Items: []string{"income"}, AskedAt: asked,
		ProvidedAt: asked + 2000, Result: given, OnBehalf: portalv1.ExchangeFor_EXCHANGE_FOR_SPOUSE, Application: "A1",
	}
	for _, c := range change {
		c(r)
	}
	return r
}

func local(ja string) *portalv1.LocalText {
	return &portalv1.LocalText{Ja: ja, En: ja + "-en", Easy: ja}
}

func someWords() *portalv1.ExchangeWords {
	return &portalv1.ExchangeWords{
		Duties: []*portalv1.ExchangeDuty{{
			Key: "child-allowance", Name: local("児童手当"), Official: "児童手当法による事務", Why: local("親の所得を確かめます"),
			LawName: "児童手当法", LawUrl: "https://laws.e-gov.go.jp/law/346AC0000000073",
			Procedures: []*portalv1.ExchangeProcedure{{Key: "claim", Name: local("認定請求の審査")}},
		}, {Key: staff, Name: local("まどぐちの運営"), LawName: "個人情報の保護に関する法律"}},
		Infos: []*portalv1.ExchangeInfo{{Key: "tax", Name: local("所得の情報"), Official: "地方税関係情報",
			Items: []*portalv1.ExchangeItem{{Key: "income", Name: local("総所得金額等")}}}},
		Offices: []*portalv1.ExchangeOffice{{Name: "目黒区長", What: local("区役所のことです"), Registered: "目黒区"}},
		Laws:    []*portalv1.ExchangeLaw{{Key: "8", Name: local("番号法第19条第8号"), Url: "https://laws.e-gov.go.jp/law/x"}},
	}
}

// line is a line of the ledger about it.
func line(t *testing.T, number uint64, recorded int64, r *portalv1.ExchangeRecord) *portalv1.LedgerLine {
	t.Helper()
	content, err := rpc.Pack(r)
	if err != nil {
		t.Fatal(err)
	}
	return &portalv1.LedgerLine{
		Kind: 1, Chain: 1, Number: number, RecordedAt: recorded, Content: content, Pending: true,
	}
}

func drawn(body ...app.UI) string {
	return strings.Join(strings.Fields(app.HTMLString(app.Div().Body(body...))), " ")
}

// Each outcome is said in words, with what it means, and with what is odd about it.
func TestARowSaysWhatHappened(t *testing.T) {
	for name, c := range map[string]struct {
		exchange *portalv1.Exchange
		records  []*portalv1.ExchangeRecord
		has, not []string
	}{
		"given to both": {&portalv1.Exchange{ByAsker: 1, ByProvider: 2},
			[]*portalv1.ExchangeRecord{record(), record(func(r *portalv1.ExchangeRecord) { r.Side = byProvider })},
			[]string{"目黒区長が、児童手当（認定請求の審査）のために、松本市長に", "所得の情報", "2026年7月3日", "配偶者", "/exchange/of/N1"},
			[]string{"だけの記録です", "はじめて見る役所"}},
		"one side, for the first time": {&portalv1.Exchange{ByAsker: 1, First: true},
			[]*portalv1.ExchangeRecord{record()}, []string{"はじめて見る役所", "たずねた役所だけの記録です"}, nil},
		"the other side": {&portalv1.Exchange{ByProvider: 1},
			[]*portalv1.ExchangeRecord{record(func(r *portalv1.ExchangeRecord) { r.Side = byProvider })},
			[]string{"答えた役所だけの記録です"}, nil},
		"none": {&portalv1.Exchange{ByAsker: 1}, []*portalv1.ExchangeRecord{record(func(r *portalv1.ExchangeRecord) {
			r.Result, r.Items = none, nil
		})}, []string{"該当なし"}, nil},
		"refused": {&portalv1.Exchange{ByAsker: 1}, []*portalv1.ExchangeRecord{record(func(r *portalv1.ExchangeRecord) {
			r.Result, r.Items, r.Reason = refused, nil, "対象外"
		})}, []string{"提供不可"}, nil},
		"waits, though it was answered": {&portalv1.Exchange{ByAsker: 1, ByProvider: 2}, []*portalv1.ExchangeRecord{
			record(func(r *portalv1.ExchangeRecord) { r.Result, r.ProvidedAt, r.Items = waiting, 0, nil }),
			record(func(r *portalv1.ExchangeRecord) { r.Side = byProvider }),
		}, []string{"回答を受けました"}, []string{"回答待ち"}},
		"cancelled, and it differs": {&portalv1.Exchange{ByAsker: 1, Cancelled: 2, Differs: true},
			[]*portalv1.ExchangeRecord{record(), record()}, []string{"取り消"}, nil},
		"asked by oneself": {&portalv1.Exchange{ByPortal: 1, First: true},
			[]*portalv1.ExchangeRecord{record(func(r *portalv1.ExchangeRecord) {
				r.Duty, r.Condition = "own-request", "税・所得"
			})},
			[]string{"あなたが「わたしの情報」で、松本市長に「税・所得」を請求しました"}, []string{"はじめて見る役所"}},
		"looked at by the staff": {&portalv1.Exchange{ByPortal: 1}, []*portalv1.ExchangeRecord{
			record(func(r *portalv1.ExchangeRecord) {
				r.Duty, r.Condition, r.Reason = staff, "お問い合わせ 1234", "返事を書くため"
				r.Asker.Name = "まどぐちの職員（職員7）"
			}),
		}, []string{"まどぐちの職員（職員7）が、あなたの「お問い合わせ 1234」を見ました", "理由：返事を書くため"}, []string{"請求しました"}},
	} {
		t.Run(name, func(t *testing.T) {
			var list told
			var lines []*portalv1.LedgerLine
			for i, r := range c.records {
				lines = append(lines, line(t, uint64(i)+1, asked, r))
			}
			c.exchange.Number = "N1"
			list.add([]*portalv1.Exchange{c.exchange}, lines, someWords())
			html := drawn(list.row(c.exchange))
			pagetest.Has(t, html, c.has...)
			pagetest.HasNot(t, html, c.not...)
		})
	}
}

// Lines of one application stand together, of one office, where they lie together.
func TestWhatIsForOneApplicationStandsTogether(t *testing.T) {
	var list told
	add := func(number uint64, application, asker string) {
		e := &portalv1.Exchange{Number: "N" + lang.Number(int64(number)), ByAsker: number}
		r := record(func(r *portalv1.ExchangeRecord) { r.Application, r.Asker.Name = application, asker })
		list.add([]*portalv1.Exchange{e}, []*portalv1.LedgerLine{line(t, number, asked, r)}, someWords())
	}
	add(1, "A1", "目黒区長")
	add(2, "A1", "目黒区長")
	add(3, "A1", "札幌市長")
	add(4, "", "札幌市長")
	add(5, "", "札幌市長")
	add(6, "A1", "目黒区長")
	var sizes []int
	for _, group := range list.groups() {
		sizes = append(sizes, len(group))
	}
	if len(sizes) != 5 || sizes[0] != 2 {
		t.Error(sizes)
	}
}

// What does not belong to a line's form is left out, and the rest is shown.
func TestALineThatCannotBeRead(t *testing.T) {
	var list told
	e := &portalv1.Exchange{Number: "N1", ByAsker: 1, ByProvider: 2}
	bent := line(t, 1, asked, record())
	bent.Content = []byte{0xff}
	list.add([]*portalv1.Exchange{e}, []*portalv1.LedgerLine{bent, line(t, 2, asked, record())}, someWords())
	pagetest.Has(t, drawn(list.row(e)), "目黒区長が")
	pagetest.HasNot(t, drawn((&told{words: list.words}).row(&portalv1.Exchange{Number: "N9"})), "目黒区長")
}

// The page of one says all: items by name, the law with its link, what an office is, who reported when.
func TestOneIsWhole(t *testing.T) {
	ctx, _ := pagetest.Context(t)
	for _, code := range []lang.Code{lang.Japanese, lang.English, lang.Easy} {
		pagetest.In(t, code)
		e := &portalv1.Exchange{Number: "N1", ByAsker: 1, Law: "8", OtherMayReport: true}
		o := &one{}
		o.take(ctx, &portalv1.GetExchangeResponse{
			Exchange: e, Lines: []*portalv1.LedgerLine{line(t, 1, asked+30*24*3_600_000, record())}, Words: someWords(),
			Claimable: []portalv1.ExchangeSide{byAsker},
			Hints:     []*portalv1.ExchangeHint{{Title: "児童手当のお知らせ", Notice: "n1", Office: "目黒区", At: asked}},
		}, nil)
		html := drawn(o.body()...)
		pagetest.Has(t, html, "総所得金額等", "番号法第19条第8号", "https://laws.e-gov.go.jp/law/346AC0000000073",
			"https://laws.e-gov.go.jp/law/x", "区役所のことです", `href="/notice/n1"`, "/exchange/of/N1/claim", "松本市長")
		if code == lang.Japanese {
			pagetest.Has(t, html, "たずねた役所だけの記録です", "目黒区長", "項目の名前だけで")
		}
		e.Claim = &portalv1.ExchangeClaim{
			State: portalv1.ExchangeClaimState_EXCHANGE_CLAIM_STATE_SENT, Due: "2026-08-02",
		}
		pagetest.HasNot(t, drawn(o.body()...), "/exchange/of/N1/claim")
	}
	pagetest.In(t, lang.Japanese)
	o := &one{}
	o.take(ctx, &portalv1.GetExchangeResponse{
		Exchange: &portalv1.Exchange{Number: "L1", ByPortal: 1, Law: "none"},
		Lines: []*portalv1.LedgerLine{line(t, 1, asked, record(func(r *portalv1.ExchangeRecord) {
			r.Duty, r.Side, r.Reason = staff, portalv1.ExchangeSide_EXCHANGE_SIDE_PORTAL, "返事を書くため"
		}))},
		Words: &portalv1.ExchangeWords{
			Laws: []*portalv1.ExchangeLaw{{Key: "none", Name: local("法律による照会ではありません")}},
		},
	}, nil)
	html := drawn(o.body()...)
	pagetest.Has(t, html, "返事を書くため", "法律による照会ではありません")
	pagetest.HasNot(t, html, `href=""`)
}

// The forms ask for a file of what is listed, in each form that there is.
func TestFilesAreOfWhatIsListed(t *testing.T) {
	l := &list{narrowed: narrowed{year: "2026", office: "目黒区長", result: "2"}}
	html := drawn(l.files())
	for _, format := range []string{"pdf", "csv", "json", "zip"} {
		pagetest.Has(t, html, `value="`+format+`"`, `id="exchange-`+format+`"`)
	}
	pagetest.Has(t, html, `action="/exchange/file"`, `value="2026-01-01"`, `value="2026-12-31"`, `value="目黒区長"`)
	for _, n := range []narrowed{{}, {year: "2026"}, {from: "2026-01-01", to: "2026-02-01", office: "x", duty: "d"}} {
		if again := narrowedBy(n.query()); again != n || n.any() == (n == narrowed{}) {
			t.Errorf("%+v is %+v", n, again)
		}
	}
}

// What the list is narrowed by is named with its law; what the address names and the person has none of, too, and then
// the way back stands where the lines would.
func TestTheListSaysByWhatItIsNarrowed(t *testing.T) {
	facts := &portalv1.ListExchangesResponse{
		Years:  []*portalv1.ExchangeCount{{Key: "2026", Count: 3}},
		Duties: []*portalv1.ExchangeCount{{Key: "child-allowance", Count: 2}, {Key: staff, Count: 1}},
		Found:  31,
	}
	l := &list{loaded: true, narrowed: narrowed{year: "1999", duty: "child-allowance"}, facts: facts}
	l.words.add(someWords())
	html := drawn(l.filter(), l.rows())
	pagetest.Has(t, html, "児童手当・児童手当法（2件）", "まどぐちの運営（1件）", "1999年（0件）", "2026年（3件）", "この条件に合う記録はありません",
		`id="exchange-all"`)
	pagetest.HasNot(t, html, "個人情報の保護に関する法律", "任意", `id="exchange-clear"`)
	if l.count() != 31 {
		t.Errorf("%d of 31", l.count())
	}
	pagetest.HasNot(t, drawn((&list{facts: facts}).rows()), `id="exchange-all"`)
}

func TestPathsOfExchanges(t *testing.T) {
	for _, path := range []string{pathOf("N1"), pathOf("N1") + claimEnding} {
		if numberOf(path) != "N1" {
			t.Error(path, numberOf(path))
		}
	}
}

// news is a portal that tells what is new.
type news struct {
	portalv1web.ExchangeService
	answer *portalv1.ListExchangeNewsResponse
	asked  chan struct{}
}

func (n *news) ListExchangeNews(
	context.Context, *portalv1.ListExchangeNewsRequest,
) (*portalv1.ListExchangeNewsResponse, error) {
	defer func() { n.asked <- struct{}{} }()
	if n.answer == nil {
		return nil, errors.New("out of reach")
	}
	return n.answer, nil
}

// The home page tells what offices are to answer, and who asked for the first time; without an answer it tells the
// rest.
func TestTheHomePageTellsWhatIsNew(t *testing.T) {
	n := &news{asked: make(chan struct{}, 4)}
	before := portal
	portal = func() portalv1web.ExchangeService { return n }
	t.Cleanup(func() { portal = before; stand(nil) })
	ctx, engine := pagetest.Context(t)
	look := func() {
		t.Helper()
		stop := follow(ctx, func(app.Context, error) { t.Error("the page is told of it") })
		<-n.asked
		engine.ConsumeAll()
		stop()
	}
	look()
	if rows, _, known := dues(); len(rows) != 0 || !known {
		t.Error(rows, known)
	}
	n.answer = &portalv1.ListExchangeNewsResponse{
		Claims: []*portalv1.ExchangeNews{{Number: "N1", Office: "目黒区", Due: "2026-12-26"}},
		Firsts: []*portalv1.ExchangeNews{{Number: "N2", Office: "札幌市長"}},
	}
	look()
	for {
		rows, _, _ := dues()
		if len(rows) == 2 && rows[0].By == "2026-12-26" && rows[0].Href == "/exchange/of/N1" &&
			rows[1].Title.String() == "札幌市長が、はじめてあなたの情報をたずねました" {
			break
		}
		time.Sleep(time.Millisecond)
	}
}
