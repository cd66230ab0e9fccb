//go:build !js

package vault

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
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
	rows := 0
	for _, r := range table.rows {
		if r.kind == kindOfFind(letter) {
			rows++
		}
	}
	if rows > 3000/mostInPart+mostNew+2 {
		t.Errorf("they lie in %d rows", rows)
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
		p.find([]string{"w"}, 3)
	})
}
