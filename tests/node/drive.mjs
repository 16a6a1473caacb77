// Drives a target with the official Node client and prints what it saw as JSON.
import OpenAI, { toFile } from "openai";

const client = new OpenAI({ baseURL: process.argv[2], apiKey: process.argv[3], maxRetries: 0 });
const messages = [{ role: "user", content: "Say hello." }];
const seen = {};

const models = [];
for await (const model of client.models.list()) models.push(model.id);
seen.models = models;
seen.model = (await client.models.retrieve("ref/text-mini")).id;

const chat = await client.chat.completions.create({ model: "ref-text", messages });
seen.chat = { object: chat.object, role: chat.choices[0].message.role, requestId: typeof chat._request_id };

const streamed = client.chat.completions.stream({ model: "ref-text", messages, stream_options: { include_usage: true } });
const whole = await streamed.finalChatCompletion();
seen.stream = { text: whole.choices[0].message.content.length > 0, usage: whole.usage.total_tokens > 0 };

seen.completion = (await client.completions.create({ model: "ref-text", prompt: "Once", max_tokens: 4 })).object;
const response = await client.responses.create({ model: "ref-text", input: "Say hello." });
seen.response = { status: response.status, text: response.output_text.length > 0 };
const events = client.responses.stream({ model: "ref-text", input: "Say hello." });
seen.responseStream = (await events.finalResponse()).status;
seen.retrieved = (await client.responses.retrieve(response.id)).id === response.id;
const numbers = [];
const replay = await client.responses.retrieve(response.id, { stream: true, starting_after: 2 });
for await (const event of replay) numbers.push(event.sequence_number);
seen.replayedFrom = numbers[0];
seen.cancelled = (await client.responses.cancel(response.id)).status;
seen.inputTokens = (await client.responses.inputTokens.count({ model: "ref-text", input: "Say hello." })).input_tokens > 0;
seen.compacted = (await client.responses.compact({ model: "ref-text", input: "Say hello." })).object;

const embedded = await client.embeddings.create({ model: "ref-embed", input: ["one", "two"] });
seen.embeddings = embedded.data.map((entry) => entry.embedding.length > 0);
seen.moderation = typeof (await client.moderations.create({ model: "ref-moderation", input: "hi" })).results[0].flagged;

const image = await client.images.generate({ model: "ref-image", prompt: "a dot" });
seen.image = image.data[0].b64_json.length > 0;
const drawn = [];
const drawing = await client.images.generate({ model: "ref-image", prompt: "a dot", stream: true, partial_images: 1 });
for await (const event of drawing) drawn.push(event.type);
seen.drawn = drawn;
const picture = await toFile(Buffer.from(image.data[0].b64_json, "base64"), "dot.png", { type: "image/png" });
seen.edit = (await client.images.edit({ model: "ref-image", prompt: "a dot", image: picture })).data.length;

const speech = await client.audio.speech.create({ model: "ref-tts", input: "hi", voice: "alloy", response_format: "wav" });
const sound = Buffer.from(await speech.arrayBuffer());
seen.speech = sound.subarray(0, 4).toString();
const file = () => toFile(sound, "hi.wav", { type: "audio/wav" });
seen.transcription = typeof (await client.audio.transcriptions.create({ model: "ref-audio-transcribe", file: await file() })).text;
seen.translation = typeof (await client.audio.translations.create({ model: "ref-audio-transcribe", file: await file() })).text;

const video = await client.videos.create({ model: "ref-video", prompt: "a dot" });
let task = video;
for (let polls = 0; polls < 20 && task.status !== "completed"; polls += 1) task = await client.videos.retrieve(video.id);
seen.video = task.status;
const content = await client.videos.downloadContent(video.id);
seen.content = Buffer.from(await content.arrayBuffer()).subarray(4, 8).toString();
seen.remix = (await client.videos.remix(video.id, { prompt: "another" })).remixed_from_video_id === video.id;

try {
  await client.chat.completions.create({ model: "no-such-model", messages });
} catch (error) {
  seen.refusal = { name: error.constructor.name, status: error.status, code: error.code, requestId: typeof error.requestID };
}
console.log(JSON.stringify(seen));
