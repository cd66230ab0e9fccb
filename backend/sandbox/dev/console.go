package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"golang.org/x/text/width"
)

// console prints the lines of several programs, each under its name, none cut by another.
type console struct {
	mu     sync.Mutex
	out    io.Writer
	colour bool
	names  map[string]int // to a colour, in order of appearance
}

func newConsole(out *os.File) *console {
	info, err := out.Stat()
	terminal := err == nil && info.Mode()&os.ModeCharDevice != 0
	return &console{
		out: out, colour: terminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb",
		names: map[string]int{},
	}
}

// say prints text under a name.
func (c *console) say(name, text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for line := range strings.Lines(text) {
		fmt.Fprintf(c.out, "%s %s\n", c.label(name), strings.TrimRight(line, "\r\n"))
	}
}

// print prints text as it is.
func (c *console) print(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	fmt.Fprint(c.out, text)
}

func (c *console) label(name string) string {
	text := fmt.Sprintf("%-8s│", name)
	if !c.colour {
		return text
	}
	n, ok := c.names[name]
	if !ok {
		n = len(c.names)
		c.names[name] = n
	}
	colours := []int{36, 35, 32, 33, 34, 31}
	return fmt.Sprintf("\x1b[%dm%s\x1b[0m", colours[n%len(colours)], text)
}

// bold marks what the eye should find.
func (c *console) bold(text string) string {
	if !c.colour {
		return text
	}
	return "\x1b[1m" + text + "\x1b[0m"
}

// writer gives a place for a program's output; Close prints what it left without a line's end.
func (c *console) writer(name string) io.WriteCloser {
	return &lines{console: c, name: name}
}

// maxLine bounds what is held back for a line's end.
const maxLine = 64 << 10

type lines struct {
	console *console
	name    string
	mu      sync.Mutex
	rest    []byte
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rest = append(l.rest, p...)
	if end := bytes.LastIndexByte(l.rest, '\n'); end >= 0 {
		l.console.say(l.name, string(l.rest[:end+1]))
		l.rest = bytes.Clone(l.rest[end+1:])
	}
	if len(l.rest) > maxLine {
		l.console.say(l.name, string(l.rest))
		l.rest = nil
	}
	return len(p), nil
}

func (l *lines) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.rest) > 0 {
		l.console.say(l.name, string(l.rest))
		l.rest = nil
	}
	return nil
}

// table aligns rows in columns as a terminal shows them, where a 漢字 is as wide as two letters.
func table(rows [][]string) string {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], columns(cell))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			line.WriteString("  " + cell + strings.Repeat(" ", widths[i]-columns(cell)))
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return b.String()
}

// columns is how many columns of a terminal a text takes.
func columns(s string) int {
	n := 0
	for _, r := range s {
		switch width.LookupRune(r).Kind() {
		case width.EastAsianWide, width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}
