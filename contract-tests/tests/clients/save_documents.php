<?php
// Save every document of a crew member with PHP's curl extension: one handle that is used again, a body that is written
// to a file while it arrives, exceptions that nobody catches (PHP then ends with 255). Not an example: it shows which
// habits of good clients the gate must not call wrong.
//
//     php save_documents.php CREW_ID OUT_DIR
//
// It trusts the authorities of the system only, since PHP reads none of the variables that name others.

declare(strict_types=1);

const TRIES = 4;
const LINKS = 3;
const HOPS = 5;
const LARGEST = 256 << 20;

$base = rtrim(getenv('BASE'), '/');
$hosts = explode(',', strtolower(getenv('CPK_LINK_HOSTS') ?: parse_url($base, PHP_URL_HOST)));
$end = microtime(true) + 0.7 * (float) (getenv('CPK_DEADLINE_S') ?: 3600);
$curl = curl_init();

/** A step that failed. Its text holds neither the key nor a link. */
class Failure extends RuntimeException
{
    public function __construct(string $text, public int $status = 0, public string $error = '', public int $tries = 1, public float $wait = 0)
    {
        parent::__construct($text);
    }
}

/** One GET. The body goes to `$file` if the answer is a 200, or else into the result. */
function get(string $url, array $headers, $file = null): array
{
    global $curl, $end;
    $head = [];
    $body = '';
    curl_reset($curl);
    curl_setopt_array($curl, [
        CURLOPT_URL => $url,
        CURLOPT_HTTPHEADER => $headers,
        CURLOPT_PROTOCOLS => CURLPROTO_HTTP | CURLPROTO_HTTPS,
        CURLOPT_PATH_AS_IS => true,
        CURLOPT_ENCODING => '',
        CURLOPT_NETRC => CURL_NETRC_IGNORED,
        CURLOPT_CONNECTTIMEOUT_MS => 4000,
        CURLOPT_LOW_SPEED_LIMIT => 256,
        CURLOPT_LOW_SPEED_TIME => 4,
        CURLOPT_TIMEOUT_MS => max(1, (int) (1000 * ($end - microtime(true)))),
        CURLOPT_HEADERFUNCTION => function ($curl, $line) use (&$head) {
            $parts = explode(':', $line, 2);
            if (isset($parts[1])) {
                $head[strtolower($parts[0])] = trim($parts[1]);
            }
            return strlen($line);
        },
        CURLOPT_WRITEFUNCTION => function ($curl, $piece) use (&$body, $file) {
            if ($file !== null && curl_getinfo($curl, CURLINFO_RESPONSE_CODE) === 200) {
                return ftell($file) > LARGEST ? 0 : fwrite($file, $piece);
            }
            $body .= $piece;
            return strlen($body) > 16 << 20 ? 0 : strlen($piece);
        },
    ]);
    curl_exec($curl);
    if ($number = curl_errno($curl)) {
        $tries = match ($number) {
            CURLE_OPERATION_TIMEDOUT => 2,
            CURLE_WRITE_ERROR, CURLE_SSL_CACERT, CURLE_SSL_PEER_CERTIFICATE, CURLE_URL_MALFORMAT => 1,
            default => TRIES,
        };
        throw new Failure('no whole answer: ' . curl_strerror($number), tries: $tries);
    }
    return [curl_getinfo($curl, CURLINFO_RESPONSE_CODE), $head, $body];
}

function refused(int $status, array $head, string $body): Failure
{
    $error = json_decode($body, true);
    $error = is_array($error) && is_array($error['error'] ?? null) ? $error['error'] : [];
    $code = is_string($error['code'] ?? null) && preg_match('/^[a-z_]{1,64}$/D', $error['code']) ? $error['code'] : '';
    $wait = is_numeric($error['retry_after_seconds'] ?? null) ? (float) $error['retry_after_seconds'] : 0.0;
    $after = $head['retry-after'] ?? '';
    if (ctype_digit($after)) {
        $wait = (float) $after;
    } elseif (($date = DateTime::createFromFormat(DateTimeInterface::RFC7231, $after)) !== false) {
        $wait = $date->getTimestamp() - microtime(true);
    }
    return new Failure("HTTP $status $code", $status, $code, in_array($status, [429, 502, 503, 504]) ? TRIES : 1, $wait);
}

