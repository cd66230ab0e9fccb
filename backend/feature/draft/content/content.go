// Package content judges files that people attach to applications, by what they hold and never by their names, and
// clears photos of what they tell beside the picture: where and when it was taken, with what, by whom. What comes in is
// hostile until it has passed here.
package content

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"regexp"
	"slices"

	"github.com/gabriel-vasile/mimetype"
)

// Fault is what is wrong with a file.
type Fault int

// What can be wrong. None means nothing.
const (
	None     Fault = iota
	Type           // of no kind that is taken, or of two kinds at once
	HEIC           // Apple's photos, which offices cannot open
	Broken         // cannot be read, is encrypted, or was cut short
	TooLarge       // more points than a photo has
)

// mostPoints bounds what a picture may take when it is unpacked: a file of some kilobytes may claim billions of points.
const mostPoints = 25_000_000

// File is one that may be kept.
type File struct {
	Type     string // pdf, jpg, png
	Bytes    []byte
	Doubtful bool // a photo that may be blurred
}

// MediaTypes are those of the types.
var MediaTypes = map[string]string{"pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png"}

// Check judges a file for a field that accepts these types. A photo is cleared, unless the field wants what it tells.
// It fails only when the context ends while a picture waits for others to be unpacked.
func Check(ctx context.Context, data []byte, accept []string, keepMetadata bool) (File, Fault, error) {
	kind := kindOf(data)
	if kind == "heic" {
		return File{}, HEIC, nil
	}
	if !slices.Contains(accept, kind) {
		return File{}, Type, nil
	}
	if kind == "pdf" {
		return File{Type: kind, Bytes: data}, checkPDF(data), nil
	}
	return checkPicture(ctx, kind, data, keepMetadata)
}

func kindOf(data []byte) string {
	is := mimetype.Detect(data)
	for name, kind := range map[string]string{
		"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png",
		"image/heic": "heic", "image/heic-sequence": "heic", "image/heif": "heic", "image/heif-sequence": "heic",
	} {
		if is.Is(name) {
			return kind
		}
	}
	return ""
}

// decoders are the readers of pictures.
var decoders = map[string]struct {
	config func(data []byte) (image.Config, error)
	decode func(data []byte) (image.Image, error)
	split  func(data []byte, keepMetadata bool) (picture, rest []byte, err error)
}{
	"jpg": {
		func(data []byte) (image.Config, error) { return jpeg.DecodeConfig(bytes.NewReader(data)) },
		func(data []byte) (image.Image, error) { return jpeg.Decode(bytes.NewReader(data)) },
		splitJPEG,
	},
	"png": {
		func(data []byte) (image.Config, error) { return png.DecodeConfig(bytes.NewReader(data)) },
		func(data []byte) (image.Image, error) { return png.Decode(bytes.NewReader(data)) },
		splitPNG,
	},
}

// unpacking lets one picture at a time take the memory that it needs when it is unpacked.
var unpacking = make(chan struct{}, 1)

func checkPicture(ctx context.Context, kind string, data []byte, keepMetadata bool) (File, Fault, error) {
	read := decoders[kind]
	size, err := read.config(data)
	if err != nil || size.Width <= 0 || size.Height <= 0 {
		return File{}, Broken, nil
	}
	if size.Width > mostPoints/size.Height {
		return File{}, TooLarge, nil
	}
	picture, rest, err := read.split(data, keepMetadata)
	if err != nil {
		return File{}, Broken, nil
	}
	if isAnother(rest) || isAlsoAnother(picture) {
		return File{}, Type, nil
	}
	select {
	case unpacking <- struct{}{}:
	case <-ctx.Done():
		return File{}, None, fmt.Errorf("waiting to unpack a picture: %w", context.Cause(ctx))
	}
	defer func() { <-unpacking }()
	shown, err := read.decode(picture)
	if err != nil {
		return File{}, Broken, nil
	}
	return File{Type: kind, Bytes: picture, Doubtful: isBlurred(shown)}, None, nil
}

// isAnother tells whether what follows a picture is a file of another kind. What cameras put there (a short film, a
// smaller picture) is cut off and is no reason to refuse the photo.
func isAnother(rest []byte) bool {
	if bytes.Contains(rest, zipEnd) || bytes.Contains(rest, pdfBegin) {
		return true
	}
	is := mimetype.Detect(bytes.TrimLeft(rest, "\x00 \r\n\t"))
	for kind := is; kind != nil; kind = kind.Parent() {
		if slices.ContainsFunc(refusedBehind, kind.Is) {
			return true
		}
	}
	return false
}

// isAlsoAnother tells whether what is kept of a picture would be opened as a PDF or a ZIP archive, too: these look for
// their beginning, or end, in the first or last bytes.
func isAlsoAnother(picture []byte) bool {
	const head, tail = 1024, 65557
	return bytes.Contains(picture[:min(head, len(picture))], pdfBegin) ||
		bytes.Contains(picture[max(0, len(picture)-tail):], zipEnd)
}

var (
	zipEnd   = []byte("PK\x05\x06")
	pdfBegin = []byte("%PDF-")
	pdfEnd   = []byte("%%EOF")
	// refusedBehind are kinds that something opens when it does not begin at the beginning.
	refusedBehind = []string{
		"application/zip", "application/x-rar-compressed", "application/x-7z-compressed", "application/gzip",
		"text/html", "text/javascript", "image/svg+xml", "text/x-php", "application/vnd.microsoft.portable-executable",
		"application/x-elf", "application/x-mach-binary", "text/xml",
	}
	encrypted = regexp.MustCompile(`/Encrypt[\s]*(<<|[0-9]+[\s]+[0-9]+[\s]+R)`)
)

// mostAfterPDF is what may stand behind the end of a PDF: line ends, and what mail programs leave.
const mostAfterPDF = 1024

// checkPDF looks whether it is one PDF from the first byte to the last, and can be opened without a password.
func checkPDF(data []byte) Fault {
	end := bytes.LastIndex(data, pdfEnd)
	switch {
	case !bytes.HasPrefix(data, pdfBegin):
		return Type // something else that a PDF follows
	case end < 0 || !bytes.Contains(data, []byte("startxref")):
		return Broken
	case bytes.Contains(data, zipEnd) && bytes.LastIndex(data, zipEnd) > end:
		return Type
	case len(data)-end > mostAfterPDF:
		return Broken
	case encrypted.Match(data):
		return Broken
	}
	return None
}
