package multiproc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"
)

var (
	// increment adds one to each byte of the memory.
	increment = Func("increment", func(_ context.Context, m *SharedMemory) (int, error) {
		for i := range m.Bytes() {
			m.Bytes()[i]++
		}
		return m.Size(), nil
	})

	// passOn hands the memory on to a child of its own.
	passOn = Func("passOn", func(ctx context.Context, m *SharedMemory) (int, error) {
		p, err := increment.Start(m, Options{})
		if err != nil {
			return 0, err
		}
		return p.Join(ctx)
	})

	// holdNamed opens or makes named memory, says so, and waits for ever.
	holdNamed = Func("holdNamed", func(ctx context.Context, h heldMemory) (int, error) {
		m, err := h.get()
		if err != nil {
			return 0, err
		}
		m.Bytes()[0]++
		if err := h.Up.Send(ctx, true); err != nil {
			return 0, err
		}
		if h.Return {
			return int(m.Bytes()[0]), nil
		}
		select {}
	})
)

// heldMemory is the argument of holdNamed.
type heldMemory struct {
	Name   string
	Make   bool
	Return bool
	Up     *Sender[bool]
}

func (h heldMemory) get() (*SharedMemory, error) {
	if h.Make {
		return CreateSharedMemory(h.Name, 100)
	}
	return OpenSharedMemory(h.Name)
}

// holdMemory starts holdNamed and waits until it has the memory.
func holdMemory(t *testing.T, h heldMemory) *Process[int] {
	t.Helper()
	r, s, err := OneWayPipe[bool]()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	h.Up = s
	p := mustStart(t, holdNamed, h, Options{})
	if _, err := r.Recv(soon(t)); err != nil {
		t.Fatal(err)
	}
	return p
}

// ownName is a name for shared memory that no other run of the tests uses.
func ownName(t *testing.T) string {
	t.Helper()
	return fmt.Sprintf("test-%d-%s", os.Getpid(), strings.ReplaceAll(t.Name(), "/", "-"))
}

func mustCreate(t *testing.T, name string, size int) *SharedMemory {
	t.Helper()
	m, err := CreateSharedMemory(name, size)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(m.Close(), m.Unlink()); err != nil {
			t.Error(err)
		}
	})
	return m
}

// eventually fails the test if it does not become true in a minute.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not %s after a minute", what)
		}
	}
}

// missing tells whether there is no memory of that name.
func missing(t *testing.T, name string) bool {
	t.Helper()
	m, err := OpenSharedMemory(name)
	if err == nil {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
		return false
	}
	if !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return true
}

func TestPySharedMemoryBasics(t *testing.T) {
	name := ownName(t)
	m := mustCreate(t, name, 512)
	if m.Size() != 512 || len(m.Bytes()) != 512 || m.Name() != name || m.Bytes()[511] != 0 {
		t.Errorf("%d bytes of %s", m.Size(), m.Name())
	}
	m.Bytes()[0] = 42
	if _, err := CreateSharedMemory(name, 512); !errors.Is(err, fs.ErrExist) {
		t.Errorf("created twice: %v", err)
	}
	again, err := OpenSharedMemory(name)
	if err != nil {
		t.Fatal(err)
	}
	if again.Bytes()[0] != 42 || again.Size() < 512 {
		t.Errorf("%d bytes, the first %d", again.Size(), again.Bytes()[0])
	}
	again.Bytes()[511] = 7
	if m.Bytes()[511] != 7 {
		t.Error("it is not the same memory")
	}
	if err := again.Unlink(); !errors.Is(err, ErrNotOwner) {
		t.Errorf("unlinked by who has opened it: %v", err)
	}
	if err := errors.Join(again.Close(), again.Close()); err != nil || again.Bytes() != nil {
		t.Errorf("closed: %v", err)
	}
	attachesInAChild(t, m)
	for _, size := range []int{0, -1} {
		if _, err := CreateSharedMemory(name+"-empty", size); err == nil {
			t.Errorf("%d bytes were made", size)
		}
		if _, err := NewSharedMemory(size); err == nil {
			t.Errorf("%d bytes without a name were made", size)
		}
	}
	for _, bad := range []string{"", "a/b", `a\b`} {
		if _, err := CreateSharedMemory(bad, 1); err == nil {
			t.Errorf("%q is a name", bad)
		}
		if _, err := OpenSharedMemory(bad); err == nil {
			t.Errorf("%q is a name to open", bad)
		}
	}
	if !missing(t, name+"-other") {
		t.Error("there is what nobody made")
	}
	if err := errors.Join(m.Close(), m.Unlink(), m.Unlink()); err != nil {
		t.Error(err)
	}
	if !missing(t, name) {
		t.Error("it can be opened after Unlink")
	}
	mustCreate(t, name, 10) // the name is free
}

// attachesInAChild has a child open the memory by its name, change its first
// byte, which is 42, and end. It may not make it anew, nor unlink it.
func attachesInAChild(t *testing.T, m *SharedMemory) {
	t.Helper()
	p := mustStart(t, attach, m.Name(), Options{})
	got, err := p.Join(soon(t))
	if got.Size > m.Size() {
		got.Size = m.Size()
	}
	if want := (attached{Size: m.Size(), First: 42, Twice: true, NotOwner: true}); got != want || err != nil {
		t.Errorf("a child has %+v, %v; want %+v", got, err, want)
	}
	if m.Bytes()[0] != 43 {
		t.Errorf("the first byte is %d after the child has changed it", m.Bytes()[0])
	}
	if missing(t, m.Name()) {
		t.Error("it is gone with a child that had opened it")
	}
	m.Bytes()[0] = 42
}

