#include "processor/flusher.h"

#include "processor/limits.h"

#include <pthread.h>
#include <stdlib.h>

/* A ring that has room for every task there can be: submitting never waits. */
struct flusher {
    pthread_t thread;
    pthread_mutex_t mutex; /* guards all below */
    pthread_cond_t submitted;
    pthread_cond_t written;
    task_t *queue[PARTITIONS_MAX];
    size_t head, count;
    bool ending;
};

void flush_write(task_t *task) {
    err_t *err = task_store_flush_write(task->store);
    if (!err) err = kv_sync(task_store_kv(task->store));
    task->flush_error = err;
    atomic_store_explicit(&task->flush_state, err ? FLUSH_FAILED : FLUSH_WRITTEN, memory_order_release);
}

static void *flusher_run(void *context) {
    flusher_t *flusher = context;
    pthread_mutex_lock(&flusher->mutex);
    for (;;) {
        while (!flusher->count && !flusher->ending) pthread_cond_wait(&flusher->submitted, &flusher->mutex);
        if (!flusher->count) break;
        task_t *task = flusher->queue[flusher->head];
        flusher->head = (flusher->head + 1) % PARTITIONS_MAX;
        flusher->count--;
        pthread_mutex_unlock(&flusher->mutex);
        flush_write(task);
        pthread_mutex_lock(&flusher->mutex);
        pthread_cond_broadcast(&flusher->written);
    }
    pthread_mutex_unlock(&flusher->mutex);
    return NULL;
}

flusher_t *flusher_new(void) {
    flusher_t *flusher = calloc(1, sizeof *flusher);
    if (!flusher) abort();
    pthread_mutex_init(&flusher->mutex, NULL);
    pthread_cond_init(&flusher->submitted, NULL);
    pthread_cond_init(&flusher->written, NULL);
    if (pthread_create(&flusher->thread, NULL, flusher_run, flusher) != 0) abort();
    return flusher;
}

void flusher_free(flusher_t *flusher) {
    if (!flusher) return;
    pthread_mutex_lock(&flusher->mutex);
    flusher->ending = true;
    pthread_cond_signal(&flusher->submitted);
    pthread_mutex_unlock(&flusher->mutex);
    pthread_join(flusher->thread, NULL);
    pthread_mutex_destroy(&flusher->mutex);
    pthread_cond_destroy(&flusher->submitted);
    pthread_cond_destroy(&flusher->written);
    free(flusher);
}

void flusher_submit(flusher_t *flusher, task_t *task) {
    task->flush_state = FLUSH_QUEUED;
    pthread_mutex_lock(&flusher->mutex);
    flusher->queue[(flusher->head + flusher->count++) % PARTITIONS_MAX] = task;
    pthread_cond_signal(&flusher->submitted);
    pthread_mutex_unlock(&flusher->mutex);
}

void flusher_wait(flusher_t *flusher, task_t *task) {
    pthread_mutex_lock(&flusher->mutex);
    while (task->flush_state == FLUSH_QUEUED) pthread_cond_wait(&flusher->written, &flusher->mutex);
    pthread_mutex_unlock(&flusher->mutex);
}
