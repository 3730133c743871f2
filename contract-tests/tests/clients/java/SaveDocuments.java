import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Save every document of a crew member with java.net.http as it comes: it offers HTTP/2 with every first request, also
 * without TLS (`Upgrade: h2c`), and keeps connections. A file is written while it arrives, and gets its name by a move
 * that replaces nothing. Not an example: it shows which habits of good clients the gate must not call wrong.
 *
 *     java -cp FOLDER SaveDocuments CREW_ID OUT_DIR
 */
public final class SaveDocuments {
    private static final int TRIES = 4;
    private static final int LINKS = 3;
    private static final int HOPS = 5;
    private static final long LARGEST = 256L << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(4);
    private static final String BASE = System.getenv("BASE").replaceAll("/+$", "");
    private static final URI ORIGIN = URI.create(BASE);
    private static final List<String> HOSTS =
            List.of(Objects.requireNonNullElse(System.getenv("CPK_LINK_HOSTS"), ORIGIN.getAuthority()).split(","));

    /** A step that failed. Its text holds neither the key nor a link. */
    private static final class Failure extends Exception {
        final int status;
        final String code;
        final boolean again;
        final Duration wait;

        Failure(String text) {
            this(text, 0, "", false, Duration.ZERO);
        }

        Failure(String text, int status, String code, boolean again, Duration wait) {
            super(text);
            this.status = status;
            this.code = code;
            this.again = again;
            this.wait = wait;
        }
    }

    private final HttpClient http;
    private final Instant end;
    private final Path folder;
    private int timeouts;

    private SaveDocuments(Path folder) throws Exception {
        this.folder = folder;
        var given = System.getenv("CPK_DEADLINE_S");
        end = Instant.now().plusMillis(given == null ? 3_600_000 : (long) (700 * Double.parseDouble(given)));
        http = HttpClient.newBuilder().connectTimeout(PATIENCE).sslContext(trust()).build();
    }

    private static SSLContext trust() throws Exception {
        var file = System.getenv("CPK_CA_FILE");
        if (file == null) return SSLContext.getDefault();
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (var in = Files.newInputStream(Path.of(file))) {
            int number = 0;
            for (var each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("authority-" + number++, each);
            }
        }
        var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }

    /** The address of a link or redirect, if a file may come from there. */
    private static URI allowed(URI from, String link) throws Failure {
        try {
            var uri = from == null ? URI.create(link) : from.resolve(link);
            var isSafe = "https".equals(uri.getScheme()) || ("http".equals(uri.getScheme()) && !BASE.startsWith("https:"));
            if (isSafe && HOSTS.contains(uri.getAuthority())) return uri;
        } catch (IllegalArgumentException unreadable) {
            throw new Failure("a link that can't be read");
        }
        throw new Failure("a link that is not on a CrewPass host");
    }

