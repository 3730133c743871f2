<?php

declare(strict_types=1);

require_once __DIR__ . '/CrewPassTestCase.php';

final class CrewPassTest extends CrewPassTestCase
{
    /** @param array{base: string, key: string, control: string} $fake */
    private function ask(array $fake): int
    {
        $url = $fake['base'] . '/api/v2/employers/me/crew/crew_001/documents/doc_1/download';
        $http = ['header' => 'Authorization: Bearer ' . $fake['key'], 'ignore_errors' => true];
        file_get_contents($url, false, stream_context_create(['http' => $http]));
        return (int) explode(' ', $http_response_header[0])[1];
    }

    public function testTheStoreIsDownOnce(): void
    {
        $fake = $this->openSession();
        self::control('POST', $fake['control'] . '/store', ['down' => true, 'at' => 'link', 'times' => 1]);
        self::assertSame([503, 200], [$this->ask($fake), $this->ask($fake)]);
    }

    public function testAnotherSessionSeesNothingOfIt(): void
    {
        $one = $this->openSession();
        $other = $this->openSession(['clock' => '2026-06-08T10:00:00Z']);
        self::control('POST', $one['control'] . '/store', ['down' => true, 'at' => 'link', 'times' => 1]);
        self::assertSame(200, $this->ask($other));
    }
}
