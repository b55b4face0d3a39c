package managers

import (
	"context"
	"encoding/binary"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/hub"
)

// rootObject is the number of the root, which is the first object of its hub.
const rootObject = 1

// Operations of the root.
const (
	rootMake   = 'm' // kind, name, type, argument → rootMade or rootFound, object; or rootOther, type; or rootFailed, error
	rootDelete = 'd' // object → [yes] or [no]
	rootNames  = 'n' // → name …
	rootLen    = 'l' // → how many objects, without the root
)

const (
	rootMade   = 0
	rootFound  = 1 // there is one of that name
	rootOther  = 2 // there is one of that name, but of another type
	rootFailed = 3 // the user's function failed
)

// Kinds of objects. That of a user's type is kindUser and its name.
const (
	kindTable     = "table" // argument: key, value, key, value …
	kindSequence  = "sequence"
	kindArray     = "array"     // argument: items
	kindLock      = "lock"      //
	kindSemaphore = "semaphore" // argument: permits, and a byte that is not 0 if bounded
	kindCondition = "condition" // argument: the lock's object, or 0
	kindEvent     = "event"
	kindBarrier   = "barrier" // argument: parties
	kindQueue     = "queue"   // argument: room, and a byte that is not 0 if it counts tasks
	kindUser      = "user:"
)

// The root makes, finds and deletes the other objects of a server.
type root struct {
	hub     *hub.Hub
	closers sync.WaitGroup // what user's functions have begun and not ended

	mu      sync.Mutex
	closed  bool
	names   map[string]*named
	objects map[uint64]string // with their names, if they have one
}

// A named is an object with a name, which may be about to be made.
type named struct {
	typ    string
	object uint64
	made   chan struct{} // closed when object is set, or the making has failed
}

// newRoot adds a root to an empty hub.
func newRoot(h *hub.Hub) *root {
	r := &root{hub: h, names: map[string]*named{}, objects: map[uint64]string{}}
	if n := h.Add(r); n != rootObject {
		panic(fmt.Sprintf("the root is object %d of its hub, want the first", n)) // cannot be, in a new hub
	}
	return r
}

// Do begins an operation.
func (r *root) Do(_ *hub.Session, op byte, arg []byte, done hub.Done) func() bool {
	switch op {
	case rootMake:
		return r.begin(arg, done)
	case rootDelete:
		object, _, err := cutNumber(arg)
		if err != nil {
			done(nil, err)
			return nil
		}
		done([]byte{r.remove(object)}, nil)
	case rootNames:
		r.mu.Lock()
		all := slices.Sorted(maps.Keys(r.names))
		r.mu.Unlock()
		var b []byte
		for _, name := range all {
			b = field(b, []byte(name))
		}
		done(b, nil)
	case rootLen:
		done(number(nil, uint64(r.hub.Len()-1)), nil)
	default:
		done(nil, hub.ErrRequest)
	}
	return nil
}

// A wish is an object that a client wants.
type wish struct {
	kind, name, typ string
	arg             []byte
}

func parseWish(b []byte) (w wish, err error) {
	for _, s := range []*string{&w.kind, &w.name, &w.typ} {
		var f []byte
		if f, b, err = cut(b); err != nil {
			return w, err
		}
		*s = string(f)
	}
	w.arg = b
	return w, nil
}

func (w wish) append(dst []byte) []byte {
	for _, s := range []string{w.kind, w.name, w.typ} {
		dst = field(dst, []byte(s))
	}
	return append(dst, w.arg...)
}

// begin fulfils a wish. A user's function may take its time: it runs on a
// goroutine of its own.
func (r *root) begin(arg []byte, done hub.Done) func() bool {
	w, err := parseWish(arg)
	if err != nil {
		done(nil, err)
		return nil
	}
	if !strings.HasPrefix(w.kind, kindUser) {
		done(r.fulfil(context.Background(), w))
		return nil
	}
	v := &invocation{done: done}
	v.ctx, v.cancel = context.WithCancel(context.Background())
	r.closers.Go(func() {
		defer v.cancel()
		result, err := r.fulfil(v.ctx, w)
		v.mu.Lock()
		unwanted := v.settled
		v.mu.Unlock()
		if unwanted && w.name == "" && err == nil && result[0] == rootMade {
			r.remove(binary.LittleEndian.Uint64(result[1:])) // nobody knows its number
			return
		}
		v.settle(result, err)
	})
	return v.takeBack
}

