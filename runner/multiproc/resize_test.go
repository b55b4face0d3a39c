package multiproc

import (
	"errors"
	"iter"
	"slices"
	"sync"
	"testing"
)

// Imap asks for the number of workers again and again.
func TestImapGoesOnWhileItsPoolIsResized(t *testing.T) {
	p := newPool(t, PoolOptions{Workers: 1})
	const tasks = 200
	again := make(chan int, tasks)
	var resizing sync.WaitGroup
	resizing.Go(func() {
		for n := range again {
			if err := p.Resize(1 + n%3); err != nil {
				t.Error(err)
			}
		}
	})
	n := 0
	for _, err := range Imap(soon(t), p, double, slices.Values(upTo(tasks)), MapOptions{}) {
		if n++; err != nil {
			t.Error(err)
		}
		if n%10 == 0 {
			again <- n
		}
	}
	close(again)
	resizing.Wait()
	if n != tasks {
		t.Errorf("%d results", n)
	}
}

func TestSeveralResizesAtOnceMakeNoMoreThanTheyAskFor(t *testing.T) {
	for range 3 { // chance has to bring two of them together
		p := newPool(t, PoolOptions{Workers: 1})
		var resizing sync.WaitGroup
		for range 6 {
			resizing.Go(func() {
				if err := p.Resize(3); err != nil {
					t.Error(err)
				}
			})
		}
		resizing.Wait()
		if n := p.Workers(); n != 3 {
			t.Errorf("%d workers, want 3", n)
		}
		p.Terminate()
	}
}

// A pool without workers is not one that has nothing to do.
func TestImapOfAPoolThatHasEndedIsAnError(t *testing.T) {
	p := newPool(t, PoolOptions{})
	p.Terminate()
	if err := p.Join(soon(t)); err != nil {
		t.Fatal(err)
	}
	for name, results := range map[string]iter.Seq2[int, error]{
		"in order":  Imap(soon(t), p, double, slices.Values(upTo(3)), MapOptions{}),
		"unordered": ImapUnordered(soon(t), p, double, slices.Values(upTo(3)), MapOptions{}),
	} {
		var last error
		for _, err := range results {
			last = err
		}
		if !errors.Is(last, ErrTerminated) {
			t.Errorf("%s: %v", name, last)
		}
	}
}
