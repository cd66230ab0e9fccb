//go:build !js

package vault

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func note(t *testing.T, id string, at int64, words string) {
	t.Helper()
	e := Entry{ID: id, At: at, Head: []byte("head of " + id), Text: words}
	if err := Note(t.Context(), Era(), letter, e); err != nil {
		t.Fatal(err)
	}
}

func find(t *testing.T, words string, most int) (ids string, more bool) {
	t.Helper()
	found, more, err := Find(t.Context(), letter, words, most)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range found {
		if string(e.Head) != "head of "+e.ID {
			t.Errorf("%s has the %s", e.ID, e.Head)
		}
		ids += e.ID + " "
	}
	return strings.TrimSpace(ids), more
}

func TestWordsAreFound(t *testing.T) {
	begin(t)
	enter(t, "hanako", "s1")
	note(t, "a", 1, "国民健康保険の 更新 𠮷野")
	note(t, "b", 2, "介護保険 HOKEN")
	if got, _ := find(t, "保険", 9); got != "b a" {
		t.Errorf("both: %q", got)
	}
	note(t, "c", 3, "𠮷野町 保険料")
	for words, want := range map[string]string{
		"保険": "c b a", "hoken": "b", "更新 保険": "a", "更新 介護": "", "野町": "c", "𠮷野": "c a", "": "", "料b": "",
	} {
		if got, more := find(t, words, 9); got != want || more {
			t.Errorf("%q: %q, %v", words, got, more)
		}
	}
	if got, more := find(t, "保険", 2); got != "c b" || !more {
		t.Errorf("%q, %v", got, more)
	}
	Lock()
	if _, _, err := Find(t.Context(), letter, "保険", 9); !errors.Is(err, ErrLocked) {
		t.Error(err)
	}
	enter(t, "hanako", "s1")
	if got, _ := find(t, "保険", 9); got != "c b a" {
		t.Errorf("after it was opened again: %q", got)
	}
	for _, r := range table.rows {
		if strings.HasSuffix(r.kind, findEnding) && strings.Contains(string(r.data), "保険") {
			t.Error("the words lie there in clear")
		}
	}
	if err := Wipe(t.Context(), letter); err != nil {
		t.Fatal(err)
	}
	Lock()
	enter(t, "hanako", "s1")
	if got, _ := find(t, "保険", 9); got != "" {
		t.Errorf("wiped: %q", got)
	}
}

// Thousands are found as few are, and what was noted anew as what lies in the parts.
func TestManyAreFound(t *testing.T) {
	begin(t)
	enter(t, "hanako", "s1")
	for i := range 3000 {
		note(t, strconv.Itoa(i), int64(i), fmt.Sprintf("お知らせ %d号", i))
		if i == 100 {
			find(t, "号", 1)
		}
	}
	note(t, "7", 7, "お知らせ 七号")
	check := func() {
		t.Helper()
		if got, more := find(t, "お知らせ", 3); got != "2999 2998 2997" || !more {
			t.Errorf("%q, %v", got, more)
		}
		if got, _ := find(t, "2500号", 3); got != "2500" {
			t.Error(got)
		}
		if got, _ := find(t, "七号", 3); got != "7" {
			t.Error(got)
		}
	}
	check()
	lie := map[string]int{}
	for _, r := range table.rows {
		lie[r.kind]++
	}
	if n := lie[kindOfFind(letter)]; n >= mostNew {
		t.Errorf("%d lie loose", n)
	}
	if n := lie[string(letter)+blockEnding]; n > 3000/mostInBlock+3 {
		t.Errorf("they lie in %d blocks", n)
	}
	Lock()
	enter(t, "hanako", "s1")
	check()
}

func TestWhatIsNotedBeforeTheVaultIsOpenIsFoundThen(t *testing.T) {
	begin(t)
	note(t, "a", 1, "保険")
	if err := PutIn(t.Context(), Era(), letter, "a", []byte("x")); err != nil {
		t.Fatal(err)
	}
	enter(t, "hanako", "s1")
	if ids, _ := find(t, "保険", 9); ids != "a" || got(t, letter, "a") != "x" {
		t.Error(ids, got(t, letter, "a"))
	}
	// What somebody asked for who has gone is not kept for who comes then.
	era := Era()
	Lock()
	if err := PutIn(t.Context(), era, letter, "b", []byte("x")); err != nil {
		t.Fatal(err)
	}
	enter(t, "taro", "s2")
	if got(t, letter, "b") != ErrNone.Error() {
		t.Error("what one asked for lies in the other's vault")
	}
}

