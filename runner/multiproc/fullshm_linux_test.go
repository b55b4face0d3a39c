package multiproc

import (
	"context"
	"errors"
	"strings"
	"syscall"
	"testing"
)

// withoutRoom does in a child what takes room in /dev/shm, and what does not,
// and says what came of it.
var withoutRoom = Func("withoutRoom", func(ctx context.Context, name string) ([]string, error) {
	_, createErr := CreateSharedMemory(name, 1<<20)
	_, listErr := CreateShareableList(name, []any{strings.Repeat("x", 1<<20)})
	anonymous, err := NewSharedMemory(1 << 20)
	if err != nil {
		return nil, err
	}
	anonymous.Bytes()[1<<20-1] = 1
	v, err := NewValue(7)
	if err != nil {
		return nil, err
	}
	n, err := v.Load(ctx)
	if err == nil && n != 7 {
		err = errors.New("another value")
	}
	return []string{createErr.Error(), listErr.Error()}, errors.Join(err, v.Close(), anonymous.Close())
})

const noSpace = "no space left on device"

// A full /dev/shm is an error of who wants memory with a name, here and in
// children and workers, and of nobody else. When there is room, all is well.
func TestAFullSharedMemoryIsAnErrorOfItsUser(t *testing.T) {
	elsewhere, small := inSmallSharedMemory(t)
	if elsewhere {
		return
	}
	if !small {
		t.Skip("this process may not mount a small /dev/shm")
	}
	leavesNothing(t)
	free := fillSharedMemory(t)

	if _, err := CreateSharedMemory(ownName(t), 1<<20); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("here: %v", err)
	}
	if !missing(t, ownName(t)) {
		t.Error("half of it is there")
	}
	var m SharedMemoryManager
	if _, err := m.CreateSharedMemory(ownName(t), 1<<20); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("of a manager: %v", err)
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
	said, err := mustStart(t, withoutRoom, ownName(t), Options{}).Join(soon(t))
	if len(said) != 2 || !strings.Contains(said[0], noSpace) || !strings.Contains(said[1], noSpace) || err != nil {
		t.Errorf("in a child: %q, %v", said, err)
	}
	sufferAmongEight(t, "full shared memory", noSpace)
	sufferAmongEight(t, "large", "") // results need no room there
	sufferAmongEight(t, "full shared memory while sending", "")
	strikeEarly(t, "full shared memory", false, false)
	if err := neverReadyFor(t, "full shared memory"); err == nil || !strings.Contains(err.Error(), noSpace) {
		t.Errorf("of all initializers: %v", err)
	}
	failing := afflictedTeardown.With("full shared memory")
	p := newPool(t, PoolOptions{Initializer: failing, SetupTimeout: faultTimeout})
	if _, err := Apply(soon(t), p, afflicted, affliction{}); err != nil {
		t.Error(err)
	}
	p.Close()
	if err := p.Join(soon(t)); err == nil || !strings.Contains(err.Error(), noSpace) {
		t.Errorf("of the finalizers at shutdown: %v", err)
	}

	free()
	made, err := CreateSharedMemory(ownName(t), 1<<20)
	if err != nil {
		t.Fatalf("when there is room: %v", err)
	}
	if err := errors.Join(made.Close(), made.Unlink()); err != nil {
		t.Error(err)
	}
}

// neverReadyFor is the error of a task whose pool has initializers that all fail.
func neverReadyFor(t *testing.T, how string) error {
	t.Helper()
	left, err := NewValue(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	defer left.Close()
	p := newPool(t, PoolOptions{Initializer: struckEarly.With(onset{How: how, Left: left})})
	_, err = Apply(soon(t), p, double, 1)
	end(t, p)
	return err
}
