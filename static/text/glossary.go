package text

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"strings"
)

// The glossary is for whoever writes and translates: which word we say for a thing, and which we never say for it.
// Where the word that we never say is a part of a name that is not ours (a law's, a certificate's), the name is an
// exception.
//
//go:embed glossary.csv
var glossaryFile string

// Term is a line of the glossary.
type Term struct {
	Say string
	// Never are the words that are not to stand in a Japanese text, Except the names in which they may.
	Never, Except []string
	English, Note string
}

// Glossary are the terms, in the file's order.
func Glossary() ([]Term, error) {
	rows, err := csv.NewReader(strings.NewReader(glossaryFile)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("reading the glossary: %w", err)
	}
	var terms []Term
	for _, row := range rows[1:] {
		terms = append(terms, Term{
			Say: row[0], Never: strings.Fields(row[1]), Except: strings.Fields(row[2]), English: row[3], Note: row[4],
		})
	}
	return terms, nil
}

// check says what is wrong with the words of a Japanese text, nil for nothing.
func (t Term) check(japanese string) error {
	for _, name := range t.Except {
		japanese = strings.ReplaceAll(japanese, name, "")
	}
	for _, word := range t.Never {
		if strings.Contains(japanese, word) {
			return fmt.Errorf("%s is written %s (glossary.csv)", word, t.Say)
		}
	}
	return nil
}
