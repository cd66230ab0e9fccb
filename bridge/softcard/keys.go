package softcard

import (
	"crypto/rsa"
	"crypto/x509"
	_ "embed" // the test keys
	"encoding/pem"
	"fmt"
	"sync"
)

// publicTestKeys are known to everybody; see the beginning of the file.
//
//go:embed PUBLIC_TEST_KEYS.pem
var publicTestKeys []byte

// keyBlocks maps the use of a key ("ca auth", "yamada-hanako sign") to its DER.
var keyBlocks = sync.OnceValue(func() map[string][]byte {
	blocks := map[string][]byte{}
	for rest := publicTestKeys; ; {
		var block *pem.Block
		block, rest = pem.Decode(rest)
		if block == nil {
			return blocks
		}
		blocks[block.Headers["Use"]] = block.Bytes
	}
})

var parsedKeys sync.Map // use → *rsa.PrivateKey

// testKey gives one of the embedded keys. It panics when there is none: they are part of the program.
func testKey(use string) *rsa.PrivateKey {
	if key, ok := parsedKeys.Load(use); ok {
		return key.(*rsa.PrivateKey)
	}
	der, ok := keyBlocks()[use]
	if !ok {
		panic(fmt.Sprintf("softcard: no test key for %q", use))
	}
	key, err := x509.ParsePKCS1PrivateKey(der)
	if err != nil {
		panic(fmt.Sprintf("softcard: the test key for %q: %v", use, err))
	}
	parsedKeys.Store(use, key)
	return key
}
