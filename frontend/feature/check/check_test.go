package check_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	mathrand "math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/digitorus/timestamp"
	"github.com/smallstep/pkcs7"
)

// portal is one that signs, and who stamps for it.
type portal struct {
	t           *testing.T
	key         crypto.Signer
	certificate *x509.Certificate
	stampKey    crypto.Signer
	stamps, ca  *x509.Certificate
	withdrawn   time.Time
	// stampBy makes the stamps where it is not the library.
	stampBy func(signature []byte, at time.Time) []byte
}

func newPortal(t *testing.T, stampKeys func() (crypto.Signer, error)) *portal {
	t.Helper()
	p := &portal{t: t}
	year := 365 * 24 * time.Hour
	p.key = must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	p.certificate = p.certify(&x509.Certificate{
		Subject: pkix.Name{CommonName: "portal.example.jp"}, KeyUsage: x509.KeyUsageDigitalSignature,
		NotBefore: time.Now().Add(-year), NotAfter: time.Now().Add(year),
	}, nil, p.key, p.key)
	caKey := must(stampKeys())
	p.ca = p.certify(&x509.Certificate{
		Subject: pkix.Name{CommonName: "stamps CA"}, IsCA: true, KeyUsage: x509.KeyUsageCertSign,
		NotBefore: time.Now().Add(-year), NotAfter: time.Now().Add(10 * year),
	}, nil, caKey, caKey)
	p.stampKey = must(stampKeys())
	p.stamps = p.certify(&x509.Certificate{
		Subject: pkix.Name{CommonName: "stamps"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping},
		KeyUsage: x509.KeyUsageDigitalSignature, NotBefore: time.Now().Add(-year), NotAfter: time.Now().Add(10 * year),
	}, p.ca, p.stampKey, caKey)
	return p
}

func must[V any](v V, err error) V {
	if err != nil {
		panic(err)
	}
	return v
}

func ecKeys() (crypto.Signer, error)  { return ecdsa.GenerateKey(elliptic.P384(), rand.Reader) }
func rsaKeys() (crypto.Signer, error) { return rsa.GenerateKey(rand.Reader, 2048) }

func (p *portal) certify(c, by *x509.Certificate, key, byKey crypto.Signer) *x509.Certificate {
	c.SerialNumber, c.BasicConstraintsValid = must(rand.Int(rand.Reader, big.NewInt(1<<60))), true
	if by == nil {
		by = c
	}
	return must(x509.ParseCertificate(must(x509.CreateCertificate(rand.Reader, c, by, key.Public(), byKey))))
}

// sign signs content, with a stamp of this time unless it is zero.
func (p *portal) sign(content []byte, stamped time.Time) []byte {
	p.t.Helper()
	signed := must(pkcs7.NewSignedData(content))
	signed.SetDigestAlgorithm(pkcs7.OIDDigestAlgorithmSHA256)
	if err := signed.AddSigner(p.certificate, p.key, pkcs7.SignerInfoConfig{}); err != nil {
		p.t.Fatal(err)
	}
	signed.Detach()
	if !stamped.IsZero() {
		signer := &signed.GetSignedData().SignerInfos[0]
		attribute := pkcs7.Attribute{
			Type:  asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 14},
			Value: asn1.RawValue{FullBytes: p.stamp(signer.EncryptedDigest, stamped)},
		}
		if err := signer.SetUnauthenticatedAttributes([]pkcs7.Attribute{attribute}); err != nil {
			p.t.Fatal(err)
		}
	}
	return must(signed.Finish())
}

func (p *portal) stamp(signature []byte, at time.Time) []byte {
	if p.stampBy != nil {
		return p.stampBy(signature, at)
	}
	return p.byLibrary(signature, at)
}

func (p *portal) byLibrary(signature []byte, at time.Time) []byte {
	sum := sha256.Sum256(signature)
	stamp := timestamp.Timestamp{
		HashAlgorithm: crypto.SHA256, HashedMessage: sum[:], Time: at, Policy: asn1.ObjectIdentifier{1, 2, 3},
		AddTSACertificate: true,
	}
	answer := must(stamp.CreateResponseWithOpts(p.stamps, p.stampKey, crypto.SHA256))
	return must(timestamp.ParseResponse(answer)).RawToken
}

// pinned is what the portal writes into the page.
func (p *portal) pinned() any {
	withdrawn := int64(0)
	if !p.withdrawn.IsZero() {
		withdrawn = p.withdrawn.UnixMilli()
	}
	return map[string]any{
		"origin": "https://portal.example.jp",
		"keys":   []any{map[string]any{"certificate": p.certificate.Raw, "withdrawn": withdrawn}},
		"stamps": [][]byte{p.ca.Raw},
	}
}

