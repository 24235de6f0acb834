// Package cluster keeps the modules in go.mod whose CRD files the tests apply; nothing is built from it.
package cluster

import (
	_ "istio.io/api/networking/v1"
	_ "sigs.k8s.io/gateway-api/apis/v1"
)
