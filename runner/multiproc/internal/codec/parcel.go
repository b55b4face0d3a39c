package codec

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"

	"github.com/fxamacker/cbor/v2"
)

// ErrHandover is wrapped by the errors about a value that is bound to open
// files and was sent in a way that takes none along.
var ErrHandover = errors.New("can only be handed to a child in the argument that it is started with")

// A Parcel is the open files that a value is bound to, on their way beside its
// message.
type Parcel struct {
	What  string // kind of value, for errors
	Files []*os.File
	Then  func() error // to be called when the receiver has them; may be nil
	Back  func()       // to be called when they do not travel, after all; may be nil
	Spare bool         // the value can do without, where no files travel

	ticket ticket
	open   int  // shipments under way that it may belong to; guarded by under
	found  bool // one has it; likewise
}

// Settle tells what has become of a parcel: whether the receiver has the files.
func (p *Parcel) Settle(arrived bool) error {
	switch {
	case arrived && p.Then != nil:
		return p.Then()
	case !arrived && p.Back != nil:
		p.Back()
	}
	return nil
}

// A ticket stands for a parcel in the message. It is random, so that nothing
// else in a message looks like it.
type ticket [16]byte

// A shipment is a message that is being encoded or decoded, and its parcels.
type shipment struct {
	parcels []*Parcel
	taken   []bool // by parcel: unpacked
}

// under are the shipments under way. The methods by which values encode themselves
// get no context that would tell them which message they are in, and may do
// anything, such as to encode another one; so no lock is held while they run.
// Instead a parcel is left with every message that is being encoded. Each finds
// out by the ticket, which it holds or does not hold, what is its own.
var under = struct {
	mu      sync.Mutex
	out, in map[*shipment]struct{}
}{out: map[*shipment]struct{}{}, in: map[*shipment]struct{}{}}

// begin puts s under way; the function that it returns ends that.
func (s *shipment) begin(way map[*shipment]struct{}) (end func()) {
	under.mu.Lock()
	defer under.mu.Unlock()
	way[s] = struct{}{}
	return func() {
		under.mu.Lock()
		defer under.mu.Unlock()
		delete(way, s)
	}
}

// Pack is called by the method that encodes a value which is bound to files. It
// returns what stands for them in the message.
func Pack(p Parcel) ([]byte, error) {
	if _, err := rand.Read(p.ticket[:]); err != nil {
		return nil, err
	}
	under.mu.Lock()
	defer under.mu.Unlock()
	if len(under.out) == 0 {
		return nil, fmt.Errorf("a %s %w", p.What, ErrHandover)
	}
	for s := range under.out {
		s.parcels = append(s.parcels, &p)
	}
	p.open = len(under.out)
	return cbor.Marshal(p.ticket[:])
}

// Forward is called by the method that encodes something which holds a message
// that was encoded before, with the parcels that travel beside that one. They
// may be forwarded any number of times, if their files are there to be shared.
func Forward(parcels []*Parcel) {
	under.mu.Lock()
	defer under.mu.Unlock()
	for s := range under.out {
		for _, p := range parcels {
			if !slices.Contains(s.parcels, p) { // another message may hold it as well
				s.parcels = append(s.parcels, p)
			}
		}
	}
}

// Unpack is called by the method that decodes such a value, and returns its n
// files.
func Unpack(what string, b []byte, n int) ([]*os.File, error) {
	var written []byte
	if err := cbor.Unmarshal(b, &written); err != nil {
		return nil, err
	}
	under.mu.Lock()
	defer under.mu.Unlock()
	for s := range under.in {
		for i, p := range s.parcels {
			if !bytes.Equal(p.ticket[:], written) || s.taken[i] {
				continue
			}
			if len(p.Files) != n {
				return nil, fmt.Errorf("a %s with %d files, want %d", what, len(p.Files), n)
			}
			s.taken[i] = true
			return p.Files, nil
		}
	}
	return nil, fmt.Errorf("the files of a %s did not come along: it %w", what, ErrHandover)
}

// AppendFiles is Append for a message that the files of the returned parcels
// travel beside, in their order.
func (c *Codec[T]) AppendFiles(dst []byte, v T) ([]byte, []*Parcel, error) {
	if !c.bound {
		b, err := c.Append(dst, v)
		return b, nil, err
	}
	var s shipment
	end := s.begin(under.out)
	b, err := c.appendDocument(dst, v)
	end()
	if err != nil {
		s.claim(nil)
		return nil, nil, err
	}
	mine := s.claim(b[len(dst):])
	return appendList(b, mine), mine, nil
}

