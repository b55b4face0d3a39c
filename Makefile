# gvp: goroutines versus processes. `make` alone lists the targets; only report,
# bench, check, baseline, speed, peers, limits and example measure anything.

GO            ?= go
GOLANGCI_LINT := $(GO) tool -modfile=scripts/tools/golangci-lint/go.mod golangci-lint
ACTIONLINT    := $(GO) tool -modfile=scripts/tools/actionlint/go.mod actionlint

.DEFAULT_GOAL := help
.PHONY: help build test race streams windows lint bench check baseline speed peers limits example report fmt clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# A run records the revision that it measured, so it goes into the binaries also
# where GOFLAGS says otherwise; but go build fails where git cannot tell it, as
# in an unpacked archive or in somebody else's checkout.
VCS = $(shell git ls-files --error-unmatch go.mod >/dev/null 2>&1 && git log -1 >/dev/null 2>&1 && git status >/dev/null 2>&1 && echo true || echo false)

build: ## build bin/gvp and bin/gvp-bench
	$(GO) build -trimpath -buildvcs=$(VCS) -o bin/ ./cmd/...

test: ## run all tests
	$(GO) test ./...

# The race detector has each process sleep for a second at its exit, and the
# tests start thousands.
race: ## run the shorter tests under the race detector (wants a C compiler)
	GORACE=atexit_sleep_ms=0 $(GO) test -race -short ./...

streams: ## run multiproc's shorter tests on Linux without rings, as other systems have it
	$(GO) test -short -tags portable ./runner/multiproc/...

windows: ## run multiproc's tests as Windows programs under Wine (Debian: installs it)
	scripts/windows-tests.sh

lint: ## run the linters (the first time builds them: minutes)
	$(GOLANGCI_LINT) run
	$(ACTIONLINT)

bench: ## go test -bench: every workload in every mode
	$(GO) test -run '^$$' -bench . ./bench

# CHECK has further flags of gvp check, such as --history FILE.
check: build ## judge gvp's own benchmarks: make check BASE=origin/main (a minute or two)
	@scripts/check.sh --base '$(BASE)' $(CHECK)

baseline: build ## measure this machine's baseline for make check BASE=results/baseline/samples.txt
	scripts/baseline.sh

SPEED = hash-vs-openssl primes-vs-primesieve start-cost report-speed speedups
speed: build ## measure gvp beside its peers: openssl, primesieve, benchstat, an empty program
	@set -eu; for name in $(SPEED); do printf '\n== %s\n' "$$name"; scripts/$$name.sh; done

peers: build ## measure each primitive in goroutines, in processes and in Python, side by side
	scripts/peers.sh

limits: ## measure multiproc beside the system, goroutines and Python (wants cc, python3)
	scripts/limits.sh

example: build ## measure results/example again (half an hour)
	scripts/example.sh

# What was measured is reported also when something failed (status 1), and the
# failure is still make's own.
report: build ## measure this machine, show the tables and write the HTML page
	@status=0; bin/gvp run || status=$$?; \
	if [ $$status -le 1 ]; then bin/gvp report || exit; fi; \
	exit $$status

fmt: ## format the source
	$(GOLANGCI_LINT) fmt

clean: ## remove what build made; what was measured stays in results/runs
	rm -rf bin
