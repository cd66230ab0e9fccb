package certificate

import "errors"

// More tags of DER, and the identifiers that a signature names (RFC 5652, RFC 5754), each with its tag and length.
const (
	tagOctets   = 0x04
	tagSet      = 0x31
	tagImplicit = 0xa0

	one           = "\x02\x01\x01"
	oidData       = "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"
	oidSignedData = "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
	sha256        = "\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01"
	sha256RSA     = "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00"
)

var errNoCertificate = errors.New("this is no certificate and signature of a card")

// CMS makes of what a card signed a SignedData without its content (RFC 5652): the certificate, the signed attributes
// as the bridge gives them (a SET OF), and the signature over them.
func CMS(cert, attributes, signature []byte) ([]byte, error) {
	serial, issuer, ok := names(cert)
	if _, _, set := open(attributes, tagSet); !ok || !set {
		return nil, errNoCertificate
	}
	_, inner, _, _ := element(attributes)
	signer := wrap(tagSequence, []byte(one), wrap(tagSequence, issuer, serial), []byte(sha256),
		wrap(tagImplicit, inner), []byte(sha256RSA), wrap(tagOctets, signature))
	signed := wrap(tagSequence, []byte(one), wrap(tagSet, []byte(sha256)), wrap(tagSequence, []byte(oidData)),
		wrap(tagImplicit, cert), wrap(tagSet, signer))
	return wrap(tagSequence, []byte(oidSignedData), wrap(tagImplicit, signed)), nil
}

// names are serial number and issuer of a certificate, each whole.
func names(cert []byte) (serial, issuer []byte, ok bool) {
	certificate, _, ok := open(cert, tagSequence)
	if !ok {
		return nil, nil, false
	}
	rest, _, ok := open(certificate, tagSequence)
	if ok && len(rest) > 0 && rest[0] == tagVersion {
		_, _, rest, ok = element(rest)
	}
	var parts [3][]byte // serial number, algorithm, issuer
	for i := range parts {
		if !ok {
			return nil, nil, false
		}
		before := rest
		_, _, rest, ok = element(rest)
		parts[i] = before[:len(before)-len(rest)]
	}
	return parts[0], parts[2], ok
}

// wrap puts parts into an element.
func wrap(tag byte, parts ...[]byte) []byte {
	length := 0
	for _, p := range parts {
		length += len(p)
	}
	out := []byte{tag}
	switch {
	case length < 0x80:
		out = append(out, byte(length))
	case length < 0x100:
		out = append(out, 0x81, byte(length))
	default: // no certificate has more than 65,535 bytes
		out = append(out, 0x82, byte(length>>8), byte(length))
	}
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}
