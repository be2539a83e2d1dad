// SPDX-License-Identifier: MIT
// An aedes broker that keeps sessions in memory. Arguments: port.
import { createServer } from "node:net";
import { Aedes } from "aedes";

const broker = await Aedes.createBroker();
createServer(broker.handle).listen(Number(process.argv[2]), "127.0.0.1", () => console.log("listening"));
