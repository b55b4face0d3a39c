package multiproc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/wire"
)

const (
	// childEnv names the function that a child is to run.
	childEnv = "GVP_MULTIPROC_FUNC"

	// filesEnv lists the files that the child gets beside its stdio, as the
	// system numbers them: the two of the trunk, the parent's commons, and those
	// that the argument refers to.
	filesEnv = "GVP_MULTIPROC_FILES"

	// limitEnv is [Options].MaxMessage, if that is not 0.
	limitEnv = "GVP_MULTIPROC_LIMIT"
)

// trunkFiles is how many files each child gets.
const trunkFiles = 3

// Exit statuses of a child, for those who see nothing else of it.
const (
	exitFailed   = 1 // the function returned an error or panicked
	exitOrphaned = 3 // the parent is gone
	exitBroken   = 4 // the parent's request could not be read, or the answer not be sent
)

// A greeting is what a child is told first.
type greeting struct {
	Func      string
	Name      string
	Daemon    bool
	Parent    string // name
	ParentPID int
	Hub       uint64 // of the parent
	Common    int    // size in bytes of its commons
	Key       []byte // for connections that authenticate
	Arg       []byte
	Files     []uint64 // of a spare, those that are in the post
}

// frame encodes the greeting.
func (g greeting) frame(most int) ([]byte, error) {
	if err := wire.Check(uint64(len(g.Arg)), most); err != nil {
		return nil, fmt.Errorf("encode the argument: %w", err)
	}
	b, err := marshal([]byte{frameHello}, g, nil)
	if err != nil {
		return nil, err
	}
	if err := wire.Check(uint64(len(b)), frameLimit(most)); err != nil {
		return nil, fmt.Errorf("encode the names and the argument: %w", err)
	}
	return b, nil
}

// An answer is what a child sends when its function has returned.
type answer struct {
	Result []byte
	Failed bool
	Error  string
	Stack  string // of a panic
}

// ErrInterrupted is why the context of a function ends after [Child.Interrupt].
var ErrInterrupted = errors.New("interrupted by the parent")

// runChild is the life of a child; it returns its exit status.
func runChild(name string) int {
	heedTerminal()
	files, err := inheritedFiles(os.Getenv(filesEnv))
	if err != nil || len(files) < trunkFiles {
		fmt.Fprintf(os.Stderr, "multiproc: child %s was started without its files: %v\n", name, err)
		return exitBroken
	}
	most := wire.Limit
	if n, err := strconv.Atoi(os.Getenv(limitEnv)); err == nil {
		most = n
	}
	// What this child starts in its turn are children of its own.
	for _, key := range []string{childEnv, filesEnv, limitEnv} {
		_ = os.Unsetenv(key) // which fails for no key of these
	}

	lifeline, out := files[0], files[1]
	commonFile := files[2]
	upward = newUplink(out, most)
	if name == spareName {
		rehearse()
		if upward.write([]byte{frameReady}) != nil {
			return exitBroken
		}
	}
	g, err := greet(lifeline, most)
	if err != nil {
		return exitBroken
	}
	files = files[trunkFiles:]
	if name == spareName {
		name = g.Func
		if files, err = collect(files, g.Files); err != nil {
			fmt.Fprintf(os.Stderr, "multiproc: child %s does not get its files: %v\n", name, err)
			return exitBroken
		}
	}
	current = identity{name: g.Name, daemon: g.Daemon, parent: &Parent{name: g.Parent, pid: g.ParentPID}}
	above.hub = g.Hub
	if err := attachAbove(commonFile, g.Common); err != nil {
		fmt.Fprintf(os.Stderr, "multiproc: child %s cannot share the parent's memory: %v\n", name, err)
		return exitBroken
	}
	setAuthKey(g.Key)
	ctx, cancel := context.WithCancelCause(context.Background())
	go upward.read(lifeline, func() { cancel(ErrInterrupted) })

	ans := call(ctx, name, g.Arg, files)
	endChildren()
	var b []byte
	if err = wire.Check(uint64(len(ans.Result)), most); err == nil {
		b, err = marshal([]byte{frameAnswer}, ans, nil)
	}
	if err == nil {
		err = upward.write(b)
	}
	switch {
	case errors.Is(err, wire.ErrTooLarge):
		b, err = marshal([]byte{frameAnswer}, answer{Failed: true, Error: "send the result: " + err.Error()}, nil)
		if err != nil || upward.write(b) != nil {
			return exitBroken
		}
		return exitFailed
	case err != nil:
		fmt.Fprintf(os.Stderr, "multiproc: child %s could not answer: %v\n", name, err)
		return exitBroken
	case ans.Failed:
		return exitFailed
	}
	return 0
}

// rehearsal is what a spare runs before it is ready. It has the name that no other
// function may have.
var rehearsal = Func(spareName, func(context.Context, struct{}) (struct{}, error) { return struct{}{}, nil })

// rehearse does in a spare what it will do as a child: the memory that is touched
// and the codecs that are made for the first time take longer than all the rest.
// What goes wrong will go wrong, and be told, when it counts.
func rehearse() {
	arg, err := marshal(nil, struct{}{}, nil)
	if err != nil {
		return
	}
	b, err := greeting{Func: rehearsal.name, Arg: arg}.frame(wire.Limit)
	if err != nil {
		return
	}
	g, err := unmarshal[greeting](b[1:], nil)
	if err != nil {
		return
	}
	ans := call(context.Background(), g.Func, g.Arg, nil)
	_, _ = marshal([]byte{frameAnswer}, ans, nil) // for the codec that it leaves behind, not for the bytes
}

// greet reads the greeting.
func greet(lifeline *os.File, most int) (g greeting, err error) {
	b, err := wire.Read(lifeline, frameLimit(most))
	if err != nil {
		return g, err
	}
	if len(b) == 0 || b[0] != frameHello {
		return g, errors.New("no greeting")
	}
	return unmarshal[greeting](b[1:], nil)
}

// call runs the function and turns whatever comes of it into an answer.
func call(ctx context.Context, name string, arg []byte, files []*os.File) answer {
	f, ok := functions.find(name)
	if !ok {
		return answer{Failed: true, Error: fmt.Sprintf("no function %q is registered: call multiproc.Main after every multiproc.Func", name)}
	}
	ended := make(chan answer, 1)
	go func() {
		ans := answer{Failed: true, Error: "the function called runtime.Goexit, as t.FailNow does: return an error"}
		defer func() {
			if p := recover(); p != nil {
				ans = answer{Failed: true, Error: fmt.Sprintf("panic: %v", p), Stack: string(debug.Stack())}
			}
			ended <- ans
		}()
		r, err := f.one(ctx, nil, arg, &luggage{files: files})
		if err != nil {
			ans = answer{Failed: true, Error: err.Error()}
			return
		}
		ans = answer{Result: r}
	}()
	return <-ended
}
