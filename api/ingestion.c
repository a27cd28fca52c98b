#include "api/api.h"
#include "api/lag.h"
#include "api/limits.h"
#include "api/params.h"
#include "api/sampler.h"
#include "api/stored.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* SQL in pieces keeps its own lines. */
/* clang-format off */
static const statement_t scoring_run_statement = {
    "scoring_run_latest",
    "SELECT row_to_json(t)::text FROM (SELECT run_id, state, rules_version, wallets,"
    " " SQL_ISO("started_at") " AS started_at, " SQL_ISO("finished_at") " AS finished_at"
    " FROM scoring_runs ORDER BY scoring_runs.started_at DESC, run_id LIMIT 1) t",
    0};
/* clang-format on */

typedef struct {
    int64_t inserted, duplicates, rejected;
    int64_t lag_processor; /* -1: unknown */
    int64_t lag_sink;
    const stored_row_t *last_transaction, *last_error, *last_update; /* NULL: none */
} summary_t;

/* Times as SQL_ISO writes them sort as text. */
static int time_compare(const char *a, const char *b) { return strcmp(a ? a : "", b ? b : ""); }

/* Whether the row's last transfer was stored after the other's; those of one batch bear one time. */
static bool is_later_transaction(const stored_row_t *row, const stored_row_t *than) {
    if (!row->last_tx_id) return false;
    if (!than) return true;
    int order = time_compare(row->updated_at, than->updated_at);
    return order > 0 || (order == 0 && time_compare(row->last_tx_at, than->last_tx_at) > 0);
}

static summary_t summary_of(const stored_t *stored, const sampler_view_t *view, const sampler_t *sampler) {
    const char *input = sampler_input_topic(sampler), *transfers = sampler_transfers_topic(sampler);
    summary_t sum = {.inserted = stored_inserted(stored, transfers),
                     .lag_processor = lag_processor(view->positions, view->position_count, input),
                     .lag_sink = lag_sink(stored, view->positions, view->position_count, input)};
    for (int i = 0; i < stored->count; i++) {
        const stored_row_t *row = &stored->rows[i];
        bool has_transfers = strcmp(row->topic, transfers) == 0;
        if (has_transfers) sum.duplicates += row->duplicates;
        sum.rejected += row->rejected;
        if (has_transfers && is_later_transaction(row, sum.last_transaction)) sum.last_transaction = row;
        if (row->last_error &&
            (!sum.last_error || time_compare(row->last_error_at, sum.last_error->last_error_at) > 0)) {
            sum.last_error = row;
        }
        if (!sum.last_update || time_compare(row->updated_at, sum.last_update->updated_at) > 0)
            sum.last_update = row;
    }
    return sum;
}

static void add_text(buf_t *out, const char *text) {
    if (text)
        buf_add_json_str(out, text, strlen(text));
    else
        buf_add_str(out, "null");
}

static void stall_write(const char *who, double still_s, int64_t lag, buf_t *out) {
    if (lag <= 0 || still_s < STALL_S) return;
    buf_printf(out, "%s\"the %s has stood still for %.0f s with %" PRId64 " records before it\"",
               out->size ? "," : "", who, still_s, lag);
}

/* Why the state is degraded, as the items of a JSON list; nothing where all is well. */
static void reasons_write(const summary_t *sum, const sampler_view_t *view, buf_t *out) {
    if (view->kafka_error[0]) add_text(out, view->kafka_error);
    stall_write("processor", view->processor_still_s, sum->lag_processor, out);
    stall_write("sink", view->sink_still_s, sum->lag_sink, out);
    if (sum->last_error && sum->last_error->last_error_age_s < ERROR_RECENT_S) {
        buf_t text = {0};
        buf_printf(&text, "a record was refused less than %d s ago: %s", ERROR_RECENT_S,
                   sum->last_error->last_error);
        if (out->size) buf_add_char(out, ',');
        buf_add_json_str(out, text.data, text.size);
        buf_clear(&text);
    }
}

static void state_write(const summary_t *sum, const sampler_view_t *view, buf_t *out) {
    buf_t reasons = {0};
    reasons_write(sum, view, &reasons);
    const char *state = reasons.size ? "degraded" : sum->last_transaction ? "ok" : "starting";
    buf_printf(out, "\"state\":\"%s\",\"reasons\":[", state);
    if (reasons.size) buf_add(out, reasons.data, reasons.size);
    buf_add_str(out, "]");
    buf_clear(&reasons);
}

