// SPDX-License-Identifier: MIT
// Text formats that carry whole samples, one or more per line; each gives an Array of Records.
#pragma once

#include "collector/decode/decoder.h"

#include <memory>

namespace cistern::collector {

// Influx line protocol: measurement,tag=v field=1,other=2i 1767225590000000000
// name = measurement_field, tags = labels, time in ns.
std::unique_ptr<Decoder> make_influx_decoder();
// Prometheus text exposition: name{label="v"} 1 1767225590000
std::unique_ptr<Decoder> make_prometheus_decoder();
// P1 telegram (DSMR, IEC 62056-21): 1-0:1.8.1(001234.567*kWh). name = obis_1_0_1_8_1. Values
// without a unit (versions, tariffs, texts) are left out. W and S at a time mean UTC+1 and UTC+2.
std::unique_ptr<Decoder> make_obis_decoder();

}  // namespace cistern::collector
