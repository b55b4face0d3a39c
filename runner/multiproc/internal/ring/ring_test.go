package ring

import (
	"bytes"
	"encoding/binary"
	"iter"
	"math/rand/v2"
	"sync"
	"testing"
	"unsafe"
)

// memory is aligned as a mapping is.
func memory(t testing.TB) []byte {
	t.Helper()
	b := make([]byte, Size+line)
	skip := (line - int(uintptr(unsafe.Pointer(&b[0]))%line)) % line
	return b[skip : skip+Size]
}

func pair(t testing.TB) (*Writer, *Reader) {
	t.Helper()
	return pairIn(t, memory(t))
}

func pairIn(t testing.TB, mem []byte) (*Writer, *Reader) {
	t.Helper()
	w, err := NewWriter(mem)
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewReader(mem)
	if err != nil {
		t.Fatal(err)
	}
	return w, r
}

// sizes are those at which something changes.
var sizes = []int{0, 1, 7, 8, 9, 100, Inline - 1, Inline, Inline + 1, 3*Inline + 5, 64 << 10, 1 << 20, window / 2, window/2 + 1, Whole - 1, Whole}

// A model is what a ring should do: hold messages in order, show those that were
// published, and lend memory that nobody else has.
type model struct {
	t        *testing.T
	w        *Writer
	r        *Reader
	sent     uint64
	got      uint64
	shown    uint64 // published
	read     [][]byte
	expect   []uint64 // sizes of those that are in the ring
	rng      *rand.Rand
	full     int
	dozing   bool   // the reader has announced a sleep since its last look
	until    uint64 // the tail that it has asked for
	writerOn bool   // the writer has
}

// stamp writes what only message n has, at both ends of it and here and there
// between them.
func stamp(b []byte, n uint64) {
	for i := range places(len(b)) {
		b[i] = byte(n + uint64(i)*7 + n>>8)
	}
}

func stamped(b []byte, n uint64) bool {
	for i := range places(len(b)) {
		if b[i] != byte(n+uint64(i)*7+n>>8) {
			return false
		}
	}
	return true
}

// places are the indexes of a message of n bytes that are looked at.
func places(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := 0; i < n; i++ {
			if i >= 64 && i < n-64 {
				i += 4096
			}
			if i < n && !yield(i) {
				return
			}
		}
	}
}

// unfinished asks that what the writer has shown, and not published, is found.
func (m *model) unfinished(want []byte) {
	if got := m.r.Unfinished(); !bytes.Equal(got, want) {
		m.t.Fatalf("%d bytes are shown, want %d", len(got), len(want))
	}
}

func (m *model) step() {
	switch m.rng.IntN(9) {
	case 0, 1, 2:
		n := sizes[m.rng.IntN(len(sizes))]
		if m.rng.IntN(3) > 0 {
			n = m.rng.IntN(300)
		}
		b := m.w.Reserve(n)
		if b == nil {
			m.full++
			if m.sent == m.got && len(m.read) == 0 && m.r.Behind() == 0 {
				m.t.Fatalf("no room for %d bytes in an empty ring", n)
			}
			return
		}
		if len(b) != n {
			m.t.Fatalf("%d bytes reserved, want %d", len(b), n)
		}
		if m.rng.IntN(10) == 0 {
			return // it may be left
		}
		stamp(b, m.sent)
		if n <= Inline {
			m.w.Show(n)
			m.unfinished(b)
		}
		m.w.Commit(n, false)
		m.sent++
		m.expect = append(m.expect, uint64(n))
	case 3:
		// What was only reserved may have skipped the end of the ring.
		due := m.dozing && m.w.published != m.w.tail && m.w.tail >= m.until
		wake := m.w.Publish()
		m.unfinished(nil)
		if m.rng.IntN(8) == 0 && !wake {
			due, wake = m.dozing, m.w.Rest()
		}
		if wake != due {
			m.t.Fatalf("publish wakes the reader: %t; it sleeps: %t, until %d, and the tail is %d", wake, m.dozing, m.until, m.w.tail)
		}
		m.dozing = m.dozing && !wake
		m.shown = m.sent
	case 4, 5, 6:
		b, ok, err := m.r.Next()
		if err != nil {
			m.t.Fatal(err)
		}
		if ok != (m.got < m.shown) {
			m.t.Fatalf("message %d of %d is there: %t", m.got, m.shown, ok)
		}
		if !ok {
			return
		}
		if uint64(len(b)) != m.expect[0] || !stamped(b, m.got) {
			m.t.Fatalf("message %d of %d bytes, want %d, or other bytes", m.got, len(b), m.expect[0])
		}
		m.expect = m.expect[1:]
		m.read = append(m.read, b)
		m.got++
		m.r.Advance()
	case 7:
		// What was read and not released stays as it was.
		for i, b := range m.read {
			if !stamped(b, m.got-uint64(len(m.read)-i)) {
				m.t.Fatalf("a message that was not released has changed")
			}
		}
		moved := m.r.Behind() > 0
		if wake := m.r.Release(); wake != (m.writerOn && moved) {
			m.t.Fatalf("release wakes the writer: %t; it sleeps: %t", wake, m.writerOn)
		}
		if moved {
			m.writerOn = false
		}
		m.read = nil
	case 8:
		if m.rng.IntN(2) == 0 {
			n := m.rng.IntN(3) * m.rng.IntN(1000)
			m.r.Doze(n)
			m.dozing, m.until = true, m.r.head+uint64(max(1, n))
		} else {
			m.w.Doze()
			m.writerOn = true
		}
	}
}

