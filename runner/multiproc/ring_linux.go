package multiproc

import "os"

// ringPipe returns the two ends of a duplex connection through shared memory.
func ringPipe() (*Connection, *Connection, error) {
	a, b, err := newRingEnds()
	if err != nil {
		return nil, nil, err
	}
	return ringConnection(a), ringConnection(b), nil
}

func ringConnection(e *ringEnd) *Connection {
	return joined(&ringInlet{end: e}, &ringOutlet{end: e})
}

// ringOf returns the end of rings that c goes through; nil if it does not.
func (c *Connection) ringOf() *ringEnd {
	if in, ok := c.in.(*ringInlet); ok {
		return in.end
	}
	if out, ok := c.out.(*ringOutlet); ok {
		return out.end
	}
	return nil
}

// endRing closes a connection through rings; false if it is none.
func (c *Connection) endRing(moved bool) (handled bool, err error) {
	e := c.ringOf()
	if e == nil {
		return false, nil
	}
	err = unlessClosed(e.close(moved))
	// The memory goes when the last one is out of it, who may be in no hurry.
	go func() {
		c.receiving <- struct{}{}
		c.sending <- struct{}{}
		_ = e.release()
		<-c.sending
		<-c.receiving
	}()
	return true, err
}

// packRing says how a connection through rings travels; nil if it is none.
func (c *Connection) packRing() (directions int, files []*os.File) {
	e := c.ringOf()
	if e == nil {
		return 0, nil
	}
	directions = travelRings
	if e.second {
		directions |= travelSecond
	}
	if c.in != nil {
		directions |= travelIn
	}
	if c.out != nil {
		directions |= travelOut
	}
	return directions, e.files()
}

// unpackRing takes an end of rings out of the luggage.
func unpackRing(directions int, files []*os.File) (*Connection, error) {
	e, err := attachRingEnd(directions&travelSecond != 0, files)
	if err != nil {
		return nil, err
	}
	var in inlet
	var out outlet
	if directions&travelIn != 0 {
		in = &ringInlet{end: e}
	}
	if directions&travelOut != 0 {
		out = &ringOutlet{end: e}
	}
	return joined(in, out), nil
}
