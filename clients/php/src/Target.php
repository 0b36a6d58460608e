<?php

declare(strict_types=1);

namespace Direct\Signals;

/** Names the connections that a call is about. An id of 0 means any; a connection matches if every other id equals one of its own. */
final class Target implements \JsonSerializable
{
    public function __construct(
        public readonly int $group = 0,
        public readonly int $channel = 0,
        public readonly int $user = 0,
    ) {
    }

    /** Everyone who has given a token. */
    public static function everyone(): self
    {
        return new self();
    }

    public static function group(int $group): self
    {
        return new self(group: $group);
    }

    public static function channel(int $channel): self
    {
        return new self(channel: $channel);
    }

    public static function room(int $group, int $channel): self
    {
        return new self($group, $channel);
    }

    /** All connections of a user. */
    public static function user(int $user): self
    {
        return new self(user: $user);
    }

    /** Reads "group,channel,user", the form of the HTTP API. Throws InvalidArgumentException for anything else. */
    public static function parse(string $part): self
    {
        $ids = preg_match('/\A[+-]?\d+,[+-]?\d+,[+-]?\d+\z/', $part) === 1
            ? array_map(static fn (string $id): ?int => filter_var($id, FILTER_VALIDATE_INT, FILTER_NULL_ON_FAILURE), explode(',', $part))
            : [null];
        if (in_array(null, $ids, true)) {
            throw new \InvalidArgumentException("'$part' is not a target: three numbers of 64 bits are expected, group,channel,user.");
        }

        return new self(...$ids);
    }

    public function __toString(): string
    {
        return "$this->group,$this->channel,$this->user";
    }

    public function jsonSerialize(): string
    {
        return (string) $this;
    }
}
