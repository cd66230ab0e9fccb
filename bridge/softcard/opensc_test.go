//go:build linux

package softcard_test

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"madoguchi/bridge/pcscdtest"
	"madoguchi/bridge/softcard"
	"madoguchi/bridge/softcard/softcardtest"
)

// Software that nobody here wrote uses the cards through the real pcscd: OpenSC reads and signs, openssl verifies.
func TestOpenSC(t *testing.T) {
	modules, err := filepath.Glob("/usr/lib/*/opensc-pkcs11.so")
	if err != nil || len(modules) == 0 {
		t.Fatal("the Debian packages opensc and opensc-pkcs11 are missing; run `make setup`")
	}
	module := modules[0]
	daemon := pcscdtest.Start(t)
	hanako, taro := softcardtest.Person(t, "yamada-hanako"), softcardtest.Person(t, "yamada-taro")
	daemon.Insert(0, softcardtest.Card(t, hanako.ID))
	daemon.Insert(1, softcardtest.Card(t, taro.ID))
	now := time.Now()
	dir := t.TempDir()
	message := []byte("Something to be signed by a card that OpenSC has never seen.\n")
	write(t, filepath.Join(dir, "message"), message)
	digest := sha256.Sum256(message)
	write(t, filepath.Join(dir, "digest"), digest[:])

	for reader, p := range map[string]softcard.Person{"0": hanako, "1": taro} {
		t.Run(p.ID, func(t *testing.T) {
			if out := run(t, "opensc-tool", "--reader", reader, "--name"); strings.TrimSpace(out) != "jpki" {
				t.Errorf("the card is %q to OpenSC, not jpki", out)
			}
			dump := run(t, "pkcs15-tool", "--reader", reader, "--dump")
			for _, want := range []string{
				"PKCS#15 Card [JPKI]", "User Authentication PIN", "Digital Signature PIN",
				"User Authentication Certificate",
			} {
				if !strings.Contains(dump, want) {
					t.Errorf("%q is not in the dump:\n%s", want, dump)
				}
			}
			got := certificateIn(t, run(t, "pkcs15-tool", "--reader", reader, "--read-certificate", "01"))
			if !bytes.Equal(got.Raw, p.AuthCertificate(now).Raw) {
				t.Error("certificate 01 is another one")
			}
			out, err := exec.Command("pkcs15-tool", "--reader", reader, "--read-certificate", "02").CombinedOutput()
			if err == nil || bytes.Contains(out, []byte("BEGIN")) {
				t.Errorf("the signing certificate is readable without its PIN:\n%s", out)
			}
			got = certificateIn(t, run(
				t, "pkcs15-tool", "--reader", reader, "--verify-pin", "--auth-id", "02", "--pin", p.SignPIN,
				"--read-certificate", "02",
			))
			if !bytes.Equal(got.Raw, p.SignCertificate(now).Raw) {
				t.Error("certificate 02 is another one")
			}
		})
	}

	for _, c := range []struct {
		name, slot, id, pin string
		certificate         *x509.Certificate
	}{
		{"authentication key", "0", "01", hanako.AuthPIN, hanako.AuthCertificate(now)},
		{"signing key", "1", "02", hanako.SignPIN, hanako.SignCertificate(now)},
	} {
		t.Run("pkcs11-tool, "+c.name, func(t *testing.T) {
			signature := filepath.Join(t.TempDir(), "signature")
			run(t, "pkcs11-tool", "--module", module, "--slot", c.slot, "--login", "--pin", c.pin, "--sign",
				"--mechanism", "SHA256-RSA-PKCS",
				"--id", c.id, "--input-file", filepath.Join(dir, "message"), "--output-file", signature)
			verify(t, c.certificate, filepath.Join(dir, "message"), signature)
		})
	}
	t.Run("pkcs15-crypt", func(t *testing.T) {
		signature := filepath.Join(t.TempDir(), "signature")
		run(t, "pkcs15-crypt", "--reader", "0", "--sign", "--key", "01", "--pin", hanako.AuthPIN,
			"--pkcs1", "--sha-256",
			"--input", filepath.Join(dir, "digest"), "--output", signature, "--raw")
		verify(t, hanako.AuthCertificate(now), filepath.Join(dir, "message"), signature)
	})
	t.Run("a wrong PIN", func(t *testing.T) {
		out, err := exec.Command("pkcs15-tool", "--reader", "0", "--verify-pin", "--auth-id", "01", "--pin", "9999").
			CombinedOutput()
		if err == nil || !bytes.Contains(out, []byte("PIN")) {
			t.Errorf("%v:\n%s", err, out)
		}
		dump := run(t, "pkcs15-tool", "--reader", "0", "--list-pins")
		if !strings.Contains(dump, "Tries left     : 2") {
			t.Errorf("OpenSC does not see two tries left:\n%s", dump)
		}
	})
}

// The authority's certificates, the leaves and the list of revoked ones are good to openssl too.
func TestOpenSSLVerifiesTheChain(t *testing.T) {
	now := time.Now()
	dir := t.TempDir()
	file := func(name, kind string, der []byte) string {
		path := filepath.Join(dir, name)
		write(t, path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
		return path
	}
	ca := filepath.Join(dir, "ca.pem")
	write(t, ca, softcard.CAPEM(now))
	crl := file("crl.pem", "X509 CRL", softcard.CRL(now))
	for id, want := range map[string]string{
		"yamada-hanako": "", "ito-revoked": "certificate revoked", "kato-expired": "certificate has expired",
	} {
		leaf := file(id+".pem", "CERTIFICATE", softcardtest.Person(t, id).AuthCertificate(now).Raw)
		out, err := exec.Command("openssl", "verify", "-x509_strict", "-crl_check", "-CAfile", ca, "-CRLfile", crl,
			leaf).CombinedOutput()
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(string(out), want)) {
			t.Errorf("%s: %v\n%s", id, err, out)
		}
	}
	signCA, _ := softcard.SignCA(now)
	signCAFile := file("sign-ca.pem", "CERTIFICATE", signCA.Raw)
	leaf := file("sign.pem", "CERTIFICATE", softcardtest.Person(t, "watanabe-gaiji").SignCertificate(now).Raw)
	out, err := exec.Command("openssl", "verify", "-x509_strict", "-CAfile", signCAFile, leaf).CombinedOutput()
	if err != nil {
		t.Errorf("signing certificate: %v\n%s", err, out)
	}
	if out := run(t, "openssl", "x509", "-in", leaf, "-noout", "-text"); !strings.Contains(out,
		"1.2.392.200149.8.5.1.1.20") || !strings.Contains(out, "othername") {
		t.Errorf("openssl does not show policy and other names:\n%s", out)
	}
}

func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, args...)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", strings.Join(command.Args, " "), err, out, stderr.Bytes())
	}
	return string(out)
}

func verify(t *testing.T, c *x509.Certificate, message, signature string) {
	t.Helper()
	key, err := x509.MarshalPKIXPublicKey(c.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "key.pem")
	write(t, path, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: key}))
	out := run(t, "openssl", "dgst", "-sha256", "-verify", path, "-signature", signature, message)
	if !strings.Contains(out, "Verified OK") {
		t.Errorf("openssl says %q", out)
	}
}

func certificateIn(t *testing.T, text string) *x509.Certificate {
	t.Helper()
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		t.Fatalf("no certificate in %q", text)
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