type files map[string][]byte

type said struct {
	Result        string
	Files         []string
	Said, Stamped int64
}

// check has static/check.js look at files; of hostile bytes it reads all that can be read.
func (p *portal) check(cases []files, hostile [][]byte) ([]said, []string) {
	p.t.Helper()
	input := must(json.Marshal(map[string]any{"pinned": p.pinned(), "cases": cases, "hostile": hostile}))
	node := exec.CommandContext(p.t.Context(), "node", "testdata/run.js", "../../../static/check.js")
	node.Stdin = bytes.NewReader(input)
	var out, fault bytes.Buffer
	node.Stdout, node.Stderr = &out, &fault
	if err := node.Run(); err != nil {
		p.t.Fatalf("%v\n%s", err, fault.String())
	}
	var got struct {
		Results []said
		Read    []string
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || len(got.Results) != len(cases) {
		p.t.Fatalf("%v: %.500s", err, out.String())
	}
	return got.Results, got.Read
}

func bent(b []byte, at int) []byte {
	c := bytes.Clone(b)
	c[at] ^= 1
	return c
}

func TestAFileAndItsSignature(t *testing.T) {
	for name, keys := range map[string]func() (crypto.Signer, error){"ECDSA": ecKeys, "RSA": rsaKeys} {
		t.Run(name, func(t *testing.T) {
			p, content := newPortal(t, keys), []byte("氏名,番号\r\n髙橋,'0012\r\n")
			stamped := time.Now().Add(-time.Hour).Truncate(time.Second)
			plain, signed := p.sign(content, time.Time{}), p.sign(content, stamped)
			other := newPortal(t, keys)
			foreignStamp := newPortal(t, keys)
			foreignStamp.key, foreignStamp.certificate = p.key, p.certificate
			results, _ := p.check([]files{
				{"a.csv": content, "a.csv.p7s": signed},
				{"a.csv": content, "a.csv.p7s": plain},
				{"a.csv": bent(content, 3), "a.csv.p7s": signed},
				{"a.csv": content, "a.csv.p7s": other.sign(content, stamped)},
				{"a.csv": content, "a.csv.p7s": foreignStamp.sign(content, stamped)},
				{"a.csv": content},
				{"a.csv": content, "a.csv.p7s": []byte("no signature")},
				{"a.csv.p7s": signed},
			}, nil)
			for i, want := range []string{
				"good", "good", "changed", "foreign", "good", "missing", "unreadable", "missing",
			} {
				if results[i].Result != want {
					t.Errorf("case %d: %s, want %s", i, results[i].Result, want)
				}
			}
			if results[0].Stamped != stamped.UnixMilli() || results[1].Stamped != 0 || results[4].Stamped != 0 {
				t.Errorf("stamps: %d, %d, %d", results[0].Stamped, results[1].Stamped, results[4].Stamped)
			}
		})
	}
}

// An authority may stamp, and be certified, by RSASSA-PSS: openssl writes such a stamp. One by SHA-1 is not believed.
func TestAStampByRSAPSS(t *testing.T) {
	p, content := newPortal(t, rsaKeys), []byte("x")
	caKey := must(rsaKeys())
	year := 365 * 24 * time.Hour
	p.ca = p.certify(&x509.Certificate{
		Subject: pkix.Name{CommonName: "stamps CA"}, IsCA: true, KeyUsage: x509.KeyUsageCertSign,
		NotBefore: time.Now().Add(-year), NotAfter: time.Now().Add(year),
	}, nil, caKey, caKey)
	p.stamps = p.certify(&x509.Certificate{
		Subject: pkix.Name{CommonName: "stamps"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping},
		SignatureAlgorithm: x509.SHA384WithRSAPSS, NotBefore: time.Now().Add(-year), NotAfter: time.Now().Add(year),
	}, p.ca, p.stampKey, caKey)
	dir, stamped := t.TempDir(), time.Now().Add(-time.Hour).Truncate(time.Second)
	write := func(name, kind string, der []byte) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	signer := write("signer.pem", "CERTIFICATE", p.stamps.Raw)
	key := write("key.pem", "PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(p.stampKey)))
	openssl := func(hash string, bend bool) func(signature []byte, at time.Time) []byte {
		return func(signature []byte, at time.Time) []byte {
			said := must(pkcs7.Parse(p.byLibrary(signature, at))).Content
			sign := exec.CommandContext(t.Context(), "openssl", "cms", "-sign", "-binary", "-nodetach", "-outform",
				"DER", "-econtent_type", "1.2.840.113549.1.9.16.1.4", "-md", hash, "-signer", signer, "-inkey", key,
				"-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:-1")
			sign.Stdin = bytes.NewReader(said)
			token, err := sign.Output()
			if err != nil {
				t.Fatal(err)
			}
			if bend {
				token[len(token)-1] ^= 1
			}
			return token
		}
	}
	var cases []files
	for _, stamp := range []func([]byte, time.Time) []byte{
		openssl("sha256", false), openssl("sha512", false), openssl("sha1", false), openssl("sha256", true),
	} {
		p.stampBy = stamp
		cases = append(cases, files{"x": content, "x.p7s": p.sign(content, stamped)})
	}
	results, _ := p.check(cases, nil)
	for i, believed := range []bool{true, true, false, false} {
		if r := results[i]; r.Result != "good" || (r.Stamped == stamped.UnixMilli()) != believed {
			t.Errorf("case %d: %+v", i, r)
		}
	}
}

// A key that somebody knows counts only with a stamp from before; a certificate that had ended counts not at all.
func TestKeysThatCountNoLonger(t *testing.T) {
	p, content := newPortal(t, ecKeys), []byte("x")
	p.withdrawn = time.Now().Add(-time.Hour)
	late := time.Now().AddDate(2, 0, 0).Truncate(time.Second)
	results, _ := p.check([]files{
		{"x": content, "x.p7s": p.sign(content, p.withdrawn.Add(-time.Minute))},
		{"x": content, "x.p7s": p.sign(content, p.withdrawn.Add(time.Minute))},
		{"x": content, "x.p7s": p.sign(content, time.Time{})},
		{"x": content, "x.p7s": p.sign(content, late)},
	}, nil)
	for i, want := range []string{"good", "withdrawn", "withdrawn", "late"} {
		if results[i].Result != want {
			t.Errorf("case %d: %s, want %s", i, results[i].Result, want)
		}
	}
}

func archive(t *testing.T, p *portal, change func(map[string][]byte)) []byte {
	t.Helper()
	content := map[string][]byte{"README.txt": []byte("読んでください"), "data/a.csv": bytes.Repeat([]byte("1,2\r\n"), 1000)}
	var list strings.Builder
	for _, name := range []string{"README.txt", "data/a.csv"} {
		sum := sha256.Sum256(content[name])
		fmt.Fprintf(&list, "%s  %s\n", hex.EncodeToString(sum[:]), name)
	}
	content["SHA256SUMS"] = []byte(list.String())
	content["SHA256SUMS.p7s"] = p.sign(content["SHA256SUMS"], time.Now())
	if change != nil {
		change(content)
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, c := range content {
		_ = must(must(w.Create(name)).Write(c))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAnArchive(t *testing.T) {
	p := newPortal(t, ecKeys)
	good := archive(t, p, nil)
	var cases []files
	var want []string
	add := func(result string, f files) { cases, want = append(cases, f), append(want, result) }
	add("good", files{"a.zip": good})
	add("changed", files{
		"a.zip": archive(t, p, func(c map[string][]byte) { c["data/a.csv"] = bent(c["data/a.csv"], 7) }),
	})
	add("changed", files{"a.zip": archive(t, p, func(c map[string][]byte) { delete(c, "data/a.csv") })})
	add("changed", files{"a.zip": archive(t, p, func(c map[string][]byte) { c["data/b.csv"] = []byte("more") })})
	add("changed", files{
		"a.zip": archive(t, p, func(c map[string][]byte) { c["SHA256SUMS"] = bent(c["SHA256SUMS"], 0) }),
	})
	add("missing", files{"a.zip": archive(t, p, func(c map[string][]byte) { delete(c, "SHA256SUMS.p7s") })})
	add("foreign", files{"a.zip": archive(t, newPortal(t, ecKeys), nil)})
	add("changed", files{"a.zip": []byte("no archive")})
	add("changed", files{"a.zip": bomb(good)})
	list, signature := inside(t, good, "SHA256SUMS"), inside(t, good, "SHA256SUMS.p7s")
	add("good", files{"a.csv": inside(t, good, "data/a.csv"), "SHA256SUMS": list, "SHA256SUMS.p7s": signature})
	add("changed", files{"a.csv": []byte("1"), "SHA256SUMS": list, "SHA256SUMS.p7s": signature})
	for length := 0; length < len(good); length += 37 {
		add("changed", files{"a.zip": good[:length]})
	}
	results, _ := p.check(cases, nil)
	for i, r := range results {
		if r.Result != want[i] {
			t.Errorf("case %d: %s (%v), want %s", i, r.Result, r.Files, want[i])
		}
	}
}

func inside(t *testing.T, archive []byte, name string) []byte {
	t.Helper()
	z := must(zip.NewReader(bytes.NewReader(archive), int64(len(archive))))
	var b bytes.Buffer
	_ = must(b.ReadFrom(must(z.Open(name))))
	return b.Bytes()
}

// bomb unpacks to more than its archive says.
func bomb([]byte) []byte {
	var packed bytes.Buffer
	w := must(flate.NewWriter(&packed, 9))
	_ = must(w.Write(make([]byte, 50<<20)))
	w.Close()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range []string{"SHA256SUMS", "SHA256SUMS.p7s"} {
		raw := must(z.CreateRaw(&zip.FileHeader{
			Name: name, Method: zip.Deflate, CompressedSize64: uint64(packed.Len()), UncompressedSize64: 1000,
		}))
		_ = must(raw.Write(packed.Bytes()))
	}
	z.Close()
	return b.Bytes()
}

// An archive that is built to be read otherwise by others, or to take much, is as one that was changed. What its names
// say is a matter of words: nothing is written anywhere.
func TestHostileArchives(t *testing.T) {
	p := newPortal(t, ecKeys)
	good := archive(t, p, nil)
	from := must(zip.NewReader(bytes.NewReader(good), int64(len(good))))
	// with is the good archive, with what more adds to it before or after.
	with := func(before bool, more func(z *zip.Writer)) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		if before {
			more(z)
		}
		for _, f := range from.File {
			if err := z.Copy(f); err != nil {
				t.Fatal(err)
			}
		}
		if !before {
			more(z)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	one := func(header *zip.FileHeader, content []byte) func(*zip.Writer) {
		return func(z *zip.Writer) { _ = must(must(z.CreateHeader(header)).Write(content)) }
	}
	link := &zip.FileHeader{Name: "link", Method: zip.Store}
	link.SetMode(os.ModeSymlink | 0o777)
	directory := bytes.LastIndex(good, []byte("PK\x05\x06"))
	altered := func(at int, value []byte) []byte { return slices.Concat(good[:at], value, good[at+len(value):]) }
	hostile := map[string][]byte{
		"a name that leads out":    with(false, one(&zip.FileHeader{Name: "../../a.csv"}, []byte("x"))),
		"an absolute name":         with(false, one(&zip.FileHeader{Name: "/data/a.csv"}, []byte("x"))),
		"a name with backslashes":  with(false, one(&zip.FileHeader{Name: `data\a.csv`}, []byte("x"))),
		"a link":                   with(false, one(link, []byte("/etc/passwd"))),
		"a name twice, good last":  with(true, one(&zip.FileHeader{Name: "README.txt"}, []byte("x"))),
		"a name twice, good first": with(false, one(&zip.FileHeader{Name: "README.txt"}, []byte("x"))),
		"as many files as can be": with(false, func(z *zip.Writer) {
			for n := range 65_000 {
				_ = must(z.CreateRaw(&zip.FileHeader{Name: fmt.Sprint(n)}))
			}
		}),
		"more than there may be, of one": with(false, func(z *zip.Writer) {
			_ = must(z.CreateRaw(&zip.FileHeader{Name: "x", Method: zip.Deflate, UncompressedSize64: 1<<32 - 2}))
		}),
		"more than there may be, of all": with(false, func(z *zip.Writer) {
			for n := range 600 {
				_ = must(z.CreateRaw(&zip.FileHeader{
					Name: fmt.Sprint(n), Method: zip.Deflate, UncompressedSize64: 1 << 20,
				}))
			}
		}),
		"another count":           altered(directory+10, []byte{0xff, 0xff}),
		"a directory elsewhere":   altered(directory+16, []byte{0xff, 0xff, 0xff, 0x7f}),
		"a directory in itself":   altered(directory+16, binary.LittleEndian.AppendUint32(nil, uint32(directory))),
		"another name inside":     bytes.Replace(good, []byte("README.txt"), []byte("README.exe"), 1),
		"a file before the first": unlisted(good, 0),
		"a file behind the last":  unlisted(good, bytes.Index(good, []byte("PK\x01\x02"))),
	}
	var names []string
	cases := []files{{"a.zip": good}, {"a.zip": with(false, func(*zip.Writer) {})}}
	for name, b := range hostile {
		names, cases = append(names, name), append(cases, files{"a.zip": b})
	}
	results, _ := p.check(cases, nil)
	for i, r := range results {
		switch {
		case i < 2 && r.Result != "good":
			t.Errorf("the good one: %s (%v)", r.Result, r.Files)
		case i >= 2 && r.Result != "changed":
			t.Errorf("%s: %s (%.200v)", names[i-2], r.Result, r.Files)
		}
	}
}

// unlisted is an archive with a file more at a place, which the directory at its end does not name.
func unlisted(archive []byte, at int) []byte {
	var more bytes.Buffer
	z := zip.NewWriter(&more)
	_ = must(must(z.CreateHeader(&zip.FileHeader{Name: "README.exe"})).Write(bytes.Repeat([]byte("x"), 100)))
	_ = z.Flush()
	b := slices.Concat(archive[:at], more.Bytes(), archive[at:])
	end := bytes.LastIndex(b, []byte("PK\x05\x06"))
	move := func(at int) {
		binary.LittleEndian.PutUint32(b[at:], binary.LittleEndian.Uint32(b[at:])+uint32(more.Len()))
	}
	move(end + 16)
	for entry := int(binary.LittleEndian.Uint32(b[end+16:])); at == 0 && entry < end; {
		move(entry + 42)
		next := entry + 46
		for _, length := range []int{28, 30, 32} {
			next += int(binary.LittleEndian.Uint16(b[entry+length:]))
		}
		entry = next
	}
	return b
}

// Whatever is done to a signature: it is never taken for one of something else, and no byte of it makes the page
// stumble.
func TestEveryByteOfASignatureBent(t *testing.T) {
	p, content := newPortal(t, ecKeys), []byte("x")
	stamped := time.Now().Truncate(time.Second)
	good := p.sign(content, stamped)
	var cases []files
	for i := range good {
		cases = append(cases, files{"x": content, "x.p7s": bent(good, i)}, files{"x": content, "x.p7s": good[:i]},
			files{"x": []byte("y"), "x.p7s": bent(good, i)})
	}
	results, _ := p.check(cases, nil)
	for i, r := range results {
		// What is not signed (the stamp, the certificates that came along) may be bent: then it counts no more.
		harmless := i%3 == 0 && r.Result == "good" && (r.Stamped == 0 || r.Stamped == stamped.UnixMilli())
		refused := slices.Contains([]string{"changed", "foreign", "unreadable", "late"}, r.Result)
		if !refused && !harmless {
			t.Errorf("byte %d, way %d: %s %d", i/3, i%3, r.Result, r.Stamped)
		}
	}
}

// What is no DER is refused, however it is built, and in no time.
func TestHostileBytes(t *testing.T) {
	nested := bytes.Repeat([]byte{0x30, 0x80}, 50_000)
	deep := []byte{}
	for range 2000 {
		length := binary.BigEndian.AppendUint16(nil, uint16(len(deep)))
		deep = append(append([]byte{0x30, 0x82}, length...), deep...)
		if len(deep) < 0x80+4 {
			deep = append([]byte{0x30, byte(len(deep) - 4)}, deep[4:]...)
		}
	}
	wide := append([]byte{0x30, 0x83, 0x01, 0x86, 0xa0}, bytes.Repeat([]byte{5, 0}, 50_000)...)
	hostile := [][]byte{
		nil, {0x30}, {0x30, 0x84, 0xff, 0xff, 0xff, 0xff}, {0x30, 0x88, 1, 1, 1, 1, 1, 1, 1, 1}, {0x1f, 0x81, 0x00},
		{0x30, 0x80, 0, 0}, {0x30, 0x81, 0x01, 0}, nested, deep, wide,
	}
	for range 3000 {
		b := make([]byte, mathrand.IntN(200))
		_, _ = rand.Read(b)
		if len(b) > 2 && mathrand.IntN(2) == 0 {
			b[0], b[1] = 0x30, byte(min(len(b)-2, 127))
		}
		hostile = append(hostile, b)
	}
	p := newPortal(t, ecKeys)
	var cases []files
	for _, b := range hostile[:200] {
		cases = append(cases, files{"x": []byte("x"), "x.p7s": b}, files{"x.zip": b})
	}
	results, read := p.check(cases, hostile)
	for i, r := range results {
		if !slices.Contains([]string{"unreadable", "changed"}, r.Result) {
			t.Errorf("%x: %s", hostile[i/2], r.Result)
		}
	}
	for i, r := range read {
		if i < 10 && r != "Bad" || r != "Bad" && strings.Trim(r, "0123456789") != "" {
			t.Errorf("%.20x: %s", hostile[i], r)
		}
	}
}
