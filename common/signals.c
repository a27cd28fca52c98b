#include "common/signals.h"

#include "common/timestamp.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

static atomic_bool requested;
/* Readable from the first request on and never read: wakes everyone who waits. */
static int wake_read = -1, wake_write = -1;

void stop_request(void) {
    if (atomic_exchange(&requested, true) || wake_write < 0) return;
    int error = errno;
    ssize_t written = write(wake_write, "", 1);
    (void)written;
    errno = error;
}

bool stop_requested(void) { return atomic_load_explicit(&requested, memory_order_relaxed); }

static void on_signal(int number) {
    (void)number;
    stop_request();
}

void signals_init(void) {
    int ends[2];
    if (wake_read < 0) {
        if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) abort();
        wake_read = ends[0];
        wake_write = ends[1];
    }
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
}

bool stop_wait(int timeout_ms) {
    int64_t end_us = clock_monotonic_us() + (int64_t)timeout_ms * 1000;
    while (!stop_requested()) {
        int64_t left_us = end_us - clock_monotonic_us();
        if (left_us <= 0) break;
        struct pollfd wake = {.fd = wake_read, .events = POLLIN};
        poll(&wake, 1, (int)((left_us + 999) / 1000));
    }
    return stop_requested();
}

static void on_deadline(int number) {
    (void)number;
    static const char line[] =
        "{\"level\":\"warn\",\"message\":\"stopped without waiting longer for what does not answer\"}\n";
    ssize_t written = write(STDERR_FILENO, line, sizeof line - 1);
    (void)written;
    _exit(EXIT_SUCCESS);
}

void stop_deadline(int seconds) {
    struct sigaction action = {.sa_handler = on_deadline};
    sigaction(SIGALRM, &action, NULL);
    alarm((unsigned)seconds);
}
