package multiproc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"time"

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

// youth is after what time a child leaves interrupts to its parent, if it lives so
// long. Nobody means to interrupt one before.
const youth = 10 * time.Millisecond

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
	time.AfterFunc(youth, leaveInterrupts)
	if name == spareName {
		leaveInterrupts()
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
		name = g.fn
		if files, err = collect(files, g.files); err != nil {
			fmt.Fprintf(os.Stderr, "multiproc: child %s does not get its files: %v\n", name, err)
			return exitBroken
		}
	}
	current = identity{name: g.name, daemon: g.daemon, parent: &Parent{name: g.parent, pid: g.parentPID}}
	above.hub = g.hub
	if err := attachAbove(commonFile, g.common); err != nil {
		fmt.Fprintf(os.Stderr, "multiproc: child %s cannot share the parent's memory: %v\n", name, err)
		return exitBroken
	}
	setAuthKey(g.key)
	ctx, cancel := context.WithCancelCause(context.Background())
	go upward.read(lifeline, func() { cancel(ErrInterrupted) })

	ans := call(ctx, name, g.arg, files)
	endChildren()
	if err = wire.Check(uint64(len(ans.result)), most); err == nil {
		err = upward.write(ans.frame())
	}
	switch {
	case errors.Is(err, wire.ErrTooLarge):
		if upward.write(answer{failed: true, text: "send the result: " + err.Error()}.frame()) != nil {
			return exitBroken
		}
		return exitFailed
	case err != nil:
		fmt.Fprintf(os.Stderr, "multiproc: child %s could not answer: %v\n", name, err)
		return exitBroken
	case ans.failed:
		return exitFailed
	}
	return 0
}

// rehearsal is what a spare runs before it is ready. It has the name that no other
// function may have, and an argument and a result of the kind that takes longest.
var rehearsal = Func(spareName, func(_ context.Context, lines []string) ([]string, error) { return lines, nil })

// rehearse does in a spare what it will do as a child: the memory that is touched
// and the codecs that are made for the first time take longer than all the rest.
// What goes wrong will go wrong, and be told, when it counts.
func rehearse() {
	arg, err := marshal(nil, []string{""}, nil)
	if err != nil {
		return
	}
	b, err := greeting{fn: rehearsal.name, arg: arg}.frame(wire.Limit)
	if err != nil {
		return
	}
	g, err := parseGreeting(b)
	if err != nil {
		return
	}
	_ = call(context.Background(), g.fn, g.arg, nil).frame() // for what making it leaves behind, not for the bytes
}

// greet reads the greeting.
func greet(lifeline *os.File, most int) (g greeting, err error) {
	b, err := wire.Read(lifeline, frameLimit(most))
	if err != nil {
		return g, err
	}
	return parseGreeting(b)
}

// call runs the function and turns whatever comes of it into an answer.
func call(ctx context.Context, name string, arg []byte, files []*os.File) answer {
	f, ok := functions.find(name)
	if !ok {
		return answer{failed: true, text: fmt.Sprintf("no function %q is registered: call multiproc.Main after every multiproc.Func", name)}
	}
	ended := make(chan answer, 1)
	go func() {
		ans := answer{failed: true, text: "the function called runtime.Goexit, as t.FailNow does: return an error"}
		defer func() {
			if p := recover(); p != nil {
				ans = answer{failed: true, text: fmt.Sprintf("panic: %v", p), stack: string(debug.Stack())}
			}
			ended <- ans
		}()
		r, err := f.one(ctx, func(n int) []byte { return make([]byte, 0, n) }, arg, &luggage{files: files})
		if err != nil {
			ans = answer{failed: true, text: err.Error()}
			return
		}
		ans = answer{result: r}
	}()
	return <-ended
}
