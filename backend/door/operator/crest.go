package operator

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"os"
	"slices"
	"strings"
)

const (
	largestCrest = 64 << 10
	widestCrest  = 1024
)

// readCrest takes a PNG, or an SVG that is a drawing and nothing else. Pages show it as an image only.
func readCrest(name string) (*File, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, largestCrest+1))
	if err != nil {
		return nil, err
	}
	if len(content) > largestCrest {
		return nil, fmt.Errorf("it is larger than %d bytes", largestCrest)
	}
	if bytes.HasPrefix(content, []byte("\x89PNG\r\n")) {
		config, err := png.DecodeConfig(bytes.NewReader(content))
		if err != nil {
			return nil, err
		}
		if config.Width > widestCrest || config.Height > widestCrest {
			return nil, fmt.Errorf("it has %d × %d pixels, more than %d a side", config.Width,
				config.Height, widestCrest)
		}
		if _, err := png.Decode(bytes.NewReader(content)); err != nil {
			return nil, err
		}
		return fileOf("crest", ".png", "image/png", content), nil
	}
	if err := checkDrawing(content); err != nil {
		return nil, fmt.Errorf("it is neither a PNG nor an SVG that is a drawing alone: %w", err)
	}
	return fileOf("crest", ".svg", "image/svg+xml", content), nil
}

// drawing are the elements of SVG that draw, and do nothing else.
var drawing = []string{
	"svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "defs", "title", "desc",
	"linearGradient", "radialGradient", "stop", "clipPath", "mask", "use", "symbol",
}

const svgSpace = "http://www.w3.org/2000/svg"

func checkDrawing(content []byte) error {
	decoder := xml.NewDecoder(bytes.NewReader(content))
	depth, seen := 0, false
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.Directive:
			return errors.New("it has a <!…>")
		case xml.ProcInst:
			if t.Target != "xml" {
				return fmt.Errorf("it has a <?%s?>", t.Target)
			}
		case xml.EndElement:
			depth--
		case xml.StartElement:
			if depth == 0 && (seen || t.Name.Local != "svg") {
				return fmt.Errorf("it begins with <%s>", t.Name.Local)
			}
			if t.Name.Space != svgSpace || !slices.Contains(drawing, t.Name.Local) {
				return fmt.Errorf("it has a <%s>", t.Name.Local)
			}
			if err := checkAttributes(t.Attr); err != nil {
				return fmt.Errorf("<%s>: %w", t.Name.Local, err)
			}
			depth, seen = depth+1, true
		}
	}
	if !seen {
		return errors.New("it has no <svg>")
	}
	return nil
}

func checkAttributes(attributes []xml.Attr) error {
	for _, a := range attributes {
		name, value := strings.ToLower(a.Name.Local), strings.ToLower(a.Value)
		switch {
		case a.Name.Space == "xmlns" || name == "xmlns":
		case strings.HasPrefix(name, "on"), name == "style", name == "src":
			return fmt.Errorf("it has %s", a.Name.Local)
		case name == "href" && !strings.HasPrefix(value, "#"):
			return fmt.Errorf("it leads to %q", a.Value)
		case strings.Contains(value, "url(") && !strings.Contains(value, "url(#"):
			return fmt.Errorf("%s leads to %q", a.Name.Local, a.Value)
		}
	}
	return nil
}
