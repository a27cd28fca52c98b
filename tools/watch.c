#include "tools/watch.h"

#include "common/buf.h"
#include "common/signals.h"
#include "common/timestamp.h"
#include "tools/limits.h"
#include "tools/watch_fetch.h"
#include "tools/watch_terminal.h"
#include "tools/watch_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    fetcher_t *fetcher;
    watch_data_t data;
    json_t *status, *alerts, *top; /* what data shows */
    char *error;
    const char *hint;
} watch_t;

/* Replaces an answer; the one before stays where there is none. */
static err_t *answer_take(watch_t *watch, const char *path, json_t **answer) {
    json_t *fresh;
    TRY(fetcher_get(watch->fetcher, path, &fresh));
    json_decref(*answer);
    *answer = fresh;
    return NULL;
}

static err_t *answers_take(watch_t *watch) {
    TRY(answer_take(watch, "/ingestion/status", &watch->status));
    TRY(answer_take(watch, "/alerts?limit=50", &watch->alerts));
    return answer_take(watch, "/scores/top?limit=50&active=true", &watch->top);
}

static void look(watch_t *watch) {
    err_t *err = answers_take(watch);
    watch_data_t *data = &watch->data;
    data->now_ms = clock_now_ms();
    if (!err || data->answered_ms == 0) data->answered_ms = data->now_ms;
    free(watch->error);
    watch->error = err ? strdup(err_message(err)) : NULL;
    data->error = watch->error;
    data->status = watch->status;
    data->alerts = watch->alerts;
    data->top = watch->top;
    err_free(err);
}

/* Output */

static void view_make(const watch_t *watch, buf_t *out) {
    watch_options_t options = {
        .color = terminal_wants_color(), .utf8 = terminal_takes_utf8(), .footer = watch->hint};
    terminal_size(&options.columns, &options.lines);
    watch_view_write(&watch->data, &options, out);
}

/* A change of the size draws anew what is known; the API is asked once a second. */
static void view_run(watch_t *watch) {
    buf_t page = {0};
    int64_t next_look_us = 0;
    bool shown = true;
    terminal_enter();
    while (shown && !stop_requested()) {
        int64_t start_us = clock_monotonic_us();
        if (start_us >= next_look_us) {
            look(watch);
            if (stop_requested()) break;
            next_look_us = start_us + WATCH_INTERVAL_MS * 1000;
        }
        buf_reset(&page);
        view_make(watch, &page);
        shown = terminal_draw(&page);
        int64_t left_ms = (next_look_us - clock_monotonic_us()) / 1000;
        terminal_wait(left_ms > WATCH_PAUSE_MS_MIN ? (int)left_ms : WATCH_PAUSE_MS_MIN);
    }
    terminal_leave();
    buf_clear(&page);
}

static json_t *shared(json_t *answer) { return answer ? json_incref(answer) : json_null(); }

static void json_make(const watch_t *watch, buf_t *out) {
    char now[TIMESTAMP_SIZE_MAX];
    timestamp_format(watch->data.now_ms, now);
    json_t *all =
        json_pack("{s:s, s:s?, s:o, s:o, s:o}", "at", now, "error", watch->error, "status",
                  shared(watch->status), "alerts", shared(watch->alerts), "top", shared(watch->top));
    char *text = all ? json_dumps(all, JSON_COMPACT | JSON_REAL_PRECISION(15)) : NULL;
    if (!text) abort();
    buf_add_str(out, text);
    free(text);
    json_decref(all);
}

/* Writes what there is to say; false when nobody reads it any more. */
static bool line_print(const watch_t *watch, bool as_json) {
    buf_t line = {0};
    if (as_json)
        json_make(watch, &line);
    else
        watch_summary_write(&watch->data, &line);
    bool written = puts(buf_cstr(&line)) >= 0 && fflush(stdout) == 0;
    buf_clear(&line);
    return written;
}

static void lines_run(watch_t *watch, bool as_json) {
    do {
        look(watch);
    } while (!stop_requested() && line_print(watch, as_json) && !stop_wait(WATCH_LINE_INTERVAL_MS));
}

static err_t *once_run(watch_t *watch, bool as_json) {
    buf_t page = {0};
    look(watch);
    if (as_json)
        json_make(watch, &page);
    else
        view_make(watch, &page);
    puts(buf_cstr(&page));
    buf_clear(&page);
    if (!watch->error) return NULL;
    return err_new_code(EXIT_UNAVAILABLE, "the API at %s does not answer: %s", watch->data.api, watch->error);
}

static err_t *run(settings_t *settings) {
    bool as_json = settings_is_on(settings, "JSON");
    watch_t watch = {.data.api = settings_get(settings, "API"), .hint = settings_get(settings, "HINT")};
    err_t *err = NULL;
    TRY(fetcher_new(watch.data.api, &watch.fetcher));
    if (settings_is_on(settings, "ONCE"))
        err = once_run(&watch, as_json);
    else if (as_json || !terminal_is_there())
        lines_run(&watch, as_json);
    else
        view_run(&watch);
    fetcher_free(watch.fetcher);
    json_decref(watch.status);
    json_decref(watch.alerts);
    json_decref(watch.top);
    free(watch.error);
    return err;
}

static const setting_t watch_settings[] = {
    {"API", "http://127.0.0.1:8080", "address of the API"},
    {"ONCE", "false", "print one view and exit"},
    {"JSON", "false", "print the API's answers, one JSON object a line, in place of the view"},
    {"HINT", "Ctrl-C ends the view", "what the view's last line says"},
    {NULL, NULL, NULL},
};

const command_t watch_command = {
    .name = "watch",
    .summary = "Shows the pipeline live in the terminal.",
    .details = "Where the output is no terminal, it is a line every 5 s. NO_COLOR turns colours off.",
    .settings = watch_settings,
    .run = run,
};
