<?php

declare(strict_types=1);

namespace Direct\Signals\Http;

/**
 * Computes waits by exponential backoff with full jitter, so that many programs do not come back at the same moment.
 *
 * @internal
 */
final class Backoff
{
    private const FIRST_LIMIT_SECONDS = 1.0;
    private const LONGEST_LIMIT_SECONDS = 10.0;

    /** Returns a random wait between 0 and a limit that doubles with each try. */
    public static function seconds(int $tries): float
    {
        $limit = min(self::FIRST_LIMIT_SECONDS * 2 ** min($tries - 1, 10), self::LONGEST_LIMIT_SECONDS);
        return $limit * random_int(0, 1_000_000) / 1_000_000;
    }
}
