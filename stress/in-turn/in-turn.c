// Compares what a delivery or a signal costs in servers that run at the same time: each gets a burst in turn, of a tenth of a second for instance.
//
//     cc -O2 -o in-turn in-turn.c
//     ./in-turn [--http] [--rooms=N] ROUNDS SECONDS IN-FLIGHT CONNECTIONS SIDE...
//
// A side is NAME:DIALECT:PORTS:PROCESSES:GROUP, the first one is what the others are divided by. DIALECT is 1 or 2 (direct.2); PORTS are those of its
// gateways, and PROCESSES the ids whose processor time counts, both with commas. Two sides may be the same processes, with other groups.
//
//     ./in-turn 600 0.1 1 1000 original:1:8085:$pid:1 direct2:2:8085:$pid:2
//
// The connections of a side are in one room, or in N rooms of the same size. One in each room broadcasts, the rooms in turn, with IN-FLIGHT messages of all
// rooms on their way. With --http each connection is in a room of its own, and IN-FLIGHT callers send signals to one connection at a time. Servers need
// env=test.
//
// The processor time of a machine that is shared doubles and halves within seconds. What two bursts side by side took is comparable, and so is the median
// of the ratios of some hundred rounds. Every second round goes backwards. A message that does not arrive ends the program.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    SIDES = 8,
    PROCESSES = 32,
    ROUNDS = 10000,
    CALLERS = 256,
    TEXT_BYTES = 64,
    REST_BYTES = 4096,      // of a frame that is not whole yet
    NUMBERS = 8192,         // messages whose deliveries are counted; more than are in flight
    EVENTS = 256,
    WARM_UP_SECONDS = 10,
    PATIENCE_SECONDS = 10,
    OP_TEXT = 1, OP_CLOSE = 8, OP_PING = 9,
};

typedef struct {
    int fd;
    int rest_length;
    unsigned char rest[REST_BYTES];
} connection;

typedef struct {
    int fd;
    int target; // the connection that gets the next signal
} caller;

typedef struct {
    const char *name;
    int dialect, group;
    int ports[PROCESSES], port_count;
    int processes[PROCESSES], process_count;
    connection *connections;
    caller callers[CALLERS];
    int events, call_events;        // epoll; the second one is ready when the first one is
    long sent, done;                // messages or signals
    int missing[NUMBERS];           // deliveries
    double microseconds[ROUNDS];    // a delivery or signal, by round
} side;

static int in_flight, connection_count, room_count = 1;
static bool is_http;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static double seconds_of(clockid_t clock) {
    struct timespec time;
    if (clock_gettime(clock, &time)) fail("clock_gettime");
    return time.tv_sec + time.tv_nsec * 1e-9;
}

static double now(void) { return seconds_of(CLOCK_MONOTONIC); }

static double processor_seconds(const side *side) {
    double sum = 0;
    for (int i = 0; i < side->process_count; i++) {
        clockid_t clock;
        if (clock_getcpuclockid(side->processes[i], &clock)) {
            fprintf(stderr, "in-turn: process %d of %s has ended\n", side->processes[i], side->name);
            exit(1);
        }
        sum += seconds_of(clock);
    }
    return sum;
}

static void send_all(int fd, const void *bytes, int length) {
    const char *at = bytes;
    while (length > 0) {
        int sent = send(fd, at, length, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN) fail("send");
        if (sent < 0) usleep(50);
        else at += sent, length -= sent;
    }
}

// A masked frame with the mask 0, of less than 64 KiB.
static void send_frame(int fd, int opcode, const char *bytes, int length) {
    unsigned char frame[1024];
    int at = 0;
    frame[at++] = 0x80 | opcode;
    if (length < 126) {
        frame[at++] = 0x80 | length;
    } else {
        frame[at++] = 0x80 | 126;
        frame[at++] = length >> 8;
        frame[at++] = length;
    }
    memset(frame + at, 0, 4);
    at += 4;
    memcpy(frame + at, bytes, length);
    send_all(fd, frame, at + length);
}

