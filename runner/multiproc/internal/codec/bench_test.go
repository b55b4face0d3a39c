package codec

import (
	"testing"
	"time"
)

type tree struct {
	Name        string
	Left, Right *tree
}

func grown(n int) *tree {
	if n == 0 {
		return nil
	}
	return &tree{"node", grown(n - 1), grown(n - 1)}
}

func BenchmarkCodec(b *testing.B) {
	bench(b, "type=int", 7)
	bench(b, "type=flat", flat{A: 1})
	bench(b, "type=ints", make([]int, 1000))
	bench(b, "type=bools", make([]bool, 1000))
	bench(b, "type=strings", make([]string, 1000))
	bench(b, "type=letter", letter{Name: "n", Tags: []string{"a", "b"}, Map: map[string]int{"k": 1}, When: time.Unix(1, 0)})
	bench(b, "type=tree", grown(8))
	bench(b, "type=anys", func() (s []any) {
		for i := range 1000 {
			s = append(s, int64(i))
		}
		return s
	}())
}

func bench[T any](b *testing.B, name string, v T) {
	c, err := For[T]()
	if err != nil {
		b.Fatal(err)
	}
	msg, err := c.Append(nil, v)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("do=encode/"+name, func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if msg, err = c.Append(msg[:0], v); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("do=decode/"+name, func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := c.Decode(msg); err != nil {
				b.Fatal(err)
			}
		}
	})
}
