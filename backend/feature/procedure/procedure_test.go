package procedure_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	"madoguchi/backend/door/office/officetest"
	"madoguchi/backend/door/rule/ruletest"
	"madoguchi/backend/feature/procedure"
	"madoguchi/backend/feature/procedure/entry"
	"madoguchi/backend/japan/catalog"
	"madoguchi/backend/japan/catalog/expand"
	"madoguchi/backend/japan/municipality"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	officev1 "madoguchi/proto/gen/office/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const (
	meguro   = "131105"
	shibuya  = "131130"
	aoba     = "141178" // 横浜市青葉区
	yokohama = "141003"
	tokyo    = "130001"
)

// world is a store with a few places, and the services on it.
type world struct {
	db      *db.DB
	store   *entry.Store
	catalog *procedure.Catalog
	service *procedure.Service
	places  *procedure.Places
	intake  *procedure.Intake
	now     *time.Time
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	now := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	w := &world{db: d, now: &now}
	clock := func() time.Time { return *w.now }
	w.store = entry.NewStore(d, clock)
	for _, code := range []string{meguro, shibuya, yokohama, aoba} {
		m, _ := municipality.ByCode(code)
		_, _, err := w.store.Put(t.Context(), code, "2026-04-01", "", expand.Municipality(1, expand.Real, m))
		if err != nil {
			t.Fatal(err)
		}
	}
	w.put(t, tokyo, "2026-04-01", &portalv1.ProcedureContent{Number: "P0109", Definition: "P0109"})
	w.put(t, catalog.Nation, "2026-04-01", &portalv1.ProcedureContent{Number: "P0087", Definition: "P0087"})
	w.catalog = procedure.NewCatalog(w.store, clock, "")
	if err := w.catalog.Fill(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.service = procedure.New(w.catalog, procedure.Needs{Hints: hints, Form: filed})
	w.places, w.intake = procedure.NewPlaces(w.catalog), procedure.NewIntake(d, w.catalog)
	return w
}

// filed stands for the drafts': 目黒区 takes P0001 by a form.
func filed(_ context.Context, place string, procedures ...string) (string, error) {
	if place == meguro && slices.Contains(procedures, "P0001") {
		return "jido", nil
	}
	return "", nil
}

// hints stands for the guide's.
func hints(query string) []*portalv1.EventHint {
	if strings.Contains(query, "引越") {
		return []*portalv1.EventHint{{Id: "move", Title: &portalv1.LocalText{Ja: "引越し", En: "Moving", Easy: "引っ越し"}}}
	}
	return nil
}

func (w *world) put(t *testing.T, place, from string, contents ...*portalv1.ProcedureContent) {
	t.Helper()
	if _, _, err := w.store.Put(t.Context(), place, from, "", contents); err != nil {
		t.Fatal(err)
	}
}

func (w *world) refresh(t *testing.T) {
	t.Helper()
	if err := w.catalog.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (w *world) search(t *testing.T, request *portalv1.SearchProceduresRequest) *portalv1.SearchProceduresResponse {
	t.Helper()
	response, err := w.service.SearchProcedures(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	return response
}

func numbers(r *portalv1.SearchProceduresResponse) []string {
	var list []string
	for _, h := range r.GetHits() {
		list = append(list, h.GetNumber())
	}
	return list
}

func TestSearchInAPlace(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		nursery := w.search(t, &portalv1.SearchProceduresRequest{PlaceCode: meguro, Query: "保育園"})
		if len(nursery.GetHits()) == 0 || nursery.GetHits()[0].GetDefinition() != "P0012" ||
			nursery.GetHits()[0].GetPlace().GetName() != "目黒区" {
			t.Errorf("保育園 in 目黒区: %v", nursery)
		}
		// What the prefecture and the nation offer holds in the place too; what a ward's city registered holds in the
		// ward.
		for query, at := range map[string]string{"パスポート": "東京都", "老齢年金": "全国"} {
			found := w.search(t, &portalv1.SearchProceduresRequest{PlaceCode: meguro, Query: query})
			if len(found.GetHits()) == 0 || found.GetHits()[0].GetPlace().GetName() != at {
				t.Errorf("%s: %v", query, found.GetHits())
			}
		}
		ward := w.search(t, &portalv1.SearchProceduresRequest{PlaceCode: aoba, Query: "児童手当"})
		if len(ward.GetHits()) == 0 || ward.GetHits()[0].GetPlace().GetCode() != yokohama {
			t.Errorf("児童手当 in 横浜市青葉区: %v", ward.GetHits())
		}
		all := w.search(t, &portalv1.SearchProceduresRequest{PlaceCode: meguro, PageSize: 100})
		if all.GetTotal() != all.GetPlace().GetProcedureCount() || all.GetTotal() < 100 {
			t.Errorf("the whole list has %d of %d", all.GetTotal(), all.GetPlace().GetProcedureCount())
		}
		sum := int32(0)
		for _, c := range all.GetCategories() {
			sum += c.GetCount()
			one := w.search(t, &portalv1.SearchProceduresRequest{
				PlaceCode: meguro, Categories: []string{c.GetCategory()},
			})
			if one.GetTotal() != c.GetCount() || len(one.GetCategories()) != len(all.GetCategories()) {
				t.Errorf("%s: %d, counted %d", c.GetCategory(), one.GetTotal(), c.GetCount())
			}
		}
		if sum != all.GetTotal() {
			t.Errorf("the categories sum up to %d of %d", sum, all.GetTotal())
		}
		for _, h := range w.search(t, &portalv1.SearchProceduresRequest{
			PlaceCode: meguro, OnlineOnly: true, PageSize: 100,
		}).GetHits() {
			if !h.GetOnline() {
				t.Errorf("%s is not online", h.GetTitle())
			}
		}
	})
}

func TestSearchGoesOnPageByPage(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	seen, token := map[string]bool{}, ""
	for range 100 {
		r := w.search(t, &portalv1.SearchProceduresRequest{PlaceCode: yokohama, PageSize: 17, PageToken: token})
		for _, h := range r.GetHits() {
			key := h.GetPlace().GetCode() + h.GetNumber()
			if seen[key] {
				t.Errorf("%s comes twice", key)
			}
			seen[key] = true
		}
		if token = r.GetNextPageToken(); token == "" {
			if len(seen) != int(r.GetTotal()) {
				t.Errorf("%d of %d came", len(seen), r.GetTotal())
			}
			return
		}
	}
	t.Error("it never ends")
}

func TestThePlaceInTheQuery(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	for query, want := range map[string]string{
		"目黒区 保育園": "目黒区", "目黒区の保育園": "目黒区", "横浜市青葉区 児童手当": "横浜市青葉区", "東京都 パスポート": "東京都", "目黒区保育園": "目黒区", "渋谷区": "渋谷区",
		"保育園": "", "市役所 保育園": "", "府中市 保育園": "", "目黒 保育園": "目黒区", "目黒": "",
	} {
		r := w.search(t, &portalv1.SearchProceduresRequest{Query: query})
		if got := r.GetPlaceInQuery().GetName(); got != want {
			t.Errorf("%q names %q, want %q", query, got, want)
		}
		if strings.Contains(query, "保育園") && !slices.Contains(numbers(r), "P0012") {
			t.Errorf("%q finds %v", query, numbers(r))
		}
	}
}

// Nothing that is typed is an error, and every answer leads on.
func TestWhatIsFiledInThePortalNamesItsForm(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	for _, c := range []struct{ place, number, form string }{
		{meguro, "P0001", "jido"}, {meguro, "P0002", ""}, {shibuya, "P0001", ""}, {"", "P0001", ""},
	} {
		asked := &portalv1.GetProcedureRequest{PlaceCode: c.place, Number: c.number}
		got, err := w.service.GetProcedure(t.Context(), asked)
		if err != nil || got.GetForm() != c.form {
			t.Errorf("%s in %q: form %q, %v; want %q", c.number, c.place, got.GetForm(), err, c.form)
		}
	}
}

func TestAnEventOfLifeIsOffered(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	first := w.search(t, &portalv1.SearchProceduresRequest{PlaceCode: meguro, Query: "目黒区 引越し", PageSize: 1})
	if len(first.GetEvents()) != 1 || first.GetEvents()[0].GetId() != "move" {
		t.Errorf("%v", first.GetEvents())
	}
	next := w.search(t, &portalv1.SearchProceduresRequest{
		PlaceCode: meguro, Query: "目黒区 引越し", PageSize: 1, PageToken: first.GetNextPageToken(),
	})
	if first.GetNextPageToken() == "" || len(next.GetEvents()) != 0 {
		t.Errorf("again on the second page: %v", next.GetEvents())
	}
	for _, query := range []string{"", "パスポート", strings.Repeat("あ", 300) + "引越し"} {
		if r := w.search(t, &portalv1.SearchProceduresRequest{Query: query}); len(r.GetEvents()) != 0 {
			t.Errorf("%.20s: %v", query, r.GetEvents())
		}
	}
}

func TestHostileQueriesGetACalmAnswer(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	for _, query := range []string{
		strings.Repeat("保育園", 20_000), strings.Repeat("あ ", 25_000), "'; DROP TABLE procedure_version; --",
		"<script>alert(1)</script>", "\x00\xff\xfe", "%_", "%", "🙂", "\u202e", " ", "　", "....", "ｱｱｱｱｱ", "NEAR(", "\"",
	} {
		for _, place := range []string{"", tokyo, meguro} {
			start := time.Now()
			r := w.search(t, &portalv1.SearchProceduresRequest{Query: query, PlaceCode: place})
			if took := time.Since(start); took > 2*time.Second {
				t.Errorf("%.20q took %s", query, took)
			}
			if r.GetShortened() != (len([]rune(query)) > 200) {
				t.Errorf("%.20q: shortened %v", query, r.GetShortened())
			}
		}
	}
	for _, request := range []*portalv1.SearchProceduresRequest{
		{PlaceCode: "999999"}, {PlaceCode: "13"}, {PlaceCode: "'"}, {PageSize: 101}, {PageSize: -1}, {PageToken: "x"},
		{PageToken: "-1"}, {PageToken: "99999999999999999999"}, {Categories: make([]string, 30)},
	} {
		_, err := ruletest.Call(t.Context(), w.service.SearchProcedures, request)
		if connect.CodeOf(err) != connect.CodeInvalidArgument && connect.CodeOf(err) != connect.CodeNotFound {
			t.Errorf("%v: %v", request, err)
		}
	}
}

func TestAPlaceWithoutItLeadsOn(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	w.put(t, shibuya, "2026-04-01", &portalv1.ProcedureContent{
		Number: "L9001", Title: "竹馬の貸し出し", Category: "文化・スポーツ・生涯学習", Signature: portalv1.Signature_SIGNATURE_NONE,
	})
	w.refresh(t)
	r := w.search(t, &portalv1.SearchProceduresRequest{PlaceCode: meguro, Query: "竹馬の貸し出し"})
	if r.GetTotal() != 0 || r.GetElsewhere() != 1 {
		t.Errorf("total %d, elsewhere %d", r.GetTotal(), r.GetElsewhere())
	}
	there := w.search(t, &portalv1.SearchProceduresRequest{PlaceCode: tokyo, Query: "竹馬"})
	if len(there.GetHits()) == 0 || there.GetHits()[0].GetPlace().GetCode() != shibuya {
		t.Errorf("in the prefecture: %v", there.GetHits())
	}
	// A municipality that has registered nothing at all still has its desk.
	empty := w.search(t, &portalv1.SearchProceduresRequest{PlaceCode: "131032", Query: "児童手当"})
	if empty.GetTotal() != 0 || len(empty.GetHits()) == 0 || !empty.GetHits()[0].GetUnregistered() {
		t.Errorf("nothing registered: %v", empty)
	}
}

func get(t *testing.T, w *world, request *portalv1.GetProcedureRequest) *portalv1.GetProcedureResponse {
	t.Helper()
	response, err := w.service.GetProcedure(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	return response
}

// Whoever lost the card, or locked it, is told where the counter is: no such procedure is done online.
func TestTheCounterForTheCard(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	for _, number := range []string{"P0111", "P0112", "P0113", "P0114"} {
		c := get(t, w, &portalv1.GetProcedureRequest{PlaceCode: meguro, Number: number}).GetContent()
		desk := c.GetDesk()
		if c.GetOnline() || !strings.Contains(desk.GetDepartment(), "マイナンバーカードの窓口") ||
			!strings.HasPrefix(desk.GetAddress(), "東京都目黒区") || desk.GetBuilding() == "" || desk.GetPhone() == "" ||
			desk.GetHours() == "" {
			t.Errorf("%s in 目黒区: online %v, at %v", number, c.GetOnline(), desk)
		}
	}
	lost := get(t, w, &portalv1.GetProcedureRequest{PlaceCode: meguro, Number: "P0113"})
	for _, line := range []string{
		lost.GetContent().GetMethod()[0], lost.GetPlain().GetJa(), lost.GetPlain().GetEn(), lost.GetPlain().GetEasy(),
	} {
		if !strings.Contains(line, "0120-95-0178") {
			t.Errorf("nobody is told whom to call: %s", line)
		}
	}
}

func TestThePageOfAProcedure(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.put(t, meguro, "2026-04-01", &portalv1.ProcedureContent{
			Number: "P0001", Definition: "P0001", Title: "目黒の児童手当", Fee: "無料です", Desk: &portalv1.ProcedureDesk{
				Department: "手当係",
			},
		})
		w.put(t, meguro, "2027-04-01", &portalv1.ProcedureContent{
			Number: "P0001", Definition: "P0001", Title: "来年度の児童手当",
		})
		w.refresh(t)
		p := get(t, w, &portalv1.GetProcedureRequest{PlaceCode: meguro, Number: "P0001", EventDay: "2026-11-02"})
		c := p.GetContent()
		if c.GetTitle() != "目黒の児童手当" || c.GetFee() != "無料です" || c.GetDesk().GetDepartment() != "手当係" ||
			c.GetTarget() == "" || len(c.GetLaws()) == 0 || p.GetPlain().GetEasy() == "" {
			t.Errorf("what the office says and what the nation does: %v", p)
		}
		if p.GetDue().GetLast() != "2026-11-17" || p.GetEventQuestion().GetJa() == "" {
			t.Errorf("due %v", p.GetDue())
		}
		if len(p.GetVersions()) != 3 || p.GetVersions()[0].GetEffectiveFrom() != "2027-04-01" ||
			p.GetVersions()[0].GetCurrent() || !p.GetVersions()[1].GetCurrent() {
			t.Errorf("versions %v", p.GetVersions())
		}
		if len(p.GetRelated()) == 0 {
			t.Error("nothing is related")
		}
		coming := get(t, w, &portalv1.GetProcedureRequest{
			PlaceCode: meguro, Number: "P0001", Version: p.GetVersions()[0].GetVersion(),
		})
		if coming.GetContent().GetTitle() != "来年度の児童手当" {
			t.Errorf("the coming version is %v", coming.GetContent().GetTitle())
		}
		city := get(t, w, &portalv1.GetProcedureRequest{PlaceCode: aoba, Number: "P0001"})
		if city.GetPlace().GetCode() != yokohama || city.GetUnregistered() {
			t.Errorf("in a ward: %v", city.GetPlace())
		}
		none := get(t, w, &portalv1.GetProcedureRequest{PlaceCode: "131032", Number: "P0001"})
		if !none.GetUnregistered() || none.GetPlace().GetCode() != "131032" || none.GetContent().GetTarget() == "" {
			t.Errorf("not registered: %v", none)
		}
		nation := get(t, w, &portalv1.GetProcedureRequest{Number: "P0001"})
		if nation.GetPlaceCount() != 3 || nation.GetPlace() != nil {
			t.Errorf("in the nation: %d places", nation.GetPlaceCount())
		}
		for _, request := range []*portalv1.GetProcedureRequest{
			{Number: "P9999"}, {Number: "L0001"}, {PlaceCode: meguro, Number: "L8888"},
			{PlaceCode: "999999", Number: "P0001"}, {PlaceCode: meguro, Number: "P0001", Version: 99},
			{Number: strings.Repeat("P", 10_000)}, {Number: "P0001", Version: 1},
		} {
			if _, err := w.service.GetProcedure(t.Context(), request); connect.CodeOf(err) != connect.CodeNotFound {
				t.Errorf("%.60v: %v", request, err)
			}
		}
		if _, err := ruletest.Call(t.Context(), w.service.GetProcedure, &portalv1.GetProcedureRequest{
			Number: "P0001", EventDay: "昨日",
		}); connect.CodeOf(err) != connect.CodeInvalidArgument {
			t.Error(err)
		}
	})
}

