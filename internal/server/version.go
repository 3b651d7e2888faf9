package server

import "runtime/debug"

// release is the version of the product; CHANGELOG.md tells what is in it.
const release = "0.1.0"

// Version returns the release, with the commit it was built from where the
// build recorded one.
func Version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				return release + "+" + s.Value[:12]
			}
		}
	}
	return release
}
