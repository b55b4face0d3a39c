// Package strays has tests see to it that processes are ended together with all
// their descendants. It is for tests alone.
package strays
