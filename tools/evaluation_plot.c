#include "tools/evaluation_plot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { WIDTH = 860, HEIGHT = 560, LEFT = 64, TOP = 56, SIDE = 440, LEGEND_LEFT = 536, LEGEND_LINE = 22 };

/* Okabe and Ito's colours, which the colour-blind can tell apart; black is the curve of all. */
static const char *const colours[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                      "#56b4e9", "#e69f00", "#8a7a00", "#7f7f7f"};
enum { COLOURS = sizeof colours / sizeof *colours };

static double x_of(double recall) { return LEFT + SIDE * recall; }
static double y_of(double precision) { return TOP + SIDE * (1 - precision); }

static void add_text(buf_t *out, double x, double y, const char *attributes, const char *text) {
    buf_printf(out, "<text x=\"%.1f\" y=\"%.1f\" %s>", x, y, attributes);
    for (; *text; text++) {
        if (*text == '<')
            buf_add_str(out, "&lt;");
        else if (*text == '&')
            buf_add_str(out, "&amp;");
        else
            buf_add_char(out, *text);
    }
    buf_add_str(out, "</text>\n");
}

static void add_axes(buf_t *out) {
    for (int tenth = 0; tenth <= 10; tenth += 2) {
        double at = tenth / 10.0;
        char label[8] = {(char)('0' + tenth / 10), '.', (char)('0' + tenth % 10), '\0'};
        buf_printf(out, "<path d=\"M%.1f %dV%dM%d %.1fH%d\" stroke=\"#ddd\" fill=\"none\"/>\n", x_of(at), TOP,
                   TOP + SIDE, LEFT, y_of(at), LEFT + SIDE);
        add_text(out, x_of(at), TOP + SIDE + 20, "text-anchor=\"middle\"", label);
        add_text(out, LEFT - 10, y_of(at) + 4, "text-anchor=\"end\"", label);
    }
    buf_printf(out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#888\"/>\n",
               LEFT, TOP, SIDE, SIDE);
    add_text(out, LEFT + SIDE / 2, TOP + SIDE + 44, "text-anchor=\"middle\"", "recall");
    buf_printf(out,
               "<text transform=\"translate(%d %d) rotate(-90)\" text-anchor=\"middle\">precision</text>\n",
               LEFT - 42, TOP + SIDE / 2);
}

/* Between two distinct scores there is no choice in between, so the curve has steps; those of less than half
 * a pixel are left out. */
static void add_curve(buf_t *out, const ranking_rates_t *points, size_t count, const char *stroke) {
    double x = x_of(0), y = count ? y_of(points[0].precision) : 0;
    buf_printf(out, "<path d=\"M%.1f %.1f", x, y);
    for (size_t i = 0; i < count; i++) {
        double next_x = x_of(points[i].recall), next_y = y_of(points[i].precision);
        if (i + 1 < count && fabs(next_x - x) < 0.5 && fabs(next_y - y) < 0.5) continue;
        x = next_x;
        y = next_y;
        buf_printf(out, "V%.1fH%.1f", y, x);
    }
    buf_printf(out, "\" fill=\"none\" %s/>\n", stroke);
}

typedef struct {
    const evaluation_t *evaluation;
    buf_t *out;
    int legend_lines;
} plot_t;

/* Nothing where nothing was planted. */
static void add_ranking(plot_t *plot, part_t part, const typology_measures_t *typology, const char *name,
                        const char *stroke) {
    double precision = typology->ranking[part].average_precision;
    if (isnan(precision)) return;
    size_t count;
    ranked_t *items = evaluation_ranked(plot->evaluation, part, name ? NULL : typology->name, &count);
    ranking_rates_t *points = calloc(count + 1, sizeof *points);
    if (!points) abort();
    add_curve(plot->out, points, ranking_curve(items, count, points), stroke);
    free(points);
    free(items);

    char value[16];
    snprintf(value, sizeof value, "%.3f", precision);
    double y = TOP + 36 + LEGEND_LINE * plot->legend_lines++;
    buf_printf(plot->out, "<path d=\"M%d %.1fh26\" fill=\"none\" %s/>\n", LEGEND_LEFT, y, stroke);
    add_text(plot->out, LEGEND_LEFT + 36, y + 4, "", name ? name : typology->name);
    add_text(plot->out, WIDTH - 24, y + 4, "text-anchor=\"end\"", value);
}

void evaluation_plot(const evaluation_t *evaluation, const evaluation_measures_t *measures, buf_t *out) {
    plot_t plot = {.evaluation = evaluation, .out = out};
    buf_printf(out,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" "
               "font-family=\"system-ui,sans-serif\" font-size=\"13\" fill=\"#222\">\n"
               "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n",
               WIDTH, HEIGHT, WIDTH, HEIGHT, WIDTH, HEIGHT);
    add_text(out, LEFT, 32, "font-size=\"17\" font-weight=\"600\"", "Precision over recall");
    add_text(out, LEGEND_LEFT, TOP + 10, "font-weight=\"600\"", "last 20 % of transfers");
    add_text(out, WIDTH - 24, TOP + 10, "text-anchor=\"end\" fill=\"#666\"", "average precision");
    add_axes(out);
    for (int i = 0; i < measures->typology_count; i++) {
        char stroke[64];
        snprintf(stroke, sizeof stroke, "stroke=\"%s\" stroke-width=\"1.5\"%s", colours[i % COLOURS],
                 i < COLOURS ? "" : " stroke-dasharray=\"2 3\"");
        add_ranking(&plot, PART_LAST, &measures->typologies[i], NULL, stroke);
    }
    add_ranking(&plot, PART_LAST, &measures->all, "all", "stroke=\"#000\" stroke-width=\"3\"");
    add_ranking(&plot, PART_ALL, &measures->all, "all, whole stream",
                "stroke=\"#000\" stroke-width=\"1.5\" stroke-dasharray=\"6 4\"");
    buf_add_str(out, "</svg>\n");
}