// fulfil finds or makes an object. It waits for another that makes one of the
// same name.
func (r *root) fulfil(ctx context.Context, w wish) ([]byte, error) {
	for w.name != "" {
		r.mu.Lock()
		n := r.names[w.name]
		if n == nil {
			n = &named{typ: w.typ, made: make(chan struct{})}
			r.names[w.name] = n
			r.mu.Unlock()
			return r.fulfilNamed(w, n)
		}
		r.mu.Unlock()
		if n.typ != w.typ {
			return append([]byte{rootOther}, n.typ...), nil
		}
		select {
		case <-n.made:
			if n.object != 0 {
				return number([]byte{rootFound}, n.object), nil
			}
		case <-ctx.Done():
			return nil, hub.ErrClosed // the client does not wait any more
		}
	}
	object, result, err := r.produce(w)
	if object != 0 {
		return number([]byte{rootMade}, object), nil
	}
	return result, err
}

func (r *root) fulfilNamed(w wish, n *named) ([]byte, error) {
	object, result, err := r.produce(w)
	r.mu.Lock()
	defer r.mu.Unlock()
	n.object = object
	if object == 0 {
		delete(r.names, w.name)
	} else {
		r.objects[object] = w.name
	}
	close(n.made)
	if object != 0 {
		return number([]byte{rootMade}, object), nil
	}
	return result, err
}

// produce makes an object and adds it to the hub. Where it cannot, the number
// is 0 and the rest says why.
func (r *root) produce(w wish) (object uint64, result []byte, err error) {
	o, failure, err := r.build(w)
	switch {
	case err != nil:
		return 0, nil, err
	case failure != nil:
		return 0, append([]byte{rootFailed}, outcome(nil, failure)...), nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		o.Close()
		return 0, nil, hub.ErrClosed
	}
	object = r.hub.Add(o)
	r.objects[object] = ""
	return object, nil, nil
}

// build makes an object, which is in no hub yet.
func (r *root) build(w wish) (hub.Object, *Error, error) {
	if name, ok := strings.CutPrefix(w.kind, kindUser); ok {
		t, err := registered.findType(name)
		if err != nil {
			return nil, nil, err
		}
		value, failure := construct(t, w.arg)
		if failure != nil {
			return nil, failure, nil
		}
		return newInstance(value, t.concurrent, &r.closers), nil, nil
	}
	o, err := r.buildKnown(w)
	return o, nil, err
}

// construct runs a user's function on a goroutine of its own, which it may end.
func construct(t userType, arg []byte) (any, *Error) {
	type product struct {
		value   any
		failure *Error
	}
	made := make(chan product, 1)
	go func() {
		p := product{failure: &Error{Message: "the function called runtime.Goexit, as t.FailNow does: return an error"}}
		defer func() {
			if v := recover(); v != nil {
				p = product{failure: &Error{Message: fmt.Sprintf("panic: %v", v), Stack: string(debug.Stack())}}
			}
			made <- p
		}()
		value, err := t.build(arg)
		p = product{value, failed(err)}
	}()
	p := <-made
	return p.value, p.failure
}

// buildKnown makes an object of the kinds that every server knows.
func (r *root) buildKnown(w wish) (hub.Object, error) {
	switch w.kind {
	case kindTable:
		t := newTable()
		_, err := t.many(tablePut, w.arg)
		return t, err
	case kindSequence, kindArray:
		items, err := cutAll(w.arg)
		return &sequence{fixed: w.kind == kindArray, items: items}, err
	case kindLock:
		return &hub.Lock{}, nil
	case kindEvent:
		return &hub.Event{}, nil
	}
	n, rest, err := cutNumber(w.arg)
	flag := len(rest) > 0 && rest[0] != 0
	switch {
	case err != nil:
		return nil, err
	case w.kind == kindSemaphore:
		return hub.NewSemaphore(n, flag), nil
	case w.kind == kindQueue && n <= 1<<31-1:
		return hub.NewQueue(int(n), flag), nil
	case w.kind == kindBarrier && n > 0:
		return hub.NewBarrier(n), nil
	case w.kind == kindCondition && n == 0:
		return hub.NewCondition(nil), nil
	case w.kind == kindCondition:
		if l, ok := r.hub.Object(n).(*hub.Lock); ok {
			return hub.NewCondition(l), nil
		}
		return nil, hub.ErrClosed
	}
	return nil, hub.ErrRequest
}

// remove deletes an object and its name.
func (r *root) remove(object uint64) byte {
	if object == rootObject {
		return no
	}
	r.mu.Lock()
	if name := r.objects[object]; name != "" {
		delete(r.names, name)
	}
	delete(r.objects, object)
	r.mu.Unlock()
	if !r.hub.Remove(object) {
		return no
	}
	return yes
}

// Leave does nothing: nobody holds the root.
func (r *root) Leave(*hub.Session) {}

// Close ends all objects, and has nothing more be made.
func (r *root) Close() {
	r.mu.Lock()
	r.closed = true
	all := slices.Collect(maps.Keys(r.objects))
	r.mu.Unlock()
	for _, object := range all {
		r.remove(object)
	}
}
