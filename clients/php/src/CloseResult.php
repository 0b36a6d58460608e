<?php

declare(strict_types=1);

namespace Direct\Signals;

/** How many connections are closing. */
final class CloseResult
{
    public function __construct(public readonly int $closed, public readonly int $gateways)
    {
    }
}
