<?php

declare(strict_types=1);

/* A real gateway: php node.php <url> <key>. Two connections are in the room 7,1. */

require __DIR__ . '/check.php';

use Direct\Signals\Client;
use Direct\Signals\Exception\IdReusedException;
use Direct\Signals\Exception\RefusedException;
use Direct\Signals\Exception\UnavailableException;
use Direct\Signals\Signal;
use Direct\Signals\Target;

[, $url, $key] = $argv;
$direct = new Client($url, $key);
$room = Target::room(7, 1);

$receipt = $direct->signal($room, 'dinner is ready', 'dinner-4711');
same([200, 'dinner-4711', 2, 1, [], true], [$receipt->status, $receipt->id, $receipt->delivered, $receipt->gateways, $receipt->pending, $receipt->isAccepted()]);
same(2, $direct->signal($room, 'dinner is ready', 'dinner-4711')->delivered);
$exception = throws(IdReusedException::class, 'dinner-4711', static fn () => $direct->signal($room, 'another', 'dinner-4711'));
same([409, 'dinner-4711', 0], [$exception->status, $exception->id, $exception->receipt->delivered]);

$receipts = $direct->signals([new Signal($room, 'grüße', 'dinner-4712'), new Signal(Target::user(PHP_INT_MIN), 'nobody'), new Signal($room, 'other', 'dinner-4711')]);
same([200, 200, 409], array_column($receipts, 'status'));
same([2, 0, 0], array_column($receipts, 'delivered'));
same(true, $receipts[1]->id !== '' && $receipts[2]->detail !== null);

$first = $direct->users($room, limit: 1);
same([1, 7, 1, null], [count($first->users), $first->users[0]->group, $first->users[0]->channel, $first->users[0]->name]);
same(true, $first->isComplete());
$second = $first->next === null ? null : $direct->users($room, $first->next);
same(2, $first->users[0]->connections + ($second?->users[0]->connections ?? 0));
$count = $direct->count($room);
same([2, 1, true], [$count->connections, $count->gateways, $count->complete]);

$exception = throws(RefusedException::class, 'limit', static fn () => $direct->users($room, limit: 0));
same(400, $exception->status);
$exception = throws(RefusedException::class, '401', static fn () => (new Client($url, 'another-key-of-20-characters'))->signal($room, 'never'));
same(401, $exception->status);
throws(RefusedException::class, '404', static fn () => (new Client("$url/nothing", $key))->signal($room, 'never'));
$many = array_map(static fn (int $i): Signal => new Signal(Target::user(PHP_INT_MAX), "$i", "many-$i"), range(1, 1001));
same(array_column($many, 'id'), array_column($direct->signals($many), 'id'));

same(2, $direct->close($room, 4999, 'grüße')->closed);
same(0, $direct->close(Target::user(PHP_INT_MAX))->closed);

$repeats = [];
$alone = new Client('http://127.0.0.1:1', totalSeconds: 1.5, onRepeat: static function ($repeat) use (&$repeats): void {
    $repeats[] = [$repeat->gateway, $repeat->tries, $repeat->waitSeconds];
});
$exception = throws(UnavailableException::class, 'no answer', static fn () => $alone->signal($room, 'never', 'x'));
same([0, count($repeats) + 1, 'x', []], [$exception->status, $exception->tries, $exception->id, $exception->receipts]);
same(['http://127.0.0.1:1', 1], array_slice($repeats[0], 0, 2));
same(true, $repeats[0][2] > 0 && $repeats[0][2] <= 1);
