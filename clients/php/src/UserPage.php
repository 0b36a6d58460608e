<?php

declare(strict_types=1);

namespace Direct\Signals;

/** A page of the users who are connected, ordered by user, group and channel. */
final class UserPage
{
    /**
     * @param list<ConnectedUser> $users
     * @param ?string $next $after of the next page; null if this is the last
     * @param list<string> $missing the gateways that have not answered; their connections are not in the page
     */
    public function __construct(
        public readonly array $users,
        public readonly ?string $next,
        public readonly array $missing = [],
    ) {
    }

    /** Whether every live gateway has answered. */
    public function isComplete(): bool
    {
        return $this->missing === [];
    }
}
