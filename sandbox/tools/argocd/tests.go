package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"

	"humansupport.dev/sandbox/tools/objects"
	"sigs.k8s.io/yaml"
)

// The forms of Argo CD's own test files.
type (
	healthTests struct {
		Tests []struct {
			HealthStatus health `json:"healthStatus"`
			InputPath    string `json:"inputPath"`
		} `json:"tests"`
	}
	action struct {
		Name     string `json:"name"`
		Disabled bool   `json:"disabled"`
	}
	actionTests struct {
		DiscoveryTests []struct {
			InputPath string   `json:"inputPath"`
			Result    []action `json:"result"`
		} `json:"discoveryTests"`
		ActionTests []struct {
			Action             string `json:"action"`
			InputPath          string `json:"inputPath"`
			ExpectedOutputPath string `json:"expectedOutputPath"`
		} `json:"actionTests"`
	}
)

type counts struct {
	passed int
	errors []error
}

func (c *counts) add(err error) {
	if err == nil {
		c.passed++
		return
	}
	c.errors = append(c.errors, err)
}

func testAll(folder string) error {
	var total counts
	walk := func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		switch entry.Name() {
		case "health_test.yaml":
			return testHealth(path, &total)
		case "action_test.yaml":
			return testActions(path, &total)
		}
		return nil
	}
	if err := filepath.WalkDir(folder, walk); err != nil {
		return err
	}
	fmt.Printf("%d passed, %d failed\n", total.passed, len(total.errors))
	if total.passed == 0 {
		total.errors = append(total.errors, fmt.Errorf("no test below %s", folder))
	}
	return errors.Join(total.errors...)
}

func load(path string, into any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := yaml.UnmarshalStrict(text, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func testHealth(path string, total *counts) error {
	var tests healthTests
	if err := load(path, &tests); err != nil {
		return err
	}
	folder := filepath.Dir(path)
	for _, test := range tests.Tests {
		input := filepath.Join(folder, test.InputPath)
		object, err := objects.One(input)
		if err != nil {
			return err
		}
		found, err := healthOf(filepath.Join(folder, "health.lua"), object)
		if err == nil && found != test.HealthStatus {
			err = fmt.Errorf("it is %+v, not %+v", found, test.HealthStatus)
		}
		if err != nil {
			err = fmt.Errorf("%s: %w", input, err)
		}
		total.add(err)
	}
	return nil
}

func testActions(path string, total *counts) error {
	var tests actionTests
	if err := load(path, &tests); err != nil {
		return err
	}
	folder := filepath.Dir(path)
	for _, test := range tests.DiscoveryTests {
		total.add(discover(folder, test.InputPath, test.Result))
	}
	for _, test := range tests.ActionTests {
		script := filepath.Join(folder, test.Action, "action.lua")
		total.add(act(script, filepath.Join(folder, test.InputPath), filepath.Join(folder, test.ExpectedOutputPath)))
	}
	return nil
}

func discover(folder, input string, wanted []action) error {
	object, err := objects.One(filepath.Join(folder, input))
	if err != nil {
		return err
	}
	value, err := runScript(filepath.Join(folder, "discovery.lua"), object)
	if err != nil {
		return err
	}
	offered, _ := value.(map[string]any)
	found := map[string]bool{}
	for name, settings := range offered {
		if _, err := os.Stat(filepath.Join(folder, name, "action.lua")); err != nil {
			return fmt.Errorf("the action %s is offered and has no script", name)
		}
		settings, _ := settings.(map[string]any)
		disabled, _ := settings["disabled"].(bool)
		found[name] = disabled
	}
	expected := map[string]bool{}
	for _, action := range wanted {
		expected[action.Name] = action.Disabled
	}
	if !reflect.DeepEqual(found, expected) {
		return fmt.Errorf("%s: disabled are %v, not %v", input, found, expected)
	}
	return nil
}

var moment = regexp.MustCompile(`"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"`)

// act compares what the script makes of the input; a moment is only compared by its form, since it is now.
func act(script, input, expected string) error {
	object, err := objects.One(input)
	if err != nil {
		return err
	}
	found, err := runScript(script, object)
	if err != nil {
		return err
	}
	wanted, err := objects.One(expected)
	if err != nil {
		return err
	}
	foundText, wantedText := comparable(found), comparable(wanted.Object)
	if foundText != wantedText {
		return fmt.Errorf("%s of %s gives\n%s\nnot\n%s", script, input, foundText, wantedText)
	}
	return nil
}

func comparable(value any) string {
	text, err := json.Marshal(withoutEmpty(value))
	if err != nil {
		return err.Error()
	}
	return moment.ReplaceAllString(string(text), `"MOMENT"`)
}

func withoutEmpty(value any) any {
	switch value := value.(type) {
	case map[string]any:
		kept := map[string]any{}
		for key, item := range value {
			if item = withoutEmpty(item); item != nil {
				kept[key] = item
			}
		}
		if len(kept) == 0 {
			return nil
		}
		return kept
	case []any:
		if len(value) == 0 {
			return nil
		}
		kept := make([]any, 0, len(value))
		for _, item := range value {
			kept = append(kept, withoutEmpty(item))
		}
		return kept
	}
	return value
}
