<?php

declare(strict_types=1);

namespace Direct\Signals;

/** One message to the connections that match a target. */
final class Signal implements \JsonSerializable
{
    /** 1 to 128 visible ASCII characters. */
    public readonly string $id;

    /**
     * @param string $message UTF-8; may be empty
     * @param ?string $id the name of this signal, the same for each repeat. Make it from the event (order-4711-paid), so that a program that was
     *     restarted in between repeats with the same id. Null generates a random id, which only the tries of one call share
     */
    public function __construct(public readonly Target $target, public readonly string $message, ?string $id = null)
    {
        if (preg_match('//u', $message) !== 1) {
            throw new \InvalidArgumentException('The message is not UTF-8.');
        }
        if ($id !== null && preg_match('/\A[!-~]{1,128}\z/', $id) !== 1) {
            throw new \InvalidArgumentException("'$id' is not an id: 1 to 128 visible ASCII characters are expected.");
        }

        $this->id = $id ?? bin2hex(random_bytes(16));
    }

    /** @return array{part: Target, message: string, id: string} */
    public function jsonSerialize(): array
    {
        return ['part' => $this->target, 'message' => $this->message, 'id' => $this->id];
    }
}
