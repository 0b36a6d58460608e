<?php

declare(strict_types=1);

namespace Direct\Signals\Http;

/**
 * An answer does not come from a gateway: a proxy or another program has sent it.
 *
 * @internal
 */
final class UnexpectedAnswerException extends \UnexpectedValueException
{
}