func TestRandomSchedulesDoWhatTheModelDoes(t *testing.T) {
	for seed := range uint64(30) {
		w, r := pair(t)
		m := &model{t: t, w: w, r: r, rng: rand.New(rand.NewPCG(seed, 1))}
		for range 5_000 {
			m.step()
		}
		if m.got == 0 || m.full == 0 {
			t.Errorf("seed %d: %d messages came, the ring was full %d times", seed, m.got, m.full)
		}
	}
}

// Two goroutines that sleep on channels, as processes do on bells: a wake-up
// that is lost hangs the test.
func TestNobodySleepsForEver(t *testing.T) {
	w, r := pair(t)
	const messages = 200_000
	data, room := make(chan struct{}, 1), make(chan struct{}, 1)
	ring := func(bell chan struct{}) {
		select {
		case bell <- struct{}{}:
		default:
		}
	}
	var both sync.WaitGroup
	both.Go(func() {
		rng := rand.New(rand.NewPCG(1, 2))
		for i := range uint64(messages) {
			n := rng.IntN(2000)
			if i%1000 == 0 {
				n = 100_000
			}
			for {
				b := w.Reserve(n)
				if b == nil {
					if w.Publish() {
						ring(data)
					}
					w.Doze()
					if b = w.Reserve(n); b == nil {
						<-room
						continue
					}
				}
				stamp(b, i)
				w.Commit(n, false)
				break
			}
			if rng.IntN(4) == 0 && w.Publish() {
				ring(data)
			}
		}
		if w.Publish() {
			ring(data)
		}
	})
	both.Go(func() {
		for i := uint64(0); i < messages; {
			b, ok, err := r.Next()
			if err != nil {
				t.Error(err)
				return
			}
			if !ok {
				if r.Release() {
					ring(room)
				}
				r.Doze(1)
				if b, ok, _ = r.Next(); !ok {
					<-data
					continue
				}
			}
			if !stamped(b, i) {
				t.Errorf("message %d is another", i)
				return
			}
			r.Advance()
			i++
			if r.Behind() > Room/4 && r.Release() {
				ring(room)
			}
		}
	})
	both.Wait()
}

// A writer that is killed while it publishes may have let a message be found, and
// not have moved the tail. What was found is not unfinished as well.
func TestWhatWasFoundIsNotUnfinished(t *testing.T) {
	w, r := pair(t)
	stamp(w.Reserve(8), 1)
	w.Show(8)
	w.Commit(8, false)
	word(w.room).Store(w.first) // the first half of Publish
	if _, ok, err := r.Next(); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if b := r.Unfinished(); b != nil {
		t.Errorf("%d bytes are unfinished of a message that was found", len(b))
	}
	r.Advance()
	if b := r.Unfinished(); b != nil {
		t.Errorf("%d bytes are unfinished of a message that was read", len(b))
	}
}

