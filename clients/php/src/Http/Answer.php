<?php

declare(strict_types=1);

namespace Direct\Signals\Http;

/**
 * What came back of one try. A status of 0 is a try without an answer; $error then says why.
 *
 * @internal
 */
final class Answer
{
    // What another try at the same gateway does not change: a URL, a protocol or a certificate.
    private const PERMANENT_ERRORS = [
        CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CACERT, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_PEER_CERTIFICATE,
    ];

    /** The value of the body, if it is a JSON object or array. */
    public readonly ?array $json;

    public function __construct(
        public readonly int $status,
        string $body,
        private readonly ?string $retryAfter = null,
        public readonly int $errorNumber = 0,
        private readonly string $error = '',
    ) {
        $json = json_decode($body, true, 16, JSON_BIGINT_AS_STRING);
        $this->json = is_array($json) ? $json : null;
    }

    public function isSuccess(): bool
    {
        return $this->status >= 200 && $this->status <= 299;
    }

    public function isPermanentError(): bool
    {
        return in_array($this->errorNumber, self::PERMANENT_ERRORS, true);
    }

    /** The seconds of Retry-After, which may also be a date; null without one. */
    public function retryAfterSeconds(): ?float
    {
        if ($this->retryAfter === null) {
            return null;
        }
        if (ctype_digit($this->retryAfter)) {
            return (float) $this->retryAfter;
        }

        $date = strtotime($this->retryAfter);
        return $date === false ? null : max(0.0, $date - microtime(true));
    }

    /** A sentence for a person: the status with the detail of the gateway, or why there was no answer. */
    public function describe(): string
    {
        if ($this->status === 0) {
            return "no answer ($this->error)";
        }

        $detail = $this->json['detail'] ?? null;
        return is_string($detail) ? "$this->status: $detail" : "$this->status";
    }
}
