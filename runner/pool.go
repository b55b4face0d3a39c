package runner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/runner/multiproc"
)

// A pool is workers that live in processes, which take chunks of units from
// this one over a connection each.
type pool struct {
	cuts    []uint64 // of folds
	workers []*remote
	release func() bool // lets go of the context
}

// A remote is this process's side of one worker process.
type remote struct {
	name       string
	conn       *multiproc.Connection
	process    *multiproc.Process[struct{}]
	goroutines int
	out        batches
	told       bool // that it has ended, and how
}

// workerSpec is what a worker process is told when it starts.
type workerSpec struct {
	Cell    results.Cell `json:"cell"`
	First   int          `json:"first"`   // id of its first worker
	Workers int          `json:"workers"` // how many it is home to
	Cuts    []uint64     `json:"cuts"`
	Profile string       `json:"profile,omitempty"`

	Conn *multiproc.Connection `json:"conn"` // to the dispatcher
}

// newPool starts one process for each number in goroutines, with that many
// workers inside, and returns when all are ready.
func newPool(ctx context.Context, t task, goroutines []int) (*pool, error) {
	p := &pool{cuts: t.cuts}
	first := 0
	for i, n := range goroutines {
		w, err := startRemote(t, i, first, n)
		if err != nil {
			return nil, errors.Join(err, p.kill())
		}
		p.workers = append(p.workers, w)
		first += n
	}
	// A process that is brought down while one waits for its answer ends the
	// waiting.
	p.release = context.AfterFunc(ctx, func() { _ = p.kill() })
	err := p.each(func(_ int, w *remote) error {
		_, err := w.expect(msgReady)
		return err
	})
	if err != nil {
		p.release()
		return nil, errors.Join(err, p.kill())
	}
	return p, nil
}

func startRemote(t task, index, first, n int) (*remote, error) {
	here, there, err := multiproc.BytePipe()
	if err != nil {
		return nil, err
	}
	name := "w" + strconv.Itoa(index)
	spec := workerSpec{Cell: t.cell, First: first, Workers: n, Cuts: t.cuts, Conn: there}
	if t.profile != "" {
		spec.Profile = filepath.Join(t.profile, name+".pb.gz")
	}
	proc, err := t.runner.worker.Start(spec, multiproc.Options{
		Env: []string{"GOMAXPROCS=" + strconv.Itoa(min(n, t.cpus))},
	})
	if err != nil {
		return nil, errors.Join(err, here.Close())
	}
	return &remote{name: name, conn: here, process: proc, goroutines: n}, nil
}

// each calls f for all workers at once and returns their errors.
func (p *pool) each(f func(int, *remote) error) error {
	errs := make(chan error)
	for i, w := range p.workers {
		go func() {
			if err := f(i, w); err != nil {
				errs <- w.named(err)
				return
			}
			errs <- nil
		}()
	}
	var all []error
	for range p.workers {
		all = append(all, <-errs)
	}
	return firstOf(all)
}

func (p *pool) warm(_ context.Context, n uint64) error {
	return p.each(func(_ int, w *remote) error {
		if err := w.conn.Send(context.Background(), strconv.AppendUint([]byte{msgWarm}, n, 10)); err != nil {
			return w.lost(err)
		}
		_, err := w.expect(msgReady)
		return err
	})
}

func (p *pool) do(ctx context.Context, n, chunk uint64) (results.Fold, error) {
	d := dispenser{n: n, chunk: chunk}
	for _, w := range p.workers {
		d.workers += uint64(w.goroutines)
	}
	var failed atomic.Bool
	folds := make([]results.Fold, len(p.workers))
	err := p.each(func(i int, w *remote) (err error) {
		folds[i], err = w.feed(&d, func() bool { return failed.Load() || ctx.Err() != nil })
		if err != nil {
			failed.Store(true)
		}
		return err
	})
	if err != nil {
		return results.Fold{}, err
	}
	fold := results.NewFold(p.cuts)
	for _, f := range folds {
		err = errors.Join(err, fold.Merge(f))
	}
	return fold, errors.Join(err, ctx.Err())
}