func TestTheSlabIsUsedFromItsBeginning(t *testing.T) {
	w, r := pair(t)
	const n = 1 << 20
	for i := range uint64(50) {
		b := w.Reserve(n)
		if at := uintptr(unsafe.Pointer(&b[0])) - uintptr(unsafe.Pointer(&w.slab[0])); at > 2*n {
			t.Fatalf("message %d is at %d", i, at)
		}
		w.Commit(n, false)
		w.Publish()
		if i > 0 { // two lie in the slab at any time
			if _, ok, err := r.Next(); !ok || err != nil {
				t.Fatal(ok, err)
			}
			r.Advance()
			r.Release()
		}
	}
}

func TestAnIdleSlabIsOffered(t *testing.T) {
	w, r := pair(t)
	send := func(n int) {
		w.Reserve(n)
		w.Commit(n, false)
		w.Publish()
	}
	take := func() {
		_, _, _ = r.Next()
		r.Advance()
		r.Release()
	}
	send(1 << 20)
	send(1)
	if w.Idle(1) != nil {
		t.Error("a slab that is in use is offered")
	}
	take()
	take()
	if b := w.Idle(1); len(b) != Slab {
		t.Errorf("%d bytes of an idle slab are offered", len(b))
	}
	send(1)
	if w.Idle(1) != nil {
		t.Error("it is offered a second time")
	}
}

// A message that would take more than its share of the slab waits until that is
// empty, and what it took beyond the share is offered when it is read.
func TestAVeryLargeMessageIsAlone(t *testing.T) {
	w, r := pair(t)
	take := func() {
		if _, ok, err := r.Next(); !ok || err != nil {
			t.Fatal(ok, err)
		}
		r.Advance()
		r.Release()
	}
	send := func(n int) {
		if w.Reserve(n) == nil {
			t.Fatalf("there is no room for %d bytes", n)
		}
		w.Commit(n, false)
		w.Publish()
	}
	send(window / 2)
	if w.Reserve(window/2+1) != nil {
		t.Error("there is room for more than half of the window beside another half")
	}
	send(window / 2)
	take()
	take()
	send(Whole)
	for _, n := range []int{window/2 + 1, 1 << 20} {
		if w.Reserve(n) != nil {
			t.Errorf("there is room for %d bytes beside all of the slab", n)
		}
	}
	if w.Idle(1000) != nil {
		t.Error("a slab that is in use is offered")
	}
	take()
	if b := w.Idle(1000); len(b) != Slab-window {
		t.Errorf("%d bytes beyond the window are offered, want %d", len(b), Slab-window)
	}
	if w.Idle(1000) != nil {
		t.Error("they are offered a second time")
	}
	send(1 << 20)
}

func FuzzReader(f *testing.F) {
	w, _ := pair(f)
	for _, n := range []int{0, 5, Inline, Inline + 1} {
		stamp(w.Reserve(n), 1)
		w.Commit(n, false)
	}
	w.Publish()
	f.Add(uint64(0), []byte{0, 0, 0, 0, kindInline, 0, 0, 0, 8, 0, 0, 0, kindSlab, 0, 0, 0})
	f.Add(uint64(0), bytes.Clone(w.room[:512]))
	f.Add(uint64(Room-8), []byte{255, 255, 255, 255, kindSkip, 0, 0, 0})
	f.Add(uint64(1)<<63, []byte{8, 0, 0, 0, kindSlab, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255})
	mem := memory(f)
	f.Fuzz(func(t *testing.T, head uint64, room []byte) {
		clear(mem[:controlSize+Room])
		binary.LittleEndian.PutUint64(mem[line:], head)
		copy(mem[controlSize:controlSize+Room], room)
		r, err := NewReader(mem)
		if err != nil {
			return
		}
		for range 2 * Room / recordHeader { // it ends, whatever is there
			b, ok, err := r.Next()
			if err != nil || !ok {
				return
			}
			if len(b) > Slab {
				t.Fatalf("%d bytes", len(b))
			}
			r.Advance()
			r.Release()
		}
	})
}

