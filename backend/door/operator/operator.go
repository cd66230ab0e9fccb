// Package operator is whose portal it is, as every page shows it: the municipality's name and crest in the header, and
// its colour. All of it is configuration, and what would be unreadable or unsafe keeps the portal from starting.
package operator

import (
	"errors"
	"fmt"
	"html"
	"strings"
	"unicode/utf8"

	"madoguchi/proto/plaintext"
	"madoguchi/proto/reading"
)

// longName has a place in the header.
const longName = 24

// Config is what the operator says of itself; all of it may be empty.
type Config struct {
	// Name is what people call it (目黒区), English and Easy the same for those who read these: Easy may hold readings.
	Name, English, Easy string
	// Crest is a file, SVG or PNG. Accent is a colour such as #0b5cad.
	Crest, Accent string
}

// Operator is what pages show. A nil one shows nothing.
type Operator struct {
	names map[string]string // by language
	crest *File
	style *File
}

// File is a file that the pages use, under a name with a hash.
type File struct {
	Path, MediaType string
	Content         []byte
}

// New checks what is configured; nil when nothing is.
func New(c Config) (*Operator, error) {
	if c == (Config{}) {
		return nil, nil
	}
	if c.Name == "" {
		return nil, errors.New("the operator has a crest, a colour or a name in another language, and no name " +
			"(PORTAL_OPERATOR_NAME)")
	}
	o := &Operator{names: map[string]string{}}
	for _, n := range []struct{ language, name, fallback, variable string }{
		{"ja", c.Name, "", "PORTAL_OPERATOR_NAME"},
		{"en", c.English, c.Name, "PORTAL_OPERATOR_NAME_EN"},
		{"easy", c.Easy, c.Name, "PORTAL_OPERATOR_NAME_EASY"},
	} {
		if n.name == "" {
			n.name = n.fallback
		}
		if err := checkName(n.name); err != nil {
			return nil, fmt.Errorf("%s: %w", n.variable, err)
		}
		o.names[n.language] = n.name
	}
	var err error
	if c.Crest != "" {
		if o.crest, err = readCrest(c.Crest); err != nil {
			return nil, fmt.Errorf("the operator's crest %s (PORTAL_OPERATOR_CREST): %w", c.Crest, err)
		}
	}
	if c.Accent != "" {
		if o.style, err = styleOf(c.Accent); err != nil {
			return nil, fmt.Errorf("the operator's colour (PORTAL_OPERATOR_ACCENT): %w", err)
		}
	}
	return o, nil
}

func checkName(name string) error {
	if err := plaintext.Line(name); err != nil {
		return err
	}
	if err := reading.Check(name); err != nil {
		return err
	}
	if n := utf8.RuneCountInString(reading.Plain(name)); n > longName {
		return fmt.Errorf("%q has %d characters, and the header a place for %d", name, n, longName)
	}
	return nil
}

// Files are what the pages fetch.
func (o *Operator) Files() []*File {
	var files []*File
	if o == nil {
		return nil
	}
	for _, f := range []*File{o.crest, o.style} {
		if f != nil {
			files = append(files, f)
		}
	}
	return files
}

// Header is the HTML in the header of a page, in its language.
func (o *Operator) Header(language string) string {
	if o == nil {
		return ""
	}
	crest := "<span></span>"
	if o.crest != nil {
		crest = `<span><img class="crest" src="` + o.crest.Path + `" alt="" width="32" height="32"></span>`
	}
	var name strings.Builder
	for _, part := range reading.Split(o.name(language)) {
		if part.Reading == "" {
			name.WriteString(html.EscapeString(part.Base))
			continue
		}
		name.WriteString("<ruby>" + html.EscapeString(part.Base) + "<rt>" + html.EscapeString(part.Reading) +
			"</rt></ruby>")
	}
	return crest + `<span class="operator-name">` + name.String() + "</span>"
}

func (o *Operator) name(language string) string {
	if name := o.names[language]; name != "" {
		return name
	}
	return o.names["ja"]
}

// Head is the HTML in the head of every page: what the program reads, and the colours.
func (o *Operator) Head() string {
	if o == nil {
		return ""
	}
	head := `<meta name="operator" content="` + html.EscapeString(o.names["ja"]) +
		`" data-en="` + html.EscapeString(o.names["en"]) + `" data-easy="` + html.EscapeString(o.names["easy"]) + `"`
	if o.crest != nil {
		head += ` data-crest="` + o.crest.Path + `"`
	}
	head += ">"
	if o.style != nil {
		head += `<link rel="stylesheet" href="` + o.style.Path + `">`
	}
	return head
}
