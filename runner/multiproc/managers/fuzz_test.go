package managers

import (
	"bytes"
	"context"
	"testing"

	"github.com/gvp-bench/gvp/runner/multiproc"
	"github.com/gvp-bench/gvp/runner/multiproc/internal/hub"
)

// FuzzServer sends a server whatever there is, and looks whether the server
// still serves another client. The input is cut into frames at its lengths.
func FuzzServer(f *testing.F) {
	for _, frames := range seeds() {
		var b []byte
		for _, frame := range frames {
			b = field(b, frame)
		}
		f.Add(b)
	}
	f.Add([]byte{255})
	f.Fuzz(func(t *testing.T, said []byte) {
		s := NewServer()
		defer s.Close()
		here, there, err := multiproc.BytePipe()
		ok(t, err)
		heard := make(chan struct{})
		go func() { // a client that reads
			defer close(heard)
			for err := error(nil); err == nil; {
				_, err = here.Recv(context.Background())
			}
			_ = here.Close()
		}()
		defer func() { <-heard }()
		k := newLink(there, s.hub.Session(1))
		defer k.close()
		for len(said) > 0 {
			var frame []byte
			if frame, said, err = cut(said); err != nil {
				break
			}
			if k.take(frame) != nil {
				break
			}
			k.mu.Lock()
			k.queue, k.open = nil, len(k.calls) // as if all were written
			k.mu.Unlock()
		}
		w := wish{kind: kindTable, typ: "table"}
		answered := false
		s.hub.Session(2).Do(rootObject, rootMake, w.append(nil), func(result []byte, err error) {
			answered = err == nil && len(result) == 9 && result[0] == rootMade
		})
		if !answered {
			t.Error("the server does not make objects any more")
		}
	})
}

// seeds are conversations with each operation of each kind of object.
func seeds() (all [][][]byte) {
	kinds := map[string]string{
		kindTable: "gpsdxolSankic", kindSequence: "aigspnlrc", kindArray: "aigspnlrc", kindLock: "atrh", kindSemaphore: "atrv",
		kindCondition: "wnatr", kindEvent: "sciw", kindBarrier: "wxpranc", kindQueue: "pPgGnrdjs", kindUser + "counter": "m",
	}
	item := field(field(nil, []byte("key")), []byte("value"))
	for kind, ops := range kinds {
		w := wish{kind: kind, name: "n", typ: "t", arg: number(nil, 1)}
		if kind == kindTable || kind == kindSequence || kind == kindArray {
			w.arg = item
		}
		frames := [][]byte{request{1, rootObject, rootMake, w.append(nil)}.append(nil)}
		for i, op := range []byte(ops) {
			for j, arg := range [][]byte{nil, item, number(nil, 0), number(number(nil, 0), 9), append(field(nil, []byte("key")), number(nil, 1)...), append(number(nil, 1), item...)} {
				frames = append(frames, request{uint64(10*i + j + 2), 2, op, arg}.append(nil))
			}
		}
		frames = append(frames, number([]byte{frameCancel}, 3), request{1000, rootObject, rootDelete, number(nil, 2)}.append(nil))
		all = append(all, frames)
	}
	return all
}

// FuzzRequest checks that what is read as a request is what was written.
func FuzzRequest(f *testing.F) {
	f.Add([]byte{})
	f.Add(request{1, 2, 'a', []byte("arg")}.append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := parseRequest(b)
		if err == nil && !bytes.Equal(r.append(nil), b) {
			t.Errorf("%q is read as %v", b, r)
		}
		_, _ = parseHello(b)
		_, _ = parseWish(b)
		_, _ = parseOutcome("", b)
	})
}

// FuzzClient has a client hear whatever there is from its server.
func FuzzClient(f *testing.F) {
	f.Add([]byte{})
	f.Add(hub.AppendOutcome(number([]byte{frameOutcome}, 1), []byte("result"), nil))
	f.Add(number([]byte{frameOutcome}, 1))
	f.Fuzz(func(t *testing.T, b []byte) {
		ended := make(chan reply, 1)
		c := &client{calls: map[uint64]chan reply{1: ended}}
		_ = c.settle(b)
		_ = c.settle(b) // said twice
		if len(c.calls) == 0 && len(ended) != 1 {
			t.Error("a call has ended without a reply")
		}
		for _, decode := range []func([]byte) error{
			func(b []byte) error { var d Dict[string, int]; return d.UnmarshalCBOR(b) },
			func(b []byte) error { _, err := decodeKey[point](b); return err },
			func(b []byte) error { _, err := cutAll(b); return err },
		} {
			_ = decode(b)
		}
	})
}
