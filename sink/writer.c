#include "sink/writer.h"

#include "common/log.h"
#include "common/metrics.h"
#include "common/timestamp.h"
#include "sink/limits.h"
#include "sink/migrate.h"
#include "sink/moment.h"
#include "sink/roles.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct writer {
    writer_options_t options; /* `migrates` only until that was done */
    status_t *status;
    postgres_t *postgres;
    metric_t *up, *errors, *failed_at, *seconds, *freshness;
    pthread_t thread;
    atomic_bool abandoned;
    pthread_mutex_t mutex; /* guards all below */
    pthread_cond_t changed;
    job_t job;
    enum { WRITER_IDLE, WRITER_BUSY, WRITER_ENDED } state; /* ENDED: the job waits to be taken back */
    err_t *failure;
};

/* Postgres comes and goes */

static void connection_close(writer_t *writer) {
    postgres_free(writer->postgres);
    writer->postgres = NULL;
}

static void away(writer_t *writer, const err_t *err) {
    bool was_well = status_is_well(writer->status, PART_POSTGRES);
    connection_close(writer);
    metric_add(writer->errors, 1);
    metric_set(writer->failed_at, (double)clock_now_ms() / 1000);
    metric_set(writer->up, 0);
    status_set(writer->status, PART_POSTGRES, err_message(err));
    if (was_well)
        log_warn("Postgres is away, or takes no writes; keeping what is held, and trying again",
                 LOG_STR("error", err_message(err)));
}

static void back(writer_t *writer) {
    if (status_is_well(writer->status, PART_POSTGRES)) return;
    log_info("Postgres answers");
    metric_set(writer->up, 1);
    status_set(writer->status, PART_POSTGRES, NULL);
}

static void migration_log(const migration_t *step) {
    log_info("migrated", LOG_INT("version", step->version), LOG_STR("name", step->name));
}

static err_t *tables_update(postgres_t *postgres) {
    buf_t why_not = {0};
    TRY(migrate(postgres, migrations, migration_log));
    err_t *err = roles_grant(postgres, &why_not);
    if (why_not.size) log_info(buf_cstr(&why_not));
    buf_clear(&why_not);
    return err;
}

static err_t *connection_open(writer_t *writer) {
    if (writer->postgres) return NULL;
    TRY(postgres_connect(&writer->options.postgres, &writer->postgres));
    if (writer->options.migrates) TRY(tables_update(writer->postgres));
    writer->options.migrates = false;
    return NULL;
}

/* Jobs */

static err_t *job_try(writer_t *writer, job_t *job) {
    TRY(connection_open(writer));
    job->outcome = JOB_DONE;
    if (!job->batch)
        return positions_load(writer->postgres, writer->options.write.names, job->positions,
                              job->position_count);
    bool accepted;
    int64_t start_us = clock_monotonic_us();
    TRY(batch_write(writer->postgres, &writer->options.write, job->batch, &accepted));
    metric_observe(writer->seconds, (double)(clock_monotonic_us() - start_us) / 1e6);
    if (!accepted)
        job->outcome = JOB_REFUSED;
    else if (job->batch->oldest_time_ms)
        metric_observe(writer->freshness, (double)(clock_now_ms() - job->batch->oldest_time_ms) / 1000);
    return NULL;
}

/* Doubles from time to time, and is spread so that many sinks do not come back all at once. */
static void backoff_wait(writer_t *writer, int *backoff_ms, unsigned *random) {
    *backoff_ms = *backoff_ms ? *backoff_ms * 2 : BACKOFF_MS_MIN;
    if (*backoff_ms > BACKOFF_MS_MAX) *backoff_ms = BACKOFF_MS_MAX;
    int wait_ms = *backoff_ms / 2 + rand_r(random) % (*backoff_ms / 2 + 1);
    struct timespec until = moment_after(wait_ms);
    pthread_mutex_lock(&writer->mutex);
    while (!writer->abandoned &&
           pthread_cond_timedwait(&writer->changed, &writer->mutex, &until) != ETIMEDOUT)
        continue;
    pthread_mutex_unlock(&writer->mutex);
}

/* NULL, or why no further attempt makes sense. */
static err_t *job_run(writer_t *writer, job_t *job) {
    int backoff_ms = 0;
    unsigned random = (unsigned)clock_monotonic_us();
    while (!writer->abandoned) {
        err_t *err = job_try(writer, job);
        if (!err) {
            back(writer);
            return NULL;
        }
        away(writer, err);
        if (err_exit_code(err) == EXIT_STATE) return err;
        err_free(err);
        backoff_wait(writer, &backoff_ms, &random);
    }
    job->outcome = JOB_ABANDONED;
    return NULL;
}

