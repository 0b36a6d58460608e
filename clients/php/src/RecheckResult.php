<?php

declare(strict_types=1);

namespace Direct\Signals;

/** How many memberships were checked again, and how many of them have ended. */
final class RecheckResult
{
    public function __construct(public readonly int $checked, public readonly int $removed, public readonly int $gateways)
    {
    }
}
