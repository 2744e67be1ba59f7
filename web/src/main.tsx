import { render } from "preact";
import { App } from "./components/App";
import { start } from "./state";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/answer.css";
import "./styles/evidence.css";
import "./styles/report.css";

const root = document.getElementById("app");
if (root) render(<App />, root);
void start();
