#include "tools/watch_view.h"

#include "common/timestamp.h"
#include "tools/limits.h"
#include "tools/watch_cells.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LEVEL_CELLS = 8, /* "critical" */
    TIME_CELLS = 10,
    SCORE_CELLS = 3,
    DEGREE_CELLS = 7,
    NARROW_COLUMNS = 72,
    NUMBER_SIZE_MAX = 40,
    SUMMARY_CELLS_MAX = 500,
};

typedef enum { PLAIN, DIM, BOLD, RED, YELLOW, GREEN, BLUE, ALARM } style_t;

static const char *const style_codes[] = {[PLAIN] = "",    [DIM] = "2",    [BOLD] = "1",  [RED] = "31",
                                          [YELLOW] = "33", [GREEN] = "32", [BLUE] = "36", [ALARM] = "1;31"};

/* The page that is being written; it never grows beyond the options' lines and columns. */
typedef struct {
    const watch_options_t *options;
    buf_t *out;
    int line;   /* from 0 */
    int column; /* cells used in it */
} page_t;

/* Writing */

static int room(const page_t *page) {
    return page->line < page->options->lines ? page->options->columns - page->column : 0;
}

static void line_end(page_t *page) {
    page->line++;
    page->column = 0;
    if (page->line < page->options->lines) buf_add_char(page->out, '\n');
}

static void style_begin(page_t *page, style_t style) {
    if (page->options->color && style != PLAIN) buf_printf(page->out, "\033[%sm", style_codes[style]);
}

static void style_end(page_t *page, style_t style) {
    if (page->options->color && style != PLAIN) buf_add_str(page->out, "\033[0m");
}

static void skip(page_t *page, int cells) {
    for (; cells > 0 && room(page) > 0; cells--, page->column++) buf_add_char(page->out, ' ');
}

static int least(int a, int b) { return a < b ? a : b; }

/* Text in at most `width` cells; returns the cells used. */
static int put(page_t *page, style_t style, const char *text, int width, cut_t cut) {
    width = least(width, room(page));
    if (width <= 0) return 0;
    style_begin(page, style);
    int used = cells_add(page->out, text, width, cut, page->options->utf8);
    style_end(page, style);
    page->column += used;
    return used;
}

/* Text in exactly `width` cells, and a gap. */
static void put_column(page_t *page, style_t style, const char *text, int width, cut_t cut) {
    skip(page, width - put(page, style, text, width, cut) + 2);
}

static void put_all(page_t *page, style_t style, const char *text) {
    put(page, style, text, room(page), CUT_END);
}

static void put_right(page_t *page, style_t style, const char *text, int width) {
    skip(page, width - (int)strlen(text));
    put(page, style, text, width, CUT_END);
}

/* Reading the answers */

