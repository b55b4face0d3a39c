package multiproc

import (
	"encoding/binary"
	"errors"
)

// A job is some tasks of one call, which go to a worker together. A call is a
// function and arguments with numbers; what becomes of each is told to done,
// exactly once, by the goroutine of a worker, which done must not keep waiting.
type job struct {
	fn      string
	encode  func(dst []byte, task int) ([]byte, error)
	done    func(task int, result []byte, err error)
	dropped func() error // why nobody wants the results any more; may be nil

	lo, hi int // the tasks
}

func (j *job) empty() bool { return j.lo >= j.hi }

// rest is the job without its tasks before lo.
func (j *job) rest(lo int) *job {
	r := *j
	r.lo = lo
	return &r
}

// fail ends all tasks of the job with an error.
func (j *job) fail(err error) {
	for i := j.lo; i < j.hi; i++ {
		j.done(i, nil, err)
	}
}

// jobBytes is how much of arguments goes to a worker in one message. The rest
// of a job that has more goes later, or to another.
const jobBytes = 1 << 20

// orders are the tasks that a worker gets in one message: the name of the
// function, and the arguments, with their lengths in front.
type orders struct {
	msg   []byte
	tasks []int // by number, in the order in which they are in msg
}

// taskOverhead is the most that a message may have beside the argument or the
// result of its only task: its letter, or the name of the function.
const taskOverhead = 1 << 10

// messageLimit is the limit of messages for one of arguments and results.
func messageLimit(most int) int { return most + taskOverhead }

// take fills o with tasks from the front of the job, at most most of them and
// of no more than limit bytes together if they are more than one, and returns
// the rest of the job. A task whose argument cannot be encoded is done.
func (o *orders) take(j *job, most, limit int) (rest *job) {
	o.msg = append(binary.LittleEndian.AppendUint32(o.msg[:0], uint32(len(j.fn))), j.fn...)
	o.tasks = o.tasks[:0]
	i := j.lo
	for ; i < j.hi && len(o.tasks) < most && (len(o.tasks) == 0 || len(o.msg) < jobBytes); i++ {
		at := len(o.msg)
		o.msg = append(o.msg, 0, 0, 0, 0)
		b, err := j.encode(o.msg, i)
		if err != nil {
			o.msg = o.msg[:at]
			j.done(i, nil, err)
			continue
		}
		if len(o.tasks) > 0 && len(b) > limit {
			o.msg = b[:at] // on its own it may be small enough
			break
		}
		o.msg = b
		binary.LittleEndian.PutUint32(o.msg[at:], uint32(len(b)-at-4))
		o.tasks = append(o.tasks, i)
	}
	return j.rest(i)
}

// shrink gives back the memory of a message that was large.
func (o *orders) shrink() {
	if cap(o.msg) > 2*jobBytes {
		o.msg = nil
	}
}

// parseOrders reads the message that take has made.
func parseOrders(msg []byte) (fn string, args [][]byte, err error) {
	part := func() ([]byte, bool) {
		if len(msg) < 4 {
			return nil, false
		}
		n := int(binary.LittleEndian.Uint32(msg))
		if n > len(msg)-4 {
			return nil, false
		}
		b := msg[4 : 4+n]
		msg = msg[4+n:]
		return b, true
	}
	name, ok := part()
	for ok && len(msg) > 0 {
		var arg []byte
		arg, ok = part()
		args = append(args, arg)
	}
	if !ok {
		return "", nil, errors.New("orders that are cut short")
	}
	return string(name), args, nil
}

// What a worker says; each message begins with one of these letters.
const (
	saysReady  = 'r' // it is initialised
	saysBroken = 'b' // the initialiser has failed: as saysError
	saysResult = 'o' // result of the next task
	saysError  = 'e' // error of the next task: length of the stack, stack, text
)

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
