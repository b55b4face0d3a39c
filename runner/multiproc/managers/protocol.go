package managers

import (
	"encoding/binary"
	"fmt"
)

// A server greets each client with its version and its hub. Then requests and
// cancellations come, and an outcome goes back for each request, in whatever
// order they end. Each frame begins with one of these letters.
const (
	frameHello   = 'H' // from the server: version, hub
	frameOutcome = 'O' // from the server: call, outcome; nothing after the call if it was taken back
	frameRequest = 'R' // from the client: call, object, op, argument
	frameCancel  = 'C' // from the client: call
)

// version is that of the protocol, objects and their operations included.
const version = 1

// maxCalls is how many operations one client may have under way.
const maxCalls = 1 << 16

// A request is an operation on its way to the server.
type request struct {
	call, object uint64
	op           byte
	arg          []byte
}

// requestSize is that of a request without its argument.
const requestSize = 1 + 2*8 + 1

func (r request) append(dst []byte) []byte {
	dst = number(number(append(dst, frameRequest), r.call), r.object)
	return append(append(dst, r.op), r.arg...)
}

// parseRequest reads what append has written. The argument shares b's memory.
func parseRequest(b []byte) (r request, err error) {
	if len(b) < requestSize || b[0] != frameRequest {
		return r, fmt.Errorf("%w: a request of %d bytes", ErrProtocol, len(b))
	}
	r.call, r.object = binary.LittleEndian.Uint64(b[1:]), binary.LittleEndian.Uint64(b[9:])
	r.op, r.arg = b[requestSize-1], b[requestSize:]
	return r, nil
}

// hello is the server's greeting.
func hello(hub uint64) []byte { return number([]byte{frameHello, version}, hub) }

func parseHello(b []byte) (hub uint64, err error) {
	switch {
	case len(b) != 10 || b[0] != frameHello:
		return 0, fmt.Errorf("%w: no greeting of a manager", ErrProtocol)
	case b[1] != version:
		return 0, fmt.Errorf("%w: the manager is of version %d, and this build talks to %d", ErrProtocol, b[1], version)
	}
	return binary.LittleEndian.Uint64(b[2:]), nil
}
