package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"connectrpc.com/connect"
	"connectrpc.com/grpchealth"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/edition"
	"madoguchi/backend/door/limit"
	"madoguchi/backend/door/live"
	"madoguchi/backend/door/mount"
	"madoguchi/backend/door/office"
	"madoguchi/backend/door/operator"
	"madoguchi/backend/door/rule"
	"madoguchi/backend/door/session"
	"madoguchi/backend/door/web"
	"madoguchi/backend/feature/account"
	"madoguchi/backend/feature/application"
	"madoguchi/backend/feature/device"
	"madoguchi/backend/feature/draft"
	"madoguchi/backend/feature/exchange"
	"madoguchi/backend/feature/guide"
	"madoguchi/backend/feature/inquiry"
	ledgers "madoguchi/backend/feature/ledger"
	"madoguchi/backend/feature/login"
	"madoguchi/backend/feature/myinfo"
	"madoguchi/backend/feature/news"
	"madoguchi/backend/feature/notice"
	"madoguchi/backend/feature/procedure"
	"madoguchi/backend/feature/procedure/entry"
	"madoguchi/backend/feature/takeaway"
	"madoguchi/backend/feature/usage"
	"madoguchi/backend/outside/clamd"
	"madoguchi/backend/outside/jlis"
	"madoguchi/backend/outside/mail"
	"madoguchi/backend/outside/stamp"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/jobs"
	"madoguchi/backend/store/keys"
	"madoguchi/backend/store/ledger"
	"madoguchi/backend/store/once"
	"madoguchi/backend/store/seal"
	"madoguchi/backend/store/signing"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// portal is the whole of it, built and not yet running.
type portal struct {
	config      config
	house       *mount.House
	db          *db.DB
	keys        *keys.File
	folders     *seal.Folders
	log         *ledger.Log
	runner      *jobs.Runner
	live        *live.Hub
	sessions    *session.Store
	offices     *office.Gateway
	procedures  *procedure.Catalog
	takeaway    *takeaway.Service
	front, back *http.Server
}

// build opens the store and puts the parts together. A setting that is missing or wrong is an error here, before
// anything is served.
func build(ctx context.Context, c config) (_ *portal, err error) {
	s, err := c.read()
	if err != nil {
		return nil, err
	}
	store, err := db.Own(ctx, c.database)
	if err != nil {
		return nil, fmt.Errorf("%w (PORTAL_DATABASE)", err)
	}
	defer func() {
		if err != nil {
			store.Close()
		}
	}()
	p := &portal{
		config: c, db: store, runner: jobs.New(store), live: live.New(store),
		sessions:   session.New(store, c.session, time.Now),
		offices:    office.NewGateway(store),
		procedures: procedure.NewCatalog(entry.NewStore(store, time.Now), time.Now, c.indexFile()),
	}
	if err := login.NameIssuers(ctx, store, s.authorities); err != nil {
		return nil, fmt.Errorf("%w (PORTAL_JPKI_CA)", err)
	}
	if p.keys, err = openKeys(ctx, c.keys, c.database, store); err != nil {
		return nil, err
	}
	if p.folders, err = openFolderKeys(ctx, c.folderKeys, p.keys, store); err != nil {
		return nil, err
	}
	if p.log, err = openLog(ctx, c, p.keys, store); err != nil {
		return nil, err
	}
	p.takeaway = p.takesAway(s)
	if err := p.mount(s); err != nil {
		return nil, err
	}
	registry, err := office.ReadRegistry(c.offices, p.house.Duties())
	if err != nil {
		return nil, fmt.Errorf("%w (PORTAL_OFFICES)", err)
	}
	if err := p.offices.Load(ctx, registry); err != nil {
		return nil, err
	}
	if p.front, err = p.frontDoor(s); err != nil {
		return nil, err
	}
	if p.back, err = p.officesDoor(s.pair); err != nil {
		return nil, err
	}
	return p, nil
}