static int open_socket(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address)) fail("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

static int channel_of(int index) { return index % room_count + 1; }

static int open_connection(const side *side, int index) {
    int fd = open_socket(side->ports[index % side->port_count]), length = 0;
    char text[1024];
    send_all(fd, text, sprintf(text,
        "GET /!direct HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Version: 13\r\n%s\r\n", side->dialect == 2 ? "Sec-WebSocket-Protocol: direct.2\r\n" : ""));
    do { // byte by byte: frames may follow
        if (length == sizeof text - 1 || read(fd, text + length, 1) != 1) fail("handshake");
        text[++length] = 0;
    } while (!strstr(text, "\r\n\r\n"));
    if (!strstr(text, " 101 ") || (side->dialect == 2 && !strstr(text, "direct.2"))) {
        fprintf(stderr, "in-turn: %s answered the handshake with:\n%s\n", side->name, text);
        exit(1);
    }
    if (side->dialect == 2) {
        send_frame(fd, OP_TEXT, text, sprintf(text, "auth t%d-%d\njoin %d,%d", side->group, index, side->group, channel_of(index)));
    } else {
        send_frame(fd, OP_TEXT, text, sprintf(text, "t%d-%d", side->group, index));
        send_frame(fd, OP_TEXT, text, sprintf(text, "%d,%d", side->group, channel_of(index)));
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

static void watch(int events, int fd, void *data) {
    struct epoll_event event = {EPOLLIN, {.ptr = data}};
    if (epoll_ctl(events, EPOLL_CTL_ADD, fd, &event)) fail("epoll_ctl");
}

static void handle_frame(side *side, connection *connection, int opcode, const unsigned char *payload, int length) {
    if (opcode == OP_CLOSE) {
        fprintf(stderr, "in-turn: %s closed a connection: %.*s\n", side->name, length - 2, payload + 2);
        exit(1);
    }
    if (opcode == OP_PING) send_frame(connection->fd, 10, (const char *)payload, length);
    if (opcode == OP_TEXT && !is_http && length >= TEXT_BYTES && payload[length - TEXT_BYTES] == 'm') {
        long number = strtol((const char *)payload + length - TEXT_BYTES + 1, NULL, 10);
        if (--side->missing[number % NUMBERS] == 0) side->done++;
    }
}

static void read_frames(side *side, connection *connection) {
    static unsigned char input[REST_BYTES + 256 * 1024];
    memcpy(input, connection->rest, connection->rest_length);
    int received = recv(connection->fd, input + connection->rest_length, sizeof input - REST_BYTES, 0), at = 0;
    if (received < 0 && errno == EAGAIN) return;
    if (received <= 0) fail("a connection ended");
    int end = connection->rest_length + received;
    while (end - at >= 4) {
        int length = input[at + 1] & 127, header = 2;
        if (length == 126) {
            length = input[at + 2] << 8 | input[at + 3];
            header = 4;
        }
        if (end - at < header + length) break;
        handle_frame(side, connection, input[at] & 15, input + at + header, length);
        at += header + length;
    }
    connection->rest_length = end - at;
    if (connection->rest_length > REST_BYTES) fail("a frame is too long");
    memcpy(connection->rest, input + at, connection->rest_length);
}

static void receive(side *side, int milliseconds) {
    struct epoll_event events[EVENTS];
    int count = epoll_wait(side->events, events, EVENTS, milliseconds);
    for (int i = 0; i < count; i++) read_frames(side, events[i].data.ptr);
}

static void broadcast(side *side) {
    char text[TEXT_BYTES + 1], message[256];
    memset(text, 'x', TEXT_BYTES);
    text[TEXT_BYTES] = 0;
    text[sprintf(text, "m%010ld", ++side->sent)] = 'x';
    side->missing[side->sent % NUMBERS] = connection_count / room_count;
    int sender = side->sent % room_count;
    int length = side->dialect == 2 ? sprintf(message, "say %d,%d\n%s", side->group, channel_of(sender), text) : sprintf(message, ":%s", text);
    send_frame(side->connections[sender].fd, OP_TEXT, message, length);
}

static void call(side *side, caller *caller) {
    char request[512];
    caller->target = (caller->target + 7) % connection_count;
    send_all(caller->fd, request, sprintf(request, "GET /!direct-signal?part=%d,%d,0&message=%064d HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        side->group, channel_of(caller->target), 0));
    side->sent++;
}

static void receive_answers(side *side, bool calls_again) {
    struct epoll_event events[EVENTS];
    int count = epoll_wait(side->call_events, events, EVENTS, 100);
    for (int i = 0; i < count; i++) {
        caller *caller = events[i].data.ptr;
        char answer[4096];
        if (!caller) {
            receive(side, 0);
            continue;
        }
        int length = recv(caller->fd, answer, sizeof answer - 1, 0);
        answer[length > 0 ? length : 0] = 0;
        if (strncmp(answer, "HTTP/1.1 20", 11)) {
            fprintf(stderr, "in-turn: %s answered a signal with:\n%s\n", side->name, answer);
            exit(1);
        }
        side->done++;
        if (calls_again) call(side, caller);
    }
}

static double burst(side *side, double seconds) {
    double processor = processor_seconds(side), began = now();
    long done = side->done;
    if (is_http) {
        for (int i = 0; i < in_flight; i++) call(side, &side->callers[i]);
        while (now() - began < seconds) receive_answers(side, true);
        while (side->done < side->sent) receive_answers(side, false);
        return (processor_seconds(side) - processor) * 1e6 / (side->done - done);
    }

    while (now() - began < seconds) {
        while (side->sent - side->done < in_flight) broadcast(side);
        receive(side, 100);
    }
    for (double ended = now(); side->done < side->sent; receive(side, 100)) {
        if (now() - ended > PATIENCE_SECONDS) {
            fprintf(stderr, "in-turn: %ld messages of %s did not reach everyone within %d s\n", side->sent - side->done, side->name, PATIENCE_SECONDS);
            exit(1);
        }
    }
    return (processor_seconds(side) - processor) * 1e6 / ((side->done - done) * (double)(connection_count / room_count));
}

static int split(char *text, int *numbers) {
    int count = 0;
    char *rest;
    for (char *number = strtok_r(text, ",", &rest); number && count < PROCESSES; number = strtok_r(NULL, ",", &rest)) numbers[count++] = atoi(number);
    return count;
}

static void open_side(side *side, char *text) {
    char *rest, *fields[5];
    for (int i = 0; i < 5; i++) {
        fields[i] = strtok_r(i == 0 ? text : NULL, ":", &rest);
        if (!fields[i]) {
            fprintf(stderr, "in-turn: a side is NAME:DIALECT:PORTS:PROCESSES:GROUP\n");
            exit(2);
        }
    }
    side->name = fields[0];
    side->dialect = atoi(fields[1]);
    side->port_count = split(fields[2], side->ports);
    side->process_count = split(fields[3], side->processes);
    side->group = atoi(fields[4]);
    side->events = epoll_create1(0);
    side->connections = calloc(connection_count, sizeof(connection));
    for (int i = 0; i < connection_count; i++) {
        side->connections[i].fd = open_connection(side, i);
        watch(side->events, side->connections[i].fd, &side->connections[i]);
        if (i % 200 == 199) usleep(200000); // a node takes 2,000 new connections a second
    }
    for (double opened = now(); now() - opened < 2;) receive(side, 100);
    if (is_http) {
        side->call_events = epoll_create1(0);
        watch(side->call_events, side->events, NULL);
        for (int i = 0; i < in_flight; i++) {
            side->callers[i] = (caller){.fd = open_socket(side->ports[i % side->port_count]), .target = i * 11 % connection_count};
            watch(side->call_events, side->callers[i].fd, &side->callers[i]);
        }
    }
}

static int compare(const void *one, const void *other) {
    double a = *(const double *)one, b = *(const double *)other;
    return (a > b) - (a < b);
}

static void report(const side *side, const double *base, int rounds) {
    static double costs[ROUNDS], ratios[ROUNDS];
    for (int i = 0; i < rounds; i++) {
        costs[i] = side->microseconds[i];
        ratios[i] = side->microseconds[i] / base[i];
    }
    qsort(costs, rounds, sizeof *costs, compare);
    qsort(ratios, rounds, sizeof *ratios, compare);
    printf("%-12s median %.3f us; ratio median %.3f, quartiles %.3f and %.3f\n", side->name, costs[rounds / 2], ratios[rounds / 2],
        ratios[rounds / 4], ratios[rounds * 3 / 4]);
}

int main(int count, char **arguments) {
    static side sides[SIDES];
    for (; count > 1 && !strncmp(arguments[1], "--", 2); count--, arguments++) {
        is_http |= !strcmp(arguments[1], "--http");
        if (!strncmp(arguments[1], "--rooms=", 8)) room_count = atoi(arguments[1] + 8);
    }
    int side_count = count - 5, rounds = count > 5 ? atoi(arguments[1]) : 0;
    if (side_count < 1 || side_count > SIDES || rounds < 1 || rounds > ROUNDS) {
        fprintf(stderr, "in-turn: [--http] [--rooms=N] ROUNDS SECONDS IN-FLIGHT CONNECTIONS SIDE..., with at most %d rounds and %d sides\n", ROUNDS, SIDES);
        return 2;
    }
    double seconds = atof(arguments[2]);
    in_flight = atoi(arguments[3]);
    connection_count = atoi(arguments[4]);
    if (seconds <= 0 || in_flight < 1 || in_flight > (is_http ? CALLERS : NUMBERS / 2) || connection_count < 1) {
        fprintf(stderr, "in-turn: SECONDS and CONNECTIONS must be above 0, and IN-FLIGHT between 1 and %d\n", is_http ? CALLERS : NUMBERS / 2);
        return 2;
    }
    room_count = is_http ? connection_count : room_count;
    if (room_count < 1 || connection_count % room_count != 0) {
        fprintf(stderr, "in-turn: CONNECTIONS must be a multiple of the number of rooms\n");
        return 2;
    }
    for (int i = 0; i < side_count; i++) open_side(&sides[i], arguments[5 + i]);
    for (int i = 0; i < side_count; i++) burst(&sides[i], WARM_UP_SECONDS);
    for (int round = 0; round < rounds; round++) {
        for (int i = 0; i < side_count; i++) {
            side *side = &sides[round % 2 ? side_count - 1 - i : i];
            side->microseconds[round] = burst(side, seconds);
        }
    }
    for (int i = 0; i < side_count; i++) report(&sides[i], sides[0].microseconds, rounds);
    return 0;
}
