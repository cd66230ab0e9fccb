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
	RuleSerial            Rule = "serial number"
	RuleValidity          Rule = "validity"
	RuleKeyUsage          Rule = "key usage"
	RuleExtendedKeyUsage  Rule = "extended key usage"
	RulePolicy            Rule = "policy"
	RuleExtension         Rule = "no extension beyond the profile"
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

// What a certificate may hold, and which of these it may call critical. The profile names nothing else, so nothing else
// passes: an extension that nobody here reads could say that the certificate is for something else.
var (
	oidSubjectKey        = asn1.ObjectIdentifier{2, 5, 29, 14}
	oidKeyUsage          = asn1.ObjectIdentifier{2, 5, 29, 15}
	oidSubjectName       = asn1.ObjectIdentifier{2, 5, 29, 17}
	oidIssuerName        = asn1.ObjectIdentifier{2, 5, 29, 18}
	oidBasicConstraints  = asn1.ObjectIdentifier{2, 5, 29, 19}
	oidDistributionPoint = asn1.ObjectIdentifier{2, 5, 29, 31}
	oidPolicies          = asn1.ObjectIdentifier{2, 5, 29, 32}
	oidAuthorityKey      = asn1.ObjectIdentifier{2, 5, 29, 35}
	oidExtendedKeyUsage  = asn1.ObjectIdentifier{2, 5, 29, 37}
	oidInformation       = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 1}

	common = []asn1.ObjectIdentifier{
		oidSubjectKey, oidKeyUsage, oidIssuerName, oidBasicConstraints, oidDistributionPoint, oidPolicies,
		oidAuthorityKey, oidInformation,
	}
	mayBeCritical = []asn1.ObjectIdentifier{oidKeyUsage, oidBasicConstraints, oidPolicies}
)

const (
	maxYears      = 10
	maxSerialSize = 20 // bytes, RFC 5280
)

// profile is what one kind of certificate is.
type profile struct {
	unit, policy string
	usage        x509.KeyUsage
	extensions   []asn1.ObjectIdentifier
}

var (
	authProfile = profile{
		unit: "JPKI for user authentication", policy: PolicyAuth, usage: x509.KeyUsageDigitalSignature,
		extensions: append(slices.Clone(common), oidExtendedKeyUsage),
	}
	signProfile = profile{
		unit: "JPKI for digital signature", policy: PolicySign,
		usage:      x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment,
		extensions: append(slices.Clone(common), oidSubjectName),
	}
)

// CheckAuthCertificate checks the profile of a user authentication certificate. Chain, the day and revocation are the
// caller's.
func CheckAuthCertificate(c *x509.Certificate) error {
	if err := authProfile.check(c); err != nil {
		return err
	}
	// It is for proving who somebody is; client authentication says just that, anything else says something else.
	if !slices.Equal(c.ExtKeyUsage, []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}) && len(c.ExtKeyUsage) > 0 ||
		len(c.UnknownExtKeyUsage) > 0 {
		return &ProfileError{RuleExtendedKeyUsage, "none, or client authentication alone, is expected"}
	}
	// Its subject names nobody: C=JP and an opaque common name.
	if len(c.Subject.Names) != 2 || c.Subject.CommonName == "" {
		return &ProfileError{RuleSubject, "country and an opaque common name are expected"}
	}
	return nil
}

// CheckSignCertificate checks the profile of a signing certificate. Chain, the day and revocation are the caller's.
func CheckSignCertificate(c *x509.Certificate) error {
	return signProfile.check(c)
}

func (p profile) check(c *x509.Certificate) error {
	key, isRSA := c.PublicKey.(*rsa.PublicKey)
	switch {
	case c.Version != 3:
		return &ProfileError{RuleVersion, fmt.Sprintf("it is version %d", c.Version)}
	case c.SerialNumber.Sign() <= 0 || len(c.SerialNumber.Bytes()) > maxSerialSize:
		return &ProfileError{RuleSerial, fmt.Sprintf("it is not above zero, or has more than %d bytes", maxSerialSize)}
	case !slices.Equal(c.Issuer.Country, []string{"JP"}) || !slices.Equal(c.Issuer.Organization, []string{"JPKI"}):
		return &ProfileError{RuleIssuer, "C=JP, O=JPKI is expected"}
	case !slices.Contains(c.Issuer.OrganizationalUnit, p.unit):
		return &ProfileError{RuleIssuer, fmt.Sprintf("OU=%s is expected", p.unit)}
	case c.SignatureAlgorithm != x509.SHA256WithRSA:
		return &ProfileError{RuleSignatureScheme, fmt.Sprintf("it is %s", c.SignatureAlgorithm)}
	case !isRSA:
		return &ProfileError{RuleKey, fmt.Sprintf("it is %s", c.PublicKeyAlgorithm)}
	case key.N.BitLen() != 2048 || key.E != 65537:
		return &ProfileError{RuleKey, fmt.Sprintf("it has %d bits and exponent %d", key.N.BitLen(), key.E)}
	case !c.NotBefore.Before(c.NotAfter) || c.NotAfter.After(c.NotBefore.AddDate(maxYears, 0, 1)):
		return &ProfileError{RuleValidity, fmt.Sprintf("at most %d years are expected", maxYears)}
	case c.IsCA:
		return &ProfileError{RuleNotCA, "it is one"}
	case c.KeyUsage != p.usage:
		return &ProfileError{RuleKeyUsage, "it is not that of its kind, and that alone"}
	case len(c.Policies) != 1 || c.Policies[0].String() != p.policy:
		return &ProfileError{RulePolicy, p.policy + " alone is expected"}
	case !slices.Equal(c.Subject.Country, []string{"JP"}):
		return &ProfileError{RuleSubject, "C=JP is expected"}
	}
	for _, extension := range c.Extensions {
		switch {
		case extension.Critical && !slices.ContainsFunc(mayBeCritical, extension.Id.Equal):
			return &ProfileError{RuleCriticalExtension, extension.Id.String()}
		case !slices.ContainsFunc(p.extensions, extension.Id.Equal):
			return &ProfileError{RuleExtension, extension.Id.String()}
		}
	}
	return nil
}

// CertifiedAttributes are the four attributes as a signing certificate has them.
type CertifiedAttributes struct {
	Attributes
	// NameSubstitutions and AddressSubstitutions mark, a digit for a character, which characters stand for others that
	// a certificate cannot hold; empty when there are none.
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
		if !extension.Id.Equal(oidSubjectName) {
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

// otherName reads SEQUENCE { type-id OBJECT IDENTIFIER, value [0] EXPLICIT UTF8String } without its outer header. The
// value of a type that is not an attribute may be anything.
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
	rest, err = asn1.Unmarshal(rest, &wrapper)
	if err != nil || len(rest) > 0 || wrapper.Class != asn1.ClassContextSpecific || wrapper.Tag != 0 {
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
