package campaign

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/runner/internal/family"
)

// A launcher starts hosts, one after another.
type launcher struct {
	bench *Bench
	work  string // folder for what hosts leave on the way
}

// An answer is what came of one host.
type answer struct {
	sample *results.Sample // nil if err is not
	err    error           // why the host failed
	stderr string          // of a host that failed

	pid     int
	started time.Time
	wall    time.Duration    // from the host's start to its end
	noise   []results.Metric // of the machine meanwhile
}

var errTimeout = errors.New("time-out")

// take starts a host, has it do what spec says and sees to it that the host
// and all its descendants have ended. The error is for what concerns more than
// this host: an interruption, the bench binary, the run's folder.
func (l *launcher) take(ctx context.Context, spec results.Spec, timeout time.Duration) (*answer, error) {
	if err := l.bench.unchanged(); err != nil {
		return nil, err
	}
	stderr, err := os.Create(filepath.Join(l.work, "stderr"))
	if err != nil {
		return nil, fmt.Errorf("cannot write in the run's folder: %w", err)
	}
	defer stderr.Close() // what counts has been read
	limited, cancel := context.WithTimeoutCause(ctx, timeout, errTimeout)
	defer cancel()

	before := readNoise()
	a := &answer{started: time.Now()}
	a.err = l.talk(limited, spec, stderr, a)
	a.wall = time.Since(a.started)
	a.noise = readNoise().since(before, a.wall)

	if limited.Err() != nil {
		a.err = fmt.Errorf("no answer within %v: the host and its descendants were killed", timeout)
	}
	if a.err != nil {
		a.sample, a.stderr = nil, readStderr(stderr)
		a.err = fmt.Errorf("%w%s", a.err, gist(a.stderr))
		if err := l.cleanup(spec); err != nil {
			a.err = fmt.Errorf("%w; %w", a.err, err)
		}
	}
	if ctx.Err() != nil {
		if left, ok := errors.AsType[*CleanupError](a.err); ok {
			return nil, fmt.Errorf("%w; %w", ctx.Err(), left)
		}
		return nil, ctx.Err()
	}
	// Its workers are started from the same file, some of them late.
	return a, l.bench.unchanged()
}

// A CleanupError says that what the workers of a failed or killed host left
// behind is still there, and why.
type CleanupError struct{ Err error }

func (e *CleanupError) Error() string { return "cannot clean up after the host: " + e.Err.Error() }
func (e *CleanupError) Unwrap() error { return e.Err }

