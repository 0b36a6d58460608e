<?php

declare(strict_types=1);

namespace Direct\Signals\Http;

use Direct\Signals\Receipt;

/**
 * One call, the same at each try.
 *
 * @internal
 */
final class Request
{
    /**
     * @param array<string, scalar|\Stringable> $query
     * @param \Closure(Answer): mixed $read makes the result from a successful answer. It throws UnexpectedAnswerException if that is not one of a gateway
     * @param ?string $body null for a GET
     * @param ?\Closure(mixed): ?Receipt $notAccepted finds the first signal in a result that was not accepted: the call is then repeated
     */
    public function __construct(
        public readonly string $path,
        private readonly array $query,
        private readonly \Closure $read,
        public readonly ?string $body = null,
        public readonly ?string $type = null,
        private readonly ?\Closure $notAccepted = null,
    ) {
    }

    public function url(string $gateway): string
    {
        $query = http_build_query(array_map(strval(...), $this->query), '', '&', PHP_QUERY_RFC3986);
        return "$gateway/$this->path" . ($query === '' ? '' : "?$query");
    }

    /** Returns the result, or null if the answer is not a successful one of a gateway. */
    public function read(Answer $answer): mixed
    {
        try {
            return $answer->isSuccess() ? ($this->read)($answer) : null;
        } catch (UnexpectedAnswerException) {
            return null;
        }
    }

    public function notAccepted(mixed $value): ?Receipt
    {
        return $value === null || $this->notAccepted === null ? null : ($this->notAccepted)($value);
    }
}
