package managers

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"reflect"

	"github.com/fxamacker/cbor/v2"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/codec"
)

// cells is a table as a client sees it, with the types of its keys and values:
// what dicts, sets, namespaces and values are made of.
type cells[K comparable, V any] struct{ ref }

// nameOf is the name of a type in the words for an object.
func nameOf[T any]() string { return reflect.TypeFor[T]().String() }

// fits says why keys or values could not travel.
func fits[K comparable, V any]() error {
	_, err := codec.For[V]()
	k := reflect.TypeFor[K]()
	return errors.Join(keyFits(k), codec.Portable(k), err)
}

// keyFits says why keys of type t, which is comparable, could not be compared
// as they are encoded.
func keyFits(t reflect.Type) error {
	switch t.Kind() {
	case reflect.Bool, reflect.String,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return nil
	case reflect.Array:
		return keyFits(t.Elem())
	case reflect.Struct:
		for f := range t.Fields() {
			if !f.IsExported() {
				return fmt.Errorf("%s cannot be a key: its field %s is not exported and would be lost", t, f.Name)
			}
			if err := keyFits(f.Type); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("%s cannot be a key, or part of one: use booleans, integers and strings", t)
}

// keyModes encode keys: one key has one encoding (RFC 8949, section 4.2), and
// a string may hold any bytes.
var (
	keyEnc = must(cbor.CoreDetEncOptions().EncMode())
	keyDec = must(cbor.DecOptions{UTF8: cbor.UTF8DecodeInvalid}.DecMode())
)

// must is for options that are written down above.
func must[M any](m M, err error) M {
	if err != nil {
		panic(err)
	}
	return m
}

func encodeKey[K comparable](k K) (b []byte, err error) {
	defer codec.Recover(&err)
	return keyEnc.Marshal(k)
}

func decodeKey[K comparable](b []byte) (k K, err error) {
	defer codec.Recover(&err)
	if err := keyDec.Unmarshal(b, &k); err != nil {
		return k, fmt.Errorf("%w: a key: %w", ErrProtocol, err)
	}
	return k, nil
}

// withKey does an operation whose argument is a key and what follows it. It
// reports whether the result begins with yes, and returns what follows.
func (c cells[K, V]) withKey(ctx context.Context, op byte, k K, rest []byte) ([]byte, bool, error) {
	key, err := encodeKey(k)
	if err != nil {
		return nil, false, err
	}
	return c.ask(ctx, op, append(field(make([]byte, 0, len(key)+len(rest)+binary.MaxVarintLen64), key), rest...))
}

func (c cells[K, V]) ask(ctx context.Context, op byte, arg []byte) ([]byte, bool, error) {
	b, err := c.do(ctx, op, arg)
	if err != nil {
		return nil, false, err
	}
	if len(b) == 0 {
		return nil, false, ErrProtocol
	}
	return b[1:], b[0] == yes, nil
}

// get returns a value and its version, which is 0 if there is none.
func (c cells[K, V]) get(ctx context.Context, k K) (v V, version uint64, err error) {
	b, ok, err := c.withKey(ctx, tableGet, k, nil)
	if !ok || err != nil {
		return v, 0, err
	}
	version, rest, err := cutNumber(b)
	if err != nil {
		return v, 0, err
	}
	v, err = decode[V](rest)
	return v, version, err
}

func (c cells[K, V]) set(ctx context.Context, k K, v V) error {
	b, err := encode(v)
	if err != nil {
		return err
	}
	_, _, err = c.withKey(ctx, tablePut, k, field(nil, b))
	return err
}

func (c cells[K, V]) setAll(ctx context.Context, all map[K]V) error {
	var arg []byte
	for k, v := range all {
		key, err := encodeKey(k)
		if err != nil {
			return err
		}
		b, err := encode(v)
		if err != nil {
			return err
		}
		arg = field(field(arg, key), b)
	}
	_, err := c.do(ctx, tablePut, arg)
	return err
}

func (c cells[K, V]) loadOrStore(ctx context.Context, k K, v V) (V, bool, error) {
	b, err := encode(v)
	if err != nil {
		return v, false, err
	}
	there, ok, err := c.withKey(ctx, tableStore, k, b)
	if !ok || err != nil {
		return v, false, err
	}
	v, err = decode[V](there)
	return v, true, err
}

func (c cells[K, V]) remove(ctx context.Context, keys []K) (int, error) {
	return c.counted(ctx, tableDelete, keys, nil)
}

// counted does an operation with several keys, each followed by the fields
// given, and returns the count that comes back.
func (c cells[K, V]) counted(ctx context.Context, op byte, keys []K, after []byte) (int, error) {
	var arg []byte
	for _, k := range keys {
		key, err := encodeKey(k)
		if err != nil {
			return 0, err
		}
		arg = append(field(arg, key), after...)
	}
	return c.counting(ctx, op, arg)
}

func (c cells[K, V]) counting(ctx context.Context, op byte, arg []byte) (int, error) {
	b, _, err := c.ask(ctx, op, arg)
	if err != nil {
		return 0, err
	}
	n, _, err := cutNumber(b)
	return int(n), err
}

func (c cells[K, V]) length(ctx context.Context) (int, error) { return c.counting(ctx, tableLen, nil) }

func (c cells[K, V]) pop(ctx context.Context, k K) (v V, ok bool, err error) {
	b, ok, err := c.withKey(ctx, tablePop, k, nil)
	if !ok || err != nil {
		return v, false, err
	}
	v, err = decode[V](b)
	return v, true, err
}

func (c cells[K, V]) popLast(ctx context.Context) (k K, v V, ok bool, err error) {
	b, ok, err := c.ask(ctx, tablePopLast, nil)
	if !ok || err != nil {
		return k, v, false, err
	}
	fields, err := cutAll(b)
	if err != nil || len(fields) != 2 {
		return k, v, false, errors.Join(ErrProtocol, err)
	}
	if k, err = decodeKey[K](fields[0]); err != nil {
		return k, v, false, err
	}
	v, err = decode[V](fields[1])
	return k, v, true, err
}

func (c cells[K, V]) keys(ctx context.Context) ([]K, error) {
	b, _, err := c.ask(ctx, tableKeys, nil)
	if err != nil {
		return nil, err
	}
	fields, err := cutAll(b)
	if err != nil {
		return nil, err
	}
	keys := make([]K, len(fields))
	for i, f := range fields {
		if keys[i], err = decodeKey[K](f); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

func (c cells[K, V]) all(ctx context.Context) (iter.Seq2[K, V], error) {
	b, _, err := c.ask(ctx, tableItems, nil)
	if err != nil {
		return nil, err
	}
	fields, err := cutAll(b)
	if err != nil || len(fields)%2 != 0 {
		return nil, errors.Join(ErrProtocol, err)
	}
	keys, values := make([]K, len(fields)/2), make([]V, len(fields)/2)
	for i := range keys {
		if keys[i], err = decodeKey[K](fields[2*i]); err != nil {
			return nil, err
		}
		if values[i], err = decode[V](fields[2*i+1]); err != nil {
			return nil, err
		}
	}
	return func(yield func(K, V) bool) {
		for i := range keys {
			if !yield(keys[i], values[i]) {
				return
			}
		}
	}, nil
}

// swap sets a value if the one that is there is of the given version.
func (c cells[K, V]) swap(ctx context.Context, k K, version uint64, v V) (bool, error) {
	b, err := encode(v)
	if err != nil {
		return false, err
	}
	_, ok, err := c.withKey(ctx, tableSwap, k, append(number(nil, version), b...))
	return ok, err
}

// drop takes a key out if its value is of the given version.
func (c cells[K, V]) drop(ctx context.Context, k K, version uint64) (bool, error) {
	_, ok, err := c.withKey(ctx, tableDrop, k, number(nil, version))
	return ok, err
}

func (c cells[K, V]) update(ctx context.Context, k K, change func(old V, ok bool) (V, error)) (V, error) {
	for {
		old, version, err := c.get(ctx, k)
		if err != nil {
			return old, err
		}
		v, err := change(old, version != 0)
		if err != nil {
			return old, err
		}
		if ok, err := c.swap(ctx, k, version, v); ok || err != nil {
			return v, err
		}
	}
}

func compareAndSwap[K, V comparable](ctx context.Context, c cells[K, V], k K, old, v V) (bool, error) {
	for {
		there, version, err := c.get(ctx, k)
		if err != nil || version == 0 || there != old {
			return false, err
		}
		if ok, err := c.swap(ctx, k, version, v); ok || err != nil {
			return ok, err
		}
	}
}
