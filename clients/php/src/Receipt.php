<?php

declare(strict_types=1);

namespace Direct\Signals;

use Direct\Signals\Http\Fields;
use Direct\Signals\Http\UnexpectedAnswerException;

/** What the cluster says about one signal. */
final class Receipt
{
    /**
     * @param int $status 200: every gateway has taken the signal; 202: those in $pending will; above 299: it was refused
     * @param int $delivered how many connections have it in their queues, also if it was refused. 0 is a normal result: nobody who matches is connected
     * @param int $gateways how many gateways hold these connections
     * @param list<string> $pending the gateways that have not confirmed it. Each will take the signal, close its connections, or refuse the id
     * @param ?string $detail why it was refused; null if it was not
     */
    public function __construct(
        public readonly int $status,
        public readonly string $id,
        public readonly int $delivered,
        public readonly int $gateways,
        public readonly array $pending = [],
        public readonly ?string $detail = null,
    ) {
    }

    /**
     * @internal
     * @throws UnexpectedAnswerException if the fields are not those of a receipt: one that was accepted has both counts
     */
    public static function read(Fields $fields, int $status, string $id): self
    {
        $count = $status < 300 ? null : 0;
        return new self($status, $id, $fields->int('delivered', $count), $fields->int('gateways', $count), $fields->texts('pending', []), $fields->text('detail'));
    }

    /** Whether the cluster has accepted the signal. */
    public function isAccepted(): bool
    {
        return $this->status === 200 || $this->status === 202;
    }
}
