package check

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/gvp-bench/gvp/results/checks"
	"github.com/gvp-bench/gvp/runner/internal/family"
)

// A call is a process that is to measure.
type call struct {
	path string
	args []string
	dir  string
	env  []string

	// input is written to standard input, which then stays open as long as the
	// process is to live; without, it reads nothing.
	input []byte
}

// An outcome is what came of a call.
type outcome struct {
	stdout  []byte
	stderr  string // its beginning and its end
	started time.Time
	wall    time.Duration // from the process's start to its end
	err     error         // why it failed
	late    bool          // it was ended, as it did not end
}

// reason is why there is no sample of a process.
func (o *outcome) reason() checks.Reason {
	switch {
	case o.late:
		return checks.TimedOut
	case o.err != nil:
		return checks.Crashed
	}
	return checks.Garbage
}

var errTimeout = errors.New("time-out")

// What is kept of what a process writes, in bytes. A test that writes more to
// its standard output than a million lines of results is not doing so.
const (
	maxStdout  = 64 << 20
	stderrHead = 1 << 10
	stderrTail = 3 << 10
)

// escapeDelay is how long after the end of a process and of all its descendants
// its output may stay open. Only a descendant that left its group keeps it so.
const escapeDelay = 5 * time.Second

// run runs a process and sees to it that it and all its descendants have ended.
func run(ctx context.Context, c call, timeout time.Duration) *outcome {
	limited, cancel := context.WithTimeoutCause(ctx, timeout, errTimeout)
	defer cancel()
	// Where the kernel ends the process when we die, it means this thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	o := new(outcome)
	o.err = o.run(limited, c)
	switch {
	case ctx.Err() != nil:
		o.err = context.Cause(ctx)
	case limited.Err() != nil:
		o.late = true
		o.err = fmt.Errorf("no end within %v: it and its descendants were killed", timeout)
	}
	return o
}

func (o *outcome) run(ctx context.Context, c call) error {
	cmd := exec.CommandContext(ctx, c.path, c.args...)
	cmd.Dir, cmd.Env = c.dir, c.env
	f := family.New(cmd)
	defer f.Close()
	cmd.Cancel = f.Kill
	dieWithUs(cmd)

	var pipes pipes
	defer pipes.close()
	out, err := pipes.open(&cmd.Stdout, func(r io.Reader) []byte { return limited(r, maxStdout) })
	if err != nil {
		return err
	}
	talk, err := pipes.open(&cmd.Stderr, func(r io.Reader) []byte { return ends(r, stderrHead, stderrTail) })
	if err != nil {
		return err
	}
	if c.input != nil {
		if err := pipes.input(cmd); err != nil {
			return err
		}
	}
	o.started = time.Now()
	err = cmd.Start()
	pipes.started()
	if err != nil {
		return err
	}
	if err := f.Adopt(); err != nil {
		return errors.Join(err, cmd.Process.Kill(), cmd.Wait())
	}
	if c.input != nil {
		_, _ = pipes.lifeline.Write(c.input) // one that is gone already says so by its end
	}
	exit := cmd.Wait()
	o.wall = time.Since(o.started)
	// What outlived it would disturb the next sample.
	_ = f.Kill()
	late := time.AfterFunc(escapeDelay, pipes.cut)
	stdout, stderr := <-out, <-talk
	if !late.Stop() {
		exit = errors.Join(exit, errors.New("a descendant that left the process's group keeps its output open"))
	}
	if len(stdout) > maxStdout {
		exit = errors.Join(exit, fmt.Errorf("it wrote more than %d MiB", maxStdout>>20))
	}
	o.stdout, o.stderr = stdout, strings.ToValidUTF8(string(stderr), "\uFFFD")
	return exit
}

// pipes are the ends of pipes that a process has and that we have.
type pipes struct {
	theirs, ours []*os.File
	lifeline     *os.File
}

// open makes a pipe for what a process writes, and sends what read makes of it.
func (p *pipes) open(to *io.Writer, read func(io.Reader) []byte) (<-chan []byte, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	*to = w // a file: os/exec hands it on as it is
	p.theirs, p.ours = append(p.theirs, w), append(p.ours, r)
	data := make(chan []byte, 1)
	go func() { data <- read(r) }()
	return data, nil
}

func (p *pipes) input(cmd *exec.Cmd) error {
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	cmd.Stdin, p.lifeline = r, w
	p.theirs, p.ours = append(p.theirs, r), append(p.ours, w)
	return nil
}

// started gives up the ends that the process has now.
func (p *pipes) started() {
	for _, f := range p.theirs {
		_ = f.Close() // nothing is buffered
	}
	p.theirs = nil
}

// cut ends our reading.
func (p *pipes) cut() {
	for _, f := range p.ours {
		_ = f.SetDeadline(time.Now()) // where there are none, close ends it
		_ = f.Close()
	}
}

func (p *pipes) close() {
	p.started()
	p.cut()
}

// limited reads to the end and returns at most n bytes and one.
func limited(r io.Reader, n int64) []byte {
	data, _ := io.ReadAll(io.LimitReader(r, n+1)) // what is missing shows
	_, _ = io.Copy(io.Discard, r)
	return data
}

// ends reads to the end and returns the first and the last bytes.
func ends(r io.Reader, first, last int) []byte {
	var start, end []byte
	skipped := false
	for buf := make([]byte, 32<<10); ; {
		n, err := r.Read(buf)
		data := buf[:n]
		if k := min(first-len(start), len(data)); k > 0 {
			start, data = append(start, data[:k]...), data[k:]
		}
		if end = append(end, data...); len(end) > last {
			end, skipped = bytes.Clone(end[len(end)-last:]), true
		}
		if err != nil {
			break
		}
	}
	if skipped {
		start = append(start, "\n...\n"...)
	}
	return append(start, end...)
}

// gist returns what a failed process says in one line, to put behind an error:
// the message of a panic or of a failed test, or else the last line.
func gist(stdout []byte, stderr string) string {
	for line := range strings.Lines(stderr) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "panic:") || strings.HasPrefix(line, "fatal error:") {
			return ": " + line
		}
	}
	failed := false
	for line := range strings.Lines(string(stdout)) {
		switch line = strings.TrimSpace(line); {
		case strings.Contains(line, "--- FAIL"): // perhaps behind the name
			failed = true
		case failed && line != "" && line != "FAIL":
			return ": " + line
		}
	}
	if lines := strings.Split(strings.TrimSpace(stderr), "\n"); lines[len(lines)-1] != "" {
		return ": " + strings.TrimSpace(lines[len(lines)-1])
	}
	return ""
}
