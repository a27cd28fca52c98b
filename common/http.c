#include "common/http_internal.h"

#include "common/log.h"
#include "common/timestamp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* What is thrown away of a body that is too large before the connection is cut. */
enum { THROWN_AWAY_MAX = 8 * HTTP_BODY_SIZE_MAX, STATUS_CLASS_COUNT = 6 };

typedef struct {
    metric_t *requests[STATUS_CLASS_COUNT]; /* by first digit of the status */
    metric_t *seconds;
} route_metrics_t;

struct http_server {
    struct MHD_Daemon *daemon;
    const http_route_t *routes;
    void *context;
    int port;
    route_metrics_t *metrics; /* one a route, and a last one for what no route has */
    int route_count;
};

/* Metrics */

static void route_metrics_init(route_metrics_t *metrics, const char *path, const char *method) {
    static const double bounds_s[] = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                      0.1,    0.25,  0.5,    1,     2.5,  5};
    char labels[256];
    for (int class = 1; class < STATUS_CLASS_COUNT; class ++) {
        snprintf(labels, sizeof labels, "method=\"%s\",path=\"%s\",status=\"%dxx\"", method, path, class);
        metrics->requests[class] =
            metric_counter("amlstream_http_requests_total", "HTTP requests answered", labels);
    }
    snprintf(labels, sizeof labels, "method=\"%s\",path=\"%s\"", method, path);
    metrics->seconds =
        metric_histogram("amlstream_http_request_seconds", "From a request's head to its answer", labels,
                         bounds_s, sizeof bounds_s / sizeof *bounds_s);
}

static void request_account(const http_server_t *server, const http_request_t *request, int status) {
    int index = request->route ? (int)(request->route - server->routes) : server->route_count;
    double seconds = (double)(clock_monotonic_us() - request->start_us) / 1e6;
    metric_add(server->metrics[index].requests[status / 100], 1);
    metric_observe(server->metrics[index].seconds, seconds);
    if (status < 500) return;
    /* "Not now" is an answer that probes get by the dozen while a process starts; who gives it says why
     * once. */
    LOG_AT(status == 503 ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARN, "request failed",
           LOG_STR("request_id", request->id), LOG_STR("method", request->method),
           LOG_STR("path", request->route ? request->route->path : "?"), LOG_INT("status", status));
}

/* Requests */

static bool request_id_is_sound(const char *id) {
    size_t size = strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
    return size > 0 && size <= HTTP_REQUEST_ID_SIZE_MAX && id[size] == '\0';
}

static void request_id_set(http_request_t *request) {
    const char *sent = http_request_header(request, "X-Request-Id");
    if (sent && request_id_is_sound(sent)) {
        snprintf(request->id, sizeof request->id, "%s", sent);
        return;
    }
    uint64_t random = 0;
    if (getrandom(&random, sizeof random, GRND_NONBLOCK) < 0) random = (uint64_t)clock_monotonic_us();
    snprintf(request->id, sizeof request->id, "%016llx", (unsigned long long)random);
}

static void request_free(http_request_t *request) {
    if (!request) return;
    free(request->target);
    buf_clear(&request->body);
    free(request);
}

/* Called with the whole target before libmicrohttpd takes it apart; what it makes of it is not used. */
static void *on_target(void *context, const char *target, struct MHD_Connection *connection) {
    (void)context;
    http_request_t *request = calloc(1, sizeof *request);
    if (!request) return NULL;
    request->connection = connection;
    request->start_us = clock_monotonic_us();
    request->target = strdup(target);
    if (!request->target) abort();
    return request;
}

static size_t keep_escaped(void *context, struct MHD_Connection *connection, char *text) {
    (void)context, (void)connection;
    return strlen(text);
}

static void on_completed(void *context, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode code) {
    (void)context, (void)connection, (void)code;
    request_free(*state);
    *state = NULL;
}

/* Answers */

