package connection

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/gvp-bench/gvp/runner/multiproc"
)

const (
	// maxOpen is how many clients may be proving themselves at once. The next
	// one waits for a place, or takes that of one which takes its time.
	maxOpen = 512

	// patience is how long a client keeps its place while others wait for one.
	// A proof takes milliseconds, and more over a long way or on a busy machine.
	patience = time.Second
)

// A Listener takes in connections. Its methods may be called by several
// goroutines at once.
type Listener struct {
	opts   Options
	net    net.Listener
	remove func() error // what was made for the address

	ctx   context.Context // ends with Close
	close context.CancelFunc
	ready chan arrival // clients that have proved themselves
	ended chan struct{}
	died  error       // why the listener has ended by itself; set before ended is closed
	open  *handshakes // those that have not
	work  sync.WaitGroup

	mu     sync.Mutex
	last   net.Addr
	closed bool
}

// An arrival is a client that has proved itself.
type arrival struct {
	conn *multiproc.Connection
	from net.Addr
}

// Listen begins to take in connections at an address.
//
// With "unix" it is the path of a socket, or "" for one in a private folder,
// which goes with Close. A socket that a dead listener has left behind is
// replaced; that of a living one is an error. With "tcp" it is host:port, and
// port 0 means any.
//
// Clients prove themselves side by side, whether or not somebody waits in
// Accept. Those that say nothing hold nobody up while there are fewer than 512
// of them; beyond that each has to go after a second, and a client that comes
// behind n of them waits about n/512 seconds.
func Listen(network, address string, o Options) (*Listener, error) {
	o, err := o.withDefaults(network)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	if o.TLS != nil && len(o.TLS.Certificates) == 0 && o.TLS.GetCertificate == nil && o.TLS.GetConfigForClient == nil {
		return nil, fmt.Errorf("listen on %s: TLS needs a certificate on this side", address)
	}
	remove := func() error { return nil }
	if network == "unix" && address == "" {
		if address, remove, err = PrivateAddress(); err != nil {
			return nil, err
		}
	}
	var nl net.Listener
	if network == "unix" {
		nl, err = listenUnix(address)
	} else {
		nl, err = new(net.ListenConfig).Listen(context.Background(), network, address)
	}
	if err != nil {
		return nil, errors.Join(err, remove())
	}
	ctx, cancel := context.WithCancel(context.Background())
	l := &Listener{opts: o, net: nl, remove: remove, ctx: ctx, close: cancel,
		ready: make(chan arrival), ended: make(chan struct{}), open: newHandshakes()}
	l.work.Go(l.takeIn)
	return l, nil
}

// Addr returns the address in the form that [Dial] takes, with the port that
// was chosen.
func (l *Listener) Addr() net.Addr { return l.net.Addr() }

// LastAccepted returns the address of the client that Accept has last returned;
// nil before that. A client at a unix socket has an empty one.
func (l *Listener) LastAccepted() net.Addr {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last
}

// Accept waits for a client that has proved itself. Others it does not tell of:
// see [Options].OnRefused. After Close the error is [net.ErrClosed].
func (l *Listener) Accept(ctx context.Context) (*multiproc.Connection, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case a := <-l.ready:
		l.mu.Lock()
		defer l.mu.Unlock()
		l.last = a.from
		return a.conn, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-l.ended:
		return nil, l.died
	}
}

// takeIn accepts clients until the listener ends.
func (l *Listener) takeIn() {
	l.died = l.takeEachIn()
	if l.ctx.Err() != nil {
		l.died = net.ErrClosed
	}
	close(l.ended)
}

func (l *Listener) takeEachIn() error {
	var pause time.Duration
	for {
		if err := l.open.room(l.ctx); err != nil {
			return err
		}
		socket, err := l.net.Accept()
		switch {
		case err == nil:
			pause = 0
			h := l.open.enter(l.ctx)
			l.work.Go(func() { l.welcome(h, socket) })
			continue
		case l.ctx.Err() != nil || errors.Is(err, net.ErrClosed):
			return err
		}
		// Out of descriptors, most likely: that passes. Go's net retries what
		// is only about one client.
		l.refused(nil, err)
		pause = min(max(2*pause, 5*time.Millisecond), time.Second)
		select {
		case <-time.After(pause):
		case <-l.ctx.Done():
			return l.ctx.Err()
		}
	}
}

// welcome has a client prove itself and hands it to Accept.
func (l *Listener) welcome(h *handshake, socket net.Conn) {
	// The place is kept until Accept takes the client: those that nobody asks
	// for are bounded, too.
	defer h.leave()
	from := socket.RemoteAddr()
	c, err := establish(h.ctx, socket, server, l.opts)
	if err != nil {
		l.refused(from, err)
		return
	}
	h.stay()
	select {
	case l.ready <- arrival{c, from}:
	case <-l.ctx.Done():
		_ = c.Close()
	}
}

func (l *Listener) refused(from net.Addr, err error) {
	if l.opts.OnRefused != nil && l.ctx.Err() == nil {
		l.opts.OnRefused(from, err)
	}
}

// Close ends the listener, the clients that Accept has not returned, and what
// was made for the address. Connections that Accept has returned live on.
func (l *Listener) Close() error {
	l.mu.Lock()
	closed := l.closed
	l.closed = true
	l.mu.Unlock()
	if closed {
		return nil
	}
	l.close()
	err := l.net.Close()
	l.work.Wait()
	return errors.Join(err, l.remove())
}
