import { render } from "preact";
import { socket } from "./api/socket";
import { App } from "./app";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/ui.css";
import "./styles/shell.css";
import { discoverWallets } from "./wallet/browser";
import { reconnect } from "./wallet/wallet";

discoverWallets();
reconnect();
socket.start();
const root = document.getElementById("app");
if (root) render(<App />, root);
