// Package objects reads Kubernetes objects from YAML or JSON files.
//
// It exists because all checks of health read the same fixtures. It must not interpret what it reads.
package objects

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// Read returns every object of the file, those of lists too; `-` is standard input. Numbers are what a client of the
// API server sees: int64 and float64.
func Read(file string) ([]*unstructured.Unstructured, error) {
	in := os.Stdin
	if file != "-" {
		opened, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer opened.Close()
		in = opened
	}
	documents := yaml.NewYAMLReader(bufio.NewReader(in))
	var found []*unstructured.Unstructured
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return found, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		text, err := yaml.ToJSON(document)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if string(text) == "null" {
			continue
		}
		object := &unstructured.Unstructured{}
		if err := object.UnmarshalJSON(text); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if !object.IsList() {
			found = append(found, object)
			continue
		}
		list, err := object.ToList()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		for item := range list.Items {
			found = append(found, &list.Items[item])
		}
	}
}

// One returns the only document of the file.
func One(file string) (*unstructured.Unstructured, error) {
	found, err := Read(file)
	if err != nil {
		return nil, err
	}
	if len(found) != 1 {
		return nil, fmt.Errorf("%s: one object is wanted, not %d", file, len(found))
	}
	return found[0], nil
}
