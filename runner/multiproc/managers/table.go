package managers

import (
	"container/list"
	"sync"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/hub"
)

// Operations of a table. Keys and values are bytes to it. Results begin with a
// byte: [no] or [yes].
const (
	tableGet     = 'g' // key → yes, version, value
	tablePut     = 'p' // key, value, key, value …
	tableSwap    = 's' // key, version, value → yes if it was of that version
	tableDrop    = 'd' // key, version → yes if it was of that version
	tableDelete  = 'x' // key … → yes, for how many that were there
	tablePop     = 'o' // key → yes, value
	tablePopLast = 'l' // → yes, key, value
	tableStore   = 'S' // key, value → yes, value that was there
	tableAdd     = 'a' // key, value … → yes, how many were new
	tableLen     = 'n' // → yes, how many
	tableKeys    = 'k' // → yes, key …
	tableItems   = 'i' // → yes, key, value, key, value …
	tableClear   = 'c'
)

const (
	no  = 0
	yes = 1
)

// A table holds values under keys, in the order in which the keys came in, as a
// dict of Python does. Each value has a version, so that a client can change it
// on condition that nobody else has; 0 is the version of what is not there.
type table struct {
	mu      sync.Mutex
	closed  bool
	version uint64 // of the last change
	entries map[string]*list.Element
	order   *list.List // of *entry
}

type entry struct {
	key     string
	version uint64
	value   []byte
}

func newTable() *table { return &table{entries: map[string]*list.Element{}, order: list.New()} }

// Do does an operation; none of them waits.
func (t *table) Do(_ *hub.Session, op byte, arg []byte, done hub.Done) func() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		done(nil, hub.ErrClosed)
		return nil
	}
	done(t.do(op, arg))
	return nil
}

func (t *table) do(op byte, arg []byte) ([]byte, error) {
	switch op {
	case tableLen:
		return number([]byte{yes}, uint64(len(t.entries))), nil
	case tableKeys, tableItems:
		return t.list(op == tableItems), nil
	case tableClear:
		clear(t.entries)
		t.order.Init()
		return []byte{yes}, nil
	case tablePopLast:
		return t.popLast(), nil
	case tablePut, tableAdd, tableDelete:
		return t.many(op, arg)
	}
	key, rest, err := cut(arg)
	if err != nil {
		return nil, err
	}
	e := t.find(key)
	switch op {
	case tableGet:
		if e == nil {
			return []byte{no}, nil
		}
		return append(number([]byte{yes}, e.version), e.value...), nil
	case tablePop:
		if e == nil {
			return []byte{no}, nil
		}
		t.remove(e.key)
		return append([]byte{yes}, e.value...), nil
	case tableStore:
		if e != nil {
			return append([]byte{yes}, e.value...), nil
		}
		t.put(key, rest)
		return []byte{no}, nil
	case tableSwap, tableDrop:
		return t.conditional(op, key, e, rest)
	}
	return nil, hub.ErrRequest
}

// conditional changes an entry if it is of the version that the client knows.
func (t *table) conditional(op byte, key []byte, e *entry, arg []byte) ([]byte, error) {
	known, value, err := cutNumber(arg)
	if err != nil {
		return nil, err
	}
	var version uint64
	if e != nil {
		version = e.version
	}
	switch {
	case version != known:
		return []byte{no}, nil
	case op == tableSwap:
		t.put(key, value)
	case e != nil:
		t.remove(e.key)
	}
	return []byte{yes}, nil
}

// many does an operation with several keys. It does nothing if the argument is
// unfit anywhere.
func (t *table) many(op byte, arg []byte) ([]byte, error) {
	fields, err := cutAll(arg)
	if err != nil {
		return nil, err
	}
	if op == tableDelete {
		n := 0
		for _, key := range fields {
			if t.find(key) != nil {
				t.remove(string(key))
				n++
			}
		}
		return number([]byte{yes}, uint64(n)), nil
	}
	if len(fields)%2 != 0 {
		return nil, hub.ErrRequest
	}
	before := len(t.entries)
	for i := 0; i < len(fields); i += 2 {
		if op == tablePut || t.find(fields[i]) == nil {
			t.put(fields[i], fields[i+1])
		}
	}
	return number([]byte{yes}, uint64(len(t.entries)-before)), nil
}

func (t *table) find(key []byte) *entry {
	if e := t.entries[string(key)]; e != nil {
		return e.Value.(*entry)
	}
	return nil
}

// put keeps value, which the caller gives away with its memory.
func (t *table) put(key, value []byte) {
	t.version++
	if e := t.find(key); e != nil {
		e.version, e.value = t.version, value
		return
	}
	e := &entry{string(key), t.version, value}
	t.entries[e.key] = t.order.PushBack(e)
}

func (t *table) remove(key string) {
	t.order.Remove(t.entries[key])
	delete(t.entries, key)
}

func (t *table) popLast() []byte {
	last := t.order.Back()
	if last == nil {
		return []byte{no}
	}
	e := last.Value.(*entry)
	t.remove(e.key)
	return field(field([]byte{yes}, []byte(e.key)), e.value)
}

func (t *table) list(values bool) []byte {
	b := []byte{yes}
	for e := t.order.Front(); e != nil; e = e.Next() {
		b = field(b, []byte(e.Value.(*entry).key))
		if values {
			b = field(b, e.Value.(*entry).value)
		}
	}
	return b
}

// Leave does nothing: nobody holds a table.
func (t *table) Leave(*hub.Session) {}

// Close ends the table.
func (t *table) Close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	clear(t.entries)
	t.order.Init()
}
