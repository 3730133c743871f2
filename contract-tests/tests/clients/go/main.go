// Save every document of a crew member, the way that many Go programs do: one http.Client with a timeout, a transparent
// gzip transport, CheckRedirect, a temporary file and a rename, four workers. Not an example: it shows which habits of
// good clients the gate must not call wrong.
//
//	main CREW_ID OUT_DIR
//
// Go reads SSL_CERT_FILE by itself, and speaks HTTP/2 where TLS offers it.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	tries, links, hops, workers = 4, 3, 5, 4
	perRequest                  = 5 * time.Second
	largest                     = 256 << 20
)

var (
	base  = strings.TrimRight(os.Getenv("BASE"), "/")
	hosts = strings.Split(os.Getenv("CPK_LINK_HOSTS"), ",")
	limit = 14 * time.Second
	api   = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	files = &http.Client{CheckRedirect: func(next *http.Request, via []*http.Request) error {
		next.Header.Del("Referer") // Go sets it, and it would hold the token of the link
		if len(via) > hops {
			return errors.New("too many redirects")
		}
		return allowed(next.URL)
	}}
)

// A refusal is an answer that is not 200.
type refusal struct {
	status int
	code   string
	wait   time.Duration
}

func (r *refusal) Error() string { return fmt.Sprintf("HTTP %d %s", r.status, r.code) }

// A broken answer will not get better.
type broken string

func (b broken) Error() string { return string(b) }

func allowed(link *url.URL) error {
	if (link.Scheme != "https" && (link.Scheme != "http" || strings.HasPrefix(base, "https:"))) || link.User != nil {
		return broken("a link that is not followed")
	}
	for _, host := range hosts {
		if strings.EqualFold(host, link.Host) {
			return nil
		}
	}
	return broken("a link that is not on a CrewPass host")
}

func open(ctx context.Context, client *http.Client, address string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, broken("an address that can't be read")
	}
	if client == api {
		request.Header.Set("Authorization", "Bearer "+os.Getenv("CPK_KEY"))
	}
	answer, err := client.Do(request)
	if err != nil {
		var final broken
		if errors.As(err, &final) {
			return nil, final
		}
		var network *url.Error // its text holds the link
		if errors.As(err, &network) {
			err = network.Err
		}
		return nil, fmt.Errorf("no answer: %w", err)
	}
	if answer.StatusCode == http.StatusOK {
		return answer, nil
	}
	defer answer.Body.Close()
	var envelope struct {
		Error struct {
			Code  string  `json:"code"`
			After float64 `json:"retry_after_seconds"`
		} `json:"error"`
	}
	_ = json.NewDecoder(io.LimitReader(answer.Body, 1<<16)).Decode(&envelope)
	found := &refusal{status: answer.StatusCode, code: strconv.QuoteToASCII(envelope.Error.Code)}
	found.wait = time.Duration(envelope.Error.After * float64(time.Second))
	after := answer.Header.Get("Retry-After")
	if seconds, err := strconv.Atoi(after); err == nil {
		found.wait = time.Duration(seconds) * time.Second
	} else if date, err := http.ParseTime(after); err == nil {
		found.wait = time.Until(date)
	}
	return nil, found
}

func isFinal(err error) bool {
	var refused *refusal
	if errors.As(err, &refused) {
		return refused.status != 429 && refused.status != 502 && refused.status != 503 && refused.status != 504
	}
	var final broken
	return errors.As(err, &final)
}

// retried calls attempt until it succeeds, and waits longer each time.
func retried(ctx context.Context, attempt func(context.Context) error) error {
	pause := 300 * time.Millisecond
	for number := 1; ; number++ {
		try, cancel := context.WithTimeout(ctx, perRequest)
		err := attempt(try)
		timedOut := try.Err() != nil
		cancel()
		if err == nil || isFinal(err) || number == tries || ctx.Err() != nil || (timedOut && number == 2) {
			return err
		}
		wait := pause
		var refused *refusal
		if errors.As(err, &refused) && refused.wait > wait {
			wait = refused.wait
		}
		if deadline, _ := ctx.Deadline(); time.Now().Add(wait).After(deadline) {
			return err
		}
		time.Sleep(wait)
		pause *= 2
	}
}

func getJSON(ctx context.Context, path string, into any) error {
	return retried(ctx, func(try context.Context) error {
		answer, err := open(try, api, base+path)
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(io.LimitReader(answer.Body, 16<<20))
		if err != nil {
			return err
		}
		if err := json.Unmarshal(body, into); err != nil {
			return broken("the answer is not the JSON that the contract promises")
		}
		return nil
	})
}

