package jpki

import (
	"errors"
	"fmt"
)

// tlv is one BER-TLV object. value shares memory with what it was read from.
type tlv struct {
	tag   uint16
	value []byte
}

var errTLV = errors.New("malformed TLV")

// readTLV reads the object at the beginning of b and returns what follows. Tags have one or two bytes; a length must be
// minimal and at most 65,535, as the files of the card have it. Nothing is read beyond b.
func readTLV(b []byte) (object tlv, rest []byte, err error) {
	tag, length, header, err := readTLVHeader(b)
	if err != nil {
		return tlv{}, nil, err
	}
	if len(b)-header < length {
		return tlv{}, nil, fmt.Errorf("%w: %d bytes announced, %d there", errTLV, length, len(b)-header)
	}
	return tlv{tag: tag, value: b[header : header+length]}, b[header+length:], nil
}

// readTLVHeader reads tag and length only, so that the size of a file is known before all of it is read.
func readTLVHeader(b []byte) (tag uint16, length, header int, err error) {
	if len(b) < 2 {
		return 0, 0, 0, fmt.Errorf("%w: %d bytes", errTLV, len(b))
	}
	tag, header = uint16(b[0]), 1
	if b[0]&0x1F == 0x1F {
		// ISO 7816-4 5.2.2.1: a second byte has bit 8 clear, or another would follow; below 1F the tag belongs into one
		// byte, but the card uses FF10, so only the end of the tag is checked.
		if b[1]&0x80 != 0 {
			return 0, 0, 0, fmt.Errorf("%w: a tag of three bytes", errTLV)
		}
		tag, header = tag<<8|uint16(b[1]), 2
	}
	if len(b) <= header {
		return 0, 0, 0, fmt.Errorf("%w: tag %X without a length", errTLV, tag)
	}
	first := b[header]
	header++
	if first < 0x80 {
		return tag, int(first), header, nil
	}
	size := int(first & 0x7F)
	if size < 1 || size > 2 || len(b) < header+size {
		return 0, 0, 0, fmt.Errorf("%w: tag %X with a length of %d bytes", errTLV, tag, size)
	}
	for _, digit := range b[header : header+size] {
		length = length<<8 | int(digit)
	}
	if length < 0x80 || size == 2 && length < 0x100 {
		return 0, 0, 0, fmt.Errorf("%w: tag %X with a length that is not minimal", errTLV, tag)
	}
	return tag, length, header + size, nil
}

// readTLVs reads b whole as a sequence of objects.
func readTLVs(b []byte) ([]tlv, error) {
	var objects []tlv
	for len(b) > 0 {
		object, rest, err := readTLV(b)
		if err != nil {
			return nil, err
		}
		objects, b = append(objects, object), rest
	}
	return objects, nil
}
