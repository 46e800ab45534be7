// Command flux evaluates the health expressions of a Flux Kustomization as its RFC 0009 says: an object whose
// generation was not observed is in progress; then inProgress, failed and current are asked in this order.
//
//	flux KUSTOMIZATION FILE…    prints one JSON line for each object whose kind has expressions
//
// It exists so that the expressions are tested in the language's own implementation. It must not apply anything.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/google/cel-go/cel"
	"humansupport.dev/sandbox/tools/objects"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

type expressions struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	InProgress string `json:"inProgress"`
	Failed     string `json:"failed"`
	Current    string `json:"current"`
}

type kustomization struct {
	Spec struct {
		HealthCheckExprs []expressions `json:"healthCheckExprs"`
	} `json:"spec"`
}

// holds evaluates one expression with the object's top-level fields as variables.
func holds(expression string, object map[string]any) (bool, error) {
	var variables []cel.EnvOption
	for name := range object {
		variables = append(variables, cel.Variable(name, cel.DynType))
	}
	environment, err := cel.NewEnv(variables...)
	if err != nil {
		return false, err
	}
	// Parsed and not compiled, as Flux does: a field that an object lacks is then an error of the evaluation.
	parsed, issues := environment.Parse(expression)
	if issues != nil && issues.Err() != nil {
		return false, issues.Err()
	}
	program, err := environment.Program(parsed)
	if err != nil {
		return false, err
	}
	value, _, err := program.Eval(object)
	if err != nil {
		return false, fmt.Errorf("`%s`: %w", expression, err)
	}
	truth, isTruth := value.Value().(bool)
	if !isTruth {
		return false, fmt.Errorf("`%s` is no truth but %v", expression, value)
	}
	return truth, nil
}

func statusOf(wanted expressions, object *unstructured.Unstructured) (string, error) {
	observed, found, err := unstructured.NestedInt64(object.Object, "status", "observedGeneration")
	if err != nil {
		return "", err
	}
	if found && observed != object.GetGeneration() {
		return "InProgress", nil
	}
	for _, step := range []struct{ expression, status string }{
		{wanted.InProgress, "InProgress"}, {wanted.Failed, "Failed"}, {wanted.Current, "Current"},
	} {
		if step.expression == "" {
			continue
		}
		truth, err := holds(step.expression, object.Object)
		if err != nil {
			return "", err
		}
		if truth {
			return step.status, nil
		}
	}
	return "InProgress", nil
}

func run(arguments []string) error {
	if len(arguments) < 2 {
		return fmt.Errorf("say `flux KUSTOMIZATION FILE…`")
	}
	text, err := os.ReadFile(arguments[0])
	if err != nil {
		return err
	}
	var declared kustomization
	if err := yaml.Unmarshal(text, &declared); err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	for _, file := range arguments[1:] {
		documents, err := objects.Read(file)
		if err != nil {
			return err
		}
		for _, object := range documents {
			for _, wanted := range declared.Spec.HealthCheckExprs {
				if wanted.APIVersion != object.GetAPIVersion() || wanted.Kind != object.GetKind() {
					continue
				}
				status, err := statusOf(wanted, object)
				if err != nil {
					return fmt.Errorf("%s: %w", file, err)
				}
				if err := out.Encode(map[string]string{"file": file, "status": status}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "flux:", err)
		os.Exit(1)
	}
}
