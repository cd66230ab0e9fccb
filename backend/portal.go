package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"connectrpc.com/connect"
	"connectrpc.com/grpchealth"

	"madoguchi/backend/access"
	"madoguchi/backend/account"
	"madoguchi/backend/catalog"
	"madoguchi/backend/db"
	"madoguchi/backend/document"
	"madoguchi/backend/guide"
	"madoguchi/backend/jlis"
	"madoguchi/backend/jobs"
	"madoguchi/backend/login"
	"madoguchi/backend/mail"
	"madoguchi/backend/notice"
	"madoguchi/backend/office"
	"madoguchi/backend/procedure"
	"madoguchi/backend/session"
	"madoguchi/backend/web"
	"madoguchi/proto/gen/office/v1/officev1connect"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

// maxMessage bounds what a call may carry in. The largest is a notice with its 10,000 characters; there is room for a text pasted into
// the wrong field, so that the answer names the field.
const maxMessage = 256 << 10

var (
	portalServices = []string{portalv1connect.LoginServiceName, portalv1connect.AccountServiceName, portalv1connect.NoticeServiceName,
		portalv1connect.PlaceServiceName, portalv1connect.ProcedureServiceName, portalv1connect.GuideServiceName}
	gatewayServices = []string{officev1connect.PersonServiceName, officev1connect.NoticeServiceName, officev1connect.ProcedureServiceName}
)

// portal is the whole of it, built and not yet running.
type portal struct {
	config      config
	db          *db.DB
	runner      *jobs.Runner
	hub         *notice.Hub
	sessions    *session.Store
	logins      *login.Service
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
	store, err := db.Open(ctx, c.database)
	if err != nil {
		return nil, fmt.Errorf("%w (PORTAL_DATABASE)", err)
	}
	defer func() {
		if err != nil {
			store.Close()
		}
	}()
	p := &portal{
		config: c, db: store, runner: jobs.New(store), hub: notice.NewHub(), sessions: session.New(store, c.session, time.Now), offices: office.NewGateway(store),
	}
	if err := p.offices.Load(ctx, registry); err != nil {
		return nil, err
	}
	p.procedures = procedure.NewCatalog(catalog.NewStore(store, time.Now), time.Now, c.indexFile())
	handler, err := p.frontHandler(ctx)
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
func (p *portal) frontHandler(ctx context.Context) (http.Handler, error) {
	bridges, err := p.config.bridges()
	if err != nil {
		return nil, err
	}
	proxies, err := p.config.proxies()
	if err != nil {
		return nil, err
	}
	authorities, err := p.config.authorities()
	if err != nil {
		return nil, err
	}
	rules, err := access.Check(portalServices...)
	if err != nil {
		return nil, err
	}
	authority, err := jlis.New(jlis.Config{Base: p.config.jlis, CAs: authorities})
	if err != nil {
		return nil, fmt.Errorf("%w (PORTAL_JLIS)", err)
	}
	p.authority = authority
	sender, err := mail.NewSender(p.config.smtp, p.config.mailFrom, p.config.origin)
	if err != nil {
		return nil, fmt.Errorf("%w (PORTAL_SMTP, PORTAL_MAIL_FROM)", err)
	}
	p.logins, err = login.New(ctx, login.Config{
		DB: p.db, Sessions: p.sessions, JLIS: authority, CAs: authorities, Origin: p.config.origin, Purposes: rules.CardPurposes(), OnLogin: mailLogin,
	})
	if err != nil {
		return nil, err
	}
	accounts := account.New(p.db, sender, p.runner.Wake, p.hub.FolderChanged)

	p.runner.Handle(mail.JobKind, sender.Job)
	p.runner.Handle(account.JobConfirm, accounts.ConfirmJob)
	introducer := office.Introducer{DB: p.db, Ask: authority.Introductions}
	p.runner.Handle(office.JobIntroduce, introducer.Job)
	p.runner.Handle(office.JobIntroduceAll, introducer.AllJob)

	options := connect.WithHandlerOptions(connect.WithInterceptors(access.NewInterceptor(rules, time.Now)), connect.WithReadMaxBytes(maxMessage))
	calls := http.NewServeMux()
	calls.Handle(portalv1connect.NewLoginServiceHandler(p.logins, options))
	calls.Handle(portalv1connect.NewAccountServiceHandler(accounts, options))
	calls.Handle(portalv1connect.NewNoticeServiceHandler(notice.New(p.db, p.hub), options))
	places, procedures, guides := procedure.NewPlaces(p.procedures), procedure.New(p.procedures, guide.Hints), guide.New(p.db, p.procedures)
	calls.Handle(portalv1connect.NewPlaceServiceHandler(places, options))
	calls.Handle(portalv1connect.NewProcedureServiceHandler(procedures, options))
	calls.Handle(portalv1connect.NewGuideServiceHandler(guides, options))
	return web.New(web.Config{
		Dir: p.config.web, Origin: p.config.origin, Bridges: bridges, Proxies: proxies, RPC: p.sessions.Door(calls), RPCPaths: paths(portalServices), Ready: p.db.Ping, Addresses: append(procedure.Addresses(), guide.Addresses()...),
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
	options := connect.WithHandlerOptions(connect.WithInterceptors(access.NewInterceptor(rules, time.Now), p.offices.Limit()), connect.WithReadMaxBytes(maxMessage))
	calls := http.NewServeMux()
	calls.Handle(officev1connect.NewPersonServiceHandler(office.Persons{DB: p.db, Within: p.config.introduceWithin}, options))
	calls.Handle(officev1connect.NewNoticeServiceHandler(notice.NewIntake(p.db, p.hub, p.runner.Wake), options))
	calls.Handle(officev1connect.NewProcedureServiceHandler(procedure.NewIntake(p.db, p.procedures), options))
	calls.Handle(grpchealth.NewHandler(grpchealth.NewStaticChecker(gatewayServices...)))
	return p.offices.Door(calls), nil
}

// mailLogin tells a person by mail that they have logged in (ログイン通知).
func mailLogin(ctx context.Context, q *db.Queries, folderID string) error {
	folder, err := q.AccountFolder(ctx, folderID)
	if err != nil {
		return err
	}
	return mail.Enqueue(ctx, q, mail.Letter{Kind: mail.LoggedIn, To: folder.MailAddress, Language: folder.Language, At: time.Now().UnixMilli()})
}

func paths(services []string) []string {
	var list []string
	for _, name := range services {
		list = append(list, "/"+name+"/")
	}
	return list
}
