package workloads

import (
	"errors"
	"fmt"
	"maps"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Kind is the type of a parameter's value.
type Kind string

// The kinds of parameters.
const (
	KindInt      Kind = "int"      // a whole number: 1000, 1e9
	KindSize     Kind = "size"     // a number of bytes: 512B, 64KiB, 1MiB
	KindDuration Kind = "duration" // a time: 250us, 10ms, 2s
	KindBool     Kind = "bool"     // true or false
	KindPath     Kind = "path"     // a folder; it is recorded beside the samples, not in their names
)

// A Param declares one parameter of a workload. Build it with [Int], [Size],
// [Duration], [Bool] or [Path].
type Param struct {
	Name    string `json:"name"` // a lower-case word
	Help    string `json:"help"`
	Kind    Kind   `json:"kind"`
	Default string `json:"default"` // in canonical form

	// Min and Max bound the value of an int, a size (bytes) or a duration
	// (nanoseconds), both inclusive. They mean nothing for other kinds.
	Min int64 `json:"min,omitempty"`
	Max int64 `json:"max,omitempty"`
}

// Int declares a whole number between lo and hi.
func Int(name string, def, lo, hi int64, help string) Param {
	return Param{Name: name, Help: help, Kind: KindInt, Default: strconv.FormatInt(def, 10), Min: lo, Max: hi}
}

// Size declares a number of bytes between lo and hi.
func Size(name string, def, lo, hi int64, help string) Param {
	return Param{Name: name, Help: help, Kind: KindSize, Default: FormatSize(def), Min: lo, Max: hi}
}

// Duration declares a time between lo and hi.
func Duration(name string, def, lo, hi time.Duration, help string) Param {
	return Param{Name: name, Help: help, Kind: KindDuration, Default: formatDuration(def), Min: int64(lo), Max: int64(hi)}
}

// Bool declares a switch.
func Bool(name string, def bool, help string) Param {
	return Param{Name: name, Help: help, Kind: KindBool, Default: strconv.FormatBool(def)}
}

// Path declares a folder.
func Path(name, def, help string) Param {
	return Param{Name: name, Help: help, Kind: KindPath, Default: def}
}

// Parse checks text and returns the value in canonical form: the one spelling
// that stands in benchmark names, so that 65536B and 64KiB are one cell.
func (p Param) Parse(text string) (string, error) {
	switch p.Kind {
	case KindInt:
		n, err := parseInt(text)
		if err != nil {
			return "", p.bad(text, "want a whole number such as "+p.Default)
		}
		return p.inRange(n, text, strconv.FormatInt(n, 10))
	case KindSize:
		n, err := ParseSize(text)
		if err != nil {
			return "", p.bad(text, "want a size such as "+p.Default)
		}
		return p.inRange(n, text, FormatSize(n))
	case KindDuration:
		d, err := time.ParseDuration(text)
		if err != nil {
			return "", p.bad(text, "want a duration such as "+p.Default)
		}
		return p.inRange(int64(d), text, formatDuration(d))
	case KindBool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return "", p.bad(text, "want true or false")
		}
		return strconv.FormatBool(b), nil
	case KindPath:
		if text == "" || strings.ContainsAny(text, "\n\r\x00") {
			return "", p.bad(text, "want the path of a folder")
		}
		return text, nil
	}
	return "", fmt.Errorf("parameter %s has unknown kind %q", p.Name, p.Kind)
}

// Range describes the values that p takes, for help texts.
func (p Param) Range() string {
	switch p.Kind {
	case KindBool:
		return "true or false"
	case KindPath:
		return "a folder"
	}
	return p.format(p.Min) + " to " + p.format(p.Max)
}

func (p Param) format(n int64) string {
	switch p.Kind {
	case KindSize:
		return FormatSize(n)
	case KindDuration:
		return formatDuration(time.Duration(n))
	}
	return strconv.FormatInt(n, 10)
}

// inRange returns canon, the canonical form of n, if p takes it.
func (p Param) inRange(n int64, text, canon string) (string, error) {
	if n < p.Min || n > p.Max {
		return "", p.bad(text, "want "+p.Range())
	}
	return canon, nil
}

func (p Param) bad(text, want string) error {
	return fmt.Errorf("parameter %s: bad value %q: %s", p.Name, text, want)
}

// Values are a workload's parameter values by name, in canonical form.
type Values map[string]string

// Int returns the value of a parameter declared with [Int].
func (v Values) Int(name string) int64 {
	n, err := strconv.ParseInt(v[name], 10, 64)
	return checked(n, err, name)
}

