<?php

declare(strict_types=1);

namespace Direct\Signals\Http;

/**
 * Makes requests over one curl handle, which keeps its connections open between calls.
 *
 * @internal
 */
final class Connection
{
    private const CONNECT_SECONDS = 3.0;

    private readonly \CurlHandle $curl;

    /** @param array<int, mixed> $options more options of curl, by their constants. Those that this class sets itself have no effect */
    public function __construct(#[\SensitiveParameter] private readonly ?string $key, #[\SensitiveParameter] private readonly array $options = [])
    {
        $this->curl = curl_init();
        try {
            $isValid = curl_setopt_array($this->curl, $options);
        } catch (\ValueError | \TypeError $exception) {
            throw new \InvalidArgumentException("An option of curl is not valid: {$exception->getMessage()}", 0, $exception);
        }
        if (!$isValid) {
            throw new \InvalidArgumentException('An option of curl is not valid: ' . curl_error($this->curl));
        }
    }

    /** Hides the key, and passwords that options may contain. */
    public function __debugInfo(): array
    {
        return [];
    }

    /** Makes one try. A $body of null is a GET. */
    public function send(string $url, ?string $type, ?string $body, float $timeoutSeconds): Answer
    {
        curl_reset($this->curl); // keeps the open connections
        $headers = ['Accept: application/json', 'Expect:'];
        if ($this->key !== null) {
            $headers[] = "Authorization: Bearer $this->key";
        }
        if ($type !== null) {
            $headers[] = "Content-Type: $type";
        }

        $retryAfter = null;
        curl_setopt_array($this->curl, $this->options);
        curl_setopt_array($this->curl, [
            CURLOPT_URL => $url,
            CURLOPT_HTTPHEADER => $headers,
            CURLOPT_USERAGENT => 'direct-signals-php',
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_FOLLOWLOCATION => false, // a redirect would turn a POST into a GET, and might lead to a stranger
            CURLOPT_HTTP_VERSION => CURL_HTTP_VERSION_1_1,
            CURLOPT_PROTOCOLS => CURLPROTO_HTTP | CURLPROTO_HTTPS,
            CURLOPT_NOSIGNAL => true,
            CURLOPT_TIMEOUT_MS => max(1, (int) ($timeoutSeconds * 1000)),
            CURLOPT_CONNECTTIMEOUT_MS => max(1, (int) (min($timeoutSeconds, self::CONNECT_SECONDS) * 1000)),
            CURLOPT_HEADERFUNCTION => static function (\CurlHandle $curl, string $line) use (&$retryAfter): int {
                if (stripos($line, 'Retry-After:') === 0) {
                    $retryAfter = trim(substr($line, strlen('Retry-After:')));
                }
                return strlen($line);
            },
        ]);
        if ($body !== null) {
            curl_setopt($this->curl, CURLOPT_POSTFIELDS, $body);
        }

        $received = curl_exec($this->curl);
        return $received === false
            ? new Answer(0, '', errorNumber: curl_errno($this->curl), error: curl_error($this->curl))
            : new Answer(curl_getinfo($this->curl, CURLINFO_RESPONSE_CODE), $received, $retryAfter);
    }
}
