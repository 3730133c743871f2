package crewpass

import (
	"net/http"
	"testing"
)

const link = "/api/v2/employers/me/crew/crew_001/documents/doc_1/download"

func ask(t *testing.T, fake Session) int {
	request, _ := http.NewRequest(http.MethodGet, fake.Base+link, nil)
	request.Header.Set("Authorization", "Bearer "+fake.Key)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}

func TestTheStoreIsDownOnce(t *testing.T) {
	fake := Open(t, "")
	Post(t, fake.Control+"/store", `{"down": true, "at": "link", "times": 1}`)
	if first, second := ask(t, fake), ask(t, fake); first != 503 || second != 200 {
		t.Fatalf("%d, then %d", first, second)
	}
}

func TestAnotherSessionSeesNothingOfIt(t *testing.T) {
	one, other := Open(t, ""), Open(t, `{"clock": "2026-06-08T10:00:00Z"}`)
	Post(t, one.Control+"/store", `{"down": true, "at": "link", "times": 1}`)
	if status := ask(t, other); status != 200 {
		t.Fatal(status)
	}
}
