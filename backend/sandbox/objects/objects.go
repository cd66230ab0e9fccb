// Package objects plays a store of objects on the network, in which portals on several machines keep what they share:
// it takes an object only in exchange for the one of an ETag (If-Match), or for none (If-None-Match: *), and only of
// who has its token.
package objects

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"madoguchi/backend/sandbox/file"
	"madoguchi/backend/sandbox/part"
	"madoguchi/backend/sandbox/room"
)

func init() { room.Register(room.Room{Name: "objects", Prepare: prepare, Open: open}) }

const (
	tokenFile = "objects.token"
	root      = "/objects/"
	maxObject = 1 << 20
)

// prepare makes the token that the portal is to send; one that is there stays.
func prepare(dir string, _ time.Time) error {
	path := filepath.Join(dir, tokenFile)
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	return file.Replace(path, []byte(rand.Text()+"\n"), 0o600)
}

func open(ground room.Ground) (room.Work, error) {
	p, err := ground.World.Add("objects", "共有の置き場", "記録簿を置くところ（If-Match のあるオブジェクトストア）")
	if err != nil {
		return room.Work{}, err
	}
	token, err := os.ReadFile(filepath.Join(ground.State, tokenFile))
	if err != nil {
		return room.Work{}, fmt.Errorf("reading the token of the store of objects: %w", err)
	}
	s := &Store{Dir: filepath.Join(ground.State, "objects"), Token: strings.TrimSpace(string(token))}
	return room.Work{
		Served:   map[string]http.Handler{root: http.StripPrefix(root, part.Handler(p, s, part.WrongAnswers()))},
		Programs: []string{root},
	}, nil
}

// Store keeps objects in the files of a folder.
type Store struct {
	Dir, Token string

	lock sync.Mutex
}

func etag(data []byte) string { return fmt.Sprintf("%q", fmt.Sprintf("%x", sha256.Sum256(data))) }

func (s *Store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	sent := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if subtle.ConstantTimeCompare([]byte(sent), []byte(s.Token)) != 1 {
		w.Header().Set("WWW-Authenticate", "Bearer")
		http.Error(w, "who are you?", http.StatusUnauthorized)
		return
	}
	name := path.Clean("/" + r.URL.Path)
	if name == "/" || strings.Contains(name, "/.") {
		http.NotFound(w, r)
		return
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	at := filepath.Join(s.Dir, filepath.FromSlash(name))
	data, err := os.ReadFile(at + objectEnding)
	there := err == nil
	if err != nil && !errors.Is(err, fs.ErrNotExist) && r.Method != http.MethodDelete {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	switch r.Method {
	case http.MethodGet:
		if !there {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("ETag", etag(data))
		_, _ = w.Write(data)
	case http.MethodPut:
		s.put(w, r, at, data, there)
	case http.MethodDelete: // with all below it
		if err := errors.Join(os.RemoveAll(at), remove(at+objectEnding)); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	default:
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

// objectEnding tells objects from the folders of those below them.
const objectEnding = ".object"

func remove(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (s *Store) put(w http.ResponseWriter, r *http.Request, at string, before []byte, there bool) {
	match, none := r.Header.Get("If-Match"), r.Header.Get("If-None-Match")
	if match != "" && (!there || match != etag(before)) || none == "*" && there {
		w.WriteHeader(http.StatusPreconditionFailed)
		return
	}
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxObject))
	if err != nil {
		http.Error(w, "an object is of 1 MiB at most", http.StatusRequestEntityTooLarge)
		return
	}
	err = os.MkdirAll(filepath.Dir(at), 0o700)
	if err == nil {
		err = file.Replace(at+objectEnding, data, 0o600)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("ETag", etag(data))
	w.WriteHeader(http.StatusCreated)
}
