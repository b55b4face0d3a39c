package multiproc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
)

// talkative writes lines to both of its outputs.
var talkative = Func("talkative", func(_ context.Context, lines int) (int, error) {
	for range lines {
		fmt.Fprintln(os.Stdout, strings.Repeat("o", 99))
		fmt.Fprintln(os.Stderr, strings.Repeat("e", 99))
	}
	return 0, nil
})

// A bytes.Buffer that two goroutines write to loses some, and the race detector
// sees it.
func TestAWriterIsWrittenToByOneGoroutineAtATime(t *testing.T) {
	const lines = 300
	var one bytes.Buffer
	if _, err := mustStart(t, talkative, lines, Options{Stdout: &one, Stderr: &one}).Join(soon(t)); err != nil {
		t.Fatal(err)
	}
	if n := one.Len(); n != 2*100*lines {
		t.Errorf("%d bytes of one process, want %d", n, 2*100*lines)
	}

	var all bytes.Buffer
	p := newPool(t, PoolOptions{Workers: 4, Stdout: &all, Stderr: &all})
	if _, err := Map(soon(t), p, talkative, []int{lines, lines, lines, lines}, MapOptions{Chunk: 1}); err != nil {
		t.Fatal(err)
	}
	p.Close()
	if err := p.Join(soon(t)); err != nil {
		t.Fatal(err)
	}
	if n := all.Len(); n != 4*2*100*lines {
		t.Errorf("%d bytes of a pool, want %d", n, 4*2*100*lines)
	}
}

// A writerOfSlices cannot be compared.
type writerOfSlices struct{ got []*bytes.Buffer }

func (w writerOfSlices) Write(p []byte) (int, error) { return w.got[0].Write(p) }

func TestWritersThatCannotBeComparedAreTwo(t *testing.T) {
	out, errs := writerOfSlices{[]*bytes.Buffer{{}}}, writerOfSlices{[]*bytes.Buffer{{}}}
	if _, err := mustStart(t, talkative, 1, Options{Stdout: out, Stderr: errs}).Join(soon(t)); err != nil {
		t.Fatal(err)
	}
	if o, e := out.got[0].String(), errs.got[0].String(); !strings.HasPrefix(o, "ooo") || !strings.HasPrefix(e, "eee") {
		t.Errorf("%q and %q", o, e)
	}
}

// A slowWriter takes nothing until it is open.
type slowWriter struct {
	open chan struct{}
	got  bytes.Buffer
}

func (w *slowWriter) Write(p []byte) (int, error) {
	<-w.open
	return w.got.Write(p)
}

var lastLine = Func("lastLine", func(context.Context, int) (int, error) {
	fmt.Println("the last line")
	os.Exit(3)
	return 0, nil
})

func TestWhatBecameOfATaskDoesNotWaitForOutput(t *testing.T) {
	open := make(chan struct{})
	ofPool, ofChild := &slowWriter{open: open}, &slowWriter{open: open}
	p := newPool(t, PoolOptions{Workers: 1, Stdout: ofPool})
	var exit *ExitError
	if _, err := Apply(soon(t), p, lastLine, 0); !errors.As(err, &exit) {
		t.Errorf("%v", err)
	}
	child := mustStart(t, lastLine, 0, Options{Stdout: ofChild})
	<-child.Ended()
	if _, err := child.Join(over(t)); !errors.Is(err, context.Canceled) {
		t.Errorf("joined before the output was in: %v", err)
	}
	close(open)
	if _, err := child.Join(soon(t)); !errors.As(err, &exit) {
		t.Errorf("%v", err)
	}
	p.Terminate()
	if err := p.Join(soon(t)); err != nil {
		t.Error(err)
	}
	for _, w := range []*slowWriter{ofPool, ofChild} {
		if got := w.got.String(); got != "the last line\n" {
			t.Errorf("the output that is in is %q", got)
		}
	}
}

// linesOf writes so many bytes, of which some are still in the pipe when it ends.
var linesOf = Func("linesOf", func(_ context.Context, size int) (int, error) {
	return fmt.Print(strings.Repeat("x", size))
})

// However long a writer takes: what the child wrote before its end arrives. No
// time at all is left here for what others may write.
func TestNothingOfAChildIsLostToASlowWriter(t *testing.T) {
	if startsOutliveKills() {
		t.Skip("under Wine, a child was seen to hang that writes to a pipe which is full for long")
	}
	const size = 64_000 // is more than is read at once, and less than a pipe and that
	w := &slowWriter{open: make(chan struct{})}
	p := linesOf.New(size, Options{Stdout: w})
	p.late = 0
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	<-p.Ended()
	if _, err := p.Join(brief(t)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("joined before the output was in: %v", err)
	}
	close(w.open)
	if n, err := p.Join(soon(t)); n != size || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if n := w.got.Len(); n != size {
		t.Errorf("%d bytes are in, want %d", n, size)
	}
}
