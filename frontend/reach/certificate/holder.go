package certificate

// Holder is whom a signing certificate (署名用電子証明書) names, as it stands there.
type Holder struct {
	Name, Address string
	// Birth is 1990-04-15.
	Birth string
	// Sex is "1" male, "2" female, "9" not applicable.
	Sex string
}

// Tags and identifiers of a subject's alternative name (RFC 5280, 4.2.1.6): the attributes are other names under
// 1.2.392.200149.8.5.5, told apart by their last arc.
const (
	tagUTF8        = 0x0c
	tagExtensions  = 0xa3
	tagOther       = 0xa0
	oidSubjectName = "\x55\x1d\x11"
	attributeArc   = "\x2a\x83\x08\x8c\x9b\x55\x08\x05\x05"
)

// HolderOf reads whom a signing certificate names; false for one that names nobody, as that for user authentication.
func HolderOf(der []byte) (Holder, bool) {
	names, ok := alternative(der)
	if !ok {
		return Holder{}, false
	}
	var h Holder
	for len(names) > 0 {
		tag, other, rest, ok := element(names)
		if !ok {
			return Holder{}, false
		}
		names = rest
		if tag == tagOther {
			h.take(other)
		}
	}
	return h, h.Name != ""
}

// alternative are the alternative names of a certificate's subject.
func alternative(der []byte) (names []byte, ok bool) {
	certificate, _, ok := open(der, tagSequence)
	if !ok {
		return nil, false
	}
	rest, _, ok := open(certificate, tagSequence)
	for ok && len(rest) > 0 && rest[0] != tagExtensions {
		_, _, rest, ok = element(rest)
	}
	list, _, is := open(rest, tagExtensions)
	if !ok || !is {
		return nil, false
	}
	all, _, ok := open(list, tagSequence)
	for ok && len(all) > 0 {
		var one []byte
		if one, all, ok = open(all, tagSequence); !ok {
			break
		}
		_, id, rest, named := element(one)
		if !named || string(id) != oidSubjectName {
			continue
		}
		if len(rest) > 0 && rest[0] != tagOctets { // whether it is critical
			_, _, rest, _ = element(rest)
		}
		value, _, _ := open(rest, tagOctets)
		names, _, ok = open(value, tagSequence)
		return names, ok
	}
	return nil, false
}

// take takes one other name, if it is an attribute.
func (h *Holder) take(other []byte) {
	_, id, rest, ok := element(other)
	wrapped, _, is := open(rest, tagOther)
	value, _, text := open(wrapped, tagUTF8)
	if !ok || !is || !text || len(id) != len(attributeArc)+1 || string(id[:len(attributeArc)]) != attributeArc {
		return
	}
	switch said := string(value); id[len(attributeArc)] {
	case 1:
		h.Name = said
	case 3:
		h.Sex = said
	case 4:
		if len(said) == len("419900415") { // the era's number stands before it
			h.Birth = said[1:5] + "-" + said[5:7] + "-" + said[7:]
		}
	case 5:
		h.Address = said
	}
}
