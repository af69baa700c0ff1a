/** The hog server on gort/http: each request a goroutine. */
import { serve } from "gort/http";
import { calibrate, compute } from "./compute.ts";

export function main(): void {
  const rounds = calibrate();
  const server = serve({ host: "127.0.0.1" }, (req, res) => {
    res.end(req.url === "/heavy" ? `${compute(rounds)}` : "light");
  });
  console.log(server.port);
  server.wait();
}
