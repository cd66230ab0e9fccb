package web

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"sync"
)

// releases are the files of the releases before and after this one, as an open page of theirs may still want them: the
// texts of a language that it has not shown yet, or all of them where another portal answered with its document. They
// are looked for when they are wanted, so that a release may be put beside a running portal. What was read once stays.
type releases struct {
	dir string

	mu   sync.Mutex
	read map[string]*content // by the name of the file
}

// assetName has a hash in it, so that there is one such file, in whichever release it is found.
var assetName = regexp.MustCompile(`^[A-Za-z0-9_-]+\.[0-9a-f]{16}\.[a-z]+$`)

// asset is the file of an address that was read before. Else name is what look may find; "" when the address names
// none.
func (r *releases) asset(address string) (c *content, name string) {
	folder, name := path.Split(address)
	if path.Base(folder)+"/" != assetFolder || !assetName.MatchString(name) {
		return nil, ""
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.read[name], name
}

// look reads a file from the folders; nil when no release has it. Nobody waits for it but who asks.
func (r *releases) look(name string) *content {
	// The pattern is ours, and a folder that cannot be read holds nothing for anybody.
	found, err := filepath.Glob(filepath.Join(r.dir, "*", assetFolder, name))
	if err != nil || len(found) == 0 {
		return nil
	}
	plain, err := os.ReadFile(found[0])
	if err != nil {
		return nil
	}
	c := &content{mediaType: mediaTypeOf(filepath.Ext(name)), caching: forever, plain: plain}
	c.finish(readIfThere(found[0]+".br"), readIfThere(found[0]+".gz"))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.read[name] = c
	return c
}
