//go:build aix || solaris

package multiproc

// hasGroups tells that children do not lead process groups: there is no way here
// to end one before its number can be that of another.
const hasGroups = false

func leadsGroup() bool { return false }

// awaitEnd is that of systems with groups.
func (p *process) awaitEnd() bool { return false }
