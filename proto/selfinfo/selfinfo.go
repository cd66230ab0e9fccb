// Package selfinfo is what can be asked of offices about a person (自己情報), said once for all who need it: fields,
// categories, details, the items that they hold, with their words; by which period each is asked for; and what the
// text of a value must be. The portal shows it to people and takes answers in by it; an office's client is tried by
// it. Which office holds what, the registry of offices says.
package selfinfo

import (
	_ "embed" // the words
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"madoguchi/proto/reading"
)

// Text is a text in the three languages of the page. Easy has readings: 漢字《かんじ》.
type Text struct {
	Ja   string `yaml:"ja"`
	En   string `yaml:"en"`
	Easy string `yaml:"easy"`
}

// Empty says whether there is none.
func (t Text) Empty() bool { return t == Text{} }

// Name is a name with its reading in kana.
type Name struct {
	Text
	Reading string
}

func nameOf(marked, english string) Name {
	var kana strings.Builder
	for _, part := range reading.Split(marked) {
		if part.Reading != "" {
			kana.WriteString(part.Reading)
			continue
		}
		kana.WriteString(part.Base)
	}
	return Name{Text{Ja: reading.Plain(marked), En: english, Easy: marked}, kana.String()}
}

// Sensitivity is how much is to be said of a category where others may look.
type Sensitivity string

const (
	Ordinary  Sensitivity = "ordinary"
	Sensitive Sensitivity = "sensitive"
	Covered   Sensitivity = "covered"
)

// View is how an answer is best read.
type View string

const (
	Card     View = "card"
	Timeline View = "timeline"
	Table    View = "table"
	Series   View = "series"
	Compare  View = "compare"
	People   View = "people"
)

var views = []View{Card, Timeline, Table, Series, Compare, People}

// Field is one of the seven under which people look.
type Field struct {
	Key        string
	Name       Name
	Categories []Category
}

// Category is one of the 29.
type Category struct {
	Number       int
	Name         Name
	Lead, Holder Text
	Notes        []Text
	NotesVersion int
	Names, Words []string // 特定個人情報名, and what people call it
	Codes        []int
	Sensitivity  Sensitivity
	// Medical: of the medical insurance, which the flags of insurers cover. Household: tells who lives with whom, and
	// where.
	Medical, Household bool
	Details            []Detail
}

// Detail is what is asked for.
type Detail struct {
	Key      string // "16.record"
	Category int
	Name     Name
	View     View
	Period   Period
	// The office is that of where one lived then.
	AsksPlace bool
	Items     []Item

	back, usual span
}

// Item finds an item of the detail by its key.
func (d Detail) Item(key string) (Item, bool) {
	i := slices.IndexFunc(d.Items, func(i Item) bool { return i.Key == key })
	if i < 0 {
		return Item{}, false
	}
	return d.Items[i], true
}

// Duty is what an office is registered for that holds a category.
func Duty(category int) string { return fmt.Sprintf("myinfo-%02d", category) }

// Item is what a record may hold.
type Item struct {
	Key       string // "13.tax_total"
	Name      Name
	Meaning   Text
	Type      Type
	Unit      string
	Low, High string // what is usual, of check-ups
	Fact      string // the same fact elsewhere has the same word; "" when there is none
	Part      string // the item of the published list that it is a part of; "" when it is one by itself
	// Future: its day may lie ahead. Place: it tells where somebody is. Covered: not for others' eyes.
	Future, Place, Covered bool
}

//go:embed categories.yaml
var categoriesFile []byte

//go:embed items.txt
var itemsFile string

//go:embed meanings.txt
var meaningsFile string

// Fields gives all of it; nobody changes it.
func Fields() []Field { return read().fields }

// Categories gives those of all fields, by number.
func Categories() []Category { return read().categories }

// ByNumber finds a category.
func ByNumber(number int) (Category, bool) {
	all := read().categories
	if number < 1 || number > len(all) {
		return Category{}, false
	}
	return all[number-1], true
}

// DetailOf finds a detail by its key, with its category.
func DetailOf(key string) (Detail, Category, bool) {
	d, ok := read().details[key]
	if !ok {
		return Detail{}, Category{}, false
	}
	c, ok := ByNumber(d.Category)
	return d, c, ok
}

type all struct {
	fields     []Field
	categories []Category
	details    map[string]Detail
}

var read = sync.OnceValue(func() all {
	a, err := parse()
	if err != nil {
		panic("selfinfo: " + err.Error()) // written here: a test reads it
	}
	return a
})

type fileOfCategories struct {
	Holders map[string]Text
	Fields  []struct {
		Key, Name, En string
		Categories    []struct {
			Number          int
			Name, En        string
			Holder          string
			Lead            Text
			Notes           []Text
			Version         int
			Names, Words    []string
			Codes           []int
			Sensitivity     Sensitivity
			Medical, Hidden bool
			Details         []struct {
				Key, Name, En string
				View          View
				Period        Period
				Back, Usual   string
				AsksPlace     bool `yaml:"asks_place"`
			}
		}
	}
}

