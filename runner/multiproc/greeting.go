package multiproc

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/wire"
)

// What a parent and a child say first and last is laid out by hand: a codec, which
// finds out about types first, would be a good part of what it takes to start.

// A greeting is what a child is told first.
type greeting struct {
	fn        string
	name      string
	daemon    bool
	parent    string // name
	parentPID int
	hub       uint64 // of the parent
	common    int    // size in bytes of its commons
	key       []byte // for connections that authenticate
	arg       []byte
	files     []uint64 // of a spare, those that are in the post
}

// frame encodes the greeting: four numbers of eight bytes, five parts, and as many
// numbers as there are files.
func (g greeting) frame(most int) ([]byte, error) {
	if err := wire.Check(uint64(len(g.arg)), most); err != nil {
		return nil, fmt.Errorf("encode the argument: %w", err)
	}
	var daemon uint64
	if g.daemon {
		daemon = 1
	}
	b := []byte{frameHello}
	for _, n := range []uint64{daemon, uint64(g.parentPID), g.hub, uint64(g.common)} {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	for _, part := range []string{g.fn, g.name, g.parent} {
		b = appendPart(b, part)
	}
	b = appendPart(appendPart(b, g.key), g.arg)
	for _, n := range g.files {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	if err := wire.Check(uint64(len(b)), frameLimit(most)); err != nil {
		return nil, fmt.Errorf("encode the names and the argument: %w", err)
	}
	return b, nil
}

var errGreeting = errors.New("no greeting")

// parseGreeting decodes a frame. Key and argument are parts of it.
func parseGreeting(b []byte) (g greeting, err error) {
	const numbers = 4
	if len(b) < 1+8*numbers || b[0] != frameHello {
		return g, errGreeting
	}
	number := func(i int) uint64 { return binary.LittleEndian.Uint64(b[1+8*i:]) }
	g.daemon, g.parentPID, g.hub, g.common = number(0) != 0, int(number(1)), number(2), int(number(3))
	rest := b[1+8*numbers:]
	var parts [5][]byte
	for i := range parts {
		var ok bool
		if parts[i], rest, ok = cutPart(rest); !ok {
			return g, errGreeting
		}
	}
	g.fn, g.name, g.parent = string(parts[0]), string(parts[1]), string(parts[2])
	g.key, g.arg = parts[3], parts[4]
	if len(rest)%8 != 0 {
		return g, errGreeting
	}
	for ; len(rest) > 0; rest = rest[8:] {
		g.files = append(g.files, binary.LittleEndian.Uint64(rest))
	}
	return g, nil
}

// An answer is what a child sends when its function has returned.
type answer struct {
	result []byte
	failed bool
	text   string // of the error
	stack  string // of a panic
}

// frame encodes the answer: whether the function has failed, and three parts.
func (a answer) frame() []byte {
	failed := byte(0)
	if a.failed {
		failed = 1
	}
	return appendPart(appendPart(appendPart([]byte{frameAnswer, failed}, a.result), a.text), a.stack)
}

var errAnswer = errors.New("an answer that is cut short")

// parseAnswer decodes a frame that begins with its letter. The result is a part of
// it.
func parseAnswer(b []byte) (a answer, err error) {
	if len(b) < 2 {
		return a, errAnswer
	}
	rest := b[2:]
	var parts [3][]byte
	for i := range parts {
		var ok bool
		if parts[i], rest, ok = cutPart(rest); !ok {
			return a, errAnswer
		}
	}
	if len(rest) > 0 {
		return a, errAnswer
	}
	return answer{result: parts[0], failed: b[1] != 0, text: string(parts[1]), stack: string(parts[2])}, nil
}

// appendPart appends what cutPart takes off.
func appendPart[T string | []byte](dst []byte, part T) []byte {
	return append(binary.LittleEndian.AppendUint32(dst, uint32(len(part))), part...)
}
