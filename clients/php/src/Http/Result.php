<?php

declare(strict_types=1);

namespace Direct\Signals\Http;

use Direct\Signals\Receipt;

/**
 * The outcome of a try: it was carried out, refused for good, or neither.
 *
 * @internal
 */
final class Result
{
    /**
     * @param mixed $value what the request reads in the answer; null if it is not a successful one of a gateway
     * @param ?Receipt $notAccepted a signal of $value that was not accepted
     */
    public function __construct(
        public readonly Answer $answer,
        public readonly string $gateway,
        public readonly int $tries,
        public readonly mixed $value,
        private readonly ?Receipt $notAccepted,
        public readonly bool $isRefused,
    ) {
    }

    public function isDone(): bool
    {
        return $this->value !== null && $this->notAccepted === null;
    }

    /** The HTTP status, or that of the signal that was not accepted; 0 if there was no answer. */
    public function status(): int
    {
        return $this->notAccepted?->status ?? $this->answer->status;
    }

    /** A sentence for a person: why the call was not carried out. */
    public function reason(): string
    {
        if ($this->notAccepted !== null) {
            return "the signal '{$this->notAccepted->id}' was not accepted: {$this->notAccepted->status}" . ($this->notAccepted->detail === null ? '' : ": {$this->notAccepted->detail}");
        }

        return $this->answer->describe() . ($this->answer->isSuccess() ? ', but the answer is not one of a gateway' : '');
    }
}
