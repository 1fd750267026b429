// A call's recording: drawn, and played from where one clicks. It is read in parts and played by Web Audio:
// the pages' policy lets no media element load anything.

import { Button, Group, Stack, Text } from "@mantine/core";
import { useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { answered, api, type Schemas } from "../api/client";
import { Fault, sentence } from "./Fault";
import { clock } from "./format";

/** 8 kHz, two channels of 16 bits, after a header of 44 bytes. */
const RATE = 8_000;
const FRAME_BYTES = 4;
const HEADER_BYTES = 44;
/** Seconds that are read at a time. */
const PART_S = 20;

export interface Mark {
  /** Seconds since the recording's beginning. */
  at: number;
  label: string;
}

export function Player(props: { call: number; marks: Mark[] }) {
  const { call, marks } = props;
  const { t } = useTranslation();
  const [outline, setOutline] = useState<Schemas["OutlineBody"] | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const [at, setAt] = useState(0);
  const sound = useRef<Sound | null>(null);
  const canvas = useRef<HTMLCanvasElement>(null);

  useEffect(() => {
    const params = { path: { id: call } };
    answered(api.GET("/v1/calls/{id}/recording/outline", { params }))
      .then(setOutline)
      .catch((thrown) => setFault(sentence(thrown)));
    return () => sound.current?.stop();
  }, [call]);

  useEffect(() => {
    if (outline && canvas.current) draw(canvas.current, outline, marks, at);
  }, [outline, marks, at]);

  const play = useCallback(
    (from: number) => {
      sound.current?.stop();
      if (!outline) return;
      sound.current = new Sound(call, from, outline.seconds, setAt, (thrown) =>
        setFault(sentence(thrown)),
      );
    },
    [call, outline],
  );
  const stop = () => {
    sound.current?.stop();
    sound.current = null;
  };

  return (
    <Stack gap="xs">
      <Fault of={fault} onClose={() => setFault(null)} />
      {outline && (
        <>
          <canvas
            ref={canvas}
            width={800}
            height={120}
            role="slider"
            tabIndex={0}
            aria-label={t("player.title")}
            aria-valuemin={0}
            aria-valuemax={Math.round(outline.seconds)}
            aria-valuenow={Math.round(at)}
            aria-valuetext={clock(at)}
            style={{ width: "100%", height: 120, cursor: "pointer" }}
            onClick={(event) => {
              const box = event.currentTarget.getBoundingClientRect();
              play(((event.clientX - box.left) / box.width) * outline.seconds);
            }}
            onKeyDown={(event) => {
              const step = { ArrowLeft: -5, ArrowRight: 5 }[event.key];
              if (step) play(Math.min(Math.max(at + step, 0), outline.seconds));
            }}
          />
          <Group gap="xs">
            <Button size="compact-sm" onClick={() => play(at >= outline.seconds ? 0 : at)}>
              {t("player.play")}
            </Button>
            <Button size="compact-sm" variant="default" onClick={stop}>
              {t("player.stop")}
            </Button>
            <Text className="number" size="sm">
              {clock(at)} / {clock(outline.seconds)}
            </Text>
            {marks.map((mark) => (
              <Button
                key={mark.label}
                size="compact-xs"
                variant="subtle"
                onClick={() => play(mark.at)}
              >
                {mark.label} {clock(mark.at)}
              </Button>
            ))}
          </Group>
          <Text size="xs" c="dimmed">
            {t("player.sides")}
          </Text>
        </>
      )}
    </Stack>
  );
}

/** Plays from a moment on, reading ahead one part. */
class Sound {
  private context = new AudioContext();
  private began = this.context.currentTime;
  private over = false;
  private timer: number;

  constructor(
    private call: number,
    private from: number,
    private seconds: number,
    private tell: (at: number) => void,
    private fail: (thrown: unknown) => void,
  ) {
    this.timer = window.setInterval(() => {
      const at = Math.min(this.from + this.context.currentTime - this.began, this.seconds);
      this.tell(at);
      if (at >= this.seconds) this.stop();
    }, 100);
    this.run().catch((thrown) => {
      this.stop();
      this.fail(thrown);
    });
  }

  stop() {
    if (this.over) return;
    this.over = true;
    window.clearInterval(this.timer);
    void this.context.close();
  }

  private async run() {
    let at = this.from;
    for (let first = true; at < this.seconds && !this.over; first = false) {
      const samples = await part(this.call, at);
      const frames = Math.floor(samples.byteLength / FRAME_BYTES);
      if (frames === 0 || this.over) return;
      const buffer = this.context.createBuffer(2, frames, RATE);
      const view = new DataView(samples);
      for (const side of [0, 1]) {
        const channel = buffer.getChannelData(side);
        for (let n = 0; n < frames; n++) {
          channel[n] = view.getInt16(n * FRAME_BYTES + side * 2, true) / 32_768;
        }
      }
      if (first) this.began = this.context.currentTime;
      const source = this.context.createBufferSource();
      source.buffer = buffer;
      source.connect(this.context.destination);
      source.start(this.began + (at - this.from));
      at += frames / RATE;
      // The next part is read when half of this one is left.
      const ahead = at - this.from - (this.context.currentTime - this.began) - PART_S / 2;
      if (ahead > 0) await new Promise((wake) => setTimeout(wake, ahead * 1_000));
    }
  }
}

async function part(call: number, from: number) {
  const first = HEADER_BYTES + Math.floor(from * RATE) * FRAME_BYTES;
  const last = first + PART_S * RATE * FRAME_BYTES - 1;
  const response = await fetch(`/v1/calls/${call}/recording`, {
    headers: { range: `bytes=${first}-${last}` },
  });
  if (response.status === 416) return new ArrayBuffer(0);
  if (response.status !== 206) throw new Error(response.statusText);
  return response.arrayBuffer();
}

/** The person above the line, what the person heard below it. */
function draw(
  canvas: HTMLCanvasElement,
  outline: Schemas["OutlineBody"],
  marks: Mark[],
  at: number,
) {
  const pen = canvas.getContext("2d");
  if (!pen) return;
  const { width, height } = canvas;
  const middle = height / 2;
  const x = (seconds: number) => (seconds / Math.max(outline.seconds, 0.001)) * width;
  pen.clearRect(0, 0, width, height);
  const points = outline.person.length;
  for (let n = 0; n < points; n++) {
    const left = (n / points) * width;
    const wide = Math.max(width / points, 1);
    pen.fillStyle = "#1c7ed6";
    pen.fillRect(left, middle, wide, -(outline.person[n] ?? 0) * middle);
    pen.fillStyle = "#2b8a3e";
    pen.fillRect(left, middle, wide, (outline.agent[n] ?? 0) * middle);
  }
  pen.fillStyle = "#e8590c";
  for (const mark of marks) pen.fillRect(x(mark.at) - 1, 0, 2, height);
  pen.fillStyle = "#c2255c";
  pen.fillRect(x(at) - 1, 0, 2, height);
}
