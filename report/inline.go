package report

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"html/template"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A palette collects the styles of the charts that stand in a page. A chart is
// drawn alike in both colour schemes but for its styles: so the page has each
// picture once, with the name of a class in place of each style, and says once
// what the classes are in light and in dark.
type palette struct {
	names  map[[2]string]string
	styles [][2]string // light and dark, in the order of their names
}

func newPalette() *palette { return &palette{names: make(map[[2]string]string)} }

// class returns the name of a style.
func (p *palette) class(light, dark string) string {
	key := [2]string{light, dark}
	name, ok := p.names[key]
	if !ok {
		name = "z" + strconv.FormatInt(int64(len(p.styles)), 36)
		p.names[key] = name
		p.styles = append(p.styles, key)
	}
	return name
}

// css returns the rules for the classes.
func (p *palette) css() template.CSS {
	var light, dark strings.Builder
	for _, style := range p.styles {
		name := p.names[style]
		fmt.Fprintf(&light, ".%s{%s}\n", name, style[0])
		if changed := declarations(style[0], style[1]); changed != "" {
			fmt.Fprintf(&dark, ".%s{%s}\n", name, changed)
		}
	}
	return template.CSS(light.String() + "@media (prefers-color-scheme: dark) {\n" + dark.String() + "}\n")
}

// declarations returns what of the style dark is not in the style light.
func declarations(light, dark string) string {
	had := strings.Split(light, ";")
	return strings.Join(slices.DeleteFunc(strings.Split(dark, ";"), func(d string) bool { return slices.Contains(had, d) }), ";")
}

var (
	styleAttr = regexp.MustCompile(`\s+style="([^"]*)"`)
	viewBox   = regexp.MustCompile(`^<svg [^>]*?(viewBox="[^"]*")[^>]*>\s*`)
)

// inline returns a picture, given as drawn for light and for dark pages, to
// stand in the page itself: class is for its width, alt for those who do not
// see it.
func (p *palette) inline(light, dark []byte, class, alt string) (template.HTML, error) {
	root := viewBox.FindSubmatch(light)
	if root == nil {
		return "", errors.New("the picture has no size")
	}
	of, to := styleAttr.FindAllSubmatch(light, -1), styleAttr.FindAllSubmatch(dark, -1)
	plain := styleAttr.Split(string(light), -1)
	if len(of) != len(to) || !slices.Equal(plain, styleAttr.Split(string(dark), -1)) {
		return "", errors.New("the picture differs in more than colours between light and dark")
	}
	var b bytes.Buffer
	for i, text := range plain {
		b.WriteString(text)
		if i < len(of) {
			fmt.Fprintf(&b, ` class="%s"`, p.class(string(of[i][1]), string(to[i][1])))
		}
	}
	doc := bytes.TrimPrefix(b.Bytes(), root[0])
	for _, short := range [][2]string{
		{` transform="scale(1, -1)"`, ""}, // of texts; the page's style has it
		{" />", "/>"},
		{">\n<", "><"},
	} {
		doc = bytes.ReplaceAll(doc, []byte(short[0]), []byte(short[1]))
	}
	return template.HTML(fmt.Sprintf(`<svg class="chart %s" role="img" aria-label="%s" %s>%s`, class, html.EscapeString(alt), root[1], doc)), nil
}
