package desk_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"connectrpc.com/connect"

	"madoguchi/backend/sandbox/desk"
	"madoguchi/backend/sandbox/mailbox"
	"madoguchi/backend/sandbox/office"
	"madoguchi/backend/sandbox/part"
	"madoguchi/backend/sandbox/room"
	officev1 "madoguchi/proto/gen/office/v1"
	"madoguchi/proto/gen/office/v1/officev1connect"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// catalogue is a portal that keeps the entries of one office and remembers what it was asked for last.
type catalogue struct {
	mu      sync.Mutex
	entries []*officev1.OwnProcedure
	put     *officev1.PutProceduresRequest
	ended   *officev1.EndProcedureRequest
}

func (c *catalogue) ListProcedures(
	context.Context, *officev1.ListProceduresRequest,
) (*officev1.ListProceduresResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return &officev1.ListProceduresResponse{Procedures: slices.Clone(c.entries)}, nil
}

func (c *catalogue) PutProcedures(
	_ context.Context, request *officev1.PutProceduresRequest,
) (*officev1.PutProceduresResponse, error) {
	if err := notPast(request.GetEffectiveFrom()); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	content := request.GetProcedures()[0]
	answer := &officev1.PutProceduresResponse{}
	if utf8.RuneCountInString(content.GetTitle()) > 20 {
		answer.Errors = append(answer.Errors, &officev1.EntryError{Field: "title", Message: "手続名が<長すぎ>ます。"})
	}
	if content.GetDeadline() == "" && content.GetDeadlineRule() != nil {
		answer.Errors = append(answer.Errors, &officev1.EntryError{Field: "deadline_rule", Message: "言葉でも書いてください。"})
	}
	if slices.Contains(content.GetBring(), "") {
		answer.Errors = append(answer.Errors, &officev1.EntryError{Field: "bring[0]", Message: "空の項目があります。"})
	}
	if len(answer.GetErrors()) == 0 {
		c.put = request
		answer.Registered = 1
		if content.GetTitle() == "同じ" {
			answer.Registered, answer.Unchanged = 0, 1
		}
	}
	return answer, nil
}

func (c *catalogue) EndProcedure(
	_ context.Context, request *officev1.EndProcedureRequest,
) (*officev1.EndProcedureResponse, error) {
	if err := notPast(request.GetEffectiveFrom()); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if request.GetNumber() == "L0003" {
		return nil, connect.NewError(connect.CodeNotFound, errors.New("ended already"))
	}
	c.ended = request
	return &officev1.EndProcedureResponse{}, nil
}

// notPast refuses a day as the portal does.
func notPast(day string) error {
	if day >= "2026-01-01" {
		return nil
	}
	refusal := connect.NewError(connect.CodeInvalidArgument, errors.New("invalid"))
	detail, err := connect.NewErrorDetail(&portalv1.ErrorInfo{
		Reason: portalv1.Reason_REASON_INVALID_FIELD, Field: "effective_from",
	})
	if err != nil {
		return err
	}
	refusal.AddDetail(detail)
	return refusal
}

// open gives the desk's pages before such a portal.
func open(t *testing.T) (base string, c *catalogue) {
	t.Helper()
	c = &catalogue{entries: []*officev1.OwnProcedure{
		{PlaceCode: "131105", Version: 1, EffectiveFrom: "2026-04-01", Content: &portalv1.ProcedureContent{
			Number: "L0001", Title: "<b>農地</b>の届出", Deadline: "14日以内",
			DeadlineRule: &portalv1.DeadlineRule{From: "move", Within: "14d"}, Bring: []string{"はんこ"},
		}},
		{
			PlaceCode: "131105", Version: 2, EffectiveFrom: "9999-04-01", Content: &portalv1.ProcedureContent{
				Number: "P0012", Definition: "P0012", Summary: "来年度の案内",
			},
		},
		{
			PlaceCode: "131105", Version: 3, EffectiveFrom: "2026-05-01", Ended: true,
			Content: &portalv1.ProcedureContent{Number: "L0003", Title: "廃止した手続"},
		},
		{
			PlaceCode: "131105", Version: 1, EffectiveFrom: "2026-05-01", Content: &portalv1.ProcedureContent{
				Number: "L0004", Title: "古い手続", Bring: []string{""},
			},
		},
	}}
	mux := http.NewServeMux()
	mux.Handle(officev1connect.NewProcedureServiceHandler(c))
	gateway := httptest.NewUnstartedServer(mux)
	gateway.EnableHTTP2 = true
	gateway.StartTLS()
	t.Cleanup(gateway.Close)
	return serve(t, gateway.URL, gateway.Client().Transport.(*http.Transport).TLSClientConfig), c
}

