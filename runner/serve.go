package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strconv"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/runner/multiproc"
)

// serveUnits is the life of a worker process.
func (r *Runner) serveUnits(ctx context.Context, spec workerSpec) (_ struct{}, err error) {
	conns := multiproc.Inherited(ctx)
	if len(conns) != 1 {
		return struct{}{}, fmt.Errorf("a worker process has %d connections, want 1", len(conns))
	}
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
	s := &server{conn: conns[0], team: crew, meter: newMeter()}
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

	chunks  chan span  // of the sample in work, nil between samples
	drained chan drain // its outcome
}

// A drain is the outcome of a sample in this process.
type drain struct {
	fold results.Fold
	err  error
}

func (s *server) serve() error {
	if err := s.conn.Send([]byte{msgReady}); err != nil {
		return err
	}
	for {
		b, err := s.conn.Recv()
		if errors.Is(err, io.EOF) {
			return nil // the dispatcher has gone away without a word
		}
		if err != nil {
			return err
		}
		if len(b) == 0 {
			return errors.New("empty message")
		}
		quit, err := s.obey(b[0], b[1:])
		if quit || err != nil {
			return err
		}
	}
}

// obey does what one message says. Its error is one of the connection; what
// goes wrong with the work is answered.
func (s *server) obey(letter byte, arg []byte) (quit bool, err error) {
	switch letter {
	case msgWarm:
		return false, s.warm(string(arg))
	case msgChunk:
		return false, s.take(arg)
	case msgEnd:
		return false, s.end()
	case msgPeak:
		return false, s.peak()
	case msgReport:
		return false, s.status()
	case msgQuit:
		return true, nil
	}
	return false, fmt.Errorf("unknown message %q", letter)
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
	if err := s.conn.Send([]byte{msgReady}); err != nil {
		return err
	}
	s.before, err = s.meter.usage()
	return err
}

// take queues a chunk. The first one of a sample sets the team to work.
func (s *server) take(arg []byte) error {
	c, err := parseChunk(arg)
	if err != nil {
		return err
	}
	if s.chunks == nil {
		s.start()
	}
	s.chunks <- c
	return nil
}

func (s *server) start() {
	// The dispatcher never has more than two chunks a worker under way.
	chunks := make(chan span, 2*len(s.team.members))
	s.chunks, s.drained = chunks, make(chan drain, 1)
	done := []byte{msgDone}
	go func() {
		fold, err := s.team.drain(chunks, func(error) {
			// A connection that breaks here breaks for the server's Recv too.
			_ = s.conn.Send(done)
		})
		s.drained <- drain{fold, err}
	}()
}

func (s *server) end() error {
	d := drain{fold: results.NewFold(s.team.cuts)}
	if s.chunks != nil {
		close(s.chunks)
		d = <-s.drained
		s.chunks = nil
	}
	if d.err != nil {
		return s.fail(d.err)
	}
	b, err := encode(msgFold, d.fold)
	if err != nil {
		return err
	}
	if err := s.conn.Send(b); err != nil {
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
	return s.conn.Send(strconv.AppendInt([]byte{msgPeakIs}, n, 10))
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
	return s.conn.Send(b)
}

// fail answers that what was asked for failed.
func (s *server) fail(err error) error {
	return s.conn.Send(append([]byte{msgError}, err.Error()...))
}
