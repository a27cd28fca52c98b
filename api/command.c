#include "api/api.h"
#include "api/limits.h"
#include "api/sampler.h"
#include "common/kafka.h"
#include "common/log.h"
#include "common/signals.h"

enum { STOP_CHECK_MS = 60 * 1000 };

/* A URL that libpq cannot read would else look like a Postgres that is away for good. Neither it nor libpq's
 * words on it are shown: both may hold a password. */
static err_t *url_check(const char *url) {
    PQconninfoOption *options = PQconninfoParse(url, NULL);
    if (!options) {
        return err_new_code(
            EXIT_USAGE, "DATABASE_URL cannot be read; it must look like postgresql://user@host:5432/name");
    }
    PQconninfoFree(options);
    return NULL;
}

static err_t *run(settings_t *settings) {
    const char *url = settings_get(settings, "DATABASE_URL"), *listen = settings_get(settings, "HTTP_LISTEN");
    int64_t threads;
    http_server_t *server = NULL;
    TRY(url_check(url));
    TRY(settings_int(settings, "THREADS", 1, THREADS_MAX, &threads));
    /* A connection for each thread, and one for the sampler. */
    api_t api = {.pool = pool_new(url, (int)threads + 1)};
    err_t *err = sampler_new(api.pool, settings, &api.sampler);
    if (!err) err = http_server_new(listen, api_routes, &api, (int)threads, &server);
    if (!err) {
        log_info("API answers", LOG_STR("listen", listen), LOG_INT("port", http_server_port(server)));
        while (!stop_wait(STOP_CHECK_MS)) {
        }
        log_info("stopping");
    }
    pool_hurry(api.pool);
    http_server_free(server);
    sampler_free(api.sampler);
    pool_free(api.pool);
    return err;
}

static const setting_t command_settings[] = {
    SETTING_KAFKA,
    SETTING_DATABASE,
    SETTING_GROUP,
    SETTING_TOPIC_PREFIX,
    SETTING_HTTP("127.0.0.1:8080"),
    {"THREADS", "8", "threads that answer requests, each with a connection to Postgres"},
    {NULL, NULL, NULL},
};

const command_t api_command = {
    .name = "api",
    .summary = "Answers HTTP requests for scores, alerts, transfers and the state of the ingestion.",
    .details = "GET / lists the paths. It starts without Kafka and Postgres too, and answers 503 until they "
               "are there.",
    .settings = command_settings,
    .run = run,
};