static const char *text_of(const json_t *object, const char *name) {
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

static double number_of(const json_t *object, const char *name) {
    double number = json_number_value(json_object_get(object, name));
    return isfinite(number) ? number : 0;
}

static const json_t *items_of(const json_t *list) { return json_object_get(list, "items"); }

/* "1,234,567"; a dash where there is no number. */
static const char *count_text(const json_t *object, const char *name, char out[NUMBER_SIZE_MAX]) {
    const json_t *value = json_object_get(object, name);
    if (!json_is_integer(value)) return "-";
    char digits[NUMBER_SIZE_MAX];
    int size = snprintf(digits, sizeof digits, "%" JSON_INTEGER_FORMAT, json_integer_value(value)), at = 0;
    for (int i = 0; i < size && at < NUMBER_SIZE_MAX - 2; i++) {
        if (i > 0 && (size - i) % 3 == 0 && digits[i - 1] != '-') out[at++] = ',';
        out[at++] = digits[i];
    }
    out[at] = '\0';
    return out;
}

static const char *score_text(const json_t *object, char out[NUMBER_SIZE_MAX]) {
    double score = fmin(fmax(number_of(object, "score"), 0), 999);
    snprintf(out, NUMBER_SIZE_MAX, "%.0f", score);
    return out;
}

/* "12:34:56" of today, else "2025-05-01". */
static const char *time_text(const watch_data_t *data, const char *time, char out[TIME_CELLS + 1]) {
    char now[TIMESTAMP_SIZE_MAX];
    timestamp_format(data->now_ms, now);
    bool is_today = strlen(time) >= 19 && strncmp(time, now, 10) == 0;
    snprintf(out, TIME_CELLS + 1, "%.*s", is_today ? 8 : 10, is_today ? time + 11 : time);
    return out;
}

static style_t level_style(const char *level) {
    if (strcmp(level, "critical") == 0) return ALARM;
    if (strcmp(level, "high") == 0) return RED;
    if (strcmp(level, "medium") == 0) return YELLOW;
    return GREEN;
}

static style_t state_style(const char *state) {
    if (strcmp(state, "ok") == 0) return GREEN;
    if (strcmp(state, "starting") == 0) return BLUE;
    return YELLOW;
}

/* The head */

static const char *state_of(const watch_data_t *data) {
    if (data->error) return "no answer";
    return data->status ? text_of(data->status, "state") : "waiting";
}

static void title_write(page_t *page, const watch_data_t *data) {
    char now[TIMESTAMP_SIZE_MAX], right[512];
    timestamp_format(data->now_ms, now);
    snprintf(right, sizeof right, "%s  %.8s UTC", data->api, now + 11);
    const char *state = state_of(data);
    style_t style = data->error ? RED : state_style(state);
    put(page, BOLD, "amlstream", room(page), CUT_END);
    skip(page, 2);
    put(page, style, page->options->utf8 ? "● " : "* ", 2, CUT_END);
    put(page, style, state, 10, CUT_END);
    skip(page, 2);
    skip(page, room(page) - (int)strlen(right));
    put_all(page, DIM, right);
    line_end(page);
    style_begin(page, DIM);
    for (; room(page) > 0; page->column++) buf_add_str(page->out, page->options->utf8 ? "─" : "-");
    style_end(page, DIM);
    line_end(page);
}

static int number_compare(const void *a, const void *b) {
    double first = *(const double *)a, second = *(const double *)b;
    return (first > second) - (first < second);
}

/* What a full bar stands for: twice what is usual, lest the burst after a pause flattens all the rest. */
static double rate_of_full_bar(const double *rates, int count) {
    double sorted[WATCH_COLUMNS_MAX];
    int busy = 0;
    for (int i = 0; i < count; i++) {
        if (rates[i] > 0) sorted[busy++] = rates[i];
    }
    if (busy == 0) return 1;
    qsort(sorted, (size_t)busy, sizeof *sorted, number_compare);
    return fmin(sorted[busy - 1], 2 * sorted[busy / 2]);
}

/* The last seconds' rates. */
static void sparkline_write(page_t *page, const json_t *list) {
    static const char *const utf8_steps[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static const char *const ascii_steps[] = {"_", ".", "-", "=", "+", "*", "%", "#"};
    const char *const *steps = page->options->utf8 ? utf8_steps : ascii_steps;
    double rates[WATCH_COLUMNS_MAX];
    size_t total = json_array_size(list);
    int count = least(least(room(page), WATCH_COLUMNS_MAX),
                      total > WATCH_COLUMNS_MAX ? WATCH_COLUMNS_MAX : (int)total);
    if (count <= 0) return;
    for (int i = 0; i < count; i++)
        rates[i] = json_number_value(json_array_get(list, total - (size_t)count + (size_t)i));
    double full = rate_of_full_bar(rates, count);
    style_begin(page, BLUE);
    for (int i = 0; i < count; i++) {
        int step = (int)ceil(fmin(fmax(rates[i] / full, 0), 1) * 8) - 1;
        buf_add_str(page->out, steps[step < 0 ? 0 : step]);
    }
    style_end(page, BLUE);
    page->column += count;
}

static void rate_write(page_t *page, const json_t *status) {
    char rate[NUMBER_SIZE_MAX];
    double rate_per_s = number_of(status, "rate_per_s");
    snprintf(rate, sizeof rate, rate_per_s < 100 ? "%.1f" : "%.0f", rate_per_s);
    put(page, PLAIN, "transfers/s ", 12, CUT_END);
    put(page, BOLD, status ? rate : "-", 12, CUT_END);
    skip(page, 22 - page->column);
    sparkline_write(page, json_object_get(status, "rates_per_s"));
    line_end(page);
}

static void put_count(page_t *page, const char *name, const json_t *object, const char *field,
                      style_t style) {
    char number[NUMBER_SIZE_MAX];
    put(page, PLAIN, name, room(page), CUT_END);
    skip(page, 1);
    put(page, style, count_text(object, field, number), room(page), CUT_END);
    skip(page, 3);
}

static void totals_write(page_t *page, const json_t *status) {
    const json_t *lag = json_object_get(status, "lag");
    put_count(page, "stored", status, "total_inserted", BOLD);
    put_count(page, "duplicates", status, "duplicates", PLAIN);
    put_count(page, "rejected", status, "rejected", number_of(status, "rejected") > 0 ? YELLOW : PLAIN);
    if (page->options->columns < NARROW_COLUMNS) line_end(page);
    put_count(page, "lag: processor", lag, "processor", BOLD);
    put_count(page, "sink", lag, "sink", BOLD);
    line_end(page);
}

static void reasons_join(const json_t *reasons, buf_t *out) {
    size_t index;
    const json_t *reason;
    json_array_foreach(reasons, index, reason) {
        const char *text = json_string_value(reason);
        if (index) buf_add_str(out, "; ");
        buf_add_str(out, text ? text : "");
    }
}

/* What is wrong, or else what came last. */
static void news_write(page_t *page, const watch_data_t *data) {
    const json_t *last = json_object_get(data->status, "last_transaction");
    buf_t text = {0};
    style_t style = RED;
    if (data->error) {
        buf_printf(&text, "the API has not answered for %" PRId64 " s: %s",
                   (data->now_ms - data->answered_ms) / 1000, data->error);
    } else if (json_array_size(json_object_get(data->status, "reasons")) > 0) {
        style = YELLOW;
        reasons_join(json_object_get(data->status, "reasons"), &text);
    } else if (last && !json_is_null(last)) {
        style = DIM;
        buf_printf(&text, "last transfer %s of %s", text_of(last, "tx_id"), text_of(last, "timestamp"));
    }
    put_all(page, style, buf_cstr(&text));
    line_end(page);
    buf_clear(&text);
}

/* The lists */

static void heading_write(page_t *page, const char *title, const char *columns) {
    put(page, BOLD, title, room(page), CUT_END);
    skip(page, 2);
    put_all(page, DIM, columns);
    line_end(page);
}

static void none_write(page_t *page, const char *text) {
    skip(page, 2);
    put_all(page, DIM, text);
    line_end(page);
}

static void alert_write(page_t *page, const watch_data_t *data, const json_t *alert) {
    char score[NUMBER_SIZE_MAX], time[TIME_CELLS + 1];
    const char *severity = text_of(alert, "severity");
    int typology_cells = least(page->options->columns / 4, 22);
    put_column(page, DIM, time_text(data, text_of(alert, "created_at"), time), TIME_CELLS, CUT_END);
    put_column(page, level_style(severity), severity, LEVEL_CELLS, CUT_END);
    put_right(page, PLAIN, score_text(alert, score), SCORE_CELLS);
    skip(page, 2);
    put_column(page, PLAIN, text_of(alert, "typology"), typology_cells, CUT_END);
    put(page, PLAIN, text_of(alert, "wallet"), room(page), CUT_MIDDLE);
    line_end(page);
}

static void alerts_write(page_t *page, const watch_data_t *data, int rows) {
    const json_t *items = items_of(data->alerts);
    size_t count = json_array_size(items);
    heading_write(page, "NEWEST ALERTS", "");
    if (count == 0) none_write(page, data->alerts ? "none yet" : "-");
    for (size_t i = 0; i < count && i < (size_t)rows; i++) alert_write(page, data, json_array_get(items, i));
    for (int i = count ? (int)count : 1; i < rows; i++) line_end(page);
}

/* A score from 0 to 100 as a bar of `width` cells. */
static void bar_write(page_t *page, style_t style, double score, int width) {
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    width = least(width, room(page));
    int filled = (int)lround(fmin(fmax(score, 0), 100) / 100 * width * 8), used = 0;
    style_begin(page, style);
    for (; used < filled / 8; used++) buf_add_str(page->out, page->options->utf8 ? "█" : "#");
    if (page->options->utf8 && filled % 8) {
        buf_add_str(page->out, eighths[filled % 8]);
        used++;
    }
    style_end(page, style);
    page->column += used;
    skip(page, width - used);
}

/* The codes of a score's reasons, heaviest first as the score has them. */
static void codes_join(const json_t *reasons, buf_t *out) {
    size_t index;
    const json_t *reason;
    json_array_foreach(reasons, index, reason) {
        if (index) buf_add_str(out, ", ");
        buf_printf(out, "%s %.0f", text_of(reason, "code"), number_of(reason, "contribution"));
    }
}

static void wallet_write(page_t *page, const json_t *score) {
    char number[NUMBER_SIZE_MAX], in[NUMBER_SIZE_MAX], out[NUMBER_SIZE_MAX], degree[2 * NUMBER_SIZE_MAX];
    const char *level = text_of(score, "level");
    int columns = page->options->columns;
    buf_t codes = {0};
    codes_join(json_object_get(score, "reasons"), &codes);
    snprintf(degree, sizeof degree, "%s/%s", count_text(score, "in_degree", in),
             count_text(score, "out_degree", out));
    put_right(page, BOLD, score_text(score, number), SCORE_CELLS);
    skip(page, 1);
    if (columns >= NARROW_COLUMNS) {
        bar_write(page, level_style(level), number_of(score, "score"), 8);
        skip(page, 1);
    }
    put_column(page, level_style(level), level, LEVEL_CELLS, CUT_END);
    put_column(page, PLAIN, text_of(score, "wallet"), least(columns / 4, 44), CUT_MIDDLE);
    put_column(page, PLAIN, degree, DEGREE_CELLS, CUT_END);
    put_all(page, DIM, buf_cstr(&codes));
    line_end(page);
    buf_clear(&codes);
}

static void wallets_write(page_t *page, const watch_data_t *data, int rows) {
    const json_t *items = items_of(data->top);
    size_t count = json_array_size(items);
    heading_write(page, "TOP WALLETS", "score, level, wallet, counterparties in/out, main reasons");
    if (count == 0) none_write(page, data->top ? "none yet" : "-");
    for (size_t i = 0; i < count && i < (size_t)rows; i++) wallet_write(page, json_array_get(items, i));
}

void watch_view_write(const watch_data_t *data, const watch_options_t *options, buf_t *out) {
    watch_options_t above = *options;
    above.lines--;
    page_t page = {.options = &above, .out = out};
    title_write(&page, data);
    rate_write(&page, data->status);
    totals_write(&page, data->status);
    news_write(&page, data);
    line_end(&page);
    /* Two headings and the line between the lists. */
    int rows = above.lines - page.line - 3, alert_rows = rows < 2 ? 1 : rows / 2;
    alerts_write(&page, data, alert_rows);
    line_end(&page);
    wallets_write(&page, data, rows - alert_rows);
    /* The footer keeps its line however little room there is. */
    while (page.line < above.lines) line_end(&page);
    page.options = options;
    page.line = options->lines - 1;
    if (options->lines > 1) buf_add_char(out, '\n');
    put_all(&page, DIM, options->footer);
}

static void summary_join(const watch_data_t *data, buf_t *out) {
    const json_t *lag = json_object_get(data->status, "lag"),
                 *alert = json_array_get(items_of(data->alerts), 0);
    char number[NUMBER_SIZE_MAX];
    buf_printf(out, ", %.1f transfers/s", number_of(data->status, "rate_per_s"));
    buf_printf(out, ", %s stored", count_text(data->status, "total_inserted", number));
    buf_printf(out, ", %s duplicates", count_text(data->status, "duplicates", number));
    buf_printf(out, ", %s rejected", count_text(data->status, "rejected", number));
    buf_printf(out, ", lag %s processor", count_text(lag, "processor", number));
    buf_printf(out, " %s sink", count_text(lag, "sink", number));
    if (!alert) return;
    buf_printf(out, ", newest alert %s %s %s", text_of(alert, "severity"), text_of(alert, "typology"),
               text_of(alert, "wallet"));
}

void watch_summary_write(const watch_data_t *data, buf_t *out) {
    char time[TIMESTAMP_SIZE_MAX];
    buf_t line = {0};
    timestamp_format(data->now_ms, time);
    buf_printf(&line, "%.19sZ %s", time, state_of(data));
    if (data->error)
        buf_printf(&line, ", %s", data->error);
    else
        summary_join(data, &line);
    cells_add(out, buf_cstr(&line), SUMMARY_CELLS_MAX, CUT_END, true);
    buf_clear(&line);
}
