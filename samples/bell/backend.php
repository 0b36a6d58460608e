<?php
// The backend of the bell. It keeps the notifications of each user, and signals the user. The key stays here.

$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
$user = preg_match('/^-?[1-9]\d{0,18}$/', $_REQUEST['user'] ?? '') ? $_REQUEST['user'] : '1'; // of a real application: of its session
$file = getenv('BELL_FOLDER') . "/$user.jsonl";

if ($path === '/client.js') {
    header('Content-Type: text/javascript');
    readfile(__DIR__ . '/../../clients/js/dist/client.js');
} elseif ($path === '/settings') {
    echo json_encode(['url' => getenv('DIRECT_URL') . '/!direct']);
} elseif ($path === '/notifications') {
    echo json_encode(array_map('json_decode', is_file($file) ? file($file) : []));
} elseif ($path === '/notify') {
    $id = bin2hex(random_bytes(8));
    $notification = json_encode(['id' => $id, 'text' => (string) ($_POST['text'] ?? '')], JSON_INVALID_UTF8_SUBSTITUTE);
    file_put_contents($file, "$notification\n", FILE_APPEND | LOCK_EX); // kept first: who misses the signal fetches it
    $query = http_build_query(['part' => "0,0,$user", 'id' => $id]);
    echo @file_get_contents(getenv('DIRECT_URL') . "/!direct-signal?$query", false, stream_context_create(['http' => [
        'method' => 'POST', 'content' => $notification, 'timeout' => 10, 'ignore_errors' => true,
        'header' => ['Authorization: Bearer ' . getenv('DIRECT_KEY'), 'Content-Type: text/plain'],
    ]]));
} else {
    return false; // a file of the folder public
}
