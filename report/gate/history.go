package gate

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/gvp-bench/gvp/report/internal/wording"
	"github.com/gvp-bench/gvp/results"
)

// historyFormat is the version of a line.
const historyFormat = 1

// An Entry is one check in a history file: one line of JSON, its keys sorted,
// that needs no other line. Lines may stand in any order and more than once, so
// that two files merge by having all lines of both: git does so with
//
//	*.history.jsonl merge=union
//
// in .gitattributes.
type Entry struct {
	Format  int       `json:"format"`
	Began   time.Time `json:"began"`
	Verdict Verdict   `json:"verdict"`
	Status  int       `json:"status"`

	Base HistorySide `json:"base"`
	Head HistorySide `json:"head"`

	// Machine is the same for those whose times can be compared: the system, the
	// CPU's model and how many of them.
	Machine string `json:"machine,omitempty"`
	Go      string `json:"go,omitempty"` // version of head

	Benchmarks []HistoryValue `json:"benchmarks"`
}

// A HistorySide is one of the two that were compared.
type HistorySide struct {
	What     string `json:"what"`
	Revision string `json:"revision,omitempty"`
	Subject  string `json:"subject,omitempty"`
	Modified bool   `json:"modified,omitempty"`
}

// name is what a revision goes by: a changed tree is none of any commit.
func (s HistorySide) name() string {
	switch {
	case s.Revision == "":
		return s.What
	case s.Modified:
		return s.Revision + "+modified"
	}
	return s.Revision
}

// A HistoryValue is a decision.
type HistoryValue struct {
	Benchmark string `json:"benchmark"`
	Unit      string `json:"unit"`
	Higher    bool   `json:"higher,omitempty"` // is better
	Verdict   string `json:"verdict"`
	N         int    `json:"n"`

	// Medians of the sides, and head/base with its interval; nil if not known.
	Base  *float64 `json:"base,omitempty"`
	Head  *float64 `json:"head,omitempty"`
	Ratio *float64 `json:"ratio,omitempty"`
	Lo    *float64 `json:"lo,omitempty"`
	Hi    *float64 `json:"hi,omitempty"`
}

// HistoryEntry returns the outcome as a line of the history.
func (o *Outcome) HistoryEntry() Entry {
	c := o.Check
	e := Entry{
		Format: historyFormat, Began: c.Began.UTC(), Verdict: o.Verdict, Status: o.Status(),
		Base:    HistorySide{c.Base.What, c.Base.Revision, c.Base.Subject, c.Base.Modified},
		Head:    HistorySide{c.Head.What, c.Head.Revision, c.Head.Subject, c.Head.Modified},
		Machine: machineName(c.Machine), Go: c.Head.Go,
	}
	for _, d := range o.Decisions {
		lo := float64(limit(d.Result.Lo))
		e.Benchmarks = append(e.Benchmarks, HistoryValue{
			Benchmark: d.Benchmark, Unit: d.Unit, Higher: d.Higher, Verdict: string(d.Verdict), N: d.Result.N,
			Base: known(d.Base), Head: known(d.Head), Ratio: known(d.Result.Ratio), Lo: known(lo), Hi: known(d.Result.Hi),
		})
	}
	return e
}

