# `make` alone lists what there is.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

FUNCTIONS := $(notdir $(patsubst %/,%,$(wildcard functions/*/)))
GO_FLAGS  := -tags lambda.norpc -trimpath -buildvcs=false -ldflags="-s -w"
GO_FILES  := go.mod go.sum $(shell find functions shared infra -type f -not -name '*_test.go' -not -path '*/testdata/*' -not -path '*/node_modules/*' 2>/dev/null)
TS_FILES  := package-lock.json $(shell find widget dashboard shared/policy -type f -not -path '*/dist/*' -not -path '*/test/*' 2>/dev/null)

export CGO_ENABLED := 0
export npm_config_update_notifier := false
export npm_config_fund := false
export npm_config_audit := false

.PHONY: help
help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: dev
dev: build ## Run Mi Connect on this machine (PORT, DATA_DIR)
	@exec .build/local

.PHONY: demo
demo: build .build/demo ## Run Mi Connect with an account that has lived: a year of visits, requests, people, an agency's clients (PORT)
	@exec .build/demo

.PHONY: build
build: .build/functions.stamp .build/local .build/pages.stamp ## Build the functions, the pages and the local runner

.PHONY: pages
pages: .build/pages.stamp ## Build the widget and the dashboard alone

.PHONY: generate
generate: has-go has-node ## Write what follows from docs/api.yaml: types, clients, routes, template.yaml's events
	@infra/tools/openapi/generate.sh

.PHONY: has-go
has-go:
	@command -v go >/dev/null || { echo "Go is missing: 1.26 or later, https://go.dev/dl" >&2; exit 1; }

.PHONY: has-node
has-node:
	@command -v npm >/dev/null || { echo "Node is missing: 20.19 or later with npm, https://nodejs.org" >&2; exit 1; }
	@node -e 'const [a, b] = process.versions.node.split(".").map(Number); if (a < 20 || a === 20 && b < 19) { console.error("Node is " + process.version + "; 20.19 or later is needed"); process.exit(1) }'

node_modules/.package-lock.json: package.json package-lock.json | has-node
	@echo "installing the npm packages (npm ci)"
	@npm ci --loglevel=error --no-progress
	@touch $@

.build/functions.stamp: $(GO_FILES) | has-go
	@mkdir -p .build/functions
	@echo "building the functions: $(FUNCTIONS)"
	@for f in $(FUNCTIONS); do mkdir -p .build/functions/$$f && go build $(GO_FLAGS) -o .build/functions/$$f/bootstrap ./functions/$$f; done
	@touch $@

.build/local: $(GO_FILES) | has-go
	@echo "building the local runner"
	@go build -trimpath -o $@ ./infra/local

.build/demo: $(GO_FILES) | has-go
	@go build -trimpath -o $@ ./infra/demo

.build/pages.stamp: node_modules/.package-lock.json $(TS_FILES)
	@echo "building the widget and the dashboard"
	@node widget/build.mjs
	@npx --no-install vite build dashboard --logLevel warn
	@mkdir -p .build && touch $@

# ---- a deployment ------------------------------------------------------------------------

.PHONY: deploy undeploy doctor
deploy: node_modules/.package-lock.json | has-go ## Deploy STAGE into an AWS account, or continue where a run before ended: docs/deploy.md
	@go run ./infra/deploy up -stage "$(STAGE)" $(if $(WAIT),-wait $(WAIT))

undeploy: | has-go ## Take STAGE away; its tables and secrets stay (DATA=delete)
	@go run ./infra/deploy down -stage "$(STAGE)" -data "$(or $(DATA),keep)"

doctor: | has-go ## Check what only a person can do for STAGE, and print the next commands (JSON=1, ALARM_CODE)
	@go build -o .build/deploy ./infra/deploy
	@.build/deploy doctor -stage "$(STAGE)" $(if $(JSON),-json) $(if $(ALARM_CODE),-alarm-code "$(ALARM_CODE)")

.PHONY: deploy-test
deploy-test: pages .build/functions.stamp .tools/moto/bin/moto_server | has-go ## Deploy, resume, repeat and take away stages on an emulation of AWS
	DEPLOY_TEST=1 go test -count=1 -v -timeout 30m ./infra/deploy/...

.PHONY: reproducible
reproducible: node_modules/.package-lock.json | has-go ## Build all twice, in two folders, and compare what would be uploaded
	@infra/tools/reproducible.sh

.tools/moto/bin/moto_server: infra/deploy/emulation/requirements.txt
	@echo "installing moto (its own virtual environment)"
	@rm -rf .tools/moto && python3 -m venv .tools/moto && .tools/moto/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

.tools/icalendar/bin/python: infra/tools/icalendar/requirements.txt infra/tools/icalendar/package-lock.json
	@echo "installing two readers of invitations (on their own)"
	@rm -rf .tools/icalendar && python3 -m venv .tools/icalendar
	@.tools/icalendar/bin/pip install --quiet --disable-pip-version-check -r $<
	@cp infra/tools/icalendar/package*.json .tools/icalendar/
	@npm ci --prefix .tools/icalendar --ignore-scripts --no-audit --no-fund --silent
	@touch $@

HOLIDAYS := .tools/holidays/bin/python
$(HOLIDAYS): infra/tools/holidays/requirements.txt
	@echo "installing holidays and tzdata (their own virtual environment)"
	@rm -rf .tools/holidays && python3 -m venv .tools/holidays && .tools/holidays/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

.PHONY: holidays
holidays: $(HOLIDAYS) ## Write the table of bank holidays up to two years after this one (YEAR)
	@$(HOLIDAYS) infra/tools/holidays/holidays_table.py $(or $(YEAR),$$(date +%Y)) > .build/holidays.json
	@mv .build/holidays.json shared/hours/holidays.json

.tools/robots/node_modules/.package-lock.json: infra/tools/robots/package-lock.json | has-node
	@mkdir -p .tools/robots && cp infra/tools/robots/package*.json .tools/robots/
	@npm ci --prefix .tools/robots --ignore-scripts --no-audit --no-fund --silent
	@touch $@

.PHONY: robots
robots: .tools/robots/node_modules/.package-lock.json ## Write the list of robots' words, and the agents it is tested with
	@node infra/tools/robots/update.mjs

.tools/statistics/bin/python: infra/tools/statistics/requirements.txt
	@rm -rf .tools/statistics && python3 -m venv .tools/statistics
	@.tools/statistics/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

.PHONY: vectors
vectors: .tools/statistics/bin/python ## Write what scipy makes of 1,000 random counts, for the tests of the statistics
	@.tools/statistics/bin/python infra/tools/statistics/vectors.py > shared/connect/testdata/rates.json

# ---- checks ------------------------------------------------------------------------------

TEST := node --import tsx --test --test-concurrency=2 --test-reporter=spec

# The shell, a Chromium without a window, needs half the processor for the same pages; Chromium is for what it cannot do.
BROWSERS := CHROMIUM=$$(cat .build/chromium) CHROMIUM_SHELL=$$(cat .build/chromium-shell)

PAGE_TESTS := widget/test/*.test.ts dashboard/test/*.test.ts dashboard/src/lib/test/*.test.ts dashboard/src/features/*/test/*.test.ts

.PHONY: test
# Side by side: the databases' and the browsers' waits leave room for each other. Each half's output stays together.
test: build .build/chromium .build/chromium-shell ## Run every test (installs Chromium where it is missing)
	@echo "running the Go tests and the browser tests side by side (minutes); each half reports at its end"
	@$(MAKE) --no-print-directory -j2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target) test-go test-browser

.PHONY: test-go
# All that the tests say, their counts too, but for the names of those that pass. make lint vets.
test-go: node_modules/.package-lock.json $(HOLIDAYS) | has-go
	go test -vet=off -v ./... 2>&1 | grep --line-buffered -vE '^ *(=== (RUN|PAUSE|CONT|NAME)|--- PASS)|^PASS$$'

.PHONY: test-browser
test-browser: build .build/chromium .build/chromium-shell
	$(BROWSERS) $(TEST) $(PAGE_TESTS) e2e/*.test.ts

.PHONY: test-pages
test-pages: .build/pages.stamp .build/chromium .build/chromium-shell
	$(BROWSERS) $(TEST) $(PAGE_TESTS)

.PHONY: test-e2e
test-e2e: build .build/chromium .build/chromium-shell
	$(BROWSERS) $(TEST) e2e/*.test.ts

.PHONY: widget-test
# One engine after the other: each wants the processors for itself.
widget-test: build .build/chromium .build/chromium-shell .tools/engines/.package-lock.json ## Run the widget's scenarios in Chromium, Firefox and WebKit (installs them where they are missing)
	@infra/tools/engines/install.sh
	$(BROWSERS) ENGINE=chromium $(TEST) widget/test/engines.test.ts
	ENGINE=firefox $(TEST) widget/test/engines.test.ts
	ENGINE=webkit xvfb-run -a -s '-screen 0 1280x900x24' $(TEST) widget/test/engines.test.ts

.tools/engines/.package-lock.json: infra/tools/engines/package-lock.json
	@echo "installing what drives Firefox and WebKit (on their own)"
	@mkdir -p $(@D) && cp infra/tools/engines/package*.json $(@D)
	@npm ci --prefix $(@D) --ignore-scripts --no-audit --no-fund --silent
	@touch $@

.PHONY: long-test
long-test: node_modules/.package-lock.json ## Run the Go tests with every repeat (LONG_TEST=1): see security-test and billing-test for more
	LONG_TEST=1 go test -count=1 -timeout 1h ./...

FUZZ := shared/connect:FuzzEmail shared/password:FuzzPassword shared/password:FuzzStoredHash shared/token:FuzzToken \
	functions/login/factors:FuzzTOTP functions/login:FuzzBodies functions/login:FuzzInvitation

.PHONY: security-test
security-test: build ## An attacker's day, timing over 1,000 tries, botnets, parallel uses, every route, fuzzing for 30 s each
	@LONG_TEST=1 go test -count=1 -timeout 40m ./functions/login/... ./functions/dashboard ./internal/access ./internal/attack -v 2>&1 | grep --line-buffered -E '^(security|access): |attack: |^--- FAIL|^ +[a-z_]+\.go:|^(FAIL|ok|panic)'
	@for f in $(FUZZ); do printf 'security: fuzz %-16s ' $${f#*:}; \
	  out=$$(go test ./$${f%:*} -run '^$$' -fuzz "^$${f#*:}$$" -fuzztime 30s 2>&1) || { echo "$$out"; exit 1; }; \
	  echo "$$out" | grep -oE 'execs: [0-9]+' | tail -1; done

.PHONY: api-test
api-test: build .tools/schemathesis/bin/schemathesis ## Requests made from docs/api.yaml against the whole (EXAMPLES, SEED)
	@infra/tools/schemathesis/run.sh

.tools/schemathesis/bin/schemathesis: infra/tools/schemathesis/requirements.txt
	@echo "installing schemathesis (its own virtual environment)"
	@rm -rf .tools/schemathesis && python3 -m venv .tools/schemathesis && .tools/schemathesis/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

.PHONY: test-dynamodb-local
test-dynamodb-local: node_modules/.package-lock.json ## Run the store's tests on AWS's DynamoDB Local (needs Java 17)
	TEST_DYNAMODB=dynamodb-local go test -count=1 ./shared/store/...

.build/chromium: node_modules/.package-lock.json infra/tools/chromium.sh
	@mkdir -p .build
	@infra/tools/chromium.sh | tail -1 > $@.new && test -s $@.new && mv $@.new $@

.build/chromium-shell: .build/chromium
	@infra/tools/chromium.sh --shell | tail -1 > $@.new && test -s $@.new && mv $@.new $@

.PHONY: verify-consents
verify-consents: node_modules/.package-lock.json ## Find changed or missing receipts (CONSENTS_TABLE; without it, among 10,000 of a rehearsal)
ifdef CONSENTS_TABLE
	@go run ./infra/consents verify
else
	LONG_TEST=1 go test -count=1 -v -run TestManyReceipts ./infra/consents
endif

.PHONY: export-consents
export-consents: ## Write all receipts and seals as JSON lines (CONSENTS_TABLE)
	@go run ./infra/consents export

.PHONY: complaints
complaints: ## List the complaints about us, or answer one: DO="close d_... upheld 'Text.'" (COMPLAINTS_TABLE, OUTBOX_TABLE)
	@go run ./infra/complaints $(or $(DO),list)

.PHONY: redrive redrive-list
redrive: node_modules/.package-lock.json ## Count parked visits (STATS_TABLE; without it, rehearse on a throw-away database)
ifdef STATS_TABLE
	@go run ./infra/redrive
else
	LONG_TEST=1 go test -count=1 -v -run 'TestRedrive|TestVisitsWithKills' ./functions/rollup
endif

redrive-list: ## List parked visits (STATS_TABLE)
	@go run ./infra/redrive list

# The database is what takes the time: the shuffles are two processes with one each.
.PHONY: billing-test
billing-test: node_modules/.package-lock.json ## Replay subscriptions' lives 10,000 times, and more of each billing test (an hour)
	@go test -c -o .build/billing.test ./functions/stripe-webhook
	@run() { (cd functions/stripe-webhook && BILLING_SHUFFLES=5000 BILLING_SEED=$$1 ../../.build/billing.test -test.timeout 3h -test.v -test.run Shuffled); }; \
	run 1 & other=$$!; run 2; wait $$other
	LONG_TEST=1 BILLING_COPIES=1000 BILLING_CHECKOUTS=20 go test -count=1 -timeout 1h -v -skip Shuffled ./functions/stripe-webhook ./shared/billing
	go test -run '^$$' -fuzz FuzzSignature -fuzztime 60s ./functions/stripe-webhook

.PHONY: restore
restore: | has-go ## Make table TO what the restored table FROM is, or replay STREAM into FUNCTION: docs/operations.md, "Restore"
	@go run ./infra/restore $(if $(STREAM),replay "$(STREAM)" "$(FUNCTION)",copy "$(FROM)" "$(TO)")

.PHONY: restore-rehearsal
restore-rehearsal: node_modules/.package-lock.json ## Rehearse a restore on a throw-away database, with exact counts at its end
	go test -count=1 -v -run 'TestRestore$$' ./functions/rollup
	go test -count=1 -v -run 'TestReplay|TestCopy' ./infra/restore

MINUTES ?= 10
.PHONY: soak
soak: .build/functions.stamp .build/local .build/pages.stamp ## Mixed traffic with faults for MINUTES (10): what was acknowledged is what is stored
	@go build -o .build/soak ./infra/soak
	@.build/soak -for $(MINUTES)m $(SOAK)

.PHONY: rollback
rollback: ## Take the last release of STAGE back: functions, pages and widget (ONLY=functions|pages, DRY=1)
	@STAGE="$(STAGE)" go run ./infra/rollback $(if $(DRY),-dry) $(if $(ONLY),-only $(ONLY))

.PHONY: rotate-key
rotate-key: ## Replace TokenKey without downtime (DROP=1 takes the old one away; KEY=consent or KEY=push for the others): docs/operations.md, "Keys"
	@go run ./infra/rotate $(or $(KEY),token) $(if $(DROP),drop)

.PHONY: sign
sign: ## Sign events-samples/stripe-webhook afresh for sam local invoke (good for five minutes)
	@go run ./events-samples/sign

.PHONY: stripe-setup
stripe-setup: ## Make products, prices and the webhook at Stripe (STRIPE_SECRET_KEY, WEBHOOK=https://.../v1/stripe/webhook)
	@go run ./infra/stripe -webhook "$(WEBHOOK)"

.PHONY: format
format: has-go node_modules/.package-lock.json ## Format Go and TypeScript
	gofmt -w functions shared infra internal
	npx --no-install biome check --write

.PHONY: lint
lint: has-go node_modules/.package-lock.json ## Check format, lint rules, types, the template and the API document
	@$(MAKE) --no-print-directory lint-go
	npx --no-install biome ci --error-on-warnings
	npx --no-install tsc -p widget
	npx --no-install tsc -p dashboard
	npx --no-install tsc -p dashboard/test
	npx --no-install tsc -p e2e
	@$(MAKE) --no-print-directory lint-template lint-api

GOLANGCI := .tools/bin/golangci-lint-v2.15.0

.PHONY: lint-go
lint-go: $(GOLANGCI)
	$(GOLANGCI) run ./...

$(GOLANGCI): | has-go
	@echo "installing golangci-lint (a minute or two, once)"
	@mkdir -p .tools/bin && GOBIN="$(CURDIR)/.tools/bin" go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
	@mv .tools/bin/golangci-lint $@

.PHONY: lint-api
lint-api: node_modules/.package-lock.json
	@REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true npx --no-install redocly lint docs/api.yaml
	@infra/tools/openapi/generate.sh --check

.PHONY: lint-checkov
lint-checkov: .tools/checkov/bin/checkov
	.tools/checkov/bin/checkov -f template.yaml --config-file infra/tools/checkov/checkov.yaml

.tools/checkov/bin/checkov: infra/tools/checkov/requirements.txt
	@echo "installing checkov (its own virtual environment)"
	@rm -rf .tools/checkov && python3 -m venv .tools/checkov && .tools/checkov/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

# ---- what a release is made of -----------------------------------------------------------

CYCLONEDX := .tools/bin/cyclonedx-gomod-v1.10.0

.PHONY: sbom licences
sbom: .build/sbom.stamp ## Write the bill of materials: .build/sbom-go.json, .build/sbom-npm.json (CycloneDX)

.build/sbom.stamp: go.mod package-lock.json $(CYCLONEDX) | has-node
	@mkdir -p .build
	@$(CYCLONEDX) mod -licenses -json -output .build/sbom-go.json . 2>/dev/null
	@npm sbom --sbom-format cyclonedx --sbom-type application --package-lock-only > .build/sbom-npm.json
	@touch $@

licences: .build/sbom.stamp ## Hold every dependency to the licences that may be part of this
	@node infra/tools/licences.mjs .build/sbom-go.json .build/sbom-npm.json

$(CYCLONEDX): | has-go
	@echo "installing cyclonedx-gomod"
	@mkdir -p .tools/bin && GOBIN="$(CURDIR)/.tools/bin" go install github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0
	@mv .tools/bin/cyclonedx-gomod $@

.PHONY: release
release: licences reproducible ## Build VERSION into .build/release: functions, bill of materials, notes, digests
	@infra/tools/release.sh "$(VERSION)"

.PHONY: lint-template
lint-template: .tools/lint/bin/cfn-lint
	.tools/lint/bin/cfn-lint template.yaml

.tools/lint/bin/cfn-lint: infra/tools/requirements.txt
	@echo "installing cfn-lint (its own virtual environment)"
	@rm -rf .tools/lint && python3 -m venv .tools/lint && .tools/lint/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

.PHONY: bench
bench: build ## Measure every budget, into docs/performance.md (TESTS=1 times make test too)
	@go run ./infra/bench $(if $(TESTS),-tests)

.PHONY: structure
structure: has-go ## Measure how the repository is built, beside a commit's (BASE)
	@go run ./infra/structure "$(BASE)"

.PHONY: sam-test
sam-test: node_modules/.package-lock.json .tools/sam/bin/sam ## Try the template with SAM CLI: every sample and the main routes (needs Docker)
	@go run ./infra/sam

.PHONY: sam-local
sam-local: node_modules/.package-lock.json .tools/sam/bin/sam | has-go ## Prepare for sam local invoke and start-api by hand, and print the lines (needs Docker)
	@go run ./infra/sam -local

.tools/sam/bin/sam: infra/sam/requirements.txt
	@echo "installing SAM CLI (its own virtual environment)"
	@rm -rf .tools/sam && python3 -m venv .tools/sam && .tools/sam/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

.PHONY: screenshot
screenshot: build .build/demo .build/chromium ## Redraw the README's pictures
	CHROMIUM=$$(cat .build/chromium) node --import tsx e2e/screenshot.ts

.PHONY: clean
clean: ## Remove what was built (not the data in .local)
	@rm -rf .build widget/dist dashboard/dist
