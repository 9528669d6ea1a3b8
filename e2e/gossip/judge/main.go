// Judge runs members of hashicorp/memberlist as MetalLB's speaker configures them, by order of whoever started it: one
// JSON object a line on standard input, and on standard output answers (with the order's id) and what the members tell
// (with "event"). It ends when its standard input does.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"
)

// Order is what is asked for. Which fields count depends on Op.
type Order struct {
	ID   int    `json:"id"`
	Op   string `json:"op"`
	Name string `json:"name"`

	// start
	Address  string         `json:"address"`
	Port     int            `json:"port"`
	Keys     []string       `json:"keys"`
	Profile  string         `json:"profile"`
	Label    string         `json:"label"`
	Override map[string]any `json:"override"`
	Meta     string         `json:"meta"`
	Delegate bool           `json:"delegate"`

	// join
	Addresses []string `json:"addresses"`
	// leave
	TimeoutMs int `json:"timeoutMs"`
	// sendUser
	To      string `json:"to"`
	Payload string `json:"payload"`
}

var output struct {
	sync.Mutex
	*json.Encoder
}

func say(line map[string]any) {
	output.Lock()
	defer output.Unlock()
	_ = output.Encode(line)
}

// now is the time of the monotonic clock that Node.js calls process.hrtime, in milliseconds.
func now() float64 {
	return monotonicMs()
}

func main() {
	output.Encoder = json.NewEncoder(os.Stdout)
	members := newMembers()
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 0, 64<<10), 16<<20)
	say(map[string]any{"event": "ready"})
	for lines.Scan() {
		var order Order
		if err := json.Unmarshal(lines.Bytes(), &order); err != nil {
			fmt.Fprintln(os.Stderr, "not an order:", err)
			os.Exit(2)
		}
		go func() {
			began := time.Now()
			result, err := members.obey(order)
			answer := map[string]any{"id": order.ID, "tookMs": time.Since(began).Seconds() * 1000}
			if err != nil {
				answer["error"] = err.Error()
			} else {
				answer["result"] = result
			}
			say(answer)
		}()
	}
}
