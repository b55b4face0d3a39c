package multiproc

import (
	"encoding/binary"
	"errors"
)

// A poolCall is a function and the tasks that it is to do.
type poolCall struct {
	fn string
	tasks
	chunk  int     // how many tasks go to a worker together; all if it is 0
	blocks *blocks // nil if each argument is a message of its own
}

// tasks are arguments with numbers, and what becomes of them.
type tasks interface {
	// encode appends the message for the argument of a task.
	encode(dst []byte, task int) ([]byte, error)

	// size returns the size in bytes of that message, if it is known beforehand, and
	// then nothing keeps it from being made; 0 if not.
	size(task int) int

	// done is told what has become of a task, exactly once, by the goroutine of a
	// worker, which it must not keep waiting.
	done(task int, result []byte, err error)

	// dropped is why nobody wants the results any more; nil if somebody does.
	dropped() error
}

// A job is tasks of a call in a row, which wait for a worker.
type job struct {
	*poolCall // nil if there is none
	lo, hi    int
}

func (j job) empty() bool { return j.lo >= j.hi }

// cut takes n chunks off the front of the job.
func (j *job) cut(n int) job {
	hi := j.hi
	if j.chunk > 0 && (hi-j.lo)/n >= j.chunk {
		hi = j.lo + n*j.chunk
	}
	front := job{j.poolCall, j.lo, hi}
	j.lo = hi
	return front
}

// together is how many tasks of the job go to a worker together.
func (j job) together() int {
	if j.chunk > 0 {
		return j.chunk
	}
	return j.hi - j.lo
}

// isDropped ends a job that nobody wants any more.
func (j job) isDropped() bool {
	err := j.dropped()
	if err != nil {
		j.fail(err)
	}
	return err != nil
}

// fail ends all tasks of the job with an error.
func (j job) fail(err error) {
	for i := j.lo; i < j.hi; i++ {
		j.done(i, nil, err)
	}
}

// jobBytes is how much of arguments goes to a worker in one message. The rest
// of a job that has more goes later, or to another.
const jobBytes = 1 << 20

// orders is the message by which a worker gets tasks: room for a claim, the name
// of the function, and the arguments, with their lengths in front.
type orders struct {
	msg    []byte
	lo, hi int // the tasks
	unit   int // how many of them are a unit, if they are a block
}

// taskOverhead is the most that a message may have beside the argument or the
// result of its only task: its letter, or the claim and the name of the function.
const taskOverhead = 1 << 10

// messageLimit is the limit of messages for one of arguments and results.
func messageLimit(most int) int { return most + taskOverhead }

// take fills o with tasks from the front of the job, at most most of them and of
// no more than limit bytes together if they are more than one. Those that are
// left are the job's. A task whose argument cannot be encoded is done.
func (o *orders) take(j *job, most, limit int) {
	o.unit = 0
	o.begin(j, appendClaim(o.msg[:0], 1, 0, 0, 0))
	for ; j.lo < j.hi && o.size() < most && (o.size() == 0 || len(o.msg) < jobBytes && j.largeSize() == 0); j.lo++ {
		at := len(o.msg)
		b, err := j.encode(append(o.msg, 0, 0, 0, 0), j.lo)
		switch {
		case err != nil && o.size() > 0, err == nil && o.size() > 0 && len(b) > limit:
			return // on its own it may be small enough, and what it may not be is told then
		case err != nil:
			j.done(j.lo, nil, err)
			o.lo, o.hi = j.lo+1, j.lo+1
			continue
		}
		o.msg = b
		binary.LittleEndian.PutUint32(o.msg[at:], uint32(len(b)-at-4))
		o.hi = j.lo + 1
	}
}

