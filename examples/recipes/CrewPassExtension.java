import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store.CloseableResource;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.opentest4j.TestAbortedException;

/**
 * The fake of CrewPass for JUnit 5. Copy this file; it needs Java 11, JUnit 5, and crewpass-mock on the PATH (or named by
 * CREWPASS_BINARY). With CREWPASS_BASE it tests against a server that runs already: a fake, with its token in
 * CREWPASS_MOCK_CONTROL_TOKEN, or a real environment, with CPK_KEY; there a test that needs a lever is skipped.
 *
 * <pre>
 * {@literal @}ExtendWith(CrewPassExtension.class)
 * class MyTest {
 *     {@literal @}Test
 *     void lists(CrewPassExtension.Session fake) { ... }
 * }
 * </pre>
 */
public final class CrewPassExtension implements ParameterResolver {
    private static final Namespace NAMESPACE = Namespace.create(CrewPassExtension.class);
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    /** A world for one test, with its own keys, clock, store and faults. JUnit closes it after the test. */
    public static final class Session implements CloseableResource {
        public final String base;
        public final String key;
        /** The URL of the control API; null where there is none. */
        public final String control;

        private Session(String json) {
            this(field(json, "base"), field(json, "key"), field(json, "control"));
        }

        private Session(String base, String key, String control) {
            this.base = base;
            this.key = key;
            this.control = control;
        }

        /** Calls the control API, for instance {@code post("/clock", "{\"advance\": \"16m\"}")}. */
        public String post(String path, String body) {
            if (control == null) {
                throw new TestAbortedException("needs " + path + ", a lever of the fake that " + base + " does not have");
            }
            return send(HttpRequest.newBuilder(URI.create(control + path)).POST(BodyPublishers.ofString(body)));
        }

        @Override
        public void close() {
            if (control == null) {
                return;
            }
            send(HttpRequest.newBuilder(URI.create(control)).DELETE());
        }
    }

    /** One server for all tests of a run. A process ends with its standard input, also if this one is killed. */
    private static final class Fake implements CloseableResource {
        private final Process process;
        private final Session first;

        private Fake() {
            String base = System.getenv().getOrDefault("CREWPASS_BASE", "").replaceAll("/+$", "");
            if (!base.isEmpty()) {
                process = null;
                first = new Session(base, System.getenv("CPK_KEY"), isFake(base) ? base + "/__mock" : null);
                return;
            }
            String binary = System.getenv().getOrDefault("CREWPASS_BINARY", "crewpass-mock");
            ProcessBuilder builder = new ProcessBuilder(
                    binary, "serve", "--bind", "127.0.0.1:0", "--json", "--stop-with-stdin", "--quiet");
            // They are options of the fake, and this machine may have some for another one.
            builder.environment().keySet().removeIf(name -> name.startsWith("CREWPASS_MOCK_"));
            try {
                process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
                String line = new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)).readLine();
                if (line == null) {
                    throw new IllegalStateException(binary + " does not start");
                }
                first = new Session(line);
            } catch (IOException error) {
                throw new UncheckedIOException(error);
            }
        }

        private Session open(String options) {
            if (first.control == null && options.equals("{}")) {
                return first;
            }
            if (first.control == null) {
                return new Session(first.post("/sessions", options));
            }
            URI sessions = URI.create(first.control + "/sessions");
            return new Session(send(HttpRequest.newBuilder(sessions).POST(BodyPublishers.ofString(options))));
        }

        @Override
        public void close() throws IOException, InterruptedException {
            if (process == null) {
                return;
            }
            process.getOutputStream().close();
            process.waitFor();
        }
    }

    /** Opens a further session, such as {@code open(context, "{\"clock\": \"2026-06-08T10:00:00Z\"}")}. */
    public static Session open(ExtensionContext context, String options) {
        Fake fake = context.getRoot().getStore(NAMESPACE).getOrComputeIfAbsent("fake", key -> new Fake(), Fake.class);
        Session session = fake.open(options);
        context.getStore(NAMESPACE).put(session, session);
        return session;
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Session.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return open(context, "{}");
    }

    private static boolean isFake(String base) {
        try {
            HttpRequest health = HttpRequest.newBuilder(URI.create(base + "/__mock/health")).build();
            return HTTP.send(health, HttpResponse.BodyHandlers.ofString()).body().startsWith("{\"status\":\"ok\"");
        } catch (IOException | InterruptedException error) {
            throw new IllegalStateException(base, error);
        }
    }

    private static String send(HttpRequest.Builder request) {
        String token = System.getenv("CREWPASS_MOCK_CONTROL_TOKEN");
        // It is for a fake that runs already.
        if (token != null && System.getenv("CREWPASS_BASE") != null) {
            request.header("Authorization", "Bearer " + token);
        }
        try {
            HttpResponse<String> response =
                    HTTP.send(request.header("Content-Type", "application/json").build(), HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() >= 300) {
                throw new IllegalStateException(response.uri() + ": " + response.body());
            }
            return response.body();
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        } catch (InterruptedException error) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(error);
        }
    }

    /** Returns a field of the answer. Neither an address nor a key has a character that JSON escapes. */
    private static String field(String json, String name) {
        Matcher found = Pattern.compile("\"" + name + "\":\\s*\"([^\"\\\\]*)\"").matcher(json);
        if (!found.find()) {
            throw new IllegalStateException("no " + name + " in " + json);
        }
        return found.group(1);
    }
}
