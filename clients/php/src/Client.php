<?php

declare(strict_types=1);

namespace Direct\Signals;

use Direct\Signals\Exception\DirectException;
use Direct\Signals\Exception\IdReusedException;
use Direct\Signals\Exception\RefusedException;
use Direct\Signals\Exception\UnavailableException;
use Direct\Signals\Http\Answer;
use Direct\Signals\Http\Batch;
use Direct\Signals\Http\Caller;
use Direct\Signals\Http\Connection;
use Direct\Signals\Http\Fields;
use Direct\Signals\Http\Request;
use Direct\Signals\Http\Result;
use Direct\Signals\Http\UnexpectedAnswerException;

/**
 * Calls the HTTP API of Direct.
 *
 * A call that was not accepted, or that got no answer, is repeated until the total time is over, with the same id, so that a signal never reaches the
 * same connection twice. It waits for a random time, the limit of which doubles from 1 s to 10 s, and at least for the Retry-After of the answer. What
 * another try cannot change (400, 401, 403, 409, 413, 429) is not repeated. Every method throws RefusedException or UnavailableException, both DirectException.
 */
final class Client
{
    // After 5 minutes (Direct:Signals:IdempotencyWindow) a gateway takes a repeat for a new signal.
    private const LONGEST_TOTAL_SECONDS = 300;

    private readonly Caller $caller;

    /**
     * @param string|list<string> $gateways the addresses of the gateways or of the load balancer, such as http://localhost:8085. A try that was not
     *     answered, or not accepted, is followed by one at the next address
     * @param ?string $key one of Direct:Signals:Keys; null if the network of this machine is allowed
     * @param float $timeoutSeconds of one try; a gateway answers within 8 s
     * @param float $totalSeconds of a call with all of its tries, at most 300. Lower it in a web request, or give the call to a job queue
     * @param ?\Closure(Repeat): void $onRepeat is told of each try that will be repeated
     * @param array<int, mixed> $curlOptions more options of curl, by their constants: a private certificate authority (CURLOPT_CAINFO), a client
     *     certificate (CURLOPT_SSLCERT, CURLOPT_SSLKEY), a proxy (CURLOPT_PROXY). Options that the client sets itself have no effect
     */
    public function __construct(
        string|array $gateways,
        #[\SensitiveParameter] ?string $key = null,
        float $timeoutSeconds = 10.0,
        float $totalSeconds = 60.0,
        ?\Closure $onRepeat = null,
        #[\SensitiveParameter] array $curlOptions = [],
    ) {
        $addresses = array_map(self::address(...), array_values((array) $gateways));
        if ($addresses === []) {
            throw new \InvalidArgumentException('The address of at least one gateway is expected.');
        }
        if ($key !== null && preg_match('/\A[!-~]+\z/', $key) !== 1) {
            throw new \InvalidArgumentException('The key is empty or has characters other than visible ASCII.');
        }
        if ($timeoutSeconds <= 0) {
            throw new \InvalidArgumentException("The timeout of a try is $timeoutSeconds s; it must be positive.");
        }
        if ($totalSeconds <= 0 || $totalSeconds > self::LONGEST_TOTAL_SECONDS) {
            throw new \InvalidArgumentException(
                "The total time is $totalSeconds s; it must be positive and at most " . self::LONGEST_TOTAL_SECONDS . ', because later a repeat is a new signal.',
            );
        }

        $this->caller = new Caller($addresses, new Connection($key, $curlOptions), $timeoutSeconds, $totalSeconds, $onRepeat);
    }

    /**
     * Sends one signal. It returns when the cluster has accepted it.
     *
     * @param ?string $id as in Signal
     * @throws IdReusedException if the id was used for another target or message
     */
    public function signal(Target $target, string $message, ?string $id = null): Receipt
    {
        $signal = new Signal($target, $message, $id);
        $request = new Request(
            '!direct-signal',
            ['part' => $target, 'id' => $signal->id],
            static fn (Answer $answer): Receipt => Receipt::read(new Fields($answer->json), $answer->status, $signal->id),
            $message,
            'text/plain; charset=utf-8',
        );
        $result = $this->caller->call($request, $this->caller->deadline());
        if ($result->isDone()) {
            return $result->value;
        }

        $receipt = self::receiptOfRefusal($result->answer, $signal->id);
        if ($receipt?->status === 409) {
            throw new IdReusedException($receipt);
        }

        throw self::failure($result, $signal->id, $receipt === null ? [] : [$receipt]);
    }

