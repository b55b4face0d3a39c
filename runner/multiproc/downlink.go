package multiproc

import (
	"errors"
	"maps"
	"os"
	"slices"
	"sync"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/hub"
	"github.com/gvp-bench/gvp/runner/multiproc/internal/slab"
	"github.com/gvp-bench/gvp/runner/multiproc/internal/wire"
)

// A downlink is the parent's end of the trunk to one child. It serves the
// requests of the child and its descendants: those for objects of this process
// itself, the others by passing them on to the parent.
type downlink struct {
	most int // size in bytes of the largest result of a request

	pipe     sync.Mutex // held while something is written to lifeline
	lifeline *os.File

	writer sync.WaitGroup // the goroutine that writes frames
	ended  chan struct{}  // closed when the child is gone

	mu       sync.Mutex
	idle     *sync.Cond         // there is something in queue, or the link is down
	queue    [][]byte           // frames for the child that are not written yet
	writing  bool               // there is a goroutine that writes them
	busy     bool               // it has some
	offered  *trunkRing         // what the child was offered, if it was
	ring     *trunkRing         // it, when the child uses it
	holds    bool               // the child has not said whether it does
	held     [][]byte           // frames for it that wait for that
	down     bool               // the child is gone
	calls    map[uint64]pending // of the child and its descendants
	sessions map[uint64]*hub.Session
	passed   map[uint64]bool // processes whose requests were passed on upward
}

// A pending call is one whose outcome is not there yet.
type pending struct {
	process uint64
	cancel  func() // takes the operation back
}

func newDownlink(lifeline *os.File, most int) *downlink {
	d := &downlink{
		lifeline: lifeline,
		most:     most,
		ended:    make(chan struct{}),
		calls:    map[uint64]pending{},
		sessions: map[uint64]*hub.Session{},
		passed:   map[uint64]bool{},
	}
	d.idle = sync.NewCond(&d.mu)
	return d
}

// send queues a frame for the child. It never waits: a child that is stopped
// must not stop those who have something for it. The queue holds one outcome
// for each request that the child has made, so that the child bounds it. It
// reports false if the child is gone.
func (d *downlink) send(frame []byte) (sent bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.down {
		return false
	}
	switch {
	case d.holds:
		d.held = append(d.held, frame)
	case d.ring != nil && !d.busy && len(d.queue) == 0 && d.ring.offer(frame):
	default:
		d.enqueue(frame)
	}
	return true
}

// enqueue has frames written. The caller holds mu.
func (d *downlink) enqueue(frames ...[]byte) {
	d.queue = append(d.queue, frames...)
	if !d.writing {
		d.writing = true
		d.writer.Go(d.write)
	}
	d.idle.Signal()
}

// write writes queued frames. It stays for the next ones, so that a busy child
// costs no goroutine for each.
func (d *downlink) write() {
	for {
		d.mu.Lock()
		for d.busy = false; len(d.queue) == 0 && !d.down; {
			d.idle.Wait()
		}
		if d.down {
			d.mu.Unlock()
			return
		}
		batch, t := d.queue, d.ring
		d.queue, d.busy = nil, true
		d.mu.Unlock()
		for _, frame := range batch {
			if t != nil && t.put(frame, d.ended) || t == nil && d.writePipe(frame) == nil {
				continue
			}
			return // the child is gone, as its end of the trunk is about to tell
		}
	}
}

func (d *downlink) writePipe(frame []byte) error {
	d.pipe.Lock()
	defer d.pipe.Unlock()
	return wire.Write(d.lifeline, frame, frameLimit(d.most))
}

// offerRings tells the child where there are rings for it, if there are. Nothing
// follows that through the pipe: what comes then waits for what the child says.
func (d *downlink) offerRings(call uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	place, err := d.takeRings()
	d.enqueue(hub.AppendOutcome(numbered(frameOutcome, call), place, err))
	d.holds = d.holds || err == nil
}

// takeRings makes rings for the child.
func (d *downlink) takeRings() (place []byte, err error) {
	if d.offered != nil {
		return nil, hub.ErrFull
	}
	s := ownTrunks()
	block := s.Take(trunkRings)
	if block == nil {
		return nil, hub.ErrFull
	}
	s.Lend(block, d)
	mem := s.Bytes(block, trunkRings)
	clearTrunkRings(mem)
	t, err := newTrunkRing(mem, false, func() { _ = d.writePipe([]byte{frameBell}) }) // a child that is gone needs none
	if err != nil {
		return nil, err
	}
	d.offered = t
	return appendFar(nil, block.Place(), trunkRings), nil
}

// switchOver has all that follows go by the rings that the child was offered, and
// returns them; nil if it was offered none.
func (d *downlink) switchOver() *trunkRing {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ring = d.offered
	d.release()
	return d.ring
}

// release has frames written that were held. The caller holds mu.
func (d *downlink) release() {
	d.holds = false
	if len(d.held) > 0 {
		d.enqueue(d.held...)
		d.held = nil
	}
}

