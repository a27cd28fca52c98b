#include "sink/maintain.h"

#include "sink/limits.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* SQL in pieces keeps its own lines. */
/* clang-format off */
#define LOCK_SQL "hashtext('amlstream maintenance')"
#define HORIZON_SQL "(month_first(now()) - $1::text::interval)"

static const char ahead_sql[] =
    "SELECT count(*) FILTER (WHERE added) FROM (SELECT month_add(parent, at) AS added FROM"
    " unnest(ARRAY['transactions', 'risk_score_history']) AS p(parent),"
    " unnest(ARRAY[now(), month_next(now())]) AS m(at)) a";

/* The months that waiting rows are of; month_add knows which of them it makes. */
static const char waiting_sql[] =
    "SELECT 'transactions', m FROM (SELECT DISTINCT month_first(\"timestamp\") AS m FROM transactions_default) t"
    " UNION ALL SELECT 'risk_score_history', m FROM"
    "  (SELECT DISTINCT month_first(changed_at) AS m FROM risk_score_history_default) h";

static const statement_t statement_add = {
    "month_add", "SELECT month_add($1::text, $2::text::timestamptz)::text"};
static const statement_t statement_drop = {
    "month_drop", "SELECT month_drop($1::text, $2::text::timestamptz)::text"};

static const statement_t statement_expired = {
    "months_expired",
    "SELECT month::text FROM months WHERE parent = $2::text AND month < " HORIZON_SQL " ORDER BY month"};

/* An hour at a time: a month's ids in one transaction could take longer than a statement may. */
static const statement_t statement_ids_delete = {
    "ids_delete",
    "DELETE FROM transaction_ids i USING transactions t"
    " WHERE t.\"timestamp\" >= $1::text::timestamptz + $2::text::interval"
    "  AND t.\"timestamp\" < $1::text::timestamptz + $2::text::interval + interval '1 hour'"
    "  AND t.\"timestamp\" < month_next($1::text::timestamptz) AND i.tx_id = t.tx_id"};

static const statement_t statement_transactions_default = {
    "transactions_default_delete",
    "WITH gone AS (DELETE FROM transactions_default WHERE \"timestamp\" < " HORIZON_SQL " RETURNING tx_id)"
    " DELETE FROM transaction_ids i USING gone WHERE i.tx_id = gone.tx_id"};
static const statement_t statement_history_default = {
    "history_default_delete",
    "DELETE FROM risk_score_history_default WHERE changed_at < " HORIZON_SQL};

static const statement_t statement_errors_delete = {
    "errors_delete",
    "DELETE FROM ingestion_errors WHERE ctid IN (SELECT ctid FROM ingestion_errors"
    " WHERE created_at < now() - $1::text::interval ORDER BY created_at LIMIT $2::text::int)"};

/* What was inserted while it was last looked at may have been committed later. */
static const char hours_sql[] =
    "SELECT DISTINCT date_trunc('hour', \"timestamp\")::text, now()::text FROM transactions"
    " WHERE inserted_at >= (SELECT rolled_until FROM rollup_state WHERE rollup = 'transfers_hourly')"
    "  - interval '10 minutes'";
static const char days_sql[] =
    "SELECT DISTINCT (created_at AT TIME ZONE 'UTC')::date::text, now()::text FROM alerts"
    " WHERE inserted_at >= (SELECT rolled_until FROM rollup_state WHERE rollup = 'alerts_daily')"
    "  - interval '10 minutes'";

/* Transfers and alerts never change, so that a rollup only ever grows; where it would shrink, its rows have been
 * dropped since. */
static const statement_t statement_hour = {
    "roll_hour",
    "INSERT INTO transfers_hourly (hour, asset, level, transfers, amount, value)"
    " SELECT $1::text::timestamptz, coalesce(asset, ''), level, count(*), sum(amount), sum(value)"
    " FROM transactions WHERE \"timestamp\" >= $1::text::timestamptz"
    "  AND \"timestamp\" < $1::text::timestamptz + interval '1 hour' GROUP BY 2, 3"
    " ON CONFLICT (hour, asset, level) DO UPDATE SET transfers = excluded.transfers,"
    "  amount = excluded.amount, value = excluded.value WHERE excluded.transfers > transfers_hourly.transfers"};
static const statement_t statement_day = {
    "roll_day",
    "INSERT INTO alerts_daily (day, typology, severity, alerts)"
    " SELECT $1::text::date, typology, severity, count(*) FROM alerts"
    " WHERE created_at >= $1::text::date::timestamp AT TIME ZONE 'UTC'"
    "  AND created_at < ($1::text::date + 1)::timestamp AT TIME ZONE 'UTC' GROUP BY 2, 3"
    " ON CONFLICT (day, typology, severity) DO UPDATE SET alerts = excluded.alerts"};
static const statement_t statement_rolled = {
    "rolled", "UPDATE rollup_state SET rolled_until = $2::text::timestamptz WHERE rollup = $1::text"};
/* clang-format on */

err_t *maintain_options_read(const settings_t *settings, maintain_options_t *out) {
    TRY(settings_int(settings, "KEEP_TRANSACTIONS_MONTHS", 0, KEEP_MONTHS_MAX, &out->transactions_months));
    TRY(settings_int(settings, "KEEP_HISTORY_MONTHS", 0, KEEP_MONTHS_MAX, &out->history_months));
    return settings_int(settings, "KEEP_ERRORS_DAYS", 0, KEEP_DAYS_MAX, &out->errors_days);
}

