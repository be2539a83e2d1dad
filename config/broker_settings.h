// SPDX-License-Identifier: MIT
// [[broker]] of engine.toml, and the brokers that the command line names by URL.
#pragma once

#include "collector/ingest/options.h"
#include "config/table_reader.h"

#include <string>
#include <vector>

namespace cistern::config {

// `base` has what [defaults] says; `settings_folder` is where secrets named by relative paths are.
// One mapper serves all brokers, so `presets` of any of them is written to `presets`.
std::vector<collector::BrokerOptions> read_brokers(TableReader& root,
                                                   const collector::BrokerOptions& base,
                                                   const std::string& settings_folder,
                                                   std::vector<std::string>& presets);

// For --broker URL: the name is made of the host, so that it is the same at the next start.
collector::BrokerOptions broker_of_url(const std::string& url,
                                       const collector::BrokerOptions& base);

// Fills in what depends on the data root: the client id when none is given, the state folder.
void settle_brokers(std::vector<collector::BrokerOptions>& brokers,
                    const std::string& root,
                    const std::string& default_database);

// ${NAME} -> the environment's value. NotFound names a variable that is not set.
Result<std::string> expand_environment(const std::string& text);

}  // namespace cistern::config
