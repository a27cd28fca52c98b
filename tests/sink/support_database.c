#include "tests/sink/support_database.h"

#include "tests/support/suite.h"

const names_t names = {
    {"transaction-risk", "risk-scores", "alerts", "transactions-dlq", "risk-labels", "scoring-runs"}};
const write_options_t options = {.names = &names, .told_change = 10};
postgres_t *postgres;
batch_t *batch;

err_t *database_connect(postgres_t **out) {
    return postgres_connect(&(postgres_options_t){.url = server_url()}, out);
}

void database_setup(void) {
    position_t positions[INPUT_COUNT];
    server_tables();
    must(database_connect(&postgres));
    batch = batch_new();
    for (int i = 0; i < INPUT_COUNT; i++) positions[i] = (position_t){.input = (input_t)i};
    must(positions_load(postgres, &names, positions, INPUT_COUNT));
    for (int i = 0; i < INPUT_COUNT; i++) ck_assert_int_eq(positions[i].offset, 0);
}

void database_teardown(void) {
    batch_free(batch);
    postgres_free(postgres);
}

void write_batch(bool accepted) {
    bool was_accepted;
    must(batch_write(postgres, &options, batch, &was_accepted));
    ck_assert_int_eq(was_accepted, accepted);
    batch_reset(batch);
}
