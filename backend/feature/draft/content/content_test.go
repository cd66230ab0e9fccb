package content_test

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"slices"
	"testing"

	"madoguchi/backend/feature/draft/content"
)

var all = []string{"pdf", "jpg", "png"}

// page is a picture with print on it: bars of some points.
func page(width, height int) *image.Gray {
	p := image.NewGray(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			p.SetGray(x, y, color.Gray{Y: 230})
			if (x/7)%3 == 0 && (y/11)%2 == 0 {
				p.SetGray(x, y, color.Gray{Y: 20})
			}
		}
	}
	return p
}

// fog is a picture without edges.
func fog(width, height int) *image.Gray {
	p := image.NewGray(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			p.SetGray(x, y, color.Gray{Y: uint8(100 + 60*x/width + 60*y/height)})
		}
	}
	return p
}

func jpegOf(t testing.TB, p image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, p, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t testing.TB, p image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// segment is one of JPEG.
func segment(marker byte, body string) []byte {
	head := binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(body)+2))
	return append(head, body...)
}

// chunk is one of PNG.
func chunk(name string, body []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	out = append(append(out, name...), body...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}

// exifWithPlace has the camera held upright (orientation 6), and GPS coordinates in a directory of their own.
func exifWithPlace() string {
	le := binary.LittleEndian
	entry := func(tag, kind uint16, count, value uint32) []byte {
		e := le.AppendUint16(nil, tag)
		e = le.AppendUint16(e, kind)
		e = le.AppendUint32(e, count)
		return le.AppendUint32(e, value)
	}
	tiff := []byte{'I', 'I', 42, 0, 8, 0, 0, 0, 3, 0}
	tiff = append(tiff, entry(0x0110, 2, 12, 50)...)                // the camera
	tiff = append(tiff, entry(0x0112, 3, 1, 6)...)                  // which side is up
	tiff = append(tiff, entry(0x8825, 4, 1, 62)...)                 // where GPS stands
	tiff = append(append(tiff, 0, 0, 0, 0), "SecretCamera"...)      // at 50
	tiff = append(append(tiff, 1, 0), entry(1, 2, 2, 'N')...)       // at 62
	tiff = append(append(tiff, 0, 0, 0, 0), "35.6412N139.6980E"...) // the place
	return "Exif\x00\x00" + string(tiff)
}

// photo is a JPEG as a phone makes it.
func photo(t testing.TB, p image.Image) []byte {
	plain := jpegOf(t, p)
	parts := [][]byte{
		plain[:2], segment(0xe1, exifWithPlace()), segment(0xe1, "http://ns.adobe.com/xap/1.0/\x00<x:SecretAuthor/>"),
		segment(0xed, "Photoshop 3.0\x00SecretTown"), segment(0xe2, "ICC_PROFILE\x00\x01\x01profile"),
		segment(0xe2, "MPF\x00SecretSecond"), segment(0xfe, "SecretComment"), plain[2:],
	}
	return slices.Concat(parts...)
}

func TestAPhotoTellsNothingBesideThePicture(t *testing.T) {
	picture := page(400, 300)
	from := append(photo(t, picture), "SecretTrailer"...)
	got, fault := check(t, from, all, false)
	if fault != content.None || got.Type != "jpg" || got.Doubtful {
		t.Fatalf("%v, %s, doubtful %v", fault, got.Type, got.Doubtful)
	}
	for _, told := range []string{"Secret", "35.6412", "139.6980", "GPS", "adobe", "Photoshop"} {
		if bytes.Contains(got.Bytes, []byte(told)) {
			t.Errorf("what is kept tells %q", told)
		}
	}
	// What shows the picture stays: the colour profile, and which side is up.
	up := []byte{'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6}
	if !bytes.Contains(got.Bytes, []byte("ICC_PROFILE")) || !bytes.Contains(got.Bytes, up) {
		t.Error("the colours or the side that is up got lost")
	}
	before, err := jpeg.Decode(bytes.NewReader(from))
	after, afterErr := jpeg.Decode(bytes.NewReader(got.Bytes))
	if err != nil || afterErr != nil || !bytes.Equal(before.(*image.Gray).Pix, after.(*image.Gray).Pix) {
		t.Errorf("the picture is another: %v, %v", err, afterErr)
	}
	// What was cleared stays as it is.
	again, fault := check(t, got.Bytes, all, false)
	if fault != content.None || !bytes.Equal(again.Bytes, got.Bytes) {
		t.Error("cleared twice it is another")
	}
	kept, fault := check(t, from, all, true)
	if fault != content.None || !bytes.Contains(kept.Bytes, []byte("35.6412N")) {
		t.Errorf("a field that wants the place does not get it: %v", fault)
	}
	if bytes.Contains(kept.Bytes, []byte("SecretTrailer")) {
		t.Error("what follows the picture is kept")
	}
}

func TestAPNGTellsNothingBesideThePicture(t *testing.T) {
	plain := pngOf(t, page(200, 100))
	from := slices.Concat(plain[:33], chunk("tEXt", []byte("Author\x00Secret")), chunk("eXIf", []byte("SecretPlace")),
		chunk("tIME", []byte("Secret2")), chunk("gAMA", []byte{0, 0, 177, 143}), plain[33:])
	got, fault := check(t, from, all, false)
	if fault != content.None || got.Type != "png" || bytes.Contains(got.Bytes, []byte("Secret")) ||
		!bytes.Contains(got.Bytes, []byte("gAMA")) {
		t.Fatalf("%v, %s, %d bytes", fault, got.Type, len(got.Bytes))
	}
	kept, fault := check(t, from, all, true)
	if fault != content.None || !bytes.Equal(kept.Bytes, from) {
		t.Errorf("a field that wants all does not get it: %v", fault)
	}
}

// check judges a file with nobody else about.
func check(t testing.TB, data []byte, accept []string, keepMetadata bool) (content.File, content.Fault) {
	t.Helper()
	file, fault, err := content.Check(t.Context(), data, accept, keepMetadata)
	if err != nil {
		t.Error(err)
	}
	return file, fault
}

const pdf = "%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\nxref\n0 1\n0000000000 65535 f \ntrailer\n" +
	"<< /Root 1 0 R >>\nstartxref\n48\n%%EOF\n"

func zipped(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.Create("payload.exe")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(make([]byte, 1<<20)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// bomb is a PNG of some hundred bytes that claims to have 60,000 times 60,000 points.
func bomb(t testing.TB) []byte {
	t.Helper()
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, 60_000), 60_000)
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	if _, err := z.Write(make([]byte, 1<<20)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return slices.Concat([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", append(head, 8, 0, 0, 0, 0)),
		chunk("IDAT", packed.Bytes()), chunk("IEND", nil))
}

func heic() []byte {
	return append([]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), make([]byte, 100)...)
}

func TestWhatIsRefused(t *testing.T) {
	good, goodPNG := jpegOf(t, page(200, 100)), pngOf(t, page(200, 100))
	flipped := bytes.Clone(goodPNG)
	flipped[50] ^= 1
	for what, c := range map[string]struct {
		data   []byte
		accept []string
		want   content.Fault
	}{
		"a photo":                          {good, all, content.None},
		"a picture":                        {goodPNG, all, content.None},
		"a document":                       {[]byte(pdf), all, content.None},
		"nothing":                          {nil, all, content.Type},
		"text":                             {[]byte("これはPDFです"), all, content.Type},
		"HTML":                             {[]byte("<html><script>alert(1)</script></html>"), all, content.Type},
		"SVG":                              {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"></svg>`), all, content.Type},
		"an archive":                       {zipped(t), all, content.Type},
		"a program":                        {append([]byte("MZ"), make([]byte, 500)...), all, content.Type},
		"a type that the field has not":    {[]byte(pdf), []string{"jpg"}, content.Type},
		"HEIC":                             {heic(), all, content.HEIC},
		"HEIC where no photo is taken":     {heic(), []string{"pdf"}, content.HEIC},
		"a cut photo":                      {good[:len(good)/2], all, content.Broken},
		"a photo that ends within its end": {good[:len(good)-1], all, content.Broken},
		"a cut picture":                    {goodPNG[:len(goodPNG)-20], all, content.Broken},
		"a picture with a wrong sum":       {flipped, all, content.Broken},
		"a beginning alone":                {good[:20], all, content.Broken},
		"a bomb":                           {bomb(t), all, content.TooLarge},
		"a photo with an archive":          {append(bytes.Clone(good), zipped(t)...), all, content.Type},
		"a picture with an archive":        {append(bytes.Clone(goodPNG), zipped(t)...), all, content.Type},
		"a photo with a page":              {append(bytes.Clone(good), "<html></html>"...), all, content.Type},
		"a photo with a document":          {append(bytes.Clone(good), pdf...), all, content.Type},
		"a photo in a document":            {slices.Concat(good[:2], segment(0xfe, pdf), good[2:]), all, content.Type},
		"a document with an archive":       {append([]byte(pdf), zipped(t)...), all, content.Type},
		"a document with much behind":      {append([]byte(pdf), make([]byte, 5000)...), all, content.Broken},
		"a cut document":                   {[]byte(pdf[:len(pdf)-10]), all, content.Broken},
		"an encrypted document": {[]byte(pdf[:len(pdf)-8] + "\n<< /Encrypt 5 0 R >>\nstartxref\n1\n%%EOF"), all,
			content.Broken},
	} {
		if got, fault := check(t, c.data, c.accept, false); fault != c.want {
			t.Errorf("%s: %v (%s), want %v", what, fault, got.Type, c.want)
		}
	}
	// Where metadata is kept a document in it is what opens.
	both := slices.Concat(good[:2], segment(0xfe, pdf), good[2:])
	if _, fault := check(t, both, all, true); fault != content.Type {
		t.Errorf("a photo that is a document, too: %v", fault)
	}
}

// A picture waits for its turn only as long as somebody waits for it, and takes none then.
func TestWhoHasGoneTakesNoPlace(t *testing.T) {
	picture := jpegOf(t, page(400, 300))
	free := content.Unpack()
	ctx, cancel := context.WithCancel(t.Context())
	waits := make(chan error)
	go func() {
		_, _, err := content.Check(ctx, picture, all, false)
		waits <- err
	}()
	cancel()
	if err := <-waits; !errors.Is(err, context.Canceled) {
		t.Errorf("who has gone is answered %v", err)
	}
	// What needs none is judged meanwhile.
	if _, fault := check(t, []byte(pdf), all, false); fault != content.None {
		t.Errorf("a document: %v", fault)
	}
	free()
	if _, fault := check(t, picture, all, false); fault != content.None {
		t.Errorf("the next picture: %v", fault)
	}
}

func TestABlurredPhotoIsDoubtful(t *testing.T) {
	for what, c := range map[string]struct {
		picture image.Image
		want    bool
	}{
		"print": {page(1600, 1200), false}, "fog": {fog(1600, 1200), true}, "a small one": {fog(40, 40), false},
	} {
		got, fault := check(t, jpegOf(t, c.picture), all, false)
		if fault != content.None || got.Doubtful != c.want {
			t.Errorf("%s: %v, doubtful %v", what, fault, got.Doubtful)
		}
	}
}

// Whatever comes, there is an answer; and what is kept is taken again, as it is.
func FuzzCheck(f *testing.F) {
	f.Add([]byte(pdf), false)
	f.Add(photo(f, page(64, 64)), false)
	f.Add(photo(f, page(64, 64)), true)
	f.Add(pngOf(f, page(64, 64)), false)
	f.Add(bomb(f), false)
	f.Add(heic(), true)
	f.Fuzz(func(t *testing.T, data []byte, keep bool) {
		got, fault := check(t, data, all, keep)
		if fault != content.None {
			return
		}
		again, fault := check(t, got.Bytes, all, keep)
		if fault != content.None || !bytes.Equal(again.Bytes, got.Bytes) || len(got.Bytes) > len(data)+40 {
			t.Errorf("%v, %d bytes of %d", fault, len(got.Bytes), len(data))
		}
	})
}

func BenchmarkCheckPhoto(b *testing.B) {
	data := photo(b, page(4000, 3000))
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, fault := check(b, data, all, false); fault != content.None {
			b.Fatal(fault)
		}
	}
}
