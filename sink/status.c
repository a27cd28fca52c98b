#include "sink/status.h"

#include "sink/limits.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct status {
    pthread_mutex_t mutex;
    char *reasons[PART_COUNT]; /* NULL: well */
};

status_t *status_new(void) {
    status_t *status = calloc(1, sizeof *status);
    if (!status) abort();
    pthread_mutex_init(&status->mutex, NULL);
    status_set(status, PART_POSTGRES, "not connected to Postgres yet");
    status_set(status, PART_GROUP, "not a member of the consumer group yet");
    return status;
}

void status_free(status_t *status) {
    if (!status) return;
    for (int part = 0; part < PART_COUNT; part++) free(status->reasons[part]);
    pthread_mutex_destroy(&status->mutex);
    free(status);
}

void status_set(status_t *status, part_t part, const char *reason) {
    char *copy = reason ? strdup(reason) : NULL;
    if (reason && !copy) abort();
    pthread_mutex_lock(&status->mutex);
    free(status->reasons[part]);
    status->reasons[part] = copy;
    pthread_mutex_unlock(&status->mutex);
}

bool status_is_well(status_t *status, part_t part) {
    pthread_mutex_lock(&status->mutex);
    bool well = !status->reasons[part];
    pthread_mutex_unlock(&status->mutex);
    return well;
}

/* The first reason why it is not ready, copied; NULL where it is. */
static char *first_reason(status_t *status) {
    char *reason = NULL;
    pthread_mutex_lock(&status->mutex);
    for (int part = 0; part < PART_COUNT && !reason; part++) {
        if (status->reasons[part]) reason = strdup(status->reasons[part]);
    }
    pthread_mutex_unlock(&status->mutex);
    return reason;
}

static void handle_ready(const http_request_t *request, http_response_t *response, void *context) {
    (void)request;
    char *reason = first_reason(context);
    if (reason) {
        http_problem(response, 503, "Not ready", NULL, "%s", reason);
        response->retry_after_s = RETRY_AFTER_S;
    } else {
        buf_add_str(&response->body, "{\"status\":\"ready\"}");
    }
    free(reason);
}

const http_route_t status_routes[] = {
    {"GET", "/health", http_handle_health},
    {"GET", "/ready", handle_ready},
    {"GET", "/version", http_handle_version},
    {"GET", "/metrics", http_handle_metrics},
    {NULL, NULL, NULL},
};
