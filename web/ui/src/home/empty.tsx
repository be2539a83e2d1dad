// SPDX-License-Identifier: MIT
// Nothing recorded yet: say why, and what to do about it.
import type { JSX } from "preact";

import { brokers, type Broker } from "../state/collector";
import { CopyLine } from "../ui/copy";
import { LiveBadge } from "./status";

function NoBroker(): JSX.Element {
  return (
    <>
      <h2>No broker is configured</h2>
      <p>Start the server with a broker's address, or add a <code>[[broker]]</code> section to engine.toml:</p>
      <CopyLine text="cistern serve --root /var/lib/cistern --broker tcp://localhost:1883" />
    </>
  );
}

function Unreachable({ broker }: { broker: Broker }): JSX.Element {
  return (
    <>
      <h2>The broker {broker.url || broker.name} cannot be reached</h2>
      <p class="reason">{broker.error || "no connection yet"}</p>
      <p>The server keeps trying; this page fills itself when the connection stands.</p>
    </>
  );
}

function Waiting({ broker }: { broker: Broker }): JSX.Element {
  const address = broker.url.replace(/^[a-z]+:\/\//, "");
  const [host, port] = address.split(":");
  return (
    <>
      <h2>Connected to {address}, waiting for messages</h2>
      <p>Nothing was published yet, or the broker's access list hides it. Try one message:</p>
      <CopyLine text={`mosquitto_pub -h ${host || "localhost"}${port && port !== "1883" ? ` -p ${port}` : ""} -t sensors/demo/temperature -m 21.5`} />
    </>
  );
}

export function EmptyHome(): JSX.Element {
  const all = brokers.value;
  const down = all.find((broker) => !broker.connected);
  const first = all[0];
  return (
    <div class="page"><div class="empty">
      <LiveBadge />
      {!first ? <NoBroker /> : down ? <Unreachable broker={down} /> : <Waiting broker={first} />}
      <p class="muted">Writing over HTTP works as well:</p>
      <CopyLine text={`curl -d 'main/room.temperature 21.5' ${window.location.origin}/api/v1/import`} />
    </div></div>
  );
}