// mount lists what the portal is made of. What a feature needs of another is given to it here.
func (p *portal) mount(s settings) error {
	cas := s.authorities
	authority, err := jlis.New(jlis.Config{Base: p.config.jlis, CAs: cas, DB: p.db, MaxAge: p.config.revocationAge})
	if err != nil {
		return fmt.Errorf("%w (PORTAL_JLIS, PORTAL_JPKI_CA, PORTAL_REVOCATION_AGE)", err)
	}
	sender, err := mail.NewSender(p.config.smtp, p.config.mailFrom, p.config.origin)
	if err != nil {
		return fmt.Errorf("%w (PORTAL_SMTP, PORTAL_MAIL_FROM)", err)
	}
	told, err := news.New(p.config.news, time.Now)
	if err != nil {
		return fmt.Errorf("%w (PORTAL_NEWS)", err)
	}
	h := &mount.House{DB: p.db, Keys: p.keys, Wake: p.runner.Wake, Origin: p.config.origin, Now: time.Now}
	p.house = h
	inquiries := inquiry.New(p.db, time.Now)
	drafts, applications, err := p.applications(s, authority)
	if err != nil {
		return err
	}
	p.live.Ended = p.sessions.Look
	err = h.Mount(
		p.works(authority),
		mount.Feature{Name: "mail", Jobs: map[string]jobs.Handler{mail.JobKind: sender.Job(p.db)}},
		p.sessions.Feature(),
		p.live.Feature(),
		// Before the offices' door, which forgets at the closing of a folder whose the identifiers were.
		myinfo.Feature(h, myinfo.Needs{
			LoggedIn: p.sessions.LoggedIn, Notice: notice.Answered, Exchanged: exchanged,
			File: p.takeaway.Pack,
		}),
		exchange.Feature(h, exchange.Needs{Log: p.log, Protected: protected, Around: notice.Around},
			&exchange.Files{Fonts: s.fonts, Origin: p.config.origin, Pack: p.takeaway.Pack}),
		office.Feature(h, office.Needs{Within: p.config.introduceWithin, Ask: authority.Introductions}),
		login.Feature(h, login.Config{
			Sessions: p.sessions, JLIS: authority, CAs: cas, Stopped: device.CardStopped(p.db), Countries: s.countries,
			Device: device.Known,
		}),
		account.Feature(h, account.Config{Mail: sender, Ended: p.sessions.Look}),
		notice.Feature(h, p.live),
		procedure.Feature(h, p.procedures, procedure.Needs{Hints: guide.Hints, Form: drafts.FormFor}),
		guide.Feature(h, p.procedures),
		device.Feature(h),
		news.Feature(told),
		takeaway.Feature(h, p.takeaway),
		inquiry.Feature(h, inquiries),
		usage.Feature(h, p.usageNeeds(inquiries)),
		draft.Feature(drafts),
		application.Feature(applications),
		ledgers.Feature(h, p.log),
	)
	if err != nil {
		return err
	}
	for kind, do := range h.Jobs() {
		p.runner.Handle(kind, do)
	}
	return nil
}

// applications are what is filled in, and what was sent.
func (p *portal) applications(s settings, authority *jlis.Client) (*draft.Service, *application.Service, error) {
	needs := draft.Needs{Kept: myinfo.Kept}
	if p.config.clamd != "" {
		scanner, err := clamd.New(p.config.clamd)
		if err != nil {
			return nil, nil, fmt.Errorf("%w (PORTAL_CLAMD)", err)
		}
		needs.Scan = scanner.Scan
	}
	sent := application.New(application.Config{
		DB: p.db, Origin: p.config.origin, Now: time.Now, Wake: p.runner.Wake, JLIS: authority, CAs: s.authorities,
		Log: p.log, StampCAs: s.stampCAs, Fonts: s.fonts, Filed: guide.Filed,
	})
	if p.config.stamp != "" {
		sent.Stamp = (&stamp.Authority{URL: p.config.stamp, Roots: s.stampCAs, Now: time.Now}).Stamp
	}
	needs.Usual = sent.Usual
	needs.Filed = func(ctx context.Context, q *db.Queries, folder string) (list []draft.Filed, err error) {
		earlier, err := sent.Earlier(ctx, q, folder)
		for _, e := range earlier {
			list = append(list, draft.Filed{Answers: e.Answers, At: e.At})
		}
		return list, err
	}
	drafts := draft.New(p.db, needs, p.runner.Wake, time.Now)
	sent.Drafts = sendable{drafts}
	return drafts, sent, nil
}

