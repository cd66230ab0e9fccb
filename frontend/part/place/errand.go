package place

import (
	"net/url"
	"slices"
	"strings"

	"madoguchi/frontend/frame/shell"
)

const (
	placesPath = "/places"
	// defaultNext is where a place is taken to when nobody said where.
	defaultNext = "/procedures"
)

// errand is what the pages under /places are visited for. It travels in their addresses.
type errand struct {
	// next is a path of this site, with its query.
	next string
	// adds: the place joins those that next has already; otherwise it replaces them.
	adds bool
	// narrow: only a municipality will do, no whole prefecture.
	narrow bool
}

// errandOf reads the errand of an address; a next that is none of this site's pages is left out.
func errandOf(here *url.URL) errand {
	query := here.Query()
	return errand{next: nextOf(query.Get("next")), adds: query.Get("add") == "1", narrow: query.Get("whole") == "0"}
}

// nextOf is the wanted address if a person can be taken there with a place, the search for procedures otherwise.
func nextOf(wanted string) string {
	next := shell.Destination(&url.URL{RawQuery: url.Values{"next": {wanted}}.Encode()})
	path, _, _ := strings.Cut(next, "?")
	if path == "/home" || path == placesPath || strings.HasPrefix(path, placesPath+"/") {
		return defaultNext
	}
	return next
}

// at is the address of a page under /places that goes on with the errand.
func (e errand) at(path string) string {
	query := url.Values{}
	if e.next != "" && e.next != defaultNext {
		query.Set("next", e.next)
	}
	if e.adds {
		query.Set("add", "1")
	}
	if e.narrow {
		query.Set("whole", "0")
	}
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// with is where the errand ends once a place is chosen.
func (e errand) with(code string) string {
	to, err := url.Parse(e.next)
	if err != nil || e.next == "" {
		to = &url.URL{Path: defaultNext}
	}
	query := to.Query()
	switch {
	case !e.adds:
		query.Set("place", code)
	case !slices.Contains(query["place"], code):
		query.Add("place", code)
	}
	to.RawQuery = query.Encode()
	return to.String()
}
