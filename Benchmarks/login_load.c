/* Logs in to a PostgreSQL server or proxy by SCRAM-SHA-256, many times or many at once: one thread, one epoll.
 *
 *   login_load PORT USER PASSWORD DATABASE load CLIENTS SECONDS LOG [STATEMENT]
 *       CLIENTS at a time log in, run the statement if there is one, say goodbye, and log in again, until SECONDS have
 *       passed. LOG gets a line for each as of `pgbench --log`: client, number, microseconds, 0, time of the end in
 *       seconds and microseconds. Prints how many there were, how many passwords were salted, and its own CPU time.
 *   login_load PORT USER PASSWORD DATABASE hold CLIENTS [STATEMENT]
 *       CLIENTS log in, run the statement, and stay until standard input ends. Prints "held" when all are there.
 *
 * Salting a password takes milliseconds, so it is done once for each salt: what is measured is the server. A login that
 * fails ends the program.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { DIGEST = SHA256_DIGEST_LENGTH, BUFFER = 8192, AT_A_TIME = 64 };
enum { SASL = 10, SASL_CONTINUE = 11, SASL_FINAL = 12, OK = 0 };

struct client {
    int descriptor, number;
    bool is_logged_in, is_leaving;
    uint64_t began;
    char nonce[25];
    unsigned char server_signature[DIGEST];
    size_t held;
    char received[BUFFER];
};

static const char *user, *password, *database, *statement;
static uint16_t port;
static int poll_descriptor;
static bool is_holding;
static FILE *log_file;
static unsigned long logins, saltings;
static char salt_known[256];
static unsigned char salted_password[DIGEST];

static void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("login_load: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    exit(1);
}

static uint64_t microseconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* Messages out. They are far smaller than a socket's buffer: what does not go out at once is an error. */

static void send_all(struct client *client, const char *bytes, size_t count) {
    ssize_t sent = send(client->descriptor, bytes, count, MSG_NOSIGNAL);
    if (sent != (ssize_t)count) fail("client %d: send: %s", client->number, strerror(errno));
}

static void send_message(struct client *client, char kind, const char *body, size_t count) {
    char message[BUFFER];
    if (count + 5 > sizeof message) fail("a message of %zu bytes is too long", count);
    uint32_t length = htonl((uint32_t)count + 4);
    message[0] = kind;
    memcpy(message + 1, &length, 4);
    memcpy(message + 5, body, count);
    send_all(client, message, count + 5);
}

static void send_startup(struct client *client) {
    char packet[BUFFER];
    uint32_t version = htonl(3 << 16);
    memcpy(packet + 4, &version, 4);
    int count = 8 + snprintf(packet + 8, sizeof packet - 8, "user%c%s%cdatabase%c%s%c", 0, user, 0, 0, database, 0) + 1;
    uint32_t length = htonl((uint32_t)count);
    memcpy(packet, &length, 4);
    packet[count - 1] = 0;
    send_all(client, packet, (size_t)count);
}

static void open_client(struct client *client) {
    client->is_logged_in = client->is_leaving = false;
    client->held = 0;
    client->began = microseconds(CLOCK_MONOTONIC);
    client->descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (client->descriptor < 0) fail("socket: %s", strerror(errno));
    int yes = 1;
    setsockopt(client->descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(client->descriptor, (struct sockaddr *)&address, sizeof address) != 0 && errno != EINPROGRESS)
        fail("connect: %s", strerror(errno));
    struct epoll_event event = {.events = EPOLLOUT, .data.ptr = client};
    if (epoll_ctl(poll_descriptor, EPOLL_CTL_ADD, client->descriptor, &event) != 0) fail("epoll: %s", strerror(errno));
}

static void connected(struct client *client) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(client->descriptor, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) fail("connect: %s", strerror(error));
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
    if (epoll_ctl(poll_descriptor, EPOLL_CTL_MOD, client->descriptor, &event) != 0) fail("epoll: %s", strerror(errno));
    send_startup(client);
}

/* SCRAM-SHA-256 (RFC 5802, RFC 7677), without channel binding. */

static void hmac(const unsigned char *key, const void *text, size_t count, unsigned char *result) {
    unsigned int length = DIGEST;
    if (!HMAC(EVP_sha256(), key, DIGEST, text, count, result, &length)) fail("HMAC failed");
}

