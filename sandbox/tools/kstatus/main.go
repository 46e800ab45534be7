// Command kstatus tells what kubectl's and Flux's library thinks of objects: one JSON line for each document of
// each file, `-` for standard input.
//
// It exists so that a test asks the library itself, not a copy of its rules. It must not know our kinds.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"humansupport.dev/sandbox/tools/objects"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
)

type line struct {
	File    string `json:"file"`
	Status  string `json:"status"`
	Message string `json:"message"`
}

func run(files []string) error {
	out := json.NewEncoder(os.Stdout)
	for _, file := range files {
		documents, err := objects.Read(file)
		if err != nil {
			return err
		}
		for _, object := range documents {
			result, err := status.Compute(object)
			if err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
			if err := out.Encode(line{file, result.Status.String(), result.Message}); err != nil {
				return err
			}
		}
	}
	return nil
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "kstatus:", err)
		os.Exit(1)
	}
}
