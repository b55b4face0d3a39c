package managers

import (
	"context"
	"fmt"
	"sync"

	"github.com/gvp-bench/gvp/runner/multiproc"
	"github.com/gvp-bench/gvp/runner/multiproc/connection"
	"github.com/gvp-bench/gvp/runner/multiproc/internal/hub"
)

// A Server holds objects and serves clients. [Start] runs one in a child
// process; NewServer is for one in this process.
type Server struct {
	hub  *hub.Hub
	root *root
	work sync.WaitGroup
	ctx  context.Context // ends with Close
	end  context.CancelFunc

	mu     sync.Mutex
	closed bool
	last   uint64 // number of a session
	links  map[*link]struct{}
}

// NewServer returns a server without objects.
func NewServer() *Server {
	h := hub.New()
	ctx, end := context.WithCancel(context.Background())
	return &Server{hub: h, root: newRoot(h), ctx: ctx, end: end, links: map[*link]struct{}{}}
}

// Serve takes in clients from a listener until ctx or the listener ends, which
// is its error, or until Close, when there is none. Clients stay connected after
// it, until Close, and the listener stays open. It may be called for several
// listeners.
func (s *Server) Serve(ctx context.Context, l *connection.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(s.ctx, cancel)
	defer stop()
	for {
		c, err := l.Accept(ctx)
		switch {
		case err == nil:
			s.attach(c)
		case s.ctx.Err() != nil:
			return nil
		default:
			return fmt.Errorf("serve a manager: %w", err)
		}
	}
}

// attach serves a client until its connection ends.
func (s *Server) attach(c *multiproc.Connection) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		_ = c.Close()
		return
	}
	s.last++
	k := newLink(c, s.hub.Session(s.last))
	s.links[k] = struct{}{}
	k.send(hello(s.hub.ID))
	s.work.Go(k.write)
	s.work.Go(func() {
		k.read()
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.links, k)
	})
}

// Close disconnects all clients and ends all objects. It waits for registered
// functions that still run; the contexts of methods have ended then.
func (s *Server) Close() {
	s.end()
	s.mu.Lock()
	s.closed = true
	for k := range s.links {
		go k.conn.Close() // which over TLS waits for a client that is stopped
	}
	s.mu.Unlock()
	s.work.Wait()
	s.hub.Remove(rootObject) // ends the others, too
	s.root.closers.Wait()
}
