<?php

declare(strict_types=1);

require __DIR__ . '/../autoload.php';

// A warning is a fault too.
set_error_handler(static function (int $level, string $text, string $file, int $line): never {
    throw new ErrorException($text, 0, $level, $file, $line);
});

function same(mixed $expected, mixed $actual, string $what = ''): void
{
    if ($expected !== $actual) {
        throw new LogicException("$what expected: " . var_export($expected, true) . "\nactual: " . var_export($actual, true));
    }
}

/** Runs $act, which must throw an exception of this class with this text in its message, and returns the exception. */
function throws(string $class, string $text, Closure $act): Throwable
{
    try {
        $act();
    } catch (Throwable $exception) {
        if ($exception instanceof $class && str_contains($exception->getMessage(), $text)) {
            return $exception;
        }
        throw new LogicException("$class with '$text' expected, got " . $exception::class . ": {$exception->getMessage()}", 0, $exception);
    }
    throw new LogicException("$class with '$text' expected, nothing was thrown.");
}
