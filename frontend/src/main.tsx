import { createRoot } from "react-dom/client";
import { App, assemble } from "./app/App";
import "./app/app.css";

const host = document.getElementById("app");
if (host) createRoot(host).render(<App {...assemble()} />);
