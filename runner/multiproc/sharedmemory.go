package multiproc

import (
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/fxamacker/cbor/v2"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/codec"
	"github.com/gvp-bench/gvp/runner/multiproc/internal/shm"
)

// A SharedMemory is a segment of memory that several processes have. Nothing
// orders what they do there: use a [Lock], or sync/atomic.
//
// It is handed to a child in the argument that it is started with; the memory
// is shared then, and not moved. One that has a name can be sent in any message
// as well, and be opened by whoever knows the name.
//
// A name belongs to the process that made it, and is gone when that one has
// ended, of whatever cause. Processes that have the memory keep it: it goes
// with the last of them. No process that merely opened a segment ever removes
// it.
type SharedMemory struct {
	segment *shm.Segment
	name    string

	mu     sync.Mutex
	unlink func() error // nil but in the process that made a name
}

// NewSharedMemory returns new memory of that many bytes, without a name. It is
// all zero.
func NewSharedMemory(size int) (*SharedMemory, error) {
	seg, err := shm.Anonymous(size)
	if err != nil {
		return nil, fmt.Errorf("make shared memory: %w", err)
	}
	return &SharedMemory{segment: seg}, nil
}

// CreateSharedMemory returns new memory of that many bytes, under a name. If
// there is memory of that name, the error wraps fs.ErrExist; and if the system
// has no room for it, there is an error as well, rather than a fault later on.
//
// Names are those of the whole machine; on Windows, of the user's session. On
// Linux they stand in /dev/shm, on other systems in the temporary folder.
func CreateSharedMemory(name string, size int) (*SharedMemory, error) {
	seg, unlink, err := createSegment(name, size)
	if err != nil {
		return nil, fmt.Errorf("create shared memory: %w", err)
	}
	return &SharedMemory{segment: seg, name: name, unlink: unlink}, nil
}

// OpenSharedMemory attaches to the memory of that name. If there is none, the
// error wraps fs.ErrNotExist. On Windows its size is that of whole pages.
func OpenSharedMemory(name string) (*SharedMemory, error) {
	seg, err := openSegment(name)
	if err != nil {
		return nil, fmt.Errorf("open shared memory: %w", err)
	}
	return &SharedMemory{segment: seg, name: name}, nil
}

// Bytes returns the memory; nil after Close. It must not be used after Close,
// which takes it from under the slice.
func (m *SharedMemory) Bytes() []byte {
	if m.segment == nil {
		return nil
	}
	return m.segment.Bytes()
}

// Size returns the size of the memory in bytes.
func (m *SharedMemory) Size() int {
	if m.segment == nil {
		return 0
	}
	return m.segment.Size()
}

// Name returns the name; empty if there is none.
func (m *SharedMemory) Name() string { return m.name }

// Close gives the memory back, for this process. Its name stays. It can be
// called more than once.
func (m *SharedMemory) Close() error {
	if m.segment == nil {
		return nil
	}
	return m.segment.Close()
}

// Unlink removes the name: nobody can open the memory any more, and who has it
// keeps it. Only the process that made it can do that; for all others the error
// is [ErrNotOwner]. It can be called more than once. On Windows it does
// nothing: there the name goes with the last process that has the memory.
func (m *SharedMemory) Unlink() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.unlink == nil {
		return fmt.Errorf("unlink shared memory %q: %w", m.name, ErrNotOwner)
	}
	if err := m.unlink(); err != nil {
		return fmt.Errorf("unlink shared memory %q: %w", m.name, err)
	}
	return nil
}

// use has do use the memory, which Close leaves in place until do returns.
func (m *SharedMemory) use(do func(b []byte) error) error {
	if m.segment == nil {
		return zeroError{}
	}
	b := m.segment.Enter()
	if b == nil {
		return fmt.Errorf("shared memory: %w", ErrClosed)
	}
	defer m.segment.Exit()
	return do(b)
}

// BoundToFiles marks the type for the codec.
func (*SharedMemory) BoundToFiles() {}

// packedMemory is a segment on its way to another process.
type packedMemory struct {
	_     struct{} `cbor:",toarray"`
	Name  string
	Size  int
	Place cbor.RawMessage // of its file; null if it is to be opened by its name
}

// MarshalCBOR puts the memory into the luggage of the argument.
func (m *SharedMemory) MarshalCBOR() ([]byte, error) {
	if m == nil {
		return cbor.Marshal(nil)
	}
	if m.Bytes() == nil {
		return nil, fmt.Errorf("shared memory: %w", ErrClosed)
	}
	p := packedMemory{Name: m.name, Size: m.Size(), Place: cbor.RawMessage{0xf6}}
	// Without files beside the message, a name is enough.
	place, err := codec.Pack(codec.Parcel{What: "shared memory", Files: []*os.File{m.segment.File()}, Spare: m.name != ""})
	switch {
	case err == nil:
		p.Place = place
	case m.name == "" || !errors.Is(err, ErrHandover):
		return nil, err
	}
	return cbor.Marshal(p)
}

// UnmarshalCBOR attaches to the memory that came in the luggage of the
// argument, or to that of the name.
func (m *SharedMemory) UnmarshalCBOR(b []byte) error {
	var p packedMemory
	if err := cbor.Unmarshal(b, &p); err != nil {
		return err
	}
	files, err := []*os.File(nil), ErrHandover
	if !isNull(p.Place) {
		files, err = unpack("shared memory", p.Place, 1)
	}
	switch {
	case err == nil:
		m.segment, err = shm.Attach(files[0], p.Size)
	case p.Name != "" && errors.Is(err, ErrHandover):
		m.segment, err = openSegment(p.Name)
	}
	if err != nil {
		return fmt.Errorf("attach to shared memory: %w", err)
	}
	m.name = p.Name
	return nil
}
