package softcard

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"math/big"
	"sync"
	"time"

	"madoguchi/proto/clock"
)

// Two authorities with the profile of JPKI's: one for user authentication, one for signatures. What they issue is a
// function of the person and the day alone, and serial numbers never change, so that programs that share no state
// agree.

// service is one of the two authorities.
type service struct {
	use      string // of the key: "ca auth"
	suffix   string // of a person's key
	unit     string
	unitKana string
	policy   []uint64
	usage    x509.KeyUsage
	serials  int64 // the person's number is added
}

var (
	authService = service{
		use: "ca auth", suffix: " auth", unit: "JPKI for user authentication", unitKana: "公的個人認証サービス利用者証明用",
		policy: []uint64{1, 2, 392, 200149, 8, 5, 1, 3, 30}, usage: x509.KeyUsageDigitalSignature, serials: 0x2A51C000,
	}
	signService = service{
		use: "ca sign", suffix: " sign", unit: "JPKI for digital signature", unitKana: "公的個人認証サービス署名用",
		policy: []uint64{1, 2, 392, 200149, 8, 5, 1, 1, 20},
		usage:  x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment, serials: 0x3B62D000,
	}
)

// AuthCA is the authority of the user authentication certificates, with its PUBLIC test key.
func AuthCA(now time.Time) (*x509.Certificate, *rsa.PrivateKey) {
	return authService.ca(now), testKey(authService.use)
}

// SignCA is the authority of the signing certificates, with its PUBLIC test key.
func SignCA(now time.Time) (*x509.Certificate, *rsa.PrivateKey) {
	return signService.ca(now), testKey(signService.use)
}

// CAPEM are the certificates of AuthCA and SignCA in PEM, for a portal that shall trust the cards in software.
func CAPEM(now time.Time) []byte {
	return append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authService.ca(now).Raw}),
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signService.ca(now).Raw})...)
}

// AuthCertificate is the person's certificate for user authentication; nil when the card has none.
func (p Person) AuthCertificate(now time.Time) *x509.Certificate {
	if p.card.noAuth {
		return nil
	}
	return authService.leaf(p, now)
}

// SignCertificate is the person's certificate for signatures; nil when the card has none.
func (p Person) SignCertificate(now time.Time) *x509.Certificate {
	if p.card.noSign {
		return nil
	}
	return signService.leaf(p, now)
}

// SerialHex writes a serial number as the J-LIS protocol of the sandbox does: lower-case hexadecimal without leading
// zeros.
func SerialHex(serial *big.Int) string {
	return serial.Text(16)
}

// AuthSerial is the serial number of the person's certificate for user authentication, also for cards that have none.
func (p Person) AuthSerial() *big.Int {
	return authService.serial(p)
}

// SignSerial is the serial number of the person's certificate for signatures.
func (p Person) SignSerial() *big.Int {
	return signService.serial(p)
}

// PersonBySerial finds whose certificate, of either kind, has this serial number (SerialHex).
func PersonBySerial(serial string) (Person, bool) {
	for _, p := range people {
		if !p.card.noAuth && SerialHex(p.AuthSerial()) == serial ||
			!p.card.noSign && SerialHex(p.SignSerial()) == serial {
			return p, true
		}
	}
	return Person{}, false
}

// revokedAt is when all revoked certificates were.
var revokedAt = time.Date(2026, 10, 1, 9, 0, 0, 0, clock.Japan).UTC()

// Revoked tells whether and when a certificate was revoked, by its serial number (SerialHex).
func Revoked(serial string) (time.Time, bool) {
	p, ok := PersonBySerial(serial)
	if !ok || !p.card.revoked {
		return time.Time{}, false
	}
	return revokedAt, true
}

// Predecessors are the serial numbers (SerialHex) of the certificates of the same kind that the same person had before,
// newest first.
func Predecessors(serial string) []string {
	p, ok := PersonBySerial(serial)
	if !ok {
		return nil
	}
	s := authService
	if SerialHex(p.SignSerial()) == serial {
		s = signService
	}
	var before []string
	for p.card.predecessor != "" {
		if p, ok = PersonByID(p.card.predecessor); !ok {
			break
		}
		before = append(before, SerialHex(s.serial(p)))
	}
	return before
}