/* Runs the statement with one or two texts as values; `b` NULL: one. `out` may be NULL. */
static err_t *run(postgres_t *postgres, const statement_t *statement, const char *a, const char *b,
                  PGresult **out) {
    arrays_t values = {0};
    value_add_text(&values, a, strlen(a));
    if (b) value_add_text(&values, b, strlen(b));
    err_t *err = postgres_write(postgres, statement, &values, out);
    arrays_clear(&values);
    return err;
}

/* Months */

static err_t *month_change(postgres_t *postgres, const statement_t *statement, const char *parent,
                           const char *month, int64_t *changed) {
    PGresult *result;
    TRY(run(postgres, statement, parent, month, &result));
    *changed += strcmp(PQgetvalue(result, 0, 0), "true") == 0;
    PQclear(result);
    return NULL;
}

static err_t *months_make(postgres_t *postgres, maintain_report_t *report) {
    PGresult *result;
    TRY(postgres_query(postgres, ahead_sql, &result));
    report->months_added += strtoll(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    TRY(postgres_query(postgres, waiting_sql, &result));
    err_t *err = NULL;
    for (int i = 0; !err && i < PQntuples(result); i++) {
        err = month_change(postgres, &statement_add, PQgetvalue(result, i, 0), PQgetvalue(result, i, 1),
                           &report->months_added);
    }
    PQclear(result);
    return err;
}

static err_t *ids_delete(postgres_t *postgres, const char *month) {
    enum { HOURS_MAX = 31 * 24 };
    for (int hour = 0; hour < HOURS_MAX; hour++) {
        char after[24];
        snprintf(after, sizeof after, "%d hours", hour);
        TRY(run(postgres, &statement_ids_delete, month, after, NULL));
    }
    return NULL;
}

static err_t *months_expire(postgres_t *postgres, const char *parent, int64_t months,
                            maintain_report_t *report) {
    char kept[32];
    PGresult *result;
    bool has_ids = strcmp(parent, "transactions") == 0;
    if (!months) return NULL;
    snprintf(kept, sizeof kept, "%" PRId64 " months", months);
    TRY(run(postgres, has_ids ? &statement_transactions_default : &statement_history_default, kept, NULL,
            NULL));
    TRY(run(postgres, &statement_expired, kept, parent, &result));
    err_t *err = NULL;
    for (int i = 0; !err && i < PQntuples(result); i++) {
        const char *month = PQgetvalue(result, i, 0);
        if (has_ids) err = ids_delete(postgres, month);
        if (!err) err = month_change(postgres, &statement_drop, parent, month, &report->months_dropped);
    }
    PQclear(result);
    return err;
}

/* Errors */

static err_t *errors_expire(postgres_t *postgres, int64_t days, maintain_report_t *report) {
    char kept[32], limit[16];
    if (!days) return NULL;
    snprintf(kept, sizeof kept, "%" PRId64 " days", days);
    snprintf(limit, sizeof limit, "%d", DELETE_ROWS_MAX);
    for (int64_t deleted = DELETE_ROWS_MAX; deleted == DELETE_ROWS_MAX;) {
        PGresult *result;
        TRY(run(postgres, &statement_errors_delete, kept, limit, &result));
        deleted = strtoll(PQcmdTuples(result), NULL, 10);
        report->errors_deleted += deleted;
        PQclear(result);
    }
    return NULL;
}

/* Rollups */

static err_t *roll(postgres_t *postgres, const char *rollup, const char *spans_sql,
                   const statement_t *statement, int64_t *rolled) {
    PGresult *spans;
    TRY(postgres_query(postgres, spans_sql, &spans));
    err_t *err = NULL;
    for (int i = 0; !err && i < PQntuples(spans); i++) {
        err = run(postgres, statement, PQgetvalue(spans, i, 0), NULL, NULL);
        if (!err) ++*rolled;
    }
    if (!err && PQntuples(spans) > 0)
        err = run(postgres, &statement_rolled, rollup, PQgetvalue(spans, 0, 1), NULL);
    PQclear(spans);
    return err;
}

/* The first error counts; `next`, of the latest statement, is freed where there was one before. */
static err_t *first_of(const postgres_t *postgres, err_t *first, err_t *next) {
    next = postgres_refusal(postgres, next);
    if (!first) return next;
    err_free(next);
    return first;
}

static err_t *steps_run(postgres_t *postgres, const maintain_options_t *options, maintain_report_t *report) {
    err_t *err = first_of(postgres, NULL, months_make(postgres, report));
    err = first_of(postgres, err,
                   roll(postgres, "transfers_hourly", hours_sql, &statement_hour, &report->hours_rolled));
    err = first_of(postgres, err,
                   roll(postgres, "alerts_daily", days_sql, &statement_day, &report->days_rolled));
    err = first_of(postgres, err,
                   months_expire(postgres, "transactions", options->transactions_months, report));
    err = first_of(postgres, err,
                   months_expire(postgres, "risk_score_history", options->history_months, report));
    return first_of(postgres, err, errors_expire(postgres, options->errors_days, report));
}

err_t *maintain(postgres_t *postgres, const maintain_options_t *options, maintain_report_t *report) {
    PGresult *result;
    *report = (maintain_report_t){0};
    TRY(postgres_query(postgres, "SELECT pg_try_advisory_lock(" LOCK_SQL ")", &result));
    report->elsewhere = strcmp(PQgetvalue(result, 0, 0), "t") != 0;
    PQclear(result);
    if (report->elsewhere) return NULL;
    TRY(postgres_limit(postgres, MAINTENANCE_TIMEOUT_MS));
    err_t *err = steps_run(postgres, options, report);
    if (postgres_is_broken(postgres)) return err;
    return first_of(postgres, err, postgres_exec(postgres, "SELECT pg_advisory_unlock(" LOCK_SQL ")"));
}
