// Package crewpass starts the fake of CrewPass for tests. Copy this file; it needs nothing but Go,
// and crewpass-mock on the PATH (or named by CREWPASS_BINARY).
package crewpass

import (
	"bufio"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

// Session is a world for one test, with its own keys, clock, store and faults.
type Session struct {
	Base    string `json:"base"`
	Key     string `json:"key"`
	Control string `json:"control"`
}

var fake struct {
	sync.Once
	ready Session
	stdin any // Open as long as the tests run: the fake ends with it.
	err   error
}

// Open starts the fake once for all tests of the package, and opens a session that ends with the
// test. The options are those of POST /__mock/sessions, such as {"clock": "2026-06-08T10:00:00Z"}.
func Open(t testing.TB, options string) Session {
	t.Helper()
	fake.Do(start)
	if fake.err != nil {
		t.Fatalf("crewpass-mock does not start: %v", fake.err)
	}
	if options == "" {
		options = "{}"
	}
	var session Session
	control := fake.ready.Control + "/sessions"
	if err := json.Unmarshal(Post(t, control, options), &session); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		request, _ := http.NewRequest(http.MethodDelete, session.Control, nil)
		if response, err := http.DefaultClient.Do(request); err == nil {
			response.Body.Close()
		}
	})
	return session
}

// Post calls the control API, for instance session.Control + "/clock" with {"advance": "16m"}.
func Post(t testing.TB, url, body string) []byte {
	t.Helper()
	response, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer json.RawMessage
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	if response.StatusCode >= 300 {
		t.Fatalf("%s: %s", url, answer)
	}
	return answer
}

func start() {
	program := os.Getenv("CREWPASS_BINARY")
	if program == "" {
		program = "crewpass-mock"
	}
	arguments := []string{"serve", "--bind", "127.0.0.1:0", "--json", "--stop-with-stdin", "--quiet"}
	command := exec.Command(program, arguments...)
	command.Stderr = os.Stderr
	stdin, err := command.StdinPipe()
	if err != nil {
		fake.err = err
		return
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		fake.err = err
		return
	}
	if fake.err = command.Start(); fake.err != nil {
		return
	}
	fake.stdin = stdin
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err != nil {
		fake.err = err
		return
	}
	fake.err = json.Unmarshal(line, &fake.ready)
}
