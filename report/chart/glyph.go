package chart

import (
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// glyphs are in the order of the hues. All are filled and of like area.
var glyphs = [...]draw.GlyphDrawer{
	draw.CircleGlyph{},
	draw.CircleGlyph{},
	draw.BoxGlyph{},
	polygon{4, 0, 1.25},           // diamond
	polygon{3, 0, 1.3},            // triangle
	polygon{3, math.Pi, 1.3},      // triangle on its point
	polygon{5, 0, 1.15},           // pentagon
	polygon{6, math.Pi / 6, 1.1},  // hexagon
	polygon{3, math.Pi / 2, 1.3},  // triangle to the left
	polygon{3, -math.Pi / 2, 1.3}, // triangle to the right
	polygon{8, math.Pi / 8, 1.05}, // octagon
}

// polygon is a regular polygon with its first corner turned from the top.
type polygon struct {
	corners int
	turn    float64 // radians, counter-clockwise
	size    float64 // radius of the corners over that of a circle of like area
}

// DrawGlyph implements draw.GlyphDrawer.
func (g polygon) DrawGlyph(c *draw.Canvas, sty draw.GlyphStyle, at vg.Point) {
	var p vg.Path
	for i := range g.corners {
		sin, cos := math.Sincos(math.Pi/2 + g.turn + 2*math.Pi*float64(i)/float64(g.corners))
		r := sty.Radius * vg.Length(g.size)
		corner := vg.Point{X: at.X + r*vg.Length(cos), Y: at.Y + r*vg.Length(sin)}
		if i == 0 {
			p.Move(corner)
		} else {
			p.Line(corner)
		}
	}
	p.Close()
	c.SetColor(sty.Color)
	c.Fill(p)
}
