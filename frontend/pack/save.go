//go:build !js

package pack

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/andybalholm/brotli"
)

// save writes the files with their compressed copies and removes what an earlier run left. A compressed copy whose
// original has a hash in its name is as good as new: the slow compression of the program is done once for each program.
func (p *packer) save() error {
	wanted := map[string]bool{}
	for name, content := range p.files {
		wanted[name] = true
		if err := p.write(name, content); err != nil {
			return err
		}
		if !compressible(name) {
			continue
		}
		// Without the slow compression, a copy that an earlier run made must not outlive its original: the portal would
		// send the service worker of the program before, which then looks in vain for its files.
		keeps := !p.options.Fast || hashed(name)
		wanted[name+".gz"], wanted[name+".br"] = keeps, keeps
		if p.options.Fast {
			continue
		}
		if err := p.compress(name, content); err != nil {
			return err
		}
	}
	return p.removeOthers(wanted)
}

// compressible leaves out pages, into which the portal writes the bridge's addresses, and pictures.
func compressible(name string) bool {
	if strings.HasPrefix(name, "pages/") || name == "routes.json" {
		return false
	}
	switch filepath.Ext(name) {
	case ".wasm", ".js", ".css", ".svg", ".webmanifest":
		return true
	case ".txt":
		return strings.HasPrefix(name, textPrefix)
	}
	return false
}

// hashed says whether a file's name changes with what is in it.
func hashed(name string) bool { return strings.HasPrefix(name, "assets/") }

func (p *packer) compress(name string, content []byte) error {
	fresh := func(ending string) bool {
		_, err := os.Stat(p.path(name + ending))
		return err == nil && hashed(name)
	}
	if !fresh(".gz") {
		var out bytes.Buffer
		w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
		if err != nil {
			return fmt.Errorf("compressing %s: %w", name, err)
		}
		if err := finish(w, content); err != nil {
			return fmt.Errorf("compressing %s: %w", name, err)
		}
		if err := p.write(name+".gz", out.Bytes()); err != nil {
			return err
		}
	}
	if fresh(".br") {
		return nil
	}
	packed, err := squeeze(content)
	if err != nil {
		return fmt.Errorf("compressing %s: %w", name, err)
	}
	return p.write(name+".br", packed)
}

// squeeze makes the smallest brotli there is. The program of that name does it in half the time that Go takes, to the
// same bytes.
func squeeze(content []byte) ([]byte, error) {
	var out bytes.Buffer
	if program, err := exec.LookPath("brotli"); err == nil {
		command := exec.Command(program, "--quality=11", "--lgwin=24", "--stdout", "-")
		command.Stdin, command.Stdout, command.Stderr = bytes.NewReader(content), &out, os.Stderr
		if err := command.Run(); err != nil {
			return nil, fmt.Errorf("running %s: %w", program, err)
		}
		return out.Bytes(), nil
	}
	err := finish(brotli.NewWriterOptions(&out, brotli.WriterOptions{Quality: 11, LGWin: 24}), content)
	return out.Bytes(), err
}

func finish(w interface {
	Write([]byte) (int, error)
	Close() error
}, content []byte) error {
	if _, err := w.Write(content); err != nil {
		return err
	}
	return w.Close()
}

func (p *packer) path(name string) string {
	return filepath.Join(p.options.Out, filepath.FromSlash(name))
}

// write puts a file in place at once, so that a portal that serves the directory never sees half of it.
func (p *packer) write(name string, content []byte) error {
	path := p.path(name)
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, content) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("making the directory of %s: %w", name, err)
	}
	part := path + ".part"
	if err := os.WriteFile(part, content, 0o644); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	if err := os.Rename(part, path); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return nil
}

func (p *packer) removeOthers(wanted map[string]bool) error {
	return filepath.WalkDir(p.options.Out, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(p.options.Out, path)
		if err != nil {
			return err
		}
		if name = filepath.ToSlash(name); wanted[name] || name == ".done" {
			return nil
		}
		return os.Remove(path)
	})
}
