<?php

declare(strict_types=1);

/* What needs no gateway: targets, signals, and the checks of the client's settings. */

require __DIR__ . '/check.php';

use Direct\Signals\Client;
use Direct\Signals\Http\Answer;
use Direct\Signals\Http\Backoff;
use Direct\Signals\Http\Batch;
use Direct\Signals\Http\Request;
use Direct\Signals\Signal;
use Direct\Signals\Target;

same('7,0,0', (string) Target::group(7));
same('0,-3,0', (string) Target::channel(-3));
same('7,1,0', (string) Target::room(7, 1));
same('0,0,42', (string) Target::user(42));
same('0,0,0', (string) Target::everyone());
same('5,6,7', (string) new Target(5, 6, 7));
same('-9223372036854775808,9223372036854775807,1', (string) Target::parse('-9223372036854775808,9223372036854775807,+1'));
foreach (['', '7', '7,1', '7,1,0,0', '7,1,x', '7, 1,0', '7,1,0 ', "7,1,0\n", '07,1,0', '9223372036854775808,0,0', '1.0,0,0', '1e3,0,0'] as $part) {
    throws(InvalidArgumentException::class, "'$part' is not a target", static fn () => Target::parse($part));
}

same('order-1', (new Signal(Target::group(7), '', 'order-1'))->id);
same(128, strlen((new Signal(Target::group(7), '', str_repeat('x', 128)))->id));
foreach (['', ' ', "a\n", 'ä', str_repeat('x', 129)] as $id) {
    throws(InvalidArgumentException::class, 'is not an id', static fn () => new Signal(Target::group(7), '', $id));
}
throws(InvalidArgumentException::class, 'UTF-8', static fn () => new Signal(Target::group(7), "\xff"));
same(1, preg_match('/\A[0-9a-f]{32}\z/', (new Signal(Target::group(7), ''))->id));
same('{"part":"7,0,0","message":"grüße","id":"x"}', json_encode(new Signal(Target::group(7), 'grüße', 'x'), JSON_UNESCAPED_UNICODE));

foreach (['', 'localhost:8085', 'ws://localhost', 'http://', '/x', 'http://localhost?x=1', 'http://localhost#x'] as $url) {
    throws(InvalidArgumentException::class, "'$url' is not the address of a gateway", static fn () => new Client($url));
}
throws(InvalidArgumentException::class, 'at least one gateway', static fn () => new Client([]));
$exception = throws(InvalidArgumentException::class, 'The key', static fn () => new Client('http://localhost', "secret\r\nX-Injected: 1"));
same(false, str_contains($exception->getMessage(), 'secret'), 'the key in the message');
throws(InvalidArgumentException::class, 'timeout of a try is 0', static fn () => new Client('http://localhost', timeoutSeconds: 0));
throws(InvalidArgumentException::class, 'total time is 301', static fn () => new Client('http://localhost', totalSeconds: 301));
same([], (new Client('http://localhost:1'))->signals([]));
throws(InvalidArgumentException::class, 'The item 1 of the array is of the type string', static fn () => (new Client('http://localhost:1'))->signals([new Signal(Target::group(7), ''), 'x']));
foreach (['http://user:secret@localhost', 'http://user:secret@localhost:99999'] as $url) {
    $exception = throws(InvalidArgumentException::class, 'user and a password', static fn () => new Client($url));
    same(false, str_contains($exception->getMessage(), 'secret'), 'the password in the message');
}
foreach ([[99999 => true], ['x' => 1], [CURLOPT_HTTPHEADER => 1]] as $options) {
    throws(InvalidArgumentException::class, 'option of curl', static fn () => new Client('http://localhost', curlOptions: $options));
}

$dump = print_r(new Client('http://localhost', 'the-secret-key', curlOptions: [CURLOPT_KEYPASSWD => 'the-secret-password']), true);
same(false, str_contains($dump, 'secret'), 'the key in a dump');

ini_set('arg_separator.output', '&amp;');
same('http://g/p?part=7,0,0&id=a%20b%2Bc', str_replace('%2C', ',', (new Request('p', ['part' => Target::group(7), 'id' => 'a b+c'], static fn () => null))->url('http://g')));
ini_restore('arg_separator.output');

// Waits: random, below a limit that doubles from 1 s to 10 s.
foreach ([1 => 1, 2 => 2, 3 => 4, 4 => 8, 5 => 10, 1000 => 10] as $tries => $limit) {
    $waits = array_map(static fn (): float => Backoff::seconds($tries), range(1, 300));
    same(true, min($waits) >= 0 && min($waits) < $limit * 0.1 && max($waits) > $limit * 0.9 && max($waits) <= $limit, "waits after $tries tries");
}

// Requests of at most 1,000 signals and 4 MiB.
$sizes = static fn (array $signals): array => array_map(static fn (Batch $batch): int => count(json_decode($batch->request()->body)), Batch::split($signals));
same([1000, 1], $sizes(array_fill(0, 1001, new Signal(Target::group(7), ''))));
same([64, 6], $sizes(array_fill(0, 70, new Signal(Target::group(7), str_repeat('x', 65_000), 'x'))));

// Fields of another type, as in the JSON of a proxy.
$item = ['status' => 200, 'delivered' => 1, 'gateways' => 1];
$request = Batch::split([new Signal(Target::group(7), '', 'x')])[0]->request();
same(1, $request->read(new Answer(200, json_encode([$item])))[0]->delivered);
$others = [
    [], 'x', [$item, $item], ['x' => $item], [['status' => 'ok'] + $item], [['delivered' => '1'] + $item], [['delivered' => null] + $item], [['gateways' => 1.5] + $item],
    [['pending' => 'a'] + $item], [['pending' => [1]] + $item], [['pending' => ['x' => 'a']] + $item], [['detail' => ['no']] + $item], [[]], [1],
];
foreach ($others as $other) {
    same(null, $request->read(new Answer(200, json_encode($other))), json_encode($other));
}
same(null, $request->read(new Answer(503, json_encode([$item]))));

// Each class is where PSR-4 expects it.
$src = realpath(__DIR__ . '/../src');
$files = new RecursiveIteratorIterator(new RecursiveDirectoryIterator($src, FilesystemIterator::SKIP_DOTS));
foreach ($files as $file) {
    $class = 'Direct\\Signals\\' . strtr(substr("$file", strlen($src) + 1, -strlen('.php')), '/', '\\');
    same(true, class_exists($class), $class);
}
