// Package news tells everybody what the operator has to say (運営からのお知らせ): what is new, and when the portal stands
// still. It stands in a file that the operator writes, and nowhere else; what offices tell a person is notice's.
package news

import (
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"madoguchi/backend/japan/catalog"
	"madoguchi/proto/clock"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/plaintext"
	"madoguchi/proto/reading"
)

const (
	most        = 200
	largest     = 1 << 20
	longTitle   = 120
	longBody    = 4000
	minuteWords = "2006-01-02 15:04"
)

// item is a piece of news as the file says it:
//
//   - id: stop-december
//     kind: stop            # new, stop or trouble
//     day: 2026-11-26       # when it was said
//     from: 2026-12-05 01:00
//     until: 2026-12-05 05:00
//     title: {ja: システムを止めます, en: Planned stop}
//     body: {ja: 点検のため…}
//
// English and やさしい日本語 may be left out. Times are Japan's.
type item struct {
	ID    string       `yaml:"id"`
	Kind  string       `yaml:"kind"`
	Day   string       `yaml:"day"`
	From  string       `yaml:"from"`
	Until string       `yaml:"until"`
	Title catalog.Text `yaml:"title"`
	Body  catalog.Text `yaml:"body"`
}

var kinds = map[string]portalv1.News_Kind{
	"new": portalv1.News_KIND_NEW, "stop": portalv1.News_KIND_STOP, "trouble": portalv1.News_KIND_TROUBLE,
}

var idForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)

// read reads the file, the newest first. An error names the item and what is wrong with it.
func read(file string) ([]*portalv1.News, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("reading the news: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, largest+1))
	if err != nil {
		return nil, fmt.Errorf("reading the news: %w", err)
	}
	if len(data) > largest {
		return nil, fmt.Errorf("%s is larger than %d bytes", file, largest)
	}
	all, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return all, nil
}

func parse(data []byte) ([]*portalv1.News, error) {
	var items []item
	decoder := yaml.NewDecoder(strings.NewReader(string(data)))
	decoder.KnownFields(true)
	if err := decoder.Decode(&items); err != nil && !errors.Is(err, io.EOF) {
		return nil, err // it names the line
	}
	if len(items) > most {
		return nil, fmt.Errorf("%d pieces of news, %d at most: take old ones out", len(items), most)
	}
	var all []*portalv1.News
	for i, it := range items {
		n, err := it.news()
		if err != nil {
			return nil, fmt.Errorf("the %d. piece of news (id %q): %w", i+1, it.ID, err)
		}
		if slices.ContainsFunc(all, func(other *portalv1.News) bool { return other.GetId() == n.GetId() }) {
			return nil, fmt.Errorf("the %d. piece of news: the id %q is another one's too", i+1, it.ID)
		}
		all = append(all, n)
	}
	slices.SortStableFunc(all, func(a, b *portalv1.News) int { return strings.Compare(b.GetDay(), a.GetDay()) })
	return all, nil
}

func (it item) news() (*portalv1.News, error) {
	kind, ok := kinds[it.Kind]
	switch _, err := time.Parse(time.DateOnly, it.Day); {
	case !idForm.MatchString(it.ID):
		return nil, errors.New("id is to be small letters, digits and hyphens, 64 at most")
	case !ok:
		return nil, fmt.Errorf("kind is new, stop or trouble, not %q", it.Kind)
	case err != nil:
		return nil, fmt.Errorf("day is to be written 2026-11-26, not %q", it.Day)
	}
	n := &portalv1.News{Id: it.ID, Kind: kind, Day: it.Day, Title: local(it.Title), Body: local(it.Body)}
	var err error
	if n.From, err = minute("from", it.From); err != nil {
		return nil, err
	}
	if n.Until, err = minute("until", it.Until); err != nil {
		return nil, err
	}
	switch {
	case kind == portalv1.News_KIND_STOP && (n.From == 0 || n.Until == 0):
		return nil, errors.New("a stop says from and until")
	case n.From == 0 && n.Until != 0:
		return nil, errors.New("until stands beside a from")
	case n.Until != 0 && n.Until <= n.From:
		return nil, errors.New("until is not after from")
	}
	if err := checkText("title", it.Title, longTitle, plaintext.Title); err != nil {
		return nil, err
	}
	return n, checkText("body", it.Body, longBody, plaintext.Body)
}

func local(t catalog.Text) *portalv1.LocalText {
	return &portalv1.LocalText{
		Ja: strings.TrimSpace(t.Ja), En: strings.TrimSpace(t.En), Easy: strings.TrimSpace(t.Easy),
	}
}

func minute(name, s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	t, err := time.ParseInLocation(minuteWords, s, clock.Japan)
	if err != nil {
		return 0, fmt.Errorf("%s is to be written 2026-12-05 01:00 (time of Japan), not %q", name, s)
	}
	return t.UnixMilli(), nil
}

func checkText(name string, t catalog.Text, long int, check func(string) error) error {
	for language, s := range map[string]string{"ja": t.Ja, "en": t.En, "easy": t.Easy} {
		s = strings.TrimSpace(s)
		if s == "" && language != "ja" {
			continue
		}
		if err := check(s); err != nil {
			return fmt.Errorf("%s.%s: %w", name, language, err)
		}
		if n := plaintext.Count(s); n > long {
			return fmt.Errorf("%s.%s has %d characters, %d at most", name, language, n, long)
		}
	}
	if err := reading.Check(t.Easy); err != nil {
		return fmt.Errorf("%s.easy: %w", name, err)
	}
	return nil
}