// Size returns the value, in bytes, of a parameter declared with [Size].
func (v Values) Size(name string) int64 {
	n, err := ParseSize(v[name])
	return checked(n, err, name)
}

// Duration returns the value of a parameter declared with [Duration].
func (v Values) Duration(name string) time.Duration {
	d, err := time.ParseDuration(v[name])
	return checked(d, err, name)
}

// Bool returns the value of a parameter declared with [Bool].
func (v Values) Bool(name string) bool {
	b, err := strconv.ParseBool(v[name])
	return checked(b, err, name)
}

// Path returns the value of a parameter declared with [Path].
func (v Values) Path(name string) string {
	dir, ok := v[name]
	if !ok {
		return checked("", errors.New("no such parameter"), name)
	}
	return dir
}

// checked returns v. An error means that a workload asks for a parameter that
// it did not declare, or as another kind: a mistake in its source, not in
// anybody's input, which its first run shows.
func checked[T any](v T, err error, name string) T {
	if err != nil {
		panic(fmt.Sprintf("workloads: parameter %q is not declared as asked for: %v", name, err))
	}
	return v
}

// Resolve checks given against the workload's parameters and completes it
// with the defaults.
func (w Workload) Resolve(given map[string]string) (Values, error) {
	v := make(Values, len(w.Params))
	for _, p := range w.Params {
		text, ok := given[p.Name]
		if !ok {
			text = p.Default
		}
		canon, err := p.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("workload %s: %w", w.Name, err)
		}
		v[p.Name] = canon
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if _, ok := v[name]; !ok {
			return nil, fmt.Errorf("workload %s has no parameter %q: it has %s", w.Name, name, w.paramNames())
		}
	}
	return v, nil
}

func (w Workload) paramNames() string {
	if len(w.Params) == 0 {
		return "none"
	}
	names := make([]string, len(w.Params))
	for i, p := range w.Params {
		names[i] = p.Name
	}
	return strings.Join(names, ", ")
}

// parseInt reads a whole number, also in the form 1e9.
func parseInt(text string) (int64, error) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, nil
	}
	mant, exp, ok := strings.Cut(strings.ToLower(text), "e")
	m, err1 := strconv.ParseInt(mant, 10, 64)
	e, err2 := strconv.ParseUint(exp, 10, 8)
	if !ok || err1 != nil || err2 != nil || e > 18 {
		return 0, fmt.Errorf("bad number %q", text)
	}
	return scale(m, pow10(e), text)
}

func pow10(e uint64) int64 {
	p := int64(1)
	for range e {
		p *= 10
	}
	return p
}

// scale returns n·factor or, where that overflows, an error.
func scale(n, factor int64, text string) (int64, error) {
	abs := uint64(n)
	if n < 0 {
		abs = -abs
	}
	if hi, lo := bits.Mul64(abs, uint64(factor)); hi != 0 || lo > 1<<63-1 {
		return 0, fmt.Errorf("number %q is too large", text)
	}
	return n * factor, nil
}

// sizeUnits are tried in order, so that a unit comes before its own suffix.
var sizeUnits = []struct {
	name   string
	factor int64
}{
	{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10},
	{"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3}, {"KB", 1e3}, {"B", 1}, {"", 1},
}

// ParseSize reads a number of bytes: 512, 512B, 64KiB, 1MB.
func ParseSize(text string) (int64, error) {
	for _, u := range sizeUnits {
		digits, ok := strings.CutSuffix(text, u.name)
		if !ok {
			continue
		}
		n, err := parseInt(digits)
		if err != nil {
			return 0, fmt.Errorf("bad size %q", text)
		}
		return scale(n, u.factor, text)
	}
	return 0, fmt.Errorf("bad size %q", text)
}

// FormatSize writes n bytes in the largest binary unit that divides them.
func FormatSize(n int64) string {
	for _, u := range sizeUnits[:3] {
		if n != 0 && n%u.factor == 0 {
			return strconv.FormatInt(n/u.factor, 10) + u.name
		}
	}
	return strconv.FormatInt(n, 10) + "B"
}

// formatDuration writes d as ParseDuration reads it, in ASCII (µ would be the
// only other letter in a benchmark name) and without zero tails: 2m, not 2m0s.
func formatDuration(d time.Duration) string {
	s := strings.Replace(d.String(), "µ", "u", 1)
	if d != 0 && d%time.Minute == 0 {
		s = strings.TrimSuffix(s, "0s")
		if d%time.Hour == 0 {
			s = strings.TrimSuffix(s, "0m")
		}
	}
	return s
}