func serve(t *testing.T, gateway string, config *tls.Config) string {
	t.Helper()
	box, err := mailbox.Open(filepath.Join(t.TempDir(), "mail"))
	if err != nil {
		t.Fatal(err)
	}
	world, err := part.In(filepath.Join(t.TempDir(), "parts"))
	if err != nil {
		t.Fatal(err)
	}
	staff := &office.Staff{Outbox: &office.Outbox{}, Portal: "http://portal.example"}
	for _, o := range office.All() {
		clerk, err := office.NewClerk(o, office.Config{
			Gateway: gateway, TLS: config.Clone(), Outbox: staff.Outbox, World: world,
		})
		if err != nil {
			t.Fatal(err)
		}
		staff.Clerks = append(staff.Clerks, clerk)
	}
	d := &desk.Desk{World: world, Rooms: []room.Work{box.Work(), staff.Work()}, Portal: staff.Portal}
	pages := httptest.NewServer(d.Handler())
	t.Cleanup(pages.Close)
	return pages.URL
}

// ask sends a form as a browser does, or gets a page when there is none; it follows no redirect.
func ask(t *testing.T, address string, form url.Values) (status int, body, location string) {
	t.Helper()
	method := http.MethodPost
	if form == nil {
		method = http.MethodGet
	}
	request, err := http.NewRequest(method, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", "text/html")
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(content), response.Header.Get("Location")
}

func soon() string { return time.Now().AddDate(0, 0, 2).Format(time.DateOnly) }

func TestTheListOfProcedures(t *testing.T) {
	base, _ := open(t)
	status, page, _ := ask(t, base+"/procedures?office=131105&changed=P0012", nil)
	for _, want := range []string{
		"目黒区の手続（4件）", "&lt;b&gt;農地", "14日以内", "第1版 受付中", "第2版 変更予定", "9999年4月1日から", "第3版 廃止", "（標準の名前）", "（標準）",
		"P0012 を登録しました。",
		"/procedures/entry?office=131105&amp;place=131105&amp;number=P0012", "札幌市",
	} {
		if status != http.StatusOK || !strings.Contains(page, want) {
			t.Errorf("the list (%d) lacks %q", status, want)
		}
	}
	if strings.Contains(page, "国税庁") {
		t.Error("a national office keeps no procedures of a place")
	}
	if status, _, _ := ask(t, base+"/procedures?office=nta", nil); status != http.StatusBadRequest {
		t.Errorf("the list of an office that keeps none: %d", status)
	}
}

func TestTheFormOfAProcedure(t *testing.T) {
	base, _ := open(t)
	_, page, _ := ask(t, base+"/procedures/entry?office=131105&place=131105&number=P0012", nil)
	for _, want := range []string{
		"来年度の案内", `value="9999-04-01"`, "空のときは標準の名前", "http://portal.example/procedures/131105/P0012",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the form lacks %q:\n%s", want, page)
		}
	}
	if strings.Contains(page, "aria-invalid") {
		t.Error("a field is wrong before anything was sent")
	}
	for _, query := range []string{
		"office=131105&place=131105&number=P9999", "office=131105&place=131121&number=P0012",
	} {
		if status, _, _ := ask(t, base+"/procedures/entry?"+query, nil); status != http.StatusNotFound {
			t.Errorf("%s: %d", query, status)
		}
	}
}

