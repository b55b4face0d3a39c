package codec

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"sync"

	"github.com/fxamacker/cbor/v2"
)

const (
	// maxNesting is how many arrays, maps and structs may lie in one another.
	// It is that of decoding, so that what was sent can be received.
	maxNesting = 1000

	// maxHops is how many pointers, interfaces and tags may follow one another
	// before the next array, map or struct. They take no levels in a message.
	maxHops = 4 * maxNesting
)

var errNesting = errors.New("it is nested more than " + strconv.Itoa(maxNesting) + " levels deep, or holds itself")

// A plan says where in the values of a type others may lie that the type does
// not show: below interfaces, and in types that hold themselves. Only there can
// a value be nested without end, or hold what cannot travel. A nil plan is that
// of the types that show all there is, whose values need not be looked at.
type plan struct {
	kind      reflect.Kind // of what it looks into
	key, elem *plan
	fields    []planOfField
}

type planOfField struct {
	index    int
	embedded bool // its fields are those of the struct around it
	*plan
}

// planFor returns the plan of a type that is portable.
func planFor(t reflect.Type) *plan {
	return makePlan(t, map[reflect.Type]*plan{})
}

// makePlan makes the plan of t, or finds it among those made.
func makePlan(t reflect.Type, all map[reflect.Type]*plan) *plan {
	if made, ok := all[t]; ok || !hides(t, map[reflect.Type]bool{}) {
		return made
	}
	made := &plan{kind: t.Kind()}
	all[t] = made
	switch t.Kind() {
	case reflect.Map:
		made.key, made.elem = makePlan(t.Key(), all), makePlan(t.Elem(), all)
	case reflect.Pointer, reflect.Slice, reflect.Array:
		made.elem = makePlan(t.Elem(), all)
	case reflect.Struct:
		for f := range t.Fields() {
			if f.Tag.Get("cbor") == "-" {
				continue
			}
			if below := makePlan(f.Type, all); below != nil {
				made.fields = append(made.fields, planOfField{f.Index[0], isEmbedded(f), below})
			}
		}
	}
	return made
}

// hides tells whether there is an interface in t, or a type that holds itself.
// open has the types that were begun, and is true for those not ended.
func hides(t reflect.Type, open map[reflect.Type]bool) (found bool) {
	if encodesItself(t) || isLeaf(t) {
		return false
	}
	if unended, ok := open[t]; ok {
		return unended
	}
	open[t] = true
	defer func() { open[t] = found }()
	switch t.Kind() {
	case reflect.Interface:
		return true
	case reflect.Map:
		return hides(t.Key(), open) || hides(t.Elem(), open)
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return hides(t.Elem(), open)
	case reflect.Struct:
		for f := range t.Fields() {
			if f.Tag.Get("cbor") != "-" && hides(f.Type, open) {
				return true
			}
		}
	}
	return false
}

// check says why v could not travel. There may be that many levels in it, and
// so many hops before the next one.
func (p *plan) check(v reflect.Value, levels, hops int) error {
	if p == nil {
		return nil
	}
	switch p.kind {
	case reflect.Interface:
		return checkBoxed(v.Elem(), levels, hops)
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		if hops == 0 {
			return errNesting
		}
		return p.elem.check(v.Elem(), levels, hops-1)
	}
	if v.Type() == tagType { // a struct, but no level
		levels, hops = levels+1, hops-1
	} else {
		hops = maxHops
	}
	if levels == 0 || hops < 0 {
		return errNesting
	}
	switch p.kind {
	case reflect.Slice, reflect.Array:
		if boxed, ok := reflect.TypeAssert[[]any](v); ok { // often, and of numbers
			return checkAllBoxed(boxed, levels-1, hops)
		}
		for i := range v.Len() {
			if err := p.elem.check(v.Index(i), levels-1, hops); err != nil {
				return err
			}
		}
	case reflect.Map:
		return p.checkMap(v, levels-1, hops)
	case reflect.Struct:
		for _, f := range p.fields {
			below := levels - 1
			if f.embedded {
				below = levels
			}
			if err := f.check(v.Field(f.index), below, hops); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *plan) checkMap(v reflect.Value, levels, hops int) error {
	for entries := v.MapRange(); entries.Next(); {
		if p.key != nil {
			if k := entries.Key(); k.Kind() == reflect.Interface && !k.IsNil() && !isBasic(k.Elem().Kind()) {
				return fmt.Errorf("a %s in an interface cannot be a key where it arrives", k.Elem().Type())
			}
			if err := p.key.check(entries.Key(), levels, hops); err != nil {
				return err
			}
		}
		if err := p.elem.check(entries.Value(), levels, hops); err != nil {
			return err
		}
	}
	return nil
}

// A box is what is known of a type whose values come in interfaces.
type box struct {
	err  error // why they cannot
	plan *plan
}

var boxes sync.Map // of *box, by reflect.Type

func checkAllBoxed(all []any, levels, hops int) error {
	for _, v := range all {
		switch v.(type) {
		case bool, int, int64, float64, string:
			continue
		}
		if err := checkBoxed(reflect.ValueOf(v), levels, hops); err != nil {
			return err
		}
	}
	return nil
}

// checkBoxed says why v, which is in an interface, could not travel.
func checkBoxed(v reflect.Value, levels, hops int) error {
	if !v.IsValid() || isBasic(v.Kind()) {
		return nil
	}
	if hops == 0 {
		return errNesting
	}
	known, ok := boxes.Load(v.Type())
	if !ok {
		b := &box{err: portableBoxed(v.Type())}
		if b.err == nil {
			b.plan = planFor(v.Type())
		}
		known, _ = boxes.LoadOrStore(v.Type(), b)
	}
	b := known.(*box)
	if b.err != nil {
		return b.err
	}
	return b.plan.check(v, levels, hops-1)
}

// isBasic tells whether values of kind k hold no others, and travel anywhere.
func isBasic(k reflect.Kind) bool {
	return k >= reflect.Bool && k <= reflect.Float64 || k == reflect.String
}

var tagType = reflect.TypeFor[cbor.Tag]()

// errBound is why what is in an interface cannot be bound to files.
var errBound = errors.New("is bound to files and would not arrive in an interface: give the field or element its own type")
