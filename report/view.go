package report

import (
	"bytes"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"time"

	"github.com/gvp-bench/gvp/report/internal/wording"
	"github.com/gvp-bench/gvp/report/table"
	"github.com/gvp-bench/gvp/results"
)

// A pageView is the report as the page's template wants it.
type pageView struct {
	Title    string
	CSS      template.CSS
	ChartCSS template.CSS
	Warnings []string
	Noise    []string
	Suites   []*suiteView

	Primitives []*primitivesView

	Tables   []tableView
	Failures []failureView
	Units    []results.Unit
}

type suiteView struct {
	ID, Label string // Label is empty if it is the only suite
	Subtitle  string
	Summary   []string
	Overview  *figureView
	Decision  *decisionView
	Grains    []*grainView
	Rows      []*rowView
	Series    []*seriesView
	Profiles  []profileView
	Readings  []reading
	Noise     []string
	Machine   []fact
	Warnings  []string // about charts

	rows map[*Row]*rowView
}

// A grainView is what the page says about a [Granularity].
type grainView struct {
	ID, Title, Sentence, Definition string
	Figure                          *figureView
	Head                            []string
	Lines                           [][]string

	workload string
}

// A primitivesView is what the page says about [Primitives].
type primitivesView struct {
	ID, Title, Sentence, Definition string
	Figures                         []figureView
	Head                            []string
	Lines                           []blockLine
	Warnings                        []string // about charts
}

// A decisionView is what the page says about a [Decision].
type decisionView struct {
	ID, Title, Sentence, Definition string
	Figure                          *figureView
	Sizes                           []string
	Lines                           []decisionLine
}

// A decisionLine is a line of the map.
type decisionLine struct {
	Name   string
	Fields []decisionCell
}

// A decisionCell is a field of the map; one that was not measured has no verdict.
type decisionCell struct {
	Verdict string
	Wins    bool
	Reason  []string
}

// A seriesView is the rows of a workload that are folded: see [Suite.folded].
type seriesView struct {
	ID, Label string
	What      []string
	Rows      []*rowView
}

type rowView struct {
	ID, Label string
	What      []string // what a unit is, and how to read its figures
	Workers   string
	Verdict   string
	Sentence  string
	Figures   []figureView
	Head      []string
	Cells     []gridLine
}

// A figureView is a picture in the versions for wide and for narrow windows.
type figureView struct{ Wide, Narrow template.HTML }

type tableView struct {
	Unit, Help string
	Open       bool
	HTML       template.HTML
}

type failureView struct{ What, Error, Stderr string }

// A fact is a property of the machine or of the run.
type fact struct{ Name, Value string }

// page collects all but the pictures and the profiles.
func (r *Report) page() (*pageView, error) {
	p := &pageView{Title: r.title(), CSS: template.CSS(pageCSS), Noise: r.Noise()}
	for _, w := range r.Warnings {
		p.Warnings = append(p.Warnings, w.String())
	}
	for i, s := range r.Suites {
		v := s.view(fmt.Sprintf("s%d", i+1))
		if len(r.Suites) > 1 {
			v.Label = s.Label
		}
		p.Suites = append(p.Suites, v)
	}
	for i, one := range r.Primitives {
		v := &primitivesView{ID: fmt.Sprintf("primitives-%d", i+1), Title: r.titleOf(one), Sentence: one.Sentence(), Definition: one.Definition()}
		v.Head, v.Lines = one.table()
		p.Primitives = append(p.Primitives, v)
	}
	for _, f := range r.Failures() {
		p.Failures = append(p.Failures, failureView{What: failureName(f), Error: f.Error, Stderr: f.Stderr})
	}
	tables, err := r.Tables(true)
	if err != nil {
		return nil, err
	}
	sayWorkers(tables)
	if p.Tables, err = tableViews(tables); err != nil {
		return nil, err
	}
	if len(r.Suites) > 0 {
		p.Units = results.Units()
	}
	return p, nil
}

func (r *Report) title() string {
	if len(r.Suites) > 0 {
		return "Goroutines versus processes"
	}
	return "Benchmark report"
}

// sayWorkers makes the number of workers in the heads of columns say what it
// is.
func sayWorkers(tables *table.Tables) {
	for _, t := range tables.Tables {
		for c := range t.Cols {
			keys := slices.Clone(t.Cols[c].Keys)
			for i, k := range keys {
				if n, err := strconv.Atoi(k.Value); k.Key == "/workers" && err == nil {
					keys[i].Value = wording.Count(n, "worker") + ","
				}
			}
			t.Cols[c].Keys = keys
		}
	}
}

// tableViews makes a folded part of the page of each table.
func tableViews(tables *table.Tables) ([]tableView, error) {
	var views []tableView
	for i, t := range tables.Tables {
		one := *tables
		one.Tables = []*table.Table{t}
		var buf bytes.Buffer
		if err := one.WriteHTML(&buf); err != nil {
			return nil, fmt.Errorf("cannot make the table of %s: %w", t.Unit, err)
		}
		v := tableView{Unit: t.Unit, Open: i == 0, HTML: template.HTML(buf.String())}
		for _, u := range results.Units() {
			if u.Name == t.Unit {
				v.Help = u.Help
			}
		}
		views = append(views, v)
	}
	return views, nil
}

