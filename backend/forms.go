package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"madoguchi/backend/japan/catalog"
	"madoguchi/backend/japan/forms"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/published"
	"madoguchi/proto/clock"
	"madoguchi/proto/form"
	"madoguchi/proto/form/source"
)

// errForm ends `portal forms` when a definition is wrong; what is wrong has been said.
var errForm = errors.New("上の行を直して、もう一度確かめてください")

// tendForms does `portal forms`: what the authors and reviewers of application forms need. Only import, and export with
// --place, open the database.
func tendForms(ctx context.Context, args []string, getenv func(string) string, out io.Writer) error {
	flags := flag.NewFlagSet("portal forms", flag.ContinueOnError)
	flags.SetOutput(out)
	address := getenv("PORTAL_DATABASE")
	if address == "" {
		address = defaultDatabase
	}
	flags.StringVar(&address, "database", address, "SQLite file, or postgres:// URL (PORTAL_DATABASE)")
	place := flags.String("place", "", "import, export: six-digit code of the municipality whose form it is")
	language := flags.String("language", "ja", "preview: ja, en or easy")
	flags.Usage = func() {
		fmt.Fprintln(out, `portal forms list                           lists the forms that are built in
portal forms check FILE…                    says what is wrong with definitions, line by line, and what to do
portal forms changes BEFORE AFTER           says what is different for somebody who began under the first
portal forms [flags] preview FORM OUT.html  writes a form as it would stand on paper, for review
portal forms export FORM OUT.json           writes a definition as it is published
portal forms --place CODE import FORM       registers a version of a municipality's form, from its valid_from on
portal forms --place CODE export ID OUT.json   writes the version of a municipality's form that holds today
FORM is a file (.yaml as written, .json as published) or the id of one that is built in`)
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	command, rest := flags.Arg(0), flags.Args()
	if len(rest) > 0 {
		rest = rest[1:]
	}
	switch {
	case command == "list" && len(rest) == 0:
		for _, f := range forms.All() {
			fmt.Fprintf(out, "%s %s %s %s\n", f.ID, f.Version, f.Procedure, f.Texts["title"].Ja)
		}
		return nil
	case command == "check" && len(rest) > 0:
		return checkForms(rest, out)
	case command == "changes" && len(rest) == 2:
		return showChanges(rest[0], rest[1], out)
	case command == "import" && len(rest) == 1:
		return importForm(ctx, address, *place, rest[0], out)
	case (command == "preview" || command == "export") && len(rest) == 2:
	default:
		return errors.New(
			"say `portal forms check FILE`, list, changes, preview, export or import; see portal forms --help",
		)
	}
	if !slices.Contains(forms.Languages, *language) {
		return fmt.Errorf("--language is %s, not %q", strings.Join(forms.Languages, ", "), *language)
	}
	var f *form.Form
	var err error
	if command == "export" && *place != "" {
		f, err = formOfPlace(ctx, address, *place, rest[0])
	} else {
		f, err = openForm(rest[0], out)
	}
	if err != nil {
		return err
	}
	if sameFile(rest[0], rest[1]) {
		return fmt.Errorf("%s is the definition itself: name another file to write to", rest[1])
	}
	return writeAside(rest[1], func(to io.Writer) error {
		if command == "preview" {
			return forms.Preview(to, f, *language)
		}
		_, err := to.Write(append(f.Canonical(), '\n'))
		return err
	})
}

// withVersions opens the database that is there.
func withVersions(ctx context.Context, address string, do func(*published.Store) error) error {
	if err := checkDatabase(address); err != nil {
		return err
	}
	store, err := db.Open(ctx, address)
	if err != nil {
		return fmt.Errorf("%w (PORTAL_DATABASE)", err)
	}
	defer store.Close()
	return do(published.NewStore(store, time.Now))
}

func importForm(ctx context.Context, address, place, name string, out io.Writer) error {
	if !catalog.IsPlace(place) {
		return fmt.Errorf("--place %q: %w", place, published.ErrPlace)
	}
	f, err := openForm(name, out)
	if err != nil {
		return err
	}
	return withVersions(ctx, address, func(versions *published.Store) error {
		registered, err := versions.Put(ctx, place, f)
		switch {
		case err != nil:
			return err
		case registered:
			fmt.Fprintf(out, "%s: %s %s を登録しました（%sから）\n", place, f.ID, f.Version, f.ValidFrom)
		default:
			fmt.Fprintf(out, "%s: %s %s はもう登録されています\n", place, f.ID, f.Version)
		}
		return nil
	})
}

func formOfPlace(ctx context.Context, address, place, id string) (found *form.Form, err error) {
	today := clock.Day(time.Now())
	err = withVersions(ctx, address, func(versions *published.Store) error {
		f, ok, err := versions.Holding(ctx, place, id, today)
		if err == nil && !ok {
			err = fmt.Errorf("%s has no form %q that holds today", place, id)
		}
		found = f
		return err
	})
	return found, err
}

func checkForms(files []string, out io.Writer) error {
	bad := false
	for _, file := range files {
		f, err := openForm(file, out)
		if errors.Is(err, errForm) {
			bad = true
			continue
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s: %s %s に誤りはありません\n", file, f.ID, f.Version)
	}
	if bad {
		return errForm
	}
	return nil
}

// openForm reads a form, and says line by line what is wrong with it.
func openForm(name string, out io.Writer) (*form.Form, error) {
	if f, builtIn := forms.ByID(name); builtIn {
		return f, nil
	}
	read := form.Read
	switch ending := filepath.Ext(name); ending {
	case ".json":
	case ".yaml", ".yml":
		read = source.Read
	default:
		return nil, fmt.Errorf(
			"%q is no form that is built in (portal forms list), nor a file ending in .yaml or .json", name,
		)
	}
	data, err := readUpTo(name, form.MaxBytes)
	if err != nil {
		return nil, err
	}
	f, err := read(data)
	if err == nil {
		return f, nil
	}
	var all form.Problems
	if one, ok := errors.AsType[form.Problem](err); ok {
		all = form.Problems{one}
	} else if !errors.As(err, &all) {
		return nil, err
	}
	for _, p := range all {
		fmt.Fprintf(out, "%s %s\n", name, p.Error())
	}
	return nil, errForm
}

// readUpTo reads a file, of one that is too large a byte more than it may have.
func readUpTo(name string, most int64) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, most+1))
	if err != nil {
		return nil, fmt.Errorf("reading the form: %w", err)
	}
	return data, nil
}

