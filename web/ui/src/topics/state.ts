// SPDX-License-Identifier: MIT
// The topics that the page knows: all at first, then every two seconds those with new messages.
import { signal } from "@preact/signals";

import { messageOf } from "../api/http";
import { fetchTopics, type Topic } from "./api";

const POLL_MS = 2000;
/** Asked for a little more than is new, because a message may be counted late. */
const OVERLAP_MS = 1000;

export const topicsVersion = signal(0);
export const topicsError = signal("");
export const topicsLoaded = signal(false);

const topics = new Map<string, Topic>();
let serverNow = 0;

export function allTopics(): Topic[] {
  return [...topics.values()];
}

export function topicKey(topic: Topic): string {
  return `${topic.broker}\u0001${topic.topic}`;
}

export function findTopic(name: string): Topic | undefined {
  for (const topic of topics.values()) if (topic.topic === name) return topic;
  return undefined;
}

async function ask(): Promise<void> {
  try {
    const answer = await fetchTopics(serverNow > 0 ? serverNow - OVERLAP_MS : 0);
    for (const topic of answer.topics) topics.set(topicKey(topic), topic);
    serverNow = answer.now_ms;
    topicsError.value = "";
    topicsLoaded.value = true;
    if (answer.topics.length > 0) topicsVersion.value += 1;
  } catch (error) {
    topicsError.value = messageOf(error);
  }
}

/** Keeps asking until the returned function is called. */
export function followTopics(): () => void {
  let timer = 0;
  let stopped = false;
  const round = async (): Promise<void> => {
    if (!document.hidden) await ask();
    if (!stopped) timer = window.setTimeout(() => void round(), POLL_MS);
  };
  void round();
  return () => {
    stopped = true;
    window.clearTimeout(timer);
  };
}
