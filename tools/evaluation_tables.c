#include "tools/evaluation_report.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

enum { NAME_COLUMNS = 14, COUNT_COLUMNS = 8, CELL_COLUMNS = 7, RATE_COLUMNS = 5 };
static const double HOUR_MS = 3600e3;

static void add_line(buf_t *out, const char *name) {
    buf_printf(out, "\n%-*.*s", NAME_COLUMNS, NAME_COLUMNS, name);
}

static void add_cell(buf_t *out, int columns, const char *format, double value) {
    char text[32] = "-";
    if (!isnan(value)) snprintf(text, sizeof text, format, value);
    buf_printf(out, "%*s", columns, text);
}

static void add_time(buf_t *out, double ms) {
    double hours = ms / HOUR_MS;
    if (hours < 48)
        add_cell(out, CELL_COLUMNS, hours < 2 ? "%.1f h" : "%.0f h", hours);
    else
        add_cell(out, CELL_COLUMNS, "%.0f d", hours / 24);
}

static void add_count(buf_t *out, uint64_t count) { buf_printf(out, "%*" PRIu64, COUNT_COLUMNS, count); }

static double share(uint64_t part, uint64_t of) { return of ? (double)part / (double)of : NAN; }

static void add_ranking(buf_t *out, const char *name, const ranking_measures_t *ranking) {
    add_line(out, name);
    add_count(out, ranking->planted);
    add_cell(out, CELL_COLUMNS, "%.3f", ranking->average_precision);
    add_cell(out, CELL_COLUMNS, "%.3f", ranking->f1);
    for (int i = 0; i < EVALUATION_CUTS; i++)
        add_cell(out, RATE_COLUMNS, "%.2f", ranking->at_share[i].precision);
    for (int i = 0; i < EVALUATION_CUTS; i++)
        add_cell(out, RATE_COLUMNS, "%.2f", ranking->at_share[i].recall);
}

static void add_rankings(buf_t *out, const char *title, const evaluation_measures_t *measures, part_t part) {
    add_line(out, title);
    buf_add_str(out, " planted     AP     F1 P.5%  P1%  P2%  P5% R.5%  R1%  R2%  R5%");
    add_ranking(out, measures->all.name, &measures->all.ranking[part]);
    for (int i = 0; i < measures->typology_count; i++)
        add_ranking(out, measures->typologies[i].name, &measures->typologies[i].ranking[part]);
    buf_add_char(out, '\n');
}

static void add_patterns(buf_t *out, const typology_measures_t *typology) {
    const pattern_measures_t *all = &typology->patterns[PART_ALL], *last = &typology->patterns[PART_LAST];
    add_line(out, typology->name);
    add_count(out, all->planted);
    add_cell(out, CELL_COLUMNS, "%.3f", share(all->found, all->planted));
    add_cell(out, CELL_COLUMNS, "%.3f", share(last->found, last->planted));
    add_time(out, all->to_found.ms_median);
    add_time(out, all->to_found.ms_p90);
    add_cell(out, CELL_COLUMNS, "%.0f", all->to_found.transfers_median);
    add_cell(out, CELL_COLUMNS, "%.0f", all->to_found.transfers_p90);
    add_time(out, all->to_noticed.ms_median);
    add_time(out, all->to_noticed.ms_p90);
}

static void add_alerts(buf_t *out, const char *name, const alert_measures_t *alerts) {
    add_line(out, name);
    add_count(out, alerts[PART_ALL].alerts);
    add_cell(out, CELL_COLUMNS, "%.3f", share(alerts[PART_ALL].right, alerts[PART_ALL].alerts));
    add_count(out, alerts[PART_LAST].alerts);
    add_cell(out, CELL_COLUMNS, "%.3f", share(alerts[PART_LAST].right, alerts[PART_LAST].alerts));
}

void evaluation_tables(const evaluation_measures_t *measures, buf_t *out) {
    const ranking_measures_t *all = &measures->all.ranking[PART_ALL];
    buf_printf(out,
               "%" PRIu64 " transfers, %" PRIu64 " of them planted, in %" PRIu64 " patterns; %" PRIu64
               " alerts",
               all->transfers, all->planted, measures->all.patterns[PART_ALL].planted,
               measures->alerts[PART_ALL].alerts);
    if (measures->truths_unknown)
        buf_printf(out, "; %" PRIu64 " rows of the truth are of no transfer here", measures->truths_unknown);
    buf_add_str(out, "\nAP: average precision. F1: at the best threshold of the validation part");
    if (!isnan(measures->all.threshold)) buf_printf(out, " (all: a score of %g)", measures->all.threshold);
    buf_add_str(out, ".\nP, R: precision and recall at the top n % of transfers.\n");
    add_rankings(out, "WHOLE STREAM", measures, PART_ALL);
    add_rankings(out, "LAST 20 %", measures, PART_LAST);

    buf_printf(out, "\n%*s%s", NAME_COLUMNS + COUNT_COLUMNS + 2 * CELL_COLUMNS, "",
               "  start to found, transfers     to noticed");
    add_line(out, "PATTERNS");
    buf_add_str(out, " planted  found last20 median    p90 median    p90 median    p90");
    add_patterns(out, &measures->all);
    for (int i = 0; i < measures->typology_count; i++) add_patterns(out, &measures->typologies[i]);
    buf_add_char(out, '\n');

    add_line(out, "ALERTS");
    buf_add_str(out, "  alerts  right  last20  right");
    add_alerts(out, "all", measures->alerts);
    for (int i = 0; i < measures->alert_typology_count; i++)
        add_alerts(out, measures->alert_typologies[i].name, measures->alert_typologies[i].alerts);
    buf_add_char(out, '\n');
}
