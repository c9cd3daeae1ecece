# Everything a person does with CareHub from a shell. `make help` lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help

CONFIGURATION ?= Release
DATA ?= data
TORTURE_KILLS ?= 200
TORTURE_SEED ?=
HUB := src/CareHub.Server/bin/$(CONFIGURATION)/net10.0/carehub.dll
SIM := firmware-sim/bin/$(CONFIGURATION)/net10.0/carehub-sim.dll

.PHONY: help
help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

.PHONY: run
run: build ## The hub with the demo city and a simulated day: http://127.0.0.1:8080, MQTT on 1883
	@build/run.sh "$(HUB)" "$(SIM)" "$(DATA)"

.PHONY: build
build: console ## Restore and build everything
	dotnet build CareHub.sln -c $(CONFIGURATION) -v quiet --nologo

.PHONY: console
console: src/CareHub.Server/wwwroot/index.html ## Build the duty console into the hub's wwwroot

src/CareHub.Server/wwwroot/index.html: src/console/node_modules/.package-lock.json $(shell find src/console/src src/console/public src/console/index.html src/console/vite.config.ts -type f 2>/dev/null)
	cd src/console && npm run build

src/console/node_modules/.package-lock.json: src/console/package-lock.json
	cd src/console && npm ci --no-audit --no-fund

.PHONY: test
test: ## Install what the tests need, run them all, print the counts
	@build/test.sh

.PHONY: bench
bench: ## Broker and pipeline beside mosquitto; writes artifacts/bench.md
	@build/bench.sh

.PHONY: fuzz
fuzz: ## Fuzz the MQTT codec and broker for five minutes
	CAREHUB_FUZZ_SECONDS=300 dotnet test tests/CareHub.Mqtt.Tests -c $(CONFIGURATION) --filter "FullyQualifiedName~Fuzz" --nologo

.PHONY: torture
torture: ## Kill the hub 200 times under load (TORTURE_KILLS=n, TORTURE_SEED=s repeats) and check that nothing is lost
	TORTURE_KILLS=$(TORTURE_KILLS) TORTURE_SEED=$(TORTURE_SEED) dotnet test tests/CareHub.Server.Tests -c $(CONFIGURATION) --nologo \
		--filter "FullyQualifiedName~TortureTests" --logger "console;verbosity=detailed"

SEEDS ?= 5000
.PHONY: simulate
simulate: ## The whole pipeline under faults, SEEDS=5000 seeds; SEED=n replays one, event by event
	CAREHUB_SIMULATE_SEEDS=$(SEEDS) CAREHUB_SIMULATE_SEED=$(SEED) dotnet test tests/CareHub.Simulation.Tests -c $(CONFIGURATION) --nologo \
		--filter "FullyQualifiedName~Every_seed_keeps_the_promises" --logger "console;verbosity=detailed"

.PHONY: screenshots
screenshots: build ## Take the console's screenshots into artifacts/screenshots
	cd tests/browser && npm ci --no-audit --no-fund && npm run screenshots -- "$(CURDIR)/artifacts/screenshots"

.PHONY: format
format: ## Format C# and TypeScript
	dotnet format CareHub.sln --no-restore
	cd src/console && npm run format

.PHONY: clean
clean: ## Remove what builds and runs leave behind (the data directory too)
	rm -rf artifacts $(DATA) src/CareHub.Server/wwwroot src/console/node_modules tests/browser/node_modules tests/interop/node_modules
	find src firmware-sim tests bench build -type d \( -name bin -o -name obj \) -prune -exec rm -rf {} +
