package report

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gvp-bench/gvp/report/profile"
)

// A profileView says on the page where the time of a mode went.
type profileView struct {
	Mode     string
	Seconds  string // CPU time that the samples stand for
	Shares   []shareView
	Top      []functionView
	File     string // the merged profile, relative to the page
	Flame    string // the flame graph page, relative to the page
	Warnings []string
}

type shareView struct {
	Kind    string
	Class   string  // for its colour
	Percent string  // for people
	Width   float64 // percent
}

type functionView struct{ Name, Kind, Flat, Cum string }

// profiles summarises the profiles of the run and writes a flame graph page for
// each into the folder of the page.
func (s *Suite) profiles(dir, prefix string) ([]profileView, error) {
	sorted := slices.Clone(s.Run.Profiles)
	slices.SortStableFunc(sorted, func(a, b Profile) int { return cmp.Compare(modeRank(a.Mode), modeRank(b.Mode)) })
	var views []profileView
	for _, p := range sorted {
		v := summarised(p)
		if rel, err := relative(dir, p.Path); err == nil {
			v.File = rel
		}
		name := prefix + "flame-" + fileName(p.Mode) + ".html"
		page, err := profile.FlamePage(p.Data, profile.PageOptions{Title: p.Mode + ": where the CPU time went"})
		switch {
		case err == nil:
			if err := writeFile(filepath.Join(dir, name), page); err != nil {
				return nil, err
			}
			v.Flame = name
		case !errors.Is(err, profile.ErrNoSamples):
			v.Warnings = append(v.Warnings, err.Error())
		}
		views = append(views, v)
	}
	return views, nil
}

func summarised(p Profile) profileView {
	sum := profile.Summarize(p.Data, 8)
	v := profileView{Mode: p.Mode, Seconds: quantity(sum.Seconds, "sec"), Warnings: sum.Warnings}
	for _, sh := range sum.Shares {
		v.Shares = append(v.Shares, shareView{
			Kind:    string(sh.Kind),
			Class:   strings.ReplaceAll(string(sh.Kind), " ", "-"),
			Percent: percent(sh.Fraction),
			Width:   100 * sh.Fraction,
		})
	}
	for _, f := range sum.Top {
		v.Top = append(v.Top, functionView{
			Name: f.Name, Kind: string(f.Kind),
			Flat: percent(f.Flat / sum.Seconds), Cum: percent(f.Cum / sum.Seconds),
		})
	}
	return v
}

// relative returns the path of a file as a link from a page in dir.
func relative(dir, file string) (string, error) {
	from, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	to, err := filepath.Abs(file)
	if err != nil {
		return "", err
	}
	rel, err := filepath.Rel(from, to)
	if err != nil {
		return "", fmt.Errorf("no way from %s to %s: %w", dir, file, err)
	}
	return filepath.ToSlash(rel), nil
}
