package entry_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/japanese"
	"google.golang.org/protobuf/testing/protocmp"

	"madoguchi/backend/feature/procedure/entry"
	"madoguchi/backend/japan/catalog"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const meguro = "131105"

func anEntry(number, title string) *portalv1.ProcedureContent {
	return &portalv1.ProcedureContent{
		Number: number, Title: title, Category: "子育て", Signature: portalv1.Signature_SIGNATURE_NONE,
		Keywords: []string{"ことば"},
		Documents: []*portalv1.ProcedureDocument{
			{Name: "写し", Need: portalv1.ProcedureDocument_NEED_IF, Condition: "代理の場合"},
		},
		Desk: &portalv1.ProcedureDesk{Department: "子育て支援課", Phone: "03-0000-0001"},
	}
}

func put(
	t *testing.T, s *entry.Store, place, from string, contents ...*portalv1.ProcedureContent,
) (registered, unchanged int) {
	t.Helper()
	registered, unchanged, err := s.Put(t.Context(), place, from, "office", contents)
	if err != nil {
		t.Fatal(err)
	}
	return registered, unchanged
}

// inForce lists the titles that hold on a day, read one place at a time and by the scan, which must agree.
func inForce(t *testing.T, s *entry.Store, place, day string) string {
	t.Helper()
	list, err := s.OfPlace(t.Context(), place, day)
	if err != nil {
		t.Fatal(err)
	}
	titles := func(list []entry.Version) string {
		var all []string
		for _, v := range list {
			all = append(all, v.Content.GetTitle())
		}
		return strings.Join(all, " ")
	}
	scanned := ""
	err = s.Scan(t.Context(), day, func(code string, entries []entry.Version) {
		if code == place {
			scanned = titles(entries)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if scanned != titles(list) {
		t.Errorf("on %s the place says %q, the scan %q", day, titles(list), scanned)
	}
	return titles(list)
}

func TestVersionsComeIntoForceOnTheirDay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := entry.NewStore(d, time.Now)
		put(t, s, meguro, "2026-04-01", anEntry("L1", "一"), anEntry("L2", "二"))
		put(t, s, "131130", "2026-04-01", anEntry("L1", "渋谷"))
		registered, unchanged := put(t, s, meguro, "2026-04-01", anEntry("L1", "一"), anEntry("L2", "二・改"))
		if registered != 1 || unchanged != 1 {
			t.Errorf("%d registered, %d unchanged", registered, unchanged)
		}
		put(t, s, meguro, "2027-04-01", anEntry("L1", "一・来年度"))
		put(t, s, meguro, "2026-06-01", anEntry("L1", "一・六月")) // registered later, in force earlier
		if err := s.End(t.Context(), meguro, "L2", "2026-10-01", "office"); err != nil {
			t.Fatal(err)
		}
		for day, want := range map[string]string{
			"2026-03-31": "", "2026-04-01": "一 二・改", "2026-06-01": "一・六月 二・改", "2026-10-01": "一・六月",
			"2027-03-31": "一・六月", "2027-04-01": "一・来年度",
		} {
			if got := inForce(t, s, meguro, day); got != want {
				t.Errorf("on %s: %q, want %q", day, got, want)
			}
		}
		if err := s.End(t.Context(), meguro, "L2", "2026-11-01", "office"); !errors.Is(err, entry.ErrNoProcedure) {
			t.Error("ended twice:", err)
		}
		if err := s.End(t.Context(), meguro, "L9", "2026-11-01", "office"); !errors.Is(err, entry.ErrNoProcedure) {
			t.Error("ended what never was:", err)
		}
		put(t, s, meguro, "2026-12-01", anEntry("L2", "二・改")) // the same words again after an end
		if got := inForce(t, s, meguro, "2026-12-01"); got != "一・六月 二・改" {
			t.Errorf("revived: %q", got)
		}
		versions, err := s.Versions(t.Context(), meguro, "L1")
		if err != nil || len(versions) != 3 {
			t.Fatal(versions, err)
		}
		if i := entry.InForce(versions, "2026-11-23"); versions[i].Content.GetTitle() != "一・六月" ||
			versions[i].Version != 3 {
			t.Errorf("in force: %+v", versions[i])
		}
		latest, err := s.LatestAfter(t.Context(), meguro, "", 100)
		if err != nil || len(latest) != 2 || latest[0].Content.GetTitle() != "一・六月" {
			t.Errorf("latest: %v, %v", latest, err)
		}
	})
}

