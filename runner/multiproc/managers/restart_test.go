package managers

import (
	"os"
	"path/filepath"
	"testing"
)

// Python's test_rapid_restart: a manager that has ended can be started again at
// the same address at once, whether it was shut down or killed.
func TestPyRapidRestart(t *testing.T) {
	for _, network := range []string{"unix", "tcp"} {
		t.Run(network, func(t *testing.T) {
			ctx, o := soon(t), Options{Network: network}
			if network == "unix" {
				dir := got(os.MkdirTemp("", "gvp-test-*"))(t) //nolint:usetesting // a test's own folder has a long name
				t.Cleanup(func() { _ = os.RemoveAll(dir) })
				o.Address = filepath.Join(dir, "socket")
			}
			for _, kill := range []bool{false, true, false, true, false} {
				m := begin(t, o)
				if o.Address != "" && m.Address() != o.Address {
					t.Errorf("it is at %s, want %s", m.Address(), o.Address)
				}
				o.Address = m.Address()
				other := another(t, m) // somebody is connected when it ends
				q := got(NewQueue[string](ctx, other.Named("queue"), 0))(t)
				n, err := q.Len(ctx)
				check(t, "items of a new manager", n, err, 0)
				ok(t, q.Put(ctx, "hello"))
				s, err := got(NewQueue[string](ctx, m.Named("queue"), 0))(t).TryGet(ctx)
				check(t, "item", s, err, "hello")
				ok(t, q.Put(ctx, "left"))
				if kill {
					ok(t, m.server.Kill())
				}
				ok(t, m.Shutdown(ctx))
			}
		})
	}
}
