<?php

declare(strict_types=1);

namespace Direct\Signals\Http;

use Direct\Signals\Receipt;
use Direct\Signals\Signal;

/**
 * The signals of one request.
 *
 * @internal
 */
final class Batch
{
    // Defaults of Direct:Signals:MaxBatch and MaxBatchBytes.
    private const MAX_COUNT = 1000;
    private const MAX_BYTES = 4 * 1024 * 1024;

    /** @var list<string> */
    private array $ids = [];
    private string $body = '';

    private function __construct()
    {
    }

    /**
     * Splits signals into batches that a gateway accepts.
     *
     * @param list<Signal> $signals
     * @return list<self>
     */
    public static function split(array $signals): array
    {
        $batches = [];
        $last = null;
        foreach ($signals as $signal) {
            $json = json_encode($signal, JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES);
            // Each item is followed by a comma or the closing bracket, and there is an opening one.
            if ($last === null || count($last->ids) === self::MAX_COUNT || strlen($last->body) + strlen($json) + 2 > self::MAX_BYTES) {
                $batches[] = $last = new self();
            }
            $last->body .= ($last->body === '' ? '' : ',') . $json;
            $last->ids[] = $signal->id;
        }

        return $batches;
    }

    public function request(): Request
    {
        return new Request('!direct-signal', [], $this->read(...), "[$this->body]", 'application/json', self::notAccepted(...));
    }

    /** @return list<Receipt> */
    private function read(Answer $answer): array
    {
        if ($answer->json === null || !array_is_list($answer->json) || count($answer->json) !== count($this->ids)) {
            throw new UnexpectedAnswerException('an array with a receipt for each signal is expected');
        }

        return array_map(static function (mixed $item, string $id): Receipt {
            $fields = new Fields($item);
            return Receipt::read($fields, $fields->int('status'), $id);
        }, $answer->json, $this->ids);
    }

    /** @param list<Receipt> $receipts */
    private static function notAccepted(array $receipts): ?Receipt
    {
        foreach ($receipts as $receipt) {
            if ($receipt->status >= 500) {
                return $receipt;
            }
        }

        return null;
    }
}
