package managers

import (
	"strings"
	"testing"
)

func TestZeroValuesAreErrors(t *testing.T) {
	ctx := soon(t)
	zero := func(what string, err error) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), "zero value is not usable") {
			t.Errorf("%s: %v", what, err)
		}
	}
	var m Manager
	if m.Network() != "" || m.Address() != "" || m.PID() != 0 {
		t.Errorf("%q, %q, %d", m.Network(), m.Address(), m.PID())
	}
	_, err := m.Names(ctx)
	zero("Names", err)
	_, err = m.Len(ctx)
	zero("Len", err)
	zero("Close", m.Close())
	zero("Shutdown", m.Shutdown(ctx))
	for what, where := range map[string]In{"a manager": &m, "a name at one": m.Named("x"), "a name": Name{}, "nothing": nil} {
		_, err = NewLock(ctx, where)
		zero("NewLock in "+what, err)
		_, err = NewDict[string, int](ctx, where)
		zero("NewDict in "+what, err)
		_, err = NewCondition(ctx, where, &Lock{})
		zero("NewCondition in "+what, err)
	}
	zero("a lock", new(Lock).Acquire(ctx))
	zero("Delete", new(Lock).Delete(ctx))
}
