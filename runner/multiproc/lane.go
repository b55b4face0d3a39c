package multiproc

import "context"

// A lane is the way between a pool and one of its workers: orders there, what
// came of their tasks back. Each side has one goroutine that uses it.
type lane interface {
	// send sends a message. It waits for as long as there is no room for it.
	send(msg []byte) error

	// recv waits for the next message, which is good until it is called again.
	recv() ([]byte, error)

	close() error
}

// A sharedLane goes through memory that both sides have.
type sharedLane interface {
	lane

	// offer sends an order that can be taken back: it begins with room for its
	// claim, and lies in what vacant has last returned. The other side sees it after
	// flush.
	offer(order []byte) claim
	flush()

	// vacant returns room for a message of n bytes, as room does, if there is some
	// now; nil if not.
	vacant(n int) []byte

	// isReleased tells whether the other side is through with an order, so that
	// its claim is no more. Any goroutine may ask.
	isReleased(c claim) bool

	// here tells whether recv would not wait.
	here() bool

	// want has the next recv, if it has to wait, wait for n bytes of messages,
	// for a moment at most, so that this side is not woken for each message.
	want(n int)

	// room waits until there is room for a message of n bytes, no more than
	// roomBytes, to be written where the other side will read it. Show has it
	// find the first n of them, no more than blockBytes, if this process ends before
	// it commits.
	room(n int) ([]byte, error)
	show(n int)
	commit(n int)

	// unfinished is what the other side has shown of a message and not
	// committed. It has ended.
	unfinished() []byte
}

// A streamLane goes over a connection. What is in a pipe cannot be taken back, so
// a worker has one order at a time.
type streamLane struct{ c *Connection }

func (s streamLane) send(msg []byte) error { return s.c.Send(context.Background(), msg) }
func (s streamLane) recv() ([]byte, error) { return s.c.Recv(context.Background()) }
func (s streamLane) close() error          { return s.c.Close() }
