//go:build tools

// Package metallb pins MetalLB's programs for `go build`.
package metallb

import (
	_ "go.universe.tf/metallb/controller"
	_ "go.universe.tf/metallb/speaker"
)
