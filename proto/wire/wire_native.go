//go:build !js

package wire

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
)

// Message is a message of the contract.
type Message = proto.Message

// FieldMask is google.protobuf.FieldMask.
type FieldMask = fieldmaskpb.FieldMask

// Name is the full name of a message, "portal.v1.Notice".
func Name(m Message) string { return string(proto.MessageName(m)) }

// Marshal writes a message, the same one always in the same way.
func Marshal(m Message) ([]byte, error) { return proto.MarshalOptions{Deterministic: true}.Marshal(m) }

// Unmarshal fills a message with what was written. When it fails, the message is empty.
func Unmarshal(b []byte, m Message) error {
	if err := proto.Unmarshal(b, m); err != nil {
		proto.Reset(m)
		return err
	}
	return nil
}

// Clone is a copy of a message that shares nothing with it.
func Clone[M Message](m M) M { return proto.CloneOf(m) }
