package main

import (
	"encoding/json"
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// A version says what this gvp was built from.
type version struct {
	Version   string `json:"version"` // of the module; (devel) when built from a source tree
	Revision  string `json:"revision,omitempty"`
	Modified  *bool  `json:"modified,omitempty"` // whether the source differed from the revision
	GoVersion string `json:"goVersion"`
	Platform  string `json:"platform"`
}

func (t *tool) versionCommand() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "version",
		Short: "Say which gvp this is",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			v := readVersion()
			if format == "json" {
				return t.writeJSON(v)
			}
			_, err := fmt.Fprintln(t.stdout, v)
			return err
		},
	}
	addChoice(c, &format, "format", "text", []string{"text", "json"}, "how to write it")
	return c
}

func readVersion() version {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return version{Version: "unknown"}
	}
	v := version{Version: info.Main.Version, GoVersion: info.GoVersion}
	if v.Version == "" {
		v.Version = "(devel)"
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	v.Platform = settings["GOOS"] + "/" + settings["GOARCH"]
	v.Revision = settings["vcs.revision"]
	if m, ok := settings["vcs.modified"]; ok {
		modified := m == "true"
		v.Modified = &modified
	}
	return v
}

func (v version) String() string {
	s := "gvp " + v.Version
	if v.Revision != "" {
		s += " (" + v.Revision
		if v.Modified != nil && *v.Modified {
			s += ", modified"
		}
		s += ")"
	}
	return s + " " + v.GoVersion + " " + v.Platform
}

// writeJSON writes v to standard output, for programs.
func (t *tool) writeJSON(v any) error {
	enc := json.NewEncoder(t.stdout)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("cannot write to standard output: %w", err)
	}
	return nil
}
