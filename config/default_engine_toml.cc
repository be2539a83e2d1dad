// SPDX-License-Identifier: MIT
// The engine.toml that `cistern init` writes. Prose lines begin with "# ", settings that show their
// default with "#" alone; the tests remove the latter and read the result without a problem.
#include "config/default_engine_toml.h"

namespace cistern::config {

std::string_view default_engine_toml() {
    return R"toml(# Settings of cistern. Every key is optional: what is commented out shows its default.
# Check after an edit:  cistern check --config engine.toml
# A running server takes a new version over at SIGHUP; a version with a fault changes nothing.
# Durations: "90s", "1h30m", "7d". Sizes: 4096, "64MiB", "2GB".

[engine]
# Where HTTP answers. Another address than loopback needs an [auth] section.
#listen = "127.0.0.1:8428"

# ---------------------------------------------------------------- MQTT

# One table for each broker. Without rules everything that looks like a number is stored: known
# device families under good names, the rest under the last level of its topic.
#[[broker]]
#name = "lan"
# mqtt://, mqtts://, ws:// or wss://
#url = "mqtts://broker.lan:8883"
# A fixed client id keeps the session: what arrives at the broker while we are away is delivered.
# The default is "cistern-" and a name that stays with this root.
#client_id = "cistern-lan"
#user = "edge"
# Secrets come from files or ${ENVIRONMENT}, never from this file.
#password_file = "/run/secrets/mqtt"
# TLS: the authority that signed the broker's certificate; cert and key for a client certificate.
#ca = "/etc/ssl/certs/ca-certificates.crt"
#cert = "/etc/cistern/client.pem"
#key = "/etc/cistern/client.key"
# How long the broker keeps the session for us. "0s" begins anew at each connect.
#session = "7d"
#keepalive = "30s"
# What to ask for; by default what the rules, the presets and the generic mapper need.
# "$share/group/filter" shares the messages among several collectors.
#subscribe = ["#"]
#qos = 1
# cistern publishes nothing but what is named here: "rebirth" (asks a Sparkplug node for its names),
# "status" (status_topic and will), "probe", "host_state" (of a Sparkplug host). true allows all of it.
#publish = ["status", "probe"]
# Retained: "online" while connected, else "offline". Or a [broker.will] of your own.
#status_topic = "cistern/edge-1/status"
# How often the way to the broker and back is measured, for /metrics.
#probe = "1m"
#max_series = 120000
#max_topics = 120000

# How messages become samples where a rule does not say otherwise.
[defaults]
#db = "main"
# "auto": the payload's time where it carries one that can be trusted, else the time of arrival.
# "receive": the time of arrival, but for rules with a timestamp of their own.
#timestamp = "auto"
# A payload's time further off than this is replaced by the time of arrival.
#max_future = "10m"
# A retained message that the broker replays: "if_newer", "ignore" or "store".
#retained = "if_newer"

# Your own rules come first, in their order; docs/rules.md teaches them by examples.
#[[rule]]
#name = "garden"
#topic = "garden/{bed}/{metric}"
#metric = "garden_{metric}"
#labels = { bed = "{bed}" }
#unit = { soil_moisture = "%", temperature = "°C" }

# Topics that are not even decoded.
#[[ignore]]
#topic = ["zigbee2mqtt/bridge/logging", "+/+/set"]

# Names, units and availability from Home Assistant's retained discovery messages.
[ha_discovery]
#enabled = true
#prefix = "homeassistant"
# false leaves devices that a preset knows to the preset.
#enrich = true

# Sparkplug B; without a section all groups of all brokers are followed.
#[[sparkplug]]
#groups = ["Plant1"]
# "auto" asks nodes for their births where the broker's `publish` permits it; "never" waits.
#rebirth = "auto"
# Store the numbers of DataSets, a series per column and row.
#datasets = false
# Set, we are a primary host: STATE is published under this name, where the broker's `publish` permits
# "host_state". It takes the place of the status topic's last will.
#host_id = ""

# ---------------------------------------------------------------- storage

[wal]
# When the log reaches the device: "interval" (every sync_interval), "always" (before a message is
# acknowledged) or "segment" (when a segment is full). A crash of the process loses nothing in any.
# What is set here goes before durability.profile.
#fsync_policy = "interval"
#sync_interval = "1s"
# The log's size at which its samples are moved into day files.
#max_segment_size = "64MiB"

[durability]
# What a power cut may cost: "strict" nothing (fsync_policy "always"), "balanced" the last second
# ("interval", 1s), "throughput" the last 4 MiB of the log ("segment"). Files are always synced.
#profile = "balanced"

# Defaults for databases; <root>/<db>/manifest.toml with the same tables overrides them.
[manifest_defaults.retention]
# One file per "day", "month", "year", or "forever".
#partition = "day"
# 0 keeps everything.
#retention_days = 0
# Oldest periods go first when the database grows over this; 0 sets no bound.
#max_bytes = 0
# What happens to an expired period: "keep", "delete" or "archive" (into a tar file).
#retention_action = "keep"
# How long after its end a period stays open for late samples before it is sealed.
#grace = "1h"

[manifest_defaults.page]
# Samples of a block, at most.
#max_records = 8192
# Samples in memory are written to a file when they take this much, or are this old.
#max_bytes = "32MiB"
#max_age = "2h"

[manifest_defaults.ingest]
# "accept" late samples, or "reject" what is older than the newest of its series.
#out_of_order = "accept"
# Samples older or newer than this are refused; "0" sets no bound.
#max_past = "0"
#max_future = "0"
#max_series = 1000000

# ---------------------------------------------------------------- HTTP

# Needed when others than this machine may connect.
#[auth]
# "users", or "none" for everyone who can reach the address
#mode = "users"
# One `name:hash:role:scope` per line; docs/configuration.md, "Users".
#users_file = "users"
# What works without a password: "none" or "read".
#anonymous = "none"
#public_metrics = false

[web]
# Names under which browsers reach us, beside addresses, localhost, the host name and *.local.
#allowed_hosts = ["cistern.example.org"]
# Pages of these origins may call the API.
#cors_origins = ["https://grafana.example.org"]

[limits]
#threads = 64
#connections_per_client = 48
#request_timeout = "5s"
#body = "10MiB"
#decompressed_body = "32MiB"
#import = "4GiB"
#live_streams = 40
#query_timeout = "2m"
#query_concurrency = 20
#query_samples = 50000000
# How far back an instant query looks for a series' last sample.
#lookback = "5m"
# As Prometheus 3: m[5m] and the lookback leave out a sample that is exactly 5 minutes old.
#left_open_ranges = false

# ---------------------------------------------------------------- cistern itself

[stats]
# The process's own metrics as series of the database "internal".
#enabled = true
#interval = "30s"

#[[logging.logger]]
# "console", or a file's path
#output = "console"
# "trace", "debug", "info", "warn" or "error"
#level = "info"
#max_file_bytes = 0
#max_backups = 3
)toml";
}

}  // namespace cistern::config
