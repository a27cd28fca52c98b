#include "common/http_internal.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void http_response_header(http_response_t *response, const char *name, const char *format, ...) {
    assert(response->header_count < HTTP_HEADERS_MAX);
    char *value;
    va_list args;
    va_start(args, format);
    if (vasprintf(&value, format, args) < 0) abort();
    va_end(args);
    response->headers[response->header_count].name = name;
    response->headers[response->header_count++].value = value;
}

void http_problem(http_response_t *response, int status, const char *title, const char *parameter,
                  const char *format, ...) {
    char *detail;
    va_list args;
    va_start(args, format);
    if (vasprintf(&detail, format, args) < 0) abort();
    va_end(args);
    response->status = status;
    response->content_type = "application/problem+json";
    buf_t *body = &response->body;
    buf_reset(body);
    buf_add_str(body, "{\"type\":\"about:blank\",\"title\":");
    buf_add_json_str(body, title, strlen(title));
    buf_printf(body, ",\"status\":%d,\"detail\":", status);
    buf_add_json_str(body, detail, strlen(detail));
    if (parameter) {
        buf_add_str(body, ",\"parameter\":");
        buf_add_json_str(body, parameter, strlen(parameter));
    }
    buf_add_char(body, '}');
    free(detail);
}

void http_handle_health(const http_request_t *request, http_response_t *response, void *context) {
    (void)request, (void)context;
    buf_add_str(&response->body, "{\"status\":\"ok\"}");
}

void http_handle_metrics(const http_request_t *request, http_response_t *response, void *context) {
    (void)request, (void)context;
    response->content_type = "text/plain; version=0.0.4; charset=utf-8";
    metrics_write(&response->body);
}

void http_handle_version(const http_request_t *request, http_response_t *response, void *context) {
    (void)request, (void)context;
    buf_add_str(&response->body, "{\"name\":\"amlstream\",\"version\":\"" AMLSTREAM_VERSION "\"}");
}
