package credential_test

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"madoguchi/backend/sandbox/credential"
)

var offices = []credential.Registration{
	{ID: "131105", Name: "目黒区", Duties: []string{"notice", "person"}, MunicipalityCode: "131105"},
	{ID: "nenkin", Name: "日本年金機構", Duties: []string{"notice", "person", "notice-nation"}},
}

func read(t *testing.T, parts ...string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func prepare(t *testing.T, dir string, now time.Time) {
	t.Helper()
	if err := credential.In(dir).Make(offices, now); err != nil {
		t.Fatal(err)
	}
}

func TestMakeTwiceChangesNothing(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	prepare(t, dir, now)
	names := []string{"gateway-ca.pem", "gateway.pem", "gateway.key", "offices/131105.pem", "offices.json"}
	before := map[string][]byte{}
	for _, name := range names {
		before[name] = read(t, dir, name)
	}
	prepare(t, dir, now.Add(300*24*time.Hour))
	for _, name := range names {
		if !bytes.Equal(before[name], read(t, dir, name)) {
			t.Errorf("%s changed", name)
		}
	}
}

func TestMakeRenewsWhatIsAboutToEnd(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	prepare(t, dir, now)
	ca, server, registry := read(t, dir, "gateway-ca.pem"), read(t, dir, "gateway.pem"), read(t, dir, "offices.json")
	prepare(t, dir, now.Add(340*24*time.Hour))
	if !bytes.Equal(ca, read(t, dir, "gateway-ca.pem")) {
		t.Error("the authority was made again long before its end")
	}
	if bytes.Equal(server, read(t, dir, "gateway.pem")) || bytes.Equal(registry, read(t, dir, "offices.json")) {
		t.Error("a certificate 25 days before its end was kept")
	}
}

func TestMakeReplacesDamage(t *testing.T) {
	for name, damage := range map[string]func(path string) error{
		"key lost":         func(p string) error { return os.Remove(p + ".key") },
		"certificate torn": func(p string) error { return os.WriteFile(p+".pem", []byte("-----BEGIN"), 0o644) },
		"key of another":   func(p string) error { return os.Rename(filepath.Dir(p)+"/nenkin.key", p+".key") },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			prepare(t, dir, time.Now())
			if err := damage(filepath.Join(dir, "offices", "131105")); err != nil {
				t.Fatal(err)
			}
			prepare(t, dir, time.Now())
			for _, o := range offices {
				if _, err := credential.In(dir).ClientTLS(o.ID); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func TestKeysAreForTheOwnerAlone(t *testing.T) {
	dir := t.TempDir()
	prepare(t, dir, time.Now())
	for _, name := range []string{"gateway-ca.key", "gateway.key", "offices/131105.key", "offices/nenkin.key"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
	}
}

// The real thing: each name of the gateway answers, and what the gateway sees of an office is what the registry says.
func TestOfficesMeetTheGateway(t *testing.T) {
	dir := t.TempDir()
	prepare(t, dir, time.Now())
	var registry []credential.Registration
	if err := json.Unmarshal(read(t, dir, "offices.json"), &registry); err != nil {
		t.Fatal(err)
	}
	certificate, err := tls.LoadX509KeyPair(filepath.Join(dir, "gateway.pem"), filepath.Join(dir, "gateway.key"))
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"127.0.0.1", "localhost", "::1"} {
		listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
			Certificates: []tls.Certificate{certificate}, ClientAuth: tls.RequireAnyClientCert,
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { listener.Close() })
		seen := make(chan string, 1)
		go func() {
			conn, err := listener.Accept()
			if err != nil {
				seen <- err.Error()
				return
			}
			defer conn.Close()
			if err := conn.(*tls.Conn).Handshake(); err != nil {
				seen <- err.Error()
				return
			}
			sum := sha256.Sum256(conn.(*tls.Conn).ConnectionState().PeerCertificates[0].Raw)
			seen <- hex.EncodeToString(sum[:])
		}()
		config, err := credential.In(dir).ClientTLS("nenkin")
		if err != nil {
			t.Fatal(err)
		}
		config.ServerName = host
		conn, err := tls.Dial("tcp", listener.Addr().String(), config)
		if err != nil {
			t.Fatalf("as %s: %v", host, err)
		}
		conn.Close()
		if got := <-seen; got != registry[1].CertificateHash {
			t.Errorf("as %s the gateway saw %s, the registry says %s", host, got, registry[1].CertificateHash)
		}
	}
}
