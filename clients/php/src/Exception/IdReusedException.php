<?php

declare(strict_types=1);

namespace Direct\Signals\Exception;

use Direct\Signals\Receipt;

/** The id was used for another target or message. $receipt->delivered connections got the signal nevertheless. */
final class IdReusedException extends RefusedException
{
    public function __construct(public readonly Receipt $receipt)
    {
        parent::__construct("409: $receipt->detail", 409, $receipt->id, [$receipt]);
    }
}
