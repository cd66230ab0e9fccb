package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/office"
	"madoguchi/backend/door/office/checklist"
	"madoguchi/backend/door/rule"
	applicationkit "madoguchi/backend/feature/application/conformance"
	exchangekit "madoguchi/backend/feature/exchange/conformance"
	myinfokit "madoguchi/backend/feature/myinfo/conformance"
	"madoguchi/proto/gen/office/v1/officev1connect"
)

// conformanceKit plays the portal to one client.
type conformanceKit interface {
	Report() (checks []checklist.Check, whole bool)
	Changed() <-chan struct{}
}

// conformance plays the portal until the client has done everything, something is wrong, or the time is over.
func (o officeTool) conformance(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("portal office conformance", flag.ContinueOnError)
	flags.SetOutput(o.out)
	as := flags.String("as", "", "the numbers of the categories that the office holds: 13,23")
	introduction := flags.String("introduction", "", "a file with what J-LIS would have sealed of the one person")
	within := flags.Duration("within", 5*time.Minute, "for how long the client is waited for")
	exchanges := flags.Bool("exchanges", false, "the office reports exchanges (やりとり履歴)")
	applications := flags.Bool("applications", false, "the office takes applications (電子申請)")
	authorities := flags.String("authorities", "", "with --applications: a folder for the certificates that the "+
		"client is to trust meanwhile, jpki.pem and stamps.pem")
	only := flags.String("client", "", "the certificate of the one client that is answered; all when empty")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var kit conformanceKit
	var err error
	mux := http.NewServeMux()
	if *applications {
		kit, err = o.applicationKit(mux, *authorities)
	} else {
		kit, err = o.kitOf(mux, *as, *introduction, *exchanges)
	}
	if err != nil {
		return err
	}
	handler, err := onlyFor(*only, mux)
	if err != nil {
		return err
	}
	pair, err := tls.LoadX509KeyPair(o.certificate, o.key)
	if err != nil {
		return fmt.Errorf("reading the gateway's certificate (--certificate, --key): %w", err)
	}
	listener, err := net.Listen("tcp", strings.TrimPrefix(o.gateway, "https://"))
	if err != nil {
		return fmt.Errorf("listening for the client (--gateway): %w", err)
	}
	server := office.Server(handler, office.TLS(pair))
	defer server.Close()
	go func() { _ = server.ServeTLS(listener, "", "") }()
	fmt.Fprintf(o.out, "waiting for the office's client at https://%s\n", listener.Addr())
	ctx, stop := context.WithTimeout(ctx, *within)
	defer stop()
	return o.report(ctx, kit)
}

// kitOf is the kit for わたしの情報, or for exchanges.
func (o officeTool) kitOf(mux *http.ServeMux, as, introduction string, exchanges bool) (conformanceKit, error) {
	var categories []int
	for _, word := range strings.FieldsFunc(as, func(r rune) bool { return r == ',' || r == ' ' }) {
		number, err := strconv.Atoi(word)
		if err != nil {
			return nil, fmt.Errorf("%q is no number of a category (--as)", word)
		}
		categories = append(categories, number)
	}
	sealed := []byte("conformance")
	if introduction != "" {
		var err error
		if sealed, err = o.read(introduction); err != nil {
			return nil, err
		}
	}
	if exchanges {
		its := exchangekit.New(sealed, time.Now)
		mux.Handle(officev1connect.NewExchangeServiceHandler(its))
		mux.Handle(officev1connect.NewPersonServiceHandler(its))
		return its, nil
	}
	its, err := myinfokit.New(categories, sealed, time.Now)
	if err != nil {
		return nil, fmt.Errorf("%w (--as)", err)
	}
	mux.Handle(officev1connect.NewMyInfoServiceHandler(its))
	mux.Handle(officev1connect.NewPersonServiceHandler(its))
	return its, nil
}

// applicationKit is the kit for applications. It says what there is to be done, and writes whom the client is to trust.
func (o officeTool) applicationKit(mux *http.ServeMux, authorities string) (conformanceKit, error) {
	its, err := applicationkit.New(time.Now)
	if err != nil {
		return nil, err
	}
	rules, err := rule.Of(officev1connect.ApplicationServiceName)
	if err != nil {
		return nil, fmt.Errorf("reading the rules of the contract: %w", err)
	}
	mux.Handle(officev1connect.NewApplicationServiceHandler(its, connect.WithInterceptors(rules.Interceptor())))
	if authorities != "" {
		jpki, stamps := its.Authorities()
		for name, der := range map[string][]byte{"jpki.pem": jpki, "stamps.pem": stamps} {
			block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
			if err := os.WriteFile(filepath.Join(authorities, name), block, 0o600); err != nil {
				return nil, fmt.Errorf("writing whom the client is to trust (--authorities): %w", err)
			}
		}
	}
	fmt.Fprint(o.out, its.Guide())
	return its, nil
}

// onlyFor answers the holder of a certificate alone.
func onlyFor(file string, next http.Handler) (http.Handler, error) {
	if file == "" {
		return next, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading the client's certificate (--client): %w", err)
	}
	block, _ := pem.Decode(data)
	if block == nil || block.Type != "CERTIFICATE" {
		return nil, fmt.Errorf("%s holds no certificate (--client)", file)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !slices.ContainsFunc(r.TLS.PeerCertificates, func(c *x509.Certificate) bool {
			return string(c.Raw) == string(block.Bytes)
		}) {
			http.Error(w, "somebody else is waited for", http.StatusServiceUnavailable)
			return
		}
		next.ServeHTTP(w, r)
	}), nil
}

// report tells of each check once, when it is passed or not.
func (o officeTool) report(ctx context.Context, kit conformanceKit) error {
	said := map[string]bool{}
	failed := 0
	for {
		changed := kit.Changed()
		checks, whole := kit.Report()
		over := whole || ctx.Err() != nil
		for _, c := range checks {
			verdict := "ok    " + c.Name
			switch {
			case c.Wrong != "":
				verdict = "WRONG " + c.Name + ": " + c.Wrong
			case !c.Done && over:
				verdict = "NEVER " + c.Name
			case !c.Done:
				continue
			}
			if said[verdict] {
				continue
			}
			said[verdict] = true
			if !strings.HasPrefix(verdict, "ok") {
				failed++
			}
			fmt.Fprintln(o.out, verdict)
		}
		if over && failed > 0 {
			return fmt.Errorf("the client does not keep the contract in %d points", failed)
		}
		if over {
			fmt.Fprintln(o.out, "the client keeps the contract")
			return nil
		}
		select {
		case <-ctx.Done():
		case <-changed:
		}
	}
}
