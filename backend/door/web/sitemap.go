package web

import (
	"bytes"
	"encoding/xml"
)

// sitemap lists the public pages for search engines (sitemaps.org, protocol 0.9): those that are built whole, and the
// addresses given.
func (s *site) sitemap(base string, addresses []string) *content {
	var b bytes.Buffer
	b.WriteString(xml.Header + `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">` + "\n")
	add := func(address string) {
		b.WriteString("<url><loc>")
		_ = xml.EscapeText(&b, []byte(base+address)) // into memory
		b.WriteString("</loc></url>\n")
	}
	for _, r := range s.programOf("/").Routes { // the others are not for whoever looks around
		if r.Path != "" && r.Page != "shell" {
			add(r.Path)
		}
	}
	for _, address := range addresses {
		add(address)
	}
	b.WriteString("</urlset>\n")
	c := &content{mediaType: "text/xml; charset=utf-8", caching: askEach, plain: b.Bytes()}
	c.finish(nil, nil)
	return c
}

// announce names the sitemap in robots.txt, if there is one.
func (s *site) announce(sitemap, robots string) {
	built := s.files[robots]
	if built == nil {
		return
	}
	c := &content{
		mediaType: built.mediaType, caching: built.caching,
		plain: append(bytes.Clone(built.plain), "Sitemap: "+sitemap+"\n"...),
	}
	c.finish(nil, nil)
	s.files[robots] = c
}
