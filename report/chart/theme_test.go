package chart

import (
	"math"
	"slices"
	"testing"
)

func TestContrastIsThatOfWCAG(t *testing.T) {
	for _, c := range []struct {
		a, b uint32
		want float64
	}{{0x000000, 0xffffff, 21}, {0x777777, 0xffffff, 4.48}, {0xff0000, 0xffffff, 4.00}, {0x123456, 0x123456, 1}} {
		if got := contrast(rgb(c.a), rgb(c.b)); math.Abs(got-c.want) > 0.005 {
			t.Errorf("contrast of %06x on %06x = %.3f, want %.2f", c.a, c.b, got, c.want)
		}
	}
}

// Type needs 4.5:1 and graphics 3:1, by WCAG 2.2 (1.4.3 and 1.4.11).
func TestColoursAreLegible(t *testing.T) {
	for _, name := range []Theme{Light, Dark} {
		th, err := name.colours()
		if err != nil {
			t.Fatal(err)
		}
		if c := contrast(th.ink, th.paper); c < 10 {
			t.Errorf("%s: ink has contrast %.1f", name, c)
		}
		if c := contrast(th.muted, th.paper); c < 4.5 {
			t.Errorf("%s: muted has contrast %.1f", name, c)
		}
		if c := contrast(th.axis, th.paper); c < 3 {
			t.Errorf("%s: the axis has contrast %.1f", name, c)
		}
		for i, h := range th.hues {
			if c := contrast(h, th.paper); c < 3 {
				t.Errorf("%s: hue %d has contrast %.2f", name, i, c)
			}
			if c := contrast(th.legible(h), th.paper); c < 4.5 {
				t.Errorf("%s: type in hue %d has contrast %.2f", name, i, c)
			}
			for strength := 0.0; strength <= 1; strength += 0.01 {
				if fill, lettering := th.filled(h, strength); contrast(lettering, fill) < 4.5 {
					t.Errorf("%s: type on hue %d of strength %.2f has contrast %.2f", name, i, strength, contrast(lettering, fill))
				}
			}
			for j, o := range th.hues[:i] {
				if h == o {
					t.Errorf("%s: hues %d and %d are the same", name, i, j)
				}
			}
		}
	}
}

func TestModesKeepTheirLooks(t *testing.T) {
	th, err := Light.colours()
	if err != nil {
		t.Fatal(err)
	}
	all := th.looks(modes)
	for i, m := range modes {
		if alone := th.looks([]string{"remote", m})[1]; alone != all[i] {
			t.Errorf("%s beside another name looks like %v, not %v", m, alone, all[i])
		}
	}
	var others []string
	for _, r := range "abcdefghijklmnopqrstuvwxyz" {
		others = append(others, string(r))
	}
	looks := th.looks(slices.Concat(others[:8], modes, others[8:]))
	for i, a := range looks {
		for _, b := range looks[:i] {
			if a.hue == b.hue && a.glyph == b.glyph {
				t.Errorf("%s and %s look the same", a.name, b.name)
			}
		}
	}
}
