<?php

declare(strict_types=1);

namespace Direct\Signals;

use Direct\Signals\Http\Fields;

/** The connections of one user in one room, over all gateways. */
final class ConnectedUser
{
    /**
     * @param int $user negative for an anonymous user
     * @param ?string $name with the names asked for: from the user table, null if it has no value; so are $nick and $image
     */
    public function __construct(
        public readonly int $user,
        public readonly int $group,
        public readonly int $channel,
        public readonly int $connections,
        public readonly ?string $name = null,
        public readonly ?string $nick = null,
        public readonly ?string $image = null,
    ) {
    }

    /** @internal */
    public static function read(Fields $row): self
    {
        return new self($row->int('user'), $row->int('group'), $row->int('channel'), $row->int('connections'), $row->text('name'), $row->text('nick'), $row->text('image'));
    }
}