// take serves one frame from the child.
func (d *downlink) take(frame []byte) error {
	switch frame[0] {
	case frameRequest, frameFarArg:
		r, err := parseRequest(frame)
		if err != nil {
			return err
		}
		return d.serve(r)
	case frameCancel:
		call, err := number(frame)
		if err != nil {
			return err
		}
		d.cancel(call)
	case frameGone:
		process, err := number(frame)
		if err != nil {
			return err
		}
		d.gone(process)
	default:
		return errors.New("unknown frame from the child")
	}
	return nil
}

// serve serves a request. An error is that of one which no child of this build has
// made.
func (d *downlink) serve(r request) error {
	var lent *slab.Block // that the argument lies in
	if r.far {
		var err error
		if r.arg, lent, err = d.farArg(r); err != nil {
			return err
		}
	}
	queue := r.hub == home.ID && isQueue(r.object)
	settled := func(result []byte, err error) {
		d.forget(r.call)
		switch {
		case lent == nil:
		case err == nil:
			ownSlab().Keep(lent, filling{d})
		default:
			ownSlab().FreeFrom(lent, filling{d})
		}
		if err == nil {
			err = wire.Check(uint64(len(result)), d.most)
		}
		if err != nil || !queue || len(result) < largeValue || !d.sendFar(r.call, result) {
			d.send(hub.AppendOutcome(numbered(frameOutcome, r.call), result, err))
			letGo(result)
		}
	}
	switch {
	case r.hub == home.ID && r.object == roomObject:
		settled(d.room(r.arg))
	case r.hub == home.ID && r.object == trunkObject:
		d.offerRings(r.call)
	case r.far && !queue: // it was closed meanwhile
		settled(nil, ErrClosed)
	case r.hub == home.ID:
		d.mu.Lock()
		s := d.sessions[r.process]
		if s == nil {
			s = home.Session(r.process)
			d.sessions[r.process] = s
		}
		d.calls[r.call] = pending{r.process, func() {}} // until Do returns
		d.mu.Unlock()
		cancel := s.Do(r.object, r.op, r.arg, settled)
		d.remember(r.call, func() {
			if cancel() {
				d.forget(r.call)
				if lent != nil {
					ownSlab().FreeFrom(lent, filling{d})
				}
				d.send(numbered(frameOutcome, r.call))
			}
		})
	case upward == nil:
		settled(nil, ErrUnreachable)
	default:
		d.pass(r, settled)
	}
	return nil
}

// pass passes a request on to the parent.
func (d *downlink) pass(r request, settled hub.Done) {
	d.mu.Lock()
	d.passed[r.process] = true
	d.calls[r.call] = pending{r.process, func() {}}
	d.mu.Unlock()
	call, err := upward.begin(r, func(result []byte, err error) {
		if errors.Is(err, errTakenBack) {
			d.forget(r.call)
			d.send(numbered(frameOutcome, r.call))
			return
		}
		settled(result, err)
	})
	if err != nil {
		settled(nil, err)
		return
	}
	d.remember(r.call, func() { _ = upward.write(numbered(frameCancel, call)) })
}

// remember keeps how to take a call back, unless it has ended meanwhile.
func (d *downlink) remember(call uint64, cancel func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if p, ok := d.calls[call]; ok {
		d.calls[call] = pending{p.process, cancel}
	}
}

func (d *downlink) forget(call uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.calls, call)
}

func (d *downlink) cancel(call uint64) {
	d.mu.Lock()
	if call == ringsCall { // the child cannot use the rings
		d.release()
	}
	p, ok := d.calls[call]
	d.mu.Unlock()
	if ok {
		p.cancel()
	}
}

// gone ends what a process held, here and with the ancestors.
func (d *downlink) gone(process uint64) {
	d.mu.Lock()
	s, passed := d.sessions[process], d.passed[process]
	delete(d.sessions, process)
	delete(d.passed, process)
	var waiting []pending // nobody would take it back any more
	for _, p := range d.calls {
		if p.process == process {
			waiting = append(waiting, p)
		}
	}
	d.mu.Unlock()
	for _, p := range waiting {
		p.cancel()
	}
	if s != nil {
		s.End()
	}
	if passed {
		_ = upward.write(numbered(frameGone, process)) // a parent that is gone ends us, too
	}
}

// close ends the link when the child has ended, and with it the sessions of
// the child and of its descendants, which end with it.
func (d *downlink) close() {
	d.mu.Lock()
	d.down = true
	close(d.ended)
	d.queue, d.held = nil, nil
	d.idle.Broadcast()
	// Whatever still waits is taken back first: the ancestors that some of it
	// was passed on to would keep it in mind as long as this process lives.
	waiting := slices.Collect(maps.Values(d.calls))
	processes := map[uint64]bool{}
	for p := range d.sessions {
		processes[p] = true
	}
	for p := range d.passed {
		processes[p] = true
	}
	d.mu.Unlock()
	for _, p := range waiting {
		p.cancel()
	}
	for p := range processes {
		d.gone(p)
	}
	ownSlab().FreeAll(d)
	ownSlab().FreeAll(filling{d})
	_ = d.lifeline.Close() // nothing more is to be written
	d.writer.Wait()
	ownTrunks().FreeAll(d)
}
