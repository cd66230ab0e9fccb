package ledger

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func signerOf(t testing.TB, name string, seed byte) *Signer {
	t.Helper()
	s, err := NewSigner(name, bytes.Repeat([]byte{seed}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func handed(t testing.TB, before, now *Signer, why Why, by *Signer) string {
	t.Helper()
	signed, err := SignHandover(Handover{
		Before: before.Key(), Now: now.Key(), Why: why, At: time.Unix(1_795_000_000, 0),
		Last: Checkpoint{Size: 12, Root: Hash{1}},
	}, now, by)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// From one key to the next, over as many as there were; a step that is missing, forged or turned round leads nowhere.
func TestOneKeyIsFollowedByAnother(t *testing.T) {
	first, second := signerOf(t, "log.example/a", 1), signerOf(t, "log.example/a", 2)
	third := signerOf(t, "log.example/b", 3)
	one, two := handed(t, first, second, Stolen, first), handed(t, second, third, Lost, second)
	way, both := Handed([]string{one, two}, first.Key(), third.Key())
	if len(way) != 2 || !both || way[1].Why != Lost || way[0].Last.Size != 12 || way[0].Last.Origin != "log.example/a" {
		t.Error(way, both)
	}
	if way, both := Handed([]string{handed(t, first, second, Stolen, nil)}, first.Key(), second.Key()); len(way) != 1 ||
		both {
		t.Error("without the key before:", way, both)
	}
	for name, all := range map[string][]string{
		"none": nil, "a step is missing": {two}, "turned round": {two, one}, "of another log": {one},
		"bent":          {strings.Replace(one, "size 12", "size 13", 1), two},
		"by nobody":     {one[:strings.Index(one, "\n\n")+2], two},
		"by the before": {strings.Replace(one, "now ", "now x", 1), two},
		// A log that goes on keeps its name, and one that begins anew has another.
		"stolen": {handed(t, first, third, Stolen, first)}, "lost": {handed(t, first, second, Lost, first), two},
		"lost key": {handed(t, first, third, LostKey, nil)},
	} {
		if way, _ := Handed(all, first.Key(), third.Key()); way != nil {
			t.Errorf("%s: %v", name, way)
		}
	}
}

func FuzzOpenHandover(f *testing.F) {
	first, second := signerOf(f, "log.example/a", 1), signerOf(f, "log.example/a", 2)
	f.Add(handed(f, first, second, Stolen, first))
	f.Add(handed(f, first, signerOf(f, "b", 3), Lost, nil))
	f.Add("madoguchi log handover 1\nbefore \nnow \nwhy \nat \nsize \nroot \n\n")
	f.Fuzz(func(t *testing.T, signed string) {
		h, _, err := OpenHandover(signed)
		if err == nil && (h.Before == h.Now || !strings.Contains(signed, h.Now)) {
			t.Error(h)
		}
	})
}