static void *writer_main(void *context) {
    writer_t *writer = context;
    pthread_mutex_lock(&writer->mutex);
    while (!writer->abandoned) {
        if (writer->state != WRITER_BUSY) {
            pthread_cond_wait(&writer->changed, &writer->mutex);
            continue;
        }
        job_t job = writer->job;
        pthread_mutex_unlock(&writer->mutex);
        err_t *failure = job_run(writer, &job);
        pthread_mutex_lock(&writer->mutex);
        writer->job = job;
        if (failure) {
            writer->failure = failure;
            pthread_cond_broadcast(&writer->changed);
            break;
        }
        writer->state = WRITER_ENDED;
        pthread_cond_broadcast(&writer->changed);
    }
    pthread_mutex_unlock(&writer->mutex);
    connection_close(writer);
    return NULL;
}

/* For the other thread */

writer_t *writer_new(const writer_options_t *options, status_t *status) {
    static const double bounds_s[] = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
    writer_t *writer = calloc(1, sizeof *writer);
    if (!writer) abort();
    *writer = (writer_t){.options = *options, .status = status};
    writer->options.postgres.abandoned = &writer->abandoned;
    writer->up = metric_gauge("amlstream_sink_postgres_up", "1 while Postgres answers", "");
    writer->errors =
        metric_counter("amlstream_sink_postgres_errors_total", "Connects and batches that failed", "");
    writer->failed_at = metric_gauge("amlstream_sink_postgres_error_timestamp_seconds",
                                     "When a connect or a batch last failed; 0: never", "");
    writer->seconds = metric_histogram("amlstream_sink_batch_seconds", "Time to write one batch to Postgres",
                                       "", bounds_s, sizeof bounds_s / sizeof *bounds_s);
    writer->freshness = metric_histogram("amlstream_sink_freshness_seconds",
                                         "From a batch's oldest record in Kafka to its rows in Postgres", "",
                                         bounds_s, sizeof bounds_s / sizeof *bounds_s);
    pthread_mutex_init(&writer->mutex, NULL);
    moment_condition_init(&writer->changed);
    if (pthread_create(&writer->thread, NULL, writer_main, writer) != 0) abort();
    return writer;
}

void writer_free(writer_t *writer) {
    if (!writer) return;
    pthread_mutex_lock(&writer->mutex);
    writer->abandoned = true;
    pthread_cond_broadcast(&writer->changed);
    pthread_mutex_unlock(&writer->mutex);
    pthread_join(writer->thread, NULL);
    if (writer->state != WRITER_IDLE) {
        batch_free(writer->job.batch);
        free(writer->job.positions);
    }
    err_free(writer->failure);
    pthread_cond_destroy(&writer->changed);
    pthread_mutex_destroy(&writer->mutex);
    free(writer);
}

bool writer_is_idle(writer_t *writer) {
    pthread_mutex_lock(&writer->mutex);
    bool idle = writer->state == WRITER_IDLE;
    pthread_mutex_unlock(&writer->mutex);
    return idle;
}

void writer_give(writer_t *writer, const job_t *job) {
    pthread_mutex_lock(&writer->mutex);
    assert(writer->state == WRITER_IDLE);
    writer->job = *job;
    writer->state = WRITER_BUSY;
    pthread_cond_broadcast(&writer->changed);
    pthread_mutex_unlock(&writer->mutex);
}

bool writer_take(writer_t *writer, int timeout_ms, job_t *job) {
    struct timespec until = moment_after(timeout_ms);
    pthread_mutex_lock(&writer->mutex);
    while (timeout_ms > 0 && writer->state == WRITER_BUSY && !writer->failure) {
        if (pthread_cond_timedwait(&writer->changed, &writer->mutex, &until) == ETIMEDOUT) break;
    }
    bool ended = writer->state == WRITER_ENDED;
    if (ended) {
        *job = writer->job;
        writer->state = WRITER_IDLE;
    }
    pthread_mutex_unlock(&writer->mutex);
    return ended;
}

err_t *writer_failure(writer_t *writer) {
    pthread_mutex_lock(&writer->mutex);
    err_t *failure = writer->failure;
    writer->failure = NULL;
    pthread_mutex_unlock(&writer->mutex);
    return failure;
}