static void last_transaction_write(const stored_row_t *row, buf_t *out) {
    buf_add_str(out, ",\"last_transaction\":");
    if (!row) {
        buf_add_str(out, "null");
        return;
    }
    buf_add_str(out, "{\"tx_id\":");
    add_text(out, row->last_tx_id);
    buf_add_str(out, ",\"timestamp\":");
    add_text(out, row->last_tx_at);
    buf_add_str(out, "}");
}

static void last_error_write(const stored_row_t *row, buf_t *out) {
    buf_add_str(out, ",\"last_error\":");
    if (!row) {
        buf_add_str(out, "null");
        return;
    }
    buf_add_str(out, "{\"reason\":");
    add_text(out, row->last_error);
    buf_add_str(out, ",\"at\":");
    add_text(out, row->last_error_at);
    buf_add_str(out, ",\"topic\":");
    add_text(out, row->topic);
    buf_printf(out, ",\"partition\":%d}", row->partition);
}

static void add_tenths(buf_t *out, double value) { buf_add_double(out, round(value * 10) / 10); }

static void rates_write(const sampler_view_t *view, buf_t *out) {
    buf_add_str(out, ",\"rate_per_s\":");
    add_tenths(out, view->rate_per_s);
    buf_add_str(out, ",\"rates_per_s\":[");
    for (int i = 0; i < view->history_count; i++) {
        if (i) buf_add_char(out, ',');
        add_tenths(out, view->history[i]);
    }
    buf_add_str(out, "]");
}

static void partitions_write(const stored_t *stored, const sampler_view_t *view, buf_t *out) {
    buf_add_str(out, ",\"partitions\":[");
    for (int i = 0; i < stored->count; i++) {
        const stored_row_t *row = &stored->rows[i];
        buf_add_str(out, i ? ",{\"topic\":" : "{\"topic\":");
        add_text(out, row->topic);
        buf_printf(out,
                   ",\"partition\":%d,\"next_offset\":%" PRId64 ",\"inserted\":%" PRId64
                   ",\"duplicates\":%" PRId64 ",\"rejected\":%" PRId64 ",\"lag\":%" PRId64 ",\"updated_at\":",
                   row->partition, row->next_offset, row->inserted, row->duplicates, row->rejected,
                   lag_sink_partition(row, view->positions, view->position_count));
        add_text(out, row->updated_at);
        buf_add_str(out, ",\"last_error\":");
        add_text(out, row->last_error);
        buf_add_str(out, ",\"last_error_at\":");
        add_text(out, row->last_error_at);
        buf_add_str(out, "}");
    }
    buf_add_str(out, "]");
}

static void status_write(const stored_t *stored, const sampler_view_t *view, const sampler_t *sampler,
                         buf_t *out) {
    summary_t sum = summary_of(stored, view, sampler);
    state_write(&sum, view, out);
    last_transaction_write(sum.last_transaction, out);
    buf_printf(out, ",\"total_inserted\":%" PRId64 ",\"duplicates\":%" PRId64 ",\"rejected\":%" PRId64,
               sum.inserted, sum.duplicates, sum.rejected);
    rates_write(view, out);
    buf_add_str(out, ",\"lag\":{\"processor\":");
    if (sum.lag_processor < 0)
        buf_add_str(out, "null");
    else
        buf_add_int(out, sum.lag_processor);
    buf_printf(out, ",\"sink\":%" PRId64 "}", sum.lag_sink);
    last_error_write(sum.last_error, out);
    buf_add_str(out, ",\"updated_at\":");
    add_text(out, sum.last_update ? sum.last_update->updated_at : NULL);
    partitions_write(stored, view, out);
}

/* The latest scoring run's JSON, empty where there is none. */
static bool scoring_run_read(const api_t *api, http_response_t *response, buf_t *out) {
    if (!api_answer_json(api, &scoring_run_statement, NULL, response)) return false;
    *out = response->body;
    response->body = (buf_t){0};
    return true;
}

void api_handle_ingestion_status(const http_request_t *request, http_response_t *response, void *context) {
    static const char *const known[] = {NULL};
    const api_t *api = context;
    buf_t run = {0}, *body = &response->body;
    stored_t stored;
    sampler_view_t view;
    if (!params_check(request, response, known)) return;
    if (!scoring_run_read(api, response, &run)) return;
    err_t *err = stored_read(api->pool, &stored);
    if (err) {
        buf_clear(&run);
        api_answer_error(response, err);
        return;
    }
    sampler_view(api->sampler, &view);
    buf_add_char(body, '{');
    status_write(&stored, &view, api->sampler, body);
    buf_printf(body, ",\"latest_scoring_run\":%s}", run.size ? buf_cstr(&run) : "null");
    sampler_view_clear(&view);
    stored_clear(&stored);
    buf_clear(&run);
}
