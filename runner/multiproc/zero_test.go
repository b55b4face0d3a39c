package multiproc

import (
	"errors"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestZeroValuesAreErrors(t *testing.T) {
	ctx := soon(t)
	const zero = "zero value is not usable"
	var p Process[int]
	_, err := p.Join(ctx)
	says(t, "Join", err, zero)
	for name, c := range map[string]*Child{"none": p.Child, "zero": {}} {
		says(t, "Start of "+name, c.Start(), "a")
		says(t, "Wait for "+name, c.Wait(ctx), ErrNotStarted.Error())
		says(t, "Interrupt of "+name, c.Interrupt(), ErrNotStarted.Error())
		says(t, "Terminate of "+name, c.Terminate(), ErrNotStarted.Error())
		says(t, "Kill of "+name, c.Kill(), ErrNotStarted.Error())
		_, ended := c.ExitCode()
		if c.Name() != "" || c.Daemon() || c.PID() != 0 || c.Alive() || c.State() != nil || ended || c.Ended() != nil {
			t.Errorf("%s has become something", name)
		}
	}
	says(t, "Close", p.Close(), zero)
	var c Conn[int]
	_, err = c.Recv(ctx)
	says(t, "Recv", err, zero)
	says(t, "Send", c.Send(ctx, 1), zero)
	says(t, "Close", c.Close(), zero)
	says(t, "Close of a Sender", new(Sender[int]).Close(), zero)
	says(t, "Close of a Receiver", new(Receiver[int]).Close(), zero)
	<-c.Ready()
	for name, c := range map[string]*Connection{"Conn": c.Connection(), "Sender": c.Sender.Connection(), "Receiver": c.Receiver.Connection()} {
		if c.Send(ctx, nil) == nil {
			t.Errorf("the connection of a %s sends", name)
		}
		if _, err := c.Recv(ctx); err == nil {
			t.Errorf("the connection of a %s receives", name)
		}
		_ = c.Close() // does not panic
	}
	says(t, "Value.Lock", new(Value[int]).Lock().Acquire(ctx), zero)
	says(t, "Array.Lock", new(Array[int]).Lock().Release(), zero)
	var pool Pool
	pool.Close()
	pool.Terminate()
	says(t, "Resize", pool.Resize(2), zero)
	says(t, "Pool.Join", pool.Join(ctx), zero)
	if pool.Workers() != 0 || len(pool.PIDs()) != 0 {
		t.Error("the zero pool has workers")
	}
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

// Numbers that nothing good can come of are errors that name them, and the pool
// goes on.
func TestNumbersBeyondReasonAreErrors(t *testing.T) {
	const many = math.MaxInt
	_, err := NewPool(soon(t), PoolOptions{Workers: many})
	says(t, "NewPool", err, "workers: want at least 1, and at most 65536")
	p := newPool(t, PoolOptions{Workers: 1})
	says(t, "Resize", p.Resize(many), "workers: want at least 1, and at most 65536")
	for _, err = range Imap(soon(t), p, square, slices.Values([]int{1}), MapOptions{Ahead: many}) {
	}
	says(t, "Imap", err, "chunks ahead: want at most 1048576")
	for _, err = range ImapUnordered(soon(t), p, square, slices.Values([]int{1}), MapOptions{Ahead: many}) {
	}
	says(t, "ImapUnordered", err, "chunks ahead: want at most 1048576")
	if n, err := Apply(soon(t), p, square, 3); n != 9 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}

func TestAProgramMayHaveNoArguments(t *testing.T) {
	args := os.Args
	os.Args = nil
	defer func() { os.Args = args }()
	if n, err := mustStart(t, square, 3, Options{}).Join(soon(t)); n != 9 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}

func TestAZeroFunctionHasNoName(t *testing.T) {
	p := newPool(t, PoolOptions{Workers: 1})
	var none Function[int, int]
	_, err := Apply(soon(t), p, none, 1)
	says(t, "Apply", err, "a function without a name")
	for _, err = range Imap(soon(t), p, none, slices.Values([]int{1}), MapOptions{}) {
	}
	says(t, "Imap", err, "a function without a name")
}

func TestAPoolThatBrokeDownSaysWhy(t *testing.T) {
	p := newPool(t, PoolOptions{Workers: 1})
	p.breakDown(errors.New("no more memory"))
	_, err := Apply(soon(t), p, square, 1)
	says(t, "Apply", err, "no more memory")
	err = p.Resize(2)
	says(t, "Resize", err, "no more memory")
	if !errors.Is(err, ErrPoolClosed) || strings.Count(err.Error(), "no more memory") != 1 {
		t.Errorf("Resize: %v", err)
	}
}
