/* A small HTTP/1.1 server over libmicrohttpd: a route table, JSON answers, problem+json errors. */
#pragma once

#include "common/buf.h"
#include "common/err.h"

#include <stddef.h>

typedef struct http_server http_server_t;
typedef struct http_request http_request_t;

/* What a handler answers. The body starts empty; the type is application/json unless set. */
typedef struct {
    int status;               /* 200 */
    const char *content_type; /* static string */
    buf_t body;
    int retry_after_s; /* > 0: sends Retry-After */
} http_response_t;

typedef void (*http_handler_t)(const http_request_t *request, http_response_t *response, void *context);

typedef struct {
    const char *method; /* "GET" (answers HEAD too), "POST" … */
    const char *path;   /* "/scores/{wallet}": a segment in braces matches one segment, percent-decoded */
    http_handler_t handler;
} http_route_t;

/* `listen` is "address:port"; port 0 takes a free one. Routes end with a NULL method and must outlive the server.
 * `threads` workers share the connections (epoll). Nothing in a request may block the server for others for long. */
err_t *http_server_new(const char *listen, const http_route_t *routes, void *context, int threads, http_server_t **out);
void http_server_free(http_server_t *server); /* stops accepting, ends what is under way */
int http_server_port(const http_server_t *server);

const char *http_request_path_value(const http_request_t *request, const char *name); /* decoded; NULL: no such */
const char *http_request_query(const http_request_t *request, const char *name);      /* decoded; NULL: absent */
const char *http_request_header(const http_request_t *request, const char *name);
const char *http_request_body(const http_request_t *request, size_t *size);

/* Turns the response into a problem (RFC 9457): {"type","title","status","detail","parameter"?}. `parameter` may be NULL. */
void http_problem(http_response_t *response, int status, const char *title, const char *parameter, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Handlers every process has: /health (200 while the process lives), /metrics, /version. /ready is the process's own. */
void http_handle_health(const http_request_t *request, http_response_t *response, void *context);
void http_handle_metrics(const http_request_t *request, http_response_t *response, void *context);
void http_handle_version(const http_request_t *request, http_response_t *response, void *context);
