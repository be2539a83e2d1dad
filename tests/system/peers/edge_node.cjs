// SPDX-License-Identifier: MIT
// An Eclipse Tahu edge node (npm sparkplug-client). usage: edge_node.cjs BROKER_URL
// Publishes births at once and whenever a host asks for rebirth, then data every 200 ms.
// Prints a line per event. Ends with SIGTERM like a node that loses its power: without goodbye.
const sparkplug = require("sparkplug-client");

const client = sparkplug.newClient({
    serverUrl: process.argv[2],
    username: "",
    password: "",
    groupId: "Works",
    edgeNode: "Tahu",
    clientId: "tahu-edge-node",
    version: "spBv1.0",
    keepalive: 2,
});
let rebirths = 0;

function births() {
    const timestamp = Date.now();
    client.publishNodeBirth({
        timestamp,
        metrics: [
            { name: "Node Control/Rebirth", type: "boolean", value: false, timestamp },
            {
                name: "Ambient/Temperature", type: "float", value: 21.5, timestamp,
                properties: { engUnit: { type: "string", value: "°C" } },
            },
        ],
    });
    client.publishDeviceBirth("Press", {
        timestamp,
        metrics: [
            { name: "Motor/Speed", type: "int32", value: -1450, timestamp },
            { name: "Small", type: "int8", value: -5, timestamp },
            { name: "Running", type: "boolean", value: true, timestamp },
            { name: "Serial", type: "string", value: "SN-1", timestamp },
            {
                name: "Recipes", type: "dataset", timestamp,
                value: {
                    numOfColumns: 2, columns: ["Name", "Weight"], types: ["string", "double"],
                    rows: [["bread", 1.5], ["cake", 2.25]],
                },
            },
            {
                name: "M1", type: "template", timestamp,
                value: {
                    isDefinition: false, templateRef: "Motor", version: "v1",
                    metrics: [{ name: "RPM", type: "int32", value: 900, timestamp }],
                    parameters: [],
                },
            },
        ],
    });
    console.log("born", rebirths);
}

client.on("birth", births);
client.on("ncmd", (payload) => {
    for (const metric of payload.metrics || []) {
        if (metric.name === "Node Control/Rebirth" && metric.value) {
            rebirths += 1;
            births();
        }
    }
});
client.on("error", (error) => console.log("error", error.message));

let reading = 0;
setInterval(() => {
    reading += 1;
    const timestamp = Date.now();
    client.publishNodeData({ timestamp, metrics: [{ name: "Ambient/Temperature", type: "float", value: 22.25, timestamp }] });
    client.publishDeviceData("Press", { timestamp, metrics: [{ name: "Motor/Speed", type: "int32", value: 1000 + reading, timestamp }] });
}, 200);
process.on("SIGTERM", () => process.exit(0));
