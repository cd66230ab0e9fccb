// Package bank knows the banks to which money can be paid in Japan, and their branches: codes (統一金融機関コード, 店番),
// names and readings, as the banks' network (全銀) writes them. Names stand without 銀行, and 信用金庫 is 信金. Banks merge
// and branches move: what is not in these tables may be there all the same, and is nobody's fault.
//
// The tables are made by `make data` from the npm package zengin-code 1.0.0-p20260824 (MIT, © Sho Kusano); see
// LICENSE-data.
package bank

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
)

// Bank is a bank, or a branch of one.
type Bank struct {
	Code string // four digits; of a branch, three
	Name string
	Kana string // full-width, without small ones: ミツビシユ－エフジエイ
}

//go:embed banks.tsv
var banks string

//go:embed branches.tsv.gz
var branches []byte

var all = sync.OnceValue(func() (list []Bank) {
	for line := range strings.Lines(banks) {
		if f := strings.Split(strings.TrimSuffix(line, "\n"), "\t"); len(f) == 3 {
			list = append(list, Bank{f[0], f[1], f[2]})
		}
	}
	return list
})

var byBank = sync.OnceValues(func() (map[string][]Bank, error) {
	unpacked, err := gzip.NewReader(bytes.NewReader(branches))
	if err != nil {
		return nil, fmt.Errorf("opening branches.tsv.gz: %w", err)
	}
	text, err := io.ReadAll(unpacked)
	if err != nil {
		return nil, fmt.Errorf("unpacking branches.tsv.gz: %w", err)
	}
	of := map[string][]Bank{}
	for line := range strings.Lines(string(text)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) != 4 {
			return nil, fmt.Errorf("branches.tsv.gz: line %q", line)
		}
		of[f[0]] = append(of[f[0]], Bank{f[1], f[2], f[3]})
	}
	return of, nil
})

// longer are names that the network shortens.
var longer = strings.NewReplacer("信金", "信用金庫", "信組", "信用組合", "労金", "労働金庫", "農協", "農業協同組合")

// Also is how people write the name of a bank otherwise, with blanks between: みずほ銀行. Empty for branches.
func (b Bank) Also() string {
	long := longer.Replace(b.Name)
	switch {
	case len(b.Code) != 4:
		return ""
	case b.Code < "1000" || b.Code == "9900":
		return b.Name + "銀行 " + b.Kana + "ギンコウ"
	case strings.HasSuffix(b.Name, "農協"):
		return long + " JA" + strings.TrimSuffix(b.Name, "農協")
	case long != b.Name:
		return long
	}
	return ""
}

// Name is that of a bank, or of a branch of it; empty of one that is not known.
func Name(code, branch string) string {
	list := All()
	if branch != "" {
		list, _ = Branches(code) // they are built in: a test unpacks them
		code = branch
	}
	byCode := func(b Bank, code string) int { return strings.Compare(b.Code, code) }
	at, is := slices.BinarySearchFunc(list, code, byCode)
	if !is {
		return ""
	}
	return list[at].Name
}

// All returns every bank in the order of the codes. Not to be changed.
func All() []Bank { return all() }

// Branches returns the branches of a bank in the order of the codes; none of a bank that is not known. Not to be
// changed.
func Branches(code string) ([]Bank, error) {
	of, err := byBank()
	return of[code], err
}