func entryForm(number string, more ...string) url.Values {
	form := url.Values{"office": {"131105"}, "place": {"131105"}, "number": {number}, "from": {soon()}}
	for i := 0; i < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return form
}

func TestChangingAProcedure(t *testing.T) {
	base, c := open(t)
	status, body, location := ask(t, base+"/procedures/change",
		entryForm("L0001", "title", " 新しい名前 ", "summary", "一行目\r\n\r\n二行目", "deadline", "14日以内", "fee", "300円"))
	if status != http.StatusSeeOther || location != "/procedures?changed=L0001&office=131105" {
		t.Fatalf("%d %s %s", status, location, body)
	}
	got := c.put.GetProcedures()[0]
	if c.put.GetPlaceCode() != "131105" || c.put.GetEffectiveFrom() != soon() || got.GetTitle() != "新しい名前" ||
		got.GetSummary() != "一行目\n\n二行目" || got.GetFee() != "300円" {
		t.Errorf("registered: %v", c.put)
	}
	if got.GetDeadlineRule().GetWithin() != "14d" || len(got.GetBring()) != 1 {
		t.Errorf("what was not changed is lost: %v", got)
	}

	ask(t, base+"/procedures/change", entryForm("L0001", "title", "x", "deadline", "30日以内"))
	if got := c.put.GetProcedures()[0]; got.GetDeadline() != "30日以内" || got.GetDeadlineRule() != nil {
		t.Errorf("other words with the days of the old ones: %v", got)
	}
	if _, _, location := ask(t, base+"/procedures/change", entryForm(
		"L0001", "title", "同じ",
	)); !strings.Contains(location, "unchanged=L0001") {
		t.Errorf("nothing changed, and it says %s", location)
	}
}

func TestWhatIsWrongStandsAtItsField(t *testing.T) {
	base, c := open(t)
	long := strings.Repeat("長", 21)
	for name, d := range map[string]struct {
		path   string
		form   url.Values
		status int
		want   []string
	}{
		"title": {"change", entryForm("L0001", "title", long, "deadline", "14日以内"), 422, []string{
			`name="title" value="` + long +
				`" aria-invalid="true"><span class="down" role="alert">▲ 手続名が&lt;長すぎ&gt;ます。`,
		}},
		"no day": {
			"change", entryForm("L0001", "title", "残る名前", "from", ""), 422, []string{
				`required aria-invalid="true"`, "今日か、5年先までの日", "残る名前",
			},
		},
		"a past day": {
			"change", entryForm("L0001", "title", "x", "from", "2020-01-01"), 422, []string{
				`required aria-invalid="true"`, "今日か、5年先までの日",
			},
		},
		"end in the past": {
			"end", entryForm("L0001", "from", "2020-01-01"), 422, []string{`required aria-invalid="true"`},
		},
		"no such field":  {"change", entryForm("L0004", "title", "x"), 422, []string{"登録していません。", "bring[0]: 空の項目"}},
		"ended already":  {"end", entryForm("L0003"), 422, []string{"すでに廃止されています"}},
		"no such entry":  {"change", entryForm("P9999"), 404, nil},
		"no such office": {"end", entryForm("L0001", "office", "nobody"), 400, nil},
	} {
		t.Run(name, func(t *testing.T) {
			status, page, _ := ask(t, base+"/procedures/"+d.path, d.form)
			if status != d.status {
				t.Errorf("%d, want %d", status, d.status)
			}
			for _, want := range d.want {
				if !strings.Contains(page, want) {
					t.Errorf("lacks %q:\n%s", want, page)
				}
			}
		})
	}
	if c.put != nil || c.ended != nil {
		t.Errorf("registered all the same: %v %v", c.put, c.ended)
	}
}

