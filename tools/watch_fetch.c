#include "tools/watch_fetch.h"

#include "common/buf.h"
#include "common/signals.h"
#include "tools/limits.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

struct fetcher {
    CURL *curl;
    char *api;
    buf_t body;
    long status;
    char error[CURL_ERROR_SIZE];
};

static size_t take(char *bytes, size_t size, size_t count, void *context) {
    fetcher_t *fetcher = context;
    if (fetcher->body.size + size * count > WATCH_ANSWER_SIZE_MAX) return 0;
    buf_add(&fetcher->body, bytes, size * count);
    return size * count;
}

static int on_progress(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d) {
    (void)context, (void)a, (void)b, (void)c, (void)d;
    return stop_requested();
}

static char *address_copy(const char *api) {
    char *copy = strdup(api);
    if (!copy) abort();
    size_t size = strlen(copy);
    while (size > 0 && copy[size - 1] == '/') copy[--size] = '\0';
    return copy;
}

err_t *fetcher_new(const char *api, fetcher_t **out) {
    if (strncmp(api, "http://", 7) != 0 && strncmp(api, "https://", 8) != 0) {
        return err_new_code(EXIT_USAGE, "\"%s\" is no address; it must be like http://127.0.0.1:8080", api);
    }
    fetcher_t *fetcher = calloc(1, sizeof *fetcher);
    if (!fetcher) abort();
    fetcher->api = address_copy(api);
    fetcher->curl = curl_easy_init();
    if (!fetcher->curl) abort();
    CURL *curl = fetcher->curl;
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, fetcher);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, fetcher->error);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)WATCH_CONNECT_TIMEOUT_MS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)WATCH_ANSWER_TIMEOUT_MS);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    *out = fetcher;
    return NULL;
}

void fetcher_free(fetcher_t *fetcher) {
    if (!fetcher) return;
    curl_easy_cleanup(fetcher->curl);
    buf_clear(&fetcher->body);
    free(fetcher->api);
    free(fetcher);
}

/* A problem's own words, where the answer is one. */
static err_t *refusal(long status, const json_t *answer) {
    const char *detail = json_string_value(json_object_get(answer, "detail"));
    if (detail) return err_new_code(EXIT_UNAVAILABLE, "%s", detail);
    return err_new_code(EXIT_UNAVAILABLE, "it answers with status %ld", status);
}

err_t *fetcher_get(fetcher_t *fetcher, const char *path, json_t **out) {
    buf_t url = {0};
    buf_printf(&url, "%s%s", fetcher->api, path);
    buf_reset(&fetcher->body);
    fetcher->error[0] = '\0';
    fetcher->status = 0;
    curl_easy_setopt(fetcher->curl, CURLOPT_URL, buf_cstr(&url));
    CURLcode code = curl_easy_perform(fetcher->curl);
    buf_clear(&url);
    if (code != CURLE_OK) {
        return err_new_code(EXIT_UNAVAILABLE, "%s",
                            fetcher->error[0] ? fetcher->error : curl_easy_strerror(code));
    }
    curl_easy_getinfo(fetcher->curl, CURLINFO_RESPONSE_CODE, &fetcher->status);
    json_t *answer = json_loadb(fetcher->body.size ? fetcher->body.data : "", fetcher->body.size, 0, NULL);
    if (fetcher->status != 200 || !answer) {
        err_t *err = fetcher->status == 200 ? err_new_code(EXIT_UNAVAILABLE, "what it answers is not JSON")
                                            : refusal(fetcher->status, answer);
        json_decref(answer);
        return err;
    }
    *out = answer;
    return NULL;
}

long fetcher_status(const fetcher_t *fetcher) { return fetcher->status; }