// sendable are drafts as the applications see them.
type sendable struct{ *draft.Service }

// Take says in the applications' words that a draft was sent before.
func (s sendable) Take(
	ctx context.Context, q *db.Queries, folder, of, sent string,
) ([]*portalv1.Attachment, error) {
	list, err := s.Service.Take(ctx, q, folder, of, sent)
	if errors.Is(err, draft.ErrSent) {
		err = application.ErrSent
	}
	return list, err
}

// usageNeeds are what the history of use has of others.
func (p *portal) usageNeeds(inquiries *inquiry.Service) usage.Needs {
	return usage.Needs{
		Sessions: p.sessions, Log: p.log, Devices: device.Named, ForgetDevice: device.Forget,
		EndPasskey: login.EndPasskey, Notice: notice.Own, Ticket: p.takeaway.Part,
		OpenCase: func(ctx context.Context, q *db.Queries, folder, subject, text string) (usage.Case, error) {
			id, number, err := inquiries.OpenCase(ctx, q, folder, subject, text)
			return usage.Case{ID: id, Number: number}, err
		},
		AddToCase: inquiries.AddToCase,
		Number:    inquiry.NumberOf,
	}
}

// exchanged writes an answer that passed through the portal into the history of exchanges.
func exchanged(ctx context.Context, q *db.Queries, folder string, a myinfo.Answered, at time.Time) error {
	return exchange.Answered(ctx, q, folder, exchange.Own{
		Request: a.Request, Office: a.Office, Name: a.Name, What: a.What, AskedAt: a.AskedAt, Outcome: a.Outcome,
	}, at)
}

// protected says in the words of the history of exchanges what protects a person.
func protected(ctx context.Context, q *db.Queries, folder string) (exchange.Protection, error) {
	insurance, offices, err := myinfo.Protected(ctx, q, folder)
	return exchange.Protection{Insurance: insurance, Offices: offices}, err
}

// takesAway is what signs and writes what people take along.
func (p *portal) takesAway(s settings) *takeaway.Service {
	origin, _ := url.Parse(p.config.origin) // it was read before
	signer := &signing.Signer{DB: p.db, Keys: p.keys.Ring(keys.Export), Name: origin.Hostname(), Now: time.Now}
	if p.config.stamp != "" {
		signer.Stamp = (&stamp.Authority{URL: p.config.stamp, Roots: s.stampCAs, Now: time.Now}).Stamp
	}
	var witnesses []string
	for _, w := range p.log.Witnesses {
		witnesses = append(witnesses, w.Key())
	}
	return takeaway.New(takeaway.Config{
		DB: p.db, Signer: signer, Fonts: s.fonts, StampCAs: s.stampCAs, Origin: p.config.origin,
		LogKey: p.log.Signer.Key(), WitnessKeys: witnesses, Now: time.Now,
	})
}

// answers are what the features answer by HTTP; who is calling is found out first.
func (p *portal) answers(budget *limit.Buckets) map[string]http.Handler {
	list := map[string]http.Handler{}
	for path, answer := range p.house.Answers() {
		list[path] = p.sessions.Door(budgetedAnswer(budget, answer))
	}
	return list
}

// works is what goes on in the portal whoever joins it.
func (p *portal) works(authority *jlis.Client) mount.Feature {
	return mount.Feature{
		Name: "portal",
		Loops: map[string]func(context.Context){
			"jobs":    func(ctx context.Context) { p.runner.Run(ctx, jobWorkers) },
			"keys":    func(ctx context.Context) { p.keys.Watch(ctx, p.db) },
			"jlis":    authority.Run,
			"offices": p.watchRegistry,
			"once":    func(ctx context.Context) { once.Run(ctx, p.db) },
			"seal":    p.db.SealEarlier,
			"wrap":    func(ctx context.Context) { rewrapFolderKeys(ctx, p.folders) },
		},
		Jobs: map[string]jobs.Handler{db.DestroyKeyKind: p.db.DestroyKey},
		Export: map[string]mount.Tell{ // which go with the folder's row
			"job":         mount.Rows((*db.Queries).JobsOfFolder),
			"usage_line":  mount.Rows((*db.Queries).ActsOfFolder),
			"done_once":   mount.Rows((*db.Queries).OnceOfFolder),
			"folder_seal": mount.Rows((*db.Queries).FolderSealsOf),
		},
	}
}

