package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"sync"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/runner/multiproc"
)

// serveUnits is the life of a worker process.
func (r *Runner) serveUnits(_ context.Context, spec workerSpec) (_ struct{}, err error) {
	stop, err := startProfile(spec.Profile)
	if err != nil {
		return struct{}{}, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	job, err := r.job(spec.Cell.Workload, spec.Cell.Values())
	if err != nil {
		return struct{}{}, err
	}
	crew, err := newTeam(task{runner: r, job: job, cell: spec.Cell, cuts: spec.Cuts, profile: spec.Profile}, spec.First, spec.Workers, false)
	if err != nil {
		return struct{}{}, err
	}
	s := &server{conn: spec.Conn, team: crew, meter: newMeter()}
	return struct{}{}, errors.Join(s.serve(), crew.close())
}

// A server obeys the dispatcher inside a worker process.
type server struct {
	conn  *multiproc.Connection
	team  *team
	meter *meter

	// Readings before the first chunk of a sample and after its last one,
	// each the last thing before the dispatcher is waited for.
	before, after usage
}

func (s *server) serve() error {
	if err := s.conn.Send(context.Background(), []byte{msgReady}); err != nil {
		return err
	}
	for {
		b, err := s.conn.Recv(context.Background())
		if errors.Is(err, io.EOF) {
			return nil // the dispatcher has gone away without a word
		}
		if err != nil {
			return err
		}
		if len(b) == 0 {
			return errors.New("empty message")
		}
		quit, err := s.obey(b)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if quit || err != nil {
			return err
		}
	}
}

// obey does what one message says. Its error is one of the connection; what
// goes wrong with the work is answered.
func (s *server) obey(msg []byte) (quit bool, err error) {
	switch msg[0] {
	case msgWarm:
		return false, s.warm(string(msg[1:]))
	case msgChunk, msgTell:
		return false, s.work(msg)
	case msgEnd: // of a sample in which nothing was left for this process
		return false, s.answer(results.NewFold(s.team.cuts), nil)
	case msgPeak:
		return false, s.peak()
	case msgReport:
		return false, s.status()
	case msgQuit:
		return true, nil
	}
	return false, fmt.Errorf("unknown message %q", msg[0])
}

func (s *server) warm(arg string) error {
	n, err := strconv.ParseUint(arg, 10, 64)
	if err != nil {
		return err
	}
	if err := s.team.warm(context.Background(), n); err != nil {
		return s.fail(err)
	}
	runtime.GC() // as the host does before its clock starts
	if err := s.conn.Send(context.Background(), []byte{msgReady}); err != nil {
		return err
	}
	s.before, err = s.meter.usage()
	return err
}

// work has the team do the sample that begins with this chunk. The workers
// take the next ones off the connection themselves, where one lies ready: a
// goroutine that read ahead for them would not run before they pause, and a
// process that falls idle after each chunk pays for waking up.
func (s *server) work(msg []byte) error {
	first, err := parseChunk(msg)
	if err != nil {
		return err
	}
	in := inbox{conn: s.conn, first: &first}
	done := []byte{msgDone}
	fold, err := s.team.drain(in.next, func(c span, _ error) {
		if c.tell {
			// A connection that breaks here breaks for the next Recv too.
			_ = s.conn.Send(context.Background(), done)
		}
	})
	if in.broken != nil {
		return in.broken
	}
	return s.answer(fold, err)
}

// An inbox takes the chunks of one sample off the connection. Its methods may
// be called by several goroutines at once.
type inbox struct {
	conn *multiproc.Connection

	mu     sync.Mutex
	first  *span // the chunk that is here already
	ended  bool
	broken error // what is wrong with the connection
}

// next returns the next chunk; false after the last one.
func (in *inbox) next() (span, bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.first != nil {
		c := *in.first
		in.first = nil
		return c, true
	}
	if in.ended {
		return span{}, false
	}
	b, err := in.conn.Recv(context.Background())
	if err == nil && len(b) > 0 && isChunk(b[0]) {
		var c span
		if c, err = parseChunk(b); err == nil {
			return c, true
		}
	}
	if err == nil && (len(b) == 0 || b[0] != msgEnd) {
		err = fmt.Errorf("message %q amid a sample", b)
	}
	in.ended, in.broken = true, err
	return span{}, false
}

// answer sends what came of a sample.
func (s *server) answer(fold results.Fold, err error) error {
	if err != nil {
		return s.fail(err)
	}
	b, err := encode(msgFold, fold)
	if err != nil {
		return err
	}
	if err := s.conn.Send(context.Background(), b); err != nil {
		return err
	}
	s.after, err = s.meter.usage()
	return err
}

func (s *server) peak() error {
	n, err := ownPeak()
	if err != nil {
		return s.fail(err)
	}
	return s.conn.Send(context.Background(), strconv.AppendInt([]byte{msgPeakIs}, n, 10))
}

func (s *server) status() error {
	var st workerStatus
	latency, err := s.team.latency().export()
	if err != nil {
		return s.fail(err)
	}
	u := s.after.minus(s.before)
	st.Latency, st.Used, st.GOMAXPROCS = latency, used{u.system, u.heap}, runtime.GOMAXPROCS(0)
	b, err := encode(msgStatus, st)
	if err != nil {
		return err
	}
	return s.conn.Send(context.Background(), b)
}

// fail answers that what was asked for failed.
func (s *server) fail(err error) error {
	return s.conn.Send(context.Background(), append([]byte{msgError}, err.Error()...))
}
