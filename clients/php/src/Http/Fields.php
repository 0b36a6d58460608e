<?php

declare(strict_types=1);

namespace Direct\Signals\Http;

/**
 * The fields of a JSON object. Each method returns a field, and throws UnexpectedAnswerException if it is missing without a default or has another type.
 *
 * @internal
 */
final class Fields
{
    private readonly array $values;

    /** @param mixed $json a decoded value */
    public function __construct(mixed $json)
    {
        $this->values = is_array($json) ? $json : throw new UnexpectedAnswerException('a JSON object is expected');
    }

    public function int(string $name, ?int $default = null): int
    {
        return $this->read($name, $default, is_int(...), 'a whole number of 64 bits');
    }

    public function bool(string $name): bool
    {
        return $this->read($name, null, is_bool(...), 'true or false');
    }

    /** Returns null if the field is missing. */
    public function text(string $name): ?string
    {
        return isset($this->values[$name]) ? $this->read($name, null, is_string(...), 'a text') : null;
    }

    /**
     * @param ?list<string> $default
     * @return list<string>
     */
    public function texts(string $name, ?array $default = null): array
    {
        $areTexts = static fn (mixed $value): bool => is_array($value) && array_is_list($value) && array_filter($value, is_string(...)) === $value;
        return $this->read($name, $default, $areTexts, 'an array of texts');
    }

    /** @return list<Fields> */
    public function objects(string $name): array
    {
        return array_map(static fn (mixed $value): self => new self($value), $this->read($name, null, static fn (mixed $value): bool => is_array($value) && array_is_list($value), 'an array'));
    }

    private function read(string $name, mixed $default, \Closure $isExpected, string $expected): mixed
    {
        $value = $this->values[$name] ?? $default;
        return $isExpected($value) ? $value : throw new UnexpectedAnswerException("'$name' is not $expected");
    }
}
