#include "common/http_internal.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 1024 };

static err_t *bad_address(const char *address, const char *why) {
    return err_new_code(EXIT_USAGE,
                        "HTTP_LISTEN \"%s\" is no address to listen on: %s; give address:port, for example "
                        "127.0.0.1:8080, 0.0.0.0:8080 or [::1]:8080",
                        address, why);
}

/* Splits "host:port" or "[host]:port"; `host` is malloc'ed, `port` points into `address`. */
static err_t *address_split(const char *address, char **host, const char **port) {
    const char *colon = strrchr(address, ':');
    if (!colon) return bad_address(address, "it has no port");
    const char *start = address, *end = colon;
    if (*start == '[') {
        if (end == start || end[-1] != ']') return bad_address(address, "the bracket is not closed");
        start++;
        end--;
    } else if (memchr(start, ':', (size_t)(end - start))) {
        return bad_address(address, "an IPv6 address needs brackets");
    }
    if (start == end) return bad_address(address, "the address is missing");
    char *digits_end;
    long number = strtol(colon + 1, &digits_end, 10);
    if (colon[1] < '0' || colon[1] > '9' || *digits_end || number > 65535) {
        return bad_address(address, "the port must be a number from 0 to 65535");
    }
    *host = strndup(start, (size_t)(end - start));
    if (!*host) abort();
    *port = colon + 1;
    return NULL;
}

static int port_of(int socket) {
    struct sockaddr_storage bound;
    socklen_t size = sizeof bound;
    if (getsockname(socket, (struct sockaddr *)&bound, &size) != 0) return 0;
    if (bound.ss_family == AF_INET6) return ntohs(((struct sockaddr_in6 *)&bound)->sin6_port);
    return ntohs(((struct sockaddr_in *)&bound)->sin_port);
}

static int socket_bind(const struct addrinfo *to) {
    int on = 1, made = socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (made < 0) return -1;
    setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    /* [::] must not take IPv4 too: what was asked for is bound, and nothing else. */
    if (to->ai_family == AF_INET6) setsockopt(made, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (bind(made, to->ai_addr, to->ai_addrlen) == 0 && listen(made, BACKLOG) == 0) return made;
    int error = errno;
    close(made);
    errno = error;
    return -1;
}

err_t *http_listen(const char *address, int *socket_out, int *port) {
    char *host = NULL;
    const char *service = NULL;
    TRY(address_split(address, &host, &service));
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV},
                    *found = NULL;
    int failed = getaddrinfo(host, service, &hints, &found);
    free(host);
    if (failed) return bad_address(address, gai_strerror(failed));
    int made = socket_bind(found);
    int error = errno;
    freeaddrinfo(found);
    if (made < 0) {
        return err_new(
            "cannot listen on %s: %s; set AMLSTREAM_HTTP_LISTEN to an address of this machine and a "
            "port that is free",
            address, strerror(error));
    }
    *socket_out = made;
    *port = port_of(made);
    return NULL;
}
