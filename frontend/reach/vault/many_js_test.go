package vault

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// These run in a browser: frontend/e2e builds them and has Chromium run them (TestTheVaultInABrowser,
// BenchmarkVault).

const many = 10_000

var noticeWords = strings.Fields("国民健康保険 介護保険 児童手当 住民税 固定資産税 予防接種 図書館 保育園 水道 選挙 防災訓練 健康診断 年金 マイナンバー " +
	"更新 申請 期限 窓口 お届け 確認 変更 決定 通知 納付 案内 受付 説明会 七月 八月 九月 区役所 支所 二階 三階 郵送 電話 本人 家族 書類 持ち物")

func inBrowser(t testing.TB) {
	t.Helper()
	before := kept.declared
	kept.declared = nil
	Declare(Sort{Kind: "letter", Sealed: true}, Sort{Kind: "area"})
	t.Cleanup(func() { kept.declared = before })
	if err := OpenBySession(t.Context(), "bench", make([]byte, rootSize), false); err != nil {
		t.Fatal(err)
	}
}

// What the browser's database and its keys do is what their stand-ins do in the other tests.
func TestInBrowser(t *testing.T) {
	inBrowser(t)
	for _, kind := range []Kind{"letter", "area"} {
		for _, id := range []string{"b", "a"} {
			if err := Put(t.Context(), kind, id, []byte("言葉"+id)); err != nil {
				t.Fatal(err)
			}
		}
		if err := Delete(t.Context(), kind, "b"); err != nil {
			t.Fatal(err)
		}
		all, err := List(t.Context(), kind)
		if err != nil || len(all) != 1 || all[0].ID != "a" || string(all[0].Data) != "言葉a" {
			t.Errorf("%s: %v, %v", kind, all, err)
		}
	}
	rows, err := rowsUnder(t.Context(), "bench", "letter")
	if err != nil || len(rows) != 1 || strings.Contains(string(fromBlob(rows[0].data)), "言葉") {
		t.Fatalf("%v, %v", rows, err)
	}
	forged := rows[0]
	forged.at++
	if err := putRows(t.Context(), []row{forged}, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := Get(t.Context(), "letter", "a"); err != ErrNotOurs {
		t.Errorf("a record of another time: %v", err)
	}
	if err := Put(t.Context(), "letter", "a", []byte("新しい")); err != nil {
		t.Fatal(err)
	}
	if r, err := Get(t.Context(), "letter", "a"); err != nil || string(r.Data) != "新しい" {
		t.Fatalf("%v, %v", r, err)
	}
	if err := opened().putRowsIf(t.Context(), false, rows[0], nil, rows); !errors.Is(err, errMoved) {
		t.Errorf("what is another by now: %v", err)
	}
	if err := putRows(t.Context(), rows, nil); err != nil { // the older copy, as sealed
		t.Fatal(err)
	}
	if _, err := Get(t.Context(), "letter", "a"); err != ErrNotOurs || !errors.Is(Trouble(), ErrReplaced) {
		t.Errorf("an older record: %v, %v", err, Trouble())
	}
	if left, err := rowsUnder(t.Context(), "bench", "letter"); err != nil || len(left) > 0 {
		t.Errorf("it lies there still: %v, %v", left, err)
	}
	if err := Note(t.Context(), Era(), "letter", Entry{ID: "n", At: 1, Text: "ＡＢＣ 𠮷野 保険"}); err != nil {
		t.Fatal(err)
	}
	for words, want := range map[string]int{"abc": 1, "𠮷野": 1, "abc 保険": 1, "介護": 0} {
		if found, _, err := Find(t.Context(), "letter", words, 5); err != nil || len(found) != want {
			t.Errorf("%q: %v, %v", words, found, err)
		}
	}
	if err := Destroy(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left, err := rowsUnder(t.Context(), "bench"); err != nil || len(left) != 0 {
		t.Errorf("%d rows are left, %v", len(left), err)
	}
}

// TestFillMany lays 10,000 notices as reading them leaves them.
func TestFillMany(t *testing.T) {
	inBrowser(t)
	r := rand.New(rand.NewPCG(1, 2))
	sentence := func(n int) string {
		words := make([]string, n)
		for i := range words {
			words[i] = noticeWords[r.IntN(len(noticeWords))]
		}
		return strings.Join(words, "の")
	}
	o := opened()
	k, _ := declared("letter")
	lay := func(name string, from, to int) {
		var all []Entry
		for i := from; i < to; i++ {
			all = append(all, Entry{
				ID: fmt.Sprintf("/portal.v1.NoticeService/GetNotice?ChtuYWFhYWFhYWFh%08d", i), At: int64(i),
				Head: make([]byte, 120), Text: sentence(6) + " 目黒区 " + sentence(40) + names(r, i),
				noted: clock().UnixMilli(),
			})
		}
		whole := pack(all)
		part := o.findRow("letter", findEnding, name, len(whole))
		var err error
		if part.data, err = o.seal.seal(t.Context(), whole, part.bound()); err != nil {
			t.Fatal(err)
		}
		if err := putRows(t.Context(), []row{part}, nil); err != nil {
			t.Fatal(err)
		}
	}
	loose := mostNew - 1
	for i := range mostNew { // as if so many had been noted
		lay(fmt.Sprint("lot ", i), i*(many-loose)/mostNew, (i+1)*(many-loose)/mostNew)
	}
	began := time.Now()
	if err := o.gather(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	fmt.Printf("vault: %d put together in %.0f ms\n", many, ms(time.Since(began)))
	for i := range loose {
		lay(fmt.Sprint(i), many-loose+i, many-loose+i+1)
	}
}

// names has some characters of each notice be its own, and some words be in one of a hundred.
func names(r *rand.Rand, i int) string {
	own := make([]rune, 40)
	for i := range own {
		own[i] = '一' + rune(r.IntN(4000))
	}
	if i%100 == 7 {
		return string(own) + "住宅改修"
	}
	return string(own)
}

// TestSearchMany opens the vault and searches in what TestFillMany laid there, some times over, and tells the median
// and the shortest times until the first of what is found can be shown, and from there on until all of it is.
func TestSearchMany(t *testing.T) {
	const times = 7
	var worst, shortest time.Duration
	for _, words := range []string{"予防接種 説明会", "ありえない言葉", "保険", "住宅改修", "住宅改修 予防接種"} {
		var open, first, rest, again []time.Duration
		n := 0
		for range times {
			Lock()
			began := time.Now()
			inBrowser(t)
			open = append(open, time.Since(began))
			if _, _, err := Find(t.Context(), "letter", words, FirstFound); err != nil {
				t.Fatal(err)
			}
			first = append(first, time.Since(began))
			began = time.Now()
			found, _, err := Find(t.Context(), "letter", words, 50)
			rest = append(rest, time.Since(began))
			if err != nil {
				t.Fatal(err)
			}
			n = len(found)
			began = time.Now()
			if _, _, err := Find(t.Context(), "letter", words, 50); err != nil {
				t.Fatal(err)
			}
			again = append(again, time.Since(began))
		}
		fmt.Printf("vault %q: %d found: open %s, open and search %s, the rest %s, search again %s\n",
			words, n, median(open), median(first), median(rest), median(again))
		worst, shortest = max(worst, first[times/2]), max(shortest, first[0])
	}
	fmt.Printf("worst %.1f %.1f\n", ms(worst), ms(shortest))
}

// TestGatherMany puts what lies loose beside thousands into blocks.
func TestGatherMany(t *testing.T) {
	inBrowser(t)
	began, longest, last := time.Now(), time.Duration(0), time.Now()
	done := make(chan error)
	go func() {
		for i := range mostNew {
			err := Note(t.Context(), Era(), "letter", Entry{ID: fmt.Sprint("new", i), At: many, Text: "保険"})
			if err != nil {
				done <- err
			}
		}
		done <- nil
	}()
	for {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			fmt.Printf("vault: %d noted and put together beside %d: %.0f ms, the page stood still for %.0f "+
				"ms at most\n",
				mostNew, many, ms(time.Since(began)), ms(longest))
			return
		case <-time.After(time.Millisecond):
			longest, last = max(longest, time.Since(last)), time.Now()
		}
	}
}

// median says the one in the middle, and the shortest.
func median(all []time.Duration) string {
	slices.Sort(all)
	return fmt.Sprintf("%.1f (%.1f) ms", ms(all[len(all)/2]), ms(all[0]))
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
