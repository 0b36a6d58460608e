// Shows what the kernel costs: a server of the Direct protocol that does nothing else. One thread, epoll, no safety.
//
//     cc -O3 -march=native -o floor floor.c
//     ./floor PORT [--coalesce]
//
// It speaks enough of docs/protocol.md to be compared with a node: the handshake, the token, "g,c", ":text", ping, close, and
// /!direct-signal with its receipt. Not for use: no limits, no timeouts, no checks of UTF-8, on loopback only.
//
// By itself every delivery is one send. With --coalesce all input that can be read is read first, and then what waits for a
// connection leaves in one send. There is no timer: only what is there already is joined.
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    EVENTS = 1024,
    REPOLLS = 8,                // how often --coalesce looks for more input before it sends
    INPUT_BYTES = 64 * 1024,    // the longest message or request
    QUEUE_BYTES = 4 << 20,      // what may wait for a connection before it is dropped
    ROOM_BUCKETS = 1 << 16,
    OP_TEXT = 1, OP_BINARY = 2, OP_CLOSE = 8, OP_PING = 9, OP_PONG = 10,
};

typedef struct room room;

typedef enum { AWAITS_REQUEST, AWAITS_TOKEN, OPEN } phase;

typedef struct {
    int fd;             // -1: gone, freed at the end of the round
    phase phase;
    bool is_dirty;      // stands in the list of those with something to send
    long group, channel, user;
    room *room;
    uint32_t place;     // in its room
    uint32_t index;     // in `everyone`
    char *input;        // the start of a message that is not whole yet
    uint32_t input_length;
    char *queue;        // what the socket has not taken, or not been offered yet
    uint32_t queue_start, queue_end, queue_size;
} connection;

// A list that grows.
typedef struct {
    connection **items;
    uint32_t count, size;
} list;

struct room {
    long group, channel;
    list members;
    room *next;
};

static room *rooms[ROOM_BUCKETS];
static list everyone, dirty, gone;
static long last_user;
static bool coalesces;
static int poller;

static void add(list *to, connection *item) {
    if (to->count == to->size) {
        to->size = to->size ? to->size * 2 : 4;
        to->items = realloc(to->items, to->size * sizeof *to->items);
    }
    to->items[to->count++] = item;
}

// ---- Rooms

static room *find_room(long group, long channel, bool make) {
    uint64_t hash = (uint64_t)group * 0x9E3779B97F4A7C15u + (uint64_t)channel;
    hash = (hash ^ (hash >> 29)) * 0xBF58476D1CE4E5B9u;
    room **bucket = &rooms[(hash >> 40) % ROOM_BUCKETS];
    for (room *each = *bucket; each; each = each->next)
        if (each->group == group && each->channel == channel) return each;
    if (!make) return NULL;
    room *made = calloc(1, sizeof *made);
    *made = (room){ .group = group, .channel = channel, .next = *bucket };
    return *bucket = made;
}

static void leave(connection *c) {
    if (!c->room) return;
    list *members = &c->room->members;
    connection *last = members->items[--members->count];
    members->items[c->place] = last;
    last->place = c->place;
    c->room = NULL;
}

static void join(connection *c, long group, long channel) {
    leave(c);
    c->group = group;
    c->channel = channel;
    c->room = find_room(group, channel, true);
    c->place = c->room->members.count;
    add(&c->room->members, c);
}

// ---- Sending

static void drop(connection *c) {
    if (c->fd < 0) return;
    close(c->fd);
    c->fd = -1;
    leave(c);
    connection *last = everyone.items[--everyone.count];
    everyone.items[c->index] = last;
    last->index = c->index;
    add(&gone, c);
}

