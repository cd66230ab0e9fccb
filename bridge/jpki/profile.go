//go:build !js

package jpki

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// This file is for servers: a page has no use for crypto/x509, which would weigh on it.

// Policies of the certificates (the operating rules of the public certification service, 1.2.392.200149.8.5.1).
const (
	PolicySign = "1.2.392.200149.8.5.1.1.20"
	PolicyAuth = "1.2.392.200149.8.5.1.3.30"
)

// Rule is one rule of the certificate profile.
type Rule string

const (
	RuleVersion           Rule = "version 3"
	RuleIssuer            Rule = "issuer"
	RuleSignatureScheme   Rule = "sha256WithRSA"
	RuleKey               Rule = "RSA key of 2048 bits with exponent 65537"
	RuleNotCA             Rule = "not a CA"
	RuleKeyUsage          Rule = "key usage"
	RulePolicy            Rule = "policy"
	RuleSubject           Rule = "subject"
	RuleCriticalExtension Rule = "no unknown critical extension"
	RuleAttributes        Rule = "attributes"
)

// ProfileError says which rule a certificate breaks. It holds nothing of the certificate's personal contents.
type ProfileError struct {
	Rule   Rule
	Detail string
}

func (e *ProfileError) Error() string {
	return fmt.Sprintf("the certificate breaks the rule %q: %s", e.Rule, e.Detail)
}

// CheckAuthCertificate checks the profile of a user authentication certificate. Chain, validity and revocation are the caller's.
func CheckAuthCertificate(c *x509.Certificate) error {
	if err := checkLeaf(c, "JPKI for user authentication", PolicyAuth); err != nil {
		return err
	}
	const forbidden = ^x509.KeyUsageDigitalSignature
	if c.KeyUsage&x509.KeyUsageDigitalSignature == 0 || c.KeyUsage&forbidden != 0 {
		return &ProfileError{RuleKeyUsage, "digitalSignature alone is expected"}
	}
	// Its subject names nobody: C=JP and an opaque common name.
	if len(c.Subject.Names) != 2 || c.Subject.CommonName == "" {
		return &ProfileError{RuleSubject, "country and an opaque common name are expected"}
	}
	return nil
}

// CheckSignCertificate checks the profile of a signing certificate. Chain, validity and revocation are the caller's.
func CheckSignCertificate(c *x509.Certificate) error {
	if err := checkLeaf(c, "JPKI for digital signature", PolicySign); err != nil {
		return err
	}
	const wanted = x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment
	if c.KeyUsage != wanted {
		return &ProfileError{RuleKeyUsage, "digitalSignature and nonRepudiation are expected"}
	}
	return nil
}

func checkLeaf(c *x509.Certificate, unit, policy string) error {
	key, isRSA := c.PublicKey.(*rsa.PublicKey)
	switch {
	case c.Version != 3:
		return &ProfileError{RuleVersion, fmt.Sprintf("it is version %d", c.Version)}
	case !slices.Equal(c.Issuer.Country, []string{"JP"}) || !slices.Equal(c.Issuer.Organization, []string{"JPKI"}):
		return &ProfileError{RuleIssuer, "C=JP, O=JPKI is expected"}
	case !slices.Contains(c.Issuer.OrganizationalUnit, unit):
		return &ProfileError{RuleIssuer, fmt.Sprintf("OU=%s is expected", unit)}
	case c.SignatureAlgorithm != x509.SHA256WithRSA:
		return &ProfileError{RuleSignatureScheme, fmt.Sprintf("it is %s", c.SignatureAlgorithm)}
	case !isRSA:
		return &ProfileError{RuleKey, fmt.Sprintf("it is %s", c.PublicKeyAlgorithm)}
	case key.N.BitLen() != 2048 || key.E != 65537:
		return &ProfileError{RuleKey, fmt.Sprintf("it has %d bits and exponent %d", key.N.BitLen(), key.E)}
	case c.IsCA:
		return &ProfileError{RuleNotCA, "it is one"}
	case len(c.UnhandledCriticalExtensions) > 0:
		return &ProfileError{RuleCriticalExtension, c.UnhandledCriticalExtensions[0].String()}
	case !slices.Equal(c.Subject.Country, []string{"JP"}):
		return &ProfileError{RuleSubject, "C=JP is expected"}
	}
	for _, p := range c.Policies {
		if p.String() == policy {
			return nil
		}
	}
	return &ProfileError{RulePolicy, policy + " is expected"}
}

