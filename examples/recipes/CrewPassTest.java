import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(CrewPassExtension.class)
class CrewPassTest {
    private static int ask(CrewPassExtension.Session fake) throws Exception {
        URI link = URI.create(fake.base + "/api/v2/employers/me/crew/crew_001/documents/doc_1/download");
        HttpRequest request = HttpRequest.newBuilder(link).header("Authorization", "Bearer " + fake.key).build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }

    @Test
    void theStoreIsDownOnce(CrewPassExtension.Session fake) throws Exception {
        fake.post("/store", "{\"down\": true, \"at\": \"link\", \"times\": 1}");
        assertEquals(503, ask(fake));
        assertEquals(200, ask(fake));
    }

    @Test
    void anotherSessionSeesNothingOfIt(CrewPassExtension.Session one, CrewPassExtension.Session other) throws Exception {
        one.post("/store", "{\"down\": true, \"at\": \"link\", \"times\": 1}");
        assertEquals(200, ask(other));
    }
}