func segment(id string) (string, error) {
	if id == "" || id == "." || id == ".." {
		return "", broken("an id that no path can hold")
	}
	return strings.ReplaceAll(url.QueryEscape(id), "+", "%20"), nil
}

func nameFor(id, given string) string {
	plain := strings.Map(func(r rune) rune {
		if strings.ContainsRune("._-() ", r) || (r >= '0' && r <= '9') || (r|32 >= 'a' && r|32 <= 'z') {
			return r
		}
		return '_'
	}, given)
	if len(plain) > 100 {
		plain = plain[len(plain)-100:]
	}
	mark := fmt.Sprintf("%x", sha256.Sum256([]byte(id)))[:12]
	return strings.TrimRight(mark+" "+plain, ". ")
}

func save(ctx context.Context, address, folder, name string) error {
	answer, err := open(ctx, files, address)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if kind, _, _ := mime.ParseMediaType(answer.Header.Get("Content-Type")); kind == "text/html" {
		return broken("a page instead of the file")
	}
	part, err := os.CreateTemp(folder, ".download-*")
	if err != nil {
		return broken(err.Error())
	}
	defer os.Remove(part.Name())
	size, err := io.Copy(part, io.LimitReader(answer.Body, largest))
	if closed := part.Close(); err == nil {
		err = closed
	}
	switch {
	case err != nil:
		return fmt.Errorf("the body breaks off: %w", err)
	case size == 0 || size == largest:
		return broken("the file is empty, or too large")
	}
	return os.Rename(part.Name(), filepath.Join(folder, name))
}

func document(ctx context.Context, list, id, folder string) (string, error) {
	place, err := segment(id)
	if err != nil {
		return "", err
	}
	for number := 1; ; number++ {
		var link struct {
			DocumentID  *string `json:"document_id"`
			DownloadURL string  `json:"download_url"`
			FileName    string  `json:"file_name"`
		}
		if err := getJSON(ctx, list+"/"+place+"/download", &link); err != nil {
			return "", err
		}
		if link.DocumentID != nil && *link.DocumentID != id {
			return "", broken("the link is another document's")
		}
		target, err := url.Parse(link.DownloadURL)
		if err != nil {
			return "", broken("a link that can't be read")
		}
		if err := allowed(target); err != nil {
			return "", err
		}
		name := nameFor(id, link.FileName)
		err = retried(ctx, func(try context.Context) error { return save(try, link.DownloadURL, folder, name) })
		var refused *refusal
		dead := errors.As(err, &refused) && (refused.status == 403 || refused.status == 404 || refused.status == 410)
		if !dead || number == links {
			return name, err
		}
	}
}

func run(crew, folder string) error {
	home, err := url.Parse(base)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(home.Hostname()); home.Scheme != "https" && (ip == nil || !ip.IsLoopback()) {
		return errors.New("the key goes over TLS only")
	}
	if given, err := strconv.ParseFloat(os.Getenv("CPK_DEADLINE_S"), 64); err == nil {
		limit = time.Duration(0.7 * given * float64(time.Second))
	}
	ctx, stop := context.WithTimeout(context.Background(), limit)
	defer stop()
	place, err := segment(crew)
	if err != nil {
		return err
	}
	list := "/api/v2/employers/me/crew/" + place + "/documents"
	var found struct {
		Crew  string `json:"crew_unique_id"`
		Items *[]struct {
			ID string `json:"document_id"`
		} `json:"items"`
	}
	if err := getJSON(ctx, list, &found); err != nil {
		return err
	}
	if found.Items == nil || (found.Crew != "" && found.Crew != crew) {
		return broken("this is not the list of the crew member")
	}
	ids := make(chan string)
	failures := make(chan error, len(*found.Items))
	var all sync.WaitGroup
	for n := 0; n < workers; n++ {
		all.Add(1)
		go func() {
			defer all.Done()
			for id := range ids {
				name, err := document(ctx, list, id, folder)
				if err == nil {
					fmt.Printf("saved %q\n", name)
					continue
				}
				fmt.Fprintf(os.Stderr, "document %q: %v\n", id, err)
				failures <- err
				var refused *refusal
				if errors.As(err, &refused) && strings.Contains(refused.code, "scope_not_") {
					stop() // the scope is missing for every document
				}
			}
		}()
	}
	for _, item := range *found.Items {
		select {
		case ids <- item.ID:
		case <-ctx.Done():
			failures <- ctx.Err()
		}
	}
	close(ids)
	all.Wait()
	if count := len(failures); count > 0 {
		return fmt.Errorf("%d documents are missing", count)
	}
	return nil
}

func main() {
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