// A version that comes into force at midnight in Japan is what people see from then on, without anybody doing anything.
func TestTheDayTurns(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	w.put(t, meguro, "2026-11-24", &portalv1.ProcedureContent{Number: "P0044", Definition: "P0044", Title: "あすからの図書館"})
	if err := w.store.End(t.Context(), meguro, "P0012", "2026-11-24", ""); err != nil {
		t.Fatal(err)
	}
	w.refresh(t)
	tomorrow := func() bool {
		r := w.search(t, &portalv1.SearchProceduresRequest{PlaceCode: meguro, Query: "あすからの図書館"})
		return len(r.GetHits()) > 0 && r.GetHits()[0].GetTitle() == "あすからの図書館"
	}
	nursery := func() bool {
		p := get(t, w, &portalv1.GetProcedureRequest{PlaceCode: meguro, Number: "P0012"})
		return !p.GetUnregistered()
	}
	if tomorrow() || !nursery() {
		t.Error("what comes tomorrow is here today")
	}
	*w.now = time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)
	w.refresh(t)
	if !tomorrow() || nursery() {
		t.Error("what comes into force today is not here")
	}
}

func TestListForADevice(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	seen, token := map[string]bool{}, ""
	for {
		r, err := w.service.ListProcedures(t.Context(), &portalv1.ListProceduresRequest{
			PlaceCode: meguro, PageSize: 40, PageToken: token,
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range r.GetProcedures() {
			seen[p.GetContent().GetNumber()] = true
			if p.GetContent().GetTitle() == "" {
				t.Errorf("%s has no title", p.GetContent().GetNumber())
			}
		}
		if token = r.GetNextPageToken(); token == "" {
			if len(seen) != int(r.GetPlace().GetProcedureCount()) {
				t.Errorf("%d of %d came", len(seen), r.GetPlace().GetProcedureCount())
			}
			break
		}
	}
	for _, code := range []string{"", tokyo, "999999"} {
		_, err := w.service.ListProcedures(t.Context(), &portalv1.ListProceduresRequest{PlaceCode: code})
		if connect.CodeOf(err) != connect.CodeNotFound {
			t.Errorf("%q: %v", code, err)
		}
	}
}

func TestCompareMarksWhatDiffers(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	for _, p := range []struct{ place, fee string }{{meguro, "300円"}, {shibuya, "300円"}, {yokohama, "400円"}} {
		w.put(t, p.place, "2026-05-01", &portalv1.ProcedureContent{
			Number: "P0034", Definition: "P0034", Online: true, Fee: p.fee, Bring: []string{"本人確認書類", p.fee},
			Desk: &portalv1.ProcedureDesk{Department: "市民課", Phone: "0" + p.fee[:3] + "-0000"},
		})
	}
	w.refresh(t)
	r, err := w.service.CompareProcedures(t.Context(), &portalv1.CompareProceduresRequest{
		PlaceCodes: []string{meguro, yokohama, shibuya}, Definitions: []string{"P0034"},
	})
	if err != nil {
		t.Fatal(err)
	}
	rows := map[portalv1.CompareProceduresResponse_Field]*portalv1.CompareProceduresResponse_Row{}
	for _, row := range r.GetProcedures()[0].GetRows() {
		rows[row.GetField()] = row
	}
	fee := rows[portalv1.CompareProceduresResponse_FIELD_FEE]
	if !fee.GetDiffers() || fee.GetCells()[0].GetDiffers() || !fee.GetCells()[1].GetDiffers() ||
		fee.GetCells()[2].GetDiffers() {
		t.Errorf("fee: %v", fee)
	}
	bring := rows[portalv1.CompareProceduresResponse_FIELD_BRING]
	if !slices.Equal(bring.GetCells()[1].GetOwn(), []int32{1}) {
		t.Errorf("things to bring: %v", bring)
	}
	if rows[portalv1.CompareProceduresResponse_FIELD_ONLINE].GetDiffers() ||
		rows[portalv1.CompareProceduresResponse_FIELD_PHONE].GetDiffers() {
		t.Error("what is the same, or always one's own, is marked")
	}
	many, err := w.service.CompareProcedures(t.Context(), &portalv1.CompareProceduresRequest{
		PlaceCodes: []string{meguro, "131032"}, Definitions: []string{"P0034", "P0001"},
	})
	if err != nil || len(many.GetProcedures()) != 2 || !many.GetProcedures()[0].GetRows()[0].GetDiffers() {
		t.Errorf("several: %v, %v", many, err)
	}
	for _, request := range []*portalv1.CompareProceduresRequest{
		{}, {PlaceCodes: []string{meguro}}, {Definitions: []string{"P0001"}},
		{PlaceCodes: slices.Repeat([]string{meguro}, 5), Definitions: []string{"P0001"}},
		{PlaceCodes: []string{meguro, meguro}, Definitions: []string{"P0001"}},
		{PlaceCodes: []string{""}, Definitions: []string{"P0001"}},
		{PlaceCodes: []string{tokyo}, Definitions: []string{"P0001"}},
		{PlaceCodes: []string{meguro}, Definitions: []string{"L0001"}},
		{PlaceCodes: []string{meguro}, Definitions: slices.Repeat([]string{"P0001"}, 41)},
	} {
		_, err := ruletest.Call(t.Context(), w.service.CompareProcedures, request)
		if connect.CodeOf(err) != connect.CodeInvalidArgument && connect.CodeOf(err) != connect.CodeNotFound {
			t.Errorf("%v: %v", request, err)
		}
	}
}

func office(t *testing.T, d *db.DB, id, code string) context.Context {
	t.Helper()
	officetest.Register(t, d, db.OfficeRegisterParams{ID: id, Duties: "procedure", MunicipalityCode: code})
	return officetest.Calling(t, d, id)
}

func TestAnOfficeRegistersForItsOwnPlace(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		city, ward := office(t, d, "yokohama", yokohama), office(t, d, "meguro", meguro)
		stilts := &portalv1.ProcedureContent{
			Number: "L9001", Title: "竹馬教室の申込", Category: "文化・スポーツ・生涯学習", Signature: portalv1.Signature_SIGNATURE_NONE,
		}
		for range 2 { // idempotent
			r, err := w.intake.PutProcedures(city, &officev1.PutProceduresRequest{
				PlaceCode: aoba, Procedures: []*portalv1.ProcedureContent{stilts},
			})
			if err != nil || len(r.GetErrors()) > 0 || r.GetRegistered()+r.GetUnchanged() != 1 {
				t.Fatal(r, err)
			}
		}
		w.refresh(t)
		found := w.search(t, &portalv1.SearchProceduresRequest{PlaceCode: aoba, Query: "竹馬"})
		if found.GetTotal() != 1 {
			t.Errorf("found %d", found.GetTotal())
		}
		wrong, err := w.intake.PutProcedures(city,
			&officev1.PutProceduresRequest{PlaceCode: yokohama, Procedures: []*portalv1.ProcedureContent{
				stilts, {Number: "x", Title: "名", Category: "宇宙"}, stilts,
			}})
		if err != nil || wrong.GetRegistered() != 0 || len(wrong.GetErrors()) != 4 ||
			wrong.GetErrors()[0].GetIndex() != 1 {
			t.Errorf("what is wrong: %v, %v", wrong, err)
		}
		for name, c := range map[string]struct {
			ctx     context.Context
			request *officev1.PutProceduresRequest
			code    connect.Code
		}{
			"another place": {
				ward, &officev1.PutProceduresRequest{
					PlaceCode: yokohama, Procedures: []*portalv1.ProcedureContent{stilts},
				}, connect.CodePermissionDenied,
			},
			"the prefecture": {
				ward, &officev1.PutProceduresRequest{
					PlaceCode: tokyo, Procedures: []*portalv1.ProcedureContent{stilts},
				}, connect.CodePermissionDenied,
			},
			"the nation": {
				ward, &officev1.PutProceduresRequest{
					PlaceCode: catalog.Nation, Procedures: []*portalv1.ProcedureContent{stilts},
				}, connect.CodePermissionDenied,
			},
			"no place": {
				ward, &officev1.PutProceduresRequest{PlaceCode: "x", Procedures: []*portalv1.ProcedureContent{stilts}},
				connect.CodeInvalidArgument,
			},
			"yesterday": {
				ward, &officev1.PutProceduresRequest{
					PlaceCode: meguro, EffectiveFrom: "2026-11-22", Procedures: []*portalv1.ProcedureContent{stilts},
				}, connect.CodeInvalidArgument,
			},
			"in a hundred years": {
				ward, &officev1.PutProceduresRequest{
					PlaceCode: meguro, EffectiveFrom: "2126-11-22", Procedures: []*portalv1.ProcedureContent{stilts},
				}, connect.CodeInvalidArgument,
			},
			"nothing": {
				ward, &officev1.PutProceduresRequest{PlaceCode: meguro}, connect.CodeInvalidArgument,
			},
			"more than a hundred": {
				ward, &officev1.PutProceduresRequest{
					PlaceCode: meguro, Procedures: slices.Repeat([]*portalv1.ProcedureContent{stilts}, 101),
				}, connect.CodeInvalidArgument,
			},
		} {
			if _, err := ruletest.Call(c.ctx, w.intake.PutProcedures, c.request); connect.CodeOf(err) != c.code {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := w.intake.EndProcedure(ward, &officev1.EndProcedureRequest{
			PlaceCode: aoba, Number: "L9001",
		}); connect.CodeOf(err) != connect.CodePermissionDenied {
			t.Error("ended another's:", err)
		}
		if _, err := w.intake.EndProcedure(city, &officev1.EndProcedureRequest{
			PlaceCode: aoba, Number: "L9001",
		}); err != nil {
			t.Error(err)
		}
		if _, err := w.intake.EndProcedure(city, &officev1.EndProcedureRequest{
			PlaceCode: aoba, Number: "L9001",
		}); connect.CodeOf(err) != connect.CodeNotFound {
			t.Error("ended twice:", err)
		}
		own, token := 0, ""
		for {
			list, err := w.intake.ListProcedures(city, &officev1.ListProceduresRequest{PageSize: 90, PageToken: token})
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range list.GetProcedures() {
				own++
				if p.GetPlaceCode() != yokohama && p.GetPlaceCode() != aoba {
					t.Errorf("%s is not its own", p.GetPlaceCode())
				}
			}
			if token = list.GetNextPageToken(); token == "" {
				break
			}
		}
		if own < 240 {
			t.Errorf("%d of its own", own)
		}
	})
}

func TestPlacesAreListed(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	for code, want := range map[string]int{"": 47, "13": 62, "130001": 1, "131105": 1, "14": 33 + 28} {
		r, err := w.places.ListPlaces(t.Context(), &portalv1.ListPlacesRequest{Code: code})
		if err != nil || len(r.GetPlaces()) != want {
			t.Errorf("%q lists %d, want %d, %v", code, len(r.GetPlaces()), want, err)
		}
	}
	for _, code := range []string{"48", "00", "1311", "999999", "000000", "x"} {
		_, err := w.places.ListPlaces(t.Context(), &portalv1.ListPlacesRequest{Code: code})
		if connect.CodeOf(err) != connect.CodeNotFound {
			t.Errorf("%q: %v", code, err)
		}
	}
}

func TestPlacesAreFound(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	find := func(query string) *portalv1.FindPlacesResponse {
		t.Helper()
		r, err := w.places.FindPlaces(t.Context(), &portalv1.FindPlacesRequest{Query: query})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := find("めぐろ"); r.GetPlaces()[0].GetCode() != meguro || r.GetPlaces()[0].GetProcedureCount() < 100 ||
		r.GetPlaces()[0].GetPrefecture() != "東京都" || r.GetPlaces()[0].GetEnglish() != "Meguro-ku, Tokyo" {
		t.Errorf("めぐろ: %v", r)
	}
	if r := find("153-0061"); !r.GetPostalCode() || len(r.GetPlaces()) != 1 || r.GetPlaces()[0].GetTown() != "中目黒" {
		t.Errorf("153-0061: %v", r)
	}
	if r := find("000-0000"); !r.GetUnknownPostalCode() || len(r.GetPlaces()) != 0 {
		t.Errorf("999-9999: %v", r)
	}
	for query, former := range map[string]string{
		"清水市": "清水市 シミズシ 2003-04-01", "鳩ヶ谷市": "鳩ケ谷市 ハトガヤシ 2011-10-11", "大宮市大字小深作1": "大宮市 オオミヤシ 2001-05-01",
		"勢多郡": "勢多郡  ", "目黒区": "  ",
	} {
		was := find(query).GetPlaces()[0].GetFormer()
		if got := was.GetName() + " " + was.GetKana() + " " + was.GetChanged(); got != former {
			t.Errorf("%s was %q, want %q", query, got, former)
		}
	}
	for query, same := range map[string]int32{
		"府中市": 2, "伊達市": 2, "府中": 2, "北区": 10, "港区": 3, "広島県府中市": 0, "目黒区": 0, "横浜": 0, "183-0055": 0,
		"ほげ": 0, "Fuchu-shi": 2,
	} {
		if got := find(query).GetSameName(); got != same {
			t.Errorf("%s: %d of that name, want %d", query, got, same)
		}
	}
	for _, query := range []string{"", strings.Repeat("目黒", 25_000), "<b>", "\x00", "' OR 1=1"} {
		if r := find(query); len(r.GetPlaces()) != 0 {
			t.Errorf("%.20q finds %v", query, r)
		}
	}
	_, err := ruletest.Call(t.Context(), w.places.FindPlaces, &portalv1.FindPlacesRequest{Limit: 51})
	if connect.CodeOf(err) != connect.CodeInvalidArgument {
		t.Error(err)
	}
}

func TestDocumentsCanBeReadWithoutTheProgram(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	w.put(t, meguro, "2026-04-01", &portalv1.ProcedureContent{
		Number: "L9001", Title: "<script>alert(1)</script>", Category: "子育て",
		Signature: portalv1.Signature_SIGNATURE_NONE, Summary: "\"><img src=x>",
		Online: true, OnlineUrl: "https://www.example.jp/?a=1&b=2", Documents: []*portalv1.ProcedureDocument{
			{Name: "原本", Need: portalv1.ProcedureDocument_NEED_ORIGINAL},
		},
	})
	w.refresh(t)
	for address, c := range map[string]struct {
		document func(*http.Request, string) (title, body string, status int)
		language string
		status   int
		says     []string
	}{
		"/procedures/131105/P0001": {
			w.procedureDocument, "ja", 200, []string{"<h1", "目黒区", "児童手当", "期限"},
		},
		"/procedures/nation/P0001": {
			w.procedureDocument, "en", 200, []string{"Apply for child allowance", "For whom"},
		},
		"/procedures/nation/P0012": {
			w.procedureDocument, "easy", 200, []string{"<ruby>"},
		},
		"/procedures/131105/L9001": {
			w.procedureDocument, "ja", 200, []string{"&lt;script&gt;", "&#34;&gt;&lt;img", "原本を別に送る"},
		},
		"/procedures/131105/P9999": {
			w.procedureDocument, "ja", 404, []string{"見つかりませんでした", `href="/procedures"`},
		},
		"/procedures/999999/P0001": {
			w.procedureDocument, "ja", 404, []string{"見つかりませんでした"},
		},
		"/procedures?q=%E4%BF%9D%E8%82%B2%E5%9C%92&place=131105": {
			w.searchDocument, "ja", 200, []string{`href="/procedures/131105/P0012"`, `value="保育園"`},
		},
		"/procedures?q=%3Cscript%3E": {
			w.searchDocument, "ja", 200, []string{"&lt;script&gt;"},
		},
		"/procedures?q=%E5%85%90%E7%AB%A5%E6%89%8B%E5%BD%93&place=131032": {
			w.searchDocument, "ja", 200, []string{`href="/procedures/131032/P0001"`},
		},
	} {
		title, body, status := c.document(httptest.NewRequest(http.MethodGet, address, nil), c.language)
		if status != c.status || title == "" {
			t.Errorf("%s: %d %q", address, status, title)
		}
		for _, want := range c.says {
			if !strings.Contains(body, want) {
				t.Errorf("%s does not say %s:\n%s", address, want, body)
			}
		}
		if strings.Contains(body, "<script") || strings.Contains(body, "<img") {
			t.Errorf("%s lets markup through:\n%s", address, body)
		}
	}
	// What the page's program would ask goes along, with its answer.
	page, _ := w.service.Document(httptest.NewRequest(http.MethodGet, "/procedures/131105/P0001?day=2026-11-02", nil),
		"ja")
	want := (&portalv1.GetProcedureRequest{PlaceCode: meguro, Number: "P0001", EventDay: "2026-11-02"})
	if !proto.Equal(page.Question, want) || page.Answer.(*portalv1.GetProcedureResponse).GetDue() == nil {
		t.Errorf("%v: %v", page.Question, page.Answer)
	}
	for _, nonsense := range []string{"?day=gestern", "?version=77", "?version=-1", "?day=2026-02-31&version=x"} {
		page, _ := w.service.Document(httptest.NewRequest(http.MethodGet, "/procedures/131105/P0001"+nonsense, nil),
			"ja")
		want := (&portalv1.GetProcedureRequest{PlaceCode: meguro, Number: "P0001"})
		if page.Status != http.StatusOK || !proto.Equal(page.Question, want) {
			t.Errorf("%s: %d, %v", nonsense, page.Status, page.Question)
		}
	}
	// What goes along is what the program would be answered, however many there are.
	for _, query := range []string{
		"q=&place=" + meguro, "q=" + url.QueryEscape("保育園"), "q=" + url.QueryEscape("引越し") + "&online=1",
		"q=" + url.QueryEscape("ほいくえn") + "&place=" + meguro, "q=zzzz",
	} {
		page, ok := w.service.SearchDocument(httptest.NewRequest(http.MethodGet, "/procedures?"+query, nil), "ja")
		if !ok {
			t.Fatalf("%s: nothing is written", query)
		}
		asked, err := w.service.SearchProcedures(t.Context(), page.Question.(*portalv1.SearchProceduresRequest))
		if err != nil || !proto.Equal(asked, page.Answer) {
			t.Errorf("%s: goes along %v, answered %v (%v)", query, page.Answer, asked, err)
		}
	}
	if _, ok := w.service.SearchDocument(httptest.NewRequest(http.MethodGet, "/procedures", nil), "ja"); ok {
		t.Error("without a question something is written")
	}
	p, ok := w.places.Document(httptest.NewRequest(http.MethodGet, "/places/13", nil), "ja")
	if !ok || !strings.Contains(string(p.Body), `href="/procedures?place=131105"`) {
		t.Errorf("places: %v %s", ok, p.Body)
	}
	if _, ok := w.places.Document(httptest.NewRequest(http.MethodGet, "/places/99", nil), "ja"); ok {
		t.Error("there is no prefecture 99")
	}
}

func (w *world) procedureDocument(r *http.Request, language string) (string, string, int) {
	p, _ := w.service.Document(r, language)
	return p.Title, string(p.Body), p.Status
}

func (w *world) searchDocument(r *http.Request, language string) (string, string, int) {
	p, _ := w.service.SearchDocument(r, language)
	return p.Title, string(p.Body), p.Status
}
