package main

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"madoguchi/backend/door/web"
	"madoguchi/backend/store/audit"
)

// What `make dev` is made of stands open to everybody: keys of cards that are in the source, a J-LIS that says what it
// is told to. A portal takes it only where nobody but the developer can reach it, under an origin of this machine.

// sandboxAuthority is the name under which the sandbox makes certificates for the gateway and for its offices.
const sandboxAuthority = "Madoguchi sandbox gateway CA"

// publicKeys are the SHA-256 of the public keys (SubjectPublicKeyInfo) of the virtual cards and of their two
// authorities, whose private keys everybody has. The keys themselves do not belong in the portal.
var publicKeys = map[string]bool{
	"c5f0d1b35c28b6e6f88865055ace0259c3f84e0b3df5e1e52b20757fb58fd63b": true, // ca auth
	"27de4958711f6b39271d97be2dd51fa9ad6d722d23e348312c7f4ffea34022eb": true, // ca sign
	"ab9654cc0f5edb7793fe74fbdd6465e0ab739d48f5e8a5de79d93c35a426db3a": true, // yamada-hanako auth
	"0b1fcd61a4153c6bf3da0017516fd1b2c3a484660f2536f55d716cd3531dfc9b": true, // yamada-hanako sign
	"1d3538ee7990dc6a66ee7693caae3d4652e27c0c8686eb2aaf47fb69167b8864": true, // yamada-taro auth
	"8373c87eea9ab199e3dc58de93009baef248e9c5b0b4094da7fb9cca8e56cbba": true, // yamada-taro sign
	"8453ba63f4448730451d701e75dbcb858b436ff508630dc6c9eff8af97cea705": true, // yamada-sakura auth
	"e5ee49f550a2433ef9f2d3dde45c96eab7cc62473d55a8c509a103cf22916675": true, // yamada-minato auth
	"df5bbc9a97eb7d5de2f8f3a825fd33275f3b3b84a650af79e08a355b3bbf13be": true, // suzuki-umeko auth
	"fb454f243311a100256e2dbc5b7c5594a17d49060d8a63eb3142ab10aeb82213": true, // suzuki-umeko sign
	"602a49c66b865e120232701ce4b72dae2787eeb899da238ac2c6b3126da0ee81": true, // kobayashi-ren auth
	"6a0a021abd4c7df3b2c8f2a28a498362534c35a37feafb3f8d0cc521b05dbc35": true, // kobayashi-ren sign
	"85edc40275fcbd42ec3381e657bc832bdadd4ce2251691bc7c81ada2ad1bfc4a": true, // takahashi-shacho auth
	"ae42f2e7acfe006325d65a78b208528a7a6ed25f7de3dce18d37143831415b67": true, // takahashi-shacho sign
	"c28ec985b7ae74f53d6241f293fe5fd2c0550a1136b4ab3dd15d8a4c850b2a99": true, // watanabe-gaiji auth
	"1bfdad4f433fb3b51eacab413347b8186a09461afc4961794b845981542d3867": true, // watanabe-gaiji sign
	"8e15e7e4a2eb3dd5b9f4bb6782f105980dc4a1a88a354cb90b4e6dca8a6d8516": true, // sato-locked auth
	"20deceac3821bd22f89e22507994af7fd0c8726ceaa91e5632c60e14e387bff8": true, // sato-locked sign
	"e75290904843451896d8dc8eb36211a598536705521e876037463464d6bea02d": true, // ito-revoked auth
	"83b4ec124f1ee76298fc76513537ab7b8d72102c6c089ceae6ed7456a6adfb31": true, // ito-revoked sign
	"cee4b8f88eb4311add46178dc9649d2441006531cf5a0b2ee70e436816b63486": true, // kato-expired auth
	"6dfea991a3ea7ff804b66be9651f153d029711586d58524615de2d1a936c2150": true, // kato-expired sign
	"dd337778fbb5b031b67303fb2feac80b1e800e3e855bcccf8ae6ca158cd461ab": true, // yamada-hanako-2 auth
	"c1b36b6d70689ded49e03c72b14c6b1e49918f27252462c6e3e15d8ffa0f60eb": true, // yamada-hanako-2 sign
}

var errDevelopment = errors.New(
	"it is for development, and the origin (PORTAL_ORIGIN) is not one of this machine such as http://localhost:8080",
)

