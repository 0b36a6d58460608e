<?php

declare(strict_types=1);

/* Gateways whose certificates are not those of a public authority. It needs ext-openssl. */

require __DIR__ . '/check.php';

use Direct\Signals\Client;
use Direct\Signals\Exception\RefusedException;
use Direct\Signals\Target;

if (($argv[1] ?? '') === 'serve') {
    serve();
}

[$trusted, $stranger] = [start(), start()];
$options = [CURLOPT_CAINFO => $trusted['certificate'], CURLOPT_PROXY => ''];
same(1, (new Client($trusted['url'], curlOptions: $options))->signal(Target::group(7), 'dinner')->delivered);

// A certificate that is not trusted ends the call, because a repeat changes nothing.
$isRepeated = false;
$alone = new Client($stranger['url'], onRepeat: static function () use (&$isRepeated): void {
    $isRepeated = true;
}, curlOptions: $options);
same(0, throws(RefusedException::class, 'no answer (SSL', static fn () => $alone->signal(Target::group(7), 'dinner'))->status);
same(false, $isRepeated);

// But another gateway may have one that is. The client begins with either.
for ($i = 0; $i < 10; $i++) {
    same(1, (new Client([$stranger['url'], $trusted['url']], curlOptions: $options))->signal(Target::group(7), 'dinner')->delivered);
}

array_map(unlink(...), [$trusted['certificate'], $stranger['certificate']]);

/** Starts a server in a process that ends with this one. */
function start(): array
{
    $process = proc_open([PHP_BINARY, __FILE__, 'serve'], [['pipe', 'r'], ['pipe', 'w'], STDERR], $pipes);
    return json_decode(fgets($pipes[1]), true, flags: JSON_THROW_ON_ERROR) + ['process' => $process, 'pipes' => $pipes];
}

/** Answers every request as a gateway that delivers to one connection, until the standard input ends. */
function serve(): never
{
    restore_error_handler(); // a client that does not trust the certificate ends the handshake, which is a warning
    $key = openssl_pkey_new(['private_key_type' => OPENSSL_KEYTYPE_EC, 'curve_name' => 'prime256v1']);
    $certificate = openssl_csr_sign(openssl_csr_new(['commonName' => 'localhost'], $key), null, $key, 1);
    $file = tempnam(sys_get_temp_dir(), 'direct-php-tls-');
    openssl_x509_export($certificate, $text);
    openssl_pkey_export($key, $secret);
    file_put_contents($file, $text . $secret);

    $server = stream_socket_server('tcp://127.0.0.1:0', context: stream_context_create(['ssl' => ['local_cert' => $file]]));
    echo json_encode(['url' => 'https://localhost:' . explode(':', stream_socket_get_name($server, false))[1], 'certificate' => $file]), "\n";
    for (;;) {
        [$ready, $write, $except] = [[$server, STDIN], null, null];
        stream_select($ready, $write, $except, null);
        if (in_array(STDIN, $ready, true)) {
            exit(0);
        }

        $connection = stream_socket_accept($server);
        if (@stream_socket_enable_crypto($connection, true, STREAM_CRYPTO_METHOD_TLS_SERVER)) {
            $length = 0;
            while (($line = fgets($connection)) !== false && $line !== "\r\n") {
                $length = sscanf($line, 'Content-Length: %d')[0] ?? $length;
            }
            stream_get_contents($connection, $length);
            $body = '{"delivered":1,"gateways":1}';
            fwrite($connection, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " . strlen($body) . "\r\n\r\n$body");
        }
        fclose($connection);
    }
}
