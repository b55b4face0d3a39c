package report

// Noise returns what made the suite's run noisy.
func (s *Suite) Noise() []string { return nil }
