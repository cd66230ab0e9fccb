//go:build !js

package e2e_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// picture is a photo as a camera makes it: it tells where it was taken, and is so large at least.
func picture(t *testing.T, size int) []byte {
	t.Helper()
	plain, err := os.ReadFile(photo(t))
	if err != nil {
		t.Fatal(err)
	}
	const place = "Exif\x00\x00SecretPlace"
	segments := append([]byte{0xff, 0xe1, 0, byte(2 + len(place))}, place...)
	const most = 60_000
	for size > 0 { // comments
		segments = append(append(segments, 0xff, 0xfe, byte(most>>8), byte(most&0xff)), make([]byte, most-2)...)
		size -= most
	}
	return slices.Concat(plain[:2], segments, plain[2:])
}

// After a storm: several files at once, of which some are refused, each in its own words; a line that breaks in the
// middle of a photo, which goes on where it was; places stay in the photos of the house, and nowhere else.
func TestPhotosOfADamagedHouse(t *testing.T) {
	w := ownWorld(t, "yamada-hanako")
	w.deploy(t, "PORTAL_CLAMD="+scanner(t))
	b := newBrowser(t, phone, "ja")
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	const at, form = "131105", "risai-shomei"
	draft := b.begun(at, form, damaged())
	paths := files(t, map[string][]byte{
		"見積書.jpg":       picture(t, 0),
		"IMG_0001.HEIC": append([]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), make([]byte, 200)...),
		"領収書.pdf":       []byte("%PDF-1.7\n%" + eicar + "\nstartxref\n0\n%%EOF\n"),
		"家の中.png":       make([]byte, 5<<20+1),
		"正面.jpg":        picture(t, 600_000),
		"裏.jpg":         picture(t, 0), "左.jpg": picture(t, 0), "右.jpg": picture(t, 0),
	})

	b.resumes(at, form, draft, "damage")
	b.chooses("estimate", paths["見積書.jpg"], paths["IMG_0001.HEIC"], paths["領収書.pdf"], paths["家の中.png"])
	b.sees("HEICの写真は受け付けられません", "ウイルスなどの疑いがあるため", "5MBを超えています")
	b.until("the one that is good", "document.querySelectorAll('#f-estimate-files .upload-there').length === 1")
	b.inspect("files of which some are refused")
	b.bothSizes("damage-refused")
	b.press("次へ")

	// The line breaks after two parts of the first photo.
	b.atStep("photos")
	b.until("four photos to be chosen", "document.getElementById('f-photo_file-3')")
	line := b.breaksAfter("PutAttachment", 2)
	b.chooses("photo_file-0", paths["正面.jpg"])
	b.sees("途中で切れました。つながったら、続きから送れます")
	b.bothSizes("damage-broken-line")
	came := line.passed.Load()
	line.broken.Store(false)
	b.press("もう一度送る")
	const whole = "document.querySelector('#f-photo_file-0-files .upload-there')"
	b.until("the whole photo", whole)
	parts := int32((len(picture(t, 600_000)) + 192<<10 - 1) / (192 << 10))
	if again := line.passed.Load() - came; again >= parts || came != 2 {
		t.Errorf("%d of %d parts were sent again after %d", again, parts, came)
	}
	for i, name := range []string{"正面.jpg", "裏.jpg", "左.jpg", "右.jpg"} {
		if i > 0 {
			b.upload(fmt.Sprintf("photo_file-%d", i), paths[name])
		}
		b.answer(fmt.Sprintf("photo_of-%d", i), []string{"front", "back", "left", "right"}[i])
	}
	b.bothSizes("damage-photos")
	const chosen = "[...document.querySelectorAll('input:checked')].map(e => e.value).join() === 'front,back,left,right'"
	b.until("what the photos show", chosen)
	b.reload()
	b.until("the photos after a reload", "document.querySelectorAll('.upload-there').length === 4")
	b.until("what they show after a reload", chosen)
	b.press("次へ")
	b.atStep("survey_section")
	b.press("次へ")
	b.sees("まだ送られていません", "正面.jpg", "見積書.jpg")
	b.seesNot("IMG_0001.HEIC")
	b.press("この内容で申請する")
	b.sees("受付番号は", "二度送る必要はありません")
	b.bothSizes("damage-receipt")

	// What is downloaded is what the office gets.
	for name, tells := range map[string]bool{"正面.jpg": true, "見積書.jpg": false} {
		dir := b.downloads()
		b.until("the button of "+name, `(() => {
  const line = [...document.querySelectorAll('bdi')].find(e => e.textContent === `+quote(name)+`
    && e.parentElement.querySelector('button'))
  const button = line?.parentElement.querySelector('button:not(:disabled)')
  button?.click()
  return !!button
})()`)
		got := b.downloadedAs(dir, "*.jpg")
		if bytes.Contains(got, []byte("SecretPlace")) != tells || !bytes.HasPrefix(got, []byte("\xff\xd8")) {
			t.Errorf("%s, %d bytes: where it was taken is in it: %v", name, len(got), !tells)
		}
	}
	if log := w.processes["portal"].output.String(); strings.Contains(log, "正面") {
		t.Error("the portal's log tells what photos are called")
	}
}
