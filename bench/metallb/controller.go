//go:build tools

// Package metallb pins MetalLB's controller for `go build`.
package metallb

import _ "go.universe.tf/metallb/controller"
