package main

import (
	"encoding/hex"
	"fmt"
	"log"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/memberlist"
)

type running struct {
	*memberlist.Memberlist
	config   *memberlist.Config
	delegate *delegate
}

type members struct {
	sync.Mutex
	byName map[string]*running
}

func newMembers() *members {
	return &members{byName: map[string]*running{}}
}

func (m *members) obey(order Order) (any, error) {
	if order.Op == "start" {
		return m.start(order)
	}
	if order.Op == "shutdownAll" {
		return nil, m.shutdownAll()
	}
	m.Lock()
	member := m.byName[order.Name]
	m.Unlock()
	if member == nil {
		return nil, fmt.Errorf("no member %q", order.Name)
	}
	switch order.Op {
	case "join":
		joined, err := member.Join(order.Addresses)
		result := map[string]any{"joined": joined}
		if err != nil {
			result["failure"] = err.Error()
		}
		return result, nil
	case "leave":
		return nil, member.Leave(time.Duration(order.TimeoutMs) * time.Millisecond)
	case "shutdown": // without a leave before: a crash, as far as others can tell
		m.Lock()
		delete(m.byName, order.Name)
		m.Unlock()
		return nil, member.Shutdown()
	case "members":
		return list(member.Members()), nil
	case "healthScore":
		return member.GetHealthScore(), nil
	case "setMeta":
		member.delegate.setMeta([]byte(order.Meta))
		return nil, member.UpdateNode(time.Second)
	case "useKeys": // the first is the one to encrypt with
		return nil, useKeys(member.config.Keyring, order.Keys)
	case "sendUser":
		for _, node := range member.Members() {
			if node.Name == order.To {
				return nil, member.SendBestEffort(node, []byte(order.Payload))
			}
		}
		return nil, fmt.Errorf("no member %q to send to", order.To)
	case "sendUserReliable":
		for _, node := range member.Members() {
			if node.Name == order.To {
				return nil, member.SendReliable(node, []byte(order.Payload))
			}
		}
		return nil, fmt.Errorf("no member %q to send to", order.To)
	}
	return nil, fmt.Errorf("no such order: %q", order.Op)
}

func (m *members) start(order Order) (any, error) {
	config, err := configuration(order)
	if err != nil {
		return nil, err
	}
	one := &running{config: config}
	config.Logger = log.New(logWriter(order.Name), "", 0)
	config.Events = &listener{name: order.Name}
	config.Conflict = &listener{name: order.Name}
	if order.Delegate {
		one.delegate = &delegate{name: order.Name, meta: []byte(order.Meta)}
		config.Delegate = one.delegate
	}
	one.Memberlist, err = memberlist.Create(config)
	if err != nil {
		return nil, err
	}
	m.Lock()
	defer m.Unlock()
	m.byName[order.Name] = one
	return map[string]any{"port": one.LocalNode().Port}, nil
}

func (m *members) shutdownAll() error {
	m.Lock()
	defer m.Unlock()
	for name, member := range m.byName {
		delete(m.byName, name)
		if err := member.Shutdown(); err != nil {
			return err
		}
	}
	return nil
}

// A line of the library's log.
type logWriter string

func (name logWriter) Write(line []byte) (int, error) {
	text := strings.TrimSuffix(string(line), "\n")
	if !strings.HasPrefix(text, "[DEBUG]") {
		say(map[string]any{"event": "log", "observer": string(name), "line": text, "atMs": now()})
	}
	return len(line), nil
}

func describe(node *memberlist.Node) map[string]any {
	states := map[memberlist.NodeStateType]string{
		memberlist.StateAlive: "alive", memberlist.StateSuspect: "suspect", memberlist.StateDead: "dead", memberlist.StateLeft: "left",
	}
	return map[string]any{
		"name": node.Name, "address": node.Addr.String(), "addressOctets": len(node.Addr), "port": node.Port,
		"meta": string(node.Meta), "status": states[node.State],
	}
}

func list(nodes []*memberlist.Node) []map[string]any {
	described := make([]map[string]any, 0, len(nodes))
	for _, node := range nodes {
		described = append(described, describe(node))
	}
	sort.Slice(described, func(i, j int) bool { return described[i]["name"].(string) < described[j]["name"].(string) })
	return described
}

type listener struct{ name string }

func (l *listener) tell(event string, node *memberlist.Node) {
	say(map[string]any{"event": event, "observer": l.name, "member": describe(node), "atMs": now()})
}

func (l *listener) NotifyJoin(node *memberlist.Node)   { l.tell("join", node) }
func (l *listener) NotifyLeave(node *memberlist.Node)  { l.tell("leave", node) }
func (l *listener) NotifyUpdate(node *memberlist.Node) { l.tell("update", node) }
func (l *listener) NotifyConflict(existing, other *memberlist.Node) {
	l.tell("conflict", other)
}

// What MetalLB does not have: for telling whether ours passes on what others' applications say.
type delegate struct {
	sync.Mutex
	name string
	meta []byte
}

func (d *delegate) setMeta(meta []byte) {
	d.Lock()
	defer d.Unlock()
	d.meta = meta
}

func (d *delegate) NodeMeta(int) []byte {
	d.Lock()
	defer d.Unlock()
	return d.meta
}

func (d *delegate) NotifyMsg(payload []byte) {
	say(map[string]any{"event": "user", "observer": d.name, "payload": string(payload), "atMs": now()})
}

func (d *delegate) GetBroadcasts(int, int) [][]byte { return nil }
func (d *delegate) LocalState(bool) []byte          { return []byte("state of " + d.name) }
func (d *delegate) MergeRemoteState(state []byte, _ bool) {
	if len(state) > 0 {
		say(map[string]any{"event": "userState", "observer": d.name, "payload": string(state), "atMs": now()})
	}
}

func useKeys(ring *memberlist.Keyring, texts []string) error {
	wanted := map[string]bool{}
	for index, text := range texts {
		key, err := hex.DecodeString(text)
		if err != nil {
			return err
		}
		wanted[string(key)] = true
		if err := ring.AddKey(key); err != nil {
			return err
		}
		if index == 0 {
			if err := ring.UseKey(key); err != nil {
				return err
			}
		}
	}
	for _, key := range ring.GetKeys() {
		if !wanted[string(key)] {
			if err := ring.RemoveKey(key); err != nil {
				return err
			}
		}
	}
	return nil
}
