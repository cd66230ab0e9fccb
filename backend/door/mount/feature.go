// Package mount is where features join the portal. A feature says once, in the value of a Feature, what it serves, what
// it does later and all the time, and what it keeps of people; whatever goes through all features (serving, closing a
// folder, telling people what is known of them) goes through these values. It knows no feature, and does not serve.
package mount

import (
	"context"
	"io"
	"net/http"
	"strings"

	"connectrpc.com/connect"

	"madoguchi/backend/door/document"
	"madoguchi/backend/door/paper"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/jobs"
)

// Feature is what joins the portal: a feature, a door, or what else works in it. What does not apply is left out.
type Feature struct {
	Name     string
	Services []Service
	// Entry says that its services lead to a login: what anybody may call of them has limits of its own, and is not
	// counted in the budget that an address has for all else.
	Entry bool
	// Jobs are who does them, by kind; Loops go on beside the requests, each until its context ends.
	Jobs  map[string]jobs.Handler
	Loops map[string]func(context.Context)
	// Documents write pages for readers without the program, Forms answer what is sent from them, by the names in
	// routes.json. Addresses are pages with their queries that a search engine should know besides.
	Documents, Forms map[string]document.Func
	Addresses        []string
	// Answers are for what no RPC can be: files that are sent as they are written, or fetched by other programs. Each
	// stands at an address of its own and is asked by GET or by a form; who is calling stands in the context.
	Answers map[string]http.Handler
	// Public answers what is the same for everybody, whoever asks and from which site, at an address and below it where
	// that ends with a slash. Each says itself for how long it may be kept.
	Public map[string]http.Handler
	// Duties are what offices may be registered for.
	Duties []Duty
	// Export names the tables in which the feature keeps something of people, and tells what stands there of one. Every
	// table with the id of a folder stands in the Export of one feature.
	Export map[string]Tell
	// Takeaways are what of that a person can take along by itself, by name.
	Takeaways map[string]Takeaway
	// Files gives the files of a person that the feature keeps, one at a time, under names that begin with a word of
	// its own: they are taken along beside what Export tells. Nil when it keeps none.
	Files func(
		ctx context.Context, q *db.Queries, folderID string, each func(name string, content io.Reader) error,
	) error
	// Erase removes what the feature keeps of a person whose folder is closed, save what goes with the folder's row by
	// itself (ON DELETE CASCADE); nil when everything does. It is called in the transaction that closes; after, which
	// may be nil, is called when that stands.
	Erase func(ctx context.Context, q *db.Queries, folderID string) (after func(context.Context), err error)
}

// Duty is something that an office may be registered for.
type Duty struct {
	Name string
	// National: no municipality is registered for it. Prefectures: a prefecture may be.
	National, Prefectures bool
}

// The contracts, by the package of their services.
const (
	People  = "portal.v1" // what people's pages call
	Offices = "office.v1" // what offices call
)

// Service is a service of a contract, with whoever answers its calls.
type Service struct {
	Name string // "portal.v1.NoticeService"
	// Handler makes what answers.
	Handler func(options ...connect.HandlerOption) http.Handler
}

// Serve has a service answered: mount.Serve(portalv1connect.NewNoticeServiceHandler)(service). Two calls, as Go does
// not find out by itself which interface the service stands for.
func Serve[S any](handler func(S, ...connect.HandlerOption) (path string, h http.Handler)) func(service S) Service {
	return func(service S) Service {
		path, _ := handler(service)
		return Service{Name: strings.Trim(path, "/"), Handler: func(options ...connect.HandlerOption) http.Handler {
			_, h := handler(service, options...)
			return h
		}}
	}
}

// Path is where the service's calls go.
func (s Service) Path() string { return "/" + s.Name + "/" }

// Contract is the contract that the service stands in.
func (s Service) Contract() string { return s.Name[:max(0, strings.LastIndexByte(s.Name, '.'))] }

// Tell tells what a table holds of a person, in what encoding/json can write: nothing that opens a door, such as a
// token's hash.
type Tell func(ctx context.Context, q *db.Queries, folderID string) (any, error)

// Takeaway writes a part of what a table holds of a person, for its reader, in a language: the title, and what stands
// below it. The choice is in the feature's own words: a year.
type Takeaway func(
	ctx context.Context, q *db.Queries, folderID, choice, language string,
) (title string, section paper.Section, err error)

// Rows tells the rows of a query: mount.Rows((*db.Queries).NoticesOfFolder).
func Rows[R any](query func(*db.Queries, context.Context, string) (R, error)) Tell {
	return func(ctx context.Context, q *db.Queries, folderID string) (any, error) { return query(q, ctx, folderID) }
}
