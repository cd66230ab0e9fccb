package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"madoguchi/backend/store/db"
	"madoguchi/backend/store/keys"
)

const (
	goodEntries = "自治体コード,手続番号,手続名,分類,オンライン申請,本人確認\n131105,A-1,防犯カメラ設置補助,ごみ・環境保全,不可,不要\n"
	badEntries  = "自治体コード,手続番号,手続名,分類,オンライン申請,本人確認\n131105,A-1,防犯カメラ設置補助,宇宙,不可,不要\n"
)

// desk is a folder in which somebody says `portal …`.
type desk struct {
	t        *testing.T
	dir      string
	database string
}

func newDesk(t *testing.T) desk {
	dir := t.TempDir()
	return desk{t, dir, filepath.Join(dir, "portal.sqlite")}
}

func (d desk) file(name, content string) string {
	d.t.Helper()
	path := filepath.Join(d.dir, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		d.t.Fatal(err)
	}
	return path
}

func (d desk) makeDatabase() {
	d.t.Helper()
	store, err := db.Open(d.t.Context(), d.database)
	if err != nil {
		d.t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		d.t.Fatal(err)
	}
}

func (d desk) read(path string) string {
	d.t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		d.t.Fatal(err)
	}
	return string(content)
}

// names lists what lies there.
func (d desk) names() []string {
	d.t.Helper()
	list, err := os.ReadDir(d.dir)
	if err != nil {
		d.t.Fatal(err)
	}
	var names []string
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

type command func(ctx context.Context, args []string, getenv func(string) string, out io.Writer) error

func (d desk) say(ctx context.Context, do command, args ...string) (string, error) {
	var out bytes.Buffer
	err := do(ctx, args, func(name string) string {
		if name == "PORTAL_DATABASE" {
			return d.database
		}
		return ""
	}, &out)
	return out.String(), err
}

func (d desk) procedures(args ...string) (string, error) {
	return d.say(d.t.Context(), tendProcedures, args...)
}

func TestCommandsMakeNoEmptyDatabase(t *testing.T) {
	d := newDesk(t)
	good, bad, empty := d.file("good.csv", goodEntries), d.file("bad.csv", badEntries), d.file("empty.csv", "")
	heading := d.file("heading.csv", "自治体コード,手続番号\n")
	ended := d.file("ended.csv", "自治体コード,手続番号,廃止\n131105,A-1,廃止\n")
	if _, err := keys.Make(d.database+".keys", time.Now); err != nil {
		t.Fatal(err)
	}
	before := d.names()
	for _, c := range []struct {
		do   command
		args []string
	}{
		{tendProcedures, []string{"check", good}},
		{tendProcedures, []string{"export", filepath.Join(d.dir, "out.csv")}}, {tendJobs, nil},
		{tendJobs, []string{"retry", "all"}},
		{tendKeys, []string{"rotate"}}, {tendKeys, []string{"adopt"}},
	} {
		_, err := d.say(t.Context(), c.do, c.args...)
		if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), d.database) {
			t.Errorf("%q without a database: %v", c.args, err)
		}
	}
	for _, file := range []string{bad, empty, heading, ended, d.dir, filepath.Join(d.dir, "none.csv"), d.database} {
		if _, err := d.procedures("import", file); err == nil {
			t.Errorf("%s was imported", file)
		}
	}
	if out, err := d.procedures("headings"); err != nil || !strings.Contains(out, "手続番号") {
		t.Error(out, err)
	}
	if after := d.names(); !slices.Equal(after, before) {
		t.Errorf("there is %q, and was %q", after, before)
	}
	if out, err := d.procedures("import", good); err != nil || !strings.Contains(out, "登録 1件") {
		t.Errorf("the first import: %q, %v", out, err)
	}
}

