package chart

// Way is one of those in which something is done, whose side says what it is
// compared with.
type Way struct {
	Name string
	Side Side
}

// Side is whose way it is: the ways of a side have hues that are alike.
type Side string

const (
	Goroutines Side = "goroutines"
	Processes  Side = "processes"
	Python     Side = "Python"
	Others     Side = "" // have hues of their own
)

// sideHues are the places of each side's hues, the first being that of the side:
// goroutines and processes have those of the modes of that name.
var sideHues = map[Side][]int{
	Goroutines: {1, 3},
	Processes:  {4, 10, 7},
	Python:     {8, 6, 11},
	Others:     {9, 5, 2, 0},
}

// ways gives each way its look: the next hue of its side, with the next glyph of
// all.
func (th theme) ways(ways []Way) []look {
	next := make(map[Side]int)
	out := make([]look, len(ways))
	for i, w := range ways {
		hues := sideHues[w.Side]
		if hues == nil {
			hues = sideHues[Others]
		}
		n := next[w.Side]
		next[w.Side]++
		hue := hues[n%len(hues)]
		out[i] = look{clean(w.Name), th.hues[hue], glyphs[(hue+n/len(hues))%len(glyphs)]}
	}
	return out
}
