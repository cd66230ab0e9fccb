package text

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Pseudo is a language that nobody speaks: English with accents on its letters, in brackets and a third longer. What is
// still plain on a page stands in no file of texts; what is cut off has no room for longer words. en-XA is its usual
// name.
const Pseudo = "en-XA"

var accented = strings.NewReplacer(
	"a", "á", "e", "é", "i", "í", "o", "ó", "u", "ú", "c", "ç", "n", "ñ", "y", "ý",
	"A", "Á", "E", "É", "I", "Í", "O", "Ó", "U", "Ú", "C", "Ç", "N", "Ñ", "Y", "Ý",
)

// WritePseudo writes all files into a folder, and to each feature one more: the pseudo-language, as a fourth language
// would come.
func (t *Texts) WritePseudo(dir string) error {
	for _, f := range t.Features {
		files := []*File{f.Source}
		for code, file := range f.Translations {
			files = append(files, file)
			if code == "en" {
				files = append(files, pseudoOf(f.Name, file))
			}
		}
		for _, file := range files {
			path := filepath.Join(dir, filepath.FromSlash(file.Path))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				return fmt.Errorf("writing the pseudo-language: %w", err)
			}
			if err := os.WriteFile(path, file.Bytes(), 0o644); err != nil {
				return fmt.Errorf("writing the pseudo-language: %w", err)
			}
		}
	}
	return nil
}

func pseudoOf(feature string, english *File) *File {
	file := &File{Path: feature + "/" + Pseudo + ending}
	for _, h := range english.Header {
		switch h.Name {
		case "Language":
			h.Value = Pseudo
		case "X-Name":
			h.Value = "Pseudo"
		case "X-Order":
			h.Value = "99"
		}
		file.Header = append(file.Header, h)
	}
	if feature == aboutItself {
		file.Header = append(file.Header, Field{"X-Data", "en"})
	}
	for _, e := range english.Entries {
		forms := make([]string, len(e.Strings))
		for i, s := range e.Strings {
			forms[i] = pseudoText(s)
		}
		e.Strings = forms
		file.Entries = append(file.Entries, e)
	}
	return file
}

// pseudoText leaves values as they are.
func pseudoText(s string) string {
	var b strings.Builder
	at := 0
	for _, value := range inBraces.FindAllStringIndex(s, -1) {
		b.WriteString(accented.Replace(s[at:value[0]]) + s[value[0]:value[1]])
		at = value[1]
	}
	b.WriteString(accented.Replace(s[at:]))
	return "[" + b.String() + strings.Repeat("~", len(s)/3) + "]"
}
