// Package crewpass starts the fake of CrewPass for tests. Copy this file; it needs nothing but Go,
// and crewpass-mock on the PATH (or named by CREWPASS_BINARY). With CREWPASS_BASE it tests against a
// server that runs already: a fake, with its token in CREWPASS_MOCK_CONTROL_TOKEN, or a real
// environment, with CPK_KEY; there a test that needs a lever is skipped.
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
	token string
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
	if fake.ready.Control == "" && options == "" {
		return fake.ready
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
		if response, err := send(request); err == nil {
			response.Body.Close()
		}
	})
	return session
}

// Post calls the control API, for instance session.Control + "/clock" with {"advance": "16m"}.
func Post(t testing.TB, url, body string) []byte {
	t.Helper()
	if strings.HasPrefix(url, "/") {
		t.Skipf("needs %s, a lever of the fake that %s does not have", url, fake.ready.Base)
	}
	request, err := http.NewRequest(http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := send(request)
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

func send(request *http.Request) (*http.Response, error) {
	if fake.token != "" {
		request.Header.Set("Authorization", "Bearer "+fake.token)
	}
	return http.DefaultClient.Do(request)
}

// connect uses the server that runs at a base URL. Only a fake has a control API.
func connect(base string) {
	fake.ready = Session{Base: base, Key: os.Getenv("CPK_KEY")}
	response, err := http.Get(base + "/__mock/health")
	if err != nil {
		fake.err = err
		return
	}
	defer response.Body.Close()
	var health struct{ Status string }
	if json.NewDecoder(response.Body).Decode(&health) == nil && health.Status == "ok" {
		fake.ready.Control = base + "/__mock"
		fake.token = os.Getenv("CREWPASS_MOCK_CONTROL_TOKEN")
	}
}

func start() {
	if base := strings.TrimRight(os.Getenv("CREWPASS_BASE"), "/"); base != "" {
		connect(base)
		return
	}
	program := os.Getenv("CREWPASS_BINARY")
	if program == "" {
		program = "crewpass-mock"
	}
	arguments := []string{"serve", "--bind", "127.0.0.1:0", "--json", "--stop-with-stdin", "--quiet"}
	command := exec.Command(program, arguments...)
	command.Stderr = os.Stderr
	for _, variable := range os.Environ() {
		// They are options of the fake, and this machine may have some for another one.
		if !strings.HasPrefix(variable, "CREWPASS_MOCK_") {
			command.Env = append(command.Env, variable)
		}
	}
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
