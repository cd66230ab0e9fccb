package vault

import (
	"encoding/binary"
	"strconv"
	"unicode"
)

// gram is two characters that follow one another in a word, or one, as a number. Two that have the same number cost a
// look into a block, no more.
type gram uint32

// shelves is how many pieces the index of the grams has.
const shelves = 64

func gramOf(a, b rune) gram {
	h := uint32(a)*0x9E3779B1 ^ uint32(b)*0x85EBCA6B
	h = (h ^ h>>15) * 0x2C1B3C6D
	return gram(h ^ h>>13)
}

// on is the shelf that it stands on.
func (g gram) on() int { return int(g % shelves) }

func (g gram) shelf() string { return shelfName(g.on()) }

func shelfName(n int) string { return "shelf-" + strconv.Itoa(n) }

// eachGram calls do with those of a text, some of them many times.
func eachGram(text string, do func(gram)) {
	before := rune(0)
	for _, r := range text {
		if unicode.IsSpace(r) {
			before = 0
			continue
		}
		do(gramOf(r, 0))
		if before != 0 {
			do(gramOf(before, r))
		}
		before = r
	}
}

// gramsOf are those that a text must have that has the words: of a word of one character that one.
func gramsOf(words []string) []gram {
	var grams []gram
	for _, w := range words {
		letters := []rune(w)
		if len(letters) == 1 {
			grams = append(grams, gramOf(letters[0], 0))
		}
		for i := range len(letters) - 1 {
			grams = append(grams, gramOf(letters[i], letters[i+1]))
		}
	}
	return grams
}

// A shelf is its grams, each with the numbers of the blocks that have it: the gram, how many bytes follow, and the
// differences between the numbers.

// eachOn calls do with the grams of a shelf until it says that it has enough; it ends where the shelf is not whole.
func eachOn(shelf []byte, do func(g gram, postings []byte) (enough bool)) {
	for len(shelf) > 4 {
		g := gram(binary.BigEndian.Uint32(shelf))
		size, n := binary.Uvarint(shelf[4:])
		if n <= 0 || size > uint64(len(shelf)-4-n) {
			return
		}
		end := 4 + n + int(size)
		if do(g, shelf[4+n:end]) {
			return
		}
		shelf = shelf[end:]
	}
}

func eachNumber(postings []byte, do func(number uint32)) {
	at := uint32(0)
	for len(postings) > 0 {
		step, n := binary.Uvarint(postings)
		if n <= 0 {
			return
		}
		at += uint32(step)
		do(at)
		postings = postings[n:]
	}
}

// shelfWith is a shelf without the blocks that do not stay, and with what is added.
func shelfWith(before []byte, stay map[uint32]bool, added map[gram]bool, news map[gram][]uint32) []byte {
	var after, postings []byte
	last := uint32(0)
	add := func(number uint32) {
		postings = binary.AppendUvarint(postings, uint64(number-last))
		last = number
	}
	write := func(g gram) {
		for _, number := range news[g] {
			add(number)
		}
		if len(postings) > 0 {
			after = binary.BigEndian.AppendUint32(after, uint32(g))
			after = append(binary.AppendUvarint(after, uint64(len(postings))), postings...)
		}
		postings, last = postings[:0], 0
	}
	eachOn(before, func(g gram, there []byte) bool {
		eachNumber(there, func(number uint32) {
			if stay[number] {
				add(number)
			}
		})
		write(g)
		delete(added, g)
		return false
	})
	for g := range added {
		write(g)
	}
	return after
}

// withAll are those of the blocks, which come in the order of their numbers, that have all the grams, as the shelves
// say. A shelf that is missing rules nothing out.
func withAll(blocks []block, grams []gram, on map[string][]byte) []block {
	for _, g := range unique(grams) {
		shelf, there := on[g.shelf()]
		if !there {
			continue
		}
		var with []block
		eachOn(shelf, func(other gram, postings []byte) bool {
			if other != g {
				return false
			}
			rest := blocks
			eachNumber(postings, func(number uint32) {
				for len(rest) > 0 && rest[0].number < number {
					rest = rest[1:]
				}
				if len(rest) > 0 && rest[0].number == number {
					with = append(with, rest[0])
				}
			})
			return true
		})
		blocks = with
	}
	return blocks
}

func unique(grams []gram) []gram {
	seen := map[gram]bool{}
	var all []gram
	for _, g := range grams {
		if !seen[g] {
			seen[g] = true
			all = append(all, g)
		}
	}
	return all
}
