// Package page is how long lists are given out: how many lines a page may have, and the token under which the next one
// is asked for.
//
// A token names the line that the page before ended with, not a number of lines, so that what comes or goes meanwhile
// neither repeats nor hides another line. It is good for one list alone: this kind, this filter, this reader. It lets
// nobody in: whoever would make one up reads on in their own list, from a place of their own choosing.
package page

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// Limits are how many lines a page has when nobody says, and at most.
type Limits struct{ Usual, Most int32 }

// ErrSize says that a page cannot have so many lines, ErrToken that a token is none of this list: of another one, of
// another reader, of an earlier portal, or of a list that is not what it was any more. Who asks begins again at the
// first page.
var (
	ErrSize  = errors.New("a page cannot have so many lines")
	ErrToken = errors.New("not a token of this list")
)

// Size is how many lines a page is to have that is asked for with a size; 0 is for the usual.
func (l Limits) Size(asked int32) (int32, error) {
	switch {
	case asked == 0:
		return l.Usual, nil
	case asked < 0 || asked > l.Most:
		return 0, fmt.Errorf("%w: %d is not 1 to %d", ErrSize, asked, l.Most)
	}
	return asked, nil
}

// List is one list, as one reader sees it.
type List struct{ name [nameSize]byte }

const (
	nameSize = 9 // bytes: enough that no two lists of a reader share a name
	maxToken = 400
)

// Of names a list: what is listed, to whom ("" for everybody), and what decides which lines it has.
func Of(what, reader string, filter ...string) List {
	parts, _ := json.Marshal(append([]string{what, reader}, filter...))
	sum := sha256.Sum256(parts)
	return List{[nameSize]byte(sum[:])}
}

// Token names the line of the list that a page ended with, by what tells it from all others.
func (l List) Token(line ...string) string {
	parts, _ := json.Marshal(line)
	return base64.RawURLEncoding.EncodeToString(append(slices.Clone(l.name[:]), parts...))
}

// After gives the line that a page begins after, which has so many parts; nil when the token is "", for the first page.
func (l List) After(token string, parts int) ([]string, error) {
	if token == "" {
		return nil, nil
	}
	if len(token) > maxToken {
		return nil, ErrToken
	}
	data, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(data) < nameSize || [nameSize]byte(data) != l.name {
		return nil, ErrToken
	}
	var line []string
	if err := json.Unmarshal(data[nameSize:], &line); err != nil || len(line) != parts {
		return nil, ErrToken
	}
	return line, nil
}
