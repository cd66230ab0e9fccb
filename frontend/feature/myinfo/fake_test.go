package myinfo

import (
	"context"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
)

func local(ja string) *portalv1.LocalText { return &portalv1.LocalText{Ja: ja, En: ja, Easy: ja} }

func item(key, name string, kind portalv1.InfoType) *portalv1.InfoItem {
	return &portalv1.InfoItem{Key: key, Name: local(name), Type: kind, Meaning: local(name + "の意味")}
}

// offered are a few of what can be asked for, one of each kind of view.
func offered() *catalog {
	checkup := item("5.systolic", "収縮期血圧", portalv1.InfoType_INFO_TYPE_NUMBER)
	checkup.Unit, checkup.High = "mmHg", "129"
	pensionNumber := item("16.number", "基礎年金番号", portalv1.InfoType_INFO_TYPE_CODE)
	pensionNumber.Covered = true
	return &catalog{[]*portalv1.InfoField{
		{Key: "health", Name: local("健康・医療"), Categories: []*portalv1.InfoCategory{
			{
				Number: 2, Name: local("診療・薬剤"), Holder: local("支払基金"), Lead: local("薬の記録"),
				Words:       []string{"薬なに飲んでたっけ", "お薬手帳"},
				Sensitivity: portalv1.InfoSensitivity_INFO_SENSITIVITY_SENSITIVE, Details: []*portalv1.InfoDetail{{
					Key: "2.medicine", Name: local("薬剤"), View: portalv1.InfoView_INFO_VIEW_TIMELINE,
					Period: portalv1.InfoPeriod_INFO_PERIOD_MONTHS, First: "2021-11-01", Last: "2026-11-30",
					DefaultFrom: "2025-12-01", DefaultTo: "2026-11-30", Items: []*portalv1.InfoItem{
						item("2.day", "調剤年月日", portalv1.InfoType_INFO_TYPE_DAY),
						item("2.name", "医薬品名", portalv1.InfoType_INFO_TYPE_TEXT),
						item("2.dose", "用量", portalv1.InfoType_INFO_TYPE_TEXT),
					},
				}},
			},
			{
				Number: 5, Name: local("特定健診"), Holder: local("保険者"), Details: []*portalv1.InfoDetail{{
					Key: "5.checkup", Name: local("健診の結果"), View: portalv1.InfoView_INFO_VIEW_COMPARE,
					Period: portalv1.InfoPeriod_INFO_PERIOD_FISCAL_YEARS, First: "2021-04-01", Last: "2027-03-31",
					DefaultFrom: "2022-04-01", DefaultTo: "2027-03-31", Items: []*portalv1.InfoItem{
						item("5.day", "受診日", portalv1.InfoType_INFO_TYPE_DAY), checkup,
					},
				}},
			},
		}},
		{Key: "tax", Name: local("税・所得・口座"), Categories: []*portalv1.InfoCategory{{
			Number: 13, Name: local("税・所得"), Holder: local("市区町村"), Names: []string{"地方税関係情報"},
			Words: []string{"ふるさと納税 反映"}, Notes: []*portalv1.LocalText{local("1月1日の住所の市区町村が持っています。")},
			NotesVersion: 3, Details: []*portalv1.InfoDetail{{
				Key: "13.tax", Name: local("住民税"), View: portalv1.InfoView_INFO_VIEW_CARD,
				Period: portalv1.InfoPeriod_INFO_PERIOD_TAX_YEAR, First: "2021-04-01", Last: "2027-03-31",
				DefaultFrom: "2026-04-01", DefaultTo: "2027-03-31", AsksPlace: true, Items: []*portalv1.InfoItem{
					item("13.total", "年税額", portalv1.InfoType_INFO_TYPE_YEN),
					item("13.income", "合計所得金額", portalv1.InfoType_INFO_TYPE_YEN),
					item("13.donation", "寄附金税額控除額", portalv1.InfoType_INFO_TYPE_YEN),
					item("13.declared", "申告", portalv1.InfoType_INFO_TYPE_TEXT),
					item("13.grade", "級地", portalv1.InfoType_INFO_TYPE_TEXT),
					item("13.next", "次の年度", portalv1.InfoType_INFO_TYPE_TEXT),
					item("13.odd", "控除の内訳", portalv1.InfoType_INFO_TYPE_TEXT),
				},
			}},
		}}},
		{Key: "pension", Name: local("年金"), Categories: []*portalv1.InfoCategory{{
			Number: 16, Name: local("年金"), Holder: local("日本年金機構"), Details: []*portalv1.InfoDetail{{
				Key: "16.record", Name: local("加入記録"), View: portalv1.InfoView_INFO_VIEW_CARD,
				Period: portalv1.InfoPeriod_INFO_PERIOD_NOW, Items: []*portalv1.InfoItem{pensionNumber},
			}},
		}}},
		{Key: "welfare", Name: local("世帯・福祉"), Categories: []*portalv1.InfoCategory{{
			Number: 25, Name: local("生活保護"), Holder: local("福祉事務所"),
			Sensitivity: portalv1.InfoSensitivity_INFO_SENSITIVITY_COVERED, Details: []*portalv1.InfoDetail{{
				Key: "25.support", Name: local("扶助"), View: portalv1.InfoView_INFO_VIEW_CARD,
				Period: portalv1.InfoPeriod_INFO_PERIOD_NOW,
			}},
		}}},
	}}
}

func (c *catalog) must(t *testing.T, key string) entry {
	t.Helper()
	e, ok := c.detail(key)
	if !ok {
		t.Fatalf("%s is not in the catalogue", key)
	}
	return e
}

// office is the portal's half, as far as a test says what it answers.
type office struct {
	portalv1web.MyInfoService
	plans []*portalv1.InfoPlan
	asked []*portalv1.AskInfoRequest
	list  *portalv1.ListInfoRequestsResponse
	fails error
}

// serve has the pages of a test talk to it.
func (o *office) serve(t *testing.T) {
	t.Helper()
	before := portal
	portal = func() portalv1web.MyInfoService { return o }
	t.Cleanup(func() {
		portal = before
		known.of = nil
		stand(false, 0, 0)
	})
}

func (o *office) GetInfoCatalog(
	context.Context, *portalv1.GetInfoCatalogRequest,
) (*portalv1.GetInfoCatalogResponse, error) {
	return &portalv1.GetInfoCatalogResponse{Fields: offered().fields}, o.fails
}

func (o *office) ListInfoRequests(
	context.Context, *portalv1.ListInfoRequestsRequest,
) (*portalv1.ListInfoRequestsResponse, error) {
	return o.list, o.fails
}

func (o *office) PlanInfo(context.Context, *portalv1.PlanInfoRequest) (*portalv1.PlanInfoResponse, error) {
	return &portalv1.PlanInfoResponse{Plans: o.plans}, o.fails
}

func (o *office) AskInfo(_ context.Context, r *portalv1.AskInfoRequest) (*portalv1.AskInfoResponse, error) {
	o.asked = append(o.asked, r)
	response := &portalv1.AskInfoResponse{}
	for _, w := range r.GetWishes() {
		response.Requests = append(response.Requests, &portalv1.InfoRequest{
			Id: "id-" + w.GetDetail(), Wish: w, Office: "目黒区", State: portalv1.InfoState_INFO_STATE_WAITING,
		})
	}
	return response, o.fails
}

var unreachable = &rpc.Error{Code: rpc.CodeUnavailable, Text: "down"}

// drawn is a part of a page as HTML.
type drawn struct {
	app.Compo
	draw func() []app.UI
}

func (d *drawn) Render() app.UI { return app.Div().Body(d.draw()...) }