static enum MHD_Result answer(const http_server_t *server, http_request_t *request, http_response_t *from) {
    size_t size = from->body.size;
    bool has_body = size > 0;
    struct MHD_Response *response =
        MHD_create_response_from_buffer(size, has_body ? (void *)from->body.data : (void *)"",
                                        has_body ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
    if (!response) abort();
    if (!has_body) buf_clear(&from->body);
    MHD_add_response_header(response, "Content-Type", from->content_type);
    MHD_add_response_header(response, "Cache-Control", "no-store");
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header(response, "X-Request-Id", request->id);
    if (from->retry_after_s > 0) {
        char seconds[16];
        snprintf(seconds, sizeof seconds, "%d", from->retry_after_s);
        MHD_add_response_header(response, "Retry-After", seconds);
    }
    for (int i = 0; i < from->header_count; i++) {
        MHD_add_response_header(response, from->headers[i].name, from->headers[i].value);
        free(from->headers[i].value);
    }
    request_account(server, request, from->status);
    enum MHD_Result result = MHD_queue_response(request->connection, (unsigned)from->status, response);
    MHD_destroy_response(response);
    return result;
}

static bool method_fits(const http_route_t *route, const char *method) {
    if (strcmp(route->method, method) == 0) return true;
    return strcmp(method, "HEAD") == 0 && strcmp(route->method, "GET") == 0;
}

static void answer_not_allowed(const http_server_t *server, const http_request_t *request,
                               http_response_t *response) {
    buf_t allowed = {0};
    for (const http_route_t *route = server->routes; route->method; route++) {
        if (!http_path_matches(route->path, request->target)) continue;
        if (strstr(buf_cstr(&allowed), route->method)) continue;
        buf_printf(&allowed, "%s%s", allowed.size ? ", " : "", route->method);
        if (strcmp(route->method, "GET") == 0) buf_add_str(&allowed, ", HEAD");
    }
    http_problem(response, 405, "Method not allowed", NULL, "this path answers %s", buf_cstr(&allowed));
    http_response_header(response, "Allow", "%s", buf_cstr(&allowed));
    buf_clear(&allowed);
}

/* Sets the request's route, or makes the response the problem that there is none. */
static void request_route(const http_server_t *server, http_request_t *request, http_response_t *response) {
    char *mark = strchr(request->target, '?');
    if (mark) {
        *mark = '\0';
        request->query = mark + 1;
    }
    bool path_known = false;
    for (const http_route_t *route = server->routes; route->method; route++) {
        if (!http_path_matches(route->path, request->target)) continue;
        path_known = true;
        if (!method_fits(route, request->method)) continue;
        request->route = route;
        return;
    }
    if (path_known)
        answer_not_allowed(server, request, response);
    else
        http_problem(response, 404, "Not found", NULL, "there is nothing at this path");
}

/* Decodes path values and query, or makes the response the problem that they can't be. */
static void request_decode(http_request_t *request, http_response_t *response) {
    const char *reason = http_path_values(request->route->path, request->target, request->path_values,
                                          &request->path_value_count);
    if (reason) {
        http_problem(response, 400, "Bad request", NULL, "the path cannot be read: %s", reason);
        return;
    }
    if (!request->query) return;
    reason = http_query_parse(request->query, request->parameters, &request->parameter_count);
    if (reason) http_problem(response, 400, "Bad request", NULL, "the query cannot be read: %s", reason);
}

static enum MHD_Result request_answer(http_server_t *server, http_request_t *request) {
    http_response_t response = {.status = 200, .content_type = "application/json"};
    request_route(server, request, &response);
    if (request->too_large) {
        http_problem(&response, 413, "Body too large", NULL, "the body may have at most %d bytes",
                     HTTP_BODY_SIZE_MAX);
    } else if (request->route) {
        request_decode(request, &response);
        if (response.status == 200) request->route->handler(request, &response, server->context);
    }
    return answer(server, request, &response);
}

/* A body that says beforehand that it is too large is not waited for. */
static bool announces_too_much(const http_request_t *request) {
    const char *announced = http_request_header(request, "Content-Length");
    return announced && strtoull(announced, NULL, 10) > HTTP_BODY_SIZE_MAX;
}

static enum MHD_Result body_take(http_request_t *request, const char *bytes, size_t *size) {
    if (request->too_large || *size > HTTP_BODY_SIZE_MAX - request->body.size) {
        request->too_large = true;
        request->thrown_away += *size;
        buf_clear(&request->body);
        if (request->thrown_away > THROWN_AWAY_MAX) return MHD_NO;
    } else {
        buf_add(&request->body, bytes, *size);
    }
    *size = 0;
    return MHD_YES;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *bytes, size_t *size,
                                  void **state) {
    (void)connection, (void)url, (void)version;
    http_request_t *request = *state;
    if (!request) return MHD_NO;
    if (!request->started) {
        request->started = true;
        snprintf(request->method, sizeof request->method, "%s", method);
        request_id_set(request);
        request->too_large = announces_too_much(request);
        return request->too_large ? request_answer(context, request) : MHD_YES;
    }
    if (*size > 0) return body_take(request, bytes, size);
    return request_answer(context, request);
}

static void on_library_log(void *context, const char *format, va_list args) {
    (void)context;
    char text[256];
    vsnprintf(text, sizeof text, format, args);
    text[strcspn(text, "\n")] = '\0';
    log_debug("http", LOG_STR("says", text));
}

/* Server */

static err_t *daemon_start(http_server_t *server, int listening, const char *listen, int threads) {
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG;
    if (listen[0] == '[') flags |= MHD_USE_IPv6;
    struct MHD_OptionItem pool[] = {
        {MHD_OPTION_THREAD_POOL_SIZE, threads, NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    if (threads < 2) pool[0].option = MHD_OPTION_END;
    server->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, server, MHD_OPTION_EXTERNAL_LOGGER, on_library_log, NULL,
        MHD_OPTION_LISTEN_SOCKET, listening, MHD_OPTION_CONNECTION_LIMIT, (unsigned)HTTP_CONNECTIONS_MAX,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_HEAD_SIZE_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)HTTP_IDLE_S_MAX, MHD_OPTION_URI_LOG_CALLBACK, on_target, NULL, MHD_OPTION_UNESCAPE_CALLBACK,
        keep_escaped, NULL, MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_ARRAY, pool,
        MHD_OPTION_END);
    if (server->daemon) return NULL;
    return err_new(
        "cannot start the HTTP server on %s with %d threads; the limits on threads, memory or open files "
        "(ulimit -a) may be too low",
        listen, threads);
}

err_t *http_server_new(const char *listen, const http_route_t *routes, void *context, int threads,
                       http_server_t **out) {
    int listening, port;
    TRY(http_listen(listen, &listening, &port));
    http_server_t *server = calloc(1, sizeof *server);
    if (!server) abort();
    *server = (http_server_t){.routes = routes, .context = context, .port = port};
    while (routes[server->route_count].method) server->route_count++;
    server->metrics = calloc((size_t)server->route_count + 1, sizeof *server->metrics);
    if (!server->metrics) abort();
    for (int i = 0; i < server->route_count; i++) {
        route_metrics_init(&server->metrics[i], routes[i].path, routes[i].method);
    }
    route_metrics_init(&server->metrics[server->route_count], "other", "any");
    err_t *err = daemon_start(server, listening, listen, threads);
    if (err) {
        close(listening);
        http_server_free(server);
        return err;
    }
    *out = server;
    return NULL;
}

void http_server_free(http_server_t *server) {
    if (!server) return;
    if (server->daemon) MHD_stop_daemon(server->daemon);
    free(server->metrics);
    free(server);
}

int http_server_port(const http_server_t *server) { return server->port; }

/* What a handler asks */

const char *http_request_path_value(const http_request_t *request, const char *name) {
    for (int i = 0; i < request->path_value_count; i++) {
        if (http_path_name_is(request->path_values[i].name, name)) return request->path_values[i].value;
    }
    return NULL;
}

const char *http_request_query(const http_request_t *request, const char *name) {
    for (int i = 0; i < request->parameter_count; i++) {
        if (strcmp(request->parameters[i].name, name) == 0) return request->parameters[i].value;
    }
    return NULL;
}

const char *http_request_query_name(const http_request_t *request, int index) {
    return index < request->parameter_count ? request->parameters[index].name : NULL;
}

const char *http_request_header(const http_request_t *request, const char *name) {
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

const char *http_request_method(const http_request_t *request) { return request->method; }

const char *http_request_id(const http_request_t *request) { return request->id; }

const char *http_request_body(const http_request_t *request, size_t *size) {
    *size = request->body.size;
    return request->body.size ? request->body.data : "";
}