// view collects what the page says about a suite.
func (s *Suite) view(id string) *suiteView {
	v := &suiteView{
		ID: id, Subtitle: s.provenance(),
		Summary: s.Summary(), Readings: s.readings(), Noise: s.Noise(), Machine: s.facts(),
		rows: make(map[*Row]*rowView),
	}
	for i, g := range s.Granularities() {
		v.Grains = append(v.Grains, &grainView{
			ID: fmt.Sprintf("%s-grain-%d", id, i+1), Title: g.Title(), Sentence: g.Sentence(), Definition: g.Definition(),
			Head: granularityHead, Lines: g.lines(), workload: g.Workload,
		})
	}
	if d, ok := s.Decision(); ok {
		v.Decision = d.view(id + "-decision")
	}
	findings := make(map[*Row]Finding)
	for _, f := range s.Findings() {
		findings[f.Row] = f
	}
	for i, r := range s.Rows {
		row := &rowView{ID: fmt.Sprintf("%s-%d", id, i+1), Label: r.Label(), What: s.Run.about(r.Workload)}
		if f, ok := findings[r]; ok {
			row.Workers = wording.Count(f.Workers, "worker")
			row.Verdict, row.Sentence = f.Verdict(), f.rest()
		}
		row.Head, row.Cells = s.grid(r)
		v.rows[r] = row
		if !s.folded(r) {
			v.Rows = append(v.Rows, row)
			continue
		}
		if n := len(v.Series); n == 0 || v.Series[n-1].Label != r.Workload {
			v.Series = append(v.Series, &seriesView{ID: row.ID, Label: r.Workload, What: row.What})
		}
		series := v.Series[len(v.Series)-1]
		series.Rows = append(series.Rows, row)
	}
	return v
}

// view collects what the page says about the map.
func (d Decision) view(id string) *decisionView {
	v := &decisionView{ID: id, Title: decisionTitle, Sentence: d.Sentence(), Definition: d.Definition()}
	for _, decade := range d.Decades {
		v.Sizes = append(v.Sizes, decadeName(decade))
	}
	for _, l := range d.Lines {
		line := decisionLine{Name: l.Name()}
		for _, f := range l.Fields {
			var cell decisionCell
			if f != nil {
				cell = decisionCell{f.verdict(), len(f.Among) == 1, f.reason()}
			}
			line.Fields = append(line.Fields, cell)
		}
		v.Lines = append(v.Lines, line)
	}
	return v
}

// draw places the pictures, with their styles in the palette.
func (v *suiteView) draw(drawings []drawing, styles *palette) {
	for _, d := range drawings {
		f, err := d.view(styles)
		if err != nil {
			v.Warnings = append(v.Warnings, fmt.Sprintf("no chart %s: %v", d.Name, err))
			continue
		}
		switch i := slices.IndexFunc(v.Grains, func(g *grainView) bool { return d.granularity == g.workload }); {
		case i >= 0:
			v.Grains[i].Figure = &f
		case d.decision:
			v.Decision.Figure = &f
		case d.Row == nil:
			v.Overview = &f
		default:
			row := v.rows[d.Row]
			row.Figures = append(row.Figures, f)
		}
	}
}

// draw places the pictures.
func (v *primitivesView) draw(drawings []drawing, styles *palette) {
	for _, d := range drawings {
		f, err := d.view(styles)
		if err != nil {
			v.Warnings = append(v.Warnings, fmt.Sprintf("no chart %s: %v", d.Name, err))
			continue
		}
		v.Figures = append(v.Figures, f)
	}
}

// view returns the picture as it stands in the page.
func (d *drawing) view(styles *palette) (f figureView, err error) {
	if d.err != nil {
		return f, d.err
	}
	if f.Wide, err = styles.inline(d.light, d.dark, "wide", d.Alt); err != nil {
		return f, err
	}
	f.Narrow, err = styles.inline(d.narrowLight, d.narrowDark, "narrow", d.Alt)
	return f, err
}

// facts describes the run and its machine.
func (s *Suite) facts() []fact {
	var all []fact
	add := func(name, value string) {
		if value != "" && value != "0" {
			all = append(all, fact{name, value})
		}
	}
	if s.Run == nil {
		for _, c := range s.config {
			add(c.Key, c.Value)
		}
		return all
	}
	run, m, b := s.Run.Run, s.Run.Machine, s.Run.Bench
	add("started", run.Started.Format(time.RFC1123))
	if !run.Finished {
		add("state", "not finished: complete it with gvp run --resume "+s.Run.Folder)
	}
	add("rounds", fmt.Sprint(run.Rounds))
	add("seed", fmt.Sprint(run.Seed))
	add("length of a sample", run.Target.String())
	add("CPU", m.CPU)
	add("CPUs online", fmt.Sprint(m.CPUs))
	add("CPUs usable", fmt.Sprint(m.UsableCPUs))
	if m.CPULimit > 0 {
		add("CPU quota", factor(m.CPULimit))
	}
	add("simultaneous multithreading", yesNo(m.SMT))
	add("frequency governor", m.Governor)
	add("frequency driver", m.Driver)
	add("virtual machine", yesNo(m.Hypervisor))
	if m.Memory > 0 {
		add("memory", quantity(float64(m.Memory), "B"))
	}
	if m.MemoryLimit > 0 {
		add("memory limit", quantity(float64(m.MemoryLimit), "B"))
	}
	add("system", m.OS+"/"+m.Arch)
	add("kernel", m.Kernel)
	for _, key := range []string{"GOGC", "GOMEMLIMIT", "GODEBUG"} {
		add(key, m.Env[key])
	}
	add("Go", b.GoVersion)
	add("architecture level", b.Level)
	add("GOEXPERIMENT", b.Experiment)
	add("bench binary", b.Name)
	add("module", b.Module)
	revision := b.Revision
	if b.Modified != nil && *b.Modified {
		revision += ", with changes that are not committed"
	}
	add("revision", revision)
	return all
}

func yesNo(b *bool) string {
	switch {
	case b == nil:
		return ""
	case *b:
		return "yes"
	}
	return "no"
}