// feed hands chunks to w until there are none or stop says so, and returns the
// digests of what it did. Each of its goroutines has one batch of them in work,
// and one more lies ready while there are enough.
func (w *remote) feed(d *dispenser, stop func() bool) (results.Fold, error) {
	w.out.begin()
	for stopped := false; ; stopped = stopped || stop() {
		for more := !stopped; more && w.out.len() < 2*w.goroutines; {
			var err error
			if more, err = w.hand(d); err != nil {
				return results.Fold{}, w.lost(err)
			}
		}
		if w.out.len() == 0 {
			break
		}
		if _, err := w.expect(msgDone); err != nil {
			return results.Fold{}, err
		}
		w.out.done()
	}
	if err := w.conn.Send(context.Background(), []byte{msgEnd}); err != nil {
		return results.Fold{}, w.lost(err)
	}
	b, err := w.expect(msgFold)
	if err != nil {
		return results.Fold{}, err
	}
	return decodeFold(b)
}

func (p *pool) report(context.Context) (crewReport, error) {
	r := crewReport{latency: newHistogram()}
	// Memory comes first: to tell what they saw, the workers need some more.
	var peaks []int64
	for _, w := range p.workers {
		n, err := w.peak()
		if err != nil {
			return crewReport{}, w.named(err)
		}
		peaks = append(peaks, n)
	}
	var err error
	if r.peak, err = peakMemory(peaks); err != nil {
		return crewReport{}, err
	}
	for _, w := range p.workers {
		s, err := w.status()
		if err != nil {
			return crewReport{}, w.named(err)
		}
		h, err := importHistogram(s.Latency)
		if err != nil {
			return crewReport{}, w.named(fmt.Errorf("read its latencies: %w", err))
		}
		r.latency.merge(h)
		r.used = r.used.plus(usage{s.Used.System, s.Used.Heap})
		r.processes = append(r.processes, results.Process{Role: "worker", GOMAXPROCS: s.GOMAXPROCS})
	}
	return r, nil
}

// peak asks for the process's own peak memory, in bytes.
func (w *remote) peak() (int64, error) {
	if err := w.conn.Send(context.Background(), []byte{msgPeak}); err != nil {
		return 0, w.lost(err)
	}
	b, err := w.expect(msgPeakIs)
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(string(b), 10, 64)
}

func (w *remote) status() (s workerStatus, err error) {
	if err := w.conn.Send(context.Background(), []byte{msgReport}); err != nil {
		return s, w.lost(err)
	}
	b, err := w.expect(msgStatus)
	if err != nil {
		return s, err
	}
	err = json.Unmarshal(b, &s)
	return s, err
}

// expect receives the next message, which has to be of that letter, and
// returns what follows it.
func (w *remote) expect(letter byte) ([]byte, error) {
	b, err := w.conn.Recv(context.Background())
	switch {
	case err != nil:
		return nil, w.lost(err)
	case len(b) > 0 && b[0] == letter:
		return b[1:], nil
	case len(b) > 0 && b[0] == msgError:
		return nil, errors.New(string(b[1:]))
	}
	return nil, fmt.Errorf("it answered %q instead of %q", b, letter)
}

// lost explains a broken connection by how the process ended, if it did: its
// end of the connection closes only then.
func (w *remote) lost(err error) error {
	if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) && !isBrokenPipe(err) {
		return err
	}
	if _, jerr := w.process.Join(context.Background()); jerr != nil {
		w.told = true
		return fate(jerr)
	}
	return err
}

// named says whose error it is.
func (w *remote) named(err error) error {
	return fmt.Errorf("process %s (pid %d): %w", w.name, w.process.PID(), err)
}

// fate is the error of joining a process without the process's name, for those
// who name it better.
func fate(err error) error {
	if failed, ok := errors.AsType[*multiproc.Error](err); ok {
		return errors.New(strings.TrimSpace(failed.Message))
	}
	if ended, ok := errors.AsType[*multiproc.ExitError](err); ok {
		return fmt.Errorf("ended without an answer: %s", ended.How)
	}
	return err
}

func (p *pool) close() error {
	p.release()
	return p.each(func(_ int, w *remote) error {
		if w.told {
			return w.conn.Close()
		}
		err := w.conn.Send(context.Background(), []byte{msgQuit})
		if err != nil {
			err = w.lost(err)
		} else if _, err = w.process.Join(context.Background()); err != nil {
			err = fate(err)
		}
		return errors.Join(err, w.conn.Close())
	})
}

// kill ends the processes and returns when they are reaped.
func (p *pool) kill() error {
	var errs []error
	for _, w := range p.workers {
		errs = append(errs, w.process.Kill())
	}
	for _, w := range p.workers {
		<-w.process.Ended()
	}
	return errors.Join(errs...)
}
