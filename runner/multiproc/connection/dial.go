package connection

import (
	"context"
	"fmt"
	"net"

	"github.com/gvp-bench/gvp/runner/multiproc"
)

// Dial connects to a listener. The error is one of the network, or [ErrAuth].
// Network and address are those of [Listen].
func Dial(ctx context.Context, network, address string, o Options) (*multiproc.Connection, error) {
	o, err := o.withDefaults(network)
	if err != nil {
		return nil, fmt.Errorf("dial %s: %w", address, err)
	}
	if o.TLS != nil && o.TLS.ServerName == "" {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return nil, fmt.Errorf("dial %s: %w", address, err)
		}
		o.TLS.ServerName = host
	}
	var d net.Dialer
	socket, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err // it names the address
	}
	c, err := establish(ctx, socket, client, o)
	if err != nil {
		return nil, fmt.Errorf("dial %s: %w", address, err)
	}
	return c, nil
}