// cleanup has the bench binary remove what the workers of a failed or killed
// host left behind.
func (l *launcher) cleanup(spec results.Spec) error {
	request, err := json.Marshal(spec)
	if err != nil {
		return fmt.Errorf("encode the request: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), cleanupTimeout)
	defer cancel()
	var stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, l.bench.Path, results.CleanupCommand, string(request))
	cmd.Env = hostEnv(os.Environ())
	cmd.Stderr = &stderr
	cmd.WaitDelay = time.Second // for what it may have left behind
	if err := cmd.Run(); err != nil {
		return &CleanupError{fmt.Errorf("%w%s", err, gist(stderr.String()))}
	}
	return nil
}

// cleanupTimeout is generous: removing a file a worker takes milliseconds.
const cleanupTimeout = 30 * time.Second

// talk runs the host and fills its pid and sample in.
func (l *launcher) talk(ctx context.Context, spec results.Spec, stderr *os.File, a *answer) (err error) {
	request, err := json.Marshal(spec)
	if err != nil {
		return fmt.Errorf("encode the request: %w", err)
	}
	// As the host's standard input is the one that it watches for our death,
	// nobody else may have the writing end, and we keep it until it has ended.
	stdin, lifeline, err := os.Pipe()
	if err != nil {
		return err
	}
	defer lifeline.Close() // nothing is buffered
	reply, stdout, err := os.Pipe()
	if err != nil {
		return errors.Join(err, stdin.Close())
	}
	defer reply.Close() // only read

	cmd := exec.CommandContext(ctx, l.bench.Path, results.HostCommand)
	cmd.Env = hostEnv(os.Environ())
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, stdout, stderr
	group := family.New(cmd)
	defer group.Close()
	cmd.Cancel = group.Kill
	err = cmd.Start()
	_ = errors.Join(stdin.Close(), stdout.Close()) // the host has its own
	if err != nil {
		return fmt.Errorf("cannot start the host: %w", err)
	}
	a.pid = cmd.Process.Pid
	if err := group.Adopt(); err != nil {
		return errors.Join(err, cmd.Process.Kill(), cmd.Wait())
	}
	out := make(chan []byte, 1)
	go func() { out <- readReply(reply) }()
	// A host that is gone already is not there to read it; its exit says more.
	_, _ = lifeline.Write(request)
	exit := cmd.Wait()
	// What outlived the host would disturb the next sample. That the group's
	// number has gone to somebody else in this moment is as good as
	// impossible: the kernel hands out all others first.
	_ = group.Kill()
	select {
	case data := <-out:
		a.sample, err = readSample(data, exit, spec)
		return err
	case <-time.After(escapeDelay):
		return errors.New("a descendant of the host outlived it and holds its standard output open")
	}
}

// escapeDelay is how long after the killing of the host's group its standard
// output may stay open. Only a descendant that left the group keeps it so.
const escapeDelay = 5 * time.Second

// maxReply bounds, in bytes, what is kept of a host's answer. It has to hold a
// line for each of 10,000 workers.
const maxReply = 16 << 20

// readReply reads to the end, so that a host that says too much is not kept
// waiting, and returns at most maxReply bytes and one.
func readReply(r io.Reader) []byte {
	data, _ := io.ReadAll(io.LimitReader(r, maxReply+1)) // what is missing shows
	_, _ = io.Copy(io.Discard, r)
	return data
}

// A hostError is what a host says that kept it from doing what it was asked to.
type hostError string

func (e hostError) Error() string { return string(e) }

// readSample judges what a host wrote and how it ended.
func readSample(data []byte, exit error, spec results.Spec) (*results.Sample, error) {
	var reply results.Reply
	err := json.Unmarshal(data, &reply)
	switch {
	case err == nil && reply.Error != "":
		return nil, hostError(reply.Error)
	case exit != nil:
		return nil, fmt.Errorf("the host ended with %w", exit)
	case len(bytes.TrimSpace(data)) == 0:
		return nil, errors.New("the host ended without an answer")
	case len(data) > maxReply:
		return nil, fmt.Errorf("the host's answer is longer than %d bytes", maxReply)
	case err != nil:
		return nil, fmt.Errorf("the host's answer %s is not a reply: %w", quote(data), err)
	case reply.Sample == nil:
		return nil, fmt.Errorf("the host's answer %s holds no sample", quote(data))
	}
	return reply.Sample, checkSample(reply.Sample, spec)
}

// checkSample refuses a sample that is not what was asked for.
func checkSample(s *results.Sample, spec results.Spec) error {
	if spec.Check {
		return nil
	}
	if spec.Units == 0 {
		if s.Units == 0 {
			return errors.New("the host's calibration found no number of units")
		}
		return nil
	}
	switch {
	case s.Units != spec.Units:
		return fmt.Errorf("the host did %d units, not the %d asked for", s.Units, spec.Units)
	case s.Digest.Units != spec.Units:
		return fmt.Errorf("the host's digest is that of %d units, not of the %d asked for", s.Digest.Units, spec.Units)
	case len(s.Processes) == 0:
		return errors.New("the host does not say what GOMAXPROCS was in its processes")
	case slices.ContainsFunc(s.Processes, func(p results.Process) bool { return p.GOMAXPROCS < 1 }):
		return errors.New("the host does not say what GOMAXPROCS was in each of its processes")
	}
	if err := results.CheckMetrics(s.Metrics); err != nil {
		return fmt.Errorf("the host's answer: %w", err)
	}
	return nil
}

// hostEnv returns env without GOMAXPROCS: what it is in each process is for
// the mode to say. Nor may a host take itself for a worker, which is what
// multiproc's variables would make of it.
func hostEnv(env []string) []string {
	return slices.DeleteFunc(slices.Clone(env), func(kv string) bool {
		return strings.HasPrefix(kv, "GOMAXPROCS=") || strings.HasPrefix(kv, "GVP_MULTIPROC_")
	})
}

// quote shows the beginning of data on one line.
func quote(data []byte) string {
	if len(data) > 80 {
		return fmt.Sprintf("%q...", data[:80])
	}
	return fmt.Sprintf("%q", data)
}

// What is kept of a failed host's standard error, in bytes: the beginning,
// where a panic says what happened, and the end.
const (
	stderrHead = 1 << 10
	stderrTail = 3 << 10
)

func readStderr(f *os.File) string {
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return ""
	}
	if size <= stderrHead+stderrTail {
		return readAt(f, 0, size)
	}
	return readAt(f, 0, stderrHead) + "\n...\n" + readAt(f, size-stderrTail, stderrTail)
}

func readAt(f *os.File, offset, n int64) string {
	data, _ := io.ReadAll(io.NewSectionReader(f, offset, n)) // what is missing is not worth an error
	return strings.ToValidUTF8(string(data), "\uFFFD")
}

// gist returns what standard error says in one line, to put behind an error:
// the message of a panic, or else the last line.
func gist(stderr string) string {
	last := ""
	for line := range strings.Lines(stderr) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "panic:") || strings.HasPrefix(line, "fatal error:") {
			return ": " + line
		}
		if line != "" {
			last = ": " + line
		}
	}
	return last
}
