//go:build !js

package pack

import (
	"fmt"
	"html"
	"sort"
	"strconv"
	"strings"
)

// tidy turns what go-app's encoder writes into HTML that a browser may get: the encoder puts line ends and indentation
// between Japanese characters, writes attributes in random order and with Go's quoting, and a bare name for the value
// "true". Texts must not hold line ends; raw parts (icons) must be of one line.
func tidy(encoded string) (string, error) {
	var out strings.Builder
	var open []string
	for rest := encoded; rest != ""; {
		at := strings.IndexByte(rest, '<')
		if at < 0 {
			at = len(rest)
		}
		out.WriteString(joined(rest[:at], len(open)))
		if rest = rest[at:]; rest == "" {
			break
		}
		length, err := tagLength(rest)
		if err != nil {
			return "", err
		}
		tag := rest[1 : length-1]
		rest = rest[length:]
		if name, closing := strings.CutPrefix(tag, "/"); closing {
			if len(open) == 0 || open[len(open)-1] != name {
				return "", fmt.Errorf("</%s> closes nothing", name)
			}
			open = open[:len(open)-1]
			out.WriteString("</" + name + ">")
			continue
		}
		inner, selfClosed := strings.CutSuffix(tag, "/")
		name, attributes, err := readTag(inner)
		if err != nil {
			return "", err
		}
		out.WriteString("<" + name + attributes + ">")
		switch {
		case selfClosed:
			out.WriteString("</" + name + ">")
		case !void[name]:
			open = append(open, name)
		}
	}
	if len(open) > 0 {
		return "", fmt.Errorf("<%s> is not closed", open[len(open)-1])
	}
	return out.String(), nil
}

var void = map[string]bool{
	"area": true, "br": true, "col": true, "hr": true, "img": true, "input": true, "link": true, "meta": true,
	"source": true, "wbr": true,
}

// switches are attributes that are true by being there.
var switches = map[string]bool{
	"autofocus": true, "checked": true, "disabled": true, "hidden": true, "multiple": true, "open": true,
	"readonly": true, "required": true, "selected": true,
}

// joined takes out the line ends and indentation that the encoder put around the children of an element at this depth.
func joined(s string, depth int) string {
	lines := strings.Split(s, "\n")
	if len(lines) == 1 {
		if strings.TrimSpace(s) == "" && depth == 0 {
			return ""
		}
		return s
	}
	var out strings.Builder
	indent := strings.Repeat(" ", 2*depth)
	for _, line := range lines[1 : len(lines)-1] {
		out.WriteString(strings.TrimPrefix(line, indent))
	}
	return out.String()
}

// tagLength finds the end of the tag that s begins with; > may stand within quotes.
func tagLength(s string) (int, error) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == '>' && !quoted:
			return i + 1, nil
		}
	}
	return 0, fmt.Errorf("a tag without end: %.60s", s)
}

func readTag(s string) (name, attributes string, err error) {
	name, rest, _ := strings.Cut(strings.TrimSpace(s), " ")
	var list []string
	for rest = strings.TrimSpace(rest); rest != ""; rest = strings.TrimSpace(rest) {
		end := strings.IndexAny(rest, "= ")
		if end < 0 || rest[end] == ' ' {
			key := rest
			if end >= 0 {
				key = rest[:end]
			}
			rest = rest[len(key):]
			list = append(list, attribute(key, "true"))
			continue
		}
		key := rest[:end]
		quoted, err := strconv.QuotedPrefix(rest[end+1:])
		if err != nil {
			return "", "", fmt.Errorf("attribute %s of <%s>: %w", key, name, err)
		}
		value, err := strconv.Unquote(quoted)
		if err != nil {
			return "", "", fmt.Errorf("attribute %s of <%s>: %w", key, name, err)
		}
		rest = rest[end+1+len(quoted):]
		list = append(list, attribute(key, value))
	}
	sort.Strings(list)
	return name, strings.Join(list, ""), nil
}

func attribute(key, value string) string {
	switch {
	case switches[key] && value == "false":
		return ""
	case switches[key]:
		return " " + key
	case value == "true" && !strings.HasPrefix(key, "aria-") && key != "focusable" && key != "spellcheck":
		return " " + key + `=""`
	}
	return " " + key + `="` + html.EscapeString(value) + `"`
}
