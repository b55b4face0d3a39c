package codec

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strconv"
	"strings"
)

// Portable says why values of t would not arrive whole as CBOR.
func Portable(t reflect.Type) error {
	return walker{seen: map[reflect.Type]bool{}}.walk(t)
}

// portableBoxed says it for values in an interface. What arrives there is not
// of their type, but all of it has to arrive.
func portableBoxed(t reflect.Type) error {
	if bound(t, map[reflect.Type]bool{}) {
		return fmt.Errorf("a %s %w", t, errBound)
	}
	return walker{seen: map[reflect.Type]bool{}, boxed: true}.walk(t)
}

// A walker looks at a type and all that is in it.
type walker struct {
	seen  map[reflect.Type]bool
	boxed bool // the receiver has an interface for it
}

func (w walker) walk(t reflect.Type) error {
	if w.seen[t] || isLeaf(t) {
		return nil
	}
	w.seen[t] = true
	if m, ok := methodsOf(t); ok {
		return soundMethods(t, m)
	}
	switch t.Kind() {
	case reflect.Chan, reflect.Func, reflect.UnsafePointer:
		return fmt.Errorf("a %s means nothing there", t)
	case reflect.Complex64, reflect.Complex128:
		return fmt.Errorf("%s has no form in CBOR: send its two parts", t)
	case reflect.Interface:
		if t.NumMethod() > 0 {
			return fmt.Errorf("the receiver cannot know what type is in the interface %s", t)
		}
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return w.walk(t.Elem())
	case reflect.Map:
		if w.boxed && (t.Key().Kind() != reflect.String || encodesItself(t.Key())) {
			return fmt.Errorf("a %s cannot be received in an interface: there, keys are strings", t)
		}
		return errors.Join(w.walk(t.Key()), w.walk(t.Elem()))
	case reflect.Struct:
		return w.fields(t, t, map[string]string{}, map[reflect.Type]bool{})
	}
	return nil
}

// fields looks at the fields of t, which is of, or is embedded in it. names are
// those that fields of of have in a message, with the fields; around are the
// types that t is embedded in.
func (w walker) fields(of, t reflect.Type, names map[string]string, around map[reflect.Type]bool) error {
	around[t] = true
	defer delete(around, t)
	for f := range t.Fields() {
		here := fmt.Sprintf("field %s of %s", f.Name, t)
		tag := f.Tag.Get("cbor")
		switch {
		case tag == "-" || f.Name == "_": // stays behind, as it is asked to
			continue
		case !f.IsExported() && !isEmbedded(f):
			return fmt.Errorf("%s is not exported and would be lost: tag it `cbor:\"-\"` if it is to stay behind", here)
		case !f.IsExported() && f.Type.Kind() == reflect.Pointer:
			return fmt.Errorf("%s is a pointer to a struct that is not exported, which the receiver cannot make", here)
		case tag == "" && f.Tag.Get("json") == "-":
			return fmt.Errorf("%s is tagged `json:\"-\"` and would be lost: tag it `cbor:\"-\"` if it is to stay behind, and `cbor:\"%s\"` if not", here, f.Name)
		}
		if isEmbedded(f) {
			in := f.Type
			if in.Kind() == reflect.Pointer {
				in = in.Elem()
			}
			if around[in] {
				return fmt.Errorf("%s is embedded in itself", here)
			}
			if err := w.fields(of, in, names, around); err != nil {
				return err
			}
			continue
		}
		name, number := nameOf(f)
		if number && w.boxed {
			return fmt.Errorf("%s has a number for a name, and cannot be received in an interface", here)
		}
		if other, ok := names[name]; ok {
			return fmt.Errorf("%s has the same name in a message as %s, and would be lost: give it another one by a tag, `cbor:\"name\"`", here, other)
		}
		names[name] = here
		if err := w.walk(f.Type); err != nil {
			return fmt.Errorf("%s: %w", here, err)
		}
	}
	return nil
}

// tagOf returns the tag of a field that counts.
func tagOf(f reflect.StructField) string {
	if tag := f.Tag.Get("cbor"); tag != "" {
		return tag
	}
	return f.Tag.Get("json")
}

// nameOf returns the name of a field in a message, and whether that is a number.
func nameOf(f reflect.StructField) (name string, number bool) {
	name, rest, _ := strings.Cut(tagOf(f), ",")
	if name == "" {
		name = f.Name
	}
	for option := range strings.SplitSeq(rest, ",") {
		number = number || option == "keyasint"
	}
	if n, err := strconv.Atoi(name); number && err == nil {
		name = "#" + strconv.Itoa(n) // 01 is 1, and not the text "1"
	}
	return name, number
}

// isEmbedded tells whether the fields of f count as those of the struct that f
// is in.
func isEmbedded(f reflect.StructField) bool {
	t := f.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name, _, _ := strings.Cut(tagOf(f), ",")
	return f.Anonymous && t.Kind() == reflect.Struct && name == ""
}

// soundMethods says why a type that encodes itself would not arrive. Where it
// has the method from an embedded field, that is all that is encoded.
func soundMethods(t reflect.Type, m pair) error {
	if !reflect.PointerTo(t).Implements(m.from) {
		return fmt.Errorf("%s has a method %s and no %s: the receiver could not decode it", t, m.encode, m.decode)
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	for f := range t.Fields() {
		if !f.Anonymous || !f.Type.Implements(m.to) && !reflect.PointerTo(f.Type).Implements(m.to) || !isPromoted(t, m) {
			continue
		}
		if k := f.Type.Kind(); k == reflect.Pointer || k == reflect.Interface {
			return fmt.Errorf("%s is decoded by the method of the embedded %s, which is nil then: give the field a name", t, f.Type)
		}
		for other := range t.Fields() {
			if other.Name != f.Name && other.Name != "_" {
				return fmt.Errorf("field %s of %s would be lost: the method %s of the embedded %s is all that encodes it; give field %s a name, or %s methods of its own",
					other.Name, t, m.encode, f.Type, f.Name, t)
			}
		}
	}
	return nil
}

// isPromoted tells whether t has a method from an embedded field, rather than of
// its own. Package reflect does not know, but the function does: it is written
// by the compiler then, and not by the package that t is of.
func isPromoted(t reflect.Type, m pair) bool {
	if t.Name() == "" {
		return true
	}
	method, ok := m.find(t)
	if !ok {
		if method, ok = m.find(reflect.PointerTo(t)); !ok {
			return false
		}
	}
	pc := method.Func.Pointer()
	f := runtime.FuncForPC(pc)
	file, _ := f.FileLine(pc)
	// Where the compiler has put the embedded type's method in the place of a
	// call to it, the function goes by that one's name.
	typeName, _, _ := strings.Cut(t.Name(), "[")
	own := strings.Contains(f.Name(), "."+typeName+".") || strings.Contains(f.Name(), "."+typeName+"[") ||
		strings.Contains(f.Name(), "(*"+typeName)
	return file == "<autogenerated>" || strings.HasSuffix(f.Name(), "."+m.encode) && !own
}
