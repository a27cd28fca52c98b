/* A small HTTP/1.1 server over libmicrohttpd: a route table, JSON answers, problem+json errors. */
#pragma once

#include "common/buf.h"
#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    HTTP_BODY_SIZE_MAX = 1024 * 1024,
    HTTP_HEAD_SIZE_MAX = 32 * 1024, /* request line and headers; also what one connection may take */
    HTTP_CONNECTIONS_MAX = 4096,
    HTTP_IDLE_S_MAX = 20, /* then a silent connection is closed */
    HTTP_HEADERS_MAX = 8, /* that a handler adds */
};

typedef struct http_server http_server_t;
typedef struct http_request http_request_t;

/* What a handler answers. The body starts empty; the type is application/json unless set. */
typedef struct {
    int status;               /* 200 */
    const char *content_type; /* static string */
    buf_t body;
    int retry_after_s; /* > 0: sends Retry-After */
    struct {
        const char *name;
        char *value;
    } headers[HTTP_HEADERS_MAX]; /* see http_response_header */
    int header_count;
} http_response_t;

typedef void (*http_handler_t)(const http_request_t *request, http_response_t *response, void *context);

typedef struct {
    const char *method; /* "GET" (answers HEAD too), "POST" … */
    const char *path;   /* "/scores/{wallet}": a segment in braces matches one segment, percent-decoded */
    http_handler_t handler;
} http_route_t;

/* A handler that fits the path first in the table's order has it, so "/scores/top" stands before
 * "/scores/{wallet}". `listen` is "address:port", "[::1]:port" for IPv6, and nothing else is bound; port 0
 * takes a free one. Routes end with a NULL method and must outlive the server. `threads` workers share the
 * connections (epoll). Nothing in a request may block the server for others for long. */
err_t *http_server_new(const char *listen, const http_route_t *routes, void *context, int threads,
                       http_server_t **out);
void http_server_free(http_server_t *server); /* stops accepting, ends what is under way */
int http_server_port(const http_server_t *server);

const char *http_request_path_value(const http_request_t *request,
                                    const char *name);                           /* decoded; NULL: no such */
const char *http_request_query(const http_request_t *request, const char *name); /* decoded; NULL: absent */
const char *http_request_header(const http_request_t *request, const char *name);
/* The name of the query parameter at `index`, in the order given; NULL past the last. */
const char *http_request_query_name(const http_request_t *request, int index);
const char *http_request_method(const http_request_t *request);
/* The client's X-Request-Id where it sent a sound one, else a random one; goes back in the answer and into
 * the logs. */
const char *http_request_id(const http_request_t *request);
const char *http_request_body(const http_request_t *request, size_t *size);

/* Adds a header to the answer; `name` static, the value is copied. */
void http_response_header(http_response_t *response, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Turns the response into a problem (RFC 9457): {"type","title","status","detail","parameter"?}. `parameter`
 * may be NULL. */
void http_problem(http_response_t *response, int status, const char *title, const char *parameter,
                  const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Handlers every process has: /health (200 while the process lives), /metrics, /version. /ready is the
 * process's own. */
void http_handle_health(const http_request_t *request, http_response_t *response, void *context);
void http_handle_metrics(const http_request_t *request, http_response_t *response, void *context);
void http_handle_version(const http_request_t *request, http_response_t *response, void *context);
