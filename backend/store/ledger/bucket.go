package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"time"
)

// bucket is a Place in a store of objects that is spoken to by HTTP, and that takes an object only if it replaces the
// one of an ETag (If-Match), or none (If-None-Match: *): for portals on several machines.
type bucket struct {
	base   string
	client *http.Client
	token  string
	public bool // it is only read, and tells no versions
}

const (
	bucketPatience = 15 * time.Second
	maxObject      = 1 << 20
)

// NewBucket gives the place below an address. The token is sent with each request (RFC 6750), unless it is "".
func NewBucket(base, token string) Place {
	// Another place is not followed to: it would be sent the token, or be taken for this one.
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return bucket{
		base: strings.TrimSuffix(base, "/") + "/", token: token,
		client: &http.Client{Timeout: bucketPatience, CheckRedirect: stay},
	}
}

// NewPublic gives a log as a portal shows it to everybody, to be read: below …/log.
func NewPublic(base string) Place {
	return bucket{
		base: strings.TrimSuffix(base, "/") + "/", client: &http.Client{Timeout: bucketPatience}, public: true,
	}
}

func (b bucket) do(
	ctx context.Context, method, name string, data []byte, header, value string,
) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, b.base+name, bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	if header != "" {
		request.Header.Set(header, value)
	}
	if b.token != "" {
		request.Header.Set("Authorization", "Bearer "+b.token)
	}
	return b.client.Do(request)
}

func (b bucket) Read(ctx context.Context, name string) ([]byte, string, error) {
	answer, err := b.do(ctx, http.MethodGet, name, nil, "", "")
	if err != nil {
		return nil, "", fmt.Errorf("reading %s of the log: %w", name, err)
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusNotFound {
		return nil, "", fmt.Errorf("reading %s of the log: %w", name, fs.ErrNotExist)
	}
	data, err := io.ReadAll(io.LimitReader(answer.Body, maxObject+1))
	version := answer.Header.Get("ETag")
	switch {
	case err != nil:
		return nil, "", fmt.Errorf("reading %s of the log: %w", name, err)
	case answer.StatusCode != http.StatusOK || version == "" && !b.public || len(data) > maxObject:
		return nil, "", fmt.Errorf("reading %s of the log: %s, ETag %q", name, answer.Status, version)
	}
	return data, version, nil
}

func (b bucket) Get(ctx context.Context, name string) ([]byte, error) {
	data, _, err := b.Read(ctx, name)
	return data, err
}

// ReadPart and WritePart: such a store is asked for the tile itself.
func (b bucket) ReadPart(context.Context, string, []byte, int64) error { return errors.ErrUnsupported }

func (b bucket) WritePart(context.Context, string, []byte, int64) error { return errors.ErrUnsupported }

func (b bucket) Write(ctx context.Context, name string, data []byte) error {
	_, err := b.put(ctx, name, data, "", "")
	return err
}

func (b bucket) Swap(ctx context.Context, name string, data []byte, version string) (string, error) {
	if version == "" {
		return b.put(ctx, name, data, "If-None-Match", "*")
	}
	return b.put(ctx, name, data, "If-Match", version)
}

func (b bucket) put(ctx context.Context, name string, data []byte, header, value string) (string, error) {
	answer, err := b.do(ctx, http.MethodPut, name, data, header, value)
	if err != nil {
		return "", fmt.Errorf("writing %s of the log: %w", name, err)
	}
	defer answer.Body.Close()
	switch answer.StatusCode {
	case http.StatusOK, http.StatusCreated, http.StatusNoContent:
		return answer.Header.Get("ETag"), nil
	case http.StatusPreconditionFailed, http.StatusConflict:
		return "", fmt.Errorf("writing %s of the log: %w", name, ErrSwapped)
	}
	return "", fmt.Errorf("writing %s of the log: %s", name, answer.Status)
}

func (b bucket) Remove(ctx context.Context, name string) error {
	answer, err := b.do(ctx, http.MethodDelete, name, nil, "", "")
	if err != nil {
		return fmt.Errorf("removing %s of the log: %w", name, err)
	}
	answer.Body.Close()
	return nil // what is left there takes room, and nothing else
}
