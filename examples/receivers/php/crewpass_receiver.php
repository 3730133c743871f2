<?php
/**
 * Receive CrewPass webhooks, and keep the current documents of the people that they name.
 *
 *     WEBHOOK_PATH=/webhooks WEBHOOK_SECRET=whsec_… BASE=https://partners.crewpass.co.uk CPK_KEY=cpk_live_… \
 *         OUT_DIR=documents php -S 127.0.0.1:9000 crewpass_receiver.php
 *
 * Needs PHP 8.1 or later with curl. It works before it answers: after a 2xx the documents are saved, and after a 503 the
 * sender comes again.
 */
declare(strict_types=1);

const DOCUMENT_EVENTS = ['crew.document.processed', 'crew.document.updated'];
const WINDOW = 300; // seconds between the signed time and this machine's
const LARGEST = 256 << 20; // bytes of a file

/** A request to the API that failed. */
final class Failed extends RuntimeException
{
    public function __construct(string $message, public readonly bool $isFinal)
    {
        parent::__construct($message);
    }
}

/** Decides about one delivery, and returns the status of the answer. */
function receive(string $body): int
{
    $secret = (string) getenv('WEBHOOK_SECRET');
    $timestamp = $_SERVER['HTTP_X_CREWPASS_TIMESTAMP'] ?? '';
    if ($secret === '') {
        error_log('WEBHOOK_SECRET is not set: no delivery can be verified');
        return 500;
    }
    if (!is_signed($secret, $timestamp, $body) || !is_fresh($timestamp)) {
        return 401;
    }
    // The id and the type come from the body alone: the other headers are not signed.
    $event = json_decode($body, true, 64);
    [$id, $type] = [$event['event_id'] ?? null, $event['event_type'] ?? null];
    if (!is_array($event) || !is_string($id) || !is_string($type)) {
        return 400;
    }
    if (!in_array($type, DOCUMENT_EVENTS, true)) {
        return 204; // also a type that is new: the sender would send it again
    }
    $person = is_array($event['data'] ?? null) ? $event['data']['crew_unique_id'] ?? null : null;
    return is_string($person) ? handle($id, $person) : 400;
}

/** Compares the signature of the raw body in constant time. During a rotation there are two, after a comma. */
function is_signed(string $secret, string $timestamp, string $body): bool
{
    $right = 'v1=' . hash_hmac('sha256', "$timestamp.$body", $secret);
    $given = explode(',', $_SERVER['HTTP_X_CREWPASS_SIGNATURE'] ?? '');
    return (bool) array_filter($given, fn (string $each) => hash_equals($right, trim($each)));
}

/** Refuses a delivery that was recorded long ago. */
function is_fresh(string $timestamp): bool
{
    return preg_match('/^[0-9]{1,12}$/D', $timestamp) === 1 && abs(time() - (int) $timestamp) <= WINDOW;
}

/** Saves the documents of an event, once. The second of two deliveries at once waits for the first. */
function handle(string $id, string $person): int
{
    $state = (getenv('HOME') ?: '.') . '/.crewpass-receiver';
    @mkdir($state, 0700, true);
    $done = $state . '/' . hash('sha256', $id);
    $lock = fopen("$done.lock", 'c');
    if ($lock === false || !flock($lock, LOCK_EX)) {
        return 503;
    }
    if (file_exists($done)) {
        return 200;
    }
    try {
        bring($person);
    } catch (Failed $failed) {
        error_log($failed->getMessage());
        if (!$failed->isFinal) {
            return 503;
        }
    }
    return touch($done) ? 200 : 503;
}

/** Saves every current document of a person. */
function bring(string $person): void
{
    $base = rtrim((string) getenv('BASE'), '/');
    $documents = "$base/api/v2/employers/me/crew/" . rawurlencode($person) . '/documents';
    $list = get_json($documents);
    foreach (is_array($list['items'] ?? null) ? $list['items'] : throw new Failed('this is not a list', false) as $item) {
        $id = $item['document_id'] ?? null;
        if (!is_string($id)) {
            throw new Failed('an item has no document_id', false);
        }
        save(get_json("$documents/" . rawurlencode($id) . '/download'), $id);
    }
}

/** Follows a link: the whole file under its final name, or nothing. */
function save(array $link, string $id): void
{
    $url = $link['download_url'] ?? null;
    if (!is_string($url) || !is_ours($url)) {
        throw new Failed('a link that is not on a CrewPass host', false);
    }
    $out = (getenv('OUT_DIR') ?: 'documents');
    @mkdir($out, 0777, true);
    // The id is in front, so no other document has the name, and nothing in the name can leave the folder.
    $plain = fn (string $text) => preg_replace('/[^A-Za-z0-9._-]/', '_', $text);
    $mark = preg_match('/^[a-z0-9_]{1,40}$/D', $id) === 1 ? $id : substr(hash('sha256', $id), 0, 16);
    $path = $out . '/' . $mark . '-' . substr($plain((string) ($link['file_name'] ?? 'document')), -100);
    $part = tempnam($out, 'part-');
    $file = fopen($part, 'wb');
    try {
        request($url, [], $file);
        clearstatcache();
        if (!fflush($file) || filesize($part) === 0 || !rename($part, $path)) {
            throw new Failed('the file could not be saved', false);
        }
    } finally {
        fclose($file);
        if (file_exists($part)) {
            unlink($part);
        }
    }
}

/** Returns true if a file may come from an address: BASE's host, or one that CPK_LINK_HOSTS lists. */
function is_ours(string $url): bool
{
    $place = fn (string $url) => strtolower(parse_url($url, PHP_URL_HOST) . ':' . (parse_url($url, PHP_URL_PORT)
        ?? (parse_url($url, PHP_URL_SCHEME) === 'https' ? 443 : 80)));
    $hosts = [$place((string) getenv('BASE')), ...explode(',', strtolower((string) getenv('CPK_LINK_HOSTS')))];
    return in_array($place($url), $hosts, true);
}

/** The JSON object that the API answers with. */
function get_json(string $url): array
{
    $body = tmpfile();
    request($url, ['Authorization: Bearer ' . getenv('CPK_KEY')], $body);
    rewind($body);
    $found = json_decode((string) stream_get_contents($body), true);
    return is_array($found) ? $found : throw new Failed('the answer is not a JSON object', false);
}

/** Sends a GET, and writes the 200 answer to a file. Redirects are not followed. */
function request(string $url, array $headers, $into): void
{
    $curl = curl_init($url);
    curl_setopt_array($curl, [
        CURLOPT_HTTPHEADER => $headers,
        CURLOPT_PROTOCOLS => CURLPROTO_HTTP | CURLPROTO_HTTPS,
        CURLOPT_PROXY => '',
        CURLOPT_CONNECTTIMEOUT => 4,
        CURLOPT_LOW_SPEED_LIMIT => 256,
        CURLOPT_LOW_SPEED_TIME => 4,
        CURLOPT_MAXFILESIZE => LARGEST,
        CURLOPT_FILE => $into,
    ]);
    $came = curl_exec($curl);
    $status = curl_getinfo($curl, CURLINFO_RESPONSE_CODE);
    if ($came !== true || $status !== 200) {
        throw new Failed("HTTP $status", in_array($status, [401, 403, 404], true));
    }
}

if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
    http_response_code(405);
} elseif (parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH) !== (getenv('WEBHOOK_PATH') ?: '/webhooks')) {
    http_response_code(404);
} else {
    http_response_code(receive((string) file_get_contents('php://input')));
}
