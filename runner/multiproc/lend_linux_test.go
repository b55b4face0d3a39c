//go:build !portable

package multiproc

import "testing"

// borrowed is a worker that the pool has lent.
func borrowed(t *testing.T, p *Pool) (w *worker) {
	t.Helper()
	if !maySpin() {
		t.Skip("with one processor, no worker is lent")
	}
	eventually(t, "lent", func() bool { w = p.borrow(); return w != nil })
	return w
}

// A worker whose goroutine has noticed its end while somebody had borrowed it is
// replaced when it is given back.
func TestABorrowedWorkerThatDies(t *testing.T) {
	leavesNothing(t)
	p := newPool(t, PoolOptions{Workers: 1})
	if _, err := Apply(soon(t), p, double, 1); err != nil {
		t.Fatal(err)
	}
	w := borrowed(t, p)
	w.kill()
	eventually(t, "called back", func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return !w.lent
	})
	p.giveWorkerBack(w)
	if got, err := Apply(soon(t), p, double, 21); got != 42 || err != nil {
		t.Errorf("%d, %v", got, err)
	}
}

// A pool that is closed, or terminated, while a worker is lent ends when that is
// back.
func TestAPoolEndsWithABorrowedWorker(t *testing.T) {
	for name, end := range map[string]func(*Pool){"closed": (*Pool).Close, "terminated": (*Pool).Terminate} {
		t.Run(name, func(t *testing.T) {
			leavesNothing(t)
			p := newPool(t, PoolOptions{Workers: 2})
			if _, err := Apply(soon(t), p, double, 1); err != nil {
				t.Fatal(err)
			}
			w := borrowed(t, p)
			end(p)
			p.giveWorkerBack(w)
			if err := p.Join(soon(t)); err != nil {
				t.Error(err)
			}
		})
	}
}
