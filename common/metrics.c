#include "common/metrics.h"

#include <assert.h>
#include <dirent.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { BOUND_COUNT_MAX = 24 };

typedef enum { KIND_COUNTER, KIND_GAUGE, KIND_HISTOGRAM } kind_t;

static const char *const kind_names[] = {"counter", "gauge", "histogram"};

/* Counters and gauges use `value` alone; a histogram keeps its sum there. buckets[i] counts what fell between
 * bounds[i - 1] and bounds[i], the last what is above them all; they are added up when written. */
struct metric {
    struct metric *next;
    char *labels;
    _Atomic double value;
    int bound_count;
    double bounds[BOUND_COUNT_MAX];
    _Atomic uint64_t buckets[BOUND_COUNT_MAX + 1];
};

/* All metrics of one name. */
typedef struct family {
    struct family *next;
    char *name;
    char *help;
    kind_t kind;
    metric_t *first, *last;
} family_t;

/* Guards the lists; values are atomics. Metrics live as long as the process. */
static pthread_mutex_t registry_mutex = PTHREAD_MUTEX_INITIALIZER;
static family_t *families, *last_family;

static char *copy(const char *text) {
    char *result = strdup(text ? text : "");
    if (!result) abort();
    return result;
}

static family_t *family_of(const char *name, const char *help, kind_t kind) {
    for (family_t *family = families; family; family = family->next) {
        if (strcmp(family->name, name) != 0) continue;
        assert(family->kind == kind);
        return family;
    }
    family_t *family = calloc(1, sizeof *family);
    if (!family) abort();
    family->name = copy(name);
    family->help = copy(help);
    family->kind = kind;
    if (last_family)
        last_family->next = family;
    else
        families = family;
    last_family = family;
    return family;
}

static metric_t *metric_of(family_t *family, const char *labels, const double *bounds, int bound_count) {
    for (metric_t *metric = family->first; metric; metric = metric->next) {
        if (strcmp(metric->labels, labels) == 0) return metric;
    }
    metric_t *metric = calloc(1, sizeof *metric);
    if (!metric) abort();
    metric->labels = copy(labels);
    metric->bound_count = bound_count;
    for (int i = 0; i < bound_count; i++) metric->bounds[i] = bounds[i];
    if (family->last)
        family->last->next = metric;
    else
        family->first = metric;
    family->last = metric;
    return metric;
}

static metric_t *metric_new(const char *name, const char *help, const char *labels, kind_t kind,
                            const double *bounds, int bound_count) {
    assert(bound_count >= 0 && bound_count <= BOUND_COUNT_MAX);
    pthread_mutex_lock(&registry_mutex);
    metric_t *metric = metric_of(family_of(name, help, kind), labels ? labels : "", bounds, bound_count);
    pthread_mutex_unlock(&registry_mutex);
    return metric;
}

metric_t *metric_counter(const char *name, const char *help, const char *labels) {
    return metric_new(name, help, labels, KIND_COUNTER, NULL, 0);
}

metric_t *metric_gauge(const char *name, const char *help, const char *labels) {
    return metric_new(name, help, labels, KIND_GAUGE, NULL, 0);
}

metric_t *metric_histogram(const char *name, const char *help, const char *labels, const double *bounds,
                           int bound_count) {
    return metric_new(name, help, labels, KIND_HISTOGRAM, bounds, bound_count);
}

/* Updates */

void metric_add(metric_t *metric, double amount) {
    double before = atomic_load_explicit(&metric->value, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&metric->value, &before, before + amount,
                                                  memory_order_relaxed, memory_order_relaxed)) {
    }
}

void metric_set(metric_t *metric, double value) {
    atomic_store_explicit(&metric->value, value, memory_order_relaxed);
}

void metric_observe(metric_t *metric, double value) {
    int bucket = 0;
    while (bucket < metric->bound_count && !(value <= metric->bounds[bucket])) bucket++;
    atomic_fetch_add_explicit(&metric->buckets[bucket], 1, memory_order_relaxed);
    metric_add(metric, value);
}

double metric_value(const metric_t *metric) {
    if (metric->bound_count == 0) return atomic_load_explicit(&metric->value, memory_order_relaxed);
    uint64_t count = 0;
    for (int i = 0; i <= metric->bound_count; i++) {
        count += atomic_load_explicit(&metric->buckets[i], memory_order_relaxed);
    }
    return (double)count;
}

/* Text */

static void add_number(buf_t *out, double value) {
    if (isnan(value))
        buf_add_str(out, "NaN");
    else if (isinf(value))
        buf_add_str(out, value > 0 ? "+Inf" : "-Inf");
    else if (value == floor(value) && fabs(value) < 0x1p53)
        buf_add_int(out, (int64_t)value);
    else
        buf_add_double(out, value);
    buf_add_char(out, '\n');
}