// local tells whether the origin is of this machine alone.
func (c config) local() bool {
	origin, err := url.Parse(c.origin)
	return err == nil && web.Loopback(origin.Hostname())
}

// checkDevelopment refuses what is for development under an origin that others reach.
func (c config) checkDevelopment(authorities []*x509.Certificate, gateway tls.Certificate) error {
	if c.local() {
		return nil
	}
	origin, err := url.Parse(c.origin)
	if err != nil || origin.Scheme != "https" {
		return fmt.Errorf("the origin %s is neither https nor of this machine (PORTAL_ORIGIN): people's cards sign "+
			"for it, and browsers keep its session over https alone; for a phone that shall see a portal under "+
			"development, forward the port, so that it is http://localhost there too", c.origin)
	}
	for _, ca := range authorities {
		if sum := sha256.Sum256(ca.RawSubjectPublicKeyInfo); publicKeys[hex.EncodeToString(sum[:])] {
			return fmt.Errorf("the CA %q (PORTAL_JPKI_CA) is that of the virtual cards, whose private key is public: "+
				"anybody could log in as anybody; name the CAs of J-LIS instead: %w", ca.Subject, errDevelopment)
		}
	}
	if err := checkJLIS(c.jlis); err != nil {
		return err
	}
	leaf := gateway.Leaf
	if leaf == nil {
		if leaf, err = x509.ParseCertificate(gateway.Certificate[0]); err != nil {
			return fmt.Errorf("reading the gateway's certificate (PORTAL_GATEWAY_CERTIFICATE): %w", err)
		}
	}
	if fromSandbox(leaf) {
		return fmt.Errorf(
			"the gateway's certificate (PORTAL_GATEWAY_CERTIFICATE) is the sandbox's; name one that offices "+
				"can trust: %w", errDevelopment,
		)
	}
	if c.smtp == defaultSMTP {
		return fmt.Errorf("the mail server (PORTAL_SMTP) is not set; %s is the sandbox's: %w",
			defaultSMTP, errDevelopment)
	}
	if c.mailFrom == defaultMailFrom {
		return fmt.Errorf("the sender of mails (PORTAL_MAIL_FROM) is not set; %s is nobody's: %w",
			defaultMailFrom, errDevelopment)
	}
	return nil
}

func checkJLIS(address string) error {
	authority, err := url.Parse(address)
	if err != nil {
		return fmt.Errorf("the address of J-LIS (PORTAL_JLIS): %w", err)
	}
	if authority.Scheme != "https" {
		return fmt.Errorf("%s (PORTAL_JLIS) is not https, as the sandbox's J-LIS is not; name the real one: %w",
			address, errDevelopment)
	}
	return nil
}

// stampAuthority is the name of the sandbox's, whose clock anybody may set.
const stampAuthority = "Madoguchi sandbox time stamps CA"

// checkStamp refuses a time stamping authority that is reached in the clear, or is the sandbox's, where people are.
func (c config) checkStamp(cas []*x509.Certificate) error {
	if c.stamp == "" || c.local() {
		return nil
	}
	if !strings.HasPrefix(c.stamp, "https://") {
		return fmt.Errorf("%s (PORTAL_STAMP) is not https: %w", c.stamp, errDevelopment)
	}
	for _, ca := range cas {
		if ca.Subject.CommonName == stampAuthority {
			return fmt.Errorf("the authority %q (PORTAL_STAMP_CA) is the sandbox's: %w", ca.Subject, errDevelopment)
		}
	}
	return nil
}

func fromSandbox(certificate *x509.Certificate) bool {
	return certificate.Issuer.CommonName == sandboxAuthority
}

// refuseSandbox keeps the sandbox's offices out: their certificates can get into a registry by a copy.
func refuseSandbox(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.TLS != nil && len(r.TLS.PeerCertificates) > 0 && fromSandbox(r.TLS.PeerCertificates[0]) {
			audit.Log(r.Context(), audit.OfficeRefused, slog.String("office", "sandbox"),
				slog.String("reason", "development"))
			http.Error(w, "certificates of the sandbox are for development", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// warnOfProxies says plainly what a start without a certificate and without a named proxy comes to.
func (c config) warnOfProxies() {
	if c.local() || c.certificate != "" || c.trustedProxies != "" {
		return
	}
	slog.Warn("the portal does not speak TLS itself, and no proxy in front is named (PORTAL_TRUSTED_PROXIES): "+
		"everybody behind the proxy shares one address, and with it every limit an address has", "origin", c.origin)
}