    /**
     * Sends many signals, up to 1,000 and 4 MiB in one request, one request after the other. The signals of a request are checked as a whole before its
     * first one is sent. Repeats are of a whole request, and deliver nothing twice. The receipt of a signal whose id was used for another one has the
     * status 409; the others are sent. Exceptions have the receipts of the requests before.
     *
     * @param list<Signal> $signals
     * @return list<Receipt> one for each signal, in the same order
     */
    public function signals(array $signals): array
    {
        foreach ($signals as $index => $signal) {
            if (!$signal instanceof Signal) {
                throw new \InvalidArgumentException("The item $index of the array is of the type " . get_debug_type($signal) . '; a Signal is expected.');
            }
        }

        $deadline = $this->caller->deadline();
        $receipts = [];
        foreach (Batch::split(array_values($signals)) as $batch) {
            $result = $this->caller->call($batch->request(), $deadline);
            array_push($receipts, ...($result->value ?? []));
            if (!$result->isDone()) {
                throw self::failure($result, null, $receipts);
            }
        }

        return $receipts;
    }

    /**
     * Returns a page of the users who are connected.
     *
     * @param ?string $after UserPage::$next of the page before
     * @param int $limit rows of a page, 1 to 1,000
     * @param bool $names whether to read name, nick and image from the user table
     */
    public function users(Target $target, ?string $after = null, int $limit = 100, bool $names = false): UserPage
    {
        $query = ['part' => $target, 'limit' => $limit] + ($after === null ? [] : ['after' => $after]) + ($names ? ['info' => 1] : []);
        return $this->call(new Request('!direct-users', $query, static function (Answer $answer): UserPage {
            $page = new Fields($answer->json);
            return new UserPage(array_map(ConnectedUser::read(...), $page->objects('users')), $page->text('next'), $page->texts('missing'));
        }));
    }

    /** Counts the connections that match a target, and their users. */
    public function count(Target $target): ConnectionCount
    {
        return $this->call(new Request('!direct-users', ['part' => $target, 'count' => 1], static function (Answer $answer): ConnectionCount {
            $count = new Fields($answer->json);
            return new ConnectionCount($count->int('connections'), $count->int('users'), $count->int('gateways'), $count->bool('complete'), $count->texts('missing'));
        }));
    }

    /**
     * Closes connections. This does not keep anyone out: to ban a user, block the user first.
     *
     * @param int $code 4000 to 4499: the clients connect again; 4500 to 4999: they do not
     * @param string $reason UTF-8, at most 123 bytes, sent to the client
     */
    public function close(Target $target, int $code = 4500, string $reason = ''): CloseResult
    {
        return $this->call(new Request('!direct-close', ['part' => $target, 'code' => $code, 'reason' => $reason], static function (Answer $answer): CloseResult {
            $closed = new Fields($answer->json);
            return new CloseResult($closed->int('closed'), $closed->int('gateways'));
        }, ''));
    }

    /** Checks again whether connections may be in their rooms, and ends the memberships that are no longer allowed. */
    public function recheck(Target $target): RecheckResult
    {
        return $this->call(new Request('!direct-recheck', ['part' => $target], static function (Answer $answer): RecheckResult {
            $checked = new Fields($answer->json);
            return new RecheckResult($checked->int('checked'), $checked->int('removed'), $checked->int('gateways'));
        }, ''));
    }

    private function call(Request $request): mixed
    {
        $result = $this->caller->call($request, $this->caller->deadline());
        return $result->isDone() ? $result->value : throw self::failure($result, null, []);
    }

    /** @param list<Receipt> $receipts */
    private static function failure(Result $result, ?string $id, array $receipts): DirectException
    {
        $reason = "$result->gateway: {$result->reason()}";
        if ($result->isRefused) {
            return new RefusedException($reason, $result->status(), $id, $receipts);
        }

        $times = $result->tries === 1 ? 'one try' : "$result->tries tries";
        return new UnavailableException("Given up after $times; $reason", $result->status(), $result->tries, $id, $receipts);
    }

    // A gateway that refuses a signal says how many connections have it nevertheless; a proxy does not.
    private static function receiptOfRefusal(Answer $answer, string $id): ?Receipt
    {
        try {
            $fields = new Fields($answer->json);
            $fields->int('delivered');
            return Receipt::read($fields, $answer->status, $id);
        } catch (UnexpectedAnswerException) {
            return null;
        }
    }

    private static function address(string $gateway): string
    {
        if (str_contains($gateway, '@')) {
            throw new \InvalidArgumentException('The address of a gateway has an @. It cannot have a user and a password, because logs would show them: give the key as an argument.');
        }

        $url = parse_url($gateway);
        if (!is_array($url) || !isset($url['host']) || !in_array($url['scheme'] ?? '', ['http', 'https'], true) || isset($url['query']) || isset($url['fragment'])) {
            throw new \InvalidArgumentException("'$gateway' is not the address of a gateway: http://host:port or https://host:port is expected.");
        }

        return rtrim($gateway, '/');
    }
}