function retried(callable $attempt)
{
    global $end;
    for ($number = 1; ; $number++) {
        try {
            return $attempt();
        } catch (Failure $failure) {
            $pause = max($failure->wait + 0.01, 0.25 * 2 ** $number);
            if ($number >= $failure->tries || microtime(true) + $pause > $end) {
                throw $failure;
            }
            usleep((int) (1e6 * $pause));
        }
    }
}

function json(string $path): stdClass
{
    global $base;
    $body = retried(function () use ($base, $path) {
        [$status, $head, $body] = get($base . $path, ['Authorization: Bearer ' . getenv('CPK_KEY')]);
        return $status === 200 ? $body : throw refused($status, $head, $body);
    });
    $found = json_decode($body, false, 64, JSON_THROW_ON_ERROR);
    return $found instanceof stdClass ? $found : throw new Failure('the answer is not an object');
}

function allowed(string $url): string
{
    global $base, $hosts;
    $parts = parse_url($url);
    $scheme = strtolower($parts['scheme'] ?? '');
    $place = strtolower($parts['host'] ?? '') . (isset($parts['port']) ? ":{$parts['port']}" : '');
    $isSafe = $scheme === 'https' || ($scheme === 'http' && !str_starts_with($base, 'https:'));
    if (!$isSafe || isset($parts['user']) || !in_array($place, $hosts, true)) {
        throw new Failure('a link that is not on a CrewPass host');
    }
    return $url;
}

function segment(string $id): string
{
    return in_array($id, ['', '.', '..'], true) ? throw new Failure('an id that no path can hold') : rawurlencode($id);
}

function save(string $url, string $folder, string $name): void
{
    $part = tempnam($folder, 'part');
    try {
        $file = fopen($part, 'wb');
        for ($hop = 0; ; $hop++) {
            [$status, $head, $body] = get(allowed($url), [], $file);
            if (!in_array($status, [301, 302, 303, 307, 308]) || !isset($head['location']) || $hop === HOPS) {
                break;
            }
            $url = preg_match('#^[a-z][a-z0-9+.-]*:#i', $head['location'])
                ? $head['location']
                : preg_replace('#^(\w+://[^/]+).*#s', '$1', $url) . '/' . ltrim($head['location'], '/');
        }
        fclose($file);
        if ($status !== 200) {
            throw refused($status, $head, $body);
        }
        if (str_starts_with($head['content-type'] ?? '', 'text/html')) {
            throw new Failure('a page instead of the file');
        }
        clearstatcache();
        if (filesize($part) === 0) {
            throw new Failure('the file is empty');
        }
        chmod($part, 0644);
        rename($part, "$folder/$name");
    } finally {
        if (file_exists($part)) {
            unlink($part);
        }
    }
}

function document(string $list, string $id, string $folder): string
{
    for ($number = 1; ; $number++) {
        $link = json("$list/" . segment($id) . '/download');
        if (($link->document_id ?? $id) !== $id || !is_string($link->download_url ?? null)) {
            throw new Failure('not a link of the document');
        }
        $given = is_string($link->file_name ?? null) ? $link->file_name : '';
        $name = rtrim(substr(hash('sha256', $id), 0, 12) . '-' . substr(preg_replace('/[^\w.-]/', '_', $given), -80), '.');
        try {
            retried(fn() => save($link->download_url, $folder, $name));
            return $name;
        } catch (Failure $failure) {
            if (!in_array($failure->status, [403, 404, 410]) || $number === LINKS) {
                throw $failure;
            }
        }
    }
}

[, $crew, $folder] = $argv;
if (!preg_match('#^(https:|http://(localhost|127\.[\d.]+|\[::1\])([:/]|$))#', $base)) {
    throw new Failure('the key goes over TLS only');
}
$list = '/api/v2/employers/me/crew/' . segment($crew) . '/documents';
$found = json($list);
if (($found->crew_unique_id ?? $crew) !== $crew || !is_array($found->items ?? null)) {
    throw new Failure('this is not the list of the crew member');
}
$missing = 0;
foreach ($found->items as $item) {
    $id = $item->document_id;
    try {
        $name = document($list, $id, $folder);
        echo "saved $name\n";
    } catch (Failure | JsonException $failure) {
        $missing++;
        fwrite(STDERR, 'document ' . json_encode($id) . ': ' . $failure->getMessage() . "\n");
        if ($failure instanceof Failure && str_starts_with($failure->error, 'scope_not_')) {
            break;
        }
    }
}
if ($missing > 0) {
    throw new Failure("$missing documents are missing");
}
