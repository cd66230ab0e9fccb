//go:build !js

package lang

import (
	"fmt"

	"madoguchi/static/text"
)

// Tools and tests have the texts of all languages.
func init() {
	texts, err := text.Read(text.Embedded)
	if err == nil {
		err = Use(texts)
	}
	if err != nil {
		panic(err)
	}
}

// Use shows these texts, instead of those that the program was built with.
func Use(texts *text.Texts) error {
	for _, l := range texts.Languages {
		file, err := texts.Build(l.Code)
		if err != nil {
			return fmt.Errorf("loading the texts of %s: %w", l.Code, err)
		}
		load(string(file))
	}
	return nil
}
