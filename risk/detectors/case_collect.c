/* What the state at a wallet names of its case: at the case's root its transfers, elsewhere the root. */
#include "risk/case.h"
#include "risk/detectors/case_list.h"

void case_collect(const observation_t *observation, const double *parameters, evidence_t *evidence) {
    (void)parameters;
    wallet_key_t key;
    size_t size;
    case_transfer_t transfers[CASE_TRANSFERS_MAX];
    if (!observation->wallet->has_case) return;
    key_of_number(&key, KEY_CASE, observation->wallet->number);
    const case_header_t *header = store_get(observation->store, key.data, key.size, &size);
    if (!header) return;
    if (header->root_size) {
        evidence_add_wallet(evidence, (text_t){(const char *)(header + 1), header->root_size});
        return;
    }
    if (!case_transfers_read(header + 1, size - sizeof *header, header->transfer_count, transfers)) return;
    for (int i = header->transfer_count - 1; i >= 0; i--) {
        evidence_add_transfer(evidence, transfers[i].transfer.tx_id);
        evidence_add_wallet(evidence, transfers[i].transfer.src);
        evidence_add_wallet(evidence, transfers[i].transfer.dst);
    }
}
