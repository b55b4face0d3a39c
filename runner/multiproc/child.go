package multiproc

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
)

const (
	// childEnv names the function that a child is to run.
	childEnv = "GVP_MULTIPROC_FUNC"

	// filesEnv lists the files that the child gets beside its stdio, as the
	// system numbers them: the lifeline, the result, and then the ends of
	// each inherited connection.
	filesEnv = "GVP_MULTIPROC_FILES"
)

// Exit statuses of a child, for those who see nothing else of it.
const (
	exitFailed   = 1 // the function returned an error or panicked
	exitOrphaned = 3 // the parent is gone
	exitBroken   = 4 // the parent's request could not be read, or the answer not be sent
)

// An answer is what a child sends when its function has returned.
type answer struct {
	Result json.RawMessage `json:"result,omitempty"`
	Error  string          `json:"error,omitempty"`
	Stack  string          `json:"stack,omitempty"` // of a panic
}

// inheritedKey is the context key of the connections handed to a child.
type inheritedKey struct{}

// Inherited returns the connections that the parent handed to this child, in
// the order of [Options].Connections.
func Inherited(ctx context.Context) []*Connection {
	conns, _ := ctx.Value(inheritedKey{}).([]*Connection)
	return conns
}

// runChild is the life of a child; it returns its exit status.
func runChild(name string) int {
	// Ctrl-C reaches every process of the terminal's group. The parent decides
	// what it means; a child that died of it would only look like a crash.
	signal.Ignore(os.Interrupt)

	files, err := inheritedFiles(os.Getenv(filesEnv))
	if err != nil || len(files) < 2 {
		fmt.Fprintf(os.Stderr, "multiproc: child %s was started without its files: %v\n", name, err)
		return exitBroken
	}
	// What this child starts in its turn are children of its own.
	_ = os.Unsetenv(childEnv)
	_ = os.Unsetenv(filesEnv)

	lifeline, out := files[0], files[1]
	arg, err := readFrame(lifeline, maxFrame)
	if err != nil {
		return exitBroken
	}
	go dieWithParent(lifeline)

	ctx := context.WithValue(context.Background(), inheritedKey{}, connections(files[2:]))
	ans := call(ctx, name, arg)
	b, err := json.Marshal(ans)
	if err == nil {
		err = writeFrame(out, b)
	}
	switch {
	case err != nil:
		fmt.Fprintf(os.Stderr, "multiproc: child %s could not answer: %v\n", name, err)
		return exitBroken
	case ans.Error != "":
		return exitFailed
	}
	return 0
}

// dieWithParent ends the process when the parent's end of the lifeline closes,
// which the system does however the parent dies.
func dieWithParent(lifeline io.Reader) {
	_, _ = io.Copy(io.Discard, lifeline)
	os.Exit(exitOrphaned)
}

// call runs the function and turns whatever comes of it into an answer.
func call(ctx context.Context, name string, arg json.RawMessage) (ans answer) {
	defer func() {
		if p := recover(); p != nil {
			ans = answer{Error: fmt.Sprintf("panic: %v", p), Stack: string(debug.Stack())}
		}
	}()
	f, ok := functions.find(name)
	if !ok {
		return answer{Error: fmt.Sprintf("no function %q is registered: call multiproc.Main after every multiproc.Func", name)}
	}
	r, err := f(ctx, arg)
	if err != nil {
		return answer{Error: err.Error()}
	}
	b, err := json.Marshal(r)
	if err != nil {
		return answer{Error: fmt.Sprintf("encode the result of %s: %v", name, err)}
	}
	return answer{Result: b}
}