func (p *portal) watchRegistry(ctx context.Context) {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	p.offices.Watch(ctx, p.config.offices, p.house.Duties(), hangup)
}

// frontDoor is what people's browsers meet.
func (p *portal) frontDoor(s settings) (*http.Server, error) {
	anonymous := limit.NewBuckets("anonymous", anonymousASecond, anonymousBurst)
	var paths []string
	for _, service := range p.house.Services(mount.People) {
		paths = append(paths, service.Path())
	}
	calls, err := p.calls(mount.People, edition.NewInterceptor(p.config.oldestPage))
	if err != nil {
		return nil, err
	}
	whose, err := operator.New(p.config.operator)
	if err != nil {
		return nil, err
	}
	handler, err := web.New(web.Config{
		Operator: whose,
		Dirs:     strings.Split(p.config.web, ","), Releases: p.config.releases, Origin: p.config.origin,
		Bridges: s.bridges, Proxies: s.proxies, Ready: p.db.Ready,
		RPC:      p.sessions.Door(budgeted(anonymous, p.house.Open(), calls)),
		RPCPaths: paths, Calls: callsOf(p.house.Rules(mount.People)),
		Documents: p.house.Documents(), Forms: p.house.Forms(), Addresses: p.house.Addresses(),
		Answers: p.answers(anonymous), Public: p.house.Public(), Pinned: p.takeaway.Pinned,
		Anonymous: anonymous, Limits: web.Limits{Streams: p.config.connections},
	})
	return web.Server(handler), err
}

// officesDoor is what offices meet.
func (p *portal) officesDoor(pair tls.Certificate) (*http.Server, error) {
	calls, err := p.calls(mount.Offices, p.offices.Limit())
	if err != nil {
		return nil, err
	}
	var names []string
	for _, service := range p.house.Services(mount.Offices) {
		names = append(names, service.Name)
	}
	calls.Handle(grpchealth.NewHandler(grpchealth.NewStaticChecker(names...)))
	door := p.offices.Door(calls)
	if !p.config.local() {
		door = refuseSandbox(door)
	}
	handler := web.Calls(callsOf(p.house.Rules(mount.Offices)), web.Limits{}, door)
	return office.Server(handler, office.TLS(pair)), nil
}

// calls answers those of a contract, of whoever may make them; more stands between.
func (p *portal) calls(contract string, more ...connect.Interceptor) (*http.ServeMux, error) {
	services, rules := p.house.Services(contract), p.house.Rules(contract)
	var names []string
	for _, service := range services {
		names = append(names, service.Name)
	}
	fields, err := rule.Of(names...)
	if err != nil {
		return nil, err
	}
	interceptors := slices.Concat([]connect.Interceptor{access.NewInterceptor(rules, p.db, time.Now)}, more,
		[]connect.Interceptor{fields.Interceptor()})
	options := connect.WithHandlerOptions(connect.WithInterceptors(interceptors...), bounded(rules))
	mux := http.NewServeMux()
	for _, service := range services {
		mux.Handle(service.Path(), service.Handler(options))
	}
	return mux, nil
}

// bounded holds each RPC to the largest message that it may carry in, also to one that was compressed.
func bounded(rules access.Rules) connect.HandlerOption {
	return connect.WithConditionalHandlerOptions(func(spec connect.Spec) []connect.HandlerOption {
		return []connect.HandlerOption{connect.WithReadMaxBytes(rules.MaxBytes(spec.Procedure))}
	})
}

// callsOf says of each RPC what the doors need to know.
func callsOf(rules access.Rules) map[string]web.Call {
	calls := map[string]web.Call{}
	for _, path := range rules.Procedures() {
		name := protoreflect.FullName(strings.ReplaceAll(strings.Trim(path, "/"), "/", "."))
		found, err := protoregistry.GlobalFiles.FindDescriptorByName(name)
		method, ok := found.(protoreflect.MethodDescriptor)
		calls[path] = web.Call{MaxBody: rules.MaxBytes(path), Stream: err == nil && ok && method.IsStreamingServer()}
	}
	return calls
}
