package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// settings are the environment variables that the programs get from here.
type settings map[string]string

// settingsFrom fills in what the environment leaves open.
func settingsFrom(getenv func(string) string, root string) settings {
	s := settings{}
	set := func(name, value string) {
		if given := getenv(name); given != "" {
			value = given
		}
		s[name] = value
	}
	set("PORTAL_ADDRESS", "127.0.0.1:8080")
	_, port, _ := strings.Cut(s["PORTAL_ADDRESS"], ":")
	if i := strings.LastIndex(s["PORTAL_ADDRESS"], ":"); i >= 0 {
		port = s["PORTAL_ADDRESS"][i+1:]
	}
	set("PORTAL_ORIGIN", "http://localhost:"+port)
	set("PORTAL_GATEWAY_ADDRESS", "127.0.0.1:8443")
	set("BRIDGE_ADDRESS", "127.0.0.1:41729")
	set("BRIDGE_VIRTUAL_ADDRESS", "127.0.0.1:41730")
	set("SANDBOX_ADDRESS", "127.0.0.1:8090")
	set("SANDBOX_SMTP_ADDRESS", "127.0.0.1:8025")

	set("SANDBOX_STATE", filepath.Join(root, "build", "dev"))
	state := s["SANDBOX_STATE"]
	set("SANDBOX_GATEWAY", "https://"+s["PORTAL_GATEWAY_ADDRESS"])
	set("SANDBOX_PORTAL", s["PORTAL_ORIGIN"])

	set("PORTAL_DATABASE", filepath.Join(state, "portal.sqlite"))
	set("PORTAL_WEB", filepath.Join(root, "build", "dev-web"))
	set("PORTAL_JPKI_CA", filepath.Join(state, "jpki-ca.pem"))
	set("PORTAL_JLIS", "http://"+s["SANDBOX_ADDRESS"]+"/jlis")
	set("PORTAL_STAMP", "http://"+s["SANDBOX_ADDRESS"]+"/stamp")
	set("PORTAL_STAMP_CA", filepath.Join(state, "stamp-ca.pem"))
	set("PORTAL_LOG_WITNESSES", filepath.Join(state, "log-witnesses"))
	set("PORTAL_GATEWAY_CERTIFICATE", filepath.Join(state, "gateway.pem"))
	set("PORTAL_GATEWAY_KEY", filepath.Join(state, "gateway.key"))
	set("PORTAL_OFFICES", filepath.Join(state, "offices.json"))
	set("PORTAL_NEWS", filepath.Join(root, "backend", "sandbox", "dev", "news.yaml"))
	set("PORTAL_SMTP", s["SANDBOX_SMTP_ADDRESS"])
	set("PORTAL_MAIL_FROM", "portal@example.jp")
	set("PORTAL_INTRODUCE_WITHIN", "0s") // the sandbox's offices write to a person at once
	set("PORTAL_BRIDGE", s["BRIDGE_ADDRESS"])

	set("BRIDGE_ORIGINS", s["PORTAL_ORIGIN"])
	set("BRIDGE_STATE", filepath.Join(state, "cards"))
	virtual := "true"
	if getenv("CARD") == "pcsc" {
		virtual = "false"
	}
	set("BRIDGE_VIRTUAL", virtual)
	return s
}

func (s settings) virtual() bool { return s["BRIDGE_VIRTUAL"] == "true" }

func (s settings) listeners() []listener {
	all := []listener{
		{s["PORTAL_ADDRESS"], "PORTAL_ADDRESS"},
		{s["PORTAL_GATEWAY_ADDRESS"], "PORTAL_GATEWAY_ADDRESS"},
		{s["BRIDGE_ADDRESS"], "BRIDGE_ADDRESS"},
		{s["SANDBOX_ADDRESS"], "SANDBOX_ADDRESS"},
		{s["SANDBOX_SMTP_ADDRESS"], "SANDBOX_SMTP_ADDRESS"},
	}
	if s.virtual() {
		all = append(all, listener{s["BRIDGE_VIRTUAL_ADDRESS"], "BRIDGE_VIRTUAL_ADDRESS"})
	}
	return all
}

func (s settings) health(program string) string {
	switch program {
	case "bridge":
		return "http://" + s["BRIDGE_ADDRESS"] + "/health"
	case "portal":
		return "http://" + s["PORTAL_ADDRESS"] + "/healthz"
	}
	return "http://" + s["SANDBOX_ADDRESS"] + "/healthz"
}

// environment is this program's own with the settings in it. What make passes down would disturb a make below it.
func (s settings) environment() []string {
	env := slices.DeleteFunc(os.Environ(), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		_, ours := s[name]
		return ours || name == "MAKEFLAGS" || name == "MAKELEVEL" || name == "MFLAGS"
	})
	for name, value := range s {
		env = append(env, name+"="+value)
	}
	slices.Sort(env)
	return env
}
