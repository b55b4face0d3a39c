package samples

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// maxLine is how long a line may be, in bytes. The reader of the benchmark
// format has a buffer of 64 KiB for a line and its newline.
const maxLine = 64<<10 - 2

// binaryWithin is how many bytes at the start of a file a NUL byte makes it
// binary in, as git sees it. Further on it may be what a power cut left.
const binaryWithin = 8000

// A source hands on the bytes of a file of results and notes on the way what
// the reader behind it does not tell: how the last line ends and what a file
// without results looks like. It ends in an error where the file can be no
// benchmark output.
type source struct {
	r    *bufio.Reader
	name string
	err  error // what was wrong with the bytes

	offset int64  // bytes read
	start  []byte // of the file

	// recent is the end of what was read: never less than the reader holds, so
	// that the line at which it stands is in it.
	recent []byte

	newlines int
	length   int    // of the line after the last newline, so far
	head     []byte // its first bytes
	eof      bool
}

func newSource(r io.Reader, name string) *source {
	return &source{r: bufio.NewReaderSize(r, 128<<10), name: name}
}

// Read implements [io.Reader].
func (s *source) Read(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.r.Read(p)
	if s.offset < binaryWithin {
		s.look(p[:n])
	}
	s.offset += int64(n)
	s.remember(p[:n])
	s.follow(p[:n])
	if err == io.EOF {
		s.eof = true
	}
	if s.err != nil {
		return 0, s.err
	}
	return n, err
}

// look examines the start of the file.
func (s *source) look(p []byte) {
	p = p[:min(len(p), binaryWithin-len(s.start))]
	s.start = append(s.start, p...)
	if i := bytes.IndexByte(s.start, 0); i >= 0 {
		s.err = fmt.Errorf("%s is not Go benchmark output but %s", s.name, s.looksLike())
	}
}

// follow keeps count of lines.
func (s *source) follow(p []byte) {
	for len(p) > 0 {
		line, rest, ended := bytes.Cut(p, []byte("\n"))
		if n := len("Benchmark") - len(s.head); n > 0 {
			s.head = append(s.head, line[:min(n, len(line))]...)
		}
		if s.length += len(line); s.length > maxLine {
			s.err = fmt.Errorf("%s:%d: line of more than %d KiB: this is no Go benchmark output, or has some other output mixed in that must go first",
				s.name, s.line(), maxLine>>10+1)
			return
		}
		if ended {
			s.newlines++
			s.length, s.head = 0, s.head[:0]
		}
		p = rest
	}
}

// remember keeps the last bytes read.
func (s *source) remember(p []byte) {
	const held = maxLine + 2 // the reader's buffer
	if len(s.recent)+len(p) > 4*held {
		s.recent = append(s.recent[:0], s.recent[len(s.recent)-min(held, len(s.recent)):]...)
	}
	s.recent = append(s.recent, p...)
}

// text returns a line that the reader has just handed on, without its newline,
// or nothing if it is no longer known.
func (s *source) text(line int) string {
	end := len(s.recent)
	for n := s.line(); n > line; n-- {
		if end = bytes.LastIndexByte(s.recent[:end], '\n'); end < 0 {
			return ""
		}
	}
	return string(s.recent[bytes.LastIndexByte(s.recent[:end], '\n')+1 : end])
}

// line returns the number of the line that the last byte read belongs to,
// or would if it were no newline.
func (s *source) line() int { return s.newlines + 1 }

// unfinished reports whether line is the last of the file and no newline ends
// it.
func (s *source) unfinished(line int) bool {
	return s.eof && s.length > 0 && line == s.line()
}

// cutResult reports whether an unfinished last line is, or might have become,
// a result.
func (s *source) cutResult() bool {
	return strings.HasPrefix("Benchmark", string(s.head))
}

// noResults returns the error for a file in which no results were.
func (s *source) noResults() error {
	if s.offset == 0 {
		return fmt.Errorf("no benchmark results in %s: it is empty", s.name)
	}
	return fmt.Errorf("no benchmark results in %s: it looks like %s; want the output of go test -bench, or a run of gvp's", s.name, s.looksLike())
}

// looksLike says what a file that is no benchmark output might be, and what to
// do then.
func (s *source) looksLike() string {
	text := bytes.TrimSpace(s.start)
	starts := func(prefix string) bool { return bytes.HasPrefix(text, []byte(prefix)) }
	switch {
	case starts("\xff\xfe"), starts("\xfe\xff"):
		return "UTF-16 text: save it as UTF-8"
	case starts("\x1f\x8b"):
		return "a gzip file, perhaps a profile: unpack it if it has results in it"
	case bytes.IndexByte(text, 0) >= 0, !utf8.Valid(text[:max(0, len(text)-utf8.UTFMax)]):
		return "a binary file"
	case starts(`{"Time":`), starts(`{"Action":`):
		return "the output of go test -json: run it without -json"
	case starts("{"), starts("["):
		return "JSON"
	case starts("<"):
		return "HTML or XML"
	case starts("goos: "), starts("PASS"), starts("ok  \t"):
		return "the output of go test without -bench, or with no benchmark that matched"
	case len(text) == 0:
		return "blank lines"
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	return fmt.Sprintf("text that begins %q", cutText(string(bytes.TrimSpace(line)), 60))
}

// cutText returns the first n characters of s.
func cutText(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}
