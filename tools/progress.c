#include "tools/progress.h"

#include "common/buf.h"
#include "common/log.h"
#include "common/timestamp.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { BAR_WIDTH = 30, DRAW_INTERVAL_MS = 200, LINE_INTERVAL_MS = 5000, LINE_INTERVAL_LONG_MS = 60000 };

struct progress {
    const char *what;
    bool terminal;
    bool drawn;
    uint64_t count;
    int64_t began_us;
    int64_t drawn_us;
};

progress_t *progress_new(const char *what) {
    progress_t *progress = calloc(1, sizeof *progress);
    if (!progress) abort();
    int64_t now_us = clock_monotonic_us();
    *progress = (progress_t){what, isatty(STDERR_FILENO) == 1, false, 0, now_us, now_us};
    return progress;
}

static void log_line(const progress_t *progress, double share, double seconds) {
    double rate = seconds > 0 ? (double)progress->count / seconds : 0;
    log_info("in progress", LOG_INT(progress->what, progress->count), LOG_NUM("per_second", rate),
             LOG_NUM(share >= 0 ? "percent" : NULL, share * 100));
}

static void draw(progress_t *progress, double share, double seconds) {
    buf_t line = {0};
    buf_add_str(&line, "\r\033[K");
    if (share >= 0) {
        if (share > 1) share = 1;
        int full = (int)(share * BAR_WIDTH);
        for (int i = 0; i < BAR_WIDTH; i++) buf_add_str(&line, i < full ? "█" : "░");
        buf_printf(&line, " %3.0f %%  ", share * 100);
    }
    double rate = seconds > 0 ? (double)progress->count / seconds : 0;
    buf_printf(&line, "%" PRIu64 " %s, %.0f/s", progress->count, progress->what, rate);
    if (share > 0.01 && share < 1) buf_printf(&line, ", %.0f s left", seconds / share - seconds);
    fputs(buf_cstr(&line), stderr);
    fflush(stderr);
    buf_clear(&line);
    progress->drawn = true;
}

void progress_tell(progress_t *progress, uint64_t more, double share) {
    progress->count += more;
    int64_t now_us = clock_monotonic_us();
    bool is_young = now_us - progress->began_us < LINE_INTERVAL_LONG_MS * INT64_C(1000);
    int interval_ms = progress->terminal ? DRAW_INTERVAL_MS
                      : is_young         ? LINE_INTERVAL_MS
                                         : LINE_INTERVAL_LONG_MS;
    if (now_us - progress->drawn_us < interval_ms * INT64_C(1000)) return;
    progress->drawn_us = now_us;
    double seconds = (double)(now_us - progress->began_us) / 1e6;
    if (progress->terminal)
        draw(progress, share, seconds);
    else
        log_line(progress, share, seconds);
}

void progress_free(progress_t *progress) {
    if (!progress) return;
    if (progress->terminal && progress->drawn) fputs("\r\033[K", stderr);
    free(progress);
}