static void send_first(struct client *client) {
    unsigned char random[18];
    if (RAND_bytes(random, sizeof random) != 1) fail("no random bytes");
    EVP_EncodeBlock((unsigned char *)client->nonce, random, sizeof random);
    char body[128] = "SCRAM-SHA-256";
    int count = snprintf(body + 18, sizeof body - 18, "n,,n=,r=%s", client->nonce);
    uint32_t length = htonl((uint32_t)count);
    memcpy(body + 14, &length, 4);
    send_message(client, 'p', body, 18 + (size_t)count);
}

static void salt_the_password(const char *salt, int iterations) {
    unsigned char bytes[192];
    int count = EVP_DecodeBlock(bytes, (const unsigned char *)salt, (int)strlen(salt));
    if (count < 0) fail("the salt is not base64");
    for (const char *end = salt + strlen(salt); end > salt && end[-1] == '='; end--) count--;
    if (!PKCS5_PBKDF2_HMAC(password, -1, bytes, count, iterations, EVP_sha256(), DIGEST, salted_password))
        fail("PBKDF2 failed");
    saltings++;
}

static void send_final(struct client *client, const char *server_first) {
    char nonce[128], salt[128], known[256];
    int iterations;
    if (sscanf(server_first, "r=%127[^,],s=%127[^,],i=%d", nonce, salt, &iterations) != 3
        || strncmp(nonce, client->nonce, strlen(client->nonce)) != 0)
        fail("not a server's first SCRAM message: %s", server_first);
    snprintf(known, sizeof known, "%s %d", salt, iterations);
    if (strcmp(known, salt_known) != 0) {
        salt_the_password(salt, iterations);
        strcpy(salt_known, known);
    }
    char text[1024];
    int count = snprintf(text, sizeof text, "n=,r=%s,%s,c=biws,r=%s", client->nonce, server_first, nonce);
    unsigned char client_key[DIGEST], stored_key[DIGEST], signature[DIGEST], server_key[DIGEST], proof[DIGEST];
    hmac(salted_password, "Client Key", 10, client_key);
    SHA256(client_key, DIGEST, stored_key);
    hmac(stored_key, text, (size_t)count, signature);
    for (int i = 0; i < DIGEST; i++) proof[i] = client_key[i] ^ signature[i];
    hmac(salted_password, "Server Key", 10, server_key);
    hmac(server_key, text, (size_t)count, client->server_signature);
    char encoded[64], body[256];
    EVP_EncodeBlock((unsigned char *)encoded, proof, DIGEST);
    count = snprintf(body, sizeof body, "c=biws,r=%s,p=%s", nonce, encoded);
    send_message(client, 'p', body, (size_t)count);
}

static void check_final(struct client *client, const char *server_final) {
    char encoded[64];
    EVP_EncodeBlock((unsigned char *)encoded, client->server_signature, DIGEST);
    if (strncmp(server_final, "v=", 2) != 0 || strcmp(server_final + 2, encoded) != 0)
        fail("the server does not know the password");
}

static void authenticate(struct client *client, const char *body, size_t count) {
    uint32_t code;
    char text[512] = "";
    if (count < 4 || count - 4 >= sizeof text) fail("an authentication message of %zu bytes", count);
    memcpy(&code, body, 4);
    memcpy(text, body + 4, count - 4);
    switch (ntohl(code)) {
    case SASL: send_first(client); break;
    case SASL_CONTINUE: send_final(client, text); break;
    case SASL_FINAL: check_final(client, text); break;
    case OK: break;
    default: fail("the server asks for authentication method %u instead of SCRAM", ntohl(code));
    }
}

/* Messages in. */

static void ready(struct client *client) {
    if (!client->is_logged_in) {
        client->is_logged_in = true;
        if (statement) {
            send_message(client, 'Q', statement, strlen(statement) + 1);
            return;
        }
    }
    if (is_holding) {
        logins++;
        return;
    }
    send_message(client, 'X', "", 0);
    client->is_leaving = true;
}

static void handle(struct client *client, char kind, const char *body, size_t count) {
    if (kind == 'R') authenticate(client, body, count);
    if (kind == 'Z') ready(client);
    if (kind == 'E') {
        for (const char *field = body; field < body + count && *field; field += strlen(field) + 1)
            if (*field == 'M') fail("client %d: the server says: %s", client->number, field + 1);
        fail("client %d: the server says nothing but that it failed", client->number);
    }
}