func parse() (all, error) {
	var file fileOfCategories
	if err := yaml.Unmarshal(categoriesFile, &file); err != nil {
		return all{}, fmt.Errorf("reading the categories: %w", err)
	}
	items, err := parseItems()
	if err != nil {
		return all{}, err
	}
	a := all{details: map[string]Detail{}}
	for _, f := range file.Fields {
		field := Field{Key: f.Key, Name: nameOf(f.Name, f.En)}
		for _, c := range f.Categories {
			category := Category{
				Number: c.Number, Name: nameOf(c.Name, c.En), Lead: c.Lead, Holder: file.Holders[c.Holder],
				Notes:        c.Notes,
				NotesVersion: max(c.Version, 1), Names: c.Names, Words: c.Words, Codes: c.Codes,
				Sensitivity: c.Sensitivity,
				Medical:     c.Medical, Household: c.Hidden,
			}
			if category.Sensitivity == "" {
				category.Sensitivity = Ordinary
			}
			if category.Holder.Empty() || category.Lead.Empty() {
				return all{}, fmt.Errorf("category %d has no holder or no lead", c.Number)
			}
			for _, d := range c.Details {
				detail := Detail{
					Key: fmt.Sprintf("%d.%s", c.Number, d.Key), Category: c.Number, Name: nameOf(d.Name, d.En),
					View:   d.View,
					Period: d.Period, AsksPlace: d.AsksPlace,
				}
				if detail.back, err = parseSpan(d.Back); err == nil {
					detail.usual, err = parseSpan(d.Usual)
				}
				if err != nil {
					return all{}, fmt.Errorf("%s: %w", detail.Key, err)
				}
				detail.Items = items[detail.Key]
				delete(items, detail.Key)
				if len(detail.Items) == 0 || !slices.Contains(views, d.View) || !slices.Contains(periods, d.Period) {
					return all{}, fmt.Errorf("%s has no items, or a view or period that there is not", detail.Key)
				}
				category.Details = append(category.Details, detail)
				a.details[detail.Key] = detail
			}
			field.Categories = append(field.Categories, category)
			a.categories = append(a.categories, category)
		}
		a.fields = append(a.fields, field)
	}
	for key := range items {
		return all{}, fmt.Errorf("items of %s, which is no detail", key)
	}
	slices.SortFunc(a.categories, func(x, y Category) int { return x.Number - y.Number })
	for i, c := range a.categories {
		if c.Number != i+1 {
			return all{}, fmt.Errorf("category %d is missing or stands there twice", i+1)
		}
	}
	return a, nil
}

var errLine = errors.New("not a line of items")

// parseItems reads the items by the keys of their details.
func parseItems() (map[string][]Item, error) {
	meanings, err := parseMeanings()
	if err != nil {
		return nil, err
	}
	found, known := map[string][]Item{}, map[string]Item{}
	detail, category := "", ""
	for n, line := range strings.Split(itemsFile, "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == "", strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			detail = strings.Trim(line, "[]")
			category, _, _ = strings.Cut(detail, ".")
		case strings.HasPrefix(line, "= "):
			item, ok := known[category+"."+line[2:]]
			if !ok {
				return nil, fmt.Errorf("line %d: %q is no earlier item", n+1, line)
			}
			found[detail] = append(found[detail], item)
		default:
			item, err := parseItem(category, line)
			if err != nil {
				return nil, fmt.Errorf("line %d, %q: %w", n+1, line, err)
			}
			if _, twice := known[item.Key]; twice {
				return nil, fmt.Errorf("line %d: %s stands there twice", n+1, item.Key)
			}
			item.Meaning = meanings[item.Key]
			delete(meanings, item.Key)
			known[item.Key] = item
			found[detail] = append(found[detail], item)
		}
	}
	for key := range meanings {
		return nil, fmt.Errorf("%s has a meaning and is no item", key)
	}
	return found, nil
}

func parseItem(category, line string) (Item, error) {
	columns := strings.Split(line, " | ")
	if len(columns) < 4 {
		return Item{}, errLine
	}
	item := Item{
		Key: category + "." + columns[0], Type: Type(columns[1]), Name: nameOf(columns[2], columns[3]),
	}
	if !slices.Contains(types, item.Type) {
		return Item{}, fmt.Errorf("%w: no type is called %s", errLine, columns[1])
	}
	if len(columns) == 4 {
		return item, nil
	}
	for word := range strings.FieldsSeq(columns[4]) {
		name, value, _ := strings.Cut(word, "=")
		switch name {
		case "unit":
			item.Unit = value
		case "low", "high":
			if _, err := strconv.ParseFloat(value, 64); err != nil {
				return Item{}, fmt.Errorf("%w: %w", errLine, err)
			}
			if name == "low" {
				item.Low = value
			} else {
				item.High = value
			}
		case "fact":
			item.Fact = value
		case "in":
			item.Part = value
		case "future":
			item.Future = true
		case "place":
			item.Place = true
		case "covered":
			item.Covered = true
		default:
			return Item{}, fmt.Errorf("%w: %s means nothing", errLine, word)
		}
	}
	return item, nil
}

func parseMeanings() (map[string]Text, error) {
	meanings := map[string]Text{}
	for n, line := range strings.Split(meaningsFile, "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		columns := strings.Split(line, " | ")
		if len(columns) != 4 {
			return nil, fmt.Errorf("meanings, line %d: not four columns", n+1)
		}
		meanings[columns[0]] = Text{Ja: columns[1], En: columns[2], Easy: columns[3]}
	}
	return meanings, nil
}
