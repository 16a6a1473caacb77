// Drives a target's WebSockets with the official Node client and prints what it saw as JSON.
// The client opens realtime sockets over TLS alone, so a proxy here ends the TLS before the target.
import { readFileSync } from "node:fs";
import net from "node:net";
import tls from "node:tls";
import OpenAI from "openai";
import { OpenAIRealtimeWS } from "openai/realtime/ws";
import { ResponsesWS } from "openai/resources/responses/ws";

const [baseURL, apiKey, certificate, privateKey] = process.argv.slice(2);
const { hostname, port } = new URL(baseURL);
const cert = readFileSync(certificate);
const proxy = tls.createServer({ cert, key: readFileSync(privateKey) }, (secure) => {
  const plain = net.connect(Number(port), hostname);
  for (const socket of [secure, plain]) socket.on("error", () => socket.destroy());
  secure.pipe(plain).pipe(secure);
});
await new Promise((listening) => proxy.listen(0, "127.0.0.1", listening));
const secureURL = `https://127.0.0.1:${proxy.address().port}/v1`;

// Keeps the events as they come; what it gives waits for the next one of a type and takes all up to it.
function heard(connection) {
  const events = [];
  let look = () => {};
  connection.on("event", (event) => {
    events.push(event);
    look();
  });
  return (type) =>
    new Promise((found) => {
      look = () => {
        const place = events.findIndex((event) => event.type === type);
        if (place >= 0) found(events.splice(0, place + 1));
      };
      look();
    });
}

const seen = {};

const realtime = new OpenAIRealtimeWS(
  { model: "ref-realtime", options: { ca: cert } },
  new OpenAI({ baseURL: secureURL, apiKey }),
);
seen.errors = [];
realtime.on("error", (error) => seen.errors.push({ name: error.constructor.name, event: error.error?.event_id }));
const until = heard(realtime);
seen.opened = (await until("session.created")).map((event) => event.type);
realtime.send({ type: "session.update", session: { type: "realtime", output_modalities: ["text"] } });
seen.updated = (await until("session.updated")).at(-1).session.output_modalities;
const content = [{ type: "input_text", text: "Say hello." }];
realtime.send({ type: "conversation.item.create", item: { type: "message", role: "user", content } });
await until("conversation.item.done");
realtime.send({ type: "response.create" });
const turn = await until("response.done");
seen.said = turn.some((event) => event.type === "response.output_text.delta");
seen.status = turn.at(-1).response.status;
realtime.send({ type: "no.such.event", event_id: "mine" });
await until("error");
realtime.close();
seen.closed = await new Promise((done) => realtime.socket.on("close", done));

const refused = new OpenAIRealtimeWS(
  { model: "ref-realtime", options: { ca: cert } },
  new OpenAI({ baseURL: secureURL, apiKey: "sk-wrong" }),
);
seen.refused = await new Promise((told) => refused.on("error", (error) => told(error.message.split("\n")[0])));

const responses = new ResponsesWS(new OpenAI({ baseURL, apiKey }));
const answered = heard(responses);
responses.send({ type: "response.create", model: "ref-text", input: "My name is Ada." });
const first = (await answered("response.completed")).at(-1).response;
const question = { model: "ref-text", input: "What is my name?", previous_response_id: first.id };
responses.send({ type: "response.create", ...question });
seen.remembered = (await answered("response.completed")).at(-1).response.output[0].content[0].text;
responses.close();

proxy.close();
console.log(JSON.stringify(seen));
