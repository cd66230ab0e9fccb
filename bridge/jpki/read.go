package jpki

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"madoguchi/bridge/apdu"
)

const (
	// firstRead is more than any certificate of the profile (1.3 to 1.9 kB) and still fits into one frame of the
	// bridge.
	firstRead = 3072
	step      = 256
	// maxOffset is the last place that the 15 bits of READ BINARY's P1 and P2 reach.
	maxOffset = 0x7FFF
)

// ReadCertificate reads one certificate and cuts the padding of its file off. The result is DER in form; what stands in
// it is still to be checked. An error Is ErrNoCertificate when there is none, ErrNotVerified when the signing PIN is
// wanted.
func (c *Card) ReadCertificate(ctx context.Context, f CertificateFile) ([]byte, error) {
	op := fmt.Sprintf("reading the %s", f)
	if err := c.selectApplication(ctx, op, ApplicationJPKI); err != nil {
		return nil, err
	}
	if err := c.selectFile(ctx, op, f.file()); err != nil {
		return nil, noCertificate(err)
	}
	b, err := c.readAtOnce(ctx, op)
	if err != nil {
		return nil, noCertificate(err)
	}
	if len(b) < 4 || b[0] != 0x30 {
		return nil, failed(op, NoCertificate, errors.New("the file is empty"))
	}
	return c.readRest(ctx, op, b)
}

// noCertificate turns "file not found" into its meaning for a certificate or key.
func noCertificate(err error) error {
	var e *Error
	if errors.As(err, &e) && e.Cause == Other && e.Status == apdu.StatusNotFound {
		e.Cause = NoCertificate
	}
	return err
}

// readAtOnce reads the beginning of the current file, as much as it can: with an extended Le, and when card or reader
// do not know that, one step.
func (c *Card) readAtOnce(ctx context.Context, op string) ([]byte, error) {
	b, err := c.readBinary(ctx, op, 0, firstRead)
	if err == nil && len(b) >= 4 {
		return b, nil
	}
	if ctx.Err() != nil || errors.Is(err, ErrCardRemoved) || errors.Is(err, ErrNotVerified) {
		return nil, err
	}
	return c.readBinary(ctx, op, 0, step)
}

// readRest completes a TLV object of which b is the beginning, and cuts off what follows it.
func (c *Card) readRest(ctx context.Context, op string, b []byte) ([]byte, error) {
	_, length, header, err := readTLVHeader(b)
	if err != nil {
		return nil, failed(op, Malformed, err)
	}
	size := header + length
	for len(b) < size {
		if len(b) > maxOffset {
			return nil, failed(op, Malformed, fmt.Errorf("a file of %d bytes", size))
		}
		part, err := c.readBinary(ctx, op, len(b), min(step, size-len(b)))
		if err != nil {
			return nil, err
		}
		if len(part) == 0 {
			return nil, failed(op, Malformed, fmt.Errorf("the file ends after %d of %d bytes", len(b), size))
		}
		b = append(b, part...)
	}
	return b[:size], nil
}

// read selects a file and reads its first n bytes.
func (c *Card) read(ctx context.Context, op string, file uint16, n int) ([]byte, error) {
	if err := c.selectFile(ctx, op, file); err != nil {
		return nil, err
	}
	return c.readBinary(ctx, op, 0, n)
}

func (c *Card) readBinary(ctx context.Context, op string, offset, n int) ([]byte, error) {
	r, err := c.send(ctx, op, apdu.Command{INS: 0xB0, P1: byte(offset >> 8), P2: byte(offset), Le: n})
	if err != nil {
		return nil, err
	}
	if r.Status != apdu.StatusOK && r.Status != apdu.StatusEndOfFile {
		return nil, statusFailed(op, r.Status)
	}
	if len(r.Data) > n {
		return nil, failed(op, Malformed, fmt.Errorf("%d bytes for %d", len(r.Data), n))
	}
	return r.Data, nil
}

// Attributes are the four of 基本四情報, as the card's text application gives them.
type Attributes struct {
	Name    string
	Address string
	// BirthDate is YYYYMMDD.
	BirthDate string
	// Sex is one digit: 1 male, 2 female, 3 other.
	Sex string
}

const (
	tagAttributes = 0xFF20
	tagOffsets    = 0xDF21
	tagName       = 0xDF22
	tagAddress    = 0xDF23
	tagBirthDate  = 0xDF24
	tagSex        = 0xDF25
)

// ReadAttributes reads the four attributes after Verify of TextPIN, with its application selected still. It never reads
// the individual number.
func (c *Card) ReadAttributes(ctx context.Context) (Attributes, error) {
	const op = "reading name, address, date of birth and sex"
	b, err := c.read(ctx, op, FileAttributes, step)
	if err != nil {
		return Attributes{}, err
	}
	if b, err = c.readRest(ctx, op, b); err != nil {
		return Attributes{}, err
	}
	a, err := parseAttributes(b)
	if err != nil {
		return Attributes{}, failed(op, Malformed, err)
	}
	return a, nil
}

func parseAttributes(b []byte) (Attributes, error) {
	outer, rest, err := readTLV(b)
	if err != nil {
		return Attributes{}, err
	}
	if outer.tag != tagAttributes || len(rest) > 0 {
		return Attributes{}, fmt.Errorf("tag %X and %d bytes after it", outer.tag, len(rest))
	}
	objects, err := readTLVs(outer.value)
	if err != nil {
		return Attributes{}, err
	}
	var a Attributes
	seen := map[uint16]bool{}
	for _, o := range objects {
		if seen[o.tag] {
			return Attributes{}, fmt.Errorf("tag %X twice", o.tag)
		}
		seen[o.tag] = true
		if o.tag == tagOffsets {
			continue
		}
		if !utf8.Valid(o.value) {
			return Attributes{}, fmt.Errorf("tag %X is not UTF-8", o.tag)
		}
		switch o.tag {
		case tagName:
			a.Name = string(o.value)
		case tagAddress:
			a.Address = string(o.value)
		case tagBirthDate:
			a.BirthDate = string(o.value)
		case tagSex:
			a.Sex = string(o.value)
		default:
			return Attributes{}, fmt.Errorf("unknown tag %X", o.tag)
		}
	}
	return a, a.check()
}

func (a Attributes) check() error {
	switch {
	case a.Name == "":
		return errors.New("no name")
	case a.Address == "":
		return errors.New("no address")
	case !isDate(a.BirthDate):
		return errors.New("the date of birth is no date")
	case len(a.Sex) != 1 || a.Sex[0] < '1' || a.Sex[0] > '9':
		return errors.New("unknown code for sex")
	}
	return nil
}

// isDate takes YYYYMMDD. Month and day may be 00: some people's birthday is not known (昭和二十年月日不詳).
func isDate(s string) bool {
	if len(s) != 8 {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s[:4] >= "1800" && s[4:6] <= "12" && s[6:] <= "31"
}
