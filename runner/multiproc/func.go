package multiproc

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sync"
)

// A Function can be run in a child process. Its argument and result travel as
// JSON.
type Function[A, R any] struct{ name string }

// Func registers f under a name that is unique in the program. Children find
// it by that name, so every process has to register the same functions before
// it calls [Main].
//
// The context that f gets is that of the child: [Inherited] finds in it the
// connections that the parent handed over.
func Func[A, R any](name string, f func(ctx context.Context, arg A) (R, error)) Function[A, R] {
	functions.add(name, func(ctx context.Context, arg json.RawMessage) (any, error) {
		var a A
		if err := json.Unmarshal(arg, &a); err != nil {
			return nil, fmt.Errorf("decode the argument of %s: %w", name, err)
		}
		return f(ctx, a)
	})
	return Function[A, R]{name}
}

// body is a registered function without its types.
type body func(ctx context.Context, arg json.RawMessage) (any, error)

// registry holds the program's functions by name. There is one, because names
// have to mean the same in a parent and its children.
type registry struct {
	mu     sync.Mutex
	byName map[string]body
	twice  string // a name that was registered more than once
	main   bool   // Main has been called: children do not get further
}

var functions = registry{byName: map[string]body{}}

func (r *registry) add(name string, f body) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.byName[name]; ok {
		r.twice = name
	}
	r.byName[name] = f
}

func (r *registry) find(name string) (body, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f, ok := r.byName[name]
	return f, ok
}

// ready tells whether a child of this program would run the function asked
// for, rather than the program from the top.
func (r *registry) ready() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.twice != "" {
		return fmt.Errorf("function %q is registered twice: give each one a name of its own", r.twice)
	}
	if !r.main {
		return fmt.Errorf("the guard is missing: call multiproc.Main first thing in main, or in TestMain")
	}
	return nil
}

// Main runs the function that this process was started for and exits, if it is
// a child; otherwise it returns at once. Call it first thing in main, or in
// TestMain, after every [Func].
func Main() {
	functions.mu.Lock()
	functions.main = true
	functions.mu.Unlock()
	if name := os.Getenv(childEnv); name != "" {
		os.Exit(runChild(name))
	}
}
