#include "tests/sink/support_proxy.h"

#include "tests/support/postgres.h"
#include "tests/support/suite.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SLICE_MS = 50, ANSWER_LIMIT_MS = 5000 };

/* A simple query, as the protocol has it: a letter, the size of the rest, the text and a NUL. */
static const char commit_message[] = "Q\0\0\0\013COMMIT";

static struct {
    pthread_t thread;
    int listener, every, commits;
    atomic_int cuts;
    atomic_bool stopped;
    char url[256];
} proxy;

static struct sockaddr_in loopback(int port) {
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int server_connect(void) {
    const char *port = strrchr(server_url(), ':');
    struct sockaddr_in address = loopback(atoi(port + 1));
    int socket_fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(socket_fd, (struct sockaddr *)&address, sizeof address) == 0) return socket_fd;
    close(socket_fd);
    return -1;
}

static bool send_all(int to, const char *bytes, ssize_t size) {
    while (size > 0) {
        ssize_t sent = send(to, bytes, (size_t)size, MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes += sent;
        size -= sent;
    }
    return true;
}

/* Whether the connection is to be cut at what the client says now; then Postgres may have got it first. */
static bool is_cut(int server, const char *bytes, ssize_t size) {
    if (!memmem(bytes, (size_t)size, commit_message, sizeof commit_message)) return false;
    if (++proxy.commits % proxy.every) return false;
    if (++proxy.cuts % 2 == 0) return true;
    send_all(server, bytes, size);
    struct pollfd answer = {.fd = server, .events = POLLIN};
    poll(&answer, 1, ANSWER_LIMIT_MS);
    return true;
}

/* Passes on what there is; false where the connection has ended or is to end. */
static bool pass(int from, int to, bool from_client) {
    static char bytes[1 << 16];
    ssize_t size = recv(from, bytes, sizeof bytes, 0);
    if (size <= 0 || (from_client && is_cut(to, bytes, size))) return false;
    return send_all(to, bytes, size);
}

static void connection_serve(int client, int server) {
    struct pollfd ends[] = {{.fd = client, .events = POLLIN}, {.fd = server, .events = POLLIN}};
    while (!proxy.stopped) {
        if (poll(ends, 2, SLICE_MS) <= 0) continue;
        if (ends[0].revents && !pass(client, server, true)) return;
        if (ends[1].revents && !pass(server, client, false)) return;
    }
}

static void *proxy_main(void *unused) {
    (void)unused;
    while (!proxy.stopped) {
        struct pollfd ready = {.fd = proxy.listener, .events = POLLIN};
        if (poll(&ready, 1, SLICE_MS) <= 0) continue;
        int client = accept(proxy.listener, NULL, NULL), server = server_connect();
        if (client >= 0 && server >= 0) connection_serve(client, server);
        if (client >= 0) close(client);
        if (server >= 0) close(server);
    }
    return NULL;
}

void proxy_start(int every) {
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    proxy.every = every;
    proxy.listener = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(proxy.listener, (struct sockaddr *)&address, sizeof address), 0);
    ck_assert_int_eq(listen(proxy.listener, 8), 0);
    ck_assert_int_eq(getsockname(proxy.listener, (struct sockaddr *)&address, &size), 0);
    snprintf(proxy.url, sizeof proxy.url, "postgresql://amlstream@127.0.0.1:%d/amlstream",
             ntohs(address.sin_port));
    ck_assert_int_eq(pthread_create(&proxy.thread, NULL, proxy_main, NULL), 0);
}

void proxy_stop(void) {
    proxy.stopped = true;
    pthread_join(proxy.thread, NULL);
    close(proxy.listener);
}

const char *proxy_url(void) { return proxy.url; }

int proxy_cuts(void) { return proxy.cuts; }