static void enqueue(connection *c, const char *bytes, uint32_t count) {
    if (c->queue_end + count > c->queue_size) {
        uint32_t waiting = c->queue_end - c->queue_start;
        if (waiting + count > QUEUE_BYTES) {
            drop(c);
            return;
        }
        memmove(c->queue, c->queue + c->queue_start, waiting);
        c->queue_start = 0;
        c->queue_end = waiting;
        if (waiting + count > c->queue_size) {
            c->queue_size = (waiting + count) * 2;
            c->queue = realloc(c->queue, c->queue_size);
        }
    }
    memcpy(c->queue + c->queue_end, bytes, count);
    c->queue_end += count;
}

// Takes what the socket takes; -1 when it is gone.
static ssize_t offer(connection *c, const char *bytes, uint32_t count) {
    ssize_t sent = send(c->fd, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) return sent;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return 0;
    drop(c);
    return -1;
}

static void flush(connection *c) {
    if (c->fd < 0 || c->queue_start == c->queue_end) return;
    ssize_t sent = offer(c, c->queue + c->queue_start, c->queue_end - c->queue_start);
    if (sent < 0) return;
    c->queue_start += (uint32_t)sent;
    if (c->queue_start == c->queue_end) c->queue_start = c->queue_end = 0;
}

static void deliver(connection *c, const char *bytes, uint32_t count) {
    if (c->fd < 0) return;
    if (coalesces) {
        enqueue(c, bytes, count);
        if (!c->is_dirty && c->fd >= 0) {
            c->is_dirty = true;
            add(&dirty, c);
        }
        return;
    }
    ssize_t sent = c->queue_start == c->queue_end ? offer(c, bytes, count) : 0;
    if (sent >= 0 && (uint32_t)sent < count) enqueue(c, bytes + sent, count - (uint32_t)sent);
}

static list *members_of(long group, long channel) {
    room *found = find_room(group, channel, false);
    return found ? &found->members : NULL;
}

static uint32_t write_frame(char *to, int opcode, const char *payload, uint32_t length) {
    uint8_t *head = (uint8_t *)to;
    uint32_t head_length = length < 126 ? 2 : 4;
    head[0] = (uint8_t)(0x80 | opcode);
    head[1] = (uint8_t)(length < 126 ? length : 126);
    if (head_length == 4) {
        head[2] = (uint8_t)(length >> 8);
        head[3] = (uint8_t)length;
    }
    memcpy(to + head_length, payload, length);
    return head_length + length;
}

static void control(connection *c, int opcode, const char *payload, uint32_t length) {
    char frame[2 + 125];
    deliver(c, frame, write_frame(frame, opcode, payload, length));
}

// To those among the candidates who match.
static uint32_t broadcast(list *candidates, long group, long channel, long user, const char *text, uint32_t length) {
    static char frame[4 + INPUT_BYTES];
    uint32_t count = write_frame(frame, OP_TEXT, text, length), delivered = 0;
    for (uint32_t i = candidates ? candidates->count : 0; i-- > 0;) { // backwards: a connection that is dropped takes itself out
        connection *c = candidates->items[i];
        if (c->phase != OPEN || (group && c->group != group) || (channel && c->channel != channel) || (user && c->user != user)) continue;
        deliver(c, frame, count);
        delivered++;
    }
    return delivered;
}

// ---- The handshake: SHA-1 (FIPS 180-4) of the key and a constant, in Base64 (RFC 4648)

static uint32_t rotate(uint32_t value, int bits) { return value << bits | value >> (32 - bits); }

