<?php

declare(strict_types=1);

namespace Direct\Signals\Exception;

/** The gateway refused the call, and would refuse it again: a parameter, the key, the address or a limit is wrong. The message says which. */
class RefusedException extends DirectException
{
}