// known returns nil for a number that is none.
func known(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

// machineName is the same for machines whose times can be compared.
func machineName(m results.Machine) string {
	cpus := m.UsableCPUs
	if cpus == 0 {
		cpus = m.CPUs
	}
	parts := []string{strings.Trim(m.OS+"/"+m.Arch, "/"), m.CPU}
	if cpus > 0 {
		parts = append(parts, wording.Count(cpus, "CPU"))
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

// Line returns the entry as a line with the line break that ends it. The same
// entry is always the same line.
func (e Entry) Line() ([]byte, error) {
	if e.Benchmarks == nil {
		e.Benchmarks = []HistoryValue{}
	}
	data, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("cannot encode a line of the history: %w", err)
	}
	// Maps are written with their keys sorted.
	var sorted any
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&sorted); err != nil {
		return nil, fmt.Errorf("cannot encode a line of the history: %w", err)
	}
	if data, err = json.Marshal(sorted); err != nil {
		return nil, fmt.Errorf("cannot encode a line of the history: %w", err)
	}
	return append(quiet(data), '\n'), nil
}

// AppendHistory appends the entry to a file, which it makes if there is none, in
// one write. If the file's last line is only half there, as after a crash, the
// new one begins below it.
func AppendHistory(path string, e Entry) (err error) {
	line, err := e.Line()
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		return fmt.Errorf("cannot open the history: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	last := []byte{'\n'}
	if n := info.Size(); info.Mode().IsRegular() && n > 0 {
		if _, err := f.ReadAt(last, n-1); err != nil {
			return fmt.Errorf("cannot read the end of the history: %w", err)
		}
	}
	if last[0] != '\n' {
		line = append([]byte{'\n'}, line...)
	}
	if _, err := f.Write(line); err != nil {
		return fmt.Errorf("cannot append to the history: %w", err)
	}
	return nil
}

// A Warning is a line of a history that was not read, and why.
type Warning struct {
	Line int // from 1
	Msg  string
}

// String returns line 3: message.
func (w Warning) String() string { return fmt.Sprintf("line %d: %s", w.Line, results.Printable(w.Msg)) }

// maxLine bounds a line. A check of a thousand benchmarks has some 200 kB.
const maxLine = 16 << 20

// ReadHistory reads the entries of a history, oldest first, each once however
// often it is there. What is not an entry, such as half a line or the mark of a
// merge conflict, is skipped and reported. An error is one of reading.
func ReadHistory(r io.Reader) ([]Entry, []Warning, error) {
	in := bufio.NewReader(r)
	entries := make(map[string]Entry) // by their lines
	var warnings []Warning
	for n := 1; ; n++ {
		line, err := readLine(in)
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, errLong) {
			return nil, nil, fmt.Errorf("cannot read the history: %w", err)
		}
		if text := bytes.TrimSpace(line); len(text) > 0 || errors.Is(err, errLong) {
			e, bad := parseEntry(text)
			if errors.Is(err, errLong) {
				bad = err
			}
			var key []byte
			if bad == nil {
				key, bad = e.Line()
			}
			if bad != nil {
				warnings = append(warnings, Warning{n, bad.Error()})
			} else {
				entries[string(key)] = e
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
	}
	lines := slices.SortedFunc(maps.Keys(entries), func(a, b string) int {
		return cmp.Or(entries[a].Began.Compare(entries[b].Began), strings.Compare(a, b))
	})
	var all []Entry
	for _, line := range lines {
		all = append(all, entries[line])
	}
	return all, warnings, nil
}

var errLong = fmt.Errorf("longer than %d MiB", maxLine>>20)

// readLine reads up to a line break or the end. Of a line that is too long it
// returns errLong and is at the next.
func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	long := false
	for {
		part, err := in.ReadSlice('\n')
		if !long {
			line = append(line, part...)
		}
		if len(line) > maxLine {
			line, long = nil, true
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case long:
			return nil, errors.Join(errLong, err)
		default:
			return line, err
		}
	}
}

var (
	errNewer   = errors.New("written by a later version of gvp")
	errNoEntry = errors.New("not a line of a history")
)

func parseEntry(line []byte) (Entry, error) {
	var e Entry
	if err := json.Unmarshal(line, &e); err != nil {
		return Entry{}, fmt.Errorf("%w: %w", errNoEntry, err)
	}
	switch {
	case e.Format > historyFormat:
		return Entry{}, errNewer
	case e.Format < 1 || e.Verdict == "" || e.Began.IsZero():
		return Entry{}, errNoEntry
	}
	e.Began = e.Began.UTC() // else the same moment could be two lines
	if e.Benchmarks == nil {
		e.Benchmarks = []HistoryValue{}
	}
	return e, nil
}
