package rpc

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	"madoguchi/frontend/reach/vault"
	"madoguchi/proto/edition"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1web"
	"madoguchi/proto/wire"
	"madoguchi/proto/wire/bare"
)

// This file is gRPC-Web (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md) as far as a page speaks it:
// unary calls and server streams, binary, compressed answers. It is here because connect-go brings net/http and a
// compiled copy of itself for every call, which is a quarter of a page's weight.

const (
	flagCompressed = 0x01
	flagTrailer    = 0x80
	// longest is the size of a message, in bytes, above which an answer is not believed.
	longest = 16 << 20
	// errorInfo is the type of the detail that the portal sends with its errors.
	errorInfo = "portal.v1.ErrorInfo"
)

// sender sends one request by POST. The context cancels it, also while the answer's body is read.
type sender interface {
	send(ctx context.Context, address string, headers map[string]string, body []byte) (answer, error)
	// compressions says which compressions of messages inflate undoes, as grpc-accept-encoding has them; "" is none.
	compressions() string
	inflate(ctx context.Context, data []byte) ([]byte, error)
}

// answer is what a sender brings back: the status, the header by lower-case names, and the body as it comes in.
type answer struct {
	status int
	header func(name string) string
	body   io.ReadCloser
}

// caller carries the calls of the generated clients.
type caller struct {
	sender sender
	origin string
	acts   *acts
	time   *portalTime
}

// Call makes a unary call; patiently, as patient says.
func (c caller) Call(
	ctx context.Context, procedure string, again portalv1web.Repeat, request, response wire.Message,
) error {
	message, err := encode(request)
	if err != nil {
		return err
	}
	kept, keeps := keepOf(procedure)
	era, wipes, turn := vault.Era(), vault.Wipes(vault.Kind(kept.Kind)), Turn()
	key := ""
	if again == portalv1web.RepeatByKey || again == portalv1web.RepeatLater {
		key = c.acts.begin(procedure, message)
	}
	if keeps && ctx.Value(only{}) != nil {
		return fromKept(ctx, kept, &Error{Code: CodeUnavailable, Text: "the portal is not asked"}, message, response)
	}
	send := func(ctx context.Context) error {
		return patient(ctx, again != portalv1web.RepeatNever, func(ctx context.Context) error {
			return c.once(ctx, procedure, key, message, response)
		})
	}
	if through := keeper(); again == portalv1web.RepeatLater && through != nil {
		err = through(ctx, Write{Procedure: procedure, Key: key, Request: message}, send)
	} else {
		err = send(ctx)
	}
	if key != "" && (err == nil || Info(err) != nil || Kept(err)) {
		c.acts.settle(key)
	}
	switch {
	case !keeps:
		return err
	case err != nil:
		return fromKept(ctx, kept, err, message, response)
	}
	// What was asked for before does not bring back what was taken away.
	if vault.Wipes(vault.Kind(kept.Kind)) == wipes {
		keep(ctx, kept, era, turn, message, response)
	}
	return nil
}

// once makes a unary call a single time.
func (c caller) once(ctx context.Context, procedure, key string, message []byte, response wire.Message) error {
	return c.exchange(ctx, procedure, map[string]string{keyHeader: key}, message, func(answer []byte) error {
		return read(answer, response)
	})
}

// exchange makes a unary call a single time and has the answer taken as it came. Empty headers are left out.
func (c caller) exchange(
	ctx context.Context, procedure string, headers map[string]string, message []byte, take func(answer []byte) error,
) error {
	r, err := c.open(ctx, procedure, headers, message)
	if err != nil {
		return err
	}
	defer r.Close()
	answer, err := r.next()
	if errors.Is(err, io.EOF) {
		return &Error{Code: CodeInternal, Text: "an answer without a message"}
	}
	if err != nil {
		return err
	}
	if err := take(answer); err != nil {
		return err
	}
	switch _, err := r.next(); {
	case errors.Is(err, io.EOF):
		return nil
	case err == nil:
		return &Error{Code: CodeInternal, Text: "an answer with a second message"}
	default:
		return err
	}
}

// Open begins a server stream. It has no time limit but its context's.
func (c caller) Open(ctx context.Context, procedure string, request wire.Message) (portalv1web.Receiver, error) {
	message, err := encode(request)
	if err != nil {
		return nil, err
	}
	r, err := c.open(ctx, procedure, nil, message)
	if err != nil {
		return nil, err
	}
	return r, nil
}

func encode(request wire.Message) ([]byte, error) {
	message, err := wire.Marshal(request)
	if err != nil {
		return nil, &Error{Code: CodeInternal, Text: "writing the request", cause: err}
	}
	return message, nil
}

func read(data []byte, message wire.Message) error {
	if err := wire.Unmarshal(data, message); err != nil {
		return &Error{Code: CodeInternal, Text: "reading the answer", cause: err}
	}
	return nil
}

