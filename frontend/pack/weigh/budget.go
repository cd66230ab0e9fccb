//go:build !js

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/andybalholm/brotli"
)

// budget is what one file of the folder may weigh.
type budget struct {
	pattern string
	most    int
}

func readBudgets(path string) ([]budget, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the budgets: %w", err)
	}
	var list []budget
	for i, line := range strings.Split(string(text), "\n") {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if len(words) != 2 {
			return nil, fmt.Errorf("%s:%d: a line is a file and what it may weigh", path, i+1)
		}
		most, err := strconv.Atoi(strings.ReplaceAll(words[1], ",", ""))
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, i+1, err)
		}
		list = append(list, budget{words[0], most})
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s has no budget", path)
	}
	return list, nil
}

// check holds the files that were packed against their budgets.
func check(path, web string, out io.Writer) error {
	budgets, err := readBudgets(path)
	if err != nil {
		return err
	}
	var over []error
	for _, b := range budgets {
		files, err := filepath.Glob(filepath.Join(web, filepath.FromSlash(b.pattern)))
		if err != nil {
			return fmt.Errorf("looking for %s: %w", b.pattern, err)
		}
		if len(files) != 1 {
			return fmt.Errorf("%d files in %s are %s: make build/web/.done", len(files), web, b.pattern)
		}
		size, err := weight(files[0], b.most)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%-58s %16d %s\n", "brotli "+b.pattern, size, fmt.Sprintf("bytes of %d", b.most))
		if size > b.most {
			over = append(over, fmt.Errorf("%s weighs %d bytes, %d more than it may: %s says when that may rise",
				files[0], size, size-b.most, path))
		}
	}
	return errors.Join(over...)
}

// weight is what a file weighs as it is sent. The copy beside it was made by whatever brotli was at hand; before that
// one's weight is held against anybody, the file is compressed again, as small as can be.
func weight(file string, most int) (int, error) {
	packed, err := os.ReadFile(file + ".br")
	if err == nil && len(packed) <= most {
		return len(packed), nil
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return 0, fmt.Errorf("weighing: %w", err)
	}
	var again bytes.Buffer
	w := brotli.NewWriterOptions(&again, brotli.WriterOptions{Quality: 11, LGWin: 24})
	if _, err := w.Write(content); err != nil {
		return 0, fmt.Errorf("compressing %s: %w", file, err)
	}
	if err := w.Close(); err != nil {
		return 0, fmt.Errorf("compressing %s: %w", file, err)
	}
	return again.Len(), nil
}
