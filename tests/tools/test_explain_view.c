#include "tests/support/suite.h"
#include "tools/explain_view.h"

static void assert_shows(const char *json, const char *expected) {
    buf_t text = {0};
    json_error_t error;
    json_t *why = json_loads(json, 0, &error);
    ck_assert_msg(why, "%s: %s", error.text, json);
    explain_view(why, &text);
    ck_assert_str_eq(buf_cstr(&text), expected);
    json_decref(why);
    buf_clear(&text);
}

#define STATE                                                                                                \
    "\"state\":{\"score\":60,\"level\":\"high\",\"rules_version\":\"abc\",\"received_count\":2,\"in_"        \
    "degree\":1,"                                                                                            \
    "\"received_total\":90,\"sent_count\":0,\"out_degree\":0,\"sent_total\":0,\"reasons\":[{\"code\":\"x\"," \
    "\"contribution\":60,\"evidence\":{\"hops\":2,\"via\":\"mule\"}}]}"
#define HEAD                                                                                                 \
    "alice  score 60  high  rules abc\n"                                                                     \
    "  received 2 transfers from 1 wallet, 90; sent 0 transfers to 0 wallets, 0\n\n"                         \
    "reasons\n   60.00  x                       hops 2  via mule\n\n"

START_TEST(a_path_is_a_tree_from_the_label_to_the_wallet) {
    assert_shows(
        "{\"wallet\":\"alice\",\"complete\":true," STATE
        ",\"paths\":[{\"direction\":\"source\",\"category\":\"scam\",\"hops\":2,\"label\":\"bad\","
        "\"contribution\":60,\"complete\":"
        "true,"
        "\"labelled\":{\"category\":\"scam\",\"source\":\"list\"},\"path\":["
        "{\"from\":\"mule\",\"to\":\"alice\",\"transfers\":2,\"value\":90,\"first\":\"A\",\"last\":\"B\","
        "\"tx_ids\":[\"t2\",\"t3\"]},{\"from\":\"bad\",\"to\":\"mule\",\"tx_ids\":[\"t1\"]}]}]}",
        HEAD "paths\n  scam, source, 2 hops, 60.00 of the score: scam, list\n    bad\n    └─ mule  by t1\n"
             "       └─ alice  by t2, t3  A to B  2 transfers, value 90\n");
}
END_TEST

START_TEST(where_a_path_goes_on_elsewhere_is_shown) {
    assert_shows("{\"wallet\":\"alice\",\"complete\":false," STATE
                 ",\"paths\":[{\"direction\":\"source\",\"category\":\"scam\",\"hops\":2,\"label\":\"bad\","
                 "\"contribution\":0,"
                 "\"complete\":false,"
                 "\"continues_at\":\"mule\",\"why\":\"away\",\"path\":["
                 "{\"from\":\"mule\",\"to\":\"alice\",\"tx_ids\":[\"t2\"]}]}],\"paths_left_out\":3}",
                 HEAD "paths\n  scam, source, 2 hops, 0.00 of the score\n    bad … goes on at mule: away\n"
                      "    └─ alice  by t2\n  and 3 more, beyond the limits\n"
                      "\nnot complete: some of the state is with other instances\n");
}
END_TEST

START_TEST(a_way_to_a_destination_begins_at_the_wallet) {
    assert_shows("{\"wallet\":\"alice\",\"complete\":true," STATE
                 ",\"paths\":[{\"direction\":\"either\",\"category\":\"scam\",\"hops\":2,\"label\":\"bad\","
                 "\"contribution\":1,\"complete\":true,\"path\":["
                 "{\"from\":\"alice\",\"to\":\"mule\",\"tx_ids\":[\"t2\"]},"
                 "{\"from\":\"bad\",\"to\":\"mule\",\"tx_ids\":[\"t1\"]}]}]}",
                 HEAD "paths\n  scam, either, 2 hops, 1.00 of the score\n    alice\n    └─ to mule  by t2\n"
                      "       └─ from bad  by t1\n");
}
END_TEST

int main(void) {
    return suite_run("explain_view",
                     (const TTest *const[]){a_path_is_a_tree_from_the_label_to_the_wallet,
                                            where_a_path_goes_on_elsewhere_is_shown,
                                            a_way_to_a_destination_begins_at_the_wallet, NULL},
                     60);
}
