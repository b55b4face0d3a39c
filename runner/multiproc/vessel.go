package multiproc

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
	"time"
)

// A vessel is a process with its trunk and its output, which carries a [Child],
// or waits for one to carry.
type vessel struct {
	name   string // that of the function, or spareName
	most   int    // size in bytes of the largest message
	proc   *process
	link   *downlink
	up     *os.File
	post   *os.File // takes files to a spare; nil where they need none
	copies []outputCopy

	spares *Spares // whose it is while it carries nobody

	mu    sync.Mutex
	child *Child // nil if it carries none
	ended bool   // it is reaped, and carries none any more
}

// spareName stands for the function of a spare, which is not known yet.
const spareName = "multiproc.spare"

// launch starts a process with its trunk, its output and files, which is then to
// be attended.
func launch(name string, o Options, around surroundings, files []*os.File) (*vessel, error) {
	v := &vessel{name: name, most: o.most()}
	var mine, theirs []*os.File // ends of pipes; theirs are closed here in any case
	defer func() {
		for _, f := range theirs {
			_ = f.Close()
		}
	}()
	fail := func(err error) error {
		for _, f := range mine {
			err = errors.Join(err, f.Close())
		}
		return err
	}
	shared, err := common()
	if err != nil {
		return nil, err
	}
	down, lifeline, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	mine, theirs = append(mine, lifeline), append(theirs, down)
	up, answers, err := os.Pipe()
	if err != nil {
		return nil, fail(err)
	}
	v.up = up
	mine, theirs = append(mine, up), append(theirs, answers)
	inherited := append([]*os.File{down, answers, shared.segment.File()}, files...)
	if name == spareName && hasPost {
		post, letterbox, err := openPost()
		if err != nil {
			return nil, fail(err)
		}
		v.post = post
		mine, theirs = append(mine, post), append(theirs, letterbox)
		inherited = append(inherited, letterbox)
	}
	out, err := openOutput(o.Stdout, o.Stderr, around)
	if err != nil {
		return nil, fail(err)
	}
	for _, cp := range out.copies {
		mine, theirs = append(mine, cp.from), append(theirs, cp.written)
	}
	v.copies = out.copies
	stdio := []*os.File{around.stdin, out.stdout, out.stderr}
	env := append(os.Environ(), o.Env...)
	if o.MaxMessage != 0 {
		env = append(env, limitEnv+"="+strconv.Itoa(o.MaxMessage))
	}
	if v.proc, err = startProcess(around.argv, env, name, stdio, inherited, o.CPUs); err != nil {
		return nil, fail(err)
	}
	v.link = newDownlink(lifeline, v.most)
	return v, nil
}

// closePost closes the way for files.
func (v *vessel) closePost() error {
	if v.post == nil {
		return nil
	}
	return v.post.Close()
}

// adopt makes the vessel carry a child. It reports false if it has ended.
func (v *vessel) adopt(c *Child) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.ended {
		return false
	}
	v.child = c
	c.proc, c.link = v.proc, v.link
	if len(v.copies) == 0 { // there is no output to wait for
		c.settled = c.ended
	}
	children.add(c)
	return true
}

// lateOutput is for how long after a child's end there may be more output, of
// descendants that it left behind and that hold the pipe. What the child itself
// wrote is in the pipe by then, and is read whatever time its writer takes.
const lateOutput = 10 * time.Second

// attend serves the process until its end, reaps it and settles what came of it.
func (v *vessel) attend() {
	var copied sync.WaitGroup
	for _, cp := range v.copies {
		copied.Go(func() { _, _ = io.Copy(cp.to, lastWords(cp.from)); _ = cp.from.Close() })
	}
	ans, end, readErr := v.seeOut()
	v.link.close()
	v.mu.Lock()
	v.ended = true
	c := v.child
	v.mu.Unlock()
	late := lateOutput
	if c != nil {
		late = c.late
		c.conclude(ans, end, readErr)
		if c.settled == c.ended {
			children.remove(c)
		}
		close(c.ended)
	} else {
		v.spares.isLost(v, end)
	}
	for _, cp := range v.copies {
		_ = cp.from.SetReadDeadline(time.Now().Add(late)) // it may be closed already
	}
	copied.Wait()
	if c != nil && c.settled != c.ended {
		children.remove(c)
		close(c.settled)
	}
}

// conclude says what came of a child whose process is reaped.
func (c *Child) conclude(ans answer, end death, readErr error) {
	c.state = end.state
	switch {
	case end.err != nil:
		c.err = fmt.Errorf("wait for process %d (%s): %w", c.proc.Pid, c.fn, end.err)
	case readErr != nil && !isEnd(readErr):
		c.err = fmt.Errorf("read the answer of process %d (%s): %w", c.proc.Pid, c.fn, readErr)
	case readErr != nil:
		c.err = &ExitError{PID: c.proc.Pid, Func: c.fn, Code: exitCode(end.state), How: end.state.String()}
	case ans.failed:
		c.err = &Error{PID: c.proc.Pid, Func: c.fn, Message: ans.text, Stack: ans.stack}
	default:
		c.result = ans.result
	}
}

// isEnd tells whether an error of reading a trunk is that of the process's end, also
// in the middle of a frame.
func isEnd(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }

// A death is how a process ended.
type death struct {
	state *os.ProcessState
	err   error
}

// seeOut serves the process until its end and reaps it. What it has said before
// that counts, and nobody else who holds its pipe.
func (v *vessel) seeOut() (answer, death, error) {
	if !v.proc.parks() { // its end is seen when it has nothing more to say
		ans, err := v.listen(v.up)
		_ = v.up.Close() // it was only read
		return ans, v.reap(), err
	}
	reaped := make(chan death, 1)
	go func() {
		reaped <- v.reap()
		_ = v.up.SetReadDeadline(time.Unix(1, 0)) // it may be closed already
	}()
	ans, err := v.listen(lastWords(v.up))
	_ = v.up.Close() // it was only read
	return ans, <-reaped, err
}

func (v *vessel) reap() death {
	state, err := v.proc.wait()
	return death{state, err}
}

// listen serves what comes up the trunk, until the answer or the process's end.
// One that has answered has nothing left to say. One that says what makes no sense is
// ended: nobody would hear it, and it would wait for that for ever.
func (v *vessel) listen(up io.Reader) (answer, error) {
	ans, err := v.hear(up)
	if err != nil && !isEnd(err) {
		_ = v.proc.Kill() // it may have ended
	}
	return ans, err
}

func (v *vessel) hear(up io.Reader) (ans answer, err error) {
	r := trunkReader{pipe: up, limit: frameLimit(v.most)}
	for {
		frame, err := r.read()
		if err != nil {
			return ans, err
		}
		switch {
		case len(frame) == 0:
			return ans, errors.New("empty frame")
		case frame[0] == frameAnswer:
			return parseAnswer(frame)
		case frame[0] == frameReady && v.name == spareName:
			v.spares.isReady(v)
		case frame[0] == frameRings && r.ring == nil:
			if r.ring = v.link.switchOver(); r.ring == nil {
				return ans, errors.New("a child that uses rings which it has not got")
			}
		default:
			if err := v.link.take(frame); err != nil {
				return ans, err
			}
		}
	}
}
