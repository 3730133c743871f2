<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;

/**
 * A test case with the fake of CrewPass. Copy this file; it needs PHPUnit, and crewpass-mock on the
 * PATH (or named by CREWPASS_BINARY).
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
        self::$fake ??= self::start();
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
        $http = ['method' => $method, 'header' => 'Content-Type: application/json', 'ignore_errors' => true];
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

    /** @return array{base: string, key: string, control: string} */
    private static function start(): array
    {
        $program = getenv('CREWPASS_BINARY') ?: 'crewpass-mock';
        $command = [$program, 'serve', '--bind', '127.0.0.1:0', '--json', '--stop-with-stdin', '--quiet'];
        self::$process = proc_open($command, [['pipe', 'r'], ['pipe', 'w']], self::$pipes);
        $line = self::$process === false ? false : fgets(self::$pipes[1]);
        if ($line === false) {
            throw new RuntimeException($program . ' does not start');
        }
        return json_decode($line, true, 512, JSON_THROW_ON_ERROR);
    }
}
