package login

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
)

// Countries say in which country an address is ("JP"); "" when it is not known.
type Countries func(netip.Addr) string

// span is from one address to another, both in it.
type span struct {
	first, last netip.Addr
	country     string
}

// ReadCountries reads a table of countries, a line a network: its first address, its last one, and the country's two
// letters, as several publish it; or the network (203.0.113.0/24) and the country's letters. Other columns are passed
// over, and so are lines that begin with #.
func ReadCountries(table io.Reader) (Countries, error) {
	lines := csv.NewReader(table)
	lines.FieldsPerRecord, lines.ReuseRecord, lines.Comment = -1, true, '#'
	var spans []span
	for {
		fields, err := lines.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("reading the table of countries: %w", err)
		}
		found, err := readSpan(fields)
		if err != nil {
			line, _ := lines.FieldPos(0)
			return nil, fmt.Errorf("the table of countries, line %d: %w", line, err)
		}
		spans = append(spans, found)
	}
	if len(spans) == 0 {
		return nil, errors.New("the table of countries is empty")
	}
	slices.SortFunc(spans, func(a, b span) int { return a.first.Compare(b.first) })
	for i := 1; i < len(spans); i++ {
		if spans[i].first.Compare(spans[i-1].last) <= 0 {
			return nil, fmt.Errorf("the table of countries has %s twice", spans[i].first)
		}
	}
	return func(address netip.Addr) string { return lookUp(spans, address) }, nil
}

func lookUp(spans []span, address netip.Addr) string {
	i, exact := slices.BinarySearchFunc(spans, address, func(s span, a netip.Addr) int { return s.first.Compare(a) })
	if !exact {
		i--
	}
	if i < 0 || address.Compare(spans[i].last) > 0 {
		return ""
	}
	return spans[i].country
}

func readSpan(fields []string) (span, error) {
	network, err := netip.ParsePrefix(fields[0])
	if err == nil && len(fields) >= 2 {
		country, err := readCountry(fields[1])
		return span{network.Masked().Addr().Unmap(), lastOf(network), country}, err
	}
	if len(fields) < 3 {
		return span{}, errors.New(
			"wanted are the first address, the last one and a country, or a network and a country",
		)
	}
	first, err := netip.ParseAddr(fields[0])
	if err != nil {
		return span{}, fmt.Errorf("%q is no address", fields[0])
	}
	last, err := netip.ParseAddr(fields[1])
	if err != nil {
		return span{}, fmt.Errorf("%q is no address", fields[1])
	}
	country, err := readCountry(fields[2])
	if err == nil && (first.BitLen() != last.BitLen() || last.Less(first)) {
		err = fmt.Errorf("%s does not come before %s", first, last)
	}
	return span{first, last, country}, err
}

// readCountry also takes what stands for "unknown" in such tables, as "".
func readCountry(letters string) (string, error) {
	letters = strings.ToUpper(strings.TrimSpace(letters))
	if letters == "" || letters == "-" || letters == "ZZ" {
		return "", nil
	}
	if len(letters) != 2 || strings.Trim(letters, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return "", fmt.Errorf("%q is not the two letters of a country", letters)
	}
	return letters, nil
}

// lastOf is the last address of a network.
func lastOf(network netip.Prefix) netip.Addr {
	bytes := network.Masked().Addr().AsSlice()
	for bit := network.Bits(); bit < len(bytes)*8; bit++ {
		bytes[bit/8] |= 0x80 >> (bit % 8)
	}
	last, _ := netip.AddrFromSlice(bytes)
	return last.Unmap()
}