// Successors are the serial numbers (SerialHex) of the certificates of the same kind that the same person got since,
// oldest first.
func Successors(serial string) []string {
	p, ok := PersonBySerial(serial)
	if !ok {
		return nil
	}
	s := authService
	if SerialHex(p.SignSerial()) == serial {
		s = signService
	}
	var since []string
	for found := true; found; {
		found = false
		for _, next := range People() {
			if next.card.predecessor == p.ID {
				since, p, found = append(since, SerialHex(s.serial(next))), next, true
				break
			}
		}
	}
	return since
}

// Holder is the id of the first card of the person who holds this one: the same for a card and for those that came
// after it.
func (p Person) Holder() string {
	for p.card.predecessor != "" {
		before, ok := PersonByID(p.card.predecessor)
		if !ok {
			break
		}
		p = before
	}
	return p.ID
}

// CRL is the list of revoked user authentication certificates, in DER: made anew every ten minutes, good for two hours.
func CRL(now time.Time) []byte {
	return authService.crl(now)
}

// SignCRL is the list of revoked signing certificates.
func SignCRL(now time.Time) []byte {
	return signService.crl(now)
}

func (s service) serial(p Person) *big.Int {
	return big.NewInt(s.serials + int64(p.card.number))
}

func (s service) ca(now time.Time) *x509.Certificate {
	// Ten years from an even year at least four years ago: whatever leaf is in use now lies inside.
	year := now.In(clock.Japan).Year()
	from := time.Date(year-year%2-4, 4, 1, 0, 0, 0, 0, clock.Japan)
	return s.issue(fmt.Sprintf("%s %d", s.use, from.Year()), func() *x509.Certificate {
		return &x509.Certificate{
			SerialNumber: big.NewInt(1), RawSubject: der(s.name()),
			NotBefore: from, NotAfter: from.AddDate(10, 0, 0).Add(-time.Second),
			IsCA: true, BasicConstraintsValid: true, MaxPathLen: 0, MaxPathLenZero: true,
			KeyUsage:     x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
			SubjectKeyId: keyID(testKey(s.use)), AuthorityKeyId: keyID(testKey(s.use)),
			Policies:        []x509.OID{s.policyOID()},
			ExtraExtensions: []pkix.Extension{s.alternativeName(), s.distributionPoint()},
		}
	}, testKey(s.use))
}

func (s service) leaf(p Person, now time.Time) *x509.Certificate {
	from, to := validity(p, now)
	key := testKey(p.ID + s.suffix)
	return s.issue(fmt.Sprintf("%s %s %d", s.use, p.ID, to.Unix()), func() *x509.Certificate {
		subject := pkix.RDNSequence{{text(oidCountry, "JP")}}
		extensions := []pkix.Extension{s.distributionPoint()}
		// The CN of the real ones is a time stamp and something opaque.
		opaque := fmt.Sprintf("%026d", p.card.number*7919)
		if s.suffix == authService.suffix {
			subject = append(subject, pkix.RelativeDistinguishedNameSET{text(oidCommonName, "0"+opaque+"A")})
		} else {
			subject = append(subject,
				pkix.RelativeDistinguishedNameSET{text(oidLocality, p.Prefecture)},
				pkix.RelativeDistinguishedNameSET{text(oidLocality, p.Municipality)},
				pkix.RelativeDistinguishedNameSET{
					text(oidCommonName, from.In(clock.Japan).Format("20060102150405000")+opaque),
				})
			extensions = append(extensions, personalNames(p))
		}
		return &x509.Certificate{
			SerialNumber: s.serial(p), RawSubject: der(subject),
			NotBefore: from, NotAfter: to,
			KeyUsage:     s.usage,
			SubjectKeyId: keyID(key), AuthorityKeyId: keyID(testKey(s.use)),
			Policies:        []x509.OID{s.policyOID()},
			ExtraExtensions: extensions,
		}
	}, key)
}

