<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;

/**
 * A test case with the fake of CrewPass. Copy this file; it needs PHPUnit, and crewpass-mock on the
 * PATH (or named by CREWPASS_BINARY). With CREWPASS_BASE it tests against a server that runs already: a
 * fake, with its token in CREWPASS_MOCK_CONTROL_TOKEN, or a real environment, with CPK_KEY; there a test
 * that needs a lever is skipped.
 */
abstract class CrewPassTestCase extends TestCase
{
    /** @var array{base: string, key: string, control: string}|null */
    private static ?array $fake = null;

    /** @var list<resource> The pipes of the fake, which ends with its standard input. */
    private static array $pipes = [];

    /** @var resource The process. */
    private static $process;

    /** @var list<array{base: string, key: string, control: string}> */
    private array $sessions = [];

    /**
     * Opens a session for this test: a world with its own keys, clock, store and faults.
     *
     * @param array<string, mixed> $options those of POST /__mock/sessions, such as ['clock' => '2026-06-08T10:00:00Z']
     * @return array{base: string, key: string, control: string}
     */
    protected function openSession(array $options = []): array
    {
        $base = rtrim((string) getenv('CREWPASS_BASE'), '/');
        self::$fake ??= $base === '' ? self::start() : self::connect($base);
        if (self::$fake['control'] === '' && $options === []) {
            return self::$fake;
        }
        $session = self::control('POST', self::$fake['control'] . '/sessions', $options);
        $this->sessions[] = $session;
        return $session;
    }

    protected function tearDown(): void
    {
        foreach ($this->sessions as $session) {
            self::control('DELETE', $session['control']);
        }
        $this->sessions = [];
        parent::tearDown();
    }

    /**
     * Calls the control API, for instance `$session['control'] . '/clock'` with ['advance' => '16m'].
     *
     * @param array<string, mixed>|null $body
     * @return array<string, mixed>
     */
    protected static function control(string $method, string $url, ?array $body = null): array
    {
        if (str_starts_with($url, '/')) {
            self::markTestSkipped("needs $url, a lever of the fake that " . self::$fake['base'] . ' does not have');
        }
        $headers = ['Content-Type: application/json'];
        $token = getenv('CREWPASS_MOCK_CONTROL_TOKEN');
        // It is for a fake that runs already.
        if ($token !== false && getenv('CREWPASS_BASE')) {
            $headers[] = 'Authorization: Bearer ' . $token;
        }
        $http = ['method' => $method, 'header' => $headers, 'ignore_errors' => true];
        if ($body !== null) {
            $http['content'] = json_encode((object) $body, JSON_THROW_ON_ERROR);
        }
        $answer = file_get_contents($url, false, stream_context_create(['http' => $http]));
        $answer = json_decode((string) $answer, true, 512, JSON_THROW_ON_ERROR);
        if (isset($answer['error'])) {
            throw new RuntimeException($url . ': ' . $answer['error']['message']);
        }
        return $answer;
    }

    /**
     * Uses the server that runs at a base URL. Only a fake has a control API.
     *
     * @return array{base: string, key: string, control: string}
     */
    private static function connect(string $base): array
    {
        $context = stream_context_create(['http' => ['ignore_errors' => true]]);
        $health = file_get_contents($base . '/__mock/health', false, $context);
        if ($health === false) {
            throw new RuntimeException('nothing answers at ' . $base);
        }
        $control = str_starts_with($health, '{"status":"ok"') ? $base . '/__mock' : '';
        return ['base' => $base, 'key' => (string) getenv('CPK_KEY'), 'control' => $control];
    }

    /** @return array{base: string, key: string, control: string} */
    private static function start(): array
    {
        $program = getenv('CREWPASS_BINARY') ?: 'crewpass-mock';
        $command = [$program, 'serve', '--bind', '127.0.0.1:0', '--json', '--stop-with-stdin', '--quiet'];
        // They are options of the fake, and this machine may have some for another one.
        $isOther = static fn (string $name): bool => !str_starts_with($name, 'CREWPASS_MOCK_');
        $env = array_filter(getenv(), $isOther, ARRAY_FILTER_USE_KEY);
        self::$process = proc_open($command, [['pipe', 'r'], ['pipe', 'w']], self::$pipes, null, $env);
        $line = self::$process === false ? false : fgets(self::$pipes[1]);
        if ($line === false) {
            throw new RuntimeException($program . ' does not start');
        }
        return json_decode($line, true, 512, JSON_THROW_ON_ERROR);
    }
}