// takeBlock fills o with up to so many units of a job's tasks, and no more than
// most tasks. Their arguments go into a block.
func (o *orders) takeBlock(j *job, units, most int) {
	o.unit = min(j.together(), j.blocks.most)
	units = min(units, j.blocks.most/o.unit, mostUnits)
	n := min(units*o.unit, most, j.hi-j.lo)
	o.begin(j, appendClaim(o.msg[:0], (n+o.unit-1)/o.unit, n, o.unit, 0))
	o.hi = j.lo + n
	o.msg = j.blocks.encode(o.msg, o.lo, o.hi)
	j.lo = o.hi
}

// begin begins a message.
func (o *orders) begin(j *job, msg []byte) {
	o.msg = appendPart(msg, j.fn)
	o.lo, o.hi = j.lo, j.lo
}

// size is the number of tasks.
func (o *orders) size() int { return o.hi - o.lo }

// shrink gives back the memory of a message that was large.
func (o *orders) shrink() {
	if cap(o.msg) > 2*jobBytes {
		o.msg = nil
	}
}

// A large argument, where memory is shared, is the only one of its order, which is
// written where the worker will read it: it is copied once, and not there, too, by a
// function that uses it in place. So its elements have to be aligned.

// alignment is the largest of any type's, in bytes.
const alignment = 8

// largeSkip is how many bytes there are between the name of a function and a large
// argument.
func largeSkip(fn string) int { return -(claimSize + 4 + len(fn) + 4) & (alignment - 1) }

// largeSize returns the size in bytes of the order of the first task of a job, if
// its argument is known to be large; 0 if not.
func (j job) largeSize() int {
	if j.blocks != nil || blockBytes == 0 {
		return 0
	}
	n := j.size(j.lo)
	if n < blockBytes {
		return 0
	}
	return claimSize + 4 + len(j.fn) + largeSkip(j.fn) + 4 + n
}

// cutLarge takes the first task off a job, as an order.
func (j *job) cutLarge() order {
	task := j.lo
	j.lo++
	return order{job: job{j.poolCall, task, j.lo}, begin: task}
}

// writeLarge writes the order of a task to a room of its size.
func (o *order) writeLarge(room []byte) {
	skip := largeSkip(o.fn)
	b := appendPart(appendClaim(room[:0], 1, 0, 0, skip), o.fn)
	b = room[:len(b)+skip]
	rest := len(room) - len(b) - 4
	_, _ = o.encode(binary.LittleEndian.AppendUint32(b, uint32(rest)), o.lo) // which does not fail where the size is known
}

// cutPart takes the next part, with its length in front, off an order.
func cutPart(msg []byte) (part, rest []byte, ok bool) {
	if len(msg) < 4 {
		return nil, nil, false
	}
	n := int(binary.LittleEndian.Uint32(msg))
	if n > len(msg)-4 {
		return nil, nil, false
	}
	return msg[4 : 4+n : 4+n], msg[4+n:], true
}

// errOrders is that of orders that no pool has sent.
var errOrders = errors.New("orders that are cut short")

// What a worker says; each message begins with one of these letters.
const (
	saysReady  = 'r' // it is initialised
	saysBroken = 'b' // the initialiser has failed: as saysError
	saysResult = 'o' // result of the next task
	saysLarge  = 'l' // the same, after bytes up to largeLetter
	saysBlock  = 'm' // results of the next tasks, in a block
	saysError  = 'e' // error of the next task: length of the stack, stack, text
)

// largeLetter is how far from the beginning of what a worker says a large result
// begins, so that its elements are aligned.
const largeLetter = alignment

// appendError makes the message about a task, or an initializer, that has failed.
func appendError(dst []byte, letter byte, text, stack string) []byte {
	dst = binary.LittleEndian.AppendUint32(append(dst, letter), uint32(len(stack)))
	return append(append(dst, stack...), text...)
}

// parseError reads what follows the letter of an error.
func parseError(b []byte) (text, stack string) {
	if len(b) < 4 {
		return "an error without a text", ""
	}
	n := min(int(binary.LittleEndian.Uint32(b)), len(b)-4)
	return string(b[4+n:]), string(b[4 : 4+n])
}