static void ended(struct client *client) {
    if (!client->is_leaving) fail("client %d: the server closed the connection", client->number);
    close(client->descriptor);
    uint64_t now = microseconds(CLOCK_REALTIME);
    uint64_t took = microseconds(CLOCK_MONOTONIC) - client->began;
    fprintf(log_file, "%d %lu %llu 0 %llu %llu\n", client->number, logins++, (unsigned long long)took,
            (unsigned long long)(now / 1000000), (unsigned long long)(now % 1000000));
}

/* Answers false when the connection has ended as it should. */
static bool readable(struct client *client) {
    ssize_t count = recv(client->descriptor, client->received + client->held, BUFFER - client->held, 0);
    if (count < 0 && errno == EAGAIN) return true;
    if (count < 0 && !(errno == ECONNRESET && client->is_leaving)) fail("recv: %s", strerror(errno));
    if (count <= 0) {
        ended(client);
        return false;
    }
    client->held += (size_t)count;
    size_t start = 0;
    while (client->held - start >= 5) {
        uint32_t length;
        memcpy(&length, client->received + start + 1, 4);
        length = ntohl(length);
        if (length < 4 || length + 1 > BUFFER) fail("a message of %u bytes", length);
        if (client->held - start < length + 1) break;
        handle(client, client->received[start], client->received + start + 5, length - 4);
        start += length + 1;
    }
    memmove(client->received, client->received + start, client->held - start);
    client->held -= start;
    return true;
}

static void turn(struct client *clients, uint64_t deadline, int *open) {
    struct epoll_event events[AT_A_TIME];
    int count = epoll_wait(poll_descriptor, events, AT_A_TIME, 20000);
    if (count == 0) fail("nothing has happened for 20 s");
    for (int i = 0; i < count; i++) {
        struct client *client = events[i].data.ptr;
        if (events[i].events & EPOLLOUT) {
            connected(client);
        } else if (!readable(client)) {
            --*open;
            if (microseconds(CLOCK_MONOTONIC) < deadline) {
                open_client(&clients[client->number]);
                ++*open;
            }
        }
    }
}

static void load(struct client *clients, int count, double seconds) {
    uint64_t deadline = microseconds(CLOCK_MONOTONIC) + (uint64_t)(seconds * 1e6);
    int open = 0;
    for (; open < count; open++) open_client(&clients[open]);
    while (open > 0) turn(clients, deadline, &open);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    double cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
        + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    printf("%lu %lu %.6f\n", logins, saltings, cpu);
}

/* So many begin at a time, as a server's backlog may be short. */
static void hold(struct client *clients, int count) {
    is_holding = true;
    int open = 0;
    while (logins < (unsigned long)count) {
        while (open < count && open < (int)logins + 32) open_client(&clients[open++]);
        turn(clients, 0, &open);
    }
    puts("held");
    fflush(stdout);
    char bytes[64];
    while (read(STDIN_FILENO, bytes, sizeof bytes) > 0) {}
    for (int i = 0; i < count; i++) {
        if (recv(clients[i].descriptor, bytes, sizeof bytes, 0) == 0) fail("client %d was disconnected while idle", i);
        send_message(&clients[i], 'X', "", 0);
        close(clients[i].descriptor);
    }
}

int main(int count, char **arguments) {
    if (count < 7) fail("too few arguments");
    port = (uint16_t)atoi(arguments[1]);
    user = arguments[2];
    password = arguments[3];
    database = arguments[4];
    bool is_load = strcmp(arguments[5], "load") == 0;
    int clients = atoi(arguments[6]);
    if (clients < 1 || (is_load && count < 9)) fail("too few clients or arguments");
    int next = is_load ? 9 : 7;
    statement = count > next ? arguments[next] : NULL;
    poll_descriptor = epoll_create1(EPOLL_CLOEXEC);
    struct client *all = calloc((size_t)clients, sizeof *all);
    if (poll_descriptor < 0 || !all) fail("cannot begin: %s", strerror(errno));
    for (int i = 0; i < clients; i++) all[i].number = i;
    if (is_load) {
        log_file = fopen(arguments[8], "w");
        if (!log_file) fail("%s: %s", arguments[8], strerror(errno));
        load(all, clients, atof(arguments[7]));
        if (fclose(log_file) != 0) fail("%s: %s", arguments[8], strerror(errno));
    } else {
        hold(all, clients);
    }
    return 0;
}
