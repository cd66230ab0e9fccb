package index

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"madoguchi/backend/japan/catalog"
	"madoguchi/backend/japan/japanese"
)

// What Write writes, in numbers of variable length: the texts as their keys (title, and keywords behind NULs), the
// other strings, the entries by place. What can be made from them is made again, so that how words are held against
// texts may change without the form. Whatever else changes in what an entry is made of (EntryOf) needs another number
// here.
const form = 1

// Bounds of what is read; a nation is far below them.
const (
	maxKept   = 1 << 24 // of anything
	maxString = 1 << 16 // octets
)

// Fingerprint is another one whenever what Write wrote would no longer be what Replace makes of the same entries.
func Fingerprint(definitions []catalog.Definition, categories []string) ([sha256.Size]byte, error) {
	h := sha256.New()
	_, _ = fmt.Fprintln(h, form)
	if err := json.NewEncoder(h).Encode([]any{definitions, categories}); err != nil {
		return [sha256.Size]byte{}, fmt.Errorf("describing the definitions: %w", err)
	}
	for _, d := range definitions { // a change in folding shows in some of these
		_, _ = fmt.Fprintln(h, japanese.Fold(d.Name.Ja+d.Kana+d.Summary.Ja))
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
}

// Write writes all entries.
func (x *Index) Write(to io.Writer) error {
	x.mu.RLock()
	defer x.mu.RUnlock()
	w := &keeper{w: bufio.NewWriter(to)}
	places := make([]string, 0, len(x.places))
	for p := range x.places {
		places = append(places, p)
	}
	slices.Sort(places)
	strung := interned{nums: map[string]int32{}}
	renumbered := make([]int32, len(x.texts))
	var keys []string
	byNumber := make([]string, len(x.texts))
	for key, n := range x.byText {
		byNumber[n] = key
	}
	for n := range x.texts {
		if x.texts[n].uses > 0 {
			renumbered[n] = int32(len(keys))
			keys = append(keys, byNumber[n])
		}
	}
	for _, p := range places {
		strung.number(p)
		for _, e := range x.places[p] {
			strung.number(x.strings.all[e.summary])
			strung.number(x.strings.all[e.deadline])
			strung.number(e.number)
		}
	}
	w.strings(keys)
	w.strings(strung.all)
	w.number(len(places))
	for _, p := range places {
		w.number(int(strung.number(p)))
		w.number(len(x.places[p]))
		for _, e := range x.places[p] {
			for _, n := range []int{
				int(renumbered[e.text]), int(strung.number(x.strings.all[e.summary])),
				int(strung.number(x.strings.all[e.deadline])), int(strung.number(e.number)),
				int(e.definition) + 1, int(e.category), int(e.signature), one(e.online),
			} {
				w.number(n)
			}
		}
	}
	if w.err != nil {
		return w.err
	}
	return w.w.Flush()
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

type keeper struct {
	w   *bufio.Writer
	err error
}

func (k *keeper) number(n int) {
	var b [binary.MaxVarintLen64]byte
	if k.err == nil {
		_, k.err = k.w.Write(b[:binary.PutUvarint(b[:], uint64(n))])
	}
}

func (k *keeper) strings(list []string) {
	k.number(len(list))
	for _, s := range list {
		k.number(len(s))
		if k.err == nil {
			_, k.err = k.w.WriteString(s)
		}
	}
}

// Read makes an index of what Write wrote. It holds no second copy of anything, and an error for whatever Write would
// not have written.
func Read(from io.Reader, definitions []catalog.Definition, categories []string) (*Index, error) {
	x := New(definitions, categories)
	r := &finder{r: bufio.NewReader(from)}
	for _, key := range r.strings() {
		title, rest, more := strings.Cut(key, "\x00")
		var keywords []string
		if more {
			keywords = strings.Split(rest, "\x00")
		}
		if _, twice := x.byText[key]; twice {
			return nil, errors.New("a text stands there twice")
		}
		x.add(key, newText(title, keywords))
	}
	for i, s := range r.strings() {
		if int(x.strings.number(s)) != i {
			return nil, errors.New("a string stands there twice")
		}
	}
	for range r.below(maxKept, "places") {
		place := r.one(x.strings.all)
		if _, twice := x.places[place]; twice && r.err == nil {
			return nil, errors.New("a place stands there twice")
		}
		var list []entry
		for range r.below(maxKept, "entries") {
			e := entry{
				text: int32(r.below(len(x.texts), "texts")), summary: int32(r.below(len(x.strings.all), "strings")),
				deadline: int32(r.below(len(x.strings.all), "strings")),
			}
			e.number = r.one(x.strings.all)
			e.definition = int16(r.below(len(x.definitions)+1, "definitions") - 1)
			e.category = uint8(r.below(256, "categories"))
			e.signature = uint8(r.below(len(signatures), "signatures"))
			e.online = r.below(2, "answers") == 1
			if r.err != nil {
				return nil, r.err
			}
			x.count(place, &e)
			list = append(list, e)
		}
		if r.err != nil {
			return nil, r.err
		}
		if len(list) > 0 {
			x.places[place] = slices.Clip(list)
			x.total += len(list)
		}
	}
	if r.err != nil {
		return nil, r.err
	}
	if _, err := r.r.ReadByte(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more than an index")
	}
	return x, nil
}

// finder reads until the first error; then all is 0.
type finder struct {
	r   *bufio.Reader
	err error
}

// below reads a number that is below a bound.
func (f *finder) below(bound int, what string) int {
	if f.err != nil {
		return 0
	}
	n, err := binary.ReadUvarint(f.r)
	if err != nil {
		f.err = fmt.Errorf("reading the number of %s: %w", what, err)
		return 0
	}
	if n >= uint64(bound) {
		f.err = fmt.Errorf("%d is no number of %s", n, what)
		return 0
	}
	return int(n)
}

func (f *finder) one(of []string) string {
	n := f.below(len(of), "strings")
	if f.err != nil {
		return ""
	}
	return of[n]
}

func (f *finder) strings() []string {
	var list []string // grown as they come: the count may be wrong
	buffer := make([]byte, 0, 256)
	for range f.below(maxKept, "strings") {
		length := f.below(maxString, "octets")
		buffer = slices.Grow(buffer[:0], length)[:length]
		if f.err == nil {
			_, f.err = io.ReadFull(f.r, buffer)
		}
		if f.err != nil {
			return nil
		}
		list = append(list, string(buffer))
	}
	return list
}
