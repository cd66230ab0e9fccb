package place

import (
	"madoguchi/frontend/frame/lang"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

var (
	textFormer      = lang.New("もとの%s", "formerly %s", "前《まえ》の 名前《なまえ》: %s")
	textBecame      = lang.New("「%s」は、いまの「%s」です", "“%s” is “%s” today", "「%s」は、今《いま》は「%s」です")
	textBecameSince = lang.New(
		"「%s」は、いまの「%s」です（%sに変わりました）",
		"“%s” is “%s” today (since %s)",
		"「%s」は、今《いま》は「%s」です（%sに 変《か》わりました）",
	)
	textBecameSeveral = lang.New(
		"「%s」は、いまは次の市区町村の一部です。選んでください",
		"“%s” is part of these municipalities today. Please choose",
		"「%s」は、今《いま》は 次《つぎ》の 市区町村《しくちょうそん》です。選《えら》んでください",
	)
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
