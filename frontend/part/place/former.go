package place

import (
	"madoguchi/frontend/frame/lang"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// formerName is what a place or a part of it was called.
func formerName(p *portalv1.Place) lang.Text {
	name := p.GetFormer().GetName()
	return withReading(name, name, p.GetFormer().GetKana())
}

// became tells what a place was called and since when it is what it is; empty for one that was found by its name of
// today.
func became(p *portalv1.Place) lang.Text {
	if p.GetFormer() == nil {
		return lang.Text{}
	}
	changed := lang.Day(p.GetFormer().GetChanged())
	if changed.Empty() {
		return textBecame.F(formerName(p), FullName(p))
	}
	return textBecameSince.F(formerName(p), FullName(p), changed)
}

// told says of a name that is no more what it became: the place, or the places below.
func (c *Chooser) told() lang.Text {
	shown := c.shown()
	first := shown[0].GetFormer()
	for _, p := range shown[1:] {
		if p.GetFormer().GetName() == first.GetName() && p.GetFormer().GetChanged() == first.GetChanged() {
			return textBecameSeveral.F(formerName(shown[0]))
		}
	}
	return became(shown[0])
}
