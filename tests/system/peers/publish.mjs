// SPDX-License-Identifier: MIT
// MQTT.js publishes numbered QoS 1 messages. Arguments: port, how many, per second.
import mqtt from "mqtt";

const [port, count, rate] = process.argv.slice(2).map(Number);
const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { clientId: "mqttjs", protocolVersion: 4 });
const began = performance.now();
let sent = 0;
const pending = [];
while (sent < count) {
  const due = Math.min(count, Math.ceil(((performance.now() - began) / 1000) * rate));
  for (; sent < due; sent += 1) {
    pending.push(client.publishAsync(`plant/line${sent % 10}/counter`, String(sent), { qos: 1 }));
  }
  await new Promise((resolve) => setTimeout(resolve, 5));
}
await Promise.all(pending);
await client.endAsync();
console.log(sent);
