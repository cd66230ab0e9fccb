// Package ruletest is for the tests of services: it lets them be called as the portal does.
package ruletest

import (
	"context"
	"sync"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"madoguchi/backend/door/rule"
)

// Call calls a method of a service, unless a field of the request breaks a rule: then it is the door's error, and the
// service sees nothing.
func Call[Q proto.Message, A any](
	ctx context.Context, serve func(context.Context, Q) (A, error), request Q,
) (A, error) {
	var none A
	rules, err := of(request.ProtoReflect().Descriptor())
	if err != nil {
		return none, err
	}
	if err := rules.Check(ctx, request); err != nil {
		return none, err
	}
	return serve(ctx, request)
}

// read keeps the rules of each request: reading them takes longer than most calls.
var read sync.Map

func of(request protoreflect.MessageDescriptor) (*rule.Rules, error) {
	if known, ok := read.Load(request.FullName()); ok {
		return known.(*rule.Rules), nil
	}
	rules, err := rule.OfRequests(request)
	if err == nil {
		read.Store(request.FullName(), rules)
	}
	return rules, err
}
