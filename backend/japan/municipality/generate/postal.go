package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Postal data write some names otherwise than the table of municipalities.
var aliases = map[string]string{
	"東京都三宅島三宅村": "東京都三宅村",
	"東京都八丈島八丈町": "東京都八丈町",
	"高知県高岡郡梼原町": "高知県高岡郡檮原町",
	"福岡県糟屋郡須惠町": "福岡県糟屋郡須恵町",
}

var postalCode = regexp.MustCompile(`^_[0-9]{7}$`)

// postal writes postal.tsv.gz: code, municipality, town, town's reading; and offices.tsv.gz: the codes that large
// offices have of their own, and their municipality. codes are those of the municipalities by prefecture and name.
func postal(dir string, codes map[string]string) error {
	files, err := filepath.Glob(filepath.Join(dir, "[0-9]*.json"))
	if err != nil {
		return err
	}
	if len(files) < 900 { // one for each three digits a code begins with
		return fmt.Errorf("%s holds only %d files", dir, len(files))
	}
	var rows, offices []string
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		data = bytes.TrimSpace(data)
		data = bytes.TrimSuffix(bytes.TrimPrefix(data, []byte("jQuery_jpostal_callback(")), []byte(");"))
		var list [][]string
		if err := json.Unmarshal(bytes.TrimSpace(data), &list); err != nil {
			return fmt.Errorf("reading %s: %w", file, err)
		}
		for _, r := range list {
			// Not the version, or an area.
			if len(r) < 4 || !postalCode.MatchString(r[0]) {
				continue
			}
			name := r[1] + r[2]
			if alias, ok := aliases[name]; ok {
				name = alias
			}
			code, ok := codes[name]
			if !ok {
				return fmt.Errorf("%s: no municipality is called %s", file, name)
			}
			if len(r) > 5 && r[4]+r[5] != "" { // 大口事業所
				offices = append(offices, strings.TrimPrefix(r[0], "_")+"\t"+code+"\n")
				continue
			}
			kana := ""
			if len(r) > 8 {
				kana = norm.NFKC.String(r[8])
			}
			rows = append(rows, strings.TrimPrefix(r[0], "_")+"\t"+code+"\t"+r[3]+"\t"+kana+"\n")
		}
	}
	return errors.Join(
		pack("backend/japan/municipality/postal.tsv.gz", rows),
		pack("backend/japan/municipality/offices.tsv.gz", offices),
	)
}

// pack writes rows in their order, each once.
func pack(path string, rows []string) error {
	slices.Sort(rows)
	rows = slices.Compact(rows)
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := w.Write([]byte(strings.Join(rows, ""))); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return os.WriteFile(path, out.Bytes(), 0o644)
}
