<?php

declare(strict_types=1);

namespace Direct\Signals\Http;

use Direct\Signals\Repeat;

/**
 * Makes a call until a gateway has carried it out or refused it, or the time is over.
 *
 * @internal
 */
final class Caller
{
    private const REPEATED_STATUSES = [500, 502, 503, 504];

    private int $current;

    /** @param non-empty-list<string> $gateways base addresses without a slash at the end */
    public function __construct(
        private readonly array $gateways,
        private readonly Connection $connection,
        private readonly float $timeoutSeconds,
        private readonly float $totalSeconds,
        private readonly ?\Closure $onRepeat,
    ) {
        $this->current = array_rand($this->gateways); // a process for each web request would otherwise call the first one only
    }

    /** Returns when a call that begins now must have ended. */
    public function deadline(): float
    {
        return self::now() + $this->totalSeconds;
    }

    public function call(Request $request, float $deadline): Result
    {
        $useless = [];
        for ($tries = 1; ; $tries++) {
            $gateway = $this->gateways[$this->current];
            $answer = $this->connection->send($request->url($gateway), $request->type, $request->body, min($this->timeoutSeconds, $deadline - self::now()));
            if ($answer->isPermanentError()) {
                $useless[$this->current] = true;
            }
            $value = $request->read($answer);
            $isRefused = $value === null && (count($useless) === count($this->gateways) || !self::mayRepeat($answer));
            $result = new Result($answer, $gateway, $tries, $value, $request->notAccepted($value), $isRefused);
            if ($result->isDone() || $isRefused) {
                return $result;
            }

            // Calls go on with a gateway that works: its connection is open.
            $this->current = ($this->current + 1) % count($this->gateways);
            $wait = $this->waitSeconds($answer, $tries);
            if (self::now() + $wait >= $deadline) {
                return $result;
            }

            if ($this->onRepeat !== null) {
                ($this->onRepeat)(new Repeat($gateway, $tries, $result->reason(), $wait));
            }
            usleep((int) ($wait * 1_000_000));
        }
    }

    // A success is repeated: its body is not the one of a gateway, or a signal in it was not accepted.
    private static function mayRepeat(Answer $answer): bool
    {
        return $answer->status === 0 || $answer->isSuccess() || in_array($answer->status, self::REPEATED_STATUSES, true);
    }

    // If there was no answer, another gateway may be tried at once.
    private function waitSeconds(Answer $answer, int $tries): float
    {
        return $answer->status === 0 && $tries % count($this->gateways) !== 0 ? 0.0 : max($answer->retryAfterSeconds() ?? 0.0, Backoff::seconds($tries));
    }

    private static function now(): float
    {
        return hrtime(true) / 1e9;
    }
}
