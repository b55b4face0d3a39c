package profile

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/pprof/driver"
	"github.com/google/pprof/profile"
)

// driverMu serialises the pprof driver, whose options are one per process.
var driverMu sync.Mutex

// defaults sets every option that a call can leave behind for the next one back
// to its default. Arguments that follow override it; those of one choice exclude
// each other, so it takes -flat=false -cum and -filefunctions=false -lines.
func defaults() []string {
	return []string{
		"-call_tree=false", "-relative_percentages=false", "-unit=minimum", "-compact_labels=false",
		"-source_path=", "-trim_path=", "-intel_syntax=false", "-mean=false", "-sample_index=", "-divide_by=1",
		"-normalize=false", "-flat", "-tagroot=", "-tagleaf=", "-drop_negative=false", "-nodecount=-1",
		"-nodefraction=0.005", "-edgefraction=0.001", "-trim=true", "-focus=", "-ignore=", "-prune_from=",
		"-hide=", "-show=", "-show_from=", "-tagfocus=", "-tagignore=", "-tagshow=", "-taghide=",
		"-noinlines=false", "-showcolumns=false", "-filefunctions", "-output=",
		"-symbolize=none",
	}
}

// run calls a page of pprof's web interface, such as /flamegraph, without a
// server. The arguments are those of the pprof command; profiles are named by
// their keys instead of by files, and belong to the driver from then on.
func run(page string, ps map[string]*profile.Profile, args ...string) (html []byte, err error) {
	driverMu.Lock()
	defer driverMu.Unlock()
	defer func() { // the driver trusts its profiles
		if r := recover(); r != nil {
			html, err = nil, fmt.Errorf("pprof: %v", r)
		}
	}()
	var said talk
	serve := func(a *driver.HTTPServerArgs) error {
		handler := a.Handlers[page]
		if handler == nil {
			return fmt.Errorf("pprof has no page %s", page)
		}
		answer := response{header: http.Header{}}
		handler.ServeHTTP(&answer, &http.Request{Method: http.MethodGet, URL: &url.URL{Path: page}})
		if answer.failed {
			return fmt.Errorf("pprof: %s", strings.TrimSpace(answer.body.String()))
		}
		html = answer.body.Bytes()
		return nil
	}
	args = slices.Concat(defaults(), []string{"-http=localhost:0", "-no_browser"}, args)
	err = driver.PProf(&driver.Options{
		Flagset:    &flags{set: flag.NewFlagSet("pprof", flag.ContinueOnError), args: args},
		Fetch:      fetcher(ps),
		Sym:        noSymbols{},
		Obj:        noObjects{},
		UI:         &said,
		HTTPServer: serve,
	})
	if err != nil {
		return nil, errors.Join(err, said.err())
	}
	return html, nil
}

// response keeps what a handler answers.
type response struct {
	header http.Header
	body   bytes.Buffer
	failed bool
}

func (r *response) Header() http.Header         { return r.header }
func (r *response) Write(b []byte) (int, error) { return r.body.Write(b) }
func (r *response) WriteHeader(status int)      { r.failed = status != http.StatusOK }

// flags is the driver's view of a flag set with arguments of its own.
type flags struct {
	set  *flag.FlagSet
	args []string
}

func (f *flags) Bool(n string, d bool, u string) *bool          { return f.set.Bool(n, d, u) }
func (f *flags) Int(n string, d int, u string) *int             { return f.set.Int(n, d, u) }
func (f *flags) Float64(n string, d float64, u string) *float64 { return f.set.Float64(n, d, u) }
func (f *flags) String(n, d, u string) *string                  { return f.set.String(n, d, u) }
func (f *flags) ExtraUsage() string                             { return "" }
func (f *flags) AddExtraUsage(string)                           {}

func (f *flags) StringList(n, _, u string) *[]*string {
	var list []*string
	f.set.Func(n, u, func(s string) error {
		list = append(list, &s)
		return nil
	})
	return &list
}

// Parse returns no arguments after a wrong one, which the driver then reports
// as a missing profile.
func (f *flags) Parse(func()) []string {
	f.set.SetOutput(io.Discard)
	if err := f.set.Parse(f.args); err != nil {
		return nil
	}
	return f.set.Args()
}

type fetcher map[string]*profile.Profile

func (f fetcher) Fetch(name string, _, _ time.Duration) (*profile.Profile, string, error) {
	p := f[name]
	if p == nil {
		return nil, "", fmt.Errorf("no profile %q", name)
	}
	return p, "", nil
}

// noObjects and noSymbols keep the driver from opening files that a profile
// names. Go's profiles bring their symbols along.
type (
	noObjects struct{}
	noSymbols struct{}
)

var errNoObjects = errors.New("object files are not read")

func (noObjects) Open(string, uint64, uint64, uint64, string) (driver.ObjFile, error) {
	return nil, errNoObjects
}

func (noObjects) Disasm(string, uint64, uint64, bool) ([]driver.Inst, error) {
	return nil, errNoObjects
}

func (noSymbols) Symbolize(string, driver.MappingSources, *profile.Profile) error { return nil }

// talk keeps what the driver complains about.
type talk struct{ complaints []string }

func (t *talk) ReadLine(string) (string, error)     { return "", io.EOF }
func (t *talk) Print(...any)                        {}
func (t *talk) PrintErr(args ...any)                { t.complaints = append(t.complaints, fmt.Sprint(args...)) }
func (t *talk) IsTerminal() bool                    { return false }
func (t *talk) WantBrowser() bool                   { return false }
func (t *talk) SetAutoComplete(func(string) string) {}

func (t *talk) err() error {
	if len(t.complaints) == 0 {
		return nil
	}
	return errors.New(strings.TrimSpace(strings.Join(t.complaints, "; ")))
}
