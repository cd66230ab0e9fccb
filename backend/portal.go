package main

import (
	"context"
	"crypto/x509"
	"fmt"
	"net/http"
	"strings"
	"time"

	"connectrpc.com/connect"
	"connectrpc.com/grpchealth"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/document"
	"madoguchi/backend/door/limit"
	"madoguchi/backend/door/office"
	"madoguchi/backend/door/rule"
	"madoguchi/backend/door/session"
	"madoguchi/backend/door/web"
	"madoguchi/backend/feature/account"
	"madoguchi/backend/feature/guide"
	"madoguchi/backend/feature/login"
	"madoguchi/backend/feature/notice"
	"madoguchi/backend/feature/procedure"
	"madoguchi/backend/feature/procedure/entry"
	"madoguchi/backend/outside/jlis"
	"madoguchi/backend/outside/mail"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/jobs"
	"madoguchi/backend/store/keys"
	"madoguchi/proto/gen/office/v1/officev1connect"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

var (
	portalServices = []string{portalv1connect.LoginServiceName, portalv1connect.AccountServiceName, portalv1connect.NoticeServiceName,
		portalv1connect.PlaceServiceName, portalv1connect.ProcedureServiceName, portalv1connect.GuideServiceName}
	gatewayServices = []string{officev1connect.PersonServiceName, officev1connect.NoticeServiceName, officev1connect.ProcedureServiceName}
)

// portal is the whole of it, built and not yet running.
type portal struct {
	config      config
	db          *db.DB
	keys        *keys.File
	cas         []*x509.Certificate // whose cards may log in
	runner      *jobs.Runner
	hub         *notice.Hub
	sessions    *session.Store
	logins      *login.Service
	accounts    *account.Service
	authority   *jlis.Client
	offices     *office.Gateway
	procedures  *procedure.Catalog
	front, back *http.Server
}

// build opens the store and puts the parts together. A setting that is missing or wrong is an error here, before anything is served.
func build(ctx context.Context, c config) (_ *portal, err error) {
	registry, err := c.registry()
	if err != nil {
		return nil, err
	}
	pair, err := c.gatewayPair()
	if err != nil {
		return nil, err
	}
	authorities, err := c.authorities()
	if err != nil {
		return nil, err
	}
	if err := c.checkDevelopment(authorities, pair); err != nil {
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
		config: c, db: store, cas: authorities, runner: jobs.New(store), hub: notice.NewHub(), sessions: session.New(store, c.session, time.Now), offices: office.NewGateway(store),
	}
	if err := login.NameIssuers(ctx, store, authorities); err != nil {
		return nil, fmt.Errorf("%w (PORTAL_JPKI_CA)", err)
	}
	if p.keys, err = openKeys(ctx, c.keys, c.database, store); err != nil {
		return nil, err
	}
	if err := p.offices.Load(ctx, registry); err != nil {
		return nil, err
	}
	p.procedures = procedure.NewCatalog(entry.NewStore(store, time.Now), time.Now, c.indexFile())
	handler, err := p.frontHandler()
	if err != nil {
		return nil, err
	}
	p.front = web.Server(handler)
	if handler, err = p.gatewayHandler(); err != nil {
		return nil, err
	}
	p.back = office.Server(handler, office.TLS(pair))
	return p, nil
}

// frontHandler is what people's browsers meet.
func (p *portal) frontHandler() (http.Handler, error) {
	bridges, err := p.config.bridges()
	if err != nil {
		return nil, err
	}
	proxies, err := p.config.proxies()
	if err != nil {
		return nil, err
	}
	rules, err := access.Check(portalServices...)
	if err != nil {
		return nil, err
	}
	authority, err := jlis.New(jlis.Config{Base: p.config.jlis, CAs: p.cas, DB: p.db, MaxAge: p.config.revocationAge})
	if err != nil {
		return nil, fmt.Errorf("%w (PORTAL_JLIS, PORTAL_JPKI_CA, PORTAL_REVOCATION_AGE)", err)
	}
	p.authority = authority
	sender, err := mail.NewSender(p.config.smtp, p.config.mailFrom, p.config.origin)
	if err != nil {
		return nil, fmt.Errorf("%w (PORTAL_SMTP, PORTAL_MAIL_FROM)", err)
	}
	p.logins, err = login.New(login.Config{
		Challenges: p.keys.Ring(keys.Challenge), Cookies: p.keys.Ring(keys.Cookie),
		DB: p.db, Sessions: p.sessions, JLIS: authority, CAs: p.cas, Origin: p.config.origin, Purposes: rules.CardPurposes(), OnLogin: mailLogin,
	})
	if err != nil {
		return nil, err
	}
	p.accounts = account.New(account.Config{
		DB: p.db, Mail: sender, Counts: p.keys.Ring(keys.Count), Wake: p.runner.Wake, Changed: p.hub.FolderChanged, Ended: p.sessions.Look,
	})

	p.runner.Handle(mail.JobKind, sender.Job(p.db))
	p.runner.Handle(account.JobConfirm, p.accounts.ConfirmJob)
	p.runner.Handle(account.JobChanged, p.accounts.ChangedJob)
	p.runner.Handle(account.JobUndone, p.accounts.UndoneJob)
	introducer := office.Introducer{DB: p.db, Ask: authority.Introductions}
	p.runner.Handle(office.JobIntroduce, introducer.Job)
	p.runner.Handle(office.JobIntroduceAll, introducer.AllJob)

	fields, err := rule.Of(portalServices...)
	if err != nil {
		return nil, err
	}
	options := connect.WithHandlerOptions(connect.WithInterceptors(access.NewInterceptor(rules, time.Now), fields.Interceptor()), bounded(rules))
	calls := http.NewServeMux()
	calls.Handle(portalv1connect.NewLoginServiceHandler(p.logins, options))
	calls.Handle(portalv1connect.NewAccountServiceHandler(p.accounts, options))
	calls.Handle(portalv1connect.NewNoticeServiceHandler(notice.New(p.db, p.hub), options))
	places, procedures, guides := procedure.NewPlaces(p.procedures), procedure.New(p.procedures, guide.Hints), guide.New(p.db, p.procedures)
	calls.Handle(portalv1connect.NewPlaceServiceHandler(places, options))
	calls.Handle(portalv1connect.NewProcedureServiceHandler(procedures, options))
	calls.Handle(portalv1connect.NewGuideServiceHandler(guides, options))
	anonymous := limit.NewBuckets("anonymous", anonymousASecond, anonymousBurst)
	return web.New(web.Config{
		Dir: p.config.web, Origin: p.config.origin, Bridges: bridges, Proxies: proxies, Ready: p.db.Ready,
		RPC: p.sessions.Door(budgeted(anonymous, calls)), RPCPaths: paths(portalServices), Calls: callsOf(rules),
		Addresses: append(procedure.Addresses(), guide.Addresses()...),
		Anonymous: anonymous, Limits: web.Limits{Streams: p.config.connections},
		Forms: map[string]document.Func{"search": procedures.SearchForm},
		Documents: map[string]document.Func{
			"procedure": procedures.Document, "search": procedures.SearchDocument, "places": places.Document, "event": guides.Document,
		},
	})
}

// gatewayHandler is what offices meet.
func (p *portal) gatewayHandler() (http.Handler, error) {
	rules, err := access.Check(gatewayServices...)
	if err != nil {
		return nil, err
	}
	fields, err := rule.Of(gatewayServices...)
	if err != nil {
		return nil, err
	}
	options := connect.WithHandlerOptions(
		connect.WithInterceptors(access.NewInterceptor(rules, time.Now), p.offices.Limit(), fields.Interceptor()), bounded(rules))
	calls := http.NewServeMux()
	calls.Handle(officev1connect.NewPersonServiceHandler(office.Persons{DB: p.db, Within: p.config.introduceWithin}, options))
	calls.Handle(officev1connect.NewNoticeServiceHandler(notice.NewIntake(p.db, p.hub, p.runner.Wake), options))
	calls.Handle(officev1connect.NewProcedureServiceHandler(procedure.NewIntake(p.db, p.procedures), options))
	calls.Handle(grpchealth.NewHandler(grpchealth.NewStaticChecker(gatewayServices...)))
	door := p.offices.Door(calls)
	if !p.config.local() {
		door = refuseSandbox(door)
	}
	return web.Calls(callsOf(rules), web.Limits{}, door), nil
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

// mailLogin tells a person by mail that they have logged in (ログイン通知).
func mailLogin(ctx context.Context, q *db.Queries, folderID string) error {
	return mail.Enqueue(ctx, q, folderID, mail.LoggedIn, time.Now())
}

func paths(services []string) []string {
	var list []string
	for _, name := range services {
		list = append(list, "/"+name+"/")
	}
	return list
}
