<?php

declare(strict_types=1);

/* Carries out the commands of the conformance run with the PHP client: a JSON object a line on standard input, an event for each on standard output. */

require __DIR__ . '/../../../php/autoload.php';

use Direct\Signals\Client;
use Direct\Signals\Exception\IdReusedException;
use Direct\Signals\Exception\RefusedException;
use Direct\Signals\Exception\UnavailableException;
use Direct\Signals\Signal;
use Direct\Signals\Target;

$client = null;
while (($line = fgets(STDIN)) !== false) {
    $command = json_decode($line, false, flags: JSON_THROW_ON_ERROR);
    if ($command->do === 'new') {
        $client = new Client($command->gateways, $command->key, $command->timeoutSeconds, $command->totalSeconds);
        $event = ['event' => 'ready'];
    } else {
        $event = carryOut($client, $command);
    }
    echo json_encode($event, JSON_THROW_ON_ERROR), "\n";
}

function carryOut(Client $client, stdClass $command): array
{
    try {
        $target = isset($command->part) ? Target::parse($command->part) : null;
        return ['event' => 'done'] + match ($command->do) {
            'signal' => ['receipts' => [$client->signal($target, $command->message, $command->id ?? null)]],
            'signals' => ['receipts' => $client->signals(array_map(
                static fn (stdClass $item): Signal => new Signal(Target::parse($item->part), $item->message, $item->id ?? null),
                $command->items,
            ))],
            // Ids are written as text: the reader of this line stores numbers as doubles.
            'users' => ['users' => array_map(
                static fn ($row): array => ['user' => "$row->user", 'group' => "$row->group", 'channel' => "$row->channel", 'connections' => $row->connections],
                $client->users($target)->users,
            )],
            'count' => ['count' => $client->count($target)],
            'close' => ['closed' => $client->close($target, $command->code, $command->reason)->closed],
            'recheck' => ['recheck' => $client->recheck($target)],
        };
    } catch (IdReusedException $exception) {
        return refused($exception) + ['receipts' => [$exception->receipt]];
    } catch (RefusedException $exception) {
        return refused($exception);
    } catch (UnavailableException $exception) {
        return ['event' => 'unavailable', 'status' => $exception->status, 'text' => $exception->getMessage(), 'receipts' => $exception->receipts];
    }
}

function refused(RefusedException $exception): array
{
    return ['event' => 'refused', 'status' => $exception->status, 'text' => $exception->getMessage()];
}
