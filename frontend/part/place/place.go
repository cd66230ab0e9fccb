// Package place is how a person says which place (自治体) they mean, anywhere on the page: the field Chooser, the tile map
// and the lists under /places, the place that the device remembers, and the names of places in the languages of the
// page. What is done with a place is the business of who asks for one.
package place

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/part/ask"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/frontend/reach/vault"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
	"madoguchi/proto/reading"
	"madoguchi/proto/rule"
)

// nation is the code of what is offered everywhere, by national offices.
const nation = "000000"

// Name is the name of a place: 目黒区, with its reading in やさしい日本語. In English it is Meguro-ku 目黒区: a counter or a
// letter says it in Japanese.
func Name(p *portalv1.Place) lang.Text {
	if p.GetCode() == nation {
		return textNation
	}
	if pref, ok := prefectureOf(p.GetCode()); ok && p.GetKind() == portalv1.Place_KIND_PREFECTURE {
		return pref.both()
	}
	return withReading(p.GetName(), beside(inPrefecture(p), p.GetName()), p.GetKana())
}

// Named is the name of a place that comes without a reading, with what it is in English; that may be empty.
func Named(name, english string) lang.Text {
	if english == "" {
		return lang.Plain(name)
	}
	return lang.New(name, beside(english, name), reading.Aside(name))
}

// Office is an office with the place that it is of before it, where its own name does not begin with that.
func Office(place, english, office string) lang.Text {
	if !strings.HasPrefix(office, place) {
		office = place + "　" + office
	}
	return Named(office, english)
}

// beside is a name with the English one before it.
func beside(english, name string) string { return strings.TrimSpace(english + " " + name) }

// inPrefecture is the English name without the prefecture, as the Japanese one is.
func inPrefecture(p *portalv1.Place) string {
	english := p.GetEnglish()
	if at := strings.LastIndex(english, ", "); at > 0 && p.GetPrefecture() != "" {
		return english[:at]
	}
	return english
}

// FullName is the name with the prefecture: 目黒区（東京都）, in English Meguro-ku, Tokyo (東京都目黒区). Forty names are those
// of two municipalities or more.
func FullName(p *portalv1.Place) lang.Text {
	name, pref, english := p.GetName(), p.GetPrefecture(), p.GetEnglish()
	if p.GetKind() == portalv1.Place_KIND_PREFECTURE || pref == "" {
		return Name(p)
	}
	if english == "" {
		return textFullName.F(Name(p), prefectureName(p))
	}
	of, _ := prefectureOf(p.GetCode())
	return textFullName.F(withReading(name, english, p.GetKana()), withReading(pref, pref+name, of.kana))
}

// prefectureName is the name of the prefecture that a place lies in.
func prefectureName(p *portalv1.Place) lang.Text {
	if pref, ok := prefectureOf(p.GetCode()); ok {
		return pref.name()
	}
	return lang.Plain(p.GetPrefecture())
}

// Of is a municipality as a place.
func Of(m *portalv1.Municipality) *portalv1.Place {
	return &portalv1.Place{
		Code: m.GetCode(), Prefecture: m.GetPrefecture(), Name: m.GetName(), Kana: m.GetKana(), English: m.GetEnglish(),
	}
}

// withReading is a text with a reading over the whole of it; data that holds characters of the markup gets none.
func withReading(ja, en, kana string) lang.Text {
	if kana == "" || strings.ContainsAny(ja+kana, "《》｜") {
		return lang.New(ja, en, ja)
	}
	return lang.New(ja, en, "｜"+ja+"《"+hiragana(kana)+"》")
}

// hiragana turns katakana into hiragana.
func hiragana(kana string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'ァ' && r <= 'ヴ' {
			return r - 'ァ' + 'ぁ'
		}
		return r
	}, kana)
}

const (
	rememberedKey = vault.PlaceKey
	// longestName is far beyond any name; what is longer was not kept by us.
	longestName = 60
)

// kept is a place as the device remembers it.
type kept struct {
	Code       string `json:"code"`
	Kind       int32  `json:"kind"`
	Prefecture string `json:"prefecture,omitempty"`
	Name       string `json:"name"`
	Kana       string `json:"kana,omitempty"`
	CityCode   string `json:"city,omitempty"`
	English    string `json:"english,omitempty"`
}