func TestInstancesLearnWhatChanged(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := entry.NewStore(d, time.Now)
		before, err := s.Revision(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		put(t, s, meguro, "2026-04-01", anEntry("L1", "一"))
		put(t, s, "131130", "2027-01-01", anEntry("L1", "渋谷"))
		put(t, s, meguro, "2026-04-01", anEntry("L1", "一")) // nothing new
		now, err := s.Revision(t.Context())
		if err != nil || now != before+2 {
			t.Errorf("revision %d after %d, %v", now, before, err)
		}
		if places, err := s.Changed(t.Context(), before); err != nil || !cmp.Equal(places, []string{meguro, "131130"}) {
			t.Error(places, err)
		}
		if places, err := s.Changed(t.Context(), now); err != nil || len(places) != 0 {
			t.Error(places, err)
		}
		if places, err := s.Turned(t.Context(), "2026-12-31", "2027-01-01"); err != nil ||
			!cmp.Equal(places, []string{"131130"}) {
			t.Error(places, err)
		}
	})
}

func TestScanGoesOverPages(t *testing.T) {
	s := entry.NewStore(dbtest.SQLite(t), time.Now)
	var many []*portalv1.ProcedureContent
	for i := range 2600 {
		many = append(many, anEntry("L"+string(rune('A'+i/676))+string(rune('A'+i/26%26))+string(rune('A'+i%26)), "件"))
	}
	for _, place := range []string{meguro, "131130"} {
		put(t, s, place, "2026-04-01", many...)
		put(t, s, place, "2026-05-01", many[2000:]...) // unchanged
	}
	counts := map[string]int{}
	if err := s.Scan(t.Context(), "2026-06-01", func(code string, entries []entry.Version) {
		counts[code] = len(entries)
	}); err != nil {
		t.Fatal(err)
	}
	if counts[meguro] != 2600 || counts["131130"] != 2600 {
		t.Error(counts)
	}
}

const head = "自治体コード,手続番号,標準手続,手続名,分類,本人確認,添付書類,電話番号,適用開始日,廃止,オンライン申請,初日算入\n"

func importing(t *testing.T, s *entry.Store, text string) entry.Report {
	t.Helper()
	report, err := s.Import(t.Context(), strings.NewReader(text), "2026-11-23", false, func(int, int) {})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestImportNamesEveryFault(t *testing.T) {
	s := entry.NewStore(dbtest.SQLite(t), time.Now)
	report := importing(t, s, head+
		"131105,P0001,P0001,,,,,,,,可,\n"+
		"999999,P0002,P0002,,,,,,,,,\n"+
		"131105,L1,,手続,宇宙,サイン,,,,,,\n"+
		"131105,L2,,,子育て,不要,住民票|ときどき,電話,2026-13-01,,はい,たぶん\n"+
		"131105,P0001,P0001,,,,,,,,,\n"+
		"131105,L3,P9999,手続,子育て,不要,住民票|該当時,,,,,,余分\n"+
		"131105,L4,,手続,子育て,不要,,,,廃止,,\n")
	var said []string
	for _, e := range report.Errors {
		said = append(said, e.String())
	}
	all := strings.Join(said, "\n")
	for _, want := range []string{
		"3行目「自治体コード」", "4行目「分類」: 分類は次のどれか", "4行目「本人確認」: 「サイン」は使えません", "5行目「手続名」", "5行目「添付書類」: 「ときどき」", "5行目「電話番号」",
		"5行目「適用開始日」", "5行目「オンライン申請」", "5行目「初日算入」",
		"6行目「手続番号」: 同じ自治体の同じ手続番号が2行目", "7行目: 見出しは12列ですが、この行は13列", "8行目「廃止」",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not said in:\n%s", want, all)
		}
	}
	hidden := importing(t, s, head+"131105,L1,,手\u200b続,子育て,不要,,,,,,\n131105,L2,,手続,子\x1b[31m,不要,,,,,,\n")
	if len(hidden.Errors) < 2 ||
		!strings.HasPrefix(hidden.Errors[0].String(), "2行目「手続名」: 2文字目に見えない文字（U+200B ZERO WIDTH SPACE）があります。消してください。") ||
		strings.Contains(hidden.Errors[1].String(), "\x1b") {
		t.Errorf("%q", hidden.Errors)
	}
	if got := inForce(t, s, meguro, "2026-11-23"); got != "" {
		t.Errorf("with errors something was registered: %q", got)
	}
	for text, want := range map[string]string{
		"手続番号,手続名,色\n":            "知らない見出し 「色」",
		"手続番号\n":                  "1行目「自治体コード」: この見出しがありません",
		"自治体コード,手続番号,手続番号\n":      "同じ見出しが2つ",
		head + "131105,\"L1,,,\n": "引用符",
	} {
		report := importing(t, s, text)
		if len(report.Errors) == 0 ||
			!strings.Contains(report.Errors[len(report.Errors)-1].String()+report.Errors[0].String(), want) {
			t.Errorf("%q says %v, want %s", text, report.Errors, want)
		}
	}
	if _, err := s.Import(t.Context(), strings.NewReader(""), "2026-11-23", false, nil); err == nil {
		t.Error("an empty file is no error")
	}
}

