package checks

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/results/internal/lines"
)

// A Writer writes a check's folder, which can be read at any moment.
type Writer struct {
	folder string
	log    *lines.Appender
	text   map[string]*lines.Appender // by side
	pkg    map[string]string          // by side: the package that its next line stands under
}

// Create makes the folder of a check in out, named after when it began, and
// writes its first file there.
func Create(out string, c *Check) (w *Writer, err error) {
	folder, err := results.NewFolder(out, "check", c.Began)
	if err != nil {
		return nil, err
	}
	w = &Writer{folder: folder, text: make(map[string]*lines.Appender), pkg: make(map[string]string)}
	if err := w.Check(c); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = w.Close() // the error that led here says more
		}
	}()
	if w.log, err = lines.Open(filepath.Join(folder, LogFile)); err != nil {
		return nil, err
	}
	for side, name := range map[string]string{Base: BaseFile, Head: HeadFile} {
		if w.text[side], err = lines.Open(filepath.Join(folder, name)); err != nil {
			return nil, err
		}
		if err := w.text[side].Append(head(c, side)); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// head returns the configuration lines of a side's file.
func head(c *Check, side string) []byte {
	s := c.Base
	if side == Head {
		s = c.Head
	}
	arch := cmp.Or(s.Settings["GOARCH"], c.Machine.Arch)
	built := results.Binary{Level: s.Settings[results.LevelVariable(arch)], Experiment: s.Settings["GOEXPERIMENT"], Flags: s.Flags}
	config := append(c.Machine.Config(), built.Config(arch)...)
	config = append(config, [2]string{"go", s.Go}, [2]string{"revision", s.Revision})
	var b bytes.Buffer
	for _, kv := range config {
		// GOMAXPROCS is what the suffix of a name says here.
		if value := strings.Join(strings.Fields(kv[1]), " "); value != "" && kv[0] != "gomaxprocs" {
			fmt.Fprintf(&b, "%s: %s\n", kv[0], value)
		}
	}
	b.WriteByte('\n')
	return b.Bytes()
}

// Folder returns where the check is.
func (w *Writer) Folder() string { return w.folder }

// Check writes what is known of the check by now: beside the old file first,
// then in its place.
func (w *Writer) Check(c *Check) error {
	data, err := json.MarshalIndent(c, "", "\t")
	if err != nil {
		return fmt.Errorf("cannot encode %s: %w", File, err)
	}
	if err := Replace(filepath.Join(w.folder, File), append(data, '\n')); err != nil {
		return fmt.Errorf("cannot write the check: %w", err)
	}
	return nil
}

// Replace writes a file of a check's folder beside the old one, if there is one,
// and then in its place, so that there is a whole one at every moment.
func Replace(name string, data []byte) error {
	temp := name + ".new"
	err := os.WriteFile(temp, data, 0o666)
	if err == nil {
		err = os.Rename(temp, name)
	}
	if err != nil {
		_ = os.Remove(temp) // the error that led here says more
	}
	return err
}

// Sample appends a sample to the log, and a good one to its side's file, at
// once.
func (w *Writer) Sample(s Sample) error {
	data, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("cannot encode a sample: %w", err)
	}
	if err := w.log.Append(append(data, '\n')); err != nil {
		return err
	}
	if !s.OK || s.Benchmark == ControlName {
		return nil
	}
	text, ok := w.text[s.Side]
	if !ok {
		return fmt.Errorf("sample of %s: no side is called %q", s.Benchmark, s.Side)
	}
	if err := text.Append(w.line(s)); err != nil {
		return err
	}
	w.pkg[s.Side] = s.Package
	return nil
}

// line returns a sample in the benchmark format.
func (w *Writer) line(s Sample) []byte {
	var b bytes.Buffer
	if s.Package != w.pkg[s.Side] {
		fmt.Fprintf(&b, "pkg: %s\n", s.Package)
	}
	name := s.Name
	if name == "" {
		name = s.Benchmark
	}
	b.WriteString("Benchmark" + name)
	if s.Procs > 1 {
		fmt.Fprintf(&b, "-%d", s.Procs)
	}
	fmt.Fprintf(&b, " %d", s.Units)
	for _, m := range s.Metrics {
		b.WriteString(" " + strconv.FormatFloat(m.Value, 'g', -1, 64) + " " + m.Unit)
	}
	b.WriteByte('\n')
	return b.Bytes()
}

// Close closes the folder's files.
func (w *Writer) Close() error {
	var errs []error
	for _, a := range []*lines.Appender{w.log, w.text[Base], w.text[Head]} {
		if a != nil {
			errs = append(errs, a.Close())
		}
	}
	return errors.Join(errs...)
}
