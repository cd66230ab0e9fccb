package softcard

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"strconv"
)

// name is the authority's: C=JP, O=JPKI, two OUs.
func (s service) name() pkix.RDNSequence {
	return pkix.RDNSequence{
		{text(oidCountry, "JP")}, {text(oidOrganization, "JPKI")}, {text(oidUnit, s.unit)},
		{text(oidUnit, "Japan Agency for Local Authority Information Systems")},
	}
}

// alternativeName is the authority's name in Japanese, as a directory name.
func (s service) alternativeName() pkix.Extension {
	name := pkix.RDNSequence{
		{text(oidCountry, "JP")}, {text(oidOrganization, "公的個人認証サービス")}, {text(oidUnit, s.unitKana)},
		{text(oidUnit, "地方公共団体情報システム機構")},
	}
	return pkix.Extension{Id: oidSAN, Value: der([]asn1.RawValue{directoryName(name)})}
}

// distributionPoint names the CRL by a directory name, as JPKI does; whoever checks must know where to ask.
func (s service) distributionPoint() pkix.Extension {
	name := append(s.name(), pkix.RelativeDistinguishedNameSET{text(oidCommonName, "CRL")})
	fullName := tagged(0, directoryName(name).FullBytes)
	point := asn1.RawValue{FullBytes: tagged(0, fullName)}
	return pkix.Extension{Id: oidCDP, Value: der([][]asn1.RawValue{{point}})}
}

// personalNames are the four attributes of a signing certificate as other names, 1.2.392.200149.8.5.5.x.
func personalNames(p Person) pkix.Extension {
	name := p.Name
	if p.CertificateName != "" {
		name = p.CertificateName
	}
	var names []asn1.RawValue
	add := func(last int, value string) {
		names = append(names, otherName(asn1.ObjectIdentifier{1, 2, 392, 200149, 8, 5, 5, last}, value))
	}
	add(1, name)
	if p.CertificateNameMarks != "" {
		add(2, p.CertificateNameMarks)
	}
	add(3, p.Sex)
	add(4, era(p.BirthDate)+p.BirthDate)
	add(5, p.Address)
	return pkix.Extension{Id: oidSAN, Value: der(names)}
}

// era is the digit of the Japanese era before a date of birth: 1 Meiji, 2 Taishō, 3 Shōwa, 4 Heisei, 5 Reiwa.
func era(date string) string {
	starts := []string{"18680125", "19120730", "19261225", "19890108", "20190501"}
	n := 1
	for i, start := range starts {
		if date >= start {
			n = i + 1
		}
	}
	return strconv.Itoa(n)
}

func text(oid asn1.ObjectIdentifier, value string) pkix.AttributeTypeAndValue {
	return pkix.AttributeTypeAndValue{Type: oid, Value: value}
}

// directoryName is GeneralName [4], explicitly tagged because Name is a CHOICE.
func directoryName(name pkix.RDNSequence) asn1.RawValue {
	return asn1.RawValue{FullBytes: tagged(4, der(name))}
}

// otherName is GeneralName [0] with a UTF8String.
func otherName(oid asn1.ObjectIdentifier, value string) asn1.RawValue {
	utf8 := der(asn1.RawValue{Tag: asn1.TagUTF8String, Bytes: []byte(value)})
	return asn1.RawValue{FullBytes: tagged(0, append(der(oid), tagged(0, utf8)...))}
}

// tagged puts objects into a context-specific constructed one.
func tagged(tag int, inner []byte) []byte {
	return der(asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: tag, IsCompound: true, Bytes: inner})
}

func der(value any) []byte {
	b, err := asn1.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("softcard: encoding: %v", err))
	}
	return b
}
