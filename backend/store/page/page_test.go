package page_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"madoguchi/backend/store/page"
)

func TestSizes(t *testing.T) {
	limits := page.Limits{Usual: 20, Most: 100}
	for asked, want := range map[int32]int32{0: 20, 1: 1, 100: 100} {
		if got, err := limits.Size(asked); got != want || err != nil {
			t.Errorf("%d: %d, %v", asked, got, err)
		}
	}
	for _, asked := range []int32{-1, 101, 1 << 30} {
		if _, err := limits.Size(asked); !errors.Is(err, page.ErrSize) {
			t.Errorf("%d: %v", asked, err)
		}
	}
}

func TestATokenIsGoodForOneListOfOneReader(t *testing.T) {
	list := page.Of("notices", "hanako", "unread", "")
	line := []string{"1795316400000", "n\"\x00花"}
	token := list.Token(line...)
	if got, err := list.After(token, 2); err != nil || !slices.Equal(got, line) {
		t.Fatalf("%q, %v", got, err)
	}
	if got, err := list.After("", 2); got != nil || err != nil {
		t.Errorf("the first page: %q, %v", got, err)
	}
	for name, other := range map[string]page.List{
		"another reader": page.Of("notices", "taro", "unread", ""),
		"another filter": page.Of("notices", "hanako", "", ""),
		"another list":   page.Of("actions", "hanako", "unread", ""),
		"parts moved":    page.Of("notices", "hanako", "", "unread"),
		"parts joined":   page.Of("notices", "hanakounread", "", ""),
	} {
		if _, err := other.After(token, 2); !errors.Is(err, page.ErrToken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, wrong := range []string{
		"20", "x", "YS4xLg", token[1:], token + "A", token[:len(token)-1], token + "=", list.Token("one"),
		list.Token("1", "2", "3"), list.Token(),
		strings.Repeat(token, 20),
	} {
		if _, err := list.After(wrong, 2); !errors.Is(err, page.ErrToken) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}

func FuzzToken(f *testing.F) {
	list := page.Of("notices", "hanako")
	f.Add(list.Token("1", "n"))
	f.Add("YS4xLg")
	f.Fuzz(func(t *testing.T, token string) {
		line, err := list.After(token, 2)
		if err == nil && token != "" && len(line) != 2 {
			t.Errorf("%q gives %q", token, line)
		}
	})
}
