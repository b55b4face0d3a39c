package gate

import (
	"bytes"
	"encoding/csv"
	"math"
	"strconv"
	"strings"

	"github.com/gvp-bench/gvp/report/internal/wording"
	"github.com/gvp-bench/gvp/results"
)

var csvHead = []string{
	"benchmark", "unit", "verdict", "base", "head", "ratio", "lo", "hi", "level",
	"n", "confirming", "p", "detectable", "exact", "improved", "note",
}

// csv has a record for each decision, then one for each failure, in base units.
// What is not known is empty.
func (o *Outcome) csv() ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	records := [][]string{csvHead}
	for _, d := range o.Decisions {
		r := d.Result
		records = append(records, []string{
			field(d.Benchmark), field(d.Unit), string(d.Verdict),
			number(d.Base), number(d.Head), number(r.Ratio), number(r.Lo), number(r.Hi), number(r.Level),
			strconv.Itoa(r.N), strconv.Itoa(r.Confirmation.N), number(r.Adjusted), number(d.worst()),
			strconv.FormatBool(r.Certain), strconv.FormatBool(d.improved()), field(wording.Breakable(d.Why())),
		})
	}
	for _, f := range o.Failures {
		record := make([]string, len(csvHead))
		record[0], record[2], record[len(record)-1] = field(f.Benchmark), "not measured", field(f.what())
		records = append(records, record)
	}
	if err := w.WriteAll(records); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// worst is the smallest ratio for the worse that could have been seen; NaN if
// there is none.
func (d Decision) worst() float64 {
	if r := d.Result.Detectable; r != 0 && !math.IsInf(r, 0) {
		return r
	}
	return math.NaN()
}

// number writes a number as exactly as it is; nothing if it is none.
func number(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return ""
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// field makes text from outside fit for a spreadsheet, which would take some
// first letters for the start of a formula
// (https://owasp.org/www-community/attacks/CSV_Injection).
func field(text string) string {
	text = results.Printable(text)
	if text != "" && strings.ContainsRune("=+-@", rune(text[0])) {
		return "'" + text
	}
	return text
}
