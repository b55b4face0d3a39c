package managers

import (
	"context"
	"crypto/tls"
	"fmt"
	"slices"
	"sync"

	"github.com/fxamacker/cbor/v2"

	"github.com/gvp-bench/gvp/runner/multiproc/connection"
	"github.com/gvp-bench/gvp/runner/multiproc/internal/hub"
)

// A place is where a server is.
type place struct {
	_                struct{} `cbor:",toarray"`
	Network, Address string
	Sealed           bool   // TLS with a certificate that only the key vouches for
	Hub              uint64 // tells it from a later one at the same address
}

// options are those by which a process that knows no more than the place
// connects: with the key of its tree.
func (p place) options() connection.Options {
	if p.Sealed {
		return connection.Options{TLS: sealed()}
	}
	return connection.Options{}
}

// sealed is TLS that leaves it to the key to say who the server is, which is
// safe because the proof of the key is bound to the channel: see package
// connection.
func sealed() *tls.Config { return &tls.Config{InsecureSkipVerify: true} }

// connected are the connections of this process, by the server's hub. A proxy
// that is decoded finds its connection here: decoding gets no context that
// could bring one along.
var connected = connections{of: map[uint64][]*client{}}

type connections struct {
	mu sync.Mutex
	of map[uint64][]*client // the oldest first
}

func (cs *connections) add(c *client) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.of[c.place.Hub] = append(cs.of[c.place.Hub], c)
}

func (cs *connections) remove(c *client) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	left := slices.DeleteFunc(cs.of[c.place.Hub], func(o *client) bool { return o == c })
	cs.of[c.place.Hub] = left
	if len(left) == 0 {
		delete(cs.of, c.place.Hub)
	}
}

// find returns the oldest connection to a server; nil if there is none.
func (cs *connections) find(hub uint64) *client {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if all := cs.of[hub]; len(all) > 0 {
		return all[0]
	}
	return nil
}

// to returns a connection to a server, and connects if there is none.
func (cs *connections) to(ctx context.Context, p place) (*client, error) {
	if c := cs.find(p.Hub); c != nil {
		return c, nil
	}
	c, err := connect(ctx, p, p.options())
	if err != nil {
		return nil, fmt.Errorf("%w at %s, which managers.Connect would have to connect to first if it takes another key or TLS: %w", ErrDisconnected, p.Address, err)
	}
	if c.place.Hub != p.Hub {
		_ = c.fail(hub.ErrClosed)
		return nil, fmt.Errorf("%w at %s: another one is there now", ErrDisconnected, p.Address)
	}
	// Where another goroutine has connected at the same time, all use the same
	// one, because it is what holds locks.
	if first := cs.find(p.Hub); first != nil && first != c {
		_ = c.fail(hub.ErrClosed)
		return first, nil
	}
	return c, nil
}

// connect makes a connection.
func connect(ctx context.Context, p place, o connection.Options) (*client, error) {
	conn, err := connection.Dial(ctx, p.Network, p.Address, o)
	if err != nil {
		return nil, err
	}
	return newClient(ctx, conn, p)
}

// A ref is what proxies of all types have in common: where the object is.
type ref struct {
	place  place
	object uint64
	client *client // that the object was made with; nil in a proxy that has travelled
}

// do does an operation on the object and waits for its end.
func (r ref) do(ctx context.Context, op byte, arg []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return r.begin(ctx, op, arg)
}

// begin is do that begins whatever ctx says, if there is a connection already.
func (r ref) begin(ctx context.Context, op byte, arg []byte) ([]byte, error) {
	c := r.client
	if c == nil {
		if r.object == 0 {
			return nil, errZero
		}
		var err error
		if c, err = connected.to(ctx, r.place); err != nil {
			return nil, err
		}
	}
	return c.call(ctx, r.object, op, arg)
}

var errZero = fmt.Errorf("the zero value is not usable: make one with its New function: %w", hub.ErrClosed)

// Delete ends the object, for everybody: operations that wait for it, and all
// later ones, end with [multiproc.ErrClosed]. It is no error if it has ended.
func (r ref) Delete(ctx context.Context) error {
	if r.object == 0 {
		return errZero
	}
	_, err := ref{r.place, rootObject, r.client}.do(ctx, rootDelete, number(nil, r.object))
	return err
}

// A described type says in words what objects of it are, element types
// included. The words travel with a proxy, so that it is not taken for one of
// another type.
type described interface{ words() string }

// A proxy is a ref to an object that D describes.
type proxy[D described] struct{ ref }

// travelling is a proxy in a message.
type travelling struct {
	_      struct{} `cbor:",toarray"`
	Place  place
	Object uint64
	Type   string
}

// MarshalCBOR encodes where the object is, and its type.
func (p proxy[D]) MarshalCBOR() ([]byte, error) {
	var d D
	return cbor.Marshal(travelling{Place: p.place, Object: p.object, Type: d.words()})
}

// UnmarshalCBOR decodes where the object is. An object of another type is
// [ErrType].
func (p *proxy[D]) UnmarshalCBOR(b []byte) error {
	var t travelling
	if err := cbor.Unmarshal(b, &t); err != nil {
		return err
	}
	var d D
	if want := d.words(); t.Type != want {
		return fmt.Errorf("%w: it is a %s, want a %s", ErrType, t.Type, want)
	}
	p.ref = ref{place: t.Place, object: t.Object}
	return nil
}
