package procedure

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access"
	"madoguchi/backend/feature/procedure/entry"
	"madoguchi/backend/japan/catalog/index"
	"madoguchi/backend/store/page"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

var (
	searchPages = page.Limits{Usual: 20, Most: 100}
	listPages   = page.Limits{Usual: 100, Most: 100}
)

// refusePage is the error for a page that cannot be given. With the token at fault, whoever asks begins again at the
// first page.
func refusePage(ctx context.Context, err error) error {
	field := "page_token"
	if errors.Is(err, page.ErrSize) {
		field = "page_size"
	}
	return access.Error(ctx, connect.CodeInvalidArgument, portalv1.Reason_REASON_INVALID_FIELD, field, err)
}

// foundBy names the list of what a search finds.
func foundBy(request *portalv1.SearchProceduresRequest) page.List {
	filter := []string{request.GetPlaceCode(), request.GetQuery(), strconv.FormatBool(request.GetOnlineOnly())}
	return page.Of("search", "", append(filter, request.GetCategories()...)...)
}

const markParts = 2

func partsOf(m index.Mark) []string {
	return []string{strconv.Itoa(m.Count), strconv.FormatUint(m.Sum, 36)}
}

// parseMark reads the parts of a page token; without any it is where the list begins.
func parseMark(parts []string, err error) (index.Mark, error) {
	if err != nil || parts == nil {
		return index.Mark{}, err
	}
	count, err := strconv.Atoi(parts[0])
	if err != nil {
		return index.Mark{}, page.ErrToken
	}
	sum, err := strconv.ParseUint(parts[1], 36, 64)
	if err != nil {
		return index.Mark{}, page.ErrToken
	}
	return index.Mark{Count: count, Sum: sum}, nil
}

const entryParts = 2 // place and number

// entriesOf gives a page of the entries of several places, and the token of the next one. The page before ended with an
// entry that may be gone by now: it goes on behind where that one stood.
func entriesOf(
	all page.List, token string, size int32, places []string,
	read func(place, number string, size int) ([]entry.Version, error),
) (list []entry.Version, next string, err error) {
	after, err := all.After(token, entryParts)
	if err != nil {
		return nil, "", err
	}
	number := ""
	if after != nil {
		i := slices.Index(places, after[0])
		if i < 0 {
			return nil, "", page.ErrToken
		}
		places, number = places[i:], after[1]
	}
	for _, place := range places {
		more, err := read(place, number, int(size)+1-len(list))
		if err != nil {
			return nil, "", err
		}
		if list = append(list, more...); len(list) > int(size) {
			last := list[size-1]
			return list[:size], all.Token(last.Place, last.Content.GetNumber()), nil
		}
		number = ""
	}
	return list, "", nil
}