func TestWhatIsNoDatabaseStaysAsItIs(t *testing.T) {
	d := newDesk(t)
	for name, content := range map[string]string{"empty": "", "notes.txt": "買い物: 牛乳、卵", "entries.csv": goodEntries} {
		d.database = d.file(name, content)
		for _, args := range [][]string{
			{"check", d.file("good.csv", goodEntries)}, {"export", filepath.Join(d.dir, "out.csv")},
			{"import", d.file("good.csv", goodEntries)},
		} {
			if _, err := d.procedures(args...); err == nil || !strings.Contains(err.Error(), d.database) {
				t.Errorf("%s %q: %v", name, args, err)
			}
		}
		if _, err := d.say(t.Context(), tendJobs); err == nil {
			t.Errorf("jobs of %s", name)
		}
		if got := d.read(d.database); got != content {
			t.Errorf("%s holds %q", name, got)
		}
	}
	d.database = d.dir
	if _, err := d.procedures("check", d.file("good.csv", goodEntries)); err == nil {
		t.Error("a directory is a database")
	}
}

func TestExportHarmsNoGoodFile(t *testing.T) {
	d := newDesk(t)
	d.makeDatabase()
	if _, err := keys.Make(d.database+".keys", time.Now); err != nil {
		t.Fatal(err)
	}
	if out, err := d.procedures("import", d.file("good.csv", goodEntries)); err != nil {
		t.Fatal(out, err)
	}
	kept := d.file("kept.csv", "an earlier export")
	before := d.names()

	ended, stop := context.WithCancel(t.Context())
	stop()
	if _, err := d.say(ended, tendProcedures, "export", kept); err == nil {
		t.Error("an export that was interrupted is none")
	}
	if _, err := d.procedures("--place", "999999", "export", kept); err == nil {
		t.Error("an export of no place")
	}
	for _, own := range []string{d.database, d.database + "-wal", d.database + ".keys", d.dir} {
		if _, err := d.procedures("export", own); err == nil {
			t.Errorf("exported to %s", own)
		}
	}
	if d.read(kept) != "an earlier export" || !slices.Equal(d.names(), before) {
		t.Errorf("kept.csv holds %q; there is %q, and was %q", d.read(kept), d.names(), before)
	}

	link := filepath.Join(d.dir, "link.csv")
	if err := os.Symlink(kept, link); err != nil {
		t.Fatal(err)
	}
	if out, err := d.procedures("export", link); err != nil {
		t.Fatal(out, err)
	}
	exported := d.read(kept)
	if !strings.HasPrefix(exported, "\ufeff自治体コード,") || !strings.Contains(exported, "防犯カメラ設置補助") {
		t.Errorf("kept.csv holds %q", exported)
	}
	if info, err := os.Stat(kept); err != nil || info.Mode().Perm() != 0o600 {
		t.Error("the file's mode changed:", info, err)
	}
	if target, err := os.Readlink(link); err != nil || target != kept {
		t.Error("the link is none any more:", target, err)
	}
	if out, err := d.procedures("import", kept); err != nil || !strings.Contains(out, "変更なし 1件") {
		t.Errorf("importing what was exported: %q, %v", out, err)
	}
	if !slices.Equal(d.names(), slices.Sorted(slices.Values(append(before, "link.csv")))) {
		t.Errorf("there is %q", d.names())
	}
}

func TestImportOfWhatIsNoFileOfEntries(t *testing.T) {
	d := newDesk(t)
	d.makeDatabase()
	huge := d.file("huge.csv", "")
	if err := os.Truncate(huge, 1<<30+1); err != nil { // takes no room on the disk
		t.Fatal(err)
	}
	for file, want := range map[string]string{
		d.dir: "is a directory", d.database: "the database itself", huge: "1024 MB",
		d.file("empty.csv", ""): "ファイルが空です", d.file("book.xlsx", "PK\x03\x04"): "Excel",
		d.dir + "/none.csv": "no such file",
	} {
		for _, command := range []string{"import", "check"} {
			if _, err := d.procedures(command, file); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s %s: %v, want %s", command, file, err, want)
			}
		}
	}
	out, err := d.procedures("import", d.file("bad.csv", badEntries))
	if !errors.Is(err, errLines) || !strings.Contains(out, "2行目「分類」") || !strings.Contains(out, "「宇宙」") {
		t.Errorf("%q, %v", out, err)
	}
}
