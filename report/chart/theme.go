package chart

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot/vg/draw"
)

// Theme names a set of colours. The zero value is Light.
type Theme string

const (
	Light Theme = "light" // dark ink on white
	Dark  Theme = "dark"  // light ink on the near-black of GitHub's dark pages
)

type theme struct {
	paper color.NRGBA
	ink   color.NRGBA // titles, names, whiskers
	muted color.NRGBA // subtitles, captions, value labels
	axis  color.NRGBA // the line that values stand on
	rule  color.NRGBA // grid
	hues  [12]color.NRGBA
}

// The first seven hues are Okabe and Ito's (https://jfly.uni-koeln.de/color/),
// moved away from the paper where they had less than 3:1 contrast with it;
// their black and yellow became a grey, because ink is black and yellow is lost on white.
// The rest are further hues of like weight, for names that are not modes.
func (t Theme) colours() (theme, error) {
	switch t {
	case "", Light:
		return theme{
			paper: rgb(0xffffff), ink: rgb(0x1f2328), muted: rgb(0x656d76), axis: rgb(0x8c959f), rule: rgb(0xdfe3e8),
			hues: [12]color.NRGBA{
				rgb(0x6e7781), rgb(0x0072b2), rgb(0xc98500), rgb(0x3699d6), rgb(0x009e73), rgb(0xd55e00), rgb(0xc26296),
				rgb(0x7a6f00), rgb(0x7a4fb5), rgb(0x8c564b), rgb(0x008c95), rgb(0xa3203a),
			},
		}, nil
	case Dark:
		return theme{
			paper: rgb(0x0d1117), ink: rgb(0xe6edf3), muted: rgb(0x9198a1), axis: rgb(0x6e7681), rule: rgb(0x262c36),
			hues: [12]color.NRGBA{
				rgb(0x8b949e), rgb(0x3a8fd6), rgb(0xe69f00), rgb(0x7fcbf5), rgb(0x12a87c), rgb(0xe0661f), rgb(0xd287b1),
				rgb(0xb8ab2e), rgb(0xa47de0), rgb(0xb98474), rgb(0x2fb5bd), rgb(0xe5576f),
			},
		}, nil
	}
	return theme{}, fmt.Errorf("chart: unknown theme %q: want %s or %s", t, Light, Dark)
}

func rgb(v uint32) color.NRGBA {
	return color.NRGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), 0xff}
}

func alpha(c color.NRGBA, a uint8) color.NRGBA {
	c.A = a
	return c
}

// mix returns a moved towards b by t of the way.
func mix(a, b color.NRGBA, t float64) color.NRGBA {
	m := func(x, y uint8) uint8 { return uint8(math.Round(float64(x) + t*(float64(y)-float64(x)))) }
	return color.NRGBA{m(a.R, b.R), m(a.G, b.G), m(a.B, b.B), 0xff}
}

// legible returns c, moved towards the ink until it reads as small type on the
// paper: WCAG 2.2, success criterion 1.4.3, asks for 4.5:1.
func (th theme) legible(c color.NRGBA) color.NRGBA {
	for t := 0.0; t < 1; t += 0.05 {
		if m := mix(c, th.ink, t); contrast(m, th.paper) >= 4.5 {
			return m
		}
	}
	return th.ink
}

// filled returns hue in a strength of 0 to 1 on the paper, and the colour of type
// on it: paper or ink, whichever reads better. Where neither has the 4.5:1 that
// small type needs, the fill is lighter than was asked for.
func (th theme) filled(hue color.NRGBA, strength float64) (fill, lettering color.NRGBA) {
	for ; strength > 0; strength -= 0.02 {
		fill, lettering = mix(th.paper, hue, strength), th.ink
		if contrast(th.paper, fill) > contrast(th.ink, fill) {
			lettering = th.paper
		}
		if contrast(lettering, fill) >= 4.5 {
			return fill, lettering
		}
	}
	return th.paper, th.ink
}

// contrast is the contrast ratio of WCAG 2.2, 1 to 21.
func contrast(a, b color.NRGBA) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// luminance is the relative luminance of WCAG 2.2.
func luminance(c color.NRGBA) float64 {
	lin := func(v uint8) float64 {
		f := float64(v) / 255
		if f <= 0.04045 {
			return f / 12.92
		}
		return math.Pow((f+0.055)/1.055, 2.4)
	}
	return 0.2126*lin(c.R) + 0.7152*lin(c.G) + 0.0722*lin(c.B)
}

// look is how one series appears in every chart of a report.
type look struct {
	name  string
	hue   color.NRGBA
	glyph draw.GlyphDrawer
}

// slot returns the fixed place of a mode among the hues and glyphs, so that a
// mode looks the same in every chart, whichever others stand beside it.
func slot(mode string) (int, bool) {
	for i, m := range [...]string{"serial", "goroutine", "gomaxprocs1", "thread", "process", "spawn", "hybrid"} {
		if m == mode {
			return i, true
		}
	}
	return 0, false
}

// looks gives each name its look: modes their own, other names the free places
// in the order in which they come, skipping the grey of the base line.
func (th theme) looks(names []string) []look {
	taken := make(map[int]bool)
	for _, n := range names {
		if i, ok := slot(n); ok {
			taken[i] = true
		}
	}
	next := 1
	out := make([]look, len(names))
	for k, n := range names {
		i, ok := slot(n)
		if !ok {
			for next < len(th.hues) && taken[next] {
				next++
			}
			i = next
			next++
		}
		turn := i / len(th.hues) // a second turn has the same hues with other glyphs
		out[k] = look{n, th.hues[i%len(th.hues)], glyphs[(i+turn)%len(glyphs)]}
	}
	return out
}

// faded is the lighter shade of c, for the upper part of a stacked bar.
func (th theme) faded(c color.NRGBA) color.NRGBA { return mix(c, th.paper, 0.5) }
