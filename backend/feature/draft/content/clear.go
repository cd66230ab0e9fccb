package content

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
)

var errPicture = errors.New("the picture's parts do not fit together")

// Markers of JPEG.
const (
	soi, eoi, sos    = 0xd8, 0xd9, 0xda
	app0, app1, app2 = 0xe0, 0xe1, 0xe2
	app14            = 0xee
	comment          = 0xfe
	restart0         = 0xd0
	restart7         = 0xd7
)

// splitJPEG copies a JPEG segment by segment up to its end, and gives what follows it. Of the segments beside the
// picture there stay those that say how it is shown: JFIF, the colour profile, Adobe's transformation, and of Exif
// which side is up.
func splitJPEG(data []byte, keepMetadata bool) (picture, rest []byte, err error) {
	if len(data) < 2 || data[0] != 0xff || data[1] != soi {
		return nil, nil, errPicture
	}
	out := append(make([]byte, 0, len(data)), data[:2]...)
	for at := 2; ; {
		for at < len(data) && data[at] == 0xff && at+1 < len(data) && data[at+1] == 0xff {
			at++ // filling
		}
		if at+1 >= len(data) || data[at] != 0xff {
			return nil, nil, errPicture
		}
		marker := data[at+1]
		if marker == eoi {
			return append(out, 0xff, eoi), data[at+2:], nil
		}
		if at+4 > len(data) || marker >= restart0 && marker <= soi || marker <= 0x01 {
			return nil, nil, errPicture
		}
		end := at + 2 + int(binary.BigEndian.Uint16(data[at+2:]))
		if end < at+4 || end > len(data) {
			return nil, nil, errPicture
		}
		segment := data[at:end]
		at = end
		switch {
		case keepMetadata || shows(marker, segment[4:]):
			out = append(out, segment...)
		case marker == app1:
			out = append(out, upright(segment[4:])...)
		}
		if marker == sos {
			end := endOfScan(data, at)
			out = append(out, data[at:end]...)
			at = end
		}
	}
}

// shows says whether a segment is needed to show the picture.
func shows(marker byte, body []byte) bool {
	switch marker {
	case app0:
		return bytes.HasPrefix(body, []byte("JFIF\x00"))
	case app2:
		return bytes.HasPrefix(body, []byte("ICC_PROFILE\x00"))
	case app14:
		return bytes.HasPrefix(body, []byte("Adobe"))
	}
	return (marker < app0 || marker > 0xef) && marker != comment
}

// endOfScan finds the marker that ends the points of a scan.
func endOfScan(data []byte, at int) int {
	for ; at+1 < len(data); at++ {
		if data[at] == 0xff && data[at+1] != 0 && data[at+1] != 0xff &&
			(data[at+1] < restart0 || data[at+1] > restart7) {
			return at
		}
	}
	return len(data)
}

var exif = []byte("Exif\x00\x00")

// upright makes of an Exif segment one that says which side is up and nothing else; nothing when that is as usual.
func upright(body []byte) []byte {
	side := orientation(body)
	if side < 2 || side > 8 {
		return nil
	}
	tiff := []byte{'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, byte(side), 0, 0, 0, 0, 0, 0}
	length := 2 + len(exif) + len(tiff)
	return append(append([]byte{0xff, app1, 0, byte(length)}, exif...), tiff...)
}

// orientation reads tag 0x0112 of the first directory; 0 when it is not there.
func orientation(body []byte) int {
	tiff, is := bytes.CutPrefix(body, exif)
	if !is || len(tiff) < 8 {
		return 0
	}
	var order binary.ByteOrder = binary.BigEndian
	if tiff[0] == 'I' {
		order = binary.LittleEndian
	}
	at := int64(order.Uint32(tiff[4:]))
	if at < 8 || at+2 > int64(len(tiff)) {
		return 0
	}
	entries := tiff[at+2:]
	for range order.Uint16(tiff[at:]) {
		if len(entries) < 12 {
			return 0
		}
		if order.Uint16(entries) == 0x0112 {
			return int(order.Uint16(entries[8:]))
		}
		entries = entries[12:]
	}
	return 0
}

var pngBegin = []byte("\x89PNG\r\n\x1a\n")

// shown are the chunks of PNG that are needed to show the picture.
var shown = map[string]bool{
	"IHDR": true, "PLTE": true, "IDAT": true, "IEND": true, "tRNS": true, "gAMA": true, "cHRM": true, "sRGB": true,
	"iCCP": true, "cICP": true, "sBIT": true, "pHYs": true, "bKGD": true,
}

// splitPNG copies a PNG chunk by chunk up to its end, and gives what follows it.
func splitPNG(data []byte, keepMetadata bool) (picture, rest []byte, err error) {
	if !bytes.HasPrefix(data, pngBegin) {
		return nil, nil, errPicture
	}
	out := append(make([]byte, 0, len(data)), pngBegin...)
	for at := len(pngBegin); ; {
		if at+12 > len(data) {
			return nil, nil, errPicture
		}
		end := int64(at) + 12 + int64(binary.BigEndian.Uint32(data[at:]))
		if end > int64(len(data)) {
			return nil, nil, errPicture
		}
		chunk, name := data[at:end], string(data[at+4:at+8])
		if crc32.ChecksumIEEE(chunk[4:len(chunk)-4]) != binary.BigEndian.Uint32(chunk[len(chunk)-4:]) {
			return nil, nil, errPicture
		}
		if keepMetadata || shown[name] {
			out = append(out, chunk...)
		}
		if at = int(end); name == "IEND" {
			return out, data[at:], nil
		}
	}
}