func (c caller) open(
	ctx context.Context, procedure string, more map[string]string, message []byte,
) (*receiver, error) {
	headers := map[string]string{
		"content-type": "application/grpc-web+proto", "x-grpc-web": "1", edition.Header: strconv.Itoa(edition.Now),
	}
	if accepted := c.sender.compressions(); accepted != "" {
		headers["grpc-accept-encoding"] = accepted
	}
	if ctx.Value(byItself{}) != nil {
		headers["x-unattended"] = "1"
	}
	if name := Owner(ctx); name != "" {
		headers[ownerHeader] = name
	}
	for name, value := range more {
		if value != "" {
			headers[name] = value
		}
	}
	if end, bounded := ctx.Deadline(); bounded {
		headers["grpc-timeout"] = strconv.FormatInt(max(0, time.Until(end).Milliseconds()), 10) + "m"
	}
	body := binary.BigEndian.AppendUint32(make([]byte, 1, 5+len(message)), uint32(len(message)))
	a, err := c.sender.send(ctx, c.origin+procedure, headers, append(body, message...))
	if err != nil {
		return nil, lost(ctx, err)
	}
	c.time.hear(a.header("date"))
	r := &receiver{ctx: ctx, sender: c.sender, body: a.body}
	if a.status != 200 {
		r.Close()
		return nil, &Error{Code: codeOfStatus(a.status), Text: "HTTP " + strconv.Itoa(a.status)}
	}
	if kind := a.header("content-type"); !strings.HasPrefix(kind, "application/grpc-web") {
		r.Close()
		return nil, &Error{Code: CodeUnknown, Text: fmt.Sprintf("an answer of type %q", kind)}
	}
	if status := a.header("grpc-status"); status != "" { // an answer of trailers alone
		r.Close()
		if err := outcome(a.header); err != nil {
			return nil, err
		}
		r.ended = true
	}
	return r, nil
}

// receiver reads the frames of an answer.
type receiver struct {
	ctx    context.Context
	sender sender
	body   io.ReadCloser
	ended  bool
}

// Receive fills message with the next one; io.EOF is the end that the portal announced.
func (r *receiver) Receive(message wire.Message) error {
	data, err := r.next()
	if err != nil {
		return err
	}
	return read(data, message)
}

// next is the next message as it came; io.EOF is the end that the portal announced.
func (r *receiver) next() ([]byte, error) {
	if r.ended {
		return nil, io.EOF
	}
	var head [5]byte
	if _, err := io.ReadFull(r.body, head[:]); err != nil {
		return nil, lost(r.ctx, err)
	}
	size := binary.BigEndian.Uint32(head[1:])
	if size > longest {
		return nil, &Error{Code: CodeResourceExhausted, Text: fmt.Sprintf("a message of %d bytes", size)}
	}
	data := make([]byte, size)
	if _, err := io.ReadFull(r.body, data); err != nil {
		return nil, lost(r.ctx, err)
	}
	if head[0]&flagCompressed != 0 {
		var err error
		if data, err = r.sender.inflate(r.ctx, data); err != nil {
			return nil, &Error{Code: CodeInternal, Text: "unpacking the answer", cause: err}
		}
	}
	if head[0]&flagTrailer != 0 {
		r.ended = true
		if err := outcome(trailer(data)); err != nil {
			return nil, err
		}
		return nil, io.EOF
	}
	return data, nil
}

// Close lets go of the answer, read or not.
func (r *receiver) Close() error { return r.body.Close() }

// lost is the error for an answer that did not come or broke off.
func lost(ctx context.Context, err error) error {
	switch cause := ctx.Err(); {
	case errors.Is(cause, context.DeadlineExceeded) || errors.Is(err, context.DeadlineExceeded):
		return &Error{Code: CodeDeadlineExceeded, Text: "no answer in time", cause: context.DeadlineExceeded}
	case cause != nil || errors.Is(err, context.Canceled):
		return &Error{Code: CodeCanceled, Text: "called off", cause: context.Canceled}
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF // io.EOF is for the end that the portal announced
	}
	return &Error{Code: CodeUnavailable, Text: "the portal was not reached", cause: err}
}

// trailer reads lines as of an HTTP/1 header.
func trailer(data []byte) func(name string) string {
	values := map[string]string{}
	for line := range strings.SplitSeq(string(data), "\n") {
		if name, value, ok := strings.Cut(line, ":"); ok {
			values[strings.ToLower(strings.TrimSpace(name))] = strings.TrimSpace(value)
		}
	}
	return func(name string) string { return values[name] }
}

// outcome is the error that the fields tell of; nil when the call went well.
func outcome(field func(name string) string) error {
	code, err := strconv.ParseUint(field("grpc-status"), 10, 8)
	if err != nil {
		return &Error{Code: CodeInternal, Text: fmt.Sprintf("an answer with the status %q", field("grpc-status"))}
	}
	if code == 0 {
		return nil
	}
	text, err := url.PathUnescape(field("grpc-message"))
	if err != nil {
		text = field("grpc-message")
	}
	return &Error{Code: Code(code), Text: text, Info: details(field("grpc-status-details-bin"))}
}

// details finds the portal's own detail in a google.rpc.Status in base64; nil when there is none or it makes no sense.
func details(encoded string) (info *portalv1.ErrorInfo) {
	status, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(encoded, "="))
	if err != nil {
		return nil
	}
	told := &rpcStatus{}
	if bare.Unmarshal(status, told) != nil {
		return nil
	}
	for _, detail := range told.Details {
		if detail.TypeURL[strings.LastIndexByte(detail.TypeURL, '/')+1:] != errorInfo {
			continue
		}
		found := &portalv1.ErrorInfo{}
		if wire.Unmarshal(detail.Value, found) == nil {
			info = found
		}
	}
	return info
}

// rpcStatus is google.rpc.Status.
type rpcStatus struct {
	Details []*rpcDetail `wire:"3"`
}

func (*rpcStatus) Wire() (string, []any) { return "google.rpc.Status", nil }

// rpcDetail is google.protobuf.Any.
type rpcDetail struct {
	TypeURL string `wire:"1"`
	Value   []byte `wire:"2"`
}

func (*rpcDetail) Wire() (string, []any) { return "google.protobuf.Any", nil }