static void add_head(buf_t *out, const char *name, const char *help, kind_t kind) {
    buf_printf(out, "# HELP %s ", name);
    for (; *help; help++) {
        if (*help == '\n')
            buf_add_str(out, "\\n");
        else if (*help == '\\')
            buf_add_str(out, "\\\\");
        else
            buf_add_char(out, *help);
    }
    buf_printf(out, "\n# TYPE %s %s\n", name, kind_names[kind]);
}

static void add_sample(buf_t *out, const char *name, const char *suffix, const char *labels, double value) {
    buf_add_str(out, name);
    buf_add_str(out, suffix);
    if (*labels) buf_printf(out, "{%s}", labels);
    buf_add_char(out, ' ');
    add_number(out, value);
}

static void add_histogram(buf_t *out, const char *name, const metric_t *metric) {
    uint64_t count = 0;
    const char *comma = *metric->labels ? "," : "";
    for (int i = 0; i <= metric->bound_count; i++) {
        count += atomic_load_explicit(&metric->buckets[i], memory_order_relaxed);
        buf_printf(out, "%s_bucket{%s%sle=\"", name, metric->labels, comma);
        if (i < metric->bound_count)
            buf_add_double(out, metric->bounds[i]);
        else
            buf_add_str(out, "+Inf");
        buf_printf(out, "\"} %llu\n", (unsigned long long)count);
    }
    add_sample(out, name, "_sum", metric->labels, atomic_load_explicit(&metric->value, memory_order_relaxed));
    add_sample(out, name, "_count", metric->labels, (double)count);
}

static void add_process_sample(buf_t *out, const char *name, const char *help, kind_t kind, double value) {
    add_head(out, name, help, kind);
    add_sample(out, name, "", "", value);
}

/* The 22nd field of /proc/self/stat, in clock ticks since boot; the command in parentheses may hold
 * anything. */
static double start_time_s(void) {
    char text[1024];
    double boot_s = 0, start_ticks = 0;
    FILE *file = fopen("/proc/self/stat", "re");
    if (file) {
        size_t size = fread(text, 1, sizeof text - 1, file);
        text[size] = '\0';
        const char *at = strrchr(text, ')');
        for (int field = 2; at && field < 22; field++) at = strchr(at + 1, ' ');
        if (at) start_ticks = strtod(at, NULL);
        fclose(file);
    }
    file = fopen("/proc/stat", "re");
    while (file && fgets(text, sizeof text, file)) {
        if (strncmp(text, "btime ", 6) == 0) boot_s = strtod(text + 6, NULL);
    }
    if (file) fclose(file);
    return boot_s + start_ticks / (double)sysconf(_SC_CLK_TCK);
}

static double open_file_count(void) {
    DIR *directory = opendir("/proc/self/fd");
    if (!directory) return 0;
    int count = -1; /* the directory itself is one */
    while (true) {
        const struct dirent *entry = readdir(directory);
        if (!entry) break;
        if (entry->d_name[0] != '.') count++;
    }
    closedir(directory);
    return count;
}

static void add_process(buf_t *out) {
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) == 0) {
        double cpu_s = (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
                       ((double)usage.ru_utime.tv_usec + (double)usage.ru_stime.tv_usec) / 1e6;
        add_process_sample(out, "process_cpu_seconds_total", "User and system CPU time", KIND_COUNTER, cpu_s);
    }
    FILE *file = fopen("/proc/self/statm", "re");
    unsigned long long total_pages, resident_pages;
    if (file && fscanf(file, "%llu %llu", &total_pages, &resident_pages) == 2) {
        double page_bytes = (double)sysconf(_SC_PAGESIZE);
        add_process_sample(out, "process_virtual_memory_bytes", "Virtual memory", KIND_GAUGE,
                           (double)total_pages * page_bytes);
        add_process_sample(out, "process_resident_memory_bytes", "Resident memory", KIND_GAUGE,
                           (double)resident_pages * page_bytes);
    }
    if (file) fclose(file);
    add_process_sample(out, "process_start_time_seconds", "Start of the process, Unix seconds", KIND_GAUGE,
                       start_time_s());
    add_process_sample(out, "process_open_fds", "Open file descriptors", KIND_GAUGE, open_file_count());
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        add_process_sample(out, "process_max_fds", "Most file descriptors allowed", KIND_GAUGE,
                           limit.rlim_cur == RLIM_INFINITY ? INFINITY : (double)limit.rlim_cur);
    }
}

void metrics_write(buf_t *out) {
    pthread_mutex_lock(&registry_mutex);
    for (const family_t *family = families; family; family = family->next) {
        add_head(out, family->name, family->help, family->kind);
        for (const metric_t *metric = family->first; metric; metric = metric->next) {
            if (family->kind == KIND_HISTOGRAM)
                add_histogram(out, family->name, metric);
            else
                add_sample(out, family->name, "", metric->labels, metric_value(metric));
        }
    }
    pthread_mutex_unlock(&registry_mutex);
    add_process(out);
}
