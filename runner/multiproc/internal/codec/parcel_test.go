package codec

import (
	"bytes"
	"errors"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

// cargo is bound to a file, unless that is nil.
type cargo struct{ f *os.File }

func (cargo) BoundToFiles() {}

func (c cargo) MarshalCBOR() ([]byte, error) {
	if c.f == nil {
		return cbor.Marshal(nil)
	}
	return Pack(Parcel{What: "cargo", Files: []*os.File{c.f}})
}

func (c *cargo) UnmarshalCBOR(b []byte) error {
	if bytes.Equal(b, []byte{0xf6}) {
		return nil
	}
	files, err := Unpack("cargo", b, 1)
	if err == nil {
		c.f = files[0]
	}
	return err
}

// wrapped has a cargo that only its methods know of.
type wrapped struct{ c cargo }

func (w wrapped) MarshalBinary() ([]byte, error)  { return cbor.Marshal(w.c) }
func (w *wrapped) UnmarshalBinary(b []byte) error { return cbor.Unmarshal(b, &w.c) }

func TestFilesTravelBesideTheirMessage(t *testing.T) {
	c, err := For[map[string]*cargo]()
	if err != nil {
		t.Fatal(err)
	}
	msg, parcels, err := c.AppendFiles([]byte("prefix"), map[string]*cargo{"in": {os.Stdin}, "none": {}, "out": {os.Stdout}})
	if err != nil || len(parcels) != 2 {
		t.Fatal(len(parcels), err)
	}
	files := []*os.File{parcels[0].Files[0], parcels[1].Files[0]}
	got, taken, err := c.DecodeFiles(msg[len("prefix"):], append(files, os.Stderr))
	if err != nil || got["in"].f != os.Stdin || got["out"].f != os.Stdout || got["none"] != nil {
		t.Errorf("%v, %v", got, err)
	}
	if !reflect.DeepEqual(taken, []bool{true, true, false}) {
		t.Errorf("taken: %v", taken)
	}
	if _, err := c.Decode(msg[len("prefix"):]); !errors.Is(err, ErrMessage) || !errors.Is(err, ErrHandover) {
		t.Errorf("without files: %v", err)
	}
	if _, _, err := c.DecodeFiles(msg[len("prefix"):], files[:1]); !errors.Is(err, ErrHandover) {
		t.Errorf("with a file too few: %v", err)
	}
	if _, err := c.Append(nil, map[string]*cargo{"in": {os.Stdin}}); !errors.Is(err, ErrHandover) {
		t.Errorf("sent without files: %v", err)
	}
	if _, err := (cargo{os.Stdin}).MarshalCBOR(); !errors.Is(err, ErrHandover) {
		t.Errorf("encoded outside of a message: %v", err)
	}
}

func TestFilesTravelInWhatEncodesItself(t *testing.T) {
	c, err := For[[]wrapped]()
	if err != nil {
		t.Fatal(err)
	}
	msg, parcels, err := c.AppendFiles(nil, []wrapped{{cargo{os.Stdin}}})
	if err != nil || len(parcels) != 1 {
		t.Fatal(len(parcels), err)
	}
	got, _, err := c.DecodeFiles(msg, parcels[0].Files)
	if err != nil || got[0].c.f != os.Stdin {
		t.Errorf("%v, %v", got, err)
	}
}

// meeting encodes itself while another message is being encoded as well.
type meeting struct {
	cargo
	inside, packed *sync.WaitGroup
}

func (m meeting) MarshalCBOR() ([]byte, error) {
	m.inside.Done()
	m.inside.Wait()
	b, err := m.cargo.MarshalCBOR()
	m.packed.Done()
	m.packed.Wait()
	return b, err
}

func (m *meeting) UnmarshalCBOR(b []byte) error { return m.cargo.UnmarshalCBOR(b) }

// No lock keeps one message waiting for another, and each has its own files.
func TestMessagesDoNotWaitForEachOther(t *testing.T) {
	c, err := For[*meeting]()
	if err != nil {
		t.Fatal(err)
	}
	var all, inside, packed sync.WaitGroup
	inside.Add(2)
	packed.Add(2)
	for _, v := range []*meeting{{cargo{os.Stdin}, &inside, &packed}, {cargo{os.Stdout}, &inside, &packed}} {
		all.Go(func() {
			msg, parcels, err := c.AppendFiles(nil, v)
			if err != nil || len(parcels) != 1 || parcels[0].Files[0] != v.f {
				t.Errorf("%v, %v", parcels, err)
				return
			}
			if got, _, err := c.DecodeFiles(msg, parcels[0].Files); err != nil || got.f != v.f {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
	all.Wait()
}

// returned is bound to a file, and counts how often that has come back.
type returned struct {
	times *int
	then  func() error // after it was packed
}

func (returned) BoundToFiles() {}

func (r returned) MarshalCBOR() ([]byte, error) {
	b, err := Pack(Parcel{What: "returned", Files: []*os.File{os.Stdin}, Back: func() { *r.times++ }})
	if err == nil && r.then != nil {
		err = r.then()
	}
	return b, err
}

func (*returned) UnmarshalCBOR([]byte) error { return nil }

// A parcel comes back once if no message has it, and not before that is certain.
func TestParcelsComeBack(t *testing.T) {
	c, err := For[returned]()
	if err != nil {
		t.Fatal(err)
	}
	times := 0
	fails := func() error { return errors.New("fails") }
	if _, _, err := c.AppendFiles(nil, returned{&times, fails}); err == nil || times != 1 {
		t.Errorf("%d times, %v", times, err)
	}
	if _, err := c.Append(nil, returned{&times, nil}); !errors.Is(err, ErrHandover) || times != 2 {
		t.Errorf("where no files travel: %d times, %v", times, err)
	}
	_, parcels, err := c.AppendFiles(nil, returned{&times, nil})
	if err != nil || len(parcels) != 1 || times != 2 {
		t.Errorf("what travels: %d parcels, %d times, %v", len(parcels), times, err)
	}
	if err := parcels[0].Settle(false); err != nil || times != 3 {
		t.Errorf("%d times, %v", times, err)
	}

	other, inner := 0, 0
	outer := returned{&other, func() error {
		_, _, err := c.AppendFiles(nil, returned{&inner, fails})
		if err == nil || inner != 0 {
			t.Errorf("while another message might hold it: %d times, %v", inner, err)
		}
		_, _, err = c.AppendFiles(nil, returned{&times, nil})
		return err
	}}
	if _, _, err := c.AppendFiles(nil, outer); err != nil || other != 0 || inner != 1 || times != 3 {
		t.Errorf("%d, %d and %d times, %v", other, inner, times, err)
	}
}

func TestListsOfParcelsAreChecked(t *testing.T) {
	c, err := For[cargo]()
	if err != nil {
		t.Fatal(err)
	}
	msg, parcels, err := c.AppendFiles(nil, cargo{os.Stdin})
	if err != nil {
		t.Fatal(err)
	}
	for n := range msg {
		if _, _, err := c.DecodeFiles(msg[:n], parcels[0].Files); !errors.Is(err, ErrMessage) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	msg[len(msg)-6] = 1
	if _, _, err := c.DecodeFiles(msg, parcels[0].Files); err == nil || !strings.Contains(err.Error(), "65537 files") {
		t.Errorf("many files: %v", err)
	}
}

// A parcel that was packed once goes with any number of messages, and once with
// each.
func TestParcelsAreForwarded(t *testing.T) {
	inner, err := For[cargo]()
	if err != nil {
		t.Fatal(err)
	}
	msg, parcels, err := inner.AppendFiles(nil, cargo{os.Stdin})
	if err != nil {
		t.Fatal(err)
	}
	outer, err := For[[]forwarded]()
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, twice, err := outer.AppendFiles(nil, []forwarded{{msg: msg, parcels: parcels}, {msg: msg, parcels: parcels}}); len(twice) != 1 || err != nil {
			t.Errorf("%d parcels, %v", len(twice), err)
		}
		b, again, err := outer.AppendFiles(nil, []forwarded{{msg: msg, parcels: parcels}})
		if err != nil || len(again) != 1 || again[0] != parcels[0] {
			t.Fatalf("%v, %v", again, err)
		}
		got, taken, err := outer.DecodeFiles(b, again[0].Files)
		if err != nil || got[0].c.f != os.Stdin || !taken[0] {
			t.Errorf("%v, %v, %v", got, taken, err)
		}
		if _, err := outer.Decode(b); !errors.Is(err, ErrHandover) {
			t.Errorf("without its files: %v", err)
		}
	}
}

// forwarded holds the message of a cargo.
type forwarded struct {
	msg     []byte
	parcels []*Parcel
	c       cargo
}

func (forwarded) BoundToFiles() {}

func (f forwarded) MarshalCBOR() ([]byte, error) {
	Forward(f.parcels)
	return cbor.Marshal(f.msg)
}

func (f *forwarded) UnmarshalCBOR(b []byte) error {
	if err := cbor.Unmarshal(b, &f.msg); err != nil {
		return err
	}
	c, err := For[cargo]()
	if err == nil {
		f.c, err = c.Decode(f.msg)
	}
	return err
}