    /** Sends a GET and gives the answer, with its whole body, within the time that is left. */
    private <T> HttpResponse<T> send(URI address, boolean withKey, BodyHandler<T> body) throws Failure {
        var request = HttpRequest.newBuilder(address).timeout(PATIENCE);
        if (withKey) request.header("Authorization", "Bearer " + System.getenv("CPK_KEY"));
        var answer = http.sendAsync(request.build(), body);
        try {
            // The timeout of a request ends with the head of its answer; this one is for the whole.
            var left = Math.min(Duration.between(Instant.now(), end).toMillis(), 2 * PATIENCE.toMillis());
            return answer.get(Math.max(1, left), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            answer.cancel(true);
            throw new Failure("no answer in time", 0, "", false, Duration.ZERO);
        } catch (InterruptedException | ExecutionException error) {
            var cause = error.getCause();
            var isSlow = cause instanceof java.net.http.HttpTimeoutException;
            throw new Failure("no answer: " + (cause == null ? error : cause).getClass().getSimpleName(), 0, "",
                    cause instanceof IOException && (!isSlow || timeouts++ == 0), Duration.ZERO);
        }
    }

    private static Failure refused(HttpResponse<?> answer, String body) {
        var code = "";
        var wait = Duration.ZERO;
        try {
            if (Json.parse(body) instanceof Map<?, ?> all && all.get("error") instanceof Map<?, ?> error) {
                if (error.get("code") instanceof String text && text.matches("[a-z_]{1,64}")) code = text;
                if (error.get("retry_after_seconds") instanceof Double some) wait = Duration.ofMillis((long) (some * 1000) + 1);
            }
        } catch (IllegalArgumentException notJson) {
            // The status says enough.
        }
        var after = answer.headers().firstValue("Retry-After").orElse("");
        if (after.matches("\\d{1,9}")) {
            wait = Duration.ofSeconds(Long.parseLong(after));
        } else {
            try {
                wait = Duration.between(Instant.now(), ZonedDateTime.parse(after, DateTimeFormatter.RFC_1123_DATE_TIME));
            } catch (DateTimeParseException neither) {
                // As if there was none.
            }
        }
        var status = answer.statusCode();
        return new Failure(("HTTP " + status + " " + code).strip(), status, code, List.of(429, 502, 503, 504).contains(status), wait);
    }

    private <T> T retried(Callable<T> attempt) throws Exception {
        for (int number = 1; ; number++) {
            try {
                return attempt.call();
            } catch (Failure failure) {
                var pause = Duration.ofMillis(250L << number);
                if (failure.wait.compareTo(pause) > 0) pause = failure.wait;
                if (!failure.again || number == TRIES || Instant.now().plus(pause).isAfter(end)) throw failure;
                Thread.sleep(pause.toMillis());
            }
        }
    }

    private Map<?, ?> json(String path) throws Exception {
        var answer = retried(() -> {
            var found = send(URI.create(BASE + path), true, BodyHandlers.ofString());
            if (found.statusCode() != 200) throw refused(found, found.body());
            return found;
        });
        try {
            if (Json.parse(answer.body()) instanceof Map<?, ?> object) return object;
        } catch (IllegalArgumentException notJson) {
            throw new Failure("the answer is not JSON");
        }
        throw new Failure("the answer is not an object");
    }

    private static String segment(String id) throws Failure {
        if (List.of("", ".", "..").contains(id)) throw new Failure("an id that no path can hold");
        return URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20").replace("*", "%2A");
    }

    /** A body to a file, while it arrives, if the answer is the file; to memory if it is not. */
    private static BodyHandler<Object> into(Path part) {
        return head -> {
            var kind = head.headers().firstValue("Content-Type").orElse("");
            var length = head.headers().firstValueAsLong("Content-Length").orElse(0);
            if (head.statusCode() == 200 && !kind.startsWith("text/html") && length <= LARGEST) {
                return BodySubscribers.mapping(BodySubscribers.ofFile(part), path -> (Object) path);
            }
            return BodySubscribers.mapping(BodySubscribers.ofString(StandardCharsets.UTF_8), text -> (Object) text);
        };
    }

    private void follow(URI link, Path part) throws Failure {
        for (int hop = 0; ; hop++) {
            var answer = send(link, false, into(part));
            var location = answer.headers().firstValue("Location");
            if (List.of(301, 302, 303, 307, 308).contains(answer.statusCode()) && location.isPresent() && hop < HOPS) {
                link = allowed(link, location.get());
            } else if (answer.body() instanceof Path) {
                return;
            } else if (answer.statusCode() == 200) {
                throw new Failure("a page instead of the file");
            } else {
                throw refused(answer, (String) answer.body());
            }
        }
    }

    private Object save(URI link, String name) throws Exception {
        var part = Files.createTempFile(folder, "download-", ".tmp");
        try {
            follow(link, part);
            if (Files.size(part) == 0) throw new Failure("the file is empty");
            var target = folder.resolve(name);
            try {
                Files.createLink(target, part);
            } catch (FileAlreadyExistsException taken) {
                if (Files.isSymbolicLink(target) || Files.mismatch(target, part) >= 0) throw new Failure("a name that is taken");
            }
            return null;
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private static String nameFor(String id, Object given) throws Exception {
        var digest = java.security.MessageDigest.getInstance("SHA-256").digest(id.getBytes(StandardCharsets.UTF_8));
        var mark = java.util.HexFormat.of().formatHex(digest, 0, 8);
        var plain = (given instanceof String text ? text : "").replaceAll("[^\\p{Alnum}._-]", "_");
        return mark + "-" + plain.substring(Math.max(0, plain.length() - 80)).replaceAll("[.]+$", "");
    }

    private String document(String list, String id) throws Exception {
        for (int number = 1; ; number++) {
            var link = json(list + "/" + segment(id) + "/download");
            if (link.get("document_id") != null && !id.equals(link.get("document_id"))) throw new Failure("another document's link");
            if (!(link.get("download_url") instanceof String address)) throw new Failure("the answer has no download_url");
            var target = allowed(null, address);
            var name = nameFor(id, link.get("file_name"));
            try {
                retried(() -> save(target, name));
                return name;
            } catch (Failure failure) {
                if (!List.of(403, 404, 410).contains(failure.status) || number == LINKS) throw failure;
            }
        }
    }

    private int run(String crew) throws Exception {
        if (!"https".equals(ORIGIN.getScheme()) && !InetAddress.getByName(ORIGIN.getHost()).isLoopbackAddress()) {
            throw new Failure("the key goes over TLS only");
        }
        var list = "/api/v2/employers/me/crew/" + segment(crew) + "/documents";
        var found = json(list);
        var owner = found.get("crew_unique_id");
        if ((owner != null && !crew.equals(owner)) || !(found.get("items") instanceof List<?> items)) {
            throw new Failure("this is not the list of the crew member");
        }
        int missing = 0;
        var seen = new HashSet<String>();
        for (Object item : items) {
            if (!(item instanceof Map<?, ?> fields && fields.get("document_id") instanceof String id)) {
                throw new Failure("an item has no document_id");
            }
            try {
                if (seen.add(id)) System.out.println("saved " + document(list, id));
            } catch (Failure failure) {
                missing++;
                System.err.println("document " + id.replaceAll("[^ -~]", "?") + ": " + failure.getMessage());
                if (failure.status == 401 || failure.code.startsWith("scope_not_")) break;
            }
        }
        return missing;
    }

    public static void main(String[] args) throws Exception {
        try {
            System.exit(new SaveDocuments(Path.of(args[1])).run(args[0]) == 0 ? 0 : 1);
        } catch (Failure failure) {
            System.err.println(failure.getMessage());
            System.exit(2);
        }
    }
}