// What a page keeps on its way out, when its person's vault is locked already, does not wait for the next person's.
func TestWhatComesAfterTheVaultWasLockedIsNotTheNextOnes(t *testing.T) {
	late := func(t *testing.T, then func()) {
		t.Helper()
		begin(t)
		enter(t, "hanako", "s1")
		Lock()
		if err := PutIn(t.Context(), Era(), letter, "a", []byte("x")); err != nil {
			t.Fatal(err)
		}
		note(t, "b", 1, "保険")
		then()
	}
	nothing := func(t *testing.T) {
		t.Helper()
		if ids, _ := find(t, "保険", 9); ids != "" || got(t, letter, "a") != ErrNone.Error() {
			t.Error("the next person has", ids, got(t, letter, "a"))
		}
	}
	t.Run("another one's", func(t *testing.T) {
		late(t, func() {
			enter(t, "taro", "s2")
			nothing(t)
		})
	})
	t.Run("another one logs in", func(t *testing.T) {
		late(t, func() {
			Belong("taro")
			if err := PutIn(t.Context(), Era(), letter, "c", []byte("y")); err != nil {
				t.Fatal(err)
			}
			enter(t, "taro", "s2")
			nothing(t)
			if got(t, letter, "c") != "y" {
				t.Error("what is the next one's is not kept")
			}
		})
	})
	t.Run("the same one's", func(t *testing.T) {
		late(t, func() {
			enter(t, "hanako", "s1")
			if got(t, letter, "a") != "x" {
				t.Error("it is lost")
			}
		})
	})
}

func FuzzPart(f *testing.F) {
	f.Add(pack([]Entry{{ID: "a", At: 1, Head: []byte("h"), Text: "w"}, {ID: "b", At: 2, Text: "𠮷"}}))
	f.Add([]byte{0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := partOf(row{}, b)
		if err != nil {
			return
		}
		for i := range p.lines {
			_, _ = p.entry(i)
		}
	})
}

func FuzzIndex(f *testing.F) {
	g := gramsOf([]string{"保険"})[0]
	f.Add(shelfWith(nil, nil, map[gram]bool{g: true}, map[gram][]uint32{g: {1, 7, 300}}))
	index, _ := packBlocks(3, []block{{number: 1, count: 2}})
	f.Add(index)
	f.Fuzz(func(_ *testing.T, b []byte) {
		_, blocks := blocksOf(b)
		withAll(blocks, []gram{g}, map[string][]byte{g.shelf(): b})
		shelfWith(b, map[uint32]bool{7: true}, map[gram]bool{g: true}, map[gram][]uint32{g: {9}})
	})
}

// Whatever is noted, again with other words or not, in whatever order and by whichever tab, is found as by looking at
// all of it.
func TestTheIndexFindsWhatLookingFinds(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		begin(t)
		enter(t, "hanako", "s1")
		letters := []rune("保険証の更新ab 𠮷")
		text := rapid.StringOfN(rapid.RuneFrom(letters), 1, 6, -1)
		now := map[string]Entry{}
		for range rapid.IntRange(1, 150).Draw(r, "acts") {
			switch rapid.IntRange(0, 9).Draw(r, "act") {
			case 0: // a page begins anew
				Lock()
				enter(t, "hanako", "s1")
			case 1:
				o := opened()
				k, _ := declared(letter)
				if err := o.gather(t.Context(), k); err != nil {
					r.Fatal(err)
				}
			default:
				id := strconv.Itoa(rapid.IntRange(0, 60).Draw(r, "id"))
				at, _ := strconv.ParseInt(id, 10, 64)
				now[id] = Entry{ID: id, At: at, Text: text.Draw(r, "text")}
				later := clock().Add(time.Millisecond)
				clock = func() time.Time { return later }
				note(t, id, at, now[id].Text)
			}
		}
		words := strings.Fields(text.Draw(r, "words"))
		if len(words) == 0 {
			return
		}
		want := 0
		for _, e := range now {
			if containsAll(e.Text, words) {
				want++
			}
		}
		found, _, err := Find(t.Context(), letter, strings.Join(words, " "), 100)
		for _, e := range found {
			if containsAll(now[e.ID].Text, words) {
				want--
			}
		}
		if err != nil || want != 0 {
			r.Errorf("%q: %d not found among %d, %v", words, want, len(found), err)
		}
	})
}

// Of two tabs that put the same together, one does.
func TestTwoTabsPutTogetherOnce(t *testing.T) {
	begin(t)
	enter(t, "hanako", "s1")
	for i := range mostNew - 1 {
		note(t, strconv.Itoa(i), int64(i), "保険")
	}
	seen, _, err := readRows(t.Context(), []row{opened().findRow(letter, indexEnding, indexName, 0)})
	if err != nil {
		t.Fatal(err)
	}
	note(t, "x", 99, "保険")
	note(t, "y", 100, "保険")
	if err := opened().putRowsIf(t.Context(), false, seen[0], nil, seen); !errors.Is(err, errMoved) {
		t.Errorf("%v", err)
	}
	if got, more := find(t, "保険", 2); got != "y x" || !more {
		t.Error(got, more)
	}
}
