#include "sink/maintainer.h"

#include "common/log.h"
#include "common/metrics.h"
#include "common/timestamp.h"
#include "sink/limits.h"
#include "sink/moment.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct maintainer {
    maintainer_options_t options;
    metric_t *done, *errors;
    pthread_t thread;
    atomic_bool stopped;
    pthread_mutex_t mutex;
    pthread_cond_t stop;
};

/* False when it is to stop. */
static bool wait_s(maintainer_t *maintainer, int64_t seconds) {
    struct timespec until = moment_after((int)(seconds * 1000));
    pthread_mutex_lock(&maintainer->mutex);
    while (!maintainer->stopped &&
           pthread_cond_timedwait(&maintainer->stop, &maintainer->mutex, &until) != ETIMEDOUT)
        continue;
    pthread_mutex_unlock(&maintainer->mutex);
    return !maintainer->stopped;
}

static void report_log(const maintain_report_t *report) {
    if (report->elsewhere) return;
    log_info("tables maintained", LOG_INT("months_added", report->months_added),
             LOG_INT("months_dropped", report->months_dropped),
             LOG_INT("errors_deleted", report->errors_deleted), LOG_INT("hours_rolled", report->hours_rolled),
             LOG_INT("days_rolled", report->days_rolled));
}

static err_t *run(maintainer_t *maintainer) {
    postgres_t *postgres;
    maintain_report_t report;
    TRY(postgres_connect(
        &(postgres_options_t){.url = maintainer->options.url, .abandoned = &maintainer->stopped}, &postgres));
    err_t *err = maintain(postgres, &maintainer->options.tables, &report);
    postgres_free(postgres);
    if (!err) report_log(&report);
    return err;
}

static void *maintainer_main(void *context) {
    maintainer_t *maintainer = context;
    /* Spread, so that many that start at once come one after the other. */
    unsigned random = (unsigned)clock_monotonic_us();
    int64_t pause_s = MAINTENANCE_FIRST_S + rand_r(&random) % MAINTENANCE_FIRST_S;
    while (wait_s(maintainer, pause_s)) {
        err_t *err = run(maintainer);
        pause_s = maintainer->options.interval_s;
        if (!err) {
            metric_set(maintainer->done, (double)clock_now_ms() / 1000);
            continue;
        }
        if (!maintainer->stopped) {
            metric_add(maintainer->errors, 1);
            log_warn("the tables could not be maintained; trying again", LOG_STR("error", err_message(err)));
        }
        err_free(err);
        if (pause_s > MAINTENANCE_RETRY_S) pause_s = MAINTENANCE_RETRY_S;
    }
    return NULL;
}

maintainer_t *maintainer_new(const maintainer_options_t *options) {
    maintainer_t *maintainer = calloc(1, sizeof *maintainer);
    if (!maintainer) abort();
    maintainer->options = *options;
    maintainer->done = metric_gauge("amlstream_sink_maintained_timestamp_seconds",
                                    "When the tables were last maintained, here or elsewhere", "");
    maintainer->errors =
        metric_counter("amlstream_sink_maintenance_errors_total", "Attempts that failed", "");
    pthread_mutex_init(&maintainer->mutex, NULL);
    moment_condition_init(&maintainer->stop);
    if (pthread_create(&maintainer->thread, NULL, maintainer_main, maintainer) != 0) abort();
    return maintainer;
}

void maintainer_free(maintainer_t *maintainer) {
    if (!maintainer) return;
    pthread_mutex_lock(&maintainer->mutex);
    maintainer->stopped = true;
    pthread_cond_broadcast(&maintainer->stop);
    pthread_mutex_unlock(&maintainer->mutex);
    pthread_join(maintainer->thread, NULL);
    pthread_cond_destroy(&maintainer->stop);
    pthread_mutex_destroy(&maintainer->mutex);
    free(maintainer);
}
