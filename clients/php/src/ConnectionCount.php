<?php

declare(strict_types=1);

namespace Direct\Signals;

/** How many connections match a target, and how many users and gateways they belong to. */
final class ConnectionCount
{
    /**
     * @param int $users each counted once over all gateways
     * @param bool $complete whether every live gateway has answered, and all users were counted in time
     * @param list<string> $missing the gateways that have not answered
     */
    public function __construct(
        public readonly int $connections,
        public readonly int $users,
        public readonly int $gateways,
        public readonly bool $complete,
        public readonly array $missing = [],
    ) {
    }
}
