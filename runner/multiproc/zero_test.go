package multiproc

import "testing"

func TestZeroValuesAreErrors(t *testing.T) {
	ctx := soon(t)
	const zero = "zero value is not usable"
	var p Process[int]
	_, err := p.Join(ctx)
	says(t, "Join", err, zero)
	var c Conn[int]
	_, err = c.Recv(ctx)
	says(t, "Recv", err, zero)
	says(t, "Send", c.Send(ctx, 1), zero)
	says(t, "Close", c.Close(), zero)
	says(t, "Close of a Sender", new(Sender[int]).Close(), zero)
	says(t, "Close of a Receiver", new(Receiver[int]).Close(), zero)
	<-c.Ready()
	var pool Pool
	_, err = Apply(ctx, &pool, square, 1)
	says(t, "Apply", err, zero)
	_, err = Map(ctx, &pool, square, []int{1}, MapOptions{})
	says(t, "Map", err, zero)
	for _, err = range Imap(ctx, &pool, square, func(yield func(int) bool) { yield(1) }, MapOptions{}) {
	}
	says(t, "Imap", err, zero)
	for _, err = range ImapUnordered(ctx, &pool, square, func(yield func(int) bool) { yield(1) }, MapOptions{}) {
	}
	says(t, "ImapUnordered", err, zero)
}

// What the sequence does after a break, it does as if the loop ranged over it.
func TestImapLetsThePanicOfACleanupThrough(t *testing.T) {
	pool, err := NewPool(soon(t), PoolOptions{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer end(t, pool)
	numbers := func(yield func(int) bool) {
		defer panic("in the cleanup")
		for n := 1; yield(n); n++ {
		}
	}
	got := func() (p any) {
		defer func() { p = recover() }()
		for _, err := range Imap(soon(t), pool, square, numbers, MapOptions{}) {
			if err != nil {
				t.Error(err)
			}
			break
		}
		return nil
	}()
	if got != "in the cleanup" {
		t.Errorf("recovered %v", got)
	}
	if n, err := Apply(soon(t), pool, square, 3); n != 9 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}
