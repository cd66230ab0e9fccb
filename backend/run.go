package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"madoguchi/backend/door/web"
	"madoguchi/bridge/logging"
)

const (
	jobWorkers   = 4
	shutdownTime = 10 * time.Second
	// Offices are two thousand at most, and keep one connection each.
	gatewayConnections = 8192
)

func run(ctx context.Context, args []string) error {
	if len(args) > 0 && args[0] == "jobs" {
		return tendJobs(ctx, args[1:], os.Getenv, os.Stdout)
	}
	if len(args) > 0 && args[0] == "procedures" {
		return tendProcedures(ctx, args[1:], os.Getenv, os.Stdout)
	}
	if len(args) > 0 && args[0] == "forms" {
		return tendForms(ctx, args[1:], os.Getenv, os.Stdout)
	}
	if len(args) > 0 && args[0] == "office" {
		return actAsOffice(ctx, args[1:], os.Getenv, os.Stdin, os.Stdout)
	}
	if len(args) > 0 && args[0] == "inquiries" {
		return tendInquiries(ctx, args[1:], os.Getenv, os.Stdin, os.Stdout)
	}
	if len(args) > 0 && args[0] == "keys" {
		return tendKeys(ctx, args[1:], os.Getenv, os.Stdout)
	}
	if len(args) > 0 && args[0] == "log" {
		return tendLog(ctx, args[1:], os.Getenv, os.Stdout)
	}
	if len(args) > 0 && args[0] == "backup" {
		return backUp(ctx, args[1:], os.Getenv, os.Stdout)
	}
	if len(args) > 0 && args[0] == "restore" {
		return restore(ctx, args[1:], os.Getenv, os.Stdout)
	}
	c, err := parseConfig(args, os.Getenv, os.Stdout)
	if err != nil {
		return err
	}
	if c.version {
		fmt.Println("portal", version)
		return nil
	}
	syscall.Umask(0o077) // what the portal writes is its own
	logger, err := logging.New(os.Stderr, os.Getenv)
	if err != nil {
		return err
	}
	slog.SetDefault(logger)
	if err := limitMemory(c.memory, os.Getenv, os.DirFS("/")); err != nil {
		return err
	}
	proxies, err := c.proxies()
	if err != nil {
		return err
	}
	front, err := listen(c.address, "PORTAL_ADDRESS")
	if err != nil {
		return err
	}
	defer front.Close()
	front = web.Listener(front, c.connections, proxies)
	if c.certificate != "" {
		pair, err := tls.LoadX509KeyPair(c.certificate, c.key)
		if err != nil {
			return fmt.Errorf("reading the portal's certificate (PORTAL_CERTIFICATE, PORTAL_KEY): %w", err)
		}
		front = tls.NewListener(front, &tls.Config{
			Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"},
		})
	}
	back, err := listen(c.gateway, "PORTAL_GATEWAY_ADDRESS")
	if err != nil {
		return err
	}
	defer back.Close()
	back = web.Listener(back, gatewayConnections, nil)

	p, err := build(ctx, c)
	if err != nil {
		return err
	}
	defer p.db.Close()
	if err := p.runner.ReportDead(ctx); err != nil {
		return err
	}
	c.warnOfProxies()
	slog.Info("the portal is open", "origin", c.origin, "address", front.Addr().String(),
		"gateway", back.Addr().String(), "version", version)
	return p.serve(ctx, front, back)
}

func listen(address, variable string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is taken by another program: end it, or set %s", address, variable)
	}
	if err != nil {
		return nil, fmt.Errorf("listening on %s (%s): %w", address, variable, err)
	}
	return l, nil
}

// serve works until ctx ends, then lets what is under way end.
func (p *portal) serve(ctx context.Context, front, back net.Listener) error {
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	var background sync.WaitGroup
	for name, loop := range p.house.Loops() {
		background.Go(func() { tend(work, name, loop) })
	}
	ended := make(chan error, 2)
	go func() { ended <- p.front.Serve(front) }()
	go func() { ended <- p.back.ServeTLS(back, "", "") }()

	var failure error
	select {
	case <-ctx.Done():
		slog.Info("the portal closes")
	case err := <-ended:
		failure = fmt.Errorf("serving: %w", err)
	}
	p.live.Close()
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	for _, server := range []*http.Server{p.front, p.back} {
		if err := server.Shutdown(limit); err != nil {
			slog.Warn("some requests were cut off", "error", err)
			_ = server.Close()
		}
	}
	stop()
	background.Wait()
	return failure
}

// restPause is how long a loop that broke down rests before it begins again.
const restPause = 5 * time.Second

// tend keeps a loop going until ctx ends. A panic in it is a fault of ours, to be written down, and not the end of
// everybody's portal.
func tend(ctx context.Context, name string, loop func(context.Context)) {
	for ctx.Err() == nil {
		guarded(ctx, name, loop)
		select {
		case <-ctx.Done():
		case <-time.After(restPause):
		}
	}
}

func guarded(ctx context.Context, name string, loop func(context.Context)) {
	defer func() {
		if p := recover(); p != nil {
			slog.ErrorContext(ctx, "a loop broke down and begins again", "loop", name, "panic", p, "stack",
				string(debug.Stack()))
		}
	}()
	loop(ctx)
}
