// Command argocd runs Argo CD's customizations as Argo CD does, without its source.
//
//	argocd test DIR           runs every health_test.yaml and action_test.yaml below DIR
//	argocd health DIR FILE…   prints the health of each object as a JSON line
//
// It exists so that the scripts are tested in the interpreter that will run them, with no more than its libraries:
// base, table, package, and of os only time and date. It must not give the scripts anything that Argo CD does not.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"humansupport.dev/sandbox/tools/objects"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// health is what Argo CD shows of a resource.
type health struct {
	Status  string `json:"status"`
	Message string `json:"message"`
}

var healthWords = map[string]bool{
	"Unknown": true, "Progressing": true, "Suspended": true, "Healthy": true, "Degraded": true, "Missing": true,
}

// healthOf asks the script, except where Argo CD itself answers first: a resource that is being deleted.
func healthOf(script string, object *unstructured.Unstructured) (health, error) {
	if object.GetDeletionTimestamp() != nil {
		return health{"Progressing", "Pending deletion"}, nil
	}
	value, err := runScript(script, object)
	if err != nil {
		return health{}, err
	}
	text, err := json.Marshal(value)
	if err != nil {
		return health{}, err
	}
	var found health
	if err := json.Unmarshal(text, &found); err != nil {
		return health{}, err
	}
	if !healthWords[found.Status] {
		return health{}, fmt.Errorf("%q is no health that Argo CD knows", found.Status)
	}
	return found, nil
}

func showHealth(folder string, files []string) error {
	out := json.NewEncoder(os.Stdout)
	for _, file := range files {
		documents, err := objects.Read(file)
		if err != nil {
			return err
		}
		for _, object := range documents {
			kind := object.GroupVersionKind()
			found, err := healthOf(filepath.Join(folder, kind.Group, kind.Kind, "health.lua"), object)
			if err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
			if err := out.Encode(map[string]string{"file": file, "status": found.Status, "message": found.Message}); err != nil {
				return err
			}
		}
	}
	return nil
}

func run(arguments []string) error {
	switch {
	case len(arguments) == 2 && arguments[0] == "test":
		return testAll(arguments[1])
	case len(arguments) >= 2 && arguments[0] == "health":
		return showHealth(arguments[1], arguments[2:])
	}
	return fmt.Errorf("say `argocd test DIR` or `argocd health DIR FILE…`")
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "argocd:", err)
		os.Exit(1)
	}
}
