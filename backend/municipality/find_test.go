package municipality_test

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"madoguchi/backend/municipality"
)

// said writes what was found as 目黒区/中目黒.
func said(typed string, limit int) string {
	found, _ := municipality.Find(typed, limit)
	var list []string
	for _, f := range found {
		name := f.Code
		if m, ok := municipality.ByCode(f.Code); ok {
			name = m.Name
		}
		for _, p := range municipality.Prefectures() {
			if p.Code == f.Code {
				name = p.Name
			}
		}
		if f.Town != "" {
			name += "/" + f.Town
		}
		list = append(list, name)
	}
	return strings.Join(list, " ")
}

func TestPlacesAreFoundAsTyped(t *testing.T) {
	for typed, want := range map[string]string{ // what must come first
		"目黒区": "目黒区", "目黒": "目黒区", "めぐろ": "目黒区", "メグロク": "目黒区", "ﾒｸﾞﾛ": "目黒区", "めぐ": "目黒区", "東京都目黒区": "目黒区", "東京 目黒": "目黒区", "とうきょうとめぐろく": "目黒区",
		"横浜市": "横浜市", "横浜市青葉区": "横浜市青葉区", "神奈川県横浜市青葉区": "横浜市青葉区", "よこはま": "横浜市", "府中": "府中市 府中市", "ふちゅう": "府中市 府中市", "東京府中": "府中市",
		"東京": "東京都", "東京都": "東京都", "とうきょう": "東京都", "北海道": "北海道", "真狩": "虻田郡真狩村", "まっかり": "虻田郡真狩村", "虻田郡真狩村": "虻田郡真狩村", "三宅村": "三宅村",
		"龍ケ崎": "龍ケ崎市", "龍ヶ崎": "龍ケ崎市", "竜ヶ崎市": "龍ケ崎市", "りゅうがさき": "龍ケ崎市", "茅ヶ崎": "茅ヶ崎市", "さいたま": "さいたま市", "津": "津市", "金澤": "金沢市",
		"中目黒": "目黒区/中目黒", "なかめぐろ": "目黒区/中目黒", "丸の内": "", "めくろ": "", "めぐろう": "目黒区",
		"153-0061": "目黒区/中目黒", "1530061": "目黒区/中目黒", "〒153-0061": "目黒区/中目黒", "１５３－００６１": "目黒区/中目黒", "１５３ー００６１": "目黒区/中目黒", "153": "目黒区",
	} {
		if got := said(typed, 10); !strings.HasPrefix(got, want) {
			t.Errorf("%s finds %s, want %s first", typed, got, want)
		}
	}
	for _, ward := range []string{"仙台市青葉区", "横浜市青葉区"} {
		if got := said("青葉区", 10); !strings.Contains(got, ward) {
			t.Errorf("青葉区 finds %s, not %s", got, ward)
		}
	}
	if got := said("丸の内", 20); !strings.Contains(got, "千代田区/丸の内") {
		t.Errorf("丸の内 finds %s", got)
	}
	for _, nothing := range []string{"", " ", "0", "12", "ぬぬぬぬぬ", "'; DROP TABLE", "<script>", "\x00", strings.Repeat("あ", 50_000), strings.Repeat("1", 50_000), "🙂", "%"} {
		start := time.Now()
		if got := said(nothing, 10); got != "" {
			t.Errorf("%.20q finds %s", nothing, got)
		}
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("%.20q took %s", nothing, took)
		}
	}
}

func TestPostalCodes(t *testing.T) {
	codes := map[string]map[string]bool{}
	rows := 0
	for code := range 10_000_000 {
		text := []byte("0000000")
		for i, n := 6, code; n > 0; i, n = i-1, n/10 {
			text[i] += byte(n % 10)
		}
		for _, town := range municipality.ByPostalCode(string(text)) {
			if codes[string(text)] == nil {
				codes[string(text)] = map[string]bool{}
			}
			codes[string(text)][town.Municipality.Code] = true
			rows++
		}
	}
	spanning, example := 0, ""
	for code, places := range codes {
		if len(places) > 1 {
			spanning++
			example = code
		}
	}
	if rows != 124_130 || len(codes) != 120_663 || spanning != 134 {
		t.Errorf("%d rows, %d codes, %d of them of several municipalities", rows, len(codes), spanning)
	}
	found, read := municipality.Find(example, 1)
	if read != municipality.PostalCode || len(found) != len(codes[example]) {
		t.Errorf("%s means %v: all of them are to be asked for", example, found)
	}
	for typed, want := range map[string]municipality.Query{
		"999-9999": municipality.UnknownCode, "15300611": municipality.UnknownCode, "153-0061": municipality.PostalCode, "999": municipality.PostalCode, "目黒区": municipality.Name, "12": municipality.Name,
	} {
		if _, read := municipality.Find(typed, 5); read != want {
			t.Errorf("%s is read as %d, want %d", typed, read, want)
		}
	}
}

func TestPrefectures(t *testing.T) {
	all := municipality.Prefectures()
	if len(all) != 47 || all[12].Name != "東京都" || all[12].Code != "130001" || all[12].Kana != "トウキョウト" || all[46].Kana != "オキナワケン" || all[0].Kana != "ホッカイドウ" {
		t.Error(all)
	}
}

func FuzzFind(f *testing.F) {
	for _, s := range []string{"目黒", "153-0061", "とうきょうと", "ｱ", "〒", "\xff", "东京"} {
		f.Add(s, 5)
	}
	f.Fuzz(func(t *testing.T, typed string, limit int) {
		found, read := municipality.Find(typed, limit%50)
		if read == municipality.UnknownCode && len(found) > 0 {
			t.Errorf("%q is unknown and found", typed)
		}
		if read == municipality.Name && len(found) > max(limit%50, 0) {
			t.Errorf("%q finds %d, more than %d", typed, len(found), limit%50)
		}
	})
}

// BenchmarkTables tells what the postal codes take in memory, and how long unpacking takes.
func BenchmarkTables(b *testing.B) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range b.N {
		municipality.Warm()
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapAlloc-min(before.HeapAlloc, after.HeapAlloc))/(1<<20), "MB")
}

func BenchmarkFind(b *testing.B) {
	municipality.Warm()
	for _, typed := range []string{"めぐ", "目黒", "東京都目黒区", "153-0061", "中目黒", "ぬぬぬぬ"} {
		b.Run(typed, func(b *testing.B) {
			for b.Loop() {
				municipality.Find(typed, 10)
			}
		})
	}
}