// validity: issued on 10 January of last year (of the sixth year before, for an expired one) and good until the
// holder's fifth birthday after that. The infant's began with the birth.
func validity(p Person, now time.Time) (from, to time.Time) {
	year := now.In(clock.Japan).Year() - 1
	if p.card.expired {
		year -= 5
	}
	from = time.Date(year, 1, 10, 10, 30, 0, 0, clock.Japan)
	birth, err := time.ParseInLocation("20060102", p.BirthDate, clock.Japan)
	if err != nil {
		panic(fmt.Sprintf("softcard: the birthday of %s: %v", p.ID, err))
	}
	if from.Before(birth) {
		from = birth.AddDate(0, 0, 14)
	}
	last := 4
	if !birthday(birth, from.Year()).After(from) {
		last = 5
	}
	to = birthday(birth, from.Year()+last)
	return from, to.Add(24*time.Hour - time.Second)
}

// birthday of a year; 29 February becomes 1 March in other years.
func birthday(birth time.Time, year int) time.Time {
	return time.Date(year, birth.Month(), birth.Day(), 0, 0, 0, 0, clock.Japan)
}

func (s service) crl(now time.Time) []byte {
	const pace = 10 * time.Minute
	made := now.UTC().Truncate(pace)
	list := &x509.RevocationList{
		Number:     big.NewInt(made.Unix() / int64(pace/time.Second)),
		ThisUpdate: made, NextUpdate: made.Add(2 * time.Hour),
	}
	for _, p := range people {
		if p.card.revoked {
			list.RevokedCertificateEntries = append(list.RevokedCertificateEntries, x509.RevocationListEntry{
				// affiliationChanged, as after a move
				SerialNumber: s.serial(p), RevocationTime: revokedAt, ReasonCode: 3,
			})
		}
	}
	b, err := x509.CreateRevocationList(rand.Reader, list, s.ca(now), testKey(s.use))
	if err != nil {
		panic(fmt.Sprintf("softcard: making the CRL: %v", err))
	}
	return b
}

var issued sync.Map // name and time → *x509.Certificate

// issue signs what template gives, once per name. Signatures of PKCS #1 v1.5 hold nothing random: another process makes
// the same.
func (s service) issue(name string, template func() *x509.Certificate, subject *rsa.PrivateKey) *x509.Certificate {
	if c, ok := issued.Load(name); ok {
		return c.(*x509.Certificate)
	}
	t := template()
	t.SignatureAlgorithm = x509.SHA256WithRSA
	parent := t
	if !t.IsCA {
		parent = &x509.Certificate{
			RawSubject: der(s.name()), SubjectKeyId: t.AuthorityKeyId, PublicKey: testKey(s.use).Public(),
		}
	}
	b, err := x509.CreateCertificate(rand.Reader, t, parent, subject.Public(), testKey(s.use))
	if err != nil {
		panic(fmt.Sprintf("softcard: issuing %s: %v", name, err))
	}
	c, err := x509.ParseCertificate(b)
	if err != nil {
		panic(fmt.Sprintf("softcard: reading %s: %v", name, err))
	}
	issued.Store(name, c)
	return c
}

func (s service) policyOID() x509.OID {
	oid, err := x509.OIDFromInts(s.policy)
	if err != nil {
		panic(err)
	}
	return oid
}

// keyID is method 1 of RFC 5280, 4.2.1.2.
func keyID(key *rsa.PrivateKey) []byte {
	sum := sha1.Sum(x509.MarshalPKCS1PublicKey(&key.PublicKey))
	return sum[:]
}

var (
	oidCountry      = asn1.ObjectIdentifier{2, 5, 4, 6}
	oidLocality     = asn1.ObjectIdentifier{2, 5, 4, 7}
	oidOrganization = asn1.ObjectIdentifier{2, 5, 4, 10}
	oidUnit         = asn1.ObjectIdentifier{2, 5, 4, 11}
	oidCommonName   = asn1.ObjectIdentifier{2, 5, 4, 3}
	oidSAN          = asn1.ObjectIdentifier{2, 5, 29, 17}
	oidCDP          = asn1.ObjectIdentifier{2, 5, 29, 31}
)
