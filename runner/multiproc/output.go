package multiproc

import (
	"errors"
	"io"
	"os"
	"sync"
)

// An output is where a child writes to.
type output struct {
	stdout, stderr *os.File
	copies         []outputCopy
}

// An outputCopy is what a child writes, on its way to a writer.
type outputCopy struct {
	from, written *os.File // the pipe: from is read here, the child writes the other
	to            io.Writer
}

// openOutput opens the files that a child is to write to, so that it comes to
// the writers. Both have one pipe if they are the same: a writer is written to
// by one goroutine, and what the child writes keeps its order.
func openOutput(stdout, stderr io.Writer, around surroundings) (o output, err error) {
	if o.stdout, err = o.to(stdout, around.stdout); err != nil {
		return o, err
	}
	if len(o.copies) > 0 && sameWriter(stdout, stderr) {
		o.stderr = o.stdout
		return o, nil
	}
	if o.stderr, err = o.to(stderr, around.stderr); err != nil {
		for _, cp := range o.copies {
			err = errors.Join(err, cp.from.Close(), cp.written.Close())
		}
	}
	return o, err
}

// to returns the file for what is to come to w.
func (o *output) to(w io.Writer, inherited *os.File) (*os.File, error) {
	switch w := w.(type) {
	case nil:
		return inherited, nil
	case *os.File:
		return w, nil
	}
	from, written, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	o.copies = append(o.copies, outputCopy{from, written, w})
	return written, nil
}

// sameWriter tells whether two writers are one, as far as they can be compared.
func sameWriter(a, b io.Writer) bool {
	defer func() { _ = recover() }() // of types that cannot be
	return a == b
}

// A sharedWriter is one that several children of a pool write to.
type sharedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (s *sharedWriter) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.w.Write(p)
}

// shareWriters has the workers of a pool write to its writers one at a time.
// A file is handed to them as it is.
func shareWriters(stdout, stderr *io.Writer) {
	same := sameWriter(*stdout, *stderr)
	for _, w := range []*io.Writer{stdout, stderr} {
		switch (*w).(type) {
		case nil, *os.File:
		default:
			*w = &sharedWriter{w: *w}
		}
	}
	if same {
		*stderr = *stdout
	}
}
