//go:build !js

package pack

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// styleFolders are joined in this order, each by the names of its files: what every page stands on, then what features
// share, then the features' own. A sheet may rely on those of the folders before, never on one beside it.
var styleFolders = []string{"", "part", "feature"}

var (
	// customMedia gives a condition of width a name, once: @custom-media --phone (max-width: 40rem);
	customMedia = regexp.MustCompile(`(?m)^@custom-media (--[a-z]+) (\([^()]+\));.*\n`)
	namedMedia  = regexp.MustCompile(`\((--[a-z]+)\)`)
	mediaQuery  = regexp.MustCompile(`@(?:media|container) [^{]*`)
	// remark is a comment; no sheet has a text that looks like one.
	remark = regexp.MustCompile(`(?s)[ \t]*/\*.*?\*/`)
)

// style is the one style sheet, put together from those below static, without what they say to their reader alone.
// Browsers know no @custom-media yet: the conditions are written in.
func style(static string) ([]byte, error) {
	var css bytes.Buffer
	for _, folder := range styleFolders {
		names, err := filepath.Glob(filepath.Join(static, folder, "*.css"))
		if err != nil {
			return nil, fmt.Errorf("listing styles: %w", err)
		}
		for _, name := range names {
			sheet, err := os.ReadFile(name)
			if err != nil {
				return nil, fmt.Errorf("reading a style: %w", err)
			}
			if width := unnamedWidth(sheet); width != "" {
				return nil, fmt.Errorf("%s: %q is a width without a name: take one of base.css", name, width)
			}
			css.Write(remark.ReplaceAll(sheet, nil))
			css.WriteByte('\n')
		}
	}
	conditions := map[string]string{}
	for _, m := range customMedia.FindAllSubmatch(css.Bytes(), -1) {
		conditions[string(m[1])] = string(m[2])
	}
	unknown := ""
	joined := mediaQuery.ReplaceAllFunc(customMedia.ReplaceAll(css.Bytes(), nil), func(query []byte) []byte {
		return namedMedia.ReplaceAllFunc(query, func(name []byte) []byte {
			condition, known := conditions[strings.Trim(string(name), "()")]
			if !known {
				unknown = string(name)
			}
			return []byte(condition)
		})
	})
	if unknown != "" {
		return nil, fmt.Errorf("no style names the width %s", unknown)
	}
	return joined, nil
}

// unnamedWidth finds a query for a width in numbers; "" when there is none.
func unnamedWidth(sheet []byte) string {
	for _, query := range mediaQuery.FindAll(sheet, -1) {
		if bytes.Contains(query, []byte("width")) {
			return strings.TrimSpace(string(query))
		}
	}
	return ""
}
