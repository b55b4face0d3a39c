package runner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/runner/multiproc"
	"github.com/gvp-bench/gvp/workloads"
)

// Main is the whole main function of a bench binary with the given workloads.
// It does not return.
func Main(ws ...workloads.Workload) {
	r, err := New(ws...)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench binary:", err)
		os.Exit(2)
	}
	multiproc.Main()

	// What the work prints is not to mix with what the host answers, and what
	// it reads is not to be the tool's request; nor are its children's.
	stdin, stdout := os.Stdin, os.Stdout
	os.Stdout = os.Stderr
	if os.Stdin, err = os.Open(os.DevNull); err != nil {
		fmt.Fprintln(os.Stderr, "bench binary:", err)
		os.Exit(1)
	}
	os.Exit(r.command(os.Args[1:], stdin, stdout, os.Stderr))
}

// command does what the tool asks for and returns the exit status.
func (r *Runner) command(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var err error
	switch {
	case len(args) == 1 && args[0] == results.DescribeCommand:
		err = json.NewEncoder(stdout).Encode(r.Catalog())
	case len(args) == 1 && args[0] == results.HostCommand:
		err = r.host(stdin, stdout)
	case len(args) == 2 && args[0] == results.CleanupCommand:
		err = r.cleanup(stdin, args[1])
	case len(args) == 1 && (args[0] == "-h" || args[0] == "--help"):
		_, err = fmt.Fprintln(stdout, help)
	default:
		fmt.Fprintln(stderr, help)
		return 2
	}
	if err != nil {
		fmt.Fprintln(stderr, "bench binary:", err)
		return 1
	}
	return 0
}

const help = "This is a bench binary: `gvp run PACKAGE-OR-BINARY` drives it, `gvp list` says what it can measure."

// host takes the one sample that a [results.Spec] on stdin asks for and writes
// the [results.Reply] to stdout.
func (r *Runner) host(stdin io.Reader, stdout io.Writer) error {
	in := json.NewDecoder(stdin)
	var spec results.Spec
	if err := in.Decode(&spec); err != nil {
		return fmt.Errorf("read the request: %w", err)
	}
	if spec.Protocol != results.ProtocolVersion {
		return reply(stdout, results.Reply{Error: fmt.Sprintf(
			"the tool speaks version %d of the protocol and this bench binary version %d: build both from the same gvp", spec.Protocol, results.ProtocolVersion)})
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	gone := make(chan struct{})
	go func() {
		// The tool sends nothing more: its end of the pipe closes when it
		// gives this sample up, or dies.
		_, _ = io.Copy(io.Discard, io.MultiReader(in.Buffered(), stdin))
		close(gone)
	}()
	// A signal to end comes from elsewhere, such as the kernel, which hangs up
	// on what the tool's death leaves stopped.
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		select {
		case <-gone:
		case <-signals:
		}
		cancel(errors.New("the tool is gone"))
		if err := r.abandon(spec); err != nil {
			fmt.Fprintln(os.Stderr, "bench binary:", err)
		}
		os.Exit(exitAbandoned)
	}()
	s, err := r.Measure(ctx, spec, Clock{})
	if ctx.Err() != nil {
		select {} // this process is being abandoned: it ends with that status, and not before that is done
	}
	if err != nil {
		return reply(stdout, results.Reply{Error: strings.ReplaceAll(err.Error(), "\n", "; ")})
	}
	return reply(stdout, results.Reply{Sample: s})
}

// exitAbandoned is the exit status of a host whose tool is gone.
const exitAbandoned = 3

func reply(w io.Writer, r results.Reply) error {
	if err := json.NewEncoder(w).Encode(r); err != nil {
		return fmt.Errorf("write the reply: %w", err)
	}
	return nil
}
