#include "tests/api/support_http.h"

#include "api/api.h"
#include "api/sampler.h"
#include "common/settings.h"
#include "tests/support/suite.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

static api_t api;
static http_server_t *server;
static settings_t *settings;

void api_start(const char *database_url) {
    setenv("DATABASE_URL", database_url, 1);
    setenv("AMLSTREAM_KAFKA_TEST_MOCK_NUM_BROKERS", "1", 1);
    must(settings_new(&api_command, 0, NULL, &settings));
    api.pool = pool_new(database_url, 3);
    must(sampler_new(api.pool, settings, &api.sampler));
    must(http_server_new("127.0.0.1:0", api_routes, &api, 2, &server));
}

void api_stop(void) {
    pool_hurry(api.pool);
    http_server_free(server);
    sampler_free(api.sampler);
    pool_free(api.pool);
    settings_free(settings);
}

static size_t take_body(char *bytes, size_t size, size_t count, void *context) {
    buf_add(context, bytes, size * count);
    return size * count;
}

static size_t take_header(char *bytes, size_t size, size_t count, void *context) {
    answer_t *answer = context;
    char line[128] = "";
    size_t length = size * count < sizeof line ? size * count : sizeof line - 1;
    memcpy(line, bytes, length);
    sscanf(line, "Retry-After: %15[^\r\n]", answer->retry_after);
    sscanf(line, "Content-Type: %63[^\r\n]", answer->content_type);
    return size * count;
}

const answer_t *ask(const char *target) {
    static answer_t answer;
    static buf_t body;
    char url[4096];
    json_decref(answer.json);
    answer = (answer_t){0};
    buf_reset(&body);
    snprintf(url, sizeof url, "http://127.0.0.1:%d%s", http_server_port(server), target);
    CURL *curl = curl_easy_init();
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 20L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &answer);
    CURLcode code = curl_easy_perform(curl);
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(curl);
    ck_assert_msg(code == CURLE_OK, "%s: %s", target, curl_easy_strerror(code));
    answer.status = (int)status;
    answer.body = (char *)buf_cstr(&body);
    answer.json = json_loads(answer.body, JSON_DECODE_ANY, NULL);
    return &answer;
}

const answer_t *ask_with(const char *target, const char *value) {
    char text[4096];
    char *escaped = curl_easy_escape(NULL, value, 0);
    const char *place = strstr(target, "%s");
    ck_assert_ptr_nonnull(place);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(place - target), target, escaped, place + 2);
    curl_free(escaped);
    return ask(text);
}
