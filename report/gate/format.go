package gate

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Format names a voice.
type Format string

// The voices.
const (
	Text     Format = "text"     // for a terminal, without colours and of any width; see [Outcome.WriteText]
	Markdown Format = "markdown" // for a pull request, and for the step summary of a CI
	JSON     Format = "json"     // as [Schema] says
	CSV      Format = "csv"
	JUnit    Format = "junit"
	SARIF    Format = "sarif"  // 2.1.0
	GitHub   Format = "github" // annotations of a GitHub workflow
)

// Formats lists the voices.
func Formats() []Format { return []Format{Text, Markdown, JSON, CSV, JUnit, SARIF, GitHub} }

// ParseFormat returns the Format spelled s.
func ParseFormat(s string) (Format, error) {
	if f := Format(s); slices.Contains(Formats(), f) {
		return f, nil
	}
	var names []string
	for _, f := range Formats() {
		names = append(names, string(f))
	}
	return "", fmt.Errorf("unknown format %q: want one of %s", s, strings.Join(names, ", "))
}

// Write writes the outcome in a format. It writes nothing if it cannot be said in
// that format.
func (o *Outcome) Write(w io.Writer, f Format) error {
	var text []byte
	var err error
	switch f {
	case Text:
		text = o.text(TextOptions{})
	case Markdown:
		text = o.markdown()
	case JSON:
		text, err = o.json()
	case CSV:
		text, err = o.csv()
	case JUnit:
		text, err = o.junit()
	case SARIF:
		text, err = o.sarif()
	case GitHub:
		text = o.github()
	default:
		_, err = ParseFormat(string(f))
	}
	if err != nil {
		return fmt.Errorf("cannot write the outcome as %s: %w", f, err)
	}
	_, err = w.Write(text)
	return err
}
