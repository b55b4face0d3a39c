package main

import (
	"slices"

	"github.com/gvp-bench/gvp/runner/campaign"
)

// unknown is the error of a name on the command line that is none of names.
func unknown(what, name string, names []string) error {
	return usageError{campaign.UnknownName(what, name, names)}
}

// known returns an error unless name is one of names.
func known(what, name string, names []string) error {
	if slices.Contains(names, name) {
		return nil
	}
	return unknown(what, name, names)
}
