<?php
// The backend of the chat. It keeps the messages, signals each to its room, and asks Direct who is there. The key stays here.

function direct(string $path, array $query, ?string $body = null): array
{
    $context = stream_context_create(['http' => [
        'method' => $body === null ? 'GET' : 'POST', 'content' => $body ?? '', 'timeout' => 10, 'ignore_errors' => true,
        'header' => ['Authorization: Bearer ' . getenv('DIRECT_KEY'), 'Content-Type: text/plain'],
    ]]);
    $answer = @file_get_contents(getenv('DIRECT_URL') . "$path?" . http_build_query($query), false, $context); // false: the gateway is away
    return json_decode($answer ?: '', true) ?? [];
}

$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
$room = preg_match('/^\d{1,18},\d{1,18}$/', $_REQUEST['room'] ?? '') ? $_REQUEST['room'] : '7,1';
$file = getenv('CHAT_FOLDER') . "/$room.jsonl";
$answer = match (true) {
    $path === '/settings' => ['url' => getenv('DIRECT_URL') . '/!direct'],
    $path === '/members' => array_map(fn($row) => (string) $row['user'], direct('/!direct-users', ['part' => "$room,0", 'limit' => 100])['users'] ?? []),
    $path === '/messages' && $_SERVER['REQUEST_METHOD'] === 'GET' => array_map('json_decode', array_slice(is_file($file) ? file($file) : [], -50)),
    default => null,
};
if ($path === '/messages' && $_SERVER['REQUEST_METHOD'] === 'POST') {
    $message = json_encode(['id' => bin2hex(random_bytes(8)), 'name' => substr((string) ($_POST['name'] ?? ''), 0, 30), 'text' => substr((string) ($_POST['text'] ?? ''), 0, 1000)], JSON_INVALID_UTF8_SUBSTITUTE);
    file_put_contents($file, "$message\n", FILE_APPEND | LOCK_EX); // kept first: who misses the signal fetches it
    $answer = direct('/!direct-signal', ['part' => "$room,0", 'id' => json_decode($message)->id], $message);
}
if ($answer === null && $path !== '/client.js') {
    return false; // a file of the folder public
}
header('Content-Type: ' . ($answer === null ? 'text/javascript' : 'application/json'));
echo $answer === null ? file_get_contents(__DIR__ . '/../../clients/js/dist/client.js') : json_encode($answer);