// CertifiedAttributes are the four attributes as a signing certificate has them.
type CertifiedAttributes struct {
	Attributes
	// NameSubstitutions and AddressSubstitutions mark, a digit for a character, which characters stand for others that a
	// certificate cannot hold; empty when there are none.
	NameSubstitutions, AddressSubstitutions string
	// Era is that of the date of birth: 1 Meiji, 2 Taishō, 3 Shōwa, 4 Heisei, 5 Reiwa; 0 unknown.
	Era int
}

const attributeArc = "1.2.392.200149.8.5.5."

// AttributesOf reads name, address, date of birth and sex from a signing certificate, which the caller has checked.
func AttributesOf(c *x509.Certificate) (CertifiedAttributes, error) {
	var a CertifiedAttributes
	names, err := otherNames(c)
	if err != nil {
		return CertifiedAttributes{}, &ProfileError{RuleAttributes, err.Error()}
	}
	a.Name, a.NameSubstitutions = names["1"], names["2"]
	a.Sex = names["3"]
	a.Address, a.AddressSubstitutions = names["5"], names["6"]
	if birth := names["4"]; len(birth) == 9 && birth[0] >= '0' && birth[0] <= '9' {
		a.Era, a.BirthDate = int(birth[0]-'0'), birth[1:]
	}
	if err := a.check(); err != nil {
		return CertifiedAttributes{}, &ProfileError{RuleAttributes, err.Error()}
	}
	return a, nil
}

// otherNames are the values of the attributes' other names by the last arc of their identifiers.
func otherNames(c *x509.Certificate) (map[string]string, error) {
	names := map[string]string{}
	for _, extension := range c.Extensions {
		if !extension.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 17}) {
			continue
		}
		var general []asn1.RawValue
		if rest, err := asn1.Unmarshal(extension.Value, &general); err != nil || len(rest) > 0 {
			return nil, errors.New("the subject's alternative name is malformed")
		}
		for _, name := range general {
			if name.Class != asn1.ClassContextSpecific || name.Tag != 0 {
				continue
			}
			id, value, err := otherName(name.Bytes)
			if err != nil {
				return nil, err
			}
			last, ours := strings.CutPrefix(id, attributeArc)
			if !ours {
				continue
			}
			if _, twice := names[last]; twice {
				return nil, fmt.Errorf("attribute %s stands there twice", last)
			}
			names[last] = value
		}
	}
	return names, nil
}

// otherName reads SEQUENCE { type-id OBJECT IDENTIFIER, value [0] EXPLICIT UTF8String } without its outer header. The value of a
// type that is not an attribute may be anything.
func otherName(b []byte) (id, value string, err error) {
	var oid asn1.ObjectIdentifier
	rest, err := asn1.Unmarshal(b, &oid)
	if err != nil {
		return "", "", errors.New("an other name without a type")
	}
	if !strings.HasPrefix(oid.String(), attributeArc) {
		return oid.String(), "", nil
	}
	var wrapper asn1.RawValue
	if rest, err = asn1.Unmarshal(rest, &wrapper); err != nil || len(rest) > 0 || wrapper.Class != asn1.ClassContextSpecific || wrapper.Tag != 0 {
		return "", "", errors.New("an other name without a value")
	}
	var text asn1.RawValue
	if rest, err = asn1.Unmarshal(wrapper.Bytes, &text); err != nil || len(rest) > 0 {
		return "", "", errors.New("an other name with a malformed value")
	}
	if text.Class != asn1.ClassUniversal || text.Tag != asn1.TagUTF8String || !utf8.Valid(text.Bytes) {
		return "", "", errors.New("an other name that is not UTF-8")
	}
	return oid.String(), string(text.Bytes), nil
}