static void sha1_block(uint32_t state[5], const uint8_t *block) {
    uint32_t words[80];
    for (int i = 0; i < 16; i++)
        words[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    for (int i = 16; i < 80; i++) words[i] = rotate(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
    for (int i = 0; i < 80; i++) {
        uint32_t mix = i < 20   ? ((b & c) | (~b & d)) + 0x5A827999
                       : i < 40 ? (b ^ c ^ d) + 0x6ED9EBA1
                       : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDC
                                : (b ^ c ^ d) + 0xCA62C1D6;
        uint32_t next = rotate(a, 5) + mix + e + words[i];
        e = d, d = c, c = rotate(b, 30), b = a, a = next;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e;
}

// The digest of at most 111 bytes: with its padding that is two blocks.
static void sha1(const char *text, size_t length, uint8_t digest[20]) {
    uint32_t state[5] = { 0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0 };
    uint8_t padded[128] = { 0 };
    size_t blocks = length < 56 ? 1 : 2;
    memcpy(padded, text, length);
    padded[length] = 0x80;
    for (int i = 0; i < 4; i++) padded[blocks * 64 - 1 - (size_t)i] = (uint8_t)(length * 8 >> (8 * i));
    for (size_t i = 0; i < blocks; i++) sha1_block(state, padded + 64 * i);
    for (int i = 0; i < 20; i++) digest[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
}

static void base64_of_20(const uint8_t bytes[20], char text[29]) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (int i = 0; i < 27; i++) { // the 160 bits in sixes; the last has only four
        int bit = i * 6, two = bytes[bit / 8] << 8 | (bit / 8 + 1 < 20 ? bytes[bit / 8 + 1] : 0);
        text[i] = digits[two >> (10 - bit % 8) & 63];
    }
    text[27] = '=';
    text[28] = 0;
}

// ---- HTTP

static void answer(connection *c, const char *status, const char *body) {
    char text[512];
    int length = snprintf(text, sizeof text, "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                          status, strlen(body), body);
    deliver(c, text, (uint32_t)length);
}

// The value of a header in a head that ends with a zero, or NULL.
static const char *header(const char *head, const char *name) {
    const char *found = strcasestr(head, name);
    if (!found) return NULL;
    found += strlen(name);
    return found + strspn(found, " ");
}

static int hex(char digit) {
    return digit >= '0' && digit <= '9' ? digit - '0' : (digit | 32) >= 'a' && (digit | 32) <= 'f' ? (digit | 32) - 'a' + 10 : -1;
}

// Decodes a parameter of a query string in place; it ends at '&' or at the end. Returns its length.
static uint32_t decode(char *text) {
    char *to = text;
    for (char *from = text; *from && *from != '&'; from++) {
        if (*from == '%' && hex(from[1]) >= 0 && hex(from[2]) >= 0) {
            *to++ = (char)(hex(from[1]) << 4 | hex(from[2]));
            from += 2;
        } else {
            *to++ = *from == '+' ? ' ' : *from;
        }
    }
    return (uint32_t)(to - text);
}

static char *parameter(char *query, const char *name) {
    size_t length = strlen(name);
    for (char *each = query; each; each = strchr(each, '&')) {
        each += *each == '&';
        if (!strncmp(each, name, length) && each[length] == '=') return each + length + 1;
    }
    return NULL;
}

static void answer_signal(connection *c, char *query) {
    static long last_id;
    char *part = parameter(query, "part"), *message = parameter(query, "message");
    long group, channel, user;
    if (!part || !message) {
        answer(c, "400 Bad Request", "{}");
        return;
    }
    uint32_t length = decode(message);
    char ids[128];
    snprintf(ids, sizeof ids, "%s", part);
    ids[decode(ids)] = 0;
    if (sscanf(ids, "%ld,%ld,%ld", &group, &channel, &user) != 3) {
        answer(c, "400 Bad Request", "{}");
        return;
    }
    char receipt[128];
    list *candidates = group && channel ? members_of(group, channel) : &everyone;
    uint32_t delivered = broadcast(candidates, group, channel, user, message, length);
    snprintf(receipt, sizeof receipt, "{\"id\":\"floor-%ld\",\"delivered\":%u,\"gateways\":%d}", ++last_id, delivered, delivered > 0);
    answer(c, "200 OK", receipt);
}

static void upgrade(connection *c, const char *head) {
    const char *key = header(head, "\r\nSec-WebSocket-Key:");
    size_t length = key ? strcspn(key, " \r\n") : 0;
    if (length != 24) {
        answer(c, "400 Bad Request", "{}");
        return;
    }
    char text[64], accept[29], reply[256];
    uint8_t digest[20];
    memcpy(text, key, 24);
    memcpy(text + 24, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", 36);
    sha1(text, 60, digest);
    base64_of_20(digest, accept);
    int count = snprintf(reply, sizeof reply,
                         "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                         "Sec-WebSocket-Accept: %s\r\n\r\n", accept);
    c->phase = AWAITS_TOKEN;
    deliver(c, reply, (uint32_t)count);
}

// Handles one request; returns its length, 0 when it is not whole. The byte behind the input may be written to.
static uint32_t handle_request(connection *c, char *input, uint32_t length) {
    char *end = memmem(input, length, "\r\n\r\n", 4);
    if (!end) return 0;
    char kept = end[2];
    end[2] = 0;
    const char *body = header(input, "\r\nContent-Length:");
    uint32_t used = (uint32_t)(end + 4 - input) + (body ? (uint32_t)atol(body) : 0);
    if (used > length) {
        end[2] = kept;
        return 0;
    }
    char *path = strchr(input, ' ');
    char *behind = path ? strchr(path + 1, ' ') : NULL;
    if (!behind) {
        drop(c);
        return used;
    }
    path++;
    path += !strncmp(path, "/%21", 4) ? 4 : !strncmp(path, "/!", 2) ? 2 : 0;
    *behind = 0;
    const char *rest = behind + 1;
    if (!strncmp(path, "direct-signal?", 14)) answer_signal(c, path + 14);
    else if (!strcmp(path, "direct") || !strncmp(path, "direct?", 7)) upgrade(c, rest);
    else answer(c, "404 Not Found", "{}");
    return used;
}

// ---- WebSocket

static void handle_message(connection *c, char *text, uint32_t length) {
    if (c->phase == AWAITS_TOKEN) {
        c->phase = OPEN;
        c->user = ++last_user;
        join(c, 0, 0);
    } else if (length && text[0] == ':') {
        bool is_room = !c->group == !c->channel; // or the lobby
        broadcast(is_room ? members_of(c->group, c->channel) : &everyone, c->group, c->channel, 0, text + 1, length - 1);
    } else {
        char kept = text[length];
        text[length] = 0; // the first byte of the next frame, if there is one
        long group = 0, channel = 0;
        if (sscanf(text, "%ld,%ld", &group, &channel) == 2) join(c, group, channel);
        else drop(c);
        text[length] = kept;
    }
}

static void unmask(char *payload, uint32_t length, const char *key) {
    uint32_t narrow, i = 0;
    memcpy(&narrow, key, 4);
    uint64_t wide = (uint64_t)narrow << 32 | narrow;
    for (; i + 8 <= length; i += 8) {
        uint64_t eight;
        memcpy(&eight, payload + i, 8);
        eight ^= wide;
        memcpy(payload + i, &eight, 8);
    }
    for (; i < length; i++) payload[i] ^= key[i & 3];
}

// Handles one frame; returns its length, 0 when it is not whole.
static uint32_t handle_frame(connection *c, char *input, uint32_t length) {
    const uint8_t *head = (const uint8_t *)input;
    if (length < 2) return 0;
    uint32_t payload_length = head[1] & 127, payload = 6;
    if (payload_length == 126) {
        if (length < 4) return 0;
        payload_length = (uint32_t)head[2] << 8 | head[3];
        payload = 8;
    }
    int opcode = head[0] & 15;
    bool is_whole = head[0] & 0x80 && !(head[0] & 0x70), is_masked = head[1] & 0x80, is_long = (head[1] & 127) == 127;
    if (!is_whole || !is_masked || is_long || (opcode >= 8 && payload_length > 125) || payload + payload_length > INPUT_BYTES) {
        drop(c); // fragments and everything illegal
        return length;
    }
    if (length < payload + payload_length) return 0;
    unmask(input + payload, payload_length, input + payload - 4);
    switch (opcode) {
    case OP_TEXT:
    case OP_BINARY: handle_message(c, input + payload, payload_length); break;
    case OP_PING: control(c, OP_PONG, input + payload, payload_length); break;
    case OP_PONG: break;
    default: // goodbye, with its code if there is one
        control(c, OP_CLOSE, input + payload, payload_length >= 2 ? 2 : 0);
        flush(c);
        drop(c);
    }
    return payload + payload_length;
}

static void handle_input(connection *c, char *input, uint32_t length) {
    uint32_t used = 0;
    while (c->fd >= 0 && used < length) {
        uint32_t count = (c->phase == AWAITS_REQUEST ? handle_request : handle_frame)(c, input + used, length - used);
        if (count == 0) break;
        used += count;
    }
    if (c->fd < 0) return;
    free(c->input);
    c->input = NULL;
    c->input_length = length - used;
    if (c->input_length > INPUT_BYTES) {
        drop(c);
    } else if (c->input_length) {
        c->input = malloc(c->input_length);
        memcpy(c->input, input + used, c->input_length);
    }
}

static void read_all(connection *c) {
    static char buffer[2 * INPUT_BYTES + 1]; // what was left over, what comes, and a byte behind it
    while (c->fd >= 0) {
        uint32_t kept = c->input_length;
        if (kept) memcpy(buffer, c->input, kept);
        ssize_t count = recv(c->fd, buffer + kept, INPUT_BYTES, MSG_DONTWAIT);
        if (count > 0) {
            handle_input(c, buffer, kept + (uint32_t)count);
        } else {
            if (count == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) drop(c);
            return;
        }
        if (count < INPUT_BYTES) return; // edge-triggered: more than this, or the end, is another event
    }
}

// ---- The loop

static void accept_all(int listener) {
    int fd, yes = 1;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        connection *c = calloc(1, sizeof *c);
        c->fd = fd;
        c->index = everyone.count;
        add(&everyone, c);
        struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = c };
        epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
    }
}

static int handle_events(int listener, int timeout) {
    static struct epoll_event events[EVENTS];
    int count = epoll_wait(poller, events, EVENTS, timeout);
    for (int i = 0; i < count; i++) {
        connection *c = events[i].data.ptr;
        if (!c) {
            accept_all(listener);
            continue;
        }
        if (events[i].events & EPOLLOUT) flush(c);
        if (events[i].events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) read_all(c);
        if (events[i].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) drop(c); // what it had said has been read
    }
    return count;
}

static int listen_on(int port) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), yes = 1;
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4096)) {
        fprintf(stderr, "floor: cannot listen on 127.0.0.1:%d: %s\n", port, strerror(errno));
        exit(1);
    }
    return listener;
}

int main(int count, char **arguments) {
    char *end = "";
    long port = count > 1 ? strtol(arguments[1], &end, 10) : 0;
    coalesces = count == 3 && !strcmp(arguments[2], "--coalesce");
    if (count < 2 || count > 3 || (count == 3 && !coalesces) || *end || port < 1 || port > 65535) {
        fprintf(stderr, "usage: floor PORT [--coalesce]\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    struct rlimit descriptors;
    getrlimit(RLIMIT_NOFILE, &descriptors);
    descriptors.rlim_cur = descriptors.rlim_max;
    setrlimit(RLIMIT_NOFILE, &descriptors);
    int listener = listen_on((int)port);
    poller = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = NULL };
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        handle_events(listener, -1);
        for (int i = 0; coalesces && i < REPOLLS && handle_events(listener, 0) > 0; i++) {}
        for (uint32_t i = 0; i < dirty.count; i++) {
            dirty.items[i]->is_dirty = false;
            flush(dirty.items[i]);
        }
        dirty.count = 0;
        for (uint32_t i = 0; i < gone.count; i++) {
            free(gone.items[i]->input);
            free(gone.items[i]->queue);
            free(gone.items[i]);
        }
        gone.count = 0;
    }
}
