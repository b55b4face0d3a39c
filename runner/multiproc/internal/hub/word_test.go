package hub

import (
	"runtime"
	"sync"
	"testing"
	"unsafe"
)

// Some acquire and release by the word alone, others by the hub: whoever has the
// lock is alone, nobody waits for ever, and what was not held is not released.
func TestAWordAndItsHubExclude(t *testing.T) {
	h := New()
	places := make([]Place, 8)
	object := h.AddLock(places)
	w := WordAt(places, object)
	inside := 0
	if !w.Acquire(1) || w.Acquire(3) || w.Release(3) || !w.Release(1) {
		t.Error("a lock that nobody wants is not had, or is had twice")
	}
	var all sync.WaitGroup
	for i := range uint64(4) {
		s := h.Session(2*i + 1)
		all.Go(func() {
			for n := range 5000 {
				if (n+int(i))%3 == 0 || !w.Acquire(s.process) {
					if _, err := s.Call(t.Context(), object, LockAcquire, nil); err != nil {
						t.Error(err)
						return
					}
				}
				inside++
				if inside != 1 {
					t.Error("two are inside")
				}
				if n%64 == 0 {
					runtime.Gosched()
				}
				inside--
				if (n+int(i))%5 > 0 && w.Release(s.process) {
					continue
				}
				if _, err := s.Call(t.Context(), object, LockRelease, nil); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	if w.Release(1) || w.held() || !w.Acquire(1) || !w.Release(1) {
		t.Error("it is held, or released by one who has not got it, or not to be had any more")
	}
	if h.Remove(object); w.Acquire(1) || places[object].state.Load() != 0 {
		t.Error("a lock that has ended is there")
	}
}

// A place that is taken is nobody else's, and free again when its lock has ended.
func TestPlacesAreTakenOver(t *testing.T) {
	h := New()
	places := make([]Place, 2)
	a, b, c := h.AddLock(places), h.AddLock(places), h.AddLock(places)
	if WordAt(places, a).state != WordAt(places, c).state || WordAt(places, a).state == WordAt(places, b).state {
		t.Fatal("the third lock has the place of the first one")
	}
	if !WordAt(places, a).Acquire(7) || WordAt(places, c).Acquire(9) {
		t.Error("the third one is acquired at the place of the first one")
	}
	s := h.Session(9)
	s.Do(c, LockAcquire, nil, func(_ []byte, err error) {
		if err != nil {
			t.Errorf("by the hub: %v", err)
		}
	})
	h.Remove(a)
	d, e := h.AddLock(places), h.AddLock(places)
	if WordAt(places, a).Acquire(7) || WordAt(places, c).Acquire(7) || !WordAt(places, e).Acquire(7) || WordAt(places, d).Acquire(7) {
		t.Error("the fifth one has the place of the first one, and alone")
	}
	if (WordAt(nil, 1) != Word{}) || (WordAt(places, 1<<24) != Word{}) || (Word{}).Acquire(1) || (Word{}).Release(1) {
		t.Error("what has no word has one")
	}
	if n := len(Places(make([]byte, 1024))); n != 8 || unsafe.Sizeof(Place{}) != 128 {
		t.Errorf("%d places", n)
	}
}
