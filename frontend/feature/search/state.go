package search

import (
	"net/url"
	"slices"

	"madoguchi/frontend/part/catalog"
	"madoguchi/proto/distress"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/rule"
)

// state is what a person looks for; it stands in the address, so that it can be sent to a friend.
type state struct {
	place      string // six digits; empty for the whole country
	query      string
	categories []string
	online     bool
}

// maxSearch is how much text an address carries; the portal reads 200 characters.
const maxSearch = 1000

func parse(v url.Values) state {
	s := state{query: v.Get("q"), online: v.Get("online") == "1"}
	if r := []rune(s.query); len(r) > maxSearch {
		s.query = string(r[:maxSearch])
	}
	if code := v.Get("place"); rule.PlaceCode(code) {
		s.place = code
	}
	for _, c := range v["category"] {
		if slices.Contains(catalog.Categories, c) && !slices.Contains(s.categories, c) {
			s.categories = append(s.categories, c)
		}
	}
	return s
}

func (s state) values() url.Values {
	v := url.Values{}
	if s.place != "" {
		v.Set("place", s.place)
	}
	if s.query != "" && len(distress.Find(s.query)) == 0 { // words of distress stand in no address and no history
		v.Set("q", s.query)
	}
	for _, c := range s.categories {
		v.Add("category", c)
	}
	if s.online {
		v.Set("online", "1")
	}
	return v
}

func (s state) address() string {
	if q := s.values().Encode(); q != "" {
		return catalog.SearchPath + "?" + q
	}
	return catalog.SearchPath
}

// asks says whether there is anything to look for.
func (s state) asks() bool {
	return s.place != "" || s.query != "" || len(s.categories) > 0 || s.online
}

func (s state) request(token string) *portalv1.SearchProceduresRequest {
	query := s.query
	if r := []rune(query); len(r) > maxSearch {
		query = string(r[:maxSearch])
	}
	return &portalv1.SearchProceduresRequest{
		PlaceCode: s.place, Query: query, Categories: s.categories, OnlineOnly: s.online, PageToken: token,
	}
}

func (s state) toggled(category string) state {
	i := slices.Index(s.categories, category)
	if i >= 0 {
		s.categories = slices.Delete(slices.Clone(s.categories), i, i+1)
		return s
	}
	s.categories = append(slices.Clone(s.categories), category)
	return s
}
