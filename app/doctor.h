// SPDX-License-Identifier: MIT
// What `cistern doctor` finds: settings of brokers and of the machine that lose data.
#pragma once

#include "collector/mqtt/options.h"
#include "store/base/file_system.h"

#include <string>
#include <vector>

namespace cistern::app {

struct Finding {
    enum class Severity { Good, Note, Problem };
    Severity severity = Severity::Good;
    std::string subject;  // the broker's name, or "machine"
    std::string what;
    std::string advice;   // what to do about it
    std::string setting;  // the line for mosquitto.conf, where there is one
};
using Findings = std::vector<Finding>;

// Connects under a client id of its own. With `probe` it also subscribes and publishes below
// `cistern/doctor/`, and tries what happens to messages while a client with a session is away.
void examine_broker(const mqtt::ClientOptions& broker, bool probe, Findings& into);
// mosquitto's own settings, where the file is at hand.
void examine_mosquitto_conf(FileSystem& fs, const std::string& file, Findings& into);

struct MachineFiles {
    std::string root;                  // the data root; may not exist yet
    std::vector<std::string> secrets;  // files that others must not read
};
void examine_machine(FileSystem& fs, const MachineFiles& files, Findings& into);

}  // namespace cistern::app
