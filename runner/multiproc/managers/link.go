package managers

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"sync"

	"github.com/gvp-bench/gvp/runner/multiproc"
	"github.com/gvp-bench/gvp/runner/multiproc/internal/hub"
	"github.com/gvp-bench/gvp/runner/multiproc/internal/wire"
)

// A link is the server's end of the connection to one client.
type link struct {
	conn    *multiproc.Connection
	session *hub.Session

	mu    sync.Mutex
	more  *sync.Cond             // there is something in queue, or the link is down
	queue [][]byte               // frames for the client that are not written yet
	down  bool                   // the client is gone
	calls map[uint64]func() bool // each takes its operation back; nil while it begins
	open  int                    // requests whose outcome is not written
}

func newLink(c *multiproc.Connection, s *hub.Session) *link {
	k := &link{conn: c, session: s, calls: map[uint64]func() bool{}}
	k.more = sync.NewCond(&k.mu)
	return k
}

// read serves the client until it is gone, or says what no client says. Then
// its session ends, and with it all that it holds.
func (k *link) read() {
	defer k.close()
	for {
		frame, err := k.conn.Recv(context.Background())
		if err != nil || k.take(frame) != nil {
			return
		}
	}
}

// take serves one frame, whose memory it does not keep.
func (k *link) take(frame []byte) error {
	switch {
	case len(frame) == 9 && frame[0] == frameCancel:
		k.cancel(binary.LittleEndian.Uint64(frame[1:]))
		return nil
	case len(frame) > 0 && frame[0] == frameRequest:
		r, err := parseRequest(bytes.Clone(frame)) // objects keep what is in it
		if err != nil {
			return err
		}
		return k.serve(r)
	}
	return ErrProtocol
}

func (k *link) serve(r request) error {
	k.mu.Lock()
	if _, twice := k.calls[r.call]; twice || k.open >= maxCalls {
		k.mu.Unlock()
		return ErrProtocol // no client of this package does that
	}
	k.calls[r.call] = nil
	k.open++
	k.mu.Unlock()
	// Most operations end at once. Their outcomes this goroutine writes itself,
	// which saves waking another; a client that does not read holds up only
	// its own requests then. All others are queued, since who ends them must
	// not wait for this client.
	var now []byte
	beginning := true // guarded by mu
	cancel := k.session.Do(r.object, r.op, r.arg, func(result []byte, err error) {
		frame := hub.AppendOutcome(number(append(make([]byte, 0, 16+len(result)), frameOutcome), r.call), result, err)
		k.mu.Lock()
		delete(k.calls, r.call)
		if beginning {
			now = frame
		}
		mine := beginning
		k.mu.Unlock()
		if !mine {
			k.send(frame)
		}
	})
	k.mu.Lock()
	beginning = false
	if _, waits := k.calls[r.call]; waits {
		k.calls[r.call] = cancel
	}
	k.mu.Unlock()
	if now != nil {
		return k.writeFrame(now)
	}
	return nil
}

func (k *link) forget(call uint64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.calls, call)
}

// cancel takes an operation back, unless it has ended.
func (k *link) cancel(call uint64) {
	k.mu.Lock()
	c := k.calls[call]
	k.mu.Unlock()
	if c != nil && c() {
		k.forget(call)
		k.send(number([]byte{frameOutcome}, call))
	}
}

// send queues a frame for the client. It never waits: who has something for a
// client must not be stopped by one that is stopped. The queue holds at most
// one outcome for each request.
func (k *link) send(frame []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.down {
		k.queue = append(k.queue, frame)
		k.more.Signal()
	}
}

// write writes queued frames until the link is down.
func (k *link) write() {
	for {
		k.mu.Lock()
		for len(k.queue) == 0 && !k.down {
			k.more.Wait()
		}
		if k.down {
			k.mu.Unlock()
			return
		}
		batch := k.queue
		k.queue = nil
		k.mu.Unlock()
		for _, frame := range batch {
			if k.writeFrame(frame) != nil {
				_ = k.conn.Close() // has read notice
				return
			}
		}
	}
}

func (k *link) writeFrame(frame []byte) error {
	err := k.conn.Send(context.Background(), frame)
	if errors.Is(err, wire.ErrTooLarge) {
		head := frame[:9:9] // the letter and the call
		err = k.conn.Send(context.Background(), hub.AppendOutcome(head, nil, err))
	}
	if frame[0] == frameOutcome {
		k.mu.Lock()
		k.open--
		k.mu.Unlock()
	}
	return err
}

// close ends the link and the session.
func (k *link) close() {
	k.mu.Lock()
	k.down, k.queue = true, nil
	k.more.Broadcast()
	k.mu.Unlock()
	_ = k.conn.Close()
	k.session.End()
}
