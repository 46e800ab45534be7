// Command kube-controller-manager is the unmodified Kubernetes controller manager.
// The tests need it where namespaces and owner references are cleaned up.
package main

import (
	"os"

	"k8s.io/component-base/cli"
	"k8s.io/kubernetes/cmd/kube-controller-manager/app"
)

func main() {
	os.Exit(cli.Run(app.NewControllerManagerCommand()))
}
