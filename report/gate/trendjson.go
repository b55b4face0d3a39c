package gate

import (
	"bytes"
	_ "embed"
	"time"
)

// trendFormat is the version of the document of trends; it rises when a field
// changes its meaning or goes.
const trendFormat = 1

//go:embed trend.schema.json
var trendSchema []byte

// TrendSchema returns the JSON Schema (draft 2020-12) of what WriteTrends writes as
// JSON.
func TrendSchema() []byte { return bytes.Clone(trendSchema) }

type (
	jsonTrends struct {
		Format int         `json:"format"`
		Trends []jsonTrend `json:"trends"`
	}
	jsonTrend struct {
		Benchmark string            `json:"benchmark"`
		Unit      string            `json:"unit"`
		Better    string            `json:"better"`
		Machine   string            `json:"machine"`
		Left      int               `json:"left"`
		Points    []jsonTrendPoint  `json:"points"`
		Changes   []jsonTrendChange `json:"changes"`
	}
	jsonTrendPoint struct {
		Revision string     `json:"revision"`
		Subject  string     `json:"subject,omitempty"`
		Time     *time.Time `json:"time,omitempty"`
		Value    jsonNumber `json:"value"`
		Lo       jsonNumber `json:"lo"`
		Hi       jsonNumber `json:"hi"`
		Checks   int        `json:"checks"`
	}
	jsonTrendChange struct {
		At       int        `json:"at"`
		Revision string     `json:"revision"`
		Before   jsonNumber `json:"before"`
		After    jsonNumber `json:"after"`
		Ratio    jsonNumber `json:"ratio"`
		P        jsonNumber `json:"p"`
		Worse    bool       `json:"worse"`
	}
)

func trendsJSON(trends []Trend) ([]byte, error) {
	doc := jsonTrends{trendFormat, []jsonTrend{}}
	for _, t := range trends {
		// Empty lists are [], not null.
		j := jsonTrend{t.Benchmark, t.Unit, "lower", t.Machine, t.Left, []jsonTrendPoint{}, []jsonTrendChange{}}
		if t.Higher {
			j.Better = "higher"
		}
		for _, p := range t.Points {
			point := jsonTrendPoint{p.Revision, p.Subject, nil, jsonNumber(p.Value), jsonNumber(p.Lo), jsonNumber(p.Hi), p.Checks}
			if !p.Time.IsZero() {
				point.Time = &p.Time
			}
			j.Points = append(j.Points, point)
		}
		for _, c := range t.Changes {
			j.Changes = append(j.Changes, jsonTrendChange{
				c.At, t.Points[c.At].Revision, jsonNumber(c.Before), jsonNumber(c.After), jsonNumber(c.After / c.Before), jsonNumber(c.P), t.worse(c),
			})
		}
		doc.Trends = append(doc.Trends, j)
	}
	return indented(doc)
}
