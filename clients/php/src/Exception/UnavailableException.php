<?php

declare(strict_types=1);

namespace Direct\Signals\Exception;

/** No gateway has accepted the call within the time limit. A signal may have been sent nevertheless: repeat it only with the same id. */
final class UnavailableException extends DirectException
{
    /** @param int $tries how often the call was made; in an array of more than 1,000 signals, that of the last request */
    public function __construct(string $message, int $status, public readonly int $tries, ?string $id = null, array $receipts = [])
    {
        parent::__construct($message, $status, $id, $receipts);
    }
}