var changeWords = map[form.ChangeKind]string{
	form.FieldGone: "項目がなくなりました", form.FieldNew: "新しい項目です", form.KindChanged: "種類が変わりました（書いた答えは移せません）",
	form.OptionGone: "選択肢がなくなりました", form.OptionNew: "選択肢が増えました", form.RuleChanged: "条件や範囲が変わりました",
	form.TextChanged: "文言が変わりました", form.CheckNew: "検査が加わったか変わりました", form.CheckGone: "検査がなくなりました",
	form.SignChanged: "署名の方法が変わりました", form.LawChanged: "根拠が変わりました", form.DueChanged: "期限が変わりました",
}

func showChanges(before, after string, out io.Writer) error {
	from, err := openForm(before, out)
	if err != nil {
		return err
	}
	to, err := openForm(after, out)
	if err != nil {
		return err
	}
	if from.ID != to.ID {
		return fmt.Errorf("%s and %s are two forms, not two versions of one", from.ID, to.ID)
	}
	changes := form.Changes(from, to, nil)
	for _, c := range changes {
		said := []string{c.Field, c.Option, changeWords[c.Kind]}
		fmt.Fprintln(out, strings.Join(slices.DeleteFunc(said, func(s string) bool { return s == "" }), " "))
	}
	if len(changes) == 0 {
		fmt.Fprintln(out, "違いはありません")
	}
	return nil
}
