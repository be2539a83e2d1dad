// SPDX-License-Identifier: MIT
import { render } from "preact";

import { Shell } from "./ui/shell";

const root = document.getElementById("app");
if (root) render(<Shell />, root);
