<?php

declare(strict_types=1);

namespace Direct\Signals;

/** A try that did not succeed and will be repeated, for logs. */
final class Repeat
{
    /**
     * @param string $gateway the address that was called
     * @param int $tries how often the call was made, 1 after the first try
     * @param string $reason the status and what the gateway said, or why there was no answer
     * @param float $waitSeconds the time until the next try
     */
    public function __construct(
        public readonly string $gateway,
        public readonly int $tries,
        public readonly string $reason,
        public readonly float $waitSeconds,
    ) {
    }
}
