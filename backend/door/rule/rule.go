// Package rule refuses requests that break a rule on one of their fields (rule/v1/rule.proto), before a service sees
// them: the first field at fault is named, with a reason that the page turns into words. What holds between several
// fields, or depends on what is stored, is the service's to say.
package rule

import (
	"context"
	"fmt"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"madoguchi/backend/door/access"
	"madoguchi/backend/japan/catalog"
	"madoguchi/backend/japan/municipality"
	"madoguchi/proto/rule/field"
)

// Rules are those on the fields of some requests.
type Rules struct{ fields *field.Rules }

// Of reads the rules of all that the named services ("portal.v1.NoticeService") are sent. One that makes no sense is an
// error: a server must not start with it.
func Of(services ...string) (*Rules, error) {
	var requests []protoreflect.MessageDescriptor
	for _, name := range services {
		found, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(name))
		if err != nil {
			return nil, fmt.Errorf("looking for the service %s: %w", name, err)
		}
		service, ok := found.(protoreflect.ServiceDescriptor)
		if !ok {
			return nil, fmt.Errorf("%s is no service", name)
		}
		for i := range service.Methods().Len() {
			requests = append(requests, service.Methods().Get(i).Input())
		}
	}
	return OfRequests(requests...)
}

// OfRequests reads the rules of some requests.
func OfRequests(requests ...protoreflect.MessageDescriptor) (*Rules, error) {
	isMunicipality := func(code string) bool {
		_, ok := municipality.ByCode(code)
		return ok
	}
	fields, err := field.New(field.Places{IsMunicipality: isMunicipality, IsPlace: catalog.IsPlace}, requests...)
	if err != nil {
		return nil, err
	}
	return &Rules{fields}, nil
}

// Check is the error of the first field that breaks a rule; nil when none does.
func (r *Rules) Check(ctx context.Context, request proto.Message) error {
	faults, err := r.fields.Faults(request)
	if err != nil {
		return access.Internal(ctx, err)
	}
	if len(faults) == 0 {
		return nil
	}
	first := faults[0]
	if first.TooLong() {
		return access.TooLong(ctx, first.Path, first.Err)
	}
	return access.Invalid(ctx, first.Path, first.Err)
}

// Interceptor checks every request. It belongs behind the one of backend/door/access: who may not call learns nothing
// of the rules.
func (r *Rules) Interceptor() connect.Interceptor { return interceptor{r} }

type interceptor struct{ rules *Rules }

func (i interceptor) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, request connect.AnyRequest) (connect.AnyResponse, error) {
		if message, ok := request.Any().(proto.Message); ok {
			if err := i.rules.Check(ctx, message); err != nil {
				return nil, err
			}
		}
		return next(ctx, request)
	}
}

func (i interceptor) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return func(ctx context.Context, conn connect.StreamingHandlerConn) error {
		return next(ctx, checked{conn, ctx, i.rules})
	}
}

func (i interceptor) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return next
}

// checked is a stream whose messages are checked as they come.
type checked struct {
	connect.StreamingHandlerConn
	ctx   context.Context // Receive is given none
	rules *Rules
}

func (c checked) Receive(message any) error {
	if err := c.StreamingHandlerConn.Receive(message); err != nil {
		return err
	}
	if request, ok := message.(proto.Message); ok {
		return c.rules.Check(c.ctx, request)
	}
	return nil
}
