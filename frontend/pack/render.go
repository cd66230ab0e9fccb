//go:build !js

package pack

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"maps"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
)

// document is a page. It is drawn when all of it is there, so that nothing in it moves: what is executed after it, and
// what is executed first, block drawing.
var document = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="{{.HTMLLang}}" data-lang="{{.Lang}}">
<head>
<meta charset="utf-8">
<title>{{.Title}}</title>
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="description" content="{{.Description}}">
<meta name="bridge" content="{{"{{bridge}}"}}">
<meta name="theme-color" media="(prefers-color-scheme: light)" content="#ffffff">
<meta name="theme-color" media="(prefers-color-scheme: dark)" content="#14191a">
<script src="{{.Assets.Boot}}" blocking="render" data-exec="{{.Assets.Exec}}" data-wasm="{{.Assets.Wasm}}" data-size="{{.Assets.WasmSize}}" data-page="{{.Kind}}" data-first="{{.First}}" data-worker="{{.Assets.Worker}}" data-decoder="{{.Assets.Decoder}}" data-compiler="{{.Assets.Compiler}}" data-languages="{{.Spoken}}"></script>
<link rel="expect" href="#boot" blocking="render">
<link rel="icon" href="{{.Base}}favicon.svg" type="image/svg+xml">
<link rel="apple-touch-icon" href="{{.Base}}icon-maskable.png">
<link rel="manifest" href="{{.Base}}{{.Manifest}}">
{{if .Path}}{{range .Languages}}<link rel="alternate" hreflang="{{.}}" href="https://origin.invalid{{$.Path}}?lang={{.}}">
{{end}}{{end}}<link rel="stylesheet" href="{{.Assets.Style}}">{{"{{operator-head}}"}}
</head>
<body>{{.Root}}<div id="boot" class="boot" role="region" aria-label="{{.Busy}}" hidden>
<progress id="boot-bar" max="1" value="0" aria-label="{{.Busy}}"></progress>
<p id="boot-busy" hidden>{{.Busy}}</p>
<div id="boot-failed" role="alert" hidden><p><strong>{{.Failed}}</strong></p><p>{{.Way}}</p>
<p><a class="link" href="">{{.Again}}</a> · <a class="link" href="/environment">{{.Environment}}</a></p>
<p id="app-wasm-loader-label" class="boot-detail"></p></div>
</div></body>
</html>
`))

// documentAlone is that of a page with a script of its own, and the keys that it goes by, which the portal writes in.
var documentAlone = template.Must(template.New("alone").Parse(`<!doctype html>
<html lang="{{.HTMLLang}}" data-lang="{{.Lang}}">
<head>
<meta charset="utf-8">
<title>{{.Title}}</title>
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="pinned" content="{{"{{pinned}}"}}">
<link rel="icon" href="{{.Base}}favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="{{.Assets.Style}}">{{"{{operator-head}}"}}
<script src="{{.Script}}" defer></script>
</head>
<body>{{.Root}}</body>
</html>
`))

// render draws every page in every language.
func (p *packer) render(assets assetNames) error {
	paths := maps.Clone(p.pages)
	for name := range p.documents {
		paths[name] = ""
	}
	spoken, err := json.Marshal(assets.Languages)
	if err != nil {
		return fmt.Errorf("writing where the texts are: %w", err)
	}
	for name, path := range paths {
		for _, c := range lang.All {
			drawn, err := shell.Prerender(name, c)
			if err != nil {
				return err
			}
			root, err := tidy(drawn.Root)
			if err != nil {
				return fmt.Errorf("page %s in %s: %w", name, c, err)
			}
			kind := "public"
			if name == framePage || name == notFoundPage {
				path = ""
			}
			if drawn.AtOnce {
				kind = "own"
			}
			title, about := drawn.Title, description.In(c)
			if p.documents[name] {
				title, about = shell.GapTitle, shell.GapDescription
			}
			form := document
			script := assets.Alone[name]
			if script != "" {
				form = documentAlone
			}
			var out bytes.Buffer
			err = form.Execute(&out, map[string]any{
				"Script":   script,
				"HTMLLang": lang.Describe(c).HTML, "Lang": c, "Title": title, "Description": about,
				"Manifest": manifestName(c), "Base": p.options.Path,
				"Languages": []lang.Code{lang.Japanese, lang.English}, "Path": path, "Assets": assets, "Kind": kind,
				"First":  p.pages[framePage],
				"Spoken": string(spoken),
				"Root":   template.HTML(root), // our own pages, escaped by go-app and tidied
				"Busy":   drawn.Busy, "Failed": drawn.Failed, "Way": drawn.Way, "Again": drawn.Again,
				"Environment": environment.In(c),
			})
			if err != nil {
				return fmt.Errorf("page %s in %s: %w", name, c, err)
			}
			p.files["pages/"+name+"."+string(c)+".html"] = out.Bytes()
		}
	}
	return nil
}

func manifestName(c lang.Code) string {
	if c == lang.Japanese {
		return "manifest.webmanifest"
	}
	return "manifest." + string(c) + ".webmanifest"
}

type icon struct {
	Src     string `json:"src"`
	Sizes   string `json:"sizes"`
	Type    string `json:"type"`
	Purpose string `json:"purpose,omitempty"`
}

type shortcut struct {
	Name  string `json:"name"`
	URL   string `json:"url"`
	Icons []icon `json:"icons"`
}

func (p *packer) manifests() error {
	base := p.options.Path
	small := icon{Src: base + "icon-192.png", Sizes: "192x192", Type: "image/png"}
	for _, c := range lang.All {
		b, err := json.MarshalIndent(map[string]any{
			"id": base, "lang": lang.Describe(c).HTML, "dir": "ltr",
			"name": appName.In(c), "short_name": appName.In(c), "description": description.In(c),
			"start_url": p.pages[framePage], "scope": base, "display": "standalone",
			"categories":       []string{"government", "utilities"},
			"background_color": "#ffffff", "theme_color": "#006173",
			"icons": []icon{
				{Src: base + "favicon.svg", Sizes: "any", Type: "image/svg+xml"},
				small,
				{Src: base + "icon-512.png", Sizes: "512x512", Type: "image/png"},
				{Src: base + "icon-maskable.png", Sizes: "512x512", Type: "image/png", Purpose: "maskable"},
				{Src: base + "icon-monochrome.png", Sizes: "512x512", Type: "image/png", Purpose: "monochrome"},
			},
			"shortcuts": p.shortcuts(c, small),
			// What other apps share: text to look for, or an address of this portal to open. It is the worker's, so
			// that an address with a token in it is sent to nobody.
			"share_target": map[string]any{
				"action": base + "shared", "method": "POST", "enctype": "multipart/form-data",
				"params": map[string]string{"title": "title", "text": "text", "url": "url"},
			},
		}, "", "  ")
		if err != nil {
			return fmt.Errorf("writing the manifest: %w", err)
		}
		p.files[manifestName(c)] = append(b, '\n')
	}
	return nil
}

// shortcuts are pages that a person goes to by themselves; phones show the first of them.
func (p *packer) shortcuts(c lang.Code, sign icon) []shortcut {
	list := []shortcut{}
	for _, path := range []string{"/notice", "/qr", "/account", "/prepare"} {
		for _, page := range shell.Pages() {
			if page.Path == path {
				list = append(list, shortcut{Name: page.Title.In(c), URL: page.Path, Icons: []icon{sign}})
			}
		}
	}
	return list
}