// Remembered is the place that was chosen last on this device; nil when there is none, or the device keeps nothing.
func Remembered() *portalv1.Place {
	var k kept
	if json.Unmarshal([]byte(vault.Kept(rememberedKey)), &k) != nil {
		return nil
	}
	if !rule.PlaceCode(k.Code) || k.Name == "" || k.CityCode != "" && !rule.PlaceCode(k.CityCode) {
		return nil
	}
	if utf8.RuneCountInString(k.Name) > longestName || utf8.RuneCountInString(k.Kana) > 2*longestName ||
		utf8.RuneCountInString(k.Prefecture) > longestName || len(k.English) > 2*longestName {
		return nil
	}
	return &portalv1.Place{
		Code: k.Code, Kind: portalv1.Place_Kind(k.Kind), Prefecture: k.Prefecture, Name: k.Name, Kana: k.Kana,
		CityCode: k.CityCode, English: k.English,
	}
}

// Remember keeps the place on the device, in place of the one before. A nil place changes nothing.
func Remember(p *portalv1.Place) {
	if p == nil {
		return
	}
	b, err := json.Marshal(kept{
		p.GetCode(), int32(p.GetKind()), p.GetPrefecture(), p.GetName(), p.GetKana(), p.GetCityCode(),
		p.GetEnglish(),
	})
	if err != nil {
		app.Log("remembering a place: ", err)
		return
	}
	vault.Keep(rememberedKey, string(b))
}

// RememberFirst keeps the place that an address names, when the device remembers none yet: the address may be a
// friend's. Once the place was wiped in this tab, the way back through its history does not bring it again. A
// prefecture is where nobody lives.
func RememberFirst(p *portalv1.Place) {
	if p.GetKind() != portalv1.Place_KIND_PREFECTURE && Remembered() == nil && vault.Wipes(vault.Place) == 0 {
		Remember(p)
	}
}

// Forget has the device remember no place.
func Forget() { vault.Forget(rememberedKey) }

// known are the places that came from the portal, by code. Only the UI goroutine touches it.
var known = map[string]*portalv1.Place{}

// know adds places to those that need not be asked for again. The town that was looked for, and a name that is no more,
// are not the place's own.
func know(places []*portalv1.Place) {
	for _, p := range places {
		if p.GetTown() == "" && p.GetFormer() == nil {
			known[p.GetCode()] = p
		}
	}
}

// Registered asks for the municipality that the person who is logged in has registered. done is called on the UI
// goroutine where there is one.
func Registered(v *ask.Visit, q *ask.Question, done func(m *portalv1.Municipality)) {
	ask.For(v, q, rpc.To(portalv1web.NewAccountService).GetAccount, &portalv1.GetAccountRequest{},
		func(_ app.Context, response *portalv1.GetAccountResponse, _ error) {
			if m := response.GetAccount().GetMunicipality(); rule.PlaceCode(m.GetCode()) {
				done(m)
			}
		})
}

var errNoSuchPlace = error(&rpc.Error{Code: rpc.CodeNotFound, Text: "no such place"})

// Resolve finds the place of a six-digit code and calls done on the UI goroutine: at once when the place is known
// already. An error is one for trouble.Words.
func Resolve(v *ask.Visit, q *ask.Question, code string, done func(ctx app.Context, p *portalv1.Place, err error)) {
	q.Drop()
	if p := known[code]; p != nil {
		done(v.Page, p, nil)
		return
	}
	if !rule.PlaceCode(code) {
		done(v.Page, nil, errNoSuchPlace)
		return
	}
	request := &portalv1.ListPlacesRequest{Code: code}
	ask.For(v, q, rpc.To(portalv1web.NewPlaceService).ListPlaces, request,
		func(ctx app.Context, response *portalv1.ListPlacesResponse, err error) {
			know(response.GetPlaces())
			p := known[code]
			if p == nil && err == nil {
				err = errNoSuchPlace
			}
			done(ctx, p, err)
		})
}
