// The phone in the page: one WebRTC connection to the server, the microphone one way, the person the
// other. The page offers with all it knows at once; the server is where its answer says, so that no
// candidates travel.

import { answered, api } from "../api/client";

/** How the phone is: not wanted, on its way, up, or why not. */
export type PhoneState =
  | { is: "off" }
  | { is: "connecting" }
  | { is: "up" }
  | { is: "lost" }
  | { is: "refused"; why: "microphone" | "server"; sentence?: string };

export interface Devices {
  microphone: string;
  speaker: string;
}

const KEPT_AS = "outdial.devices";
/** A connection that is down is tried again after this, milliseconds. */
const AGAIN_MS = 1_000;

export function keptDevices(): Devices {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT_AS) ?? "{}") as Partial<Devices>;
    return { microphone: kept.microphone ?? "", speaker: kept.speaker ?? "" };
  } catch {
    return { microphone: "", speaker: "" };
  }
}

const wanted = (device: string): MediaTrackConstraints => ({
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
  channelCount: 1,
  ...(device && { deviceId: { ideal: device } }),
});

/** One agent's phone, from the choice of it to the end of the page. */
export class Phone {
  state: PhoneState = { is: "off" };
  /** What the person says. */
  readonly sound = new Audio();
  /** What the microphone hears, for the level. */
  microphone: MediaStream | null = null;
  private connection: RTCPeerConnection | null = null;
  private over = false;
  private timer = 0;

  constructor(
    private readonly agent: number,
    private devices: Devices,
    private readonly tell: (state: PhoneState) => void,
  ) {
    this.sound.autoplay = true;
  }

  /** Asks for the microphone and connects; tries again by itself until `end`. */
  async begin(): Promise<void> {
    this.say({ is: "connecting" });
    try {
      const audio = wanted(this.devices.microphone);
      this.microphone ??= await navigator.mediaDevices.getUserMedia({ audio });
    } catch {
      return this.say({ is: "refused", why: "microphone" });
    }
    if (this.over) return this.letGo();
    this.hearSpeaker();
    await this.connect();
  }

  /** Another microphone or speaker, without a new connection. */
  async use(devices: Devices): Promise<void> {
    const other = devices.microphone !== this.devices.microphone;
    this.devices = devices;
    localStorage.setItem(KEPT_AS, JSON.stringify(devices));
    this.hearSpeaker();
    if (!other || !this.connection) return;
    const audio = wanted(devices.microphone);
    const next = await navigator.mediaDevices.getUserMedia({ audio });
    const [sender] = this.connection.getSenders();
    await sender?.replaceTrack(next.getAudioTracks()[0] ?? null);
    this.letGo();
    this.microphone = next;
    this.say(this.state);
  }

  /** Hear oneself, a second later. */
  async echo(on: boolean): Promise<void> {
    const params = { path: { id: this.agent } };
    await answered(api.POST("/v1/agents/{id}/phone/echo", { params, body: { echo: on } }));
  }

  /** Hangs up. */
  async hangUp(): Promise<void> {
    this.end();
    this.say({ is: "off" });
    await answered(api.DELETE("/v1/agents/{id}/phone", { params: { path: { id: this.agent } } }));
  }

  /** The page goes; the server keeps the call for a while. */
  end(): void {
    this.over = true;
    window.clearTimeout(this.timer);
    this.connection?.close();
    this.connection = null;
    this.sound.srcObject = null;
    this.letGo();
  }

  private async connect(): Promise<void> {
    this.connection?.close();
    const connection = new RTCPeerConnection();
    this.connection = connection;
    for (const track of this.microphone?.getTracks() ?? []) connection.addTrack(track);
    connection.ontrack = ({ track, streams }) => {
      this.sound.srcObject = streams[0] ?? new MediaStream([track]);
      // A page that nobody has touched yet may not play; the next touch lets it.
      this.sound.play().catch(() => this.playAtNextTouch());
    };
    connection.onconnectionstatechange = () => {
      if (connection !== this.connection) return;
      if (connection.connectionState === "connected") this.say({ is: "up" });
      if (["failed", "disconnected"].includes(connection.connectionState)) this.again();
    };
    try {
      await connection.setLocalDescription();
      const params = { path: { id: this.agent } };
      const body = { offer: connection.localDescription?.sdp ?? "" };
      const { answer } = await answered(api.POST("/v1/agents/{id}/phone", { params, body }));
      if (connection !== this.connection) return;
      await connection.setRemoteDescription({ type: "answer", sdp: answer });
    } catch (thrown) {
      const sentence = thrown instanceof Error ? thrown.message : undefined;
      if (connection === this.connection) this.again({ is: "refused", why: "server", sentence });
    }
  }

  private again(state: PhoneState = { is: "lost" }): void {
    if (this.over) return;
    this.say(state);
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.connect(), AGAIN_MS);
  }

  private hearSpeaker(): void {
    // Not in every browser; the system's choice then.
    if ("setSinkId" in this.sound) void this.sound.setSinkId(this.devices.speaker).catch(() => {});
  }

  private playAtNextTouch(): void {
    const play = () => void this.sound.play().catch(() => {});
    window.addEventListener("pointerdown", play, { once: true });
    window.addEventListener("keydown", play, { once: true });
  }

  private letGo(): void {
    for (const track of this.microphone?.getTracks() ?? []) track.stop();
    this.microphone = null;
  }

  private say(state: PhoneState): void {
    this.state = state;
    this.tell(state);
  }
}