// A ring that is all records, as no writer leaves it, does not go round and round.
func TestARingWithoutAnEndIsCorrupt(t *testing.T) {
	w, r := pair(t)
	for at := 0; at < Room; at += 4096 {
		word(w.room[at:]).Store(header(kindInline, 4096-recordHeader))
	}
	for range 4 * Room / 4096 {
		_, ok, err := r.Next()
		if err != nil {
			return
		}
		if !ok {
			t.Fatal("no record, and no error")
		}
		r.Advance()
		r.Release()
	}
	t.Error("it goes round and round")
}

// Whatever an earlier writer has left, the next one finds it corrupt, or goes on.
func FuzzWriter(f *testing.F) {
	w, _ := pair(f)
	for _, n := range []int{0, 5, Inline, Inline + 1} {
		stamp(w.Reserve(n), 1)
		w.Commit(n, false)
	}
	w.Publish()
	f.Add(uint64(0), w.tail, bytes.Clone(w.room[:512]))
	f.Add(uint64(0), uint64(1)<<62, []byte{})
	f.Add(uint64(Room-4), uint64(Room), []byte{})
	f.Add(uint64(8), uint64(0), []byte{})
	f.Add(uint64(0), uint64(16), []byte{8, 0, 0, 0, kindSlab, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255})
	f.Add(uint64(0), uint64(32), []byte{
		8, 0, 0, 0, kindSlab, 0, 0, 0, 0, 0, 0, 255, 0, 0, 16, 0,
		8, 0, 0, 0, kindSlab, 0, 0, 0, 0, 0, 0, 240, 0, 0, 16, 0,
	})
	mem := memory(f)
	f.Fuzz(func(_ *testing.T, head, tail uint64, room []byte) {
		clear(mem[:controlSize+Room])
		binary.LittleEndian.PutUint64(mem, tail)
		binary.LittleEndian.PutUint64(mem[line:], head)
		copy(mem[controlSize:controlSize+Room], room)
		w, err := NewWriter(mem)
		if err != nil {
			return
		}
		for _, n := range []int{8, Inline, Inline + 1, 1 << 20, Whole} {
			if b := w.Reserve(n); b != nil {
				w.Commit(len(b), false)
			}
		}
		w.Publish()
	})
}

func BenchmarkMessage(b *testing.B) {
	w, r := pair(b)
	for b.Loop() {
		buf := w.Reserve(8)
		buf[0] = 1
		w.Commit(8, false)
		w.Publish()
		m, _, _ := r.Next()
		_ = m[0]
		r.Advance()
		r.Release()
	}
}

// What is announced of a message is what the reader learns with its first part, and
// no part of it.
func TestAnnouncements(t *testing.T) {
	mem := memory(t)
	w, r := pairIn(t, mem)
	next := func(want string, more bool, total uint64) {
		t.Helper()
		b, ok, err := r.Next()
		if string(b) != want || !ok || err != nil || r.More() != more || r.Total() != total {
			t.Errorf("%q, %t, %v; more: %t, of %d; want %q, more: %t, of %d", b, ok, err, r.More(), r.Total(), want, more, total)
		}
		r.Advance()
	}
	put := func(text string, more bool) {
		t.Helper()
		b := w.Reserve(len(text))
		if b == nil {
			t.Fatal("no room")
		}
		copy(b, text)
		w.Commit(len(text), more)
		w.Publish()
	}
	for range 3 * Room / 64 { // laps
		w.Announce(1 << 40) // of a message that never came
		w.Announce(6)
		put("abc", true)
		put("def", false)
		put("ghi", false)
		next("abc", true, 6)
		next("def", false, 0)
		next("ghi", false, 0)
		r.Release()
	}
	for w.Reserve(100) != nil {
		w.Commit(100, false)
	}
	for range 100 {
		w.Announce(7) // for which there is no room at the end
	}
	w.Publish()
	if _, err := NewWriter(mem); err != nil {
		t.Errorf("of what another writer finds: %v", err)
	}
}
