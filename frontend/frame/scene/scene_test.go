package scene

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
)

var pictures = map[string]app.UI{
	"Lit": Lit(Large), "Reading": Reading(Large), "Dusk": Dusk(Large), "Locked": Locked(Large), "Empty": Empty(Large),
	"Rain": Rain(Large), "Cradle": Cradle(Small), "SchoolBag": SchoolBag(Small), "MovingBox": MovingBox(Small),
	"Briefcase": Briefcase(Small), "Rings": Rings(Small), "WalkingStick": WalkingStick(Small),
	"Wheelchair": Wheelchair(Small), "CrackedHouse": CrackedHouse(Small), "Candle": Candle(Medium),
	"SignFind": SignFind(), "SignGuide": SignGuide(), "SignNotices": SignNotices(), "SignTodo": SignTodo(),
	"SignPerson": SignPerson(), "SignReader": SignReader(), "SignHelp": SignHelp(), "SignApply": SignApply(),
	"SignPay": SignPay(), "SignHistory": SignHistory(), "SignRecords": SignRecords(), "SignFamily": SignFamily(),
	"SignPlace": SignPlace(), "SignDevice": SignDevice(), "SignCompare": SignCompare(), "SignSafe": SignSafe(),
}

// What a page's browser makes element by element is of these kinds alone, and every colour is one of the style sheet's.
var (
	element = regexp.MustCompile(`<(/?)(\w+)([^<>]*?)/?>`)
	allowed = regexp.MustCompile(`^( (class|d|cx|cy|r|x|y|width|height|rx)="[^"]*")*$`)
	classes = regexp.MustCompile(`class="([^"]*)"`)
)

func TestPicturesAreOfOneHand(t *testing.T) {
	sheet, err := os.ReadFile("../../../static/scene.css")
	if err != nil {
		t.Fatal(err)
	}
	for name, picture := range pictures {
		drawn := strings.TrimSpace(app.HTMLString(picture))
		head, within, ok := strings.Cut(strings.TrimSuffix(drawn, "</svg>"), ">")
		if !ok || !strings.Contains(head, `aria-hidden="true"`) || strings.Contains(drawn, "\n") {
			t.Errorf("%s is drawn as %s", name, drawn)
		}
		drawnAs := element.FindAllStringSubmatch(within, -1)
		if len(drawnAs) < 2 || element.ReplaceAllString(within, "") != "" {
			t.Errorf("%s is no drawing: %s", name, within)
		}
		for _, e := range drawnAs {
			if !strings.Contains("path rect circle", e[2]) || !allowed.MatchString(e[3]) {
				t.Errorf("%s has %s", name, e[0])
			}
		}
		for _, found := range classes.FindAllStringSubmatch(drawn, -1) {
			for class := range strings.FieldsSeq(found[1]) {
				if !strings.Contains(string(sheet), "."+class+" ") && !strings.Contains(string(sheet), "."+class+",") {
					t.Errorf("%s has the class %s, which no style knows", name, class)
				}
			}
		}
		if strings.Count(within, `class="scene-glow"`)+strings.Count(within, `class="scene-light"`)+
			strings.Count(within, `class="scene-accent"`) == 0 {
			t.Errorf("%s has nothing in the light", name)
		}
	}
}

// Every picture of this package is looked at above.
func TestEveryPictureIsLookedAt(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, declared := range parsed.Decls {
			f, ok := declared.(*ast.FuncDecl)
			if !ok || !f.Name.IsExported() || f.Name.Name == "Told" || f.Name.Name == "Event" {
				continue
			}
			found++
			if pictures[f.Name.Name] == nil {
				t.Errorf("nobody looks at %s", f.Name.Name)
			}
		}
	}
	if found != len(pictures) {
		t.Errorf("%d pictures are declared, %d looked at", found, len(pictures))
	}
}

// The nine events of the portal have a picture each.
func TestEveryEventHasAPictureOfItsOwn(t *testing.T) {
	files, err := filepath.Glob("../../../backend/feature/guide/events/*.yaml")
	if err != nil || len(files) != 9 {
		t.Fatal(files, err)
	}
	unknown := app.HTMLString(Event("", Small))
	seen := map[string]string{unknown: "an event nobody knows"}
	for _, file := range files {
		id := strings.TrimSuffix(filepath.Base(file), ".yaml")
		drawn := app.HTMLString(Event(id, Small))
		if other := seen[drawn]; other != "" {
			t.Errorf("%s has the picture of %s", id, other)
		}
		seen[drawn] = id
	}
}

func TestAPictureThatStandsAloneSaysWhatItIs(t *testing.T) {
	told := app.HTMLString(Told(Locked(Large), lang.Plain(`閉まって"います`)))
	if !strings.Contains(told, `role="img"`) || !strings.Contains(told, "閉まって") {
		t.Error(told)
	}
}
