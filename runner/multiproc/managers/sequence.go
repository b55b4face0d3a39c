package managers

import (
	"slices"
	"sync"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/hub"
)

// Operations of a sequence. Items are bytes to it. Indices below 0 count from
// the end, and the ends of slices are cut to what there is, as in Python.
// Results begin with [seqDone] or with what was wrong.
const (
	seqAppend  = 'a' // item …
	seqInsert  = 'i' // index, item
	seqGet     = 'g' // index → item
	seqSet     = 's' // index, item
	seqPop     = 'p' // index → item
	seqLen     = 'n' // → how many
	seqSlice   = 'l' // from, to → version, item …
	seqReplace = 'r' // version, item … → seqChanged if it is of another version
	seqClear   = 'c'
)

const (
	seqDone    = 0
	seqRange   = 1 // there is no such index
	seqChanged = 2 // somebody has changed the sequence
	seqFixed   = 3 // its length does not change
)

// A sequence holds items in order. It has a version, so that a client can
// change it on condition that nobody else has.
type sequence struct {
	fixed bool // an array

	mu      sync.Mutex
	closed  bool
	version uint64
	items   [][]byte
}

// Do does an operation; none of them waits.
func (q *sequence) Do(_ *hub.Session, op byte, arg []byte, done hub.Done) func() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		done(nil, hub.ErrClosed)
		return nil
	}
	done(q.do(op, arg))
	return nil
}

func (q *sequence) do(op byte, arg []byte) ([]byte, error) {
	switch {
	case op == seqLen:
		return number([]byte{seqDone}, uint64(len(q.items))), nil
	case op == seqSlice:
		return q.slice(arg)
	case op == seqReplace:
		return q.replace(arg)
	case q.fixed && (op == seqAppend || op == seqInsert || op == seqPop || op == seqClear):
		return []byte{seqFixed}, nil
	case op == seqClear:
		q.items = nil
		q.version++
		return []byte{seqDone}, nil
	case op == seqAppend:
		items, err := cutAll(arg)
		if err != nil {
			return nil, err
		}
		q.items = append(q.items, items...)
		q.version++
		return []byte{seqDone}, nil
	}
	return q.at(op, arg)
}

// at does an operation with an index.
func (q *sequence) at(op byte, arg []byte) ([]byte, error) {
	n, item, err := cutNumber(arg)
	if err != nil {
		return nil, err
	}
	if op == seqInsert { // anywhere, as in Python
		q.items = slices.Insert(q.items, q.bound(n), item)
		q.version++
		return []byte{seqDone}, nil
	}
	at := q.place(n)
	if at < 0 || at >= int64(len(q.items)) {
		return []byte{seqRange}, nil
	}
	i := int(at)
	switch op {
	case seqGet:
		return append([]byte{seqDone}, q.items[i]...), nil
	case seqSet:
		q.items[i] = item
		q.version++
		return []byte{seqDone}, nil
	case seqPop:
		item := q.items[i]
		q.items = slices.Delete(q.items, i, i+1)
		q.version++
		return append([]byte{seqDone}, item...), nil
	}
	return nil, hub.ErrRequest
}

func (q *sequence) slice(arg []byte) ([]byte, error) {
	from, rest, err := cutNumber(arg)
	if err != nil {
		return nil, err
	}
	to, _, err := cutNumber(rest)
	if err != nil {
		return nil, err
	}
	lo, hi := q.bound(from), q.bound(to)
	b := number([]byte{seqDone}, q.version)
	for i := lo; i < hi; i++ {
		b = field(b, q.items[i])
	}
	return b, nil
}

// place is where an index points to, which may be out of range.
func (q *sequence) place(n uint64) int64 {
	i := int64(n)
	if i < 0 {
		i += int64(len(q.items))
	}
	return i
}

// bound is an end of a slice within what there is.
func (q *sequence) bound(n uint64) int {
	return int(min(max(q.place(n), 0), int64(len(q.items))))
}

func (q *sequence) replace(arg []byte) ([]byte, error) {
	known, rest, err := cutNumber(arg)
	if err != nil {
		return nil, err
	}
	items, err := cutAll(rest)
	switch {
	case err != nil:
		return nil, err
	case known != q.version:
		return []byte{seqChanged}, nil
	case q.fixed && len(items) != len(q.items):
		return []byte{seqFixed}, nil
	}
	q.items = items
	q.version++
	return []byte{seqDone}, nil
}

// Leave does nothing: nobody holds a sequence.
func (q *sequence) Leave(*hub.Session) {}

// Close ends the sequence.
func (q *sequence) Close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed, q.items = true, nil
}
