package wire

import "madoguchi/proto/wire/bare"

// Message is a message of the contract.
type Message = bare.Message

// FieldMask is google.protobuf.FieldMask.
type FieldMask = bare.FieldMask

// Name is the full name of a message, "portal.v1.Notice".
func Name(m Message) string { return bare.Name(m) }

// Marshal writes a message, the same one always in the same way.
func Marshal(m Message) ([]byte, error) { return bare.Marshal(m) }

// Unmarshal fills a message with what was written. When it fails, the message is empty.
func Unmarshal(b []byte, m Message) error { return bare.Unmarshal(b, m) }

// Clone is a copy of a message that shares nothing with it.
func Clone[M Message](m M) M { return bare.Clone(m) }
