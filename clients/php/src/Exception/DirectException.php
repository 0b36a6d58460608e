<?php

declare(strict_types=1);

namespace Direct\Signals\Exception;

use Direct\Signals\Receipt;

/** A call that did not succeed: RefusedException if a repeat is useless, UnavailableException if the call may be repeated later. */
abstract class DirectException extends \RuntimeException
{
    /**
     * @param int $status the HTTP status of the last answer; 0 if there was none
     * @param ?string $id the id of the signal; null if the call was not one signal
     * @param list<Receipt> $receipts what the gateways have said about the first signals of an array, or about the one signal; empty if nothing
     */
    public function __construct(string $message, public readonly int $status, public readonly ?string $id = null, public readonly array $receipts = [])
    {
        parent::__construct($message, $status);
    }
}
