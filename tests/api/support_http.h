/* Requests to an API that runs in this process. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

typedef struct {
    int status;
    char *body;
    char content_type[64];
    char retry_after[16]; /* "" where there was none */
    json_t *json;         /* NULL where the body is none */
} answer_t;

/* Starts the API against a Postgres and a Kafka (librdkafka's own for tests) that has no topics. */
void api_start(const char *database_url);
void api_stop(void);

/* GET of a target ("/scores/top?limit=3"); the answer lives until the next one. */
const answer_t *ask(const char *target);
/* The same with `value`, escaped, put in the place of %s. */
const answer_t *ask_with(const char *target, const char *value);
