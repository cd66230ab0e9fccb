package procedure

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"madoguchi/backend/door/access"
	"madoguchi/backend/japan/catalog"
	"madoguchi/backend/japan/catalog/index"
	"madoguchi/backend/japan/municipality"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// Places implements portal.v1's PlaceService.
type Places struct {
	catalog *Catalog
}

// NewPlaces makes the service.
func NewPlaces(c *Catalog) *Places {
	go municipality.Warm()
	return &Places{c}
}

// ListPlaces lists the prefectures, a prefecture's municipalities, or one place by its code.
func (s *Places) ListPlaces(
	ctx context.Context, request *portalv1.ListPlacesRequest,
) (*portalv1.ListPlacesResponse, error) {
	code := request.GetCode()
	response := &portalv1.ListPlacesResponse{}
	switch {
	case code == "":
		for _, p := range municipality.Prefectures() {
			place, _ := placeOf(p.Code)
			response.Places = append(response.Places, s.counted(place))
		}
		return response, nil
	case len(code) == 2:
		code = index.Prefecture(code)
	}
	place, ok := placeOf(code)
	if !ok || place == nil || code == catalog.Nation {
		return nil, access.NotFound(ctx, "code", nil)
	}
	if len(request.GetCode()) == 6 {
		response.Places = append(response.Places, s.counted(place))
		return response, nil
	}
	for _, m := range municipality.All() {
		if m.Code[:2] == code[:2] {
			response.Places = append(response.Places, s.counted(ofMunicipality(m)))
		}
	}
	return response, nil
}

const defaultPlaces = 10

// FindPlaces answers as one types a postal code, a name or its reading.
func (s *Places) FindPlaces(
	_ context.Context, request *portalv1.FindPlacesRequest,
) (*portalv1.FindPlacesResponse, error) {
	limit := cmp.Or(int(request.GetLimit()), defaultPlaces)
	found, read := municipality.Find(request.GetQuery(), limit)
	response := &portalv1.FindPlacesResponse{
		PostalCode: read == municipality.PostalCode, UnknownPostalCode: read == municipality.UnknownCode,
	}
	response.SameName = int32(municipality.SameName(found))
	for _, f := range found {
		place, _ := placeOf(f.Code)
		place.Town = f.Town
		if f.Was.Name != "" {
			place.Former = &portalv1.FormerName{Name: f.Was.Name, Kana: f.Was.Kana, Changed: f.Was.Since}
		}
		response.Places = append(response.Places, s.counted(place))
	}
	return response, nil
}

// counted adds how many procedures there are, once that is known: places are found before.
func (s *Places) counted(p *portalv1.Place) *portalv1.Place {
	if !s.catalog.isFilled() {
		return p
	}
	p.ProcedureCount = int32(s.catalog.index.Count(p.GetCode()))
	return p
}

// placeOf describes a place by its code: nil and true for "", the whole country; false for what is no place.
func placeOf(code string) (*portalv1.Place, bool) {
	switch code {
	case "":
		return nil, true
	case catalog.Nation:
		return &portalv1.Place{Code: code, Name: "全国"}, true
	}
	if m, ok := municipality.ByCode(code); ok {
		return ofMunicipality(m), true
	}
	if !catalog.IsPlace(code) {
		return nil, false
	}
	p := prefectureNames()[code]
	return &portalv1.Place{
		Code: code, Kind: portalv1.Place_KIND_PREFECTURE, Name: p.Name, Kana: p.Kana,
		English: municipality.English(code),
	}, true
}

func ofMunicipality(m municipality.Municipality) *portalv1.Place {
	return &portalv1.Place{
		Code: m.Code, Kind: kinds[m.Kind()], Prefecture: m.Prefecture, Name: m.Name, Kana: m.Kana, CityCode: m.City,
		English: municipality.English(m.Code),
	}
}

var kinds = map[municipality.Kind]portalv1.Place_Kind{
	municipality.KindDesignatedCity: portalv1.Place_KIND_CITY, municipality.KindCity: portalv1.Place_KIND_CITY,
	municipality.KindSpecialWard: portalv1.Place_KIND_CITY,
	municipality.KindWard:        portalv1.Place_KIND_WARD, municipality.KindTown: portalv1.Place_KIND_TOWN,
	municipality.KindVillage: portalv1.Place_KIND_VILLAGE,
}

var prefectureNames = sync.OnceValue(func() map[string]municipality.Prefecture {
	names := map[string]municipality.Prefecture{}
	for _, p := range municipality.Prefectures() {
		names[p.Code] = p
	}
	return names
})

// named finds the one place of a name as people write it in a query: 目黒区, 真狩村, 東京都, 横浜市青葉区. Names that several have are
// left out.
var named = sync.OnceValue(func() map[string]string {
	found := map[string]string{}
	add := func(name, code string) {
		if before, twice := found[name]; twice && before != code {
			code = ""
		}
		found[name] = code
	}
	for _, m := range municipality.All() {
		add(m.Name, m.Code)
		add(m.Prefecture+m.Name, m.Code)
		if _, short, ok := strings.Cut(m.Name, "郡"); ok && utf8.RuneCountInString(short) > 1 {
			add(short, m.Code)
		}
	}
	for _, p := range municipality.Prefectures() {
		found[p.Name] = p.Code
	}
	return found
})

// nicknamed finds the one place of a name without its 市, 区, 町 or 村: 目黒, 町田. Only names of two characters and more that
// no other place has.
var nicknamed = sync.OnceValue(func() map[string]string {
	found := map[string]string{}
	for _, m := range municipality.All() {
		name := m.Name
		if _, after, ok := strings.Cut(name, "郡"); ok && utf8.RuneCountInString(after) > 1 {
			name = after
		}
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
		if utf8.RuneCountInString(name) < 2 || m.City != "" {
			continue
		}
		if _, twice := found[name]; twice {
			found[name] = ""
			continue
		}
		found[name] = m.Code
	}
	return found
})

const longestName = 12 // characters that the names of places have, with their prefecture

// placeInQuery takes the name of a place out of a query: 「目黒区 保育園」「横浜市の粗大ごみ」「町田市児童手当」.
func placeInQuery(query string) (rest string, place *portalv1.Place) {
	if len(query) > 4*index.MaxQuery {
		return query, nil
	}
	words := strings.Fields(norm.NFKC.String(query))
	for i, word := range words {
		if code := nicknamed()[word]; code != "" && len(words) > 1 {
			place, _ = placeOf(code)
			return strings.Join(slices.Delete(words, i, i+1), " "), place
		}
		runes := []rune(word)
		for n := min(len(runes), longestName); n >= 2; n-- {
			code := named()[string(runes[:n])]
			after := strings.TrimPrefix(string(runes[n:]), "の")
			if code == "" || utf8.RuneCountInString(after) == 1 || strings.HasPrefix(after, "役所") ||
				strings.HasPrefix(after, "役場") {
				continue
			}
			words[i] = after
			place, _ = placeOf(code)
			return strings.TrimSpace(strings.Join(words, " ")), place
		}
	}
	return query, nil
}
