package managers

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/gvp-bench/gvp/runner/multiproc"
	"github.com/gvp-bench/gvp/runner/multiproc/connection"
	"github.com/gvp-bench/gvp/runner/multiproc/internal/hub"
)

// A Manager is a connection to a server. Its methods may be called by several
// goroutines at once.
type Manager struct {
	client *client

	server   *multiproc.Process[bool] // nil if this process has not started it
	released chan struct{}            // closed when nothing is left of the server
}

// Connect connects to a server that was started elsewhere. Network and address
// are those of its listener. To a server that [Start] has started with "tcp",
// connect with TLS whose InsecureSkipVerify is set: the key vouches for it.
func Connect(ctx context.Context, network, address string, o connection.Options) (*Manager, error) {
	p := place{Network: network, Address: address}
	p.Sealed = o.TLS != nil && o.TLS.InsecureSkipVerify && len(o.TLS.Certificates) == 0
	c, err := connect(ctx, p, o)
	if err != nil {
		return nil, fmt.Errorf("connect to a manager: %w", err)
	}
	return &Manager{client: c}, nil
}

// Network is the network that others [Connect] over.
func (m *Manager) Network() string { return m.place().Network }

// Address is the address that others [Connect] to.
func (m *Manager) Address() string { return m.place().Address }

// place is where the server is; nowhere for the zero value.
func (m *Manager) place() place {
	if m.client == nil {
		return place{}
	}
	return m.client.place
}

var errZeroManager = errors.New("the zero value is not usable: get a manager from Start or Connect")

// PID returns the process id of a server that this process has started;
// otherwise 0.
func (m *Manager) PID() int {
	if m.server == nil {
		return 0
	}
	return m.server.PID()
}

// Close ends the connection, and with it all that this process holds at the
// server. The server goes on, and so do its objects: see [Manager.Shutdown].
func (m *Manager) Close() error {
	if m.client == nil {
		return errZeroManager
	}
	_ = m.client.fail(errors.New("closed here"))
	return nil
}

// Shutdown ends the server, if this process has started it, and returns when it
// has ended. Registered functions that run have until ctx ends; then the server
// is killed. Elsewhere the error is [multiproc.ErrNotOwner].
func (m *Manager) Shutdown(ctx context.Context) error {
	if m.client == nil {
		return errZeroManager
	}
	if m.server == nil {
		return fmt.Errorf("shut a manager down: %w", multiproc.ErrNotOwner)
	}
	_ = m.Close()
	if err := m.server.Interrupt(); err != nil {
		return err
	}
	_, err := m.server.Join(ctx)
	var exit *multiproc.ExitError
	switch {
	case err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()):
		err = errors.Join(err, m.server.Kill())
		<-m.server.Ended()
	case errors.As(err, &exit):
		err = nil // it was killed before, which is what was wanted
	}
	<-m.released
	return err
}

// An In is where an object is made: a [Manager], or a name at one.
type In interface {
	in() (c *client, name string)
}

func (m *Manager) in() (*client, string) { return m.client, "" }

// A Name is a place at a server where an object is found again, by any client:
// there, the New functions make an object only if there is none, and otherwise
// return a proxy of the one that is there. It has to be of the same type; what
// else a New function says, such as a queue's room, counts for the first only.
type Name struct {
	m    *Manager
	name string
}

// Named returns a name at the server.
func (m *Manager) Named(name string) Name { return Name{m, name} }

func (n Name) in() (*client, string) {
	if n.m == nil {
		return nil, n.name
	}
	return n.m.client, n.name
}

// find is in of where, which has to be somewhere.
func find(where In) (*client, string, error) {
	if where == nil {
		return nil, "", errZeroManager
	}
	c, name := where.in()
	if c == nil {
		return nil, "", errZeroManager
	}
	return c, name, nil
}

// Names returns the names of the objects at the server, sorted.
func (m *Manager) Names(ctx context.Context) ([]string, error) {
	b, err := m.ask(ctx, rootNames)
	if err != nil {
		return nil, err
	}
	fields, err := cutAll(b)
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = string(f)
	}
	return names, err
}

// Len returns the number of objects at the server.
func (m *Manager) Len(ctx context.Context) (int, error) {
	b, err := m.ask(ctx, rootLen)
	if err != nil {
		return 0, err
	}
	n, err := hub.Number(b)
	return int(n), err
}

// ask does an operation of the server itself.
func (m *Manager) ask(ctx context.Context, op byte) ([]byte, error) {
	if m.client == nil {
		return nil, errZeroManager
	}
	return ref{m.client.place, rootObject, m.client}.do(ctx, op, nil)
}

// newObject makes an object, or finds it if it has a name.
func newObject[D described](ctx context.Context, where In, kind string, arg []byte) (p proxy[D], err error) {
	var d D
	c, name, err := find(where)
	if err != nil {
		return p, fmt.Errorf("make a %s: %w", d.words(), err)
	}
	w := wish{kind: kind, name: name, typ: d.words(), arg: arg}
	b, err := ref{c.place, rootObject, c}.do(ctx, rootMake, w.append(nil))
	if err != nil {
		return p, fmt.Errorf("make a %s: %w", w.typ, err)
	}
	switch {
	case len(b) == 9 && (b[0] == rootMade || b[0] == rootFound):
		return proxy[D]{ref{c.place, binary.LittleEndian.Uint64(b[1:]), c}}, nil
	case len(b) > 0 && b[0] == rootOther:
		return p, fmt.Errorf("%w: %s is a %s, want a %s", ErrType, name, b[1:], w.typ)
	case len(b) > 0 && b[0] == rootFailed:
		_, err = parseOutcome(kind[len(kindUser):], b[1:])
		return p, err
	}
	return p, fmt.Errorf("make a %s: %w", w.typ, ErrProtocol)
}