// An attached is what a child found of memory that it has opened. On Windows the
// size is that of whole pages.
type attached struct {
	Size            int
	First           byte
	Twice, NotOwner bool
}

var attach = Func("attach", func(_ context.Context, name string) (a attached, err error) {
	_, twice := CreateSharedMemory(name, 1)
	m, err := OpenSharedMemory(name)
	if err != nil {
		return a, err
	}
	a = attached{m.Size(), m.Bytes()[0], errors.Is(twice, fs.ErrExist), errors.Is(m.Unlink(), ErrNotOwner)}
	m.Bytes()[0]++
	return a, m.Close()
})

func TestSharedMemoryIsHandedToChildren(t *testing.T) {
	anonymous, err := NewSharedMemory(5000)
	if err != nil {
		t.Fatal(err)
	}
	defer anonymous.Close()
	if err := anonymous.Unlink(); !errors.Is(err, ErrNotOwner) {
		t.Errorf("unlinked without a name: %v", err)
	}
	for _, m := range []*SharedMemory{anonymous, mustCreate(t, ownName(t), 5000)} {
		for i, f := range []Function[*SharedMemory, int]{increment, passOn} {
			n, err := mustStart(t, f, m, Options{}).Join(soon(t))
			if n != 5000 || err != nil || m.Bytes()[0] != byte(i+1) || m.Bytes()[4999] != byte(i+1) {
				t.Errorf("%q, %s: %d bytes, %v; then %d", m.Name(), f.Name(), n, err, m.Bytes()[0])
			}
		}
	}
}

func TestMemoryWithANameTravelsInAnyMessage(t *testing.T) {
	here, there, err := Pipe[*SharedMemory]()
	if err != nil {
		t.Fatal(err)
	}
	defer here.Close()
	defer there.Close()
	m := mustCreate(t, ownName(t), 10)
	if err := here.Send(soon(t), m); err != nil {
		t.Fatal(err)
	}
	got, err := there.Recv(soon(t))
	if err != nil {
		t.Fatal(err)
	}
	defer got.Close()
	got.Bytes()[3] = 9
	if m.Bytes()[3] != 9 || got.Name() != m.Name() {
		t.Errorf("%v of %s", m.Bytes(), got.Name())
	}
	anonymous, err := NewSharedMemory(1)
	if err != nil {
		t.Fatal(err)
	}
	if err := here.Send(soon(t), anonymous); !errors.Is(err, ErrHandover) {
		t.Errorf("without a name: %v", err)
	}
	if err := anonymous.Close(); err != nil {
		t.Error(err)
	}
	if _, err := increment.Start(anonymous, Options{}); !errors.Is(err, ErrClosed) {
		t.Errorf("closed memory: %v", err)
	}
	if zero := new(SharedMemory); zero.Bytes() != nil || zero.Size() != 0 || zero.Close() != nil {
		t.Error("the zero value has memory")
	}
}

// Python's test_shared_memory_cleaned_after_process_termination.
func TestPySharedMemoryCleanedAfterProcessTermination(t *testing.T) {
	name := ownName(t)
	for _, returns := range []bool{false, true} {
		p := holdMemory(t, heldMemory{Name: name, Make: true, Return: returns})
		if !returns {
			if missing(t, name) {
				t.Fatal("it is not there while its maker lives")
			}
			if err := p.Kill(); err != nil {
				t.Fatal(err)
			}
		}
		<-p.Ended()
		eventually(t, "removed", func() bool { return missing(t, name) })
	}
}

// Python's test_shared_memory_untracking, and the suffering that the tracker
// unlinks live shared memory.
func TestPySharedMemoryUntracking(t *testing.T) {
	name := ownName(t)
	m := mustCreate(t, name, 10)
	for _, returns := range []bool{false, true} {
		p := holdMemory(t, heldMemory{Name: name, Return: returns})
		if err := p.Kill(); err != nil {
			t.Fatal(err)
		}
		<-p.Ended()
		if missing(t, name) {
			t.Fatalf("returns=%v: live memory is gone", returns)
		}
	}
	// A maker of something else has a tracker: that one leaves this alone.
	p := holdMemory(t, heldMemory{Name: name + "-other", Make: true})
	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "removed", func() bool { return missing(t, name+"-other") })
	if missing(t, name) || m.Bytes()[0] != 2 {
		t.Errorf("live memory is gone, or was not shared: %v", m.Bytes())
	}
}

func TestWithoutTheGuardNothingIsNamed(t *testing.T) {
	functions.mu.Lock()
	functions.main = false
	functions.mu.Unlock()
	defer Main()
	m, err := CreateSharedMemory(ownName(t), 1)
	if err == nil && !namesGoByThemselves {
		t.Error("memory was named by a program whose tracker would run it from the top")
	}
	if err == nil {
		_ = m.Close()
	}
}

func TestAManagerFreesWhatItMade(t *testing.T) {
	var m SharedMemoryManager
	a, err := m.SharedMemory(10)
	if err != nil {
		t.Fatal(err)
	}
	name := ownName(t)
	b, err := m.CreateSharedMemory(name, 10)
	if err != nil {
		t.Fatal(err)
	}
	l, err := m.ShareableList([]any{1, "two"})
	if err != nil {
		t.Fatal(err)
	}
	var _ io.Closer = &m
	if err := errors.Join(m.Close(), m.Close()); err != nil {
		t.Error(err)
	}
	if a.Bytes() != nil || b.Bytes() != nil || !missing(t, name) {
		t.Error("something is left")
	}
	if _, err := l.Get(0); !errors.Is(err, ErrClosed) {
		t.Errorf("the list is left: %v", err)
	}
	if _, err := m.SharedMemory(10); !errors.Is(err, ErrClosed) {
		t.Errorf("a closed manager makes more: %v", err)
	}
}
