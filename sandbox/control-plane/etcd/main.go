// Command etcd is the store behind the sandbox's API server, started as its own module documents it.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() {
	etcdmain.Main(os.Args)
}
