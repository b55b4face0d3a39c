package slab

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"unsafe"
)

// memory begins at a page, as a mapping does.
func memory(t testing.TB, size int) []byte {
	t.Helper()
	b := make([]byte, size+unit)
	skip := (unit - int(uintptr(unsafe.Pointer(&b[0]))%unit)) % unit
	return b[skip : skip+size : skip+size]
}

// A holding is a block as the model knows it.
type holding struct {
	b    *Block
	data []byte
	to   any
	mark byte
}

// Blocks do not overlap, whatever is taken, lent, kept, returned and freed; and all
// of the slab is there again at the end.
func TestSlabAgainstAModel(t *testing.T) {
	for seed := range uint64(100) {
		rng := rand.New(rand.NewPCG(seed, 0))
		mem := memory(t, 64*unit)
		s := New(mem)
		var held []*holding
		for range 300 {
			if len(held) == 0 || rng.IntN(3) == 0 {
				n := 1 + rng.IntN(12*unit)
				b := s.Take(n)
				if b == nil {
					if len(held) == 0 {
						t.Fatalf("seed %d: no room for %d bytes in an empty slab", seed, n)
					}
					continue
				}
				h := &holding{b: b, data: s.Bytes(b, n), mark: byte(rng.Int())}
				copy(h.data, bytes.Repeat([]byte{h.mark}, n))
				held = append(held, h)
				continue
			}
			i := rng.IntN(len(held))
			h := held[i]
			if !bytes.Equal(h.data, bytes.Repeat([]byte{h.mark}, len(h.data))) {
				t.Fatalf("seed %d: a block has the contents of another", seed)
			}
			if s.Find(h.data) != h.b {
				t.Fatalf("seed %d: a block is not found by its data", seed)
			}
			gone := func(*holding) bool { return false }
			switch rng.IntN(6) {
			case 0:
				s.Free(h.b)
				gone = func(o *holding) bool { return o == h }
			case 1:
				h.to = rng.IntN(3)
				s.Lend(h.b, h.to)
			case 2:
				if h.to != nil && Return(mem, h.data[:0]) {
					gone = func(o *holding) bool { return o == h }
				}
			case 3:
				if s.Keep(h.b, 1); h.to == 1 {
					h.to = nil
				}
			case 4:
				s.FreeFrom(h.b, 2)
				gone = func(o *holding) bool { return o == h && o.to == 2 }
			case 5:
				if rng.IntN(4) == 0 {
					s.FreeAll(0)
					gone = func(o *holding) bool { return o.to == 0 }
				}
			}
			var kept []*holding
			for _, o := range held {
				if !gone(o) {
					kept = append(kept, o)
				}
			}
			if held = kept; s.Len() != len(held) {
				t.Fatalf("seed %d: %d blocks, want %d", seed, s.Len(), len(held))
			}
		}
		for _, h := range held {
			s.Free(h.b)
		}
		if b := s.Take(len(mem) - headerSize); b == nil || s.Len() != 1 {
			t.Fatalf("seed %d: not all of the slab is free at the end", seed)
		}
	}
}

// What a borrower says is not believed.
func TestPlacesThatAreNone(t *testing.T) {
	mem := memory(t, 8*unit)
	s := New(mem)
	b := s.Take(2 * unit)
	s.Lend(b, "me")
	for _, c := range []struct {
		place, n int
		to       any
	}{{0, 2 * unit, "you"}, {0, 3 * unit, "me"}, {0, -1, "me"}, {unit, 1, "me"}, {-unit, 1, "me"}, {1, 1, "me"}, {100 * unit, 1, "me"}} {
		if s.Lent(c.place, c.n, c.to) != nil {
			t.Errorf("%d bytes at %d are lent to %v", c.n, c.place, c.to)
		}
	}
	if s.Lent(0, 2*unit, "me") != b {
		t.Error("what is lent is not")
	}
	for _, c := range [][2]int{{-unit, 1}, {1, 1}, {0, -1}, {0, 8 * unit}, {8 * unit, 0}, {1 << 62, 1 << 62}} {
		if At(mem, c[0], c[1]) != nil {
			t.Errorf("%d bytes at %d are there", c[1], c[0])
		}
	}
	if Return(mem, make([]byte, 10)) || Return(nil, mem) || Return(mem, nil) || s.Find(make([]byte, 9)) != nil || s.Find(nil) != nil || New(nil).Take(1) != nil || New(nil).Find(mem) != nil {
		t.Error("memory of others is taken for the slab's")
	}
	if s.Take(-1) != nil || s.Take(8*unit) != nil {
		t.Error("there is room that is none")
	}
}
