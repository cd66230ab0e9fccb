package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"sync"

	"github.com/andybalholm/brotli"
)

// A page that is written for one reader is compressed while that one waits, so cheaply.
const (
	brotliQuick = 2
	gzipQuick   = 2
)

// packer is a writer that can be used again: its tables are larger than what it packs.
type packer interface {
	io.WriteCloser
	Reset(into io.Writer)
}

var packers = map[string]*sync.Pool{
	"br": {New: func() any { return brotli.NewWriterLevel(nil, brotliQuick) }},
	"gzip": {New: func() any {
		w, err := gzip.NewWriterLevel(nil, gzipQuick)
		if err != nil {
			panic(err) // the level is a constant
		}
		return w
	}},
}

// compress packs a page in one of the encodings of packers.
func compress(plain []byte, encoding string) []byte {
	pool := packers[encoding]
	w := pool.Get().(packer)
	defer pool.Put(w)
	var b bytes.Buffer
	w.Reset(&b)
	_, _ = w.Write(plain) // into memory
	_ = w.Close()
	return b.Bytes()
}
