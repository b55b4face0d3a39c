package multiproc

import (
	"math/rand/v2"
	"sync"
	"testing"
)

// A worker claims what a pool takes back: each unit goes to one of them.
func TestEachUnitIsClaimedOrTakenBack(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 3000 {
		units := 1 + rng.IntN(40)
		c := claimOf(appendClaim(nil, units, 0, 0, 0), 0)
		least, steps := rng.IntN(units+1), rng.IntN(4)
		var both sync.WaitGroup
		claimed, left := 0, units
		both.Go(func() {
			for c.take() {
				claimed++
			}
		})
		both.Go(func() {
			for i := range steps {
				if n := c.leave(max(least, units-1-i*units/4)); n > left || n < least {
					t.Errorf("%d of %d units are left, want at least %d", n, left, least)
				} else {
					left = n
				}
			}
		})
		both.Wait()
		if claimed != left || c.claimed() != claimed {
			t.Fatalf("of %d units %d are claimed, and %d are left", units, claimed, left)
		}
	}
}

// A hand gives its tasks away once each, to who takes results in and to who takes
// them back.
func TestHandAgainstAModel(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for range 300 {
		var h hand
		h.begin(func(claim) bool { return false })
		calls := []*poolCall{nil, {fn: "a"}, {fn: "b"}}
		ends := map[int]int{}
		tasks := 0
		var runs []*blockRun // of the orders, as a worker sees them
		for range 200 {
			switch rng.IntN(4) {
			case 0:
				n, unit := 1+rng.IntN(30), 1+rng.IntN(8)
				units := (n + unit - 1) / unit
				if rng.IntN(3) == 0 {
					unit, units = 0, 1
				}
				c := claimOf(appendClaim(nil, units, n, unit, 0), 0)
				h.add(order{job: job{calls[1+rng.IntN(2)], tasks, tasks + n}, begin: tasks, unit: unit, claim: c})
				run := &blockRun{claim: c, unit: unit, tasks: n}
				if unit == 0 {
					run.unit = n
				}
				runs = append(runs, run)
				tasks += n
			case 1, 2:
				for len(runs) > 0 && !runs[0].begin() {
					runs = runs[1:]
				}
				if len(runs) == 0 {
					break
				}
				j, ok := h.first()
				if !ok {
					t.Fatal("a task is done that nobody has in hand")
				}
				ends[j.lo]++
				h.advance(1)
				runs[0].end()
			case 3:
				for _, j := range h.takeBack(1+rng.IntN(20), calls[rng.IntN(len(calls))]) {
					for i := j.lo; i < j.hi; i++ {
						ends[i]++
					}
				}
			}
			chunks := 0
			for i := range h.orders {
				chunks += h.orders[i].chunks()
			}
			if chunks != h.chunks {
				t.Fatalf("%d chunks in hand, and it says %d", chunks, h.chunks)
			}
		}
		for _, o := range h.all() {
			for i := o.lo; i < o.hi; i++ {
				ends[i]++
			}
		}
		for i := range tasks {
			if ends[i] != 1 {
				t.Fatalf("task %d of %d has %d ends", i, tasks, ends[i])
			}
		}
	}
}

// A hand with nothing in it keeps no call from being collected, wherever in its
// memory the orders were.
func TestAnEmptyHandKeepsNoCall(t *testing.T) {
	for orders := range 40 {
		var h hand
		h.begin(nil)
		for range orders {
			h.add(order{job: job{&poolCall{}, 0, 1}})
			if h.size() > 3 {
				h.advance(1)
			}
		}
		for h.size() > 0 {
			h.advance(1)
		}
		if orders%2 == 0 {
			h.add(order{job: job{&poolCall{}, 0, 1}})
			h.all()
		}
		for i, o := range h.memory[:cap(h.memory)] {
			if o.poolCall != nil {
				t.Fatalf("after %d orders, place %d of %d has one", orders, i, cap(h.memory))
			}
		}
	}
}

// What a worker writes over its claims costs no more than its own tasks.
func TestAClaimThatMakesNoSense(t *testing.T) {
	for _, state := range []uint32{0, 60_000, 50_000<<claimedShift | 60_000, 3<<claimedShift | 1} {
		var h hand
		h.begin(func(claim) bool { return false })
		for lo := 0; lo < 40; lo += 20 {
			c := claimOf(appendClaim(nil, 4, 20, 5, 0), 0)
			h.add(order{job: job{&poolCall{}, lo, lo + 20}, begin: lo, unit: 5, claim: c})
			c.state.Store(state)
		}
		h.advance(6)
		ends := make([]int, 40)
		end := func(jobs ...job) {
			for _, j := range jobs {
				for i := j.lo; i < j.hi; i++ {
					ends[i]++
				}
			}
		}
		end(job{nil, 0, 6})
		end(h.takeBack(100, nil)...)
		for _, o := range h.all() {
			end(o.job)
		}
		for i, n := range ends {
			if n != 1 {
				t.Errorf("state %#x: task %d has %d ends", state, i, n)
				break
			}
		}
	}
}
