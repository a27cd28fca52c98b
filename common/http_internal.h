/* What the files of the HTTP server share; for them alone. */
#pragma once

#include "common/http.h"
#include "common/http_url.h"
#include "common/metrics.h"

#include <microhttpd.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

enum { HTTP_REQUEST_ID_SIZE_MAX = 64, HTTP_METHOD_SIZE_MAX = 16 };

struct http_request {
    struct MHD_Connection *connection;
    char *target; /* as it came; cut up and decoded in place once routed */
    char *query;  /* points into target; NULL where there is none */
    const http_route_t *route;
    http_pair_t path_values[HTTP_PATH_VALUES_MAX];
    int path_value_count;
    http_pair_t parameters[HTTP_QUERY_PARAMETERS_MAX];
    int parameter_count;
    char method[HTTP_METHOD_SIZE_MAX];
    char id[HTTP_REQUEST_ID_SIZE_MAX + 1];
    buf_t body;
    bool started;   /* the head has been seen */
    bool too_large; /* the body is, and is being thrown away */
    size_t thrown_away;
    int64_t start_us;
};

/* The listening socket for "address:port"; the port it got goes to `port`. */
err_t *http_listen(const char *address, int *socket_out, int *port);