// claim returns the parcels that are in the message, which is encoded; there is
// none if that has failed. Those that are in no other message either stay, which
// is certain when all have ended that might have held them.
func (s *shipment) claim(message []byte) (mine []*Parcel) {
	for _, p := range s.parcels {
		if bytes.Contains(message, p.ticket[:]) {
			mine = append(mine, p)
		}
	}
	for _, p := range s.lost(mine) {
		_ = p.Settle(false) // which is no error
	}
	return mine
}

// lost takes note of the parcels that s has, and returns those that nobody has.
func (s *shipment) lost(mine []*Parcel) (lost []*Parcel) {
	under.mu.Lock()
	defer under.mu.Unlock()
	for _, p := range mine {
		p.found = true
	}
	for _, p := range s.parcels {
		if p.open--; p.open == 0 && !p.found {
			lost = append(lost, p)
		}
	}
	return lost
}

// appendBound is Append for values that may be bound to files, which have no
// way to travel.
func (c *Codec[T]) appendBound(dst []byte, v T) ([]byte, error) {
	b, parcels, err := c.AppendFiles(dst, v)
	for _, p := range parcels {
		_ = p.Settle(false) // which is no error
		if !p.Spare && err == nil {
			b, err = nil, fmt.Errorf("encode %s: a %s %w", c.name(), p.What, ErrHandover)
		}
	}
	return b, err
}

// DecodeFiles is Decode for a message that files came with. It reports which of
// them belong to the value; the others are to be closed.
func (c *Codec[T]) DecodeFiles(msg []byte, files []*os.File) (v T, taken []bool, err error) {
	taken = make([]bool, len(files))
	if !c.bound {
		v, err = c.Decode(msg)
		return v, taken, err
	}
	s, body, err := c.cutShipment(msg, files)
	if err != nil {
		return v, taken, c.unfit(err)
	}
	end := s.begin(under.in)
	v, err = c.decodeDocument(body)
	end()
	at := 0
	for i, p := range s.parcels {
		for range p.Files {
			taken[at] = s.taken[i]
			at++
		}
	}
	return v, taken, err
}

// cutShipment takes the list of parcels off the message, and gives them the files.
// Where none came, the parcels count as lost.
func (c *Codec[T]) cutShipment(msg []byte, files []*os.File) (*shipment, []byte, error) {
	if err := c.check(msg); err != nil {
		return nil, nil, err
	}
	parcels, body, err := cutList(msg[headerSize:])
	if err != nil {
		return nil, nil, err
	}
	s := &shipment{}
	for _, p := range parcels {
		if len(files) < len(p.Files) {
			break
		}
		n := copy(p.Files, files)
		files = files[n:]
		s.parcels = append(s.parcels, p)
	}
	s.taken = make([]bool, len(s.parcels))
	return s, body, nil
}

// A list of parcels stands at the end of a message: for each its ticket and the
// number of files, and then the number of parcels, four bytes each number.

func appendList(b []byte, parcels []*Parcel) []byte {
	for _, p := range parcels {
		b = binary.LittleEndian.AppendUint32(append(b, p.ticket[:]...), uint32(len(p.Files)))
	}
	return binary.LittleEndian.AppendUint32(b, uint32(len(parcels)))
}

// cutList takes the list off b. Its parcels have room for their files.
func cutList(b []byte) (parcels []*Parcel, rest []byte, err error) {
	const (
		size = len(ticket{}) + 4
		most = 1 << 10 // files of one value
	)
	end := len(b) - 4
	if end < 0 || uint64(binary.LittleEndian.Uint32(b[end:])) > uint64(end/size) {
		return nil, nil, errors.New("its list of files is cut short")
	}
	n := int(binary.LittleEndian.Uint32(b[end:]))
	rest, list := b[:end-n*size], b[end-n*size:end]
	for ; len(list) > 0; list = list[size:] {
		files := binary.LittleEndian.Uint32(list[size-4:])
		if files > most {
			return nil, nil, fmt.Errorf("a value with %d files", files)
		}
		parcels = append(parcels, &Parcel{ticket: ticket(list), Files: make([]*os.File, files)})
	}
	return parcels, rest, nil
}
