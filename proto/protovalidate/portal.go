//go:build !js

package protovalidate

import _ "buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate" // its descriptors