// What a spreadsheet of an office writes: Shift JIS, line ends inside cells, empty lines at the end.
func TestImportTakesWhatSpreadsheetsWrite(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := entry.NewStore(d, time.Now)
		text := strings.ReplaceAll(
			head+"131105,P0001,P0001,\"児童手当の申請\",,,\"認印\n住民票の写し|該当時|転入した場合；戸籍謄本|原本別送\",03-0000-0001,2026/04/01,,可,\n"+
				",,,,,,,,,,,\n", "\n", "\r\n",
		)
		encoded, err := japanese.ShiftJIS.NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time nothing changes
			if report := importing(t, s, encoded); len(report.Errors) > 0 || report.Lines != 1 ||
				report.Registered+report.Unchanged != 1 {
				t.Fatalf("%+v", report)
			}
		}
		list, err := s.OfPlace(t.Context(), meguro, "2026-11-23")
		if err != nil || len(list) != 1 || list[0].EffectiveFrom != "2026-04-01" || list[0].Version != 1 {
			t.Fatal(list, err)
		}
		want := []*portalv1.ProcedureDocument{
			{Name: "認印", Need: portalv1.ProcedureDocument_NEED_ALWAYS},
			{Name: "住民票の写し", Need: portalv1.ProcedureDocument_NEED_IF, Condition: "転入した場合"},
			{Name: "戸籍謄本", Need: portalv1.ProcedureDocument_NEED_ORIGINAL},
		}
		if diff := cmp.Diff(want, list[0].Content.GetDocuments(), protocmp.Transform()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestExportCanBeImported(t *testing.T) {
	from, to := entry.NewStore(dbtest.SQLite(t), time.Now), entry.NewStore(dbtest.SQLite(t), time.Now)
	full := anEntry("L1", "すべての欄")
	full.Online, full.OnlineUrl, full.Summary, full.Deadline = true, "https://www.example.jp/a?b=1",
		"一行目\n二行目、\"引用\"", "出生から14日以内"
	full.DeadlineRule = &portalv1.DeadlineRule{From: "birth", Within: "14d", FirstDay: true}
	full.Links, full.Forms = []*portalv1.ProcedureLink{{Name: "案内", Url: "https://www.example.jp/"}},
		[]*portalv1.ProcedureLink{{Name: "様式"}}
	full.Bring, full.Method, full.Laws = []string{"印鑑", "通帳"}, []string{"書く", "出す"}, []string{"児童手当法第7条"}
	put(t, from, meguro, "2026-04-01", full, &portalv1.ProcedureContent{Number: "P0001", Definition: "P0001"})
	for _, place := range []string{"", meguro} {
		var file bytes.Buffer
		if err := from.Export(t.Context(), &file, place, "2026-11-23"); err != nil {
			t.Fatal(err)
		}
		if report := importing(t, to, file.String()); len(report.Errors) > 0 || report.Lines != 2 {
			t.Fatalf("%+v", report)
		}
	}
	before, err := from.OfPlace(t.Context(), meguro, "2026-11-23")
	if err != nil {
		t.Fatal(err)
	}
	after, err := to.OfPlace(t.Context(), meguro, "2026-11-23")
	if err != nil {
		t.Fatal(err)
	}
	for i := range before {
		if diff := cmp.Diff(before[i].Content, after[i].Content, protocmp.Transform()); diff != "" {
			t.Error(diff)
		}
	}
}

func FuzzReadCSV(f *testing.F) {
	f.Add([]byte(head + "131105,P0001,P0001,,,,,,,,可,\n"))
	f.Add([]byte(head + "131105,\"L1\n,,,"))
	f.Add([]byte("\xef\xbb\xbf手続番号,自治体コード\n\xff\xfe"))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, _ = catalog.ReadCSV(bytes.NewReader(data), func(l catalog.Line) {
			if !l.Ended && len(catalog.Check(l.Content)) > 0 {
				t.Error("a line that is wrong was handed out")
			}
		})
	})
}