func TestEndingAProcedure(t *testing.T) {
	base, c := open(t)
	status, body, location := ask(t, base+"/procedures/end", entryForm("L0001"))
	if status != http.StatusSeeOther || location != "/procedures?ended=L0001&office=131105" {
		t.Fatalf("%d %s %s", status, location, body)
	}
	if c.ended.GetPlaceCode() != "131105" || c.ended.GetNumber() != "L0001" || c.ended.GetEffectiveFrom() != soon() {
		t.Errorf("ended: %v", c.ended)
	}
}

func TestProceduresWithoutAPortal(t *testing.T) {
	gone := httptest.NewTLSServer(http.NotFoundHandler())
	config := gone.Client().Transport.(*http.Transport).TLSClientConfig
	gone.Close()
	base := serve(t, gone.URL, config)
	if status, page, _ := ask(t, base+"/procedures", nil); status != http.StatusBadGateway ||
		!strings.Contains(page, "ポータルにつながりません") {
		t.Errorf("%d:\n%s", status, page)
	}
	if status, _, _ := ask(t, base+"/procedures/change", entryForm("L0001")); status != http.StatusBadGateway {
		t.Errorf("changing: %d", status)
	}
}

func TestTheTableOfParts(t *testing.T) {
	base, c := open(t)
	_, table, _ := ask(t, base+"/", nil)
	for _, want := range []string{
		"札幌市", "国税庁", "お知らせの送付", "手続カタログ", "動いています", `href="/procedures"`, `href="/notice"`, "他人の名義",
	} {
		if !strings.Contains(table, want) {
			t.Errorf("the table lacks %q", want)
		}
	}
	for name, d := range map[string]struct {
		path   string
		form   url.Values
		status int
		want   string
	}{
		"slow": {
			"nta", url.Values{"is": {"slow"}, "wait": {"30s"}, "way": {""}}, 303, "遅れています（30秒ずつ）",
		},
		"wrong": {
			"nta", url.Values{"is": {"wrong"}, "wait": {"1s"}, "way": {"half"}}, 303, "おかしくなっています（途中で切れる）",
		},
		"dead":                  {"nta", url.Values{"is": {"dead"}, "wait": {"1s"}, "way": {"half"}}, 303, "止まっています"},
		"nothing of the kind":   {"nta", url.Values{"is": {"tired"}}, 400, "変えていません。"},
		"no pause":              {"nta", url.Values{"is": {"slow"}, "wait": {"soon"}}, 400, "変えていません。"},
		"too long a pause":      {"nta", url.Values{"is": {"slow"}, "wait": {"1h"}}, 400, "変えていません。"},
		"a way that it has not": {"nta", url.Values{"is": {"wrong"}, "way": {"status"}}, 400, "変えていません。"},
		"no such part":          {"nobody", url.Values{"is": {"dead"}}, 404, ""},
	} {
		t.Run(name, func(t *testing.T) {
			status, page, location := ask(t, base+"/parts/"+d.path, d.form)
			if location != "" {
				_, page, _ = ask(t, base+location, nil)
			}
			if status != d.status || !strings.Contains(page, d.want) {
				t.Errorf("%d, want %d and %q in\n%s", status, d.status, d.want, page)
			}
		})
	}

	// A duty fails without the others: the list of procedures is out of reach, and it says why.
	ask(t, base+"/parts/procedure", url.Values{"is": {"dead"}})
	if status, page, _ := ask(t, base+"/procedures", nil); status != http.StatusBadGateway ||
		!strings.Contains(page, "わざとこわしてあります") {
		t.Errorf("%d:\n%s", status, page)
	}
	status, page, _ := ask(t, base+"/procedures/change", entryForm("L0001", "title", "残る名前"))
	if status != http.StatusBadGateway || c.put != nil {
		t.Errorf("%d:\n%s", status, page)
	}
	ask(t, base+"/parts/procedure", url.Values{"is": {"well"}})
	if status, _, _ := ask(t, base+"/procedures", nil); status != http.StatusOK {
		t.Errorf("well again: %d", status)
	}
}
