package main

import (
	"encoding/hex"
	"fmt"
	"time"

	"github.com/hashicorp/memberlist"
)

// configuration is what MetalLB's speaker makes (internal/speakerlist/speakerlist.go), and what the order changes.
func configuration(order Order) (*memberlist.Config, error) {
	var config *memberlist.Config
	switch order.Profile {
	case "", "lan":
		config = memberlist.DefaultLANConfig()
	case "wan":
		config = memberlist.DefaultWANConfig()
	case "local":
		config = memberlist.DefaultLocalConfig()
	default:
		return nil, fmt.Errorf("no such profile: %q", order.Profile)
	}
	config.Name = order.Name
	config.BindAddr = order.Address
	config.BindPort = order.Port
	config.AdvertisePort = order.Port
	config.Label = order.Label
	for index, text := range order.Keys {
		key, err := hex.DecodeString(text)
		if err != nil {
			return nil, err
		}
		if index == 0 {
			config.Keyring, err = memberlist.NewKeyring(nil, key)
		} else {
			err = config.Keyring.AddKey(key)
		}
		if err != nil {
			return nil, err
		}
	}
	for name, value := range order.Override {
		if err := override(config, name, value); err != nil {
			return nil, err
		}
	}
	return config, nil
}

// override sets what MetalLB's optional file may, by the names that Steelyard's configuration has for it.
func override(config *memberlist.Config, name string, value any) error {
	durations := map[string]*time.Duration{
		"tcpTimeoutMs": &config.TCPTimeout, "pushPullIntervalMs": &config.PushPullInterval,
		"probeIntervalMs": &config.ProbeInterval, "probeTimeoutMs": &config.ProbeTimeout,
		"gossipIntervalMs": &config.GossipInterval, "gossipToTheDeadTimeMs": &config.GossipToTheDeadTime,
		"deadNodeReclaimTimeMs": &config.DeadNodeReclaimTime,
	}
	numbers := map[string]*int{
		"indirectChecks": &config.IndirectChecks, "retransmitMult": &config.RetransmitMult,
		"suspicionMult": &config.SuspicionMult, "suspicionMaxTimeoutMult": &config.SuspicionMaxTimeoutMult,
		"awarenessMaxMultiplier": &config.AwarenessMaxMultiplier, "gossipNodes": &config.GossipNodes,
		"udpBufferSize": &config.UDPBufferSize,
	}
	switches := map[string]*bool{
		"disableTcpPings": &config.DisableTcpPings, "gossipVerifyIncoming": &config.GossipVerifyIncoming,
		"gossipVerifyOutgoing": &config.GossipVerifyOutgoing, "enableCompression": &config.EnableCompression,
		"skipInboundLabelCheck": &config.SkipInboundLabelCheck,
	}
	switch given := value.(type) {
	case float64:
		if field, ok := durations[name]; ok {
			*field = time.Duration(given * float64(time.Millisecond))
			return nil
		}
		if field, ok := numbers[name]; ok {
			*field = int(given)
			return nil
		}
	case bool:
		if field, ok := switches[name]; ok {
			*field = given
			return nil
		}
	}
	return fmt.Errorf("cannot set %q to %v", name, value)
}
